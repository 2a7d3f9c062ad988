// Counts what a test program takes from the heap, so that it can see that something takes nothing. It replaces operator
// new, so one file of a program includes it. One thread.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

namespace qd::testkit {

inline std::size_t allocations = 0;

} // namespace qd::testkit

void* operator new(std::size_t size)
{
    ++qd::testkit::allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) {
        return memory;
    }
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
