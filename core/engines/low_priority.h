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

/// Lower still: it runs only while nothing else wants the processor, and is preempted at once. Of the calling thread,
/// which cannot come back: to rise again wants a privilege (RLIMIT_NICE is 0 by default). On a wholly busy machine it
/// starves, so nothing that others wait for belongs on it. Niceness 19 would not: but the 99th percentile from tick to
/// decision then grew up to three times while a model was trained.
inline void lowestPriority()
{
    lowerPriority();
    const sched_param none{};
    (void)sched_setscheduler(0, SCHED_IDLE, &none);
}

} // namespace qd::engines
