// Vectors of the instruction set that a translation unit is compiled for.
//
// GCC's and Clang's vector extension rather than intrinsics: one source serves SSE2, AVX2, AVX-512
// and NEON. Everything here has internal linkage. An inline function with external linkage,
// compiled with AVX-512 in one unit and without it in another, would be merged by the linker into
// one of the two, and an old processor would meet the wrong one.
#pragma once

#include <cstdint>

#ifndef RECTINET_VECTOR_BYTES
#error "the unit that includes simd.h says how wide its vectors are"
#endif

namespace rectinet {
namespace {

template <class T>
struct Simd {
    typedef T Vector __attribute__((vector_size(RECTINET_VECTOR_BYTES)));
    typedef T Unaligned __attribute__((vector_size(RECTINET_VECTOR_BYTES), aligned(alignof(T)),
                                       may_alias));
    static constexpr int lanes = RECTINET_VECTOR_BYTES / sizeof(T);
};

template <class T>
using Vector = typename Simd<T>::Vector;

template <class T>
inline Vector<T> load(const T *from) {
    return *reinterpret_cast<const typename Simd<T>::Unaligned *>(from);
}

template <class T>
inline void store(T *to, Vector<T> values) {
    *reinterpret_cast<typename Simd<T>::Unaligned *>(to) = values;
}

template <class T>
inline Vector<T> broadcast(T value) {
    return value - Vector<T>{};
}

// The sum of the lanes, halves first, so that the order is the same at every call.
template <class T>
inline T sum(Vector<T> values) {
    T lane[Simd<T>::lanes];
    store(lane, values);
    for (int half = Simd<T>::lanes / 2; half > 0; half /= 2)
        for (int i = 0; i < half; ++i) lane[i] += lane[i + half];
    return lane[0];
}

}  // namespace
}  // namespace rectinet
