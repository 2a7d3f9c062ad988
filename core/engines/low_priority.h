// For threads of long work beside the engines: ticks and trades come first.
#pragma once

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace qd::engines {

/// Of the calling thread alone, which Linux allows. Refused, it runs on as it was.
inline void lowerPriority()
{
    constexpr int niceness = 10;
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), niceness);
}

/// Lower still: the least share of a busy processor, and nobody else is preempted for it. Of the calling thread, which
/// cannot come back: to rise again wants a privilege (RLIMIT_NICE is 0 by default), out of SCHED_IDLE as well as out of
/// this niceness. So not SCHED_IDLE: on a wholly busy machine its thread starves, and whoever closes waits for it.
inline void lowestPriority()
{
    constexpr int niceness = 19;
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), niceness);
    const sched_param none{};
    (void)sched_setscheduler(0, SCHED_BATCH, &none);
}

} // namespace qd::engines
