// Memory that a thread keeps from one call to the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

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
        }
        return static_cast<T *>(memory_.get());
    }

   private:
    static constexpr std::align_val_t alignment{64};
    struct Free {
        void operator()(void *memory) const { ::operator delete(memory, alignment); }
    };
    std::unique_ptr<void, Free> memory_;
    std::size_t size_ = 0;
};

}  // namespace rectinet
