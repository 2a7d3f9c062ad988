// What the machine under the console does: temperature, load, memory, disk, processes, read from /proc and /sys.
// Service thread; one object, called about once a second, since loads are differences between two calls. Blocks for
// file reads of the kernel only. A figure that cannot be had is empty, with the reason in words; nothing here fails or
// throws.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace qd::engines {

template <typename T>
struct Measured {
    std::optional<T> value;
    std::string note; // what was measured where, or why it was not
};

struct MemoryFigures {
    std::uint64_t totalBytes = 0;
    std::uint64_t availableBytes = 0; // MemAvailable: what programs may still take without swapping
    [[nodiscard]] double usedFraction() const;
};

struct SwapFigures {
    std::uint64_t totalBytes = 0;
    std::uint64_t usedBytes = 0;
    double pagesPerSecond = 0; // in and out since the call before: more than a trickle is swapping
};

struct DiskFigures {
    std::uint64_t totalBytes = 0;
    std::uint64_t freeBytes = 0; // for us, without root's reserve
    [[nodiscard]] double usedFraction() const;
};

struct ProcessLoad {
    int pid = 0;
    std::string name;
    double cores = 0;              // 1 is one core kept busy
    std::uint64_t memoryBytes = 0; // resident
};

struct HostFigures {
    Measured<double> cpuTemperature; // °C, the hottest sensor of the processor
    Measured<double> cpuLoad;        // fraction of all cores since the call before
    Measured<double> loadAverage;    // of the last minute, in runnable processes
    int cores = 1;
    Measured<MemoryFigures> memory;
    Measured<SwapFigures> swap;
    Measured<DiskFigures> disk;             // that of the data directory
    Measured<std::uint64_t> ownMemoryBytes; // resident set of this process
    std::vector<ProcessLoad> busiest;       // since the call before, busiest first, at most 3
    std::vector<ProcessLoad> hungriest;     // most memory first, at most 3
};

class HostProbes {
public:
    using Clock = std::chrono::steady_clock;

    /// `root` holds proc/ and sys/: "/" but in tests.
    explicit HostProbes(std::filesystem::path dataDirectory, std::filesystem::path root = "/");

    /// `now` only measures how long the call before is ago.
    [[nodiscard]] HostFigures measure(Clock::time_point now);

private:
    struct CpuTimes {
        std::uint64_t busy = 0;
        std::uint64_t total = 0;
    };

    [[nodiscard]] Measured<double> temperature() const;
    [[nodiscard]] Measured<double> cpuLoad(int& cores);
    [[nodiscard]] Measured<double> loadAverage() const;
    void memory(HostFigures& out, std::optional<double> seconds);
    [[nodiscard]] Measured<DiskFigures> disk() const;
    [[nodiscard]] Measured<std::uint64_t> ownMemory() const;
    void processes(HostFigures& out, std::optional<double> seconds);

    std::filesystem::path dataDirectory_;
    std::filesystem::path root_;
    std::optional<Clock::time_point> before_;
    std::optional<CpuTimes> cpuBefore_;
    std::optional<std::uint64_t> swapPagesBefore_;
    std::map<int, std::uint64_t> processTicksBefore_; // by pid, in the kernel's clock ticks
};

} // namespace qd::engines
