// How many OpenMP threads a kernel may use.
#pragma once

#include <cstdint>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace rectinet {

// Obeys OMP_NUM_THREADS and omp_set_num_threads (which threadpoolctl calls), the CPU affinity of
// the process, and an enclosing parallel region. One thread for little work, and in a process
// forked from one that had threads: libgomp would wait for those for ever.
//
// `work`: multiply-adds, roughly.
int team_size(int64_t work);

// Threads of the team that the caller is part of.
inline int team_threads() {
#ifdef _OPENMP
    return omp_get_num_threads();
#else
    return 1;
#endif
}

}  // namespace rectinet
