// What a layer is given: a dense minibatch that may hold zeros, or a CSR one.
#pragma once

#include <cstdint>

namespace rectinet {

// Dense where `dense` is not null: row i starts at dense + i * stride. Otherwise CSR, checked.
template <class T>
struct Inputs {
    int64_t examples;
    int64_t features;
    const T *dense;
    int64_t stride;
    const int64_t *starts;  // examples + 1
    const int32_t *index;
    const T *value;

    // Some of the examples.
    Inputs rows(int64_t first, int64_t count) const {
        Inputs part = *this;
        part.examples = count;
        if (dense)
            part.dense += first * stride;
        else
            part.starts += first;
        return part;
    }
};

}  // namespace rectinet
