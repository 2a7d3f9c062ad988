// For threads of long work beside the engines: ticks and trades come first.
#pragma once

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

} // namespace qd::engines
