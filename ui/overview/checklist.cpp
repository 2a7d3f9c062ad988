#include "ui/overview/checklist.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

using console::FeedState;

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
        out.reason = tr("%1 used, %2. Ticks need room: free some.").arg(format::percent(*probe->value / 100, 0), note);
        out.button = tr("Open Health");
        out.act = CheckAct::OpenHealth;
    }
    return out;
}

Check backupLine(const console::HealthSnapshot* health)
{
    Check out{.line = CheckLine::Backups, .title = tr("Place for backups"), .reason = tr("It is being looked at.")};
    if (health == nullptr || !health->care) {
        return out;
    }
    const auto& care = *health->care;
    out.state = CheckState::ToDo;
    out.button = tr("Open Storage");
    out.act = CheckAct::OpenStorage;
    const auto folder = format::text(care.policy.folder);
    const auto newest = std::ranges::find_if_not(care.backups, &health::BackupRow::isCancelled);
    if (folder.isEmpty()) {
        out.reason = tr("Choose a folder, best on another disk; backups go there by themselves.");
    } else if (!care.folderTrouble.empty()) {
        out.reason = tr("%1 cannot be used: %2.").arg(folder, format::text(care.folderTrouble));
    } else if (newest == care.backups.end()) {
        out.state = CheckState::Waiting;
        out.reason =
            tr("%1, %2 free. The first backup is made in about a minute.").arg(folder, format::bytes(care.folderFree));
    } else if (!newest->isGood()) {
        out.reason = tr("The newest backup failed: %1").arg(format::text(newest->error));
    } else {
        out.state = CheckState::Ok;
        out.reason = tr("%1, %2 free. Restored and compared every %3.")
                         .arg(folder, format::bytes(care.folderFree), format::duration(care.policy.every));
        if (care.isOnDatabasesDisk) {
            out.reason += QLatin1Char(' ') + tr("It is on the database's own disk and would be lost with it.");
        }
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

Check clockLine(const console::IngestSnapshot* ingest, const console::PaperSnapshot* paper)
{
    Check out{.line = CheckLine::Clock,
              .title = tr("Clock"),
              .reason = tr("Compared once quotes have come for half a minute.")};
    if (ingest == nullptr) {
        return out;
    }
    if (isRecorded(*ingest)) {
        out.state = CheckState::Ok;
        out.reason = tr("Recorded times are not compared.");
    } else if (ingest->clockOffset) {
        const auto off = ingest->clockOffset->count();
        const auto seconds = format::decimal(static_cast<double>(std::abs(off)) / 1'000, 1);
        const bool isKnown = paper != nullptr && paper->policy != nullptr;
        const auto limit =
            base::policySeconds(isKnown ? paper->policy->numbers : base::PolicyValues{}, "health.clock_s");
        if (std::abs(off) <= limit.count()) {
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

std::array<Check, 5> checklist(const Snapshots& snapshots)
{
    return {feedLine(snapshots.ingest.get()), diskLine(snapshots.health.get()), backupLine(snapshots.health.get()),
            alertLine(snapshots.health.get()), clockLine(snapshots.ingest.get(), snapshots.paper.get())};
}

QString word(CheckState state)
{
    return state == CheckState::Ok ? tr("done") : state == CheckState::ToDo ? tr("to do") : tr("waiting");
}

} // namespace qd::ui
