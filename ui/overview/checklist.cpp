#include "ui/overview/checklist.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QStorageInfo>
#include <QTemporaryFile>

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

using console::FeedState;

constexpr std::int64_t clockOffMs = 2'000; // health.clock_s

QString tr(const char* source)
{
    return QCoreApplication::translate("checklist", source);
}

bool isRecorded(const console::IngestSnapshot& ingest)
{
    return ingest.state == console::EngineState::Idle;
}

Check feedLine(const console::IngestSnapshot* ingest)
{
    Check out{.line = CheckLine::Feed, .title = tr("Feed")};
    if (ingest == nullptr) {
        out.reason = tr("It is being started.");
        return out;
    }
    if (isRecorded(*ingest)) {
        out.state = CheckState::Ok;
        out.reason = tr("Recorded files; no exchange is asked.");
        return out;
    }
    switch (ingest->feed) {
    case FeedState::Online:
    case FeedState::CatchingUp:
        if (ingest->instruments.empty()) {
            out.reason = tr("It is being started.");
            break;
        }
        out.state = CheckState::Ok;
        out.reason = tr("Ticks of %1 instruments arrive.").arg(ingest->instruments.size());
        break;
    case FeedState::Silent:
        out.reason = tr("It is connected, but nothing has traded for a while.");
        break;
    case FeedState::Offline:
        if (ingest->state == console::EngineState::Struggling) {
            out.state = CheckState::ToDo;
            out.reason = tr("The exchange does not answer: %1").arg(format::text(ingest->detail));
            out.button = tr("Try now");
            out.act = CheckAct::Reconnect;
            break;
        }
        [[fallthrough]];
    case FeedState::Connecting:
    case FeedState::Subscribing:
        out.reason = tr("It is being connected.");
        break;
    }
    return out;
}

Check diskLine(const console::HealthSnapshot* health)
{
    Check out{.line = CheckLine::Disk, .title = tr("Disk"), .reason = tr("It is being measured.")};
    if (health == nullptr) {
        return out;
    }
    const auto probe = std::ranges::find(health->probes, std::string("Disk"), &console::ProbeRow::name);
    if (probe == health->probes.end() || !probe->value) {
        return out;
    }
    const auto note = format::text(probe->note);
    if (*probe->value < probe->limit) {
        out.state = CheckState::Ok;
        out.reason = tr("%1.").arg(note);
    } else {
        out.state = CheckState::ToDo;
        out.reason = tr("%1% used, %2. Ticks need room: free some.").arg(format::decimal(*probe->value, 0), note);
        out.button = tr("Open Health");
        out.act = CheckAct::OpenHealth;
    }
    return out;
}

Check backupLine(const FolderFacts& folder)
{
    Check out{.line = CheckLine::Backups,
              .state = CheckState::ToDo,
              .title = tr("Place for backups"),
              .button = tr("Choose…"),
              .act = CheckAct::ChooseFolder};
    if (folder.path.isEmpty()) {
        out.reason = tr("Choose a folder, best on another disk. This version makes no backups by itself yet.");
    } else if (!folder.trouble.isEmpty()) {
        out.reason = tr("%1 cannot be used: %2").arg(folder.path, folder.trouble);
    } else {
        out.state = CheckState::Ok;
        out.reason = tr("%1, %2 free. Kept for when this program makes backups; it makes none yet.")
                         .arg(folder.path, format::bytes(folder.freeBytes));
        if (folder.isOnDatabasesDisk) {
            out.reason += QLatin1Char(' ') + tr("It is on the database's own disk and would be lost with it.");
        }
        out.button = tr("Change…");
    }
    return out;
}

/// Done once a test reached somebody who does not look at this window.
Check alertLine(const console::HealthSnapshot* health)
{
    Check out{.line = CheckLine::Alerts, .title = tr("Alerts"), .reason = tr("What is stored of them is being read.")};
    if (health == nullptr || !health->alerts) {
        return out;
    }
    QStringList proven;
    for (const auto& channel : health->alerts->channels) {
        if (channel.isOn && channel.proven && channel.name != "heartbeat") {
            proven << (channel.name == "desktop" ? tr("the desktop") : tr("the webhook"));
        }
    }
    if (!proven.isEmpty()) {
        out.state = CheckState::Ok;
        out.reason = tr("A test by %1 arrived.").arg(proven.join(tr(" and ")));
        return out;
    }
    out.state = CheckState::ToDo;
    out.reason = tr("Send a test: until one arrives, nobody is told while this window is closed.");
    out.button = tr("Send a test…");
    out.act = CheckAct::OpenAlerts;
    return out;
}

Check clockLine(const console::IngestSnapshot* ingest)
{
    Check out{.line = CheckLine::Clock,
              .title = tr("Clock"),
              .reason = tr("Compared once live quotes have come for half a minute.")};
    if (ingest == nullptr) {
        return out;
    }
    if (isRecorded(*ingest)) {
        out.state = CheckState::Ok;
        out.reason = tr("Recorded times are not compared.");
    } else if (ingest->clockOffset) {
        const auto off = ingest->clockOffset->count();
        const auto seconds = format::decimal(static_cast<double>(std::abs(off)) / 1'000, 1);
        if (std::abs(off) <= clockOffMs) {
            out.state = CheckState::Ok;
            out.reason = tr("Within %1 s of the exchange's.").arg(seconds);
        } else {
            out.state = CheckState::ToDo;
            out.reason = (off > 0 ? tr("%1 s behind the exchange's. Set it, for instance by NTP.")
                                  : tr("%1 s ahead of the exchange's. Set it, for instance by NTP."))
                             .arg(seconds);
            out.button = tr("Open Health");
            out.act = CheckAct::OpenHealth;
        }
    }
    return out;
}

} // namespace

FolderFacts folderFacts(const QString& path, const QString& database)
{
    FolderFacts out{.path = path};
    if (path.isEmpty()) {
        return out;
    }
    if (!QFileInfo(path).isDir()) {
        out.trouble = tr("there is no such folder");
        return out;
    }
    QTemporaryFile probe(QDir(path).filePath(QStringLiteral(".quarterdeck-XXXXXX")));
    if (!probe.open() || probe.write("quarterdeck") < 0 || !probe.flush()) {
        out.trouble = probe.errorString();
        return out;
    }
    const QStorageInfo storage(path);
    out.freeBytes = static_cast<std::uint64_t>(std::max<qint64>(0, storage.bytesAvailable()));
    out.isOnDatabasesDisk = QStorageInfo(QFileInfo(database).path()).device() == storage.device();
    return out;
}

std::array<Check, 5> checklist(const Snapshots& snapshots, const FolderFacts& backups)
{
    return {feedLine(snapshots.ingest.get()), diskLine(snapshots.health.get()), backupLine(backups),
            alertLine(snapshots.health.get()), clockLine(snapshots.ingest.get())};
}

QString word(CheckState state)
{
    return state == CheckState::Ok ? tr("done") : state == CheckState::ToDo ? tr("to do") : tr("waiting");
}

} // namespace qd::ui
