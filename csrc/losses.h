// Softmax with the negative log-likelihood.
#pragma once

#include <cstdint>

namespace rectinet {

// Turns each row of z, (examples, n_out), into probabilities.
template <class T>
void to_probabilities(T *z, int64_t examples, int64_t n_out);

// Returns the mean cost; `delta` becomes the gradient of that mean with respect to z.
template <class T>
double softmax_nll(const T *z, const int64_t *target, int64_t examples, int64_t n_out, T *delta);

}  // namespace rectinet
