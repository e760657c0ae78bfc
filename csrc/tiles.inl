// The inner loops of tiles.h. Included by one unit per instruction set, which defines
// RECTINET_VECTOR_BYTES, RECTINET_INSTRUCTIONS (the table's name), RECTINET_GROUP_VECTORS and
// RECTINET_PACKED_ROWS.
// No function of the standard library: see simd.h on linkage.

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#include "simd.h"
#include "tiles.h"

#include "narrow.inl"

namespace rectinet {
namespace {

constexpr int panel_vectors = 8;
constexpr int group_vectors = RECTINET_GROUP_VECTORS;
// So many rows ahead, a row's part of the tile is asked for.
constexpr int64_t ahead = 12;

#ifdef __AVX512F__
inline int64_t compress(const float *x, int32_t first, int32_t *index, float *value) {
    const __m512i each = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512 all = _mm512_loadu_ps(x);
    // Unordered or unequal: NaN counts as active.
    const __mmask16 active = _mm512_cmp_ps_mask(all, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    const __m512i at = _mm512_add_epi32(each, _mm512_set1_epi32(first));
    _mm512_storeu_si512(index, _mm512_maskz_compress_epi32(active, at));
    _mm512_storeu_ps(value, _mm512_maskz_compress_ps(active, all));
    return __builtin_popcount(active);
}

inline int64_t compress(const double *x, int32_t first, int32_t *index, double *value) {
    const __m256i each = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m512d all = _mm512_loadu_pd(x);
    const __mmask8 active = _mm512_cmp_pd_mask(all, _mm512_setzero_pd(), _CMP_NEQ_UQ);
    const __m256i at = _mm256_add_epi32(each, _mm256_set1_epi32(first));
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(index), _mm256_maskz_compress_epi32(active, at));
    _mm512_storeu_pd(value, _mm512_maskz_compress_pd(active, all));
    return __builtin_popcount(active);
}
#endif

template <class T>
int64_t count_active(const T *x, int64_t count) {
    int64_t found = 0;
    for (int64_t k = 0; k < count; ++k) found += x[k] != 0;
    return found;
}

template <class T>
int64_t compact(const T *x, int64_t count, int32_t first, int32_t *index, T *value) {
    int64_t found = 0, k = 0;
#ifdef __AVX512F__
    // A whole vector is written each time; no more are found than were looked at, so it fits.
    for (; k + Simd<T>::lanes <= count; k += Simd<T>::lanes)
        found += compress(x + k, first + int32_t(k), index + found, value + found);
#endif
    // Written at every step and kept only where the input is active: no branch to mispredict.
    for (; k < count; ++k) {
        index[found] = first + static_cast<int32_t>(k);
        value[found] = x[k];
        found += x[k] != 0;
    }
    return found;
}

// Blocks of columns, so that the comparisons are done by vectors; the copies, several numbers wide,
// are what counts.
template <class T, int examples>
int64_t compact_examples(const T *const *x, int64_t count, int32_t first, int32_t *index, T *value) {
    constexpr int64_t block = 16;
    int64_t found = 0;
    for (int64_t from = 0; from < count; from += block) {
        const int64_t size = count - from < block ? count - from : block;
        bool active[block] = {};
        for (int i = 0; i < examples; ++i)
            for (int64_t k = 0; k < size; ++k) active[k] |= x[i][from + k] != 0;
        for (int64_t k = 0; k < size; ++k) {
            index[found] = first + static_cast<int32_t>(from + k);
            for (int i = 0; i < examples; ++i) value[examples * found + i] = x[i][from + k];
            found += active[k];
        }
    }
    return found;
}

template <class T, int examples = largest_group>
int64_t compact_group(const T *const *x, int64_t count_of, int64_t count, int32_t first,
                      int32_t *index, T *value) {
    if constexpr (examples > 1)
        if (count_of < examples)
            return compact_group<T, examples - 1>(x, count_of, count, first, index, value);
    return compact_examples<T, examples>(x, count, first, index, value);
}

// NaN is not below 0 and stays.
template <class S>
inline void finish(Finish what, Vector<S> z, const typename S::Number *sign,
                   typename S::Number *out) {
    if (what == Finish::rectifier) z = z < 0 ? Vector<S>{} : z;
    if (what != Finish::partial) z *= load<S>(sign);
    store<S>(out, z);
}

template <class T>
inline void finish(Finish what, T z, T sign, T *out) {
    if (what == Finish::rectifier && z < 0) z = 0;
    *out = what == Finish::partial ? z : z * sign;
}

// `vectors` vectors of columns of `examples` examples: all sums stay in registers. The last one
// begins at `last`, before the end of the one before it where the columns do not fill it: those
// are then computed twice, which costs less than to walk over the list once more for the rest.
template <class S, int examples, int vectors, bool near>
inline void sum_columns(const ForwardTile<typename S::Number> &tile, int64_t first, int64_t last) {
    using T = typename S::Number;
    constexpr int whole = vectors - 1;
    Vector<S> sums[examples][vectors];
    for (int i = 0; i < examples; ++i) {
        for (int v = 0; v < whole; ++v) sums[i][v] = load<S>(tile.start[i] + first + v * S::lanes);
        sums[i][whole] = load<S>(tile.start[i] + last);
    }
    const T *const weight = tile.weight + first;
    const int64_t stride = tile.stride, to_last = last - first;
    const int32_t *const index = tile.index;
    const T *value = tile.value;
    for (int64_t j = 0; j < tile.count; ++j, value += examples) {
        const T *const row = weight + index[j] * stride;
        if constexpr (!near) {
            const T *const later = weight + index[j + ahead < tile.count ? j + ahead : j] * stride;
            for (int line = 0; line < vectors * int(sizeof(Vector<S>)); line += 64)
                __builtin_prefetch(reinterpret_cast<const char *>(later) + line);
        }
        Vector<S> part[vectors];
        for (int v = 0; v < whole; ++v) part[v] = load<S>(row + v * S::lanes);
        part[whole] = load<S>(row + to_last);
        for (int i = 0; i < examples; ++i)
            for (int v = 0; v < vectors; ++v) sums[i][v] += value[i] * part[v];
    }
    for (int i = 0; i < examples; ++i)
        for (int v = 0; v < vectors; ++v) {
            const int64_t column = v == whole ? last : first + v * S::lanes;
            finish<S>(tile.finish, sums[i][v], tile.sign + column, tile.out[i] + column);
        }
}

// The columns from `first`, which need no more than `vectors` vectors.
template <class S, int examples, int vectors, bool near>
inline void sum_last_columns(const ForwardTile<typename S::Number> &tile, int64_t first) {
    if constexpr (vectors > 0) {
        if (tile.width - first <= (vectors - 1) * S::lanes)
            sum_last_columns<S, examples, vectors - 1, near>(tile, first);
        else
            sum_columns<S, examples, vectors, near>(tile, first, tile.width - S::lanes);
    }
}

template <class S, int examples, int vectors, bool near>
inline void sum_tile(const ForwardTile<typename S::Number> &tile) {
    constexpr int width = vectors * S::lanes, half = vectors / 2 * S::lanes;
    int64_t first = 0;
    // What is left over is at least a vector: one that overlaps must not begin with sums that an
    // earlier call has finished.
    for (; first + width + S::lanes <= tile.width; first += width)
        sum_columns<S, examples, vectors, near>(tile, first, first + width - S::lanes);
    if (tile.width - first > width) {
        sum_columns<S, examples, vectors / 2, near>(tile, first, first + half - S::lanes);
        first += half;
    }
    sum_last_columns<S, examples, vectors, near>(tile, first);
}

// Fewer columns than the smallest vector has.
template <class T, int examples>
inline void sum_column(const ForwardTile<T> &tile, int64_t column) {
    T sums[examples];
    for (int i = 0; i < examples; ++i) sums[i] = tile.start[i][column];
    for (int64_t j = 0; j < tile.count; ++j) {
        const T weight = tile.weight[tile.index[j] * tile.stride + column];
        for (int i = 0; i < examples; ++i) sums[i] += tile.value[j * examples + i] * weight;
    }
    for (int i = 0; i < examples; ++i)
        finish(tile.finish, sums[i], tile.sign[column], tile.out[i] + column);
}

template <class T, int examples, int vectors, bool near>
inline void sum_examples(const ForwardTile<T> &tile) {
    if (tile.width >= Simd<T>::lanes) return sum_tile<Simd<T>, examples, vectors, near>(tile);
    if (tile.width >= Simd<T, 16>::lanes) return sum_tile<Simd<T, 16>, examples, vectors, near>(tile);
    for (int64_t column = 0; column < tile.width; ++column) sum_column<T, examples>(tile, column);
}

template <class T>
void forward(const ForwardTile<T> &tile) {
    if (tile.near) return sum_examples<T, 1, panel_vectors, true>(tile);
    sum_examples<T, 1, panel_vectors, false>(tile);
}

template <class T, int examples>
inline void sum_group(const ForwardTile<T> &tile) {
    if constexpr (examples > 1) {
        if (tile.examples < examples) return sum_group<T, examples - 1>(tile);
        if (tile.near) return sum_examples<T, examples, group_vectors, true>(tile);
        sum_examples<T, examples, group_vectors, false>(tile);
    }
}

template <class T>
void forward_group(const ForwardTile<T> &tile) {
    sum_group<T, largest_group>(tile);
}

// Adds `rows` rows to the sums, which are in `tile.out` or, at first, in `tile.start`.
template <class S, int rows>
inline void add_rows(const ForwardTile<typename S::Number> &tile, int64_t first,
                     const typename S::Number *sums, Finish what) {
    using T = typename S::Number;
    const T *row[rows + 1];
    T value[rows + 1];
    for (int i = 0; i < rows; ++i) {
        row[i] = tile.weight + tile.index[first + i] * tile.stride;
        value[i] = tile.value[first + i];
    }
    T *const out = tile.out[0];
    int64_t j = 0;
    const auto add = [&](Vector<S> sum, int64_t column) {
        for (int i = 0; i < rows; ++i) sum += value[i] * load<S>(row[i] + column);
        finish<S>(what, sum, tile.sign + column, out + column);
    };
    if (tile.width >= S::lanes) {
        // The last vector overlaps the one before, whose sums may be overwritten by then.
        const int64_t last = tile.width - S::lanes;
        const Vector<S> last_sums = load<S>(sums + last);
        for (; j < last; j += S::lanes) add(load<S>(sums + j), j);
        return add(last_sums, last);
    }
    for (; j < tile.width; ++j) {
        T sum = sums[j];
        for (int i = 0; i < rows; ++i) sum += value[i] * row[i][j];
        finish(what, sum, tile.sign[j], out + j);
    }
}

// Whole rows, eight at a time: for an example alone a weight is used once, and what counts is how
// fast memory gives it. Eight streams of whole rows gave 70 GB/s on two cores, panels of 64
// columns 42 (3 x 1000 units); from memory beyond the caches 34 and 15 (4096 units).
template <class S>
inline void sum_rows(const ForwardTile<typename S::Number> &tile) {
    constexpr int rows = 8;
    const typename S::Number *sums = tile.start[0];
    int64_t j = 0;
    for (; j + rows < tile.count; j += rows, sums = tile.out[0])
        add_rows<S, rows>(tile, j, sums, Finish::partial);
    switch (tile.count - j) {
        case 8: return add_rows<S, 8>(tile, j, sums, tile.finish);
        case 7: return add_rows<S, 7>(tile, j, sums, tile.finish);
        case 6: return add_rows<S, 6>(tile, j, sums, tile.finish);
        case 5: return add_rows<S, 5>(tile, j, sums, tile.finish);
        case 4: return add_rows<S, 4>(tile, j, sums, tile.finish);
        case 3: return add_rows<S, 3>(tile, j, sums, tile.finish);
        case 2: return add_rows<S, 2>(tile, j, sums, tile.finish);
        case 1: return add_rows<S, 1>(tile, j, sums, tile.finish);
        default: return add_rows<S, 0>(tile, j, sums, tile.finish);
    }
}

template <class T>
void forward_wide(const ForwardTile<T> &tile) {
    if (tile.width >= Simd<T>::lanes) return sum_rows<Simd<T>>(tile);
    return sum_rows<Simd<T, 16>>(tile);
}

// For `count` of the row's active examples: product += delta . weight, and target -= scale * delta.
template <class S, int count, bool products, bool step>
inline void walk(const RowTile<typename S::Number> &tile, int64_t first,
                 const typename S::Number *scale, typename S::Number *target) {
    using T = typename S::Number;
    constexpr int lanes = S::lanes;
    // Sums of their own for several vectors, so that one addition need not wait for the last.
    constexpr int unrolled = count >= 3 ? 1 : count == 2 ? 2 : 4;
    const T *delta[count];
    T factor[count];  // copies, which no store into `target` can change
    for (int i = 0; i < count; ++i) {
        delta[i] = tile.delta + tile.example[first + i] * tile.delta_stride;
        factor[i] = step ? scale[i] : T(0);
    }
    const T *const weights = tile.weight;
    Vector<S> sums[count][unrolled] = {};
    const int64_t width = tile.width;
    // Only the last `fresh` of the vector's columns take part: the others have had their turn.
    const auto vector = [&](int64_t at, int u, int64_t fresh) {
        const Vector<S> before = load<S>((products ? weights : target) + at);
        Vector<S> moved = before;
        for (int i = 0; i < count; ++i) {
            const Vector<S> slope = load<S>(delta[i] + at);
            if constexpr (products) {
                const Vector<S> sum = sums[i][u] + slope * before;
                sums[i][u] = fresh < lanes ? last_lanes<S>(fresh, sum, sums[i][u]) : sum;
            }
            if constexpr (step) moved -= factor[i] * slope;
        }
        if constexpr (step)
            store<S>(target + at, fresh < lanes ? last_lanes<S>(fresh, moved, before) : moved);
    };
    int64_t j = 0;
    for (; j + unrolled * lanes <= width; j += unrolled * lanes) {
        for (int line = 0; line < unrolled * int(sizeof(Vector<S>)); line += 64)
            __builtin_prefetch(reinterpret_cast<const char *>(tile.next + j) + line, 1);
        for (int u = 0; u < unrolled; ++u) vector(j + u * lanes, u, lanes);
    }
    for (; j + lanes <= width; j += lanes) vector(j, 0, lanes);
    T tail[count] = {};
    if (j < width && width >= lanes) {
        vector(width - lanes, 0, width - j);
    } else {
        for (; j < width; ++j) {
            T moved = step ? target[j] : T(0);
            for (int i = 0; i < count; ++i) {
                if constexpr (products) tail[i] += delta[i][j] * weights[j];
                if constexpr (step) moved -= factor[i] * delta[i][j];
            }
            if constexpr (step) target[j] = moved;
        }
    }
    if constexpr (products)
        for (int i = 0; i < count; ++i) {
            Vector<S> all = sums[i][0];
            for (int u = 1; u < unrolled; ++u) all += sums[i][u];
            tile.product[first + i] += sum<S>(all) + tail[i];
        }
}

template <class S, bool products, bool step>
inline void walk_up_to_4(const RowTile<typename S::Number> &tile, int64_t first, int64_t count,
                         const typename S::Number *scale, typename S::Number *target) {
    switch (count) {
        case 1: return walk<S, 1, products, step>(tile, first, scale, target);
        case 2: return walk<S, 2, products, step>(tile, first, scale, target);
        case 3: return walk<S, 3, products, step>(tile, first, scale, target);
        default: return walk<S, 4, products, step>(tile, first, scale, target);
    }
}

template <class T, bool products, bool step>
inline void walk_all(const RowTile<T> &tile, T factor, T *target) {
    for (int64_t first = 0; first < tile.count; first += 4) {
        const int64_t count = tile.count - first < 4 ? tile.count - first : 4;
        T scale[4];
        if constexpr (step)
            for (int64_t i = 0; i < count; ++i) scale[i] = factor * tile.value[first + i];
        if (tile.width >= Simd<T>::lanes)
            walk_up_to_4<Simd<T>, products, step>(tile, first, count, scale, target);
        else
            walk_up_to_4<Simd<T, 16>, products, step>(tile, first, count, scale, target);
    }
}

template <class T>
inline T root(T value);
template <>
inline float root(float value) {
    return __builtin_sqrtf(value);
}
template <>
inline double root(double value) {
    return __builtin_sqrt(value);
}

template <class T>
inline void apply(const RowTile<T> &tile, const UpdateRule<T> &rule) {
    T *const __restrict__ weight = tile.weight;
    T *const __restrict__ first = tile.first;
    T *const __restrict__ second = tile.second;
    T *const __restrict__ gradient = tile.scratch;
    const int64_t width = tile.width;
    const T rate = rule.rate, l1 = rule.weight_l1, l2 = 2 * rule.weight_l2;
    if (l1 != 0 || l2 != 0)
        for (int64_t j = 0; j < width; ++j)
            gradient[j] += l1 * T((weight[j] > 0) - (weight[j] < 0)) + l2 * weight[j];
    if (rule.rule == Rule::sgd) {
        for (int64_t j = 0; j < width; ++j) weight[j] -= rate * gradient[j];
    } else if (rule.rule == Rule::momentum) {
        const T momentum = rule.momentum;
        for (int64_t j = 0; j < width; ++j) {
            first[j] = momentum * first[j] - rate * gradient[j];
            weight[j] += first[j];
        }
    } else {
        const T beta1 = T(1 - 0.9), beta2 = T(1 - 0.999), epsilon = T(1e-8);
        for (int64_t j = 0; j < width; ++j) {
            first[j] += beta1 * (gradient[j] - first[j]);
            second[j] += beta2 * (gradient[j] * gradient[j] - second[j]);
            weight[j] -= rate * first[j] / (root(second[j]) + epsilon);
        }
    }
}

template <class T>
void row(const RowTile<T> &tile, const UpdateRule<T> &rule) {
    if (rule.plain) {
        if (!tile.product) return walk_all<T, false, true>(tile, rule.rate, tile.weight);
        // One pass: the row moves while it is being multiplied.
        if (tile.count <= 4) return walk_all<T, true, true>(tile, rule.rate, tile.weight);
        // The second pass finds it in L1; the products must see the weights of before the step.
        walk_all<T, true, false>(tile, T(0), nullptr);
        return walk_all<T, false, true>(tile, rule.rate, tile.weight);
    }
    if (tile.product) walk_all<T, true, false>(tile, T(0), nullptr);
    T *const gradient = rule.rule == Rule::gradient ? tile.first : tile.scratch;
    for (int64_t j = 0; j < tile.width; ++j) gradient[j] = 0;
    walk_all<T, false, true>(tile, T(-1), gradient);
    if (rule.rule != Rule::gradient) apply(tile, rule);
}

template <class T>
constexpr Tiles<T> tiles() {
    return {panel_vectors * Simd<T>::lanes, RECTINET_PACKED_ROWS, count_active<T>, compact<T>, compact_group<T>,
            forward<T>, forward_group<T>, forward_wide<T>, row<T>, narrow<T>};
}

}  // namespace

extern const InstructionSet RECTINET_INSTRUCTIONS = {RECTINET_NAME, tiles<float>(),
                                                     tiles<double>()};

}  // namespace rectinet
