// The backward pass of a layer of few units, such as the output layer. Included by tiles.inl.
//
// A row of ten weights is shorter than a vector, and its list of active examples is more work than
// the row itself. So vectors run over inputs instead, and do the inactive ones too, whose products
// change nothing: 1,000 inputs, 10 units and 10 examples took 0.3 (all active) to 0.6 (5% active) of
// the time.

namespace rectinet {
namespace {

// As many rows as a vector has lanes, or the `rows` that are left.
template <class S>
inline void step_narrow(const NarrowTile<typename S::Number> &tile, int64_t first, int64_t rows) {
    using T = typename S::Number;
    constexpr int lanes = S::lanes;
    T column[most_narrow][lanes] = {};
    T *const weight = tile.weight + first * tile.units;
    for (int64_t r = 0; r < rows; ++r)
        for (int64_t j = 0; j < tile.units; ++j) column[j][r] = weight[r * tile.units + j];
    const auto inputs = [&](int64_t example) {
        const T *const x = tile.x + example * tile.stride + first;
        if (rows == lanes) return load<S>(x);
        T some[lanes] = {};
        for (int64_t r = 0; r < rows; ++r) some[r] = x[r];
        return load<S>(some);
    };
    if (tile.below) {
        T sign[lanes] = {};
        for (int64_t r = 0; r < rows; ++r) sign[r] = tile.below_sign[first + r];
        const Vector<S> signs = load<S>(sign), none = {};
        for (int64_t e = 0; e < tile.examples; ++e) {
            const T *const delta = tile.delta + e * tile.units;
            Vector<S> product = {};
            for (int64_t j = 0; j < tile.units; ++j) product += delta[j] * load<S>(column[j]);
            const Vector<S> passed = inputs(e) != none ? product * signs + tile.below_l1 : none;
            T *const below = tile.below + e * tile.below_stride + first;
            if (rows == lanes)
                store<S>(below, passed);
            else
                for (int64_t r = 0; r < rows; ++r) below[r] = passed[r];
        }
    }
    for (int64_t j = 0; j < tile.units; ++j) {
        Vector<S> gradient = {};
        for (int64_t e = 0; e < tile.examples; ++e)
            gradient += tile.delta[e * tile.units + j] * inputs(e);
        store<S>(column[j], load<S>(column[j]) - tile.rate * gradient);
    }
    for (int64_t r = 0; r < rows; ++r)
        for (int64_t j = 0; j < tile.units; ++j) weight[r * tile.units + j] = column[j][r];
}

template <class T>
void narrow(const NarrowTile<T> &tile) {
    constexpr int64_t lanes = Simd<T>::lanes;
    for (int64_t first = 0; first < tile.rows; first += lanes)
        step_narrow<Simd<T>>(tile, first, tile.rows - first < lanes ? tile.rows - first : lanes);
}

}  // namespace
}  // namespace rectinet
