#include "losses.h"

#include <algorithm>
#include <cmath>

namespace rectinet {
namespace {

// Writes exp(z - max z) and returns their sum; of NaN, NaN.
template <class T>
T shifted_exponentials(const T *z, int64_t n_out, T &largest, T *out) {
    largest = *std::max_element(z, z + n_out);
    T sum = 0;
    for (int64_t j = 0; j < n_out; ++j) sum += out[j] = std::exp(z[j] - largest);
    return sum;
}

}  // namespace

template <class T>
void to_probabilities(T *z, int64_t examples, int64_t n_out) {
    for (int64_t e = 0; e < examples; ++e, z += n_out) {
        T largest;
        const T sum = shifted_exponentials(z, n_out, largest, z);
        for (int64_t j = 0; j < n_out; ++j) z[j] /= sum;
    }
}

template <class T>
double softmax_nll(const T *z, const int64_t *target, int64_t examples, int64_t n_out, T *delta) {
    double cost = 0;
    for (int64_t e = 0; e < examples; ++e, z += n_out, delta += n_out) {
        T largest;
        const T sum = shifted_exponentials(z, n_out, largest, delta);
        cost += std::log(sum) - (z[target[e]] - largest);
        for (int64_t j = 0; j < n_out; ++j) delta[j] /= sum * T(examples);
        delta[target[e]] -= T(1) / T(examples);
    }
    return cost / double(examples);
}

#define RECTINET_INSTANTIATE(T)                             \
    template void to_probabilities(T *, int64_t, int64_t); \
    template double softmax_nll(const T *, const int64_t *, int64_t, int64_t, T *);
RECTINET_INSTANTIATE(float)
RECTINET_INSTANTIATE(double)

}  // namespace rectinet
