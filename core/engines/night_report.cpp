#include "engines/night_report.h"

#include "engines/night_json.h"
#include "governance/job.h"
#include "health/backups.h"
#include "storage/alert_store.h"
#include "storage/backup_store.h"
#include "storage/gap_store.h"
#include "storage/instrument_store.h"
#include "storage/job_store.h"
#include "storage/model_store.h"
#include "storage/night_store.h"
#include "storage/policy_store.h"
#include "storage/review_store.h"

#include <QDateTime>
#include <QTimeZone>

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace qd::engines {

using base::ErrorCode;
using base::Millis;
using base::Result;
using base::UtcMs;
using namespace governance;
using storage::NightReportRow;
using storage::NightStore;

namespace {

constexpr std::size_t rowsBefore = 60; // read for a comparison: those of about the same length are taken
constexpr std::size_t rowsOfPace = 7;  // for the growth a day
constexpr std::size_t mostRuns = 50'000;
constexpr std::size_t mostOthers = 1'000; // alerts, trainings, backups
constexpr const char* afterAllDays = "~"; // sorts behind any date

QTimeZone zoneOf(storage::Database& database)
{
    const auto texts = storage::PolicyStore(database).texts();
    const auto found = texts ? texts->find("display.zone") : std::map<std::string, std::string>::const_iterator();
    const QTimeZone named(texts && found != texts->end() ? QByteArray::fromStdString(found->second) : QByteArray());
    return named.isValid() ? named : QTimeZone::systemTimeZone();
}

std::string localText(UtcMs time, const QTimeZone& zone, const char* format)
{
    return QDateTime::fromMSecsSinceEpoch(time.value, zone).toString(QLatin1String(format)).toStdString();
}

NightClock clockOf(const QTimeZone& zone)
{
    return {[zone](UtcMs time) { return localText(time, zone, "yyyy-MM-dd HH:mm"); }, zone.id().toStdString()};
}

/// Each part of a night from the ledger that holds it; the first error ends it.
class Collector {
public:
    Collector(storage::Database& database, const NightWish& wish) : database_(database), wish_(wish) {}

    Result<NightFigures> collect(std::vector<NightReportRow> before)
    {
        // A row of later than now is left from a clock that was ahead.
        std::erase_if(before, [&](const NightReportRow& row) { return row.to >= wish_.now; });
        out_.to = wish_.now;
        out_.isFirst = before.empty();
        out_.from = before.empty() ? wish_.now - base::oneDay : before.front().to;
        for (const auto part : {&Collector::gaps, &Collector::jobs, &Collector::proposals, &Collector::retrains,
                                &Collector::alerts, &Collector::backups, &Collector::machine}) {
            if (auto done = (this->*part)(); !done) {
                return std::unexpected(done.error());
            }
        }
        growth(before);
        return std::move(out_);
    }

private:
    [[nodiscard]] bool isOfIt(UtcMs time) const { return time >= out_.from && time < out_.to; }

    Result<void> gaps()
    {
        const auto instruments = storage::InstrumentStore(database_).all();
        const auto rows = instruments ? storage::GapStore(database_).all({out_.from, out_.to})
                                      : Result<std::vector<storage::GapRow>>(std::unexpected(instruments.error()));
        if (!rows) {
            return std::unexpected(rows.error());
        }
        for (const auto& instrument : *instruments) {
            names_[instrument.id.value] = instrument.name;
        }
        std::vector<NightLoss> losses;
        for (const auto& row : *rows) {
            losses.push_back({nameOf(row.instrument), storage::gapOf(row)});
        }
        out_.gaps = nightGaps(losses, out_.from, out_.to);
        return {};
    }

    [[nodiscard]] std::string nameOf(base::InstrumentId id) const
    {
        const auto found = names_.find(id.value);
        return found == names_.end() ? "instrument " + std::to_string(id.value) : found->second;
    }

    Result<void> jobs()
    {
        storage::JobStore store(database_);
        const auto all = store.jobs();
        const auto runs =
            all ? store.runsSince(out_.from, mostRuns) : Result<std::vector<JobRunRow>>(std::unexpected(all.error()));
        if (!runs) {
            return std::unexpected(runs.error());
        }
        std::map<std::string, std::string> titles;
        for (const auto& job : *all) {
            titles[job.name] = job.title;
        }
        out_.jobs = nightJobs(*runs, titles, nightJobName, out_.from, out_.to);
        return {};
    }

    Result<void> proposals()
    {
        storage::ReviewStore store(database_);
        const auto reviews = store.since(out_.from);
        if (!reviews) {
            return std::unexpected(reviews.error());
        }
        for (const auto& review : *reviews) {
            if (!isOfIt(review.heldAt)) {
                continue;
            }
            ++out_.reviews.held;
            out_.reviews.abstained += review.review.abstains ? 1 : 0;
            const auto rows = store.proposalsOf(review.id);
            if (!rows) {
                return std::unexpected(rows.error());
            }
            for (const auto& row : *rows) {
                const auto& subject = row.proposal.subject;
                addProposal(
                    {.at = review.heldAt,
                     .rule = std::string(governance::name(row.proposal.rule)),
                     .subject = subject.strategy + (subject.instrument ? " on " + nameOf(*subject.instrument) : ""),
                     .reason = reasonText(row.proposal),
                     .state = std::string(storage::name(row.state)),
                     .note = row.note});
            }
        }
        return {};
    }

    // What a newer review proposes again took the place of the same: it is one proposal.
    void addProposal(NightProposal proposal)
    {
        std::erase_if(out_.proposals, [&](const NightProposal& old) {
            return old.at < proposal.at && old.rule == proposal.rule && old.subject == proposal.subject &&
                   old.state == storage::name(storage::ProposalState::Gone);
        });
        out_.proposals.push_back(std::move(proposal));
    }

    Result<void> retrains()
    {
        const auto runs = storage::ModelStore(database_).runs({}, mostOthers);
        if (!runs) {
            return std::unexpected(runs.error());
        }
        for (const auto& run : *runs) {
            if (run.ended ? !isOfIt(*run.ended) : run.started >= out_.to) {
                continue;
            }
            out_.retrains.push_back({.started = run.started,
                                     .ended = run.ended,
                                     .model = run.model,
                                     .trigger = run.trigger,
                                     .outcome = run.outcome,
                                     .version = run.version,
                                     .why = run.why});
        }
        std::ranges::sort(out_.retrains, {}, &NightRetrain::started);
        return {};
    }

    // That this report's own forerunner was told is no alert.
    Result<void> alerts()
    {
        const auto rows = storage::AlertStore(database_).newest(mostOthers);
        if (!rows) {
            return std::unexpected(rows.error());
        }
        for (const auto& row : *rows) {
            const bool isOpen = !row.cleared || *row.cleared >= out_.to;
            if (row.opened >= out_.to || row.cause == nightJobName || (!isOpen && *row.cleared < out_.from)) {
                continue;
            }
            out_.alerts.push_back({.opened = row.opened,
                                   .cleared = isOpen ? std::nullopt : row.cleared,
                                   .isNew = row.opened >= out_.from,
                                   .title = row.title,
                                   .detail = row.detail,
                                   .toldBy = row.toldBy});
        }
        std::ranges::sort(out_.alerts, {}, &NightAlert::opened);
        return {};
    }

    Result<void> backups()
    {
        const auto rows = storage::BackupStore(database_).newest(mostOthers);
        if (!rows) {
            return std::unexpected(rows.error());
        }
        for (auto row = rows->rbegin(); row != rows->rend(); ++row) { // so that the newest has the last word
            if (!isOfIt(row->began) || row->isCancelled()) {
                continue;
            }
            if (row->isGood()) {
                ++out_.backups.made;
                out_.backups.bytes = static_cast<double>(row->bytes);
            } else {
                ++out_.backups.failed;
                out_.backups.why = row->error;
            }
        }
        return {};
    }

    Result<void> machine()
    {
        const auto points = storage::AlertStore(database_).history(out_.to);
        if (!points) {
            return std::unexpected(points.error());
        }
        auto& memory = out_.memory;
        for (const auto& point : *points) {
            if (point.probe == "Memory" && isOfIt(point.time)) {
                memory.machineFrom = memory.machineFrom.value_or(point.value);
                memory.machineTo = point.value;
                memory.machineMost = std::max(memory.machineMost.value_or(point.value), point.value);
            }
        }
        if (wish_.console) {
            memory.bytes = wish_.console->bytes;
            memory.since = wish_.console->since;
        }
        out_.database.bytes = static_cast<double>(database_.fileBytes() + database_.walBytes());
        struct statvfs disk{};
        if (::statvfs(database_.path().c_str(), &disk) == 0) {
            out_.database.freeBytes = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
        }
        return {};
    }

    // A row that cannot be read is as one that is not there: it must not keep tonight from being told.
    void growth(const std::vector<NightReportRow>& before)
    {
        constexpr Millis sameStart{5'000}; // a start is known by the kernel's ticks and a clock that is corrected
        std::optional<NightFigures> oldest;
        for (std::size_t i = 0; i < std::min(before.size(), rowsOfPace); ++i) {
            auto night = nightFrom(before[i].figures);
            if (!night) {
                continue;
            }
            auto& memory = out_.memory;
            const auto& then = night->memory;
            if (i == 0) {
                out_.database.growth = out_.database.bytes - night->database.bytes;
                const bool isSame =
                    memory.since && then.since && std::chrono::abs(*memory.since - *then.since) <= sameStart;
                if (isSame && memory.bytes && then.bytes) {
                    memory.growth = *memory.bytes - *then.bytes;
                }
            }
            oldest = std::move(*night);
        }
        if (!oldest || oldest->to >= out_.to) {
            return;
        }
        const auto days =
            static_cast<double>((out_.to - oldest->to).count()) / static_cast<double>(base::oneDay.count());
        out_.database.perDay = (out_.database.bytes - oldest->database.bytes) / days;
        if (out_.database.freeBytes) {
            out_.database.daysLeft =
                health::daysUntilFull(static_cast<std::uint64_t>(*out_.database.freeBytes), *out_.database.perDay);
        }
    }

    storage::Database& database_;
    const NightWish& wish_;
    NightFigures out_;
    std::map<std::int64_t, std::string> names_; // of instruments
};

Result<console::NightReport> reportOf(storage::Database& database, const NightFigures& night, std::string date,
                                      bool isKept)
{
    const auto rows = NightStore(database).before(isKept ? date : afterAllDays, rowsBefore);
    if (!rows) {
        return std::unexpected(rows.error());
    }
    std::vector<NightFigures> before;
    for (const auto& row : *rows) {
        if (auto other = nightFrom(row.figures); other && other->to < night.to) {
            before.push_back(std::move(*other));
        }
    }
    return console::NightReport{.date = std::move(date),
                                .isKept = isKept,
                                .figures = nightJson(night),
                                .document = nightDocument(night, before, clockOf(zoneOf(database)))};
}

} // namespace

std::optional<ProcessMemory> processMemory(int process, const std::filesystem::path& root)
{
    const auto folder = root / "proc" / std::to_string(process);
    std::ifstream sizes(folder / "statm");
    std::ifstream state(folder / "stat");
    std::ifstream machine(root / "proc" / "stat");
    std::uint64_t all = 0;
    std::uint64_t resident = 0;
    std::string line;
    if (!(sizes >> all >> resident) || !std::getline(state, line)) {
        return std::nullopt;
    }
    // The name of the process may hold spaces and brackets; the 22nd field is counted behind the last of these.
    constexpr int fieldsToStart = 20;
    std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
    std::string field;
    for (int i = 0; i < fieldsToStart; ++i) {
        fields >> field;
    }
    std::int64_t ticks = 0;
    std::int64_t booted = 0;
    std::istringstream(field) >> ticks;
    while (std::getline(machine, line)) {
        if (line.starts_with("btime ")) {
            std::istringstream(line.substr(6)) >> booted;
        }
    }
    const auto perSecond = std::max(1L, ::sysconf(_SC_CLK_TCK));
    return ProcessMemory{.bytes = static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)),
                         .since = {booted * 1'000 + ticks * 1'000 / perSecond}};
}

