// Memory that a thread keeps from one call to the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace rectinet {

// Grows as needed, aligned to cache lines; what it held is lost when it grows.
class Scratch {
   public:
    template <class T>
    T *get(int64_t count) {
        const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T);
        if (bytes > size_) {
            memory_.reset();
            size_ = 0;
            memory_.reset(::operator new(bytes, alignment));
            size_ = bytes;
            prefer_large_pages(memory_.get(), bytes);
        }
        return static_cast<T *>(memory_.get());
    }

   private:
    // Large pages: a walk over active rows touches a new page at almost every row.
    static void prefer_large_pages(void *memory, std::size_t bytes) {
#ifdef __linux__
        constexpr std::uintptr_t page = 4096;
        const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(memory) + page - 1) / page * page;
        const std::uintptr_t end = (reinterpret_cast<std::uintptr_t>(memory) + bytes) / page * page;
        if (bytes >= (std::size_t(1) << 21)) madvise(reinterpret_cast<void *>(begin), end - begin, MADV_HUGEPAGE);
#else
        (void)memory;
        (void)bytes;
#endif
    }

    static constexpr std::align_val_t alignment{64};
    struct Free {
        void operator()(void *memory) const { ::operator delete(memory, alignment); }
    };
    std::unique_ptr<void, Free> memory_;
    std::size_t size_ = 0;
};

}  // namespace rectinet
