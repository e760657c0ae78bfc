// out = sign * activation(x W + b), over active inputs only.
#pragma once

#include <cstdint>
#include <vector>

#include "inputs.h"
#include "scratch.h"
#include "tiles.h"

namespace rectinet {

// A layer as the forward pass reads it.
template <class T>
struct ForwardLayer {
    int64_t n_in;
    int64_t n_out;
    const T *weight;
    int64_t stride;  // from one row to the next
    const T *bias;
    const T *sign;
    Finish finish;
    // The weights once more, panel by panel: row k of panel p begins at (p * n_in + k) * panel. Null
    // where there is no such copy.
    const T *panels = nullptr;
};

template <class T>
struct Outputs {
    T *values;
    int64_t stride;
};

// The active inputs of a minibatch, listed for the tiles of the forward pass.
//
// Examples that have most inputs active are listed in groups of six (the inputs active in any of
// them, with six values each): then a weight, once loaded, is used six times. The products with
// zero that this adds change no bit of a sum, so an example's output does not depend on which
// others are in its minibatch.
template <class T>
class ActiveInputs {
   public:
    // Makes room; to be called before the team starts. The tiles' sums run over blocks of inputs
    // whose part of a panel stays in L2 where several examples use it, or, packed, in L1.
    // With `panels`, the layer has a copy of its weights panel by panel.
    void prepare(const Inputs<T> &x, bool panels = false);

    // To be called by all threads of a team, or by one thread alone; ends with a barrier.
    void list();

    int64_t blocks() const { return blocks_; }
    int64_t block_size() const { return block_size_; }
    bool packed() const { return packed_; }
    int64_t examples() const { return x_.examples; }
    bool grouped(int64_t group) const { return grouped_[group] != 0; }
    // So many blocks share a group's list: where panels lie ready, its sums then stay in registers
    // for as many inputs as a panel has in L2, which is a tenth faster than block by block.
    int64_t group_blocks() const { return group_blocks_; }

    // Share of the inputs that are active, once they are listed.
    double share() const;

    // Adds the list of one block of an example, or of a group's first example, to a tile.
    void fill(int64_t example, int64_t block, ForwardTile<T> &tile) const;

   private:
    // Where an example's list of one block begins: group by group, and there block by block.
    int64_t place(int64_t example, int64_t block) const;
    // Whether most inputs of a group's examples are active.
    bool together(int64_t first, int64_t examples) const;
    void list_group(int64_t group);

    Inputs<T> x_{};
    int64_t blocks_ = 1;
    int64_t block_size_ = 1;
    bool packed_ = false;
    int64_t group_blocks_ = 1;
    Scratch index_memory_, value_memory_;
    int32_t *index_ = nullptr;
    T *value_ = nullptr;
    std::vector<int64_t> count_;
    std::vector<char> grouped_;
};

// The sums of a whole layer; to be called by all threads of a team, or by one thread alone. Ends
// with a barrier.
template <class T>
void sum_layer(const ForwardLayer<T> &layer, const ActiveInputs<T> &active, Outputs<T> out);

// One layer, with a team of its own.
template <class T>
void forward(const Inputs<T> &x, const ForwardLayer<T> &layer, Outputs<T> out);

}  // namespace rectinet