Result<NightFigures> nightFigures(storage::Database& database, const NightWish& wish)
{
    const auto date = localText(wish.now, zoneOf(database), "yyyy-MM-dd");
    auto before = NightStore(database).before(wish.isKept ? date : afterAllDays, rowsOfPace);
    return before ? Collector(database, wish).collect(std::move(*before)) : std::unexpected(before.error());
}

Result<NightReportRow> nightRow(storage::Database& database, const NightWish& wish)
{
    const auto night = nightFigures(database, wish);
    if (!night) {
        return std::unexpected(night.error());
    }
    return NightReportRow{.date = localText(wish.now, zoneOf(database), "yyyy-MM-dd"),
                          .from = night->from,
                          .to = night->to,
                          .headline = headline(*night),
                          .figures = nightJson(*night)};
}

Result<console::NightReport> keptNight(storage::Database& database, const std::string& date)
{
    NightStore store(database);
    auto row = date.empty() ? Result<NightReportRow>() : store.of(date);
    if (date.empty()) {
        auto newest = store.newest();
        row = !newest   ? Result<NightReportRow>(std::unexpected(newest.error()))
              : *newest ? Result<NightReportRow>(std::move(**newest))
                        : base::fail(ErrorCode::NotFound, "night report",
                                     "there is none yet: a console that runs makes one each morning");
    }
    const auto night = row ? nightFrom(row->figures) : Result<NightFigures>(std::unexpected(row.error()));
    return night ? reportOf(database, *night, row->date, true) : std::unexpected(night.error());
}

