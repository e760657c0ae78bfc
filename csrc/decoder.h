// A step of a decoder on some of its outputs: their costs, the gradient of the code and the step of
// their weights, in one pass over the rows.
#pragma once

#include <cstdint>

namespace rectinet {

// What an output is compared with its target by: the cross-entropy of its logistic function, or
// the square of the difference from its value under a linear unit, a softplus or a rectifier.
enum class CostKind { cross_entropy, linear, softplus, rectifier };

struct Cost {
    CostKind kind;
    double alpha;  // sharpness of the softplus
};

// Pairs of an output and an example, output by output.
template <class T>
struct Pairs {
    int64_t outputs;  // that have pairs
    const int64_t *output;  // which they are, ascending
    const int64_t *start;   // where the pairs of each begin; outputs + 1
    const int32_t *example;
    const T *target;
    const T *weight;  // factor of the cost
};

template <class T>
struct DecoderStep {
    Pairs<T> pairs;
    int64_t examples;
    int64_t n_hidden;
    const T *code;  // (examples, n_hidden)
    T *weight;      // (all outputs, n_hidden)
    T *bias;
    T rate;
    Cost cost;
    T *gradient;  // of the cost with respect to the code; (examples, n_hidden)
};

// Returns the mean over examples of the sum of the weighted costs.
template <class T>
double decoder_step(const DecoderStep<T> &job);

}  // namespace rectinet
