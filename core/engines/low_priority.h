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

/// Lower still: it runs only while nothing else wants the processor, and is preempted at once. Of the calling thread.
inline void lowestPriority()
{
    lowerPriority();
    const sched_param none{};
    (void)sched_setscheduler(0, SCHED_IDLE, &none);
}

} // namespace qd::engines
