// A finished network, packed for prediction: all layers in one call and one team of threads.
#pragma once

#include <cstdint>
#include <vector>

#include "forward.h"
#include "inputs.h"

namespace rectinet {

template <class T>
class Predictor {
   public:
    Predictor() = default;
    Predictor(const Predictor &) = delete;
    Predictor &operator=(const Predictor &) = delete;

    // Copies the layer, panel by panel; the first layer first.
    void add(const ForwardLayer<T> &layer);

    // The last layer's sums, or with `softmax` the probabilities; `out` is (examples, n_out).
    // Several threads may call it at the same time.
    void operator()(const Inputs<T> &x, bool softmax, T *out) const;

    int64_t n_in() const { return layers_.empty() ? 0 : layers_.front().n_in; }
    int64_t n_out() const { return layers_.empty() ? 0 : layers_.back().n_out; }

   private:
    struct Layer {
        int64_t n_in, n_out;
        Finish finish;
        Scratch weight_memory;
        const T *weight;
        std::vector<T> bias, sign;  // as long as whole panels
    };
    int64_t panel_ = 0;
    int64_t widest_ = 0;
    std::vector<Layer> layers_;
};

}  // namespace rectinet
