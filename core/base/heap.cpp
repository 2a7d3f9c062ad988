#include "base/heap.h"

#include <malloc.h>

namespace qd::base {

void boundHeap()
{
    (void)mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    (void)mallopt(M_ARENA_MAX, 2);
}

void returnFreeMemory()
{
    (void)malloc_trim(0);
}

} // namespace qd::base
