#include "threads.h"

#include <algorithm>
#include <atomic>

#if defined(_OPENMP) && !defined(_WIN32)
#include <pthread.h>
#endif

namespace rectinet {
namespace {

// Starting and ending a parallel region takes one or two microseconds, in which a thread does
// about so many multiply-adds.
constexpr int64_t little_work = 200000;

#ifdef _OPENMP
std::atomic<bool> had_threads{false};
std::atomic<bool> forked{false};

#ifndef _WIN32
const int registered = pthread_atfork(nullptr, nullptr, [] {
    if (had_threads) forked = true;
});
#endif
#endif

}  // namespace

int team_size(int64_t work) {
#ifdef _OPENMP
    if (work < little_work || forked || omp_in_parallel()) return 1;
    const int allowed = std::min(omp_get_max_threads(), omp_get_num_procs());
    if (allowed > 1) had_threads = true;
    return std::max(1, allowed);
#else
    (void)work;
    return 1;
#endif
}

}  // namespace rectinet
