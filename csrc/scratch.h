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
//
// Much memory is asked for in pages of 2 MB, a hint that may be refused. In small pages, 1,024
// examples through 3 x 1000 units took up to 10% longer in some processes than in others; perhaps
// because chance decides into which sets of L2 these fall, which was not measured.
class Scratch {
   public:
    template <class T>
    T *get(int64_t count) {
        std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T);
        if (bytes > size_) {
            const bool much = bytes > huge_page / 2;
            const std::align_val_t alignment{much ? huge_page : cache_line};
            if (much) bytes = (bytes + huge_page - 1) / huge_page * huge_page;
            memory_.reset();
            size_ = 0;
            memory_ = std::unique_ptr<void, Free>(::operator new(bytes, alignment), Free{alignment});
            size_ = bytes;
#ifdef __linux__
            if (much) madvise(memory_.get(), bytes, MADV_HUGEPAGE);
#endif
        }
        return static_cast<T *>(memory_.get());
    }

   private:
    static constexpr std::size_t cache_line = 64, huge_page = std::size_t(2) << 20;
    struct Free {
        std::align_val_t alignment;
        void operator()(void *memory) const { ::operator delete(memory, alignment); }
    };
    std::unique_ptr<void, Free> memory_{nullptr, Free{std::align_val_t{cache_line}}};
    std::size_t size_ = 0;
};

}  // namespace rectinet
