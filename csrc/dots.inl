// Included after tiles.inl by the units of the instruction sets, which define RECTINET_DOTS.

#include "dots.h"

namespace rectinet {
namespace {

template <class T>
void dots(const RowTile<T> &tile) {
    walk_all<T, true, false>(tile, T(0), nullptr);
}

}  // namespace

extern const DotsSet RECTINET_DOTS = {dots<float>, dots<double>};

}  // namespace rectinet
