// A finished network, copied for prediction: all layers in one call and one team of threads.
#pragma once

#include <cstdint>
#include <mutex>
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

    // Copies the layer; the first layer first.
    void add(const ForwardLayer<T> &layer);

    // The last layer's sums, or with `softmax` the probabilities; `out` is (examples, n_out).
    // Stops before a hidden layer of whose inputs more than `most_active` (a share) are active, and
    // then leaves those in `hidden`. Returns the number of layers done. Several threads may call
    // it at the same time.
    int operator()(const Inputs<T> &x, bool softmax, double most_active, T *out,
                   std::vector<T> &hidden) const;

    int64_t n_in() const { return layers_.empty() ? 0 : layers_.front().n_in; }
    int64_t n_out() const { return layers_.empty() ? 0 : layers_.back().n_out; }

   private:
    struct Layer {
        int64_t n_in, n_out;
        Finish finish;
        int64_t stride;
        Scratch weight_memory;
        const T *weight;
        std::vector<T> bias, sign;
        // For many examples, filled when they first come; see ForwardLayer::panels.
        mutable Scratch panel_memory;
        mutable const T *panels = nullptr;
    };
    void make_panels() const;

    mutable std::once_flag panels_made_;
    int64_t widest_ = 0;
    std::vector<Layer> layers_;
};

}  // namespace rectinet
