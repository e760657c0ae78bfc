// Products of rows of weights with examples, once per instruction set.
#pragma once

#include "tiles.h"

namespace rectinet {

template <class T>
struct Dots {
    // tile.product += tile.delta . tile.weight
    void (*some)(const RowTile<T> &tile);
    // product[r * examples + e] = row r . example e, for all of both
    void (*all)(const T *const *row, int64_t rows, const T *example, int64_t examples,
                int64_t stride, int64_t width, T *product);
};

struct DotsSet {
    Dots<float> of_floats;
    Dots<double> of_doubles;
};

extern const DotsSet plain_dots;
#ifdef RECTINET_X86
extern const DotsSet avx2_dots;
extern const DotsSet avx512_dots;
#endif

}  // namespace rectinet
