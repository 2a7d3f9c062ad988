#include "engines/host_probes.h"

#include "engines/whole_file.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>
#include <string_view>
#include <utility>

namespace qd::engines {

namespace fs = std::filesystem;

namespace {

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\n");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

template <typename Number>
std::optional<Number> number(std::string_view text)
{
    text = trimmed(text);
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::vector<std::string_view> fields(std::string_view line)
{
    std::vector<std::string_view> out;
    while (true) {
        const auto first = line.find_first_not_of(" \t\n");
        if (first == std::string_view::npos) {
            return out;
        }
        line.remove_prefix(first);
        const auto end = std::min(line.find_first_of(" \t\n"), line.size());
        out.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

/// The entries of a folder, sorted, so that the answer does not depend on the file system's order.
std::vector<fs::path> entries(const fs::path& folder)
{
    std::error_code error;
    std::vector<fs::path> out;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        out.push_back(it->path());
    }
    std::ranges::sort(out);
    return out;
}

bool startsWith(const fs::path& entry, std::string_view prefix)
{
    return entry.filename().string().starts_with(prefix);
}

/// Thousandths of a degree, as the kernel gives them. Sensors that are off read 0 or far outside of what silicon
/// survives.
std::optional<double> degrees(const fs::path& file)
{
    const auto text = wholeFile(file);
    const auto thousandths = text ? number<long long>(*text) : std::nullopt;
    if (!thousandths || *thousandths <= 0 || *thousandths > 150'000) {
        return std::nullopt;
    }
    return static_cast<double>(*thousandths) / 1000;
}

void keepHotter(Measured<double>& hottest, std::optional<double> found, const std::string& where)
{
    if (found && (!hottest.value || *found > *hottest.value)) {
        hottest = {found, where};
    }
}

/// "Key:   123 kB" of /proc/meminfo and /proc/self/status, in bytes.
std::optional<std::uint64_t> kilobytes(std::string_view text, std::string_view key)
{
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto words = fields(text.substr(0, end));
        if (words.size() >= 2 && words[0].size() == key.size() + 1 && words[0].starts_with(key) &&
            words[0].back() == ':') {
            const auto value = number<std::uint64_t>(words[1]);
            return value ? std::optional(*value * 1024) : std::nullopt;
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::nullopt;
}

double share(std::uint64_t part, std::uint64_t whole)
{
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// The programs of drivers that report the processor's own temperature.
bool isProcessorSensor(std::string_view driver)
{
    static const std::set<std::string_view> drivers{"coretemp",    "k10temp", "zenpower",
                                                    "cpu_thermal", "k8temp",  "via_cputemp"};
    return drivers.contains(driver);
}

bool isProcessorZone(std::string_view type)
{
    return type == "x86_pkg_temp" || type.find("cpu") != std::string_view::npos ||
           type.find("soc") != std::string_view::npos;
}

} // namespace

double MemoryFigures::usedFraction() const
{
    return share(totalBytes - std::min(availableBytes, totalBytes), totalBytes);
}

double DiskFigures::usedFraction() const
{
    return share(totalBytes - std::min(freeBytes, totalBytes), totalBytes);
}

HostProbes::HostProbes(fs::path dataDirectory, fs::path root)
    : dataDirectory_(std::move(dataDirectory)),
      root_(std::move(root))
{
}

HostFigures HostProbes::measure(Clock::time_point now)
{
    std::optional<double> seconds;
    if (before_ && now > *before_) {
        seconds = std::chrono::duration<double>(now - *before_).count();
    }
    HostFigures out;
    out.cpuTemperature = temperature();
    out.cpuLoad = cpuLoad(out.cores);
    out.loadAverage = loadAverage();
    memory(out, seconds);
    out.disk = disk();
    out.ownMemoryBytes = ownMemory();
    processes(out, seconds);
    before_ = now;
    return out;
}

Measured<double> HostProbes::temperature() const
{
    Measured<double> hottest;
    for (const auto& chip : entries(root_ / "sys/class/hwmon")) {
        const auto driver = wholeFile(chip / "name");
        if (!driver || !isProcessorSensor(trimmed(*driver))) {
            continue;
        }
        for (const auto& file : entries(chip)) {
            if (startsWith(file, "temp") && file.filename().string().ends_with("_input")) {
                keepHotter(hottest, degrees(file), std::string(trimmed(*driver)));
            }
        }
    }
    if (hottest.value) {
        return hottest;
    }
    for (const auto& zone : entries(root_ / "sys/class/thermal")) {
        const auto type = wholeFile(zone / "type");
        if (startsWith(zone, "thermal_zone") && type && isProcessorZone(trimmed(*type))) {
            keepHotter(hottest, degrees(zone / "temp"), std::string(trimmed(*type)));
        }
    }
    if (!hottest.value) {
        hottest.note = "no sensor of the processor on this machine";
    }
    return hottest;
}

Measured<double> HostProbes::cpuLoad(int& cores)
{
    const auto text = wholeFile(root_ / "proc/stat");
    const auto line = text ? std::string_view(*text).substr(0, text->find('\n')) : std::string_view();
    const auto words = fields(line);
    if (words.size() < 5 || words[0] != "cpu") {
        cpuBefore_.reset();
        return {{}, "/proc/stat cannot be read"};
    }
    int counted = 0;
    for (std::size_t at = text->find("\ncpu"); at != std::string::npos; at = text->find("\ncpu", at + 1)) {
        ++counted;
    }
    cores = std::max(1, counted);
    CpuTimes times;
    // user nice system idle iowait irq softirq steal; guest times are within user and nice already.
    for (std::size_t i = 1; i < std::min<std::size_t>(words.size(), 9); ++i) {
        const auto ticks = number<std::uint64_t>(words[i]).value_or(0);
        times.total += ticks;
        times.busy += i == 4 || i == 5 ? 0 : ticks;
    }
    const auto before = std::exchange(cpuBefore_, times);
    if (!before || times.total <= before->total) {
        return {{}, "measured from the second look on"};
    }
    // iowait may step back a little, so that busy could outrun total.
    const auto busy = times.busy - std::min(before->busy, times.busy);
    return {std::min(1.0, share(busy, times.total - before->total)),
            std::to_string(cores) + (cores == 1 ? " core" : " cores")};
}

Measured<double> HostProbes::loadAverage() const
{
    const auto text = wholeFile(root_ / "proc/loadavg");
    const auto words = text ? fields(*text) : std::vector<std::string_view>();
    const auto value = words.empty() ? std::nullopt : number<double>(words[0]);
    return value ? Measured<double>{value, "1 minute"} : Measured<double>{{}, "/proc/loadavg cannot be read"};
}

void HostProbes::memory(HostFigures& out, std::optional<double> seconds)
{
    const auto text = wholeFile(root_ / "proc/meminfo").value_or("");
    const auto total = kilobytes(text, "MemTotal");
    const auto available = kilobytes(text, "MemAvailable");
    if (total && available && *total > 0) {
        out.memory.value = MemoryFigures{*total, *available};
    } else {
        out.memory.note = "/proc/meminfo does not tell MemTotal and MemAvailable";
    }
    const auto swapTotal = kilobytes(text, "SwapTotal");
    const auto swapFree = kilobytes(text, "SwapFree");
    if (!swapTotal || !swapFree) {
        out.swap.note = "/proc/meminfo does not tell SwapTotal and SwapFree";
        return;
    }
    SwapFigures swap{.totalBytes = *swapTotal, .usedBytes = *swapTotal - std::min(*swapFree, *swapTotal)};
    const auto vmstat = wholeFile(root_ / "proc/vmstat").value_or("");
    std::uint64_t pages = 0;
    const auto words = fields(vmstat);
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        if (words[i] == "pswpin" || words[i] == "pswpout") {
            pages += number<std::uint64_t>(words[i + 1]).value_or(0);
        }
    }
    if (swapPagesBefore_ && seconds && pages >= *swapPagesBefore_) {
        swap.pagesPerSecond = static_cast<double>(pages - *swapPagesBefore_) / *seconds;
    }
    swapPagesBefore_ = pages;
    out.swap = {swap, swap.totalBytes == 0 ? "no swap on this machine" : ""};
}

Measured<DiskFigures> HostProbes::disk() const
{
    struct statvfs figures{};
    if (statvfs(dataDirectory_.c_str(), &figures) != 0 || figures.f_blocks == 0) {
        return {{}, "the file system of " + dataDirectory_.string() + " does not tell its size"};
    }
    const auto unit = static_cast<std::uint64_t>(figures.f_frsize);
    // Root's reserve counts as taken: what is left to us over what could ever be ours.
    const auto reserve = static_cast<std::uint64_t>(figures.f_bfree - std::min(figures.f_bavail, figures.f_bfree));
    return {DiskFigures{(figures.f_blocks - reserve) * unit, figures.f_bavail * unit}, ""};
}

Measured<std::uint64_t> HostProbes::ownMemory() const
{
    const auto text = wholeFile(root_ / "proc/self/status");
    const auto value = text ? kilobytes(*text, "VmRSS") : std::nullopt;
    return value ? Measured<std::uint64_t>{value, ""} : Measured<std::uint64_t>{{}, "/proc/self/status cannot be read"};
}

void HostProbes::processes(HostFigures& out, std::optional<double> seconds)
{
    constexpr std::size_t most = 3;
    const auto ticksPerSecond = static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto pageBytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    std::map<int, std::uint64_t> ticksNow;
    for (const auto& folder : entries(root_ / "proc")) {
        const auto pid = number<int>(folder.filename().string());
        const auto text = pid ? wholeFile(folder / "stat") : std::nullopt;
        // "1234 (name) R …": the name may hold blanks and brackets, so it ends at the last bracket.
        const auto open = text ? text->find('(') : std::string::npos;
        const auto close = text ? text->rfind(')') : std::string::npos;
        if (open == std::string::npos || close == std::string::npos || close < open) {
            continue;
        }
        const auto words = fields(std::string_view(*text).substr(close + 1));
        if (words.size() < 13) {
            continue;
        }
        const auto ticks = number<std::uint64_t>(words[11]).value_or(0) + number<std::uint64_t>(words[12]).value_or(0);
        ticksNow.emplace(*pid, ticks);
        ProcessLoad load{.pid = *pid, .name = text->substr(open + 1, close - open - 1)};
        if (words.size() > 21) {
            load.memoryBytes = number<std::uint64_t>(words[21]).value_or(0) * pageBytes;
        }
        if (load.memoryBytes > 0) {
            out.hungriest.push_back(load);
        }
        const auto before = processTicksBefore_.find(*pid);
        if (seconds && before != processTicksBefore_.end() && ticks > before->second) {
            load.cores = static_cast<double>(ticks - before->second) / ticksPerSecond / *seconds;
            out.busiest.push_back(std::move(load));
        }
    }
    processTicksBefore_ = std::move(ticksNow);
    std::ranges::stable_sort(out.busiest, std::ranges::greater{}, &ProcessLoad::cores);
    std::ranges::stable_sort(out.hungriest, std::ranges::greater{}, &ProcessLoad::memoryBytes);
    out.busiest.resize(std::min(out.busiest.size(), most));
    out.hungriest.resize(std::min(out.hungriest.size(), most));
}

} // namespace qd::engines
