// The heap of the process.
#pragma once

namespace qd::base {

/// How glibc shall keep it: blocks of 256 KiB and more are the system's again when they are freed (by itself the limit
/// grows to 32 MiB with what is freed, and such blocks then part the heap), and all threads share two arenas (by itself
/// eight for each core, each with free room of its own). A simulated day took 202 MB without; see
/// ARCHITECTURE.md, Memory.
/// Once, before the first thread.
void boundHeap();

/// Gives the system back what is free within the heap. glibc does it by itself only at the heap's end, so that long
/// work (a backup, a training, a replay) would leave its peak behind for as long as the console runs. Of any thread;
/// some milliseconds, while which others that allocate may wait.
void returnFreeMemory();

} // namespace qd::base
