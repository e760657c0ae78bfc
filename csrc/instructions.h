// Which instruction set the kernels use, chosen when the module is loaded.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "dots.h"
#include "tiles.h"

namespace rectinet {

// Those that this processor and its operating system can run, best first.
std::vector<const InstructionSet *> available_instructions();

const InstructionSet &instructions();

// Takes another one; false if this processor has none of that name.
bool use_instructions(const std::string &name);

template <class T>
const Tiles<T> &tiles() {
    if constexpr (std::is_same_v<T, float>)
        return instructions().float_tiles;
    else
        return instructions().double_tiles;
}

// Those of the set in use.
const DotsSet &dots_set();

template <class T>
const Dots<T> &dots() {
    if constexpr (std::is_same_v<T, float>)
        return dots_set().of_floats;
    else
        return dots_set().of_doubles;
}

}  // namespace rectinet
