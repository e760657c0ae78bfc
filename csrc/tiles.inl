// The inner loops of tiles.h. Included by one unit per instruction set, which defines
// RECTINET_VECTOR_BYTES, RECTINET_INSTRUCTIONS (the table's name) and RECTINET_GROUP_VECTORS.
// No function of the standard library: see simd.h on linkage.

#include "simd.h"
#include "tiles.h"

namespace rectinet {
namespace {

constexpr int panel_vectors = 8;
constexpr int group_vectors = RECTINET_GROUP_VECTORS;
constexpr int group = 4;
// So many rows ahead, a row's part of the tile is asked for.
constexpr int64_t ahead = 12;

template <class T>
int64_t compact(const T *x, int64_t count, int32_t first, int32_t *index, T *value) {
    int64_t found = 0;
    // Written at every step and kept only where the input is active: no branch to mispredict.
    for (int64_t k = 0; k < count; ++k) {
        index[found] = first + static_cast<int32_t>(k);
        value[found] = x[k];
        found += x[k] != 0;
    }
    return found;
}

template <class T>
int64_t compact_group(const T *const x[4], int64_t count, int32_t first, int32_t *index, T *value) {
    int64_t found = 0;
    for (int64_t k = 0; k < count; ++k) {
        index[found] = first + static_cast<int32_t>(k);
        bool active = false;
        for (int i = 0; i < group; ++i) {
            value[group * found + i] = x[i][k];
            active |= x[i][k] != 0;
        }
        found += active;
    }
    return found;
}

// NaN is not below 0 and stays.
template <class T>
inline Vector<T> rectified(Vector<T> z) {
    return z < 0 ? Vector<T>{} : z;
}

template <class T>
inline void finish(Finish what, Vector<T> z, const T *sign, T *out) {
    if (what == Finish::rectifier) z = rectified<T>(z);
    if (what != Finish::partial) z *= load(sign);
    store(out, z);
}

template <class T>
inline void finish(Finish what, T z, T sign, T *out) {
    if (what == Finish::rectifier && z < 0) z = 0;
    *out = what == Finish::partial ? z : z * sign;
}

// `vectors` vectors of columns of `examples` examples: all sums stay in registers.
template <class T, int examples, int vectors>
inline void sum_columns(const ForwardTile<T> &tile, int64_t column) {
    constexpr int lanes = Simd<T>::lanes;
    Vector<T> sums[examples][vectors];
    for (int i = 0; i < examples; ++i)
        for (int v = 0; v < vectors; ++v) sums[i][v] = load(tile.start[i] + column + v * lanes);
    const T *const weight = tile.weight + column;
    const int64_t stride = tile.stride;
    const int32_t *const index = tile.index;
    const T *value = tile.value;
    for (int64_t j = 0; j < tile.count; ++j, value += examples) {
        const T *const row = weight + index[j] * stride;
        const T *const later = weight + index[j + ahead < tile.count ? j + ahead : j] * stride;
        for (int line = 0; line < vectors * RECTINET_VECTOR_BYTES; line += 64)
            __builtin_prefetch(reinterpret_cast<const char *>(later) + line);
        Vector<T> part[vectors];
        for (int v = 0; v < vectors; ++v) part[v] = load(row + v * lanes);
        for (int i = 0; i < examples; ++i)
            for (int v = 0; v < vectors; ++v) sums[i][v] += value[i] * part[v];
    }
    for (int i = 0; i < examples; ++i)
        for (int v = 0; v < vectors; ++v) {
            const int64_t at = column + v * lanes;
            finish<T>(tile.finish, sums[i][v], tile.sign + at, tile.out[i] + at);
        }
}

template <class T, int examples>
inline void sum_last_column(const ForwardTile<T> &tile, int64_t column) {
    T sums[examples];
    for (int i = 0; i < examples; ++i) sums[i] = tile.start[i][column];
    for (int64_t j = 0; j < tile.count; ++j) {
        const T weight = tile.weight[tile.index[j] * tile.stride + column];
        for (int i = 0; i < examples; ++i) sums[i] += tile.value[j * examples + i] * weight;
    }
    for (int i = 0; i < examples; ++i)
        finish(tile.finish, sums[i], tile.sign[column], tile.out[i] + column);
}

// As many columns at a time as there are registers for, then half as many, then half of those.
template <class T, int examples, int vectors>
inline void sum_tile(const ForwardTile<T> &tile, int64_t column) {
    constexpr int width = vectors * Simd<T>::lanes;
    for (; column + width <= tile.width; column += width)
        sum_columns<T, examples, vectors>(tile, column);
    if constexpr (vectors > 1)
        sum_tile<T, examples, vectors / 2>(tile, column);
    else
        for (; column < tile.width; ++column) sum_last_column<T, examples>(tile, column);
}

template <class T>
void forward(const ForwardTile<T> &tile) {
    sum_tile<T, 1, panel_vectors>(tile, 0);
}

template <class T>
void forward_group(const ForwardTile<T> &tile) {
    sum_tile<T, group, group_vectors>(tile, 0);
}

// Adds `rows` rows to the sums, which are in `tile.out` or, at first, in `tile.start`.
template <class T, int rows>
inline void add_rows(const ForwardTile<T> &tile, int64_t first, const T *sums, Finish what) {
    constexpr int lanes = Simd<T>::lanes;
    const T *row[rows + 1];
    T value[rows + 1];
    for (int i = 0; i < rows; ++i) {
        row[i] = tile.weight + tile.index[first + i] * tile.stride;
        value[i] = tile.value[first + i];
    }
    T *const out = tile.out[0];
    int64_t j = 0;
    for (; j + lanes <= tile.width; j += lanes) {
        Vector<T> sum = load(sums + j);
        for (int i = 0; i < rows; ++i) sum += value[i] * load(row[i] + j);
        finish<T>(what, sum, tile.sign + j, out + j);
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
template <class T>
void forward_wide(const ForwardTile<T> &tile) {
    constexpr int rows = 8;
    const T *sums = tile.start[0];
    int64_t j = 0;
    for (; j + rows < tile.count; j += rows, sums = tile.out[0])
        add_rows<T, rows>(tile, j, sums, Finish::partial);
    switch (tile.count - j) {
        case 8: return add_rows<T, 8>(tile, j, sums, tile.finish);
        case 7: return add_rows<T, 7>(tile, j, sums, tile.finish);
        case 6: return add_rows<T, 6>(tile, j, sums, tile.finish);
        case 5: return add_rows<T, 5>(tile, j, sums, tile.finish);
        case 4: return add_rows<T, 4>(tile, j, sums, tile.finish);
        case 3: return add_rows<T, 3>(tile, j, sums, tile.finish);
        case 2: return add_rows<T, 2>(tile, j, sums, tile.finish);
        case 1: return add_rows<T, 1>(tile, j, sums, tile.finish);
        default: return add_rows<T, 0>(tile, j, sums, tile.finish);
    }
}

// For `count` of the row's active examples: product += delta . weight, and target -= scale * delta.
template <class T, int count, bool products, bool step>
inline void walk(const RowTile<T> &tile, int64_t first, const T *scale, T *target) {
    constexpr int lanes = Simd<T>::lanes;
    // Sums of their own for several vectors, so that one addition need not wait for the last.
    constexpr int unrolled = count >= 3 ? 1 : count == 2 ? 2 : 4;
    const T *delta[count];
    T factor[count];  // copies, which no store into `target` can change
    for (int i = 0; i < count; ++i) {
        delta[i] = tile.delta + tile.example[first + i] * tile.delta_stride;
        factor[i] = step ? scale[i] : T(0);
    }
    const T *const weights = tile.weight;
    Vector<T> sums[count][unrolled] = {};
    T tail[count] = {};
    const int64_t width = tile.width;
    int64_t j = 0;
    for (; j + unrolled * lanes <= width; j += unrolled * lanes) {
        for (int line = 0; line < unrolled * RECTINET_VECTOR_BYTES; line += 64)
            __builtin_prefetch(reinterpret_cast<const char *>(tile.next + j) + line, 1);
        for (int u = 0; u < unrolled; ++u) {
            const int64_t at = j + u * lanes;
            const Vector<T> weight = products ? load(weights + at) : Vector<T>{};
            Vector<T> moved = step ? (products ? weight : load(target + at)) : Vector<T>{};
            for (int i = 0; i < count; ++i) {
                const Vector<T> slope = load(delta[i] + at);
                if constexpr (products) sums[i][u] += slope * weight;
                if constexpr (step) moved -= factor[i] * slope;
            }
            if constexpr (step) store(target + at, moved);
        }
    }
    for (; j < width; ++j) {
        T moved = step ? target[j] : T(0);
        for (int i = 0; i < count; ++i) {
            if constexpr (products) tail[i] += delta[i][j] * weights[j];
            if constexpr (step) moved -= factor[i] * delta[i][j];
        }
        if constexpr (step) target[j] = moved;
    }
    if constexpr (products)
        for (int i = 0; i < count; ++i) {
            Vector<T> all = sums[i][0];
            for (int u = 1; u < unrolled; ++u) all += sums[i][u];
            tile.product[first + i] += sum<T>(all) + tail[i];
        }
}

template <class T, bool products, bool step>
inline void walk_up_to_4(const RowTile<T> &tile, int64_t first, int64_t count, const T *scale,
                         T *target) {
    switch (count) {
        case 1: return walk<T, 1, products, step>(tile, first, scale, target);
        case 2: return walk<T, 2, products, step>(tile, first, scale, target);
        case 3: return walk<T, 3, products, step>(tile, first, scale, target);
        default: return walk<T, 4, products, step>(tile, first, scale, target);
    }
}

template <class T, bool products, bool step>
inline void walk_all(const RowTile<T> &tile, T factor, T *target) {
    for (int64_t first = 0; first < tile.count; first += 4) {
        const int64_t count = tile.count - first < 4 ? tile.count - first : 4;
        T scale[4];
        if constexpr (step)
            for (int64_t i = 0; i < count; ++i) scale[i] = factor * tile.value[first + i];
        walk_up_to_4<T, products, step>(tile, first, count, scale, target);
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
    return {panel_vectors * Simd<T>::lanes, compact<T>,      compact_group<T>, forward<T>,
            forward_group<T>,               forward_wide<T>, row<T>};
}

}  // namespace

extern const InstructionSet RECTINET_INSTRUCTIONS = {RECTINET_NAME, tiles<float>(),
                                                     tiles<double>()};

}  // namespace rectinet
