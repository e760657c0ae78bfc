// The inner loops, once per instruction set: what one thread does on one tile of a layer.
//
// Weights are input-major: row k of `weight` is everything that input k touches, `stride` numbers
// from the row before. All loops walk over active inputs only.
#pragma once

#include <cstdint>

namespace rectinet {

// What becomes of a finished sum: z; or sign * z; or sign * max(z, 0).
enum class Finish { partial, linear, rectifier };

constexpr int largest_group = 6;

// Active inputs of a group of examples, and where their sums go.
template <class T>
struct ForwardTile {
    const int32_t *index;  // the active inputs, in the order in which they are added up
    const T *value;        // their values; in a group, those of all its examples, interleaved
    int64_t count;
    const T *weight;  // at the tile's first column
    int64_t stride;
    int64_t examples;  // of the group, at most `largest_group`
    const T *start[largest_group];  // what an example's sums begin with: the bias, or earlier sums
    const T *sign;
    T *out[largest_group];
    int64_t width;
    Finish finish;
    bool near;  // the weights are in L1: nothing need be asked for ahead
};

// How a row of weights moves.
enum class Rule { sgd, momentum, adam, gradient };

template <class T>
struct UpdateRule {
    Rule rule;
    T rate;  // of Adam: with the bias correction
    T momentum;
    T weight_l1;
    T weight_l2;
    bool plain;  // SGD without penalties: a row whose input is off stays as it is
};

// One row of weights and the examples in which its input is active.
template <class T>
struct RowTile {
    int64_t count;           // active examples
    const int32_t *example;  // which they are
    const T *value;          // the input in each
    T *product;              // += delta . weight for each; null where it is not wanted
    const T *delta;          // at the tile's first column
    int64_t delta_stride;
    T *weight;      // the row, at the tile's first column
    const T *next;  // the row that comes after it, likewise: it is asked for meanwhile
    T *first;   // velocity, Adam's mean, or where the gradient goes; as `weight`
    T *second;  // Adam's mean square
    T *scratch;  // `width` numbers
    int64_t width;
};

// At most so many units: a layer that is stepped by many rows at a time.
constexpr int64_t most_narrow = 16;

// Rows of a layer of few units, all examples, plain SGD.
template <class T>
struct NarrowTile {
    int64_t examples;
    int64_t rows;
    int64_t units;   // at most `most_narrow`
    const T *x;      // at the first row's input
    int64_t stride;  // of x
    const T *delta;  // (examples, units)
    T *weight;       // (rows, units)
    T rate;
    T *below;  // see Backward, at the first row's input; null where it is not wanted
    int64_t below_stride;
    const T *below_sign;
    T below_l1;
};

template <class T>
struct Tiles {
    int64_t panel;  // columns that the forward tile keeps in registers
    // Rows of a panel to copy together before many examples use them; 0: they are used in place.
    int64_t packed_rows;
    int64_t (*count)(const T *x, int64_t count);  // how many entries are not zero
    // Lists the entries that are not zero; returns how many. `index` and `value` have room for all.
    int64_t (*compact)(const T *x, int64_t count, int32_t first, int32_t *index, T *value);
    // Lists the inputs that are not zero in one of several examples, with the values of all.
    int64_t (*compact_group)(const T *const *x, int64_t examples, int64_t count, int32_t first,
                             int32_t *index, T *value);
    void (*forward)(const ForwardTile<T> &tile);        // one example, sums in registers
    void (*forward_group)(const ForwardTile<T> &tile);  // several examples, likewise
    void (*forward_wide)(const ForwardTile<T> &tile);   // one example, sums in L1, any width
    void (*row)(const RowTile<T> &tile, const UpdateRule<T> &rule);
    void (*narrow)(const NarrowTile<T> &tile);
};

struct InstructionSet {
    const char *name;
    Tiles<float> float_tiles;
    Tiles<double> double_tiles;
};

extern const InstructionSet plain_instructions;
#ifdef RECTINET_X86
extern const InstructionSet avx2_instructions;
extern const InstructionSet avx512_instructions;
#endif

}  // namespace rectinet
