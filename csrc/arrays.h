// NumPy arrays, checked before a kernel reads them.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>

#include <cstdint>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>

#include "inputs.h"

namespace rectinet {

namespace nb = nanobind;

template <class T, std::size_t dimensions>
using Array = nb::ndarray<T, nb::ndim<dimensions>, nb::c_contig, nb::device::cpu>;

template <class T>
using Matrix = Array<T, 2>;

template <class T>
using Numbers = Array<T, 1>;

[[noreturn]] inline void refuse(const std::string &what) { throw std::invalid_argument(what); }

inline void expect(const char *name, int64_t size, int64_t expected) {
    if (size != expected)
        refuse(std::string(name) + " has " + std::to_string(size) + " entries where " +
               std::to_string(expected) + " are expected");
}

template <class A>
auto *data_of(const char *name, const A &array) {
    auto *data = array.data();
    if (reinterpret_cast<std::uintptr_t>(data) % alignof(decltype(*data)) != 0)
        refuse(std::string(name) + " is not aligned to its numbers; copy it first");
    return data;
}

template <class T>
T *matrix(const char *name, const Matrix<T> &array, int64_t rows, int64_t columns) {
    expect(name, int64_t(array.shape(0)) * int64_t(array.shape(1)), rows * columns);
    expect(name, int64_t(array.shape(1)), columns);
    return data_of(name, array);
}

template <class T>
T *numbers(const char *name, const Numbers<T> &array, int64_t count) {
    expect(name, int64_t(array.shape(0)), count);
    return data_of(name, array);
}

template <class T>
T *maybe_matrix(const char *name, const std::optional<Matrix<T>> &array, int64_t rows,
                int64_t columns) {
    return array ? matrix(name, *array, rows, columns) : nullptr;
}

template <class T>
T *maybe_numbers(const char *name, const std::optional<Numbers<T>> &array, int64_t count) {
    return array ? numbers(name, *array, count) : nullptr;
}

// A new array that begins with a cache line, for what a kernel returns: NumPy's own begin with 16
// bytes, and every other wide load of the kernel that reads them next would cross two lines.
template <class T>
struct NewMatrix {
    NewMatrix(int64_t rows, int64_t columns)
        : data(static_cast<T *>(::operator new(std::size_t(rows * columns) * sizeof(T), line))),
          array(data, {std::size_t(rows), std::size_t(columns)},
                nb::capsule(data, [](void *memory) noexcept { ::operator delete(memory, line); })) {
    }

    static constexpr std::align_val_t line{64};
    T *data;
    nb::ndarray<nb::numpy, T, nb::ndim<2>> array;
};

template <class T>
Inputs<T> dense_inputs(const Matrix<const T> &x) {
    const int64_t features = int64_t(x.shape(1));
    if (features > INT32_MAX) refuse("x has more columns than 32 bits count");
    return {int64_t(x.shape(0)), features, data_of("x", x), features, nullptr, nullptr, nullptr};
}

// The three arrays of a CSR matrix. Any order of indices and any repetition is a matrix; an index
// outside of it, or starts that do not ascend within the entries, are refused.
template <class T>
Inputs<T> sparse_inputs(const Numbers<const int64_t> &starts, const Numbers<const int32_t> &index,
                        const Numbers<const T> &value, int64_t features) {
    const int64_t examples = int64_t(starts.shape(0)) - 1, entries = int64_t(index.shape(0));
    if (examples < 0) refuse("indptr is empty; it needs one entry more than there are rows");
    expect("data", int64_t(value.shape(0)), entries);
    const int64_t *start = data_of("indptr", starts);
    const int32_t *column = data_of("indices", index);
    if (start[0] != 0) refuse("indptr does not begin with 0");
    for (int64_t e = 0; e < examples; ++e)
        if (start[e + 1] < start[e]) refuse("indptr does not ascend at row " + std::to_string(e));
    if (start[examples] > entries) refuse("indptr ends beyond the last of the indices");
    for (int64_t j = 0; j < start[examples]; ++j)
        if (column[j] < 0 || column[j] >= features)
            refuse("index " + std::to_string(column[j]) + " at entry " + std::to_string(j) +
                   " is not a column of " + std::to_string(features));
    return {examples, features, nullptr, 0, start, column, data_of("data", value)};
}

}  // namespace rectinet
