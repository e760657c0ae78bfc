#include "instructions.h"

#include <atomic>

namespace rectinet {

std::vector<const InstructionSet *> available_instructions() {
    std::vector<const InstructionSet *> found;
#ifdef RECTINET_X86
    // These also ask whether the operating system saves the wide registers.
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        found.push_back(&avx512_instructions);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        found.push_back(&avx2_instructions);
#endif
    found.push_back(&plain_instructions);
    return found;
}

static std::atomic<const InstructionSet *> &chosen() {
    static std::atomic<const InstructionSet *> set{available_instructions().front()};
    return set;
}

const InstructionSet &instructions() { return *chosen(); }

const DotsSet &dots_set() {
#ifdef RECTINET_X86
    if (&instructions() == &avx512_instructions) return avx512_dots;
    if (&instructions() == &avx2_instructions) return avx2_dots;
#endif
    return plain_dots;
}

bool use_instructions(const std::string &name) {
    for (const InstructionSet *set : available_instructions())
        if (name == set->name) {
            chosen() = set;
            return true;
        }
    return false;
}

}  // namespace rectinet
