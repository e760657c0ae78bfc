#include "predictor.h"

#include <algorithm>

#include "instructions.h"
#include "losses.h"
#include "threads.h"

namespace rectinet {

namespace {

// From so many examples on, the copy by panels is used.
constexpr int64_t few_examples = 5;

// So many examples at a time go through all layers: fewer, and wide layers' weights come from
// memory too often; more, and the lists of active inputs leave the caches (1,024 examples of
// 3 x 4096 units, no zeros: 192 took 5 to 8% longer). A multiple of the tiles' groups.
constexpr int64_t at_once = 384;

// Rows a multiple of 1 KB apart meet in few sets of the caches; one line more spreads them.
template <class T>
int64_t spread_stride(int64_t n_out) {
    const int64_t line = 64 / int64_t(sizeof(T));
    const int64_t stride = (n_out + line - 1) / line * line;
    return stride % (16 * line) == 0 ? stride + line : stride;
}

}  // namespace

template <class T>
void Predictor<T>::add(const ForwardLayer<T> &layer) {
    layers_.emplace_back();
    Layer &added = layers_.back();
    added.n_in = layer.n_in;
    added.n_out = layer.n_out;
    added.finish = layer.finish;
    added.stride = spread_stride<T>(layer.n_out);
    T *copy = added.weight_memory.template get<T>(layer.n_in * added.stride);
    for (int64_t k = 0; k < layer.n_in; ++k)
        std::copy_n(layer.weight + k * layer.stride, layer.n_out, copy + k * added.stride);
    added.weight = copy;
    added.bias.assign(layer.bias, layer.bias + layer.n_out);
    added.sign.assign(layer.sign, layer.sign + layer.n_out);
    widest_ = std::max(widest_, layer.n_out);
}

// Panel by panel, the weights are read one after the other: at batch 32 a layer of 1,000 units took
// 0.65 of the time that copying each block at every call takes.
template <class T>
void Predictor<T>::make_panels() const {
    const int64_t panel = tiles<T>().panel;
    for (const Layer &layer : layers_) {
        const int64_t panels = (layer.n_out + panel - 1) / panel;
        T *copy = layer.panel_memory.template get<T>(panels * layer.n_in * panel);
        for (int64_t p = 0; p < panels; ++p)
            for (int64_t k = 0; k < layer.n_in; ++k) {
                const int64_t width = std::min(panel, layer.n_out - p * panel);
                T *to = copy + (p * layer.n_in + k) * panel;
                std::copy_n(layer.weight + k * layer.stride + p * panel, width, to);
                std::fill(to + width, to + panel, T(0));
            }
        layer.panels = copy;
    }
}

template <class T>
int Predictor<T>::operator()(const Inputs<T> &x, bool softmax, double most_active, T *out,
                             std::vector<T> &hidden) const {
    if (x.examples > at_once && most_active >= 1) {
        for (int64_t first = 0; first < x.examples; first += at_once)
            (*this)(x.rows(first, std::min(at_once, x.examples - first)), softmax, most_active,
                    out + first * n_out(), hidden);
        return int(layers_.size());
    }
    struct Kept {
        std::vector<ActiveInputs<T>> active;
        Scratch values[2];
    };
    static thread_local Kept kept;
    Kept &mine = kept;  // the threads of the team share their caller's
    const int count = int(layers_.size());
    if (int(mine.active.size()) < count) mine.active = std::vector<ActiveInputs<T>>(count);
    T *values[2];
    for (int i = 0; i < 2; ++i) values[i] = mine.values[i].template get<T>(x.examples * widest_);
    const bool panels = x.dense && tiles<T>().packed_rows > 0 && x.examples >= few_examples;
    if (panels) std::call_once(panels_made_, [this] { make_panels(); });
    int64_t work = 0;
    Inputs<T> inputs = x;
    for (int i = 0; i < count; ++i) {
        work += x.examples * layers_[i].n_in * layers_[i].n_out / 4;
        mine.active[i].prepare(inputs, panels);
        inputs = {x.examples, layers_[i].n_out, values[i % 2], layers_[i].n_out, nullptr, nullptr,
                  nullptr};
    }
    int done = count;
    const int team = team_size(work);
#pragma omp parallel num_threads(team) if (team > 1)
    for (int i = 0; i < count; ++i) {
        const Layer &layer = layers_[i];
        mine.active[i].list();
        // All threads see the same lists and stop together.
        if (i > 0 && most_active < 1 && mine.active[i].share() > most_active) {
#pragma omp single
            done = i;
            break;
        }
        sum_layer<T>({layer.n_in, layer.n_out, layer.weight, layer.stride, layer.bias.data(),
                      layer.sign.data(), layer.finish, panels ? layer.panels : nullptr},
                     mine.active[i], {i + 1 == count ? out : values[i % 2], layer.n_out});
    }
    if (done < count)
        hidden.assign(values[(done - 1) % 2],
                      values[(done - 1) % 2] + x.examples * layers_[done].n_in);
    else if (softmax)
        to_probabilities(out, x.examples, n_out());
    return done;
}

template class Predictor<float>;
template class Predictor<double>;

}  // namespace rectinet
