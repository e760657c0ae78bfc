#include "forward.h"

#include <algorithm>

#include "instructions.h"
#include "threads.h"

namespace rectinet {
namespace {

// As many as the registers hold sums of, for four vectors of columns (AVX2: two).
constexpr int64_t group_size = largest_group;

// A panel's block takes half of a common L2 cache (512 KB).
constexpr int64_t block_bytes = 256 * 1024;

// So much of a panel stays in L2 while groups of examples walk over it one after the other.
constexpr int64_t panel_bytes = 768 * 1024;

// Up to so many examples, each walks over whole rows by itself.
constexpr int64_t few_examples = 4;

// From so many on, a copy of a panel's block is soon paid for.
constexpr int64_t many_examples = 24;

// Above this share of active inputs, a group of examples at a time is faster than one by one.
constexpr double group_density = 0.6;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace

template <class T>
void ActiveInputs<T>::prepare(const Inputs<T> &x, bool panels) {
    x_ = x;
    const Tiles<T> &tile = tiles<T>();
    const bool blocked = x.dense && x.examples > few_examples;
    packed_ = x.dense && tile.packed_rows > 0 &&
              x.examples >= (panels ? few_examples + 1 : many_examples);
    const int64_t in_cache =
        packed_ ? tile.packed_rows : block_bytes / int64_t(tile.panel * sizeof(T));
    block_size_ = std::max<int64_t>(1, blocked ? std::min(x.features, in_cache) : x.features);
    blocks_ = std::max<int64_t>(1, divide_up(x.features, block_size_));
    const int64_t in_l2 = panel_bytes / (block_size_ * tile.panel * int64_t(sizeof(T)));
    // As even shares of the blocks as can be.
    group_blocks_ = packed_ && panels ? divide_up(blocks_, divide_up(blocks_, in_l2)) : 1;
    grouped_.assign(divide_up(x.examples, group_size), 0);
    if (!x.dense) return;
    count_.resize(x.examples * blocks_);
    index_ = index_memory_.get<int32_t>(x.examples * x.features);
    value_ = value_memory_.get<T>(x.examples * x.features);
}

template <class T>
int64_t ActiveInputs<T>::place(int64_t example, int64_t block) const {
    const int64_t first = example / group_size * group_size, from = block * block_size_;
    return first * x_.features + std::min(group_size, x_.examples - first) * from +
           (example - first) * std::min(block_size_, x_.features - from);
}

template <class T>
bool ActiveInputs<T>::together(int64_t first, int64_t examples) const {
    if (x_.examples <= few_examples || examples < 2) return false;
    int64_t active = 0;
    for (int64_t e = first; e < first + examples; ++e)
        active += tiles<T>().count(x_.dense + e * x_.stride, x_.features);
    return active >= group_density * examples * x_.features;
}

template <class T>
void ActiveInputs<T>::list_group(int64_t group) {
    const Tiles<T> &tile = tiles<T>();
    const int64_t first = group * group_size;
    const int64_t examples = std::min(group_size, x_.examples - first);
    if (!together(first, examples)) {
        for (int64_t e = first; e < first + examples; ++e)
            for (int64_t b = 0; b < blocks_; ++b) {
                const int64_t from = b * block_size_, at = place(e, b);
                const int64_t size = std::min(block_size_, x_.features - from);
                count_[e * blocks_ + b] = tile.compact(x_.dense + e * x_.stride + from, size,
                                                       int32_t(from), index_ + at, value_ + at);
            }
        return;
    }
    grouped_[group] = 1;
    std::fill_n(&count_[first * blocks_], blocks_, 0);
    for (int64_t b = 0; b < blocks_; b += group_blocks_) {
        const int64_t from = b * block_size_, at = place(first, b);
        const int64_t size = std::min(group_blocks_ * block_size_, x_.features - from);
        const T *x[group_size];
        for (int64_t i = 0; i < examples; ++i) x[i] = x_.dense + (first + i) * x_.stride + from;
        count_[first * blocks_ + b] =
            tile.compact_group(x, examples, size, int32_t(from), index_ + at, value_ + at);
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
double ActiveInputs<T>::share() const {
    const double all = double(std::max<int64_t>(1, x_.examples * x_.features));
    if (!x_.dense) return double(x_.starts[x_.examples] - x_.starts[0]) / all;
    int64_t active = 0;
    for (int64_t e = 0; e < x_.examples; ++e)
        for (int64_t b = 0; b < blocks_; ++b)
            // In a group, the first example's list is that of all of them.
            active += grouped(e / group_size) ? count_[e / group_size * group_size * blocks_ + b]
                                              : count_[e * blocks_ + b];
    return double(active) / all;
}

template <class T>
void ActiveInputs<T>::fill(int64_t example, int64_t block, ForwardTile<T> &tile) const {
    if (!x_.dense) {
        tile.index = x_.index + x_.starts[example];
        tile.value = x_.value + x_.starts[example];
        tile.count = x_.starts[example + 1] - x_.starts[example];
        return;
    }
    const int64_t at = place(example, block);
    tile.index = index_ + at;
    tile.value = value_ + at;
    tile.count = count_[example * blocks_ + block];
    if (tile.examples > 1) return;  // a long list, which the processor itself reads ahead
    // The beginning of the list after the next: walking over a short one takes no longer than
    // fetching another from L2 (batch 512, 20% active: a tenth to a sixth faster).
    const int64_t later = place(std::min(example + 2, x_.examples - 1), block);
    const int64_t line = 64 / int64_t(sizeof(int32_t));
    for (int64_t j = 0; j < 2 * line; j += line) {
        __builtin_prefetch(index_ + later + j);
        __builtin_prefetch(value_ + later + j);
    }
}

// Copies a panel's block of weights to where they lie next to each other, in L1.
template <class T>
void pack(const ForwardLayer<T> &layer, const ActiveInputs<T> &active, int64_t block,
          int64_t column, ForwardTile<T> &tile) {
    static thread_local Scratch memory;
    const int64_t stride = tiles<T>().panel;
    const int64_t from = block * active.block_size();
    const int64_t rows = std::min(active.block_size(), layer.n_in - from);
    T *const copy = memory.get<T>(active.block_size() * stride);
    for (int64_t k = 0; k < rows; ++k)
        std::copy_n(layer.weight + (from + k) * layer.stride + column, tile.width,
                    copy + k * stride);
    tile.weight = copy - from * stride;
    tile.stride = stride;
    tile.near = true;
}

// Points a tile to a panel's block, and says where the next one begins.
template <class T>
const char *use_panel(const ForwardLayer<T> &layer, const ActiveInputs<T> &active, int64_t block,
                      int64_t column, ForwardTile<T> &tile) {
    tile.stride = tiles<T>().panel;
    tile.weight = layer.panels + column * layer.n_in;
    tile.near = true;
    return reinterpret_cast<const char *>(tile.weight +
                                          (block + 1) * active.block_size() * tile.stride);
}

template <class T>
void sum_layer(const ForwardLayer<T> &layer, const ActiveInputs<T> &active, Outputs<T> out) {
    const Tiles<T> &tile_loops = tiles<T>();
    const int64_t examples = active.examples();
    const bool wide = examples <= few_examples;
    // Columns of a task; no two threads write into one cache line.
    const int64_t line = 64 / int64_t(sizeof(T));
    const int64_t columns =
        wide ? divide_up(divide_up(layer.n_out, team_threads()), line) * line : tile_loops.panel;
    const int64_t panels = columns ? divide_up(layer.n_out, columns) : 0;
    // Few panels: their examples are shared out as well, by groups.
    const int64_t parts =
        wide ? 1
             : std::clamp<int64_t>(8 / std::max<int64_t>(panels, 1), 1,
                                   std::max<int64_t>(1, examples / 16));
    const int64_t part_size = divide_up(divide_up(examples, parts), group_size) * group_size;
#pragma omp for schedule(static)
    for (int64_t task = 0; task < panels * parts; ++task) {
        const int64_t column = task / parts * columns;
        const int64_t first = task % parts * part_size;
        const int64_t last = std::min(examples, first + part_size);
        ForwardTile<T> tile{};
        tile.weight = layer.weight + column;
        tile.stride = layer.stride;
        tile.sign = layer.sign + column;
        tile.width = std::min(columns, layer.n_out - column);
        for (int64_t block = 0; block < active.blocks(); ++block) {
            const char *later = nullptr;
            if (active.packed() && layer.panels)
                later = use_panel(layer, active, block, column, tile);
            else if (active.packed())
                pack(layer, active, block, column, tile);
            // While a block is used, the next one is asked for: so much of it per example. With
            // ten examples, which use two rows in three, that took a fifth longer.
            const int64_t lines = later && examples >= many_examples
                                      ? divide_up(active.block_size() * tile.stride *
                                                      int64_t(sizeof(T)) / 64,
                                                  std::max<int64_t>(1, last - first))
                                      : 0;
            for (int64_t example = first; example < last;) {
                const bool together = active.grouped(example / group_size);
                tile.examples = together ? std::min(group_size, examples - example) : 1;
                const int64_t listed = together ? active.group_blocks() : 1;
                if (block % listed != 0) {
                    example += tile.examples;
                    continue;
                }
                tile.finish =
                    block + listed >= active.blocks() ? layer.finish : Finish::partial;
                for (int64_t i = 0; i < tile.examples; ++i) {
                    tile.out[i] = out.values + (example + i) * out.stride + column;
                    tile.start[i] = block == 0 ? layer.bias + column : tile.out[i];
                }
                active.fill(example, block, tile);
                for (int64_t i = 0; i < lines * tile.examples; ++i, later += 64)
                    __builtin_prefetch(later, 0, 2);
                (wide ? tile_loops.forward_wide
                      : together ? tile_loops.forward_group
                                 : tile_loops.forward)(tile);
                example += tile.examples;
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
        const Inputs<T> part = x.rows(first, std::min(at_once, x.examples - first));
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

#define RECTINET_INSTANTIATE(T)                                                           \
    template class ActiveInputs<T>;                                                       \
    template void sum_layer(const ForwardLayer<T> &, const ActiveInputs<T> &, Outputs<T>); \
    template void forward(const Inputs<T> &, const ForwardLayer<T> &, Outputs<T>);
RECTINET_INSTANTIATE(float)
RECTINET_INSTANTIATE(double)

}  // namespace rectinet
