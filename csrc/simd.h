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

// A vector of numbers of type T: as wide as the instruction set's, or 16 bytes, which every set has,
// for layers that are narrower than that.
template <class T, int bytes = RECTINET_VECTOR_BYTES>
struct Simd {
    typedef T Vector __attribute__((vector_size(bytes)));
    typedef T Unaligned __attribute__((vector_size(bytes), aligned(alignof(T)), may_alias));
    typedef T Number;
    static constexpr int lanes = bytes / sizeof(T);
};

template <class S>
using Vector = typename S::Vector;

template <class S>
inline Vector<S> load(const typename S::Number *from) {
    return *reinterpret_cast<const typename S::Unaligned *>(from);
}

template <class S>
inline void store(typename S::Number *to, Vector<S> values) {
    *reinterpret_cast<typename S::Unaligned *>(to) = values;
}

// The last `count` lanes of `values`, and the others of `rest`.
template <class S>
inline Vector<S> last_lanes(int64_t count, Vector<S> values, Vector<S> rest) {
    Vector<S> lane;
    for (int i = 0; i < S::lanes; ++i) lane[i] = typename S::Number(i);
    return lane >= typename S::Number(S::lanes - count) ? values : rest;
}

// The sum of the lanes, halves first, so that the order is the same at every call.
template <class S>
inline typename S::Number sum(Vector<S> values) {
    typename S::Number lane[S::lanes];
    store<S>(lane, values);
    for (int half = S::lanes / 2; half > 0; half /= 2)
        for (int i = 0; i < half; ++i) lane[i] += lane[i + half];
    return lane[0];
}

}  // namespace
}  // namespace rectinet
