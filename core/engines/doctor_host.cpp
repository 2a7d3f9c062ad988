// Doctor's checks of the machine: disk, memory, heat, clock, ports, service, display, network.
#include "engines/doctor.h"
#include "engines/host_probes.h"
#include "engines/owner_line.h"
#include "engines/port_holder.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTcpSocket>

#include <array>
#include <chrono>
#include <cstdlib>
#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/vfs.h>

namespace qd::engines {

namespace {

DoctorRow row(Finding finding, std::string what, std::string todo = {})
{
    return {.check = {}, .finding = finding, .what = std::move(what), .why = {}, .todo = std::move(todo)};
}

HostFigures figuresOf(const DoctorOptions& options)
{
    std::error_code ignored;
    auto folder = options.dataDir;
    while (!folder.empty() && folder != folder.root_path() && !std::filesystem::exists(folder, ignored)) {
        folder = folder.parent_path(); // the disk that it will be on
    }
    return HostProbes(folder.empty() ? std::filesystem::path(".") : folder, options.root)
        .measure(std::chrono::steady_clock::now());
}

DoctorRow lookAtDisk(const DoctorOptions& options)
{
    const auto disk = figuresOf(options).disk;
    return disk.value ? judgeFree(disk.value->freeBytes, disk.value->totalBytes) : row(Finding::Skip, disk.note);
}

DoctorRow lookAtFileSystem(const DoctorOptions& options)
{
    struct statfs status = {};
    if (::statfs(options.dataDir.c_str(), &status) != 0) {
        return row(Finding::Skip, "the folder is not there yet");
    }
    constexpr std::array<unsigned long, 4> remote{0x6969, 0xff534d42, 0xfe534d42, 0x517b}; // NFS, CIFS, SMB2, SMB
    for (const auto kind : remote) {
        if (static_cast<unsigned long>(status.f_type) == kind) {
            return row(Finding::Warn, "the folder lies on another machine",
                       "Put it on a disk of this one: locks and syncs over a network cannot be trusted.");
        }
    }
    return row(Finding::Ok, "the folder lies on this machine");
}

DoctorRow lookAtMemory(const DoctorOptions& options)
{
    const auto memory = figuresOf(options).memory;
    return memory.value ? judgeMemory(memory.value->availableBytes, memory.value->totalBytes)
                        : row(Finding::Skip, memory.note);
}

DoctorRow lookAtHeat(const DoctorOptions& options)
{
    const auto heat = figuresOf(options).cpuTemperature;
    return heat.value ? judgeTemperature(*heat.value, heat.note, limitsInForce(options))
                      : row(Finding::Skip, "not available here: " + heat.note);
}

DoctorRow lookAtClock(const DoctorOptions& options)
{
    if (const auto owner = OwnerLine(options.database).owner(); owner && owner->clockOffset) {
        return judgeOffset(*owner->clockOffset, limitsInForce(options));
    }
    timex state{};
    const int answer = ::adjtimex(&state); // reads only
    if (answer < 0) {
        return row(Finding::Skip, "the system does not tell");
    }
    if ((static_cast<unsigned>(state.status) & STA_UNSYNC) != 0) {
        return row(Finding::Warn, "nothing sets this machine's clock",
                   "Run 'sudo timedatectl set-ntp true', or install chrony.");
    }
    return row(Finding::Ok, "it is set by the network");
}

DoctorRow lookAtPort(const DoctorOptions& options)
{
    const auto port = std::to_string(options.apiPort);
    if (const auto owner = OwnerLine(options.database).owner(); owner && owner->apiPort != 0) {
        return row(Finding::Ok, "the console's HTTP API answers on port " + std::to_string(owner->apiPort));
    }
    const auto holder = portHolder(options.apiPort, options.root / "proc");
    return holder.empty() ? row(Finding::Ok, "port " + port + " is free")
                          : row(Finding::Warn, "port " + port + " is held by " + holder,
                                "End it, or give the console another with --api-port.");
}

DoctorRow lookAtService(const DoctorOptions&)
{
    const auto systemctl = QStandardPaths::findExecutable(QStringLiteral("systemctl"));
    if (systemctl.isEmpty() || !qEnvironmentVariableIsSet("XDG_RUNTIME_DIR")) {
        return row(Finding::Skip, "there is no service manager of this user");
    }
    constexpr int patience = 5'000;
    QProcess ask;
    ask.start(systemctl, {QStringLiteral("--user"), QStringLiteral("is-active"), QStringLiteral("quarterdeck")});
    if (!ask.waitForFinished(patience)) {
        ask.kill();
        ask.waitForFinished(patience);
        return row(Finding::Skip, "the service manager does not answer");
    }
    const auto state = QString::fromUtf8(ask.readAllStandardOutput()).trimmed();
    if (state == QLatin1String("failed")) {
        return row(Finding::Fail, "quarterdeck.service has failed",
                   "See why: 'journalctl --user -u quarterdeck', then 'systemctl --user restart quarterdeck'.");
    }
    return state.isEmpty() || state == QLatin1String("unknown")
               ? row(Finding::Skip, "there is no service manager of this user")
               : row(Finding::Ok, "quarterdeck.service is " + state.toStdString());
}

DoctorRow lookAtDisplay(const DoctorOptions&)
{
    const char* wayland = std::getenv("WAYLAND_DISPLAY");
    const char* x = std::getenv("DISPLAY");
    if (wayland == nullptr && x == nullptr) {
        return row(Finding::Skip, "there is none; 'quarterdeck run --headless' wants none");
    }
    return row(Finding::Ok, wayland != nullptr ? std::string("Wayland, ") + wayland : std::string("X11, ") + x);
}

DoctorRow lookAtFiles(const DoctorOptions&)
{
    constexpr rlim_t least = 512;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return row(Finding::Skip, "the system does not tell");
    }
    const auto what = std::to_string(limit.rlim_cur) + " at once";
    return limit.rlim_cur < least ? row(Finding::Warn, what, "Raise it: 'ulimit -n 4096'.") : row(Finding::Ok, what);
}

DoctorRow lookAtLibraries(const DoctorOptions&)
{
    const auto what = std::string("Qt ") + qVersion() + ", made for " QT_VERSION_STR;
    const auto major = [](std::string_view version) { return version.substr(0, version.find('.')); };
    return major(qVersion()) != major(QT_VERSION_STR)
               ? row(Finding::Fail, what, "Install the package again: it brings the libraries that it was made for.")
               : row(Finding::Ok, what);
}

DoctorRow lookAtNetwork(const DoctorOptions& options)
{
    constexpr int patience = 5'000;
    if (options.feed != "blofin" || !options.asksNetwork) {
        return row(Finding::Skip, options.asksNetwork ? "this feed asks no exchange" : "not asked for (--offline)");
    }
    QTcpSocket socket;
    socket.connectToHost(QStringLiteral("openapi.blofin.com"), 443);
    if (!socket.waitForConnected(patience)) {
        return row(Finding::Fail, "openapi.blofin.com cannot be reached: " + socket.errorString().toStdString(),
                   "Check the line, the name server, and whether a firewall lets port 443 out.");
    }
    return row(Finding::Ok, "openapi.blofin.com answers");
}

} // namespace

void addHostChecks(std::vector<DoctorCheck>& out, const DoctorOptions& options)
{
    const auto add = [&](const char* what, const char* why, DoctorRow (*look)(const DoctorOptions&)) {
        out.push_back({what, why, [options, look] { return look(options); }});
    };
    add("disk space", "A full disk stops the store; nothing new is kept then.", lookAtDisk);
    add("file system", "The writer's lock and every commit rely on it.", lookAtFileSystem);
    add("memory", "A machine that swaps is late with its ticks.", lookAtMemory);
    add("temperature", "A hot processor slows down, and everything with it.", lookAtHeat);
    add("clock", "Lag, silence and the age of a price are told by it.", lookAtClock);
    add("API port", "The status page, scripts and monitors ask there.", lookAtPort);
    add("service", "It keeps the engines running without a window.", lookAtService);
    add("display", "The window wants one.", lookAtDisplay);
    add("open files", "Each database, socket and thread of readers takes some.", lookAtFiles);
    add("libraries", "Older ones have faults that cost data.", lookAtLibraries);
    add("exchange", "Without it there are no new prices.", lookAtNetwork);
}

} // namespace qd::engines