Result<console::NightReport> nightNow(storage::Database& database, NightWish wish)
{
    wish.isKept = false;
    const auto night = nightFigures(database, wish);
    return night ? reportOf(database, *night, {}, false) : std::unexpected(night.error());
}

Result<console::Nights> keptNights(storage::Database& database)
{
    const auto rows = NightStore(database).list();
    if (!rows) {
        return std::unexpected(rows.error());
    }
    console::Nights out;
    for (const auto& row : *rows) {
        out.rows.push_back({row.date, row.from, row.to, row.headline});
    }
    return out;
}

Result<std::string> runNightReport(const std::filesystem::path& file, const StoreLinks& store, const base::Clock& clock,
                                   JobRun& run)
{
    auto database = storage::Database::open(file, storage::Database::Mode::ReadOnly);
    auto row = database ? nightRow(*database, {.now = clock.now(), .console = processMemory(::getpid())})
                        : Result<NightReportRow>(std::unexpected(database.error()));
    if (!row) {
        return std::unexpected(row.error());
    }
    auto said = row->headline;
    run.progress(0.9, "keeping it");
    const auto kept = keepAndWait(store, StoreNight{.row = std::move(*row), .answer = {}}, run.token(), "night report");
    return kept ? Result<std::string>(std::move(said)) : std::unexpected(kept.error());
}

} // namespace qd::engines
