#include "forward.h"

#include <algorithm>

#include "instructions.h"
#include "threads.h"

namespace rectinet {
namespace {

constexpr int64_t group_size = 4;

// A panel's block takes half of a common L2 cache (512 KB).
constexpr int64_t block_bytes = 256 * 1024;

// From so many examples on, copying a panel's block together is repaid: its rows no longer meet
// in the same cache sets (rows 16 KB apart do) and need fewer pages.
constexpr int64_t examples_worth_packing = 32;

// Above this share of active inputs, four examples at a time are faster than one by one.
constexpr double group_density = 0.6;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace

template <class T>
void ActiveInputs<T>::prepare(const Inputs<T> &x) {
    x_ = x;
    const bool blocked = x.dense && x.examples > group_size;
    const int64_t panel = tiles<T>().panel;
    block_size_ = blocked ? std::min(x.features, block_bytes / int64_t(panel * sizeof(T)))
                          : std::max<int64_t>(x.features, 1);
    blocks_ = std::max<int64_t>(1, divide_up(x.features, block_size_));
    grouped_.assign(divide_up(x.examples, group_size), 0);
    if (!x.dense) return;
    count_.resize(x.examples * blocks_);
    index_ = index_memory_.get<int32_t>(x.examples * x.features);
    value_ = value_memory_.get<T>(x.examples * x.features);
}

template <class T>
void ActiveInputs<T>::list_group(int64_t group) {
    const Tiles<T> &tile = tiles<T>();
    const int64_t first = group * group_size;
    const int64_t examples = std::min(group_size, x_.examples - first);
    int64_t active = 0;
    for (int64_t e = first; e < first + examples; ++e)
        for (int64_t b = 0; b < blocks_; ++b) {
            const int64_t from = b * block_size_, at = e * x_.features + from;
            const int64_t size = std::min(block_size_, x_.features - from);
            active += count_[e * blocks_ + b] =
                tile.compact(x_.dense + e * x_.stride + from, size, int32_t(from), index_ + at,
                             value_ + at);
        }
    if (examples < group_size || active < group_density * group_size * x_.features) return;
    grouped_[group] = 1;
    for (int64_t b = 0; b < blocks_; ++b) {
        const int64_t from = b * block_size_, start = first * x_.features;
        const int64_t size = std::min(block_size_, x_.features - from);
        const T *x[group_size];
        for (int64_t i = 0; i < group_size; ++i) x[i] = x_.dense + (first + i) * x_.stride + from;
        count_[first * blocks_ + b] = tile.compact_group(
            x, size, int32_t(from), index_ + start + from, value_ + start + group_size * from);
    }
}

template <class T>
void ActiveInputs<T>::list() {
    if (!x_.dense) return;
    const int64_t groups = int64_t(grouped_.size());
#pragma omp for schedule(static)
    for (int64_t group = 0; group < groups; ++group) list_group(group);
}

template <class T>
void ActiveInputs<T>::fill(int64_t example, int64_t block, ForwardTile<T> &tile) const {
    if (!x_.dense) {
        tile.index = x_.index + x_.starts[example];
        tile.value = x_.value + x_.starts[example];
        tile.count = x_.starts[example + 1] - x_.starts[example];
        return;
    }
    const int64_t from = block * block_size_, start = example * x_.features;
    const bool together = grouped(example / group_size);
    tile.index = index_ + start + from;
    tile.value = value_ + start + (together ? group_size : 1) * from;
    tile.count = count_[example * blocks_ + block];
}

template <class T>
void sum_layer(const ForwardLayer<T> &layer, const ActiveInputs<T> &active, Outputs<T> out) {
    const Tiles<T> &tile_loops = tiles<T>();
    const int64_t panel = tile_loops.panel, examples = active.examples();
    const int64_t panels = divide_up(layer.n_out, panel);
    // Few panels: their examples are shared out as well, by groups.
    const int64_t parts = std::clamp<int64_t>(8 / std::max<int64_t>(panels, 1), 1,
                                              std::max<int64_t>(1, examples / 16));
    const int64_t part_size = divide_up(divide_up(examples, parts), group_size) * group_size;
    const bool pack_blocks = layer.stride != panel && examples >= examples_worth_packing &&
                             active.blocks() * active.block_size() >= layer.n_in;
#pragma omp for schedule(static)
    for (int64_t task = 0; task < panels * parts; ++task) {
        static thread_local Scratch packed_memory;
        const int64_t column = task / parts * panel;
        const int64_t first = task % parts * part_size;
        const int64_t last = std::min(examples, first + part_size);
        ForwardTile<T> tile{};
        tile.width = std::min(panel, layer.n_out - column);
        for (int64_t block = 0; block < active.blocks(); ++block) {
            tile.weight = layer.weight + task / parts * layer.panel_step;
            tile.stride = layer.stride;
            if (pack_blocks && active.blocks() > 0 && last - first >= examples_worth_packing) {
                const int64_t from = block * active.block_size();
                const int64_t size = std::min(active.block_size(), layer.n_in - from);
                T *packed = packed_memory.get<T>(active.block_size() * panel);
                for (int64_t k = 0; k < size; ++k)
                    std::copy_n(tile.weight + (from + k) * layer.stride, tile.width,
                                packed + k * panel);
                tile.weight = packed - from * panel;
                tile.stride = panel;
            }
            tile.finish = block + 1 == active.blocks() ? layer.finish : Finish::partial;
            tile.sign = layer.sign + column;
            for (int64_t example = first; example < last;) {
                const bool together = active.grouped(example / group_size);
                for (int64_t i = 0; i < (together ? group_size : 1); ++i) {
                    tile.out[i] = out.values + (example + i) * out.stride + column;
                    tile.start[i] = block == 0 ? layer.bias + column : tile.out[i];
                }
                active.fill(example, block, tile);
                together ? tile_loops.forward_group(tile) : tile_loops.forward(tile);
                example += together ? group_size : 1;
            }
        }
    }
}

template <class T>
void forward(const Inputs<T> &x, const ForwardLayer<T> &layer, Outputs<T> out) {
    static thread_local ActiveInputs<T> kept;
    ActiveInputs<T> &active = kept;  // the threads of the team share their caller's
    // Lists for so many examples at a time bound the memory that is kept.
    constexpr int64_t at_once = 512;
    for (int64_t first = 0; first < x.examples; first += at_once) {
        Inputs<T> part = x;
        part.examples = std::min(at_once, x.examples - first);
        if (x.dense)
            part.dense += first * x.stride;
        else
            part.starts += first;
        active.prepare(part);
        const int64_t inputs =
            x.dense ? part.examples * x.features : part.starts[part.examples] - part.starts[0];
        const Outputs<T> to{out.values + first * out.stride, out.stride};
        const int team = team_size(inputs * layer.n_out / (x.dense ? 4 : 1));
        if (team == 1) {
            active.list();
            sum_layer(layer, active, to);
        } else {
#pragma omp parallel num_threads(team)
            {
                active.list();
                sum_layer(layer, active, to);
            }
        }
    }
}

template <class T>
int64_t packed_size(int64_t n_in, int64_t n_out) {
    const int64_t panel = tiles<T>().panel;
    return divide_up(n_out, panel) * panel * n_in;
}

template <class T>
void pack(const T *weight, int64_t stride, int64_t n_in, int64_t n_out, T *packed) {
    const int64_t panel = tiles<T>().panel;
    std::fill_n(packed, packed_size<T>(n_in, n_out), T(0));
    for (int64_t column = 0; column < n_out; column += panel)
        for (int64_t k = 0; k < n_in; ++k)
            std::copy_n(weight + k * stride + column, std::min(panel, n_out - column),
                        packed + column * n_in + k * panel);
}

#define RECTINET_INSTANTIATE(T)                                                           \
    template class ActiveInputs<T>;                                                       \
    template void sum_layer(const ForwardLayer<T> &, const ActiveInputs<T> &, Outputs<T>); \
    template void forward(const Inputs<T> &, const ForwardLayer<T> &, Outputs<T>);         \
    template int64_t packed_size<T>(int64_t, int64_t);                                    \
    template void pack(const T *, int64_t, int64_t, int64_t, T *);
RECTINET_INSTANTIATE(float)
RECTINET_INSTANTIATE(double)

}  // namespace rectinet
