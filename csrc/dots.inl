// Included after tiles.inl by the units of the instruction sets, which define RECTINET_DOTS.

#include "dots.h"

namespace rectinet {
namespace {

// As many sums as there are registers for.
constexpr int dot_rows = group_vectors;
constexpr int dot_examples = 5;

template <class T>
void some_dots(const RowTile<T> &tile) {
    walk_all<T, true, false>(tile, T(0), nullptr);
}

template <class S, int rows, int examples>
inline void dot_tile(const typename S::Number *const *row, const typename S::Number *example,
                     int64_t stride, int64_t width, typename S::Number *product,
                     int64_t product_stride) {
    using T = typename S::Number;
    Vector<S> sums[rows][examples] = {};
    int64_t j = 0;
    for (; j + S::lanes <= width; j += S::lanes) {
        Vector<S> part[rows];
        for (int r = 0; r < rows; ++r) part[r] = load<S>(row[r] + j);
        for (int e = 0; e < examples; ++e) {
            const Vector<S> code = load<S>(example + e * stride + j);
            for (int r = 0; r < rows; ++r) sums[r][e] += part[r] * code;
        }
    }
    for (int r = 0; r < rows; ++r)
        for (int e = 0; e < examples; ++e) {
            T tail = 0;
            for (int64_t i = j; i < width; ++i) tail += row[r][i] * example[e * stride + i];
            product[r * product_stride + e] = sum<S>(sums[r][e]) + tail;
        }
}

template <class S, int rows, int examples>
inline void dot_up_to(int64_t count, const typename S::Number *const *row,
                      const typename S::Number *example, int64_t stride, int64_t width,
                      typename S::Number *product, int64_t product_stride) {
    if constexpr (examples > 1)
        if (count < examples)
            return dot_up_to<S, rows, examples - 1>(count, row, example, stride, width, product,
                                                    product_stride);
    dot_tile<S, rows, examples>(row, example, stride, width, product, product_stride);
}

template <class T, int rows>
inline void dot_rows_with_all(const T *const *row, const T *example, int64_t examples,
                              int64_t stride, int64_t width, T *product) {
    for (int64_t e = 0; e < examples; e += dot_examples)
        dot_up_to<Simd<T>, rows, dot_examples>(examples - e, row, example + e * stride, stride,
                                               width, product + e, examples);
}

template <class T>
void all_dots(const T *const *row, int64_t rows, const T *example, int64_t examples,
              int64_t stride, int64_t width, T *product) {
    int64_t r = 0;
    for (; r + dot_rows <= rows; r += dot_rows)
        dot_rows_with_all<T, dot_rows>(row + r, example, examples, stride, width,
                                       product + r * examples);
    for (; r < rows; ++r)
        dot_rows_with_all<T, 1>(row + r, example, examples, stride, width, product + r * examples);
}

}  // namespace

extern const DotsSet RECTINET_DOTS = {{some_dots<float>, all_dots<float>},
                                      {some_dots<double>, all_dots<double>}};

}  // namespace rectinet
