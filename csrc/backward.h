// The backward pass of one layer: gradients and the step in one pass over the active rows.
#pragma once

#include <cstdint>

#include "inputs.h"
#include "tiles.h"

namespace rectinet {

// A matrix and a vector shaped like a layer's weight and bias.
template <class T>
struct Parameters {
    T *weight;
    T *bias;
};

template <class T>
struct Backward {
    Inputs<T> x;
    int64_t n_out;
    const T *delta;  // gradient with respect to the pre-activation, (examples, n_out)
    Parameters<T> layer;
    UpdateRule<T> rule;
    Parameters<T> first;   // velocity, Adam's mean, or where the gradient goes
    Parameters<T> second;  // Adam's mean square
    // What reaches the rectifier layer below, whose output x is, through its signs: where x is 0,
    // nothing. Null where it is not wanted; x is then dense or CSR, otherwise dense.
    T *below;
    const T *below_sign;
    T below_l1;  // strength of the activation penalty over the number of examples
};

template <class T>
void backward(const Backward<T> &job);

}  // namespace rectinet
