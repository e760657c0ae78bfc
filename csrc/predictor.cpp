#include "predictor.h"

#include <algorithm>

#include "instructions.h"
#include "losses.h"
#include "threads.h"

namespace rectinet {

template <class T>
void Predictor<T>::add(const ForwardLayer<T> &layer) {
    panel_ = tiles<T>().panel;
    layers_.emplace_back();
    Layer &added = layers_.back();
    added.n_in = layer.n_in;
    added.n_out = layer.n_out;
    added.finish = layer.finish;
    T *packed = added.weight_memory.template get<T>(packed_size<T>(layer.n_in, layer.n_out));
    pack(layer.weight, layer.stride, layer.n_in, layer.n_out, packed);
    added.weight = packed;
    added.bias.assign(layer.bias, layer.bias + layer.n_out);
    added.sign.assign(layer.sign, layer.sign + layer.n_out);
    widest_ = std::max(widest_, layer.n_out);
}

template <class T>
void Predictor<T>::operator()(const Inputs<T> &x, bool softmax, T *out) const {
    struct Kept {
        ActiveInputs<T> active;
        Scratch values[2];
    };
    static thread_local Kept kept;
    Kept &mine = kept;  // the threads of the team share their caller's
    constexpr int64_t at_once = 512;
    for (int64_t first = 0; first < x.examples; first += at_once) {
        Inputs<T> part = x;
        part.examples = std::min(at_once, x.examples - first);
        if (x.dense)
            part.dense += first * x.stride;
        else
            part.starts += first;
        T *values[2];
        for (int i = 0; i < 2; ++i) values[i] = mine.values[i].template get<T>(part.examples * widest_);
        int64_t work = 0;
        for (const Layer &layer : layers_) work += part.examples * layer.n_in * layer.n_out / 4;
        T *const to = out + first * n_out();
        const int team = team_size(work);
#pragma omp parallel num_threads(team) if (team > 1)
        {
            Inputs<T> inputs = part;
            for (std::size_t i = 0; i < layers_.size(); ++i) {
                const Layer &layer = layers_[i];
#pragma omp single
                mine.active.prepare(inputs);
                mine.active.list();
                T *const h = i + 1 == layers_.size() ? to : values[i % 2];
                sum_layer<T>({layer.n_in, layer.n_out, layer.weight, panel_, panel_ * layer.n_in,
                              layer.bias.data(), layer.sign.data(), layer.finish},
                             mine.active, {h, layer.n_out});
                inputs = {part.examples, layer.n_out, h, layer.n_out, nullptr, nullptr, nullptr};
            }
        }
        if (softmax) to_probabilities(to, part.examples, n_out());
    }
}

template class Predictor<float>;
template class Predictor<double>;

}  // namespace rectinet
