// How layers are cut into parts that stay in a cache.
#pragma once

#include <algorithm>
#include <cstdint>

namespace rectinet {

inline int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Columns at a time, so that `rows` rows of them take no more than `bytes`; a multiple of 64.
template <class T>
int64_t tile_width(int64_t bytes, int64_t rows, int64_t columns) {
    constexpr int64_t step = 64;
    const int64_t most = std::max<int64_t>(
        step, bytes / int64_t(sizeof(T)) / std::max<int64_t>(rows, 1) / step * step);
    const int64_t tiles = divide_up(std::max<int64_t>(columns, 1), most);
    return divide_up(divide_up(columns, tiles), step) * step;
}

}  // namespace rectinet
