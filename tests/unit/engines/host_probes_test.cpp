#include "engines/host_probes.h"
#include "engines/whole_file.h"

#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

#include <cmath>
#include <fstream>

using namespace qd::engines;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// A machine of files: proc/ and sys/ under a temporary folder.
class FakeMachine {
public:
    void file(const std::string& path, const std::string& text) const
    {
        const auto full = root() / path;
        fs::create_directories(full.parent_path());
        std::ofstream(full, std::ios::trunc) << text;
    }
    void process(int pid, const std::string& name, int userTicks, int systemTicks) const
    {
        file("proc/" + std::to_string(pid) + "/stat",
             std::to_string(pid) + " (" + name + ") R 1 1 1 0 -1 4194304 1 0 0 0 " + std::to_string(userTicks) + " " +
                 std::to_string(systemTicks) + " 0 0 20 0 1 0 5 1 1\n");
    }
    [[nodiscard]] fs::path root() const { return fs::path(folder_.path().toStdString()); }
    [[nodiscard]] HostProbes probes() const { return HostProbes(root(), root()); }

private:
    QTemporaryDir folder_;
};

const HostProbes::Clock::time_point start{};

HostFigures once(const FakeMachine& machine)
{
    auto probes = machine.probes();
    return probes.measure(start);
}

} // namespace

class HostProbesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theTemperatureIsThatOfTheHottestSensorOfTheProcessor()
    {
        const FakeMachine machine;
        machine.file("sys/class/hwmon/hwmon0/name", "nvme\n");
        machine.file("sys/class/hwmon/hwmon0/temp1_input", "99000\n"); // hotter, but not the processor
        machine.file("sys/class/hwmon/hwmon1/name", "coretemp\n");
        machine.file("sys/class/hwmon/hwmon1/temp1_input", "61500\n");
        machine.file("sys/class/hwmon/hwmon1/temp2_input", "63000\n");
        machine.file("sys/class/hwmon/hwmon1/temp2_max", "100000\n");
        machine.file("sys/class/thermal/thermal_zone0/type", "x86_pkg_temp\n");
        machine.file("sys/class/thermal/thermal_zone0/temp", "90000\n"); // asked only where no sensor answers
        const auto figures = once(machine);
        QCOMPARE(figures.cpuTemperature.value, std::optional(63.0));
        QCOMPARE(figures.cpuTemperature.note, std::string("coretemp"));
    }

    void withoutASensorTheThermalZoneOfTheProcessorIsTaken()
    {
        const FakeMachine machine;
        machine.file("sys/class/thermal/thermal_zone0/type", "acpitz\n");
        machine.file("sys/class/thermal/thermal_zone0/temp", "80000\n");
        machine.file("sys/class/thermal/thermal_zone1/type", "x86_pkg_temp\n");
        machine.file("sys/class/thermal/thermal_zone1/temp", "47000\n");
        QCOMPARE(once(machine).cpuTemperature.value, std::optional(47.0));
    }

    void whatOpensAndCannotBeReadIsNotAvailable()
    {
        const FakeMachine machine; // as of a process that ended, or a sensor that went, between open and read
        fs::create_directories(machine.root() / "proc/77/stat");
        fs::create_directories(machine.root() / "sys/class/hwmon/hwmon0/temp1_input");
        machine.file("sys/class/hwmon/hwmon0/name", "coretemp\n");
        machine.process(78, "alive", 1, 1);
        QVERIFY(!once(machine).cpuTemperature.value);
        QVERIFY(!wholeFile(machine.root() / "proc"));
        QVERIFY(!wholeFile(machine.root() / "nowhere"));
        machine.file("empty", "");
        QCOMPARE(wholeFile(machine.root() / "empty"), std::optional(std::string()));
        machine.file("long", std::string(10'000, 'x') + std::string(1, '\0'));
        QCOMPARE(wholeFile(machine.root() / "long")->size(), std::size_t{10'001});
    }

    void aSensorThatIsOffOrTalksNonsenseIsNoTemperature()
    {
        for (const auto* reading : {"0\n", "-128000\n", "250000\n", "N/A\n", "", "47 000\n"}) {
            const FakeMachine machine;
            machine.file("sys/class/hwmon/hwmon0/name", "k10temp\n");
            machine.file("sys/class/hwmon/hwmon0/temp1_input", reading);
            const auto figures = once(machine);
            QCOMPARE(figures.cpuTemperature.value, std::nullopt);
            QCOMPARE(figures.cpuTemperature.note, std::string("no sensor of the processor on this machine"));
        }
    }

    void theLoadIsTheBusyShareOfAllCoresBetweenTwoLooks()
    {
        const FakeMachine machine;
        machine.file(
            "proc/stat",
            "cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 50 0 50 350 50 0 0 0 0 0\ncpu1 50 0 50 350 50 0 0 0\nintr 5\n");
        auto probes = machine.probes();
        const auto first = probes.measure(start);
        QCOMPARE(first.cpuLoad.value, std::nullopt);
        QCOMPARE(first.cpuLoad.note, std::string("measured from the second look on"));
        QCOMPARE(first.cores, 2);

        // 200 more: 40 user, 10 nice, 30 system, 100 idle, 20 waiting; guest time is counted in user already.
        machine.file("proc/stat", "cpu  140 10 130 800 120 0 0 0 90 0\ncpu0 1\ncpu1 1\n");
        QCOMPARE(probes.measure(start + 1s).cpuLoad.value, std::optional(0.4));
        QCOMPARE(probes.measure(start + 2s).cpuLoad.value, std::nullopt); // nothing has passed: no division by zero

        machine.file("proc/stat", "cpu  240 10 130 800 110 0 0 0 90 0\ncpu0 1\ncpu1 1\n"); // waiting stepped back
        QCOMPARE(probes.measure(start + 3s).cpuLoad.value, std::optional(1.0));
    }

    void aMachineThatTellsNothingGivesReasonsInsteadOfFigures()
    {
        const FakeMachine machine;
        auto probes = machine.probes();
        for (const auto& figures : {probes.measure(start), probes.measure(start + 1s)}) {
            QCOMPARE(figures.cpuLoad.value, std::nullopt);
            QCOMPARE(figures.cpuLoad.note, std::string("/proc/stat cannot be read"));
            QCOMPARE(figures.loadAverage.value, std::nullopt);
            QVERIFY(!figures.loadAverage.note.empty());
            QVERIFY(!figures.memory.value && !figures.memory.note.empty());
            QVERIFY(!figures.swap.value && !figures.swap.note.empty());
            QVERIFY(!figures.ownMemoryBytes.value && !figures.ownMemoryBytes.note.empty());
            QVERIFY(figures.busiest.empty());
        }
    }

    void memoryIsWhatProgramsMayStillTake()
    {
        const FakeMachine machine;
        machine.file("proc/meminfo",
                     "MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:    2000000 kB\n"
                     "SwapCached:            7 kB\nSwapTotal:       1000000 kB\nSwapFree:         600000 kB\n");
        const auto figures = once(machine);
        QCOMPARE(figures.memory.value->totalBytes, 8'000'000ULL * 1024);
        QCOMPARE(figures.memory.value->availableBytes, 2'000'000ULL * 1024);
        QCOMPARE(figures.memory.value->usedFraction(), 0.75);
        QCOMPARE(figures.swap.value->usedBytes, 400'000ULL * 1024);
    }

    void memoryWithoutItsAvailableLineIsNotGuessed()
    {
        const FakeMachine machine;
        machine.file("proc/meminfo", "MemTotal: 8000000 kB\nMemFree: 100000 kB\n");
        QCOMPARE(once(machine).memory.value.has_value(), false);
    }

    void swappingIsAnAmountOfPagesASecond()
    {
        const FakeMachine machine;
        machine.file("proc/meminfo", "SwapTotal: 1000 kB\nSwapFree: 1000 kB\n");
        machine.file("proc/vmstat", "nr_free_pages 5\npswpin 1000\npswpout 500\n");
        auto probes = machine.probes();
        QCOMPARE(probes.measure(start).swap.value->pagesPerSecond, 0.0);
        machine.file("proc/vmstat", "nr_free_pages 9\npswpin 1100\npswpout 600\n");
        QCOMPARE(probes.measure(start + 2s).swap.value->pagesPerSecond, 100.0);
    }

    void theDiskIsThatOfTheDataDirectory()
    {
        const FakeMachine machine;
        const auto figures = once(machine);
        QVERIFY(figures.disk.value.has_value());
        QVERIFY(figures.disk.value->totalBytes > figures.disk.value->freeBytes);
        QVERIFY(figures.disk.value->freeBytes > 0);
        HostProbes nowhere(machine.root() / "is/not/there", machine.root());
        const auto none = nowhere.measure(start).disk;
        QVERIFY(!none.value && none.note.find("is/not/there") != std::string::npos);
    }

    void theBusiestProcessesAreNamedBusiestFirst()
    {
        const FakeMachine machine;
        machine.process(10, "idle", 500, 500);
        machine.process(11, "busy (a) b", 100, 0);
        machine.process(12, "busier", 0, 100);
        machine.process(13, "little", 7, 0);
        machine.file("proc/self/status", "Name: x\nVmRSS:\t    2048 kB\n");
        auto probes = machine.probes();
        const auto first = probes.measure(start);
        QVERIFY(first.busiest.empty());
        QCOMPARE(first.ownMemoryBytes.value, std::optional<std::uint64_t>(2048 * 1024));

        const auto tick = static_cast<double>(sysconf(_SC_CLK_TCK));
        machine.process(11, "busy (a) b", 150, 25);
        machine.process(12, "busier", 50, 150);
        machine.process(13, "little", 8, 0);
        machine.process(14, "new", 900, 0); // since when it is not known
        machine.file("proc/15/stat", "15 (broken");
        const auto figures = probes.measure(start + 2s);
        QCOMPARE(figures.busiest.size(), std::size_t{3});
        QCOMPARE(figures.busiest[0].name, std::string("busier"));
        QCOMPARE(figures.busiest[0].pid, 12);
        QVERIFY(std::abs(figures.busiest[0].cores - 100 / tick / 2) < 1e-12);
        QCOMPARE(figures.busiest[1].name, std::string("busy (a) b"));
        QVERIFY(std::abs(figures.busiest[1].cores - 75 / tick / 2) < 1e-12);
        QCOMPARE(figures.busiest[2].name, std::string("little"));
    }

    void whoHoldsTheMemoryIsNamedMostFirst()
    {
        const FakeMachine machine;
        const auto process = [&](int pid, const std::string& name, int pages) {
            machine.file("proc/" + std::to_string(pid) + "/stat",
                         std::to_string(pid) + " (" + name + ") R 1 1 1 0 -1 4194304 1 0 0 0 1 1 0 0 20 0 1 0 5 1 " +
                             std::to_string(pages) + "\n");
        };
        process(11, "some", 30);
        process(12, "most", 900);
        process(13, "kernel", 0); // a thread of the kernel holds none
        process(14, "more", 500);
        process(15, "little", 2);
        const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
        const auto figures = once(machine); // already at the first look
        QCOMPARE(figures.hungriest.size(), std::size_t{3});
        QCOMPARE(figures.hungriest[0].name, std::string("most"));
        QCOMPARE(figures.hungriest[0].memoryBytes, 900 * page);
        QCOMPARE(figures.hungriest[1].name, std::string("more"));
        QCOMPARE(figures.hungriest[2].name, std::string("some"));
    }

    void aProcessThatTookTheNumberOfADeadOneIsNotNegative()
    {
        const FakeMachine machine;
        machine.process(20, "old", 900, 0);
        auto probes = machine.probes();
        (void)probes.measure(start);
        machine.process(20, "young", 3, 0);
        QVERIFY(probes.measure(start + 1s).busiest.empty());
    }

    void thisMachineAnswers()
    {
        HostProbes probes(fs::temp_directory_path());
        (void)probes.measure(HostProbes::Clock::now());
        const auto figures = probes.measure(HostProbes::Clock::now());
        QVERIFY(figures.memory.value && figures.memory.value->usedFraction() > 0 &&
                figures.memory.value->usedFraction() < 1);
        QVERIFY(figures.loadAverage.value && *figures.loadAverage.value >= 0);
        QVERIFY(figures.ownMemoryBytes.value && *figures.ownMemoryBytes.value > 1'000'000);
        QVERIFY(figures.cores >= 1);
        QVERIFY(figures.cpuTemperature.value || !figures.cpuTemperature.note.empty());
    }
};

QTEST_GUILESS_MAIN(HostProbesTest)
#include "host_probes_test.moc"
