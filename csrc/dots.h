// Products of a row of weights with several examples, once per instruction set: what `tiles.h` has
// as a part of the backward pass, by itself.
#pragma once

#include "tiles.h"

namespace rectinet {

template <class T>
using Dots = void (*)(const RowTile<T> &tile);  // tile.product += tile.delta . tile.weight

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
