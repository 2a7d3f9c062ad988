#include "governance/night_document.h"

#include "governance/night_parts.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace qd::governance {

namespace {

using enum NightTone;
using Row = std::vector<NightLine>;

constexpr std::size_t mostRows = 40; // of a table: one page
constexpr std::size_t mostNames = 6;

/// The reason of "disable breakout" without its own "Disable: ".
std::string withoutRule(const NightProposal& row)
{
    const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
    const auto rule = row.rule + ": ";
    if (row.reason.size() <= rule.size() || !std::equal(rule.begin(), rule.end(), row.reason.begin(), same)) {
        return row.reason;
    }
    auto out = row.reason.substr(rule.size());
    out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
    return out;
}

std::string joined(const std::vector<std::string>& names, std::size_t most)
{
    std::string out;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
        out += (i == 0 ? "" : ", ") + names[i];
    }
    return names.size() > most ? out + " and " + std::to_string(names.size() - most) + " more" : out;
}

double seconds(base::Millis span)
{
    return static_cast<double>(span.count()) / 1'000;
}

/// What does not fit on the page is said.
void limit(NightSection& section, std::string_view one, std::string_view many)
{
    auto& rows = section.table.rows;
    if (rows.size() > mostRows) {
        section.after.push_back({"And " + counted(rows.size() - mostRows, one, many) + " more.", Muted});
        rows.resize(mostRows);
    }
}

class Maker {
public:
    Maker(const NightFigures& night, std::span<const NightFigures> before, const NightClock& clock)
        : night_(night),
          clock_(clock),
          comparable_(comparable(night, before)),
          comparisons_(compared(night, before))
    {
    }

    NightDocument document()
    {
        NightDocument out{.title = "Night report",
                          .span = bothClocks(clock_, night_.from) + " to " + bothClocks(clock_, night_.to) + ", " +
                                  spanText(seconds(night_.to - night_.from)),
                          .headline = {headline(night_), isQuiet() ? Good : Warning},
                          .sections = {}};
        if (night_.isFirst) {
            out.span += ". The first report: it looks back a day";
        }
        out.sections = {comparison(), gaps(), jobs(), proposals(), retrains(), alerts(), growth()};
        return out;
    }

private:
    [[nodiscard]] bool isQuiet() const
    {
        return night_.gaps.empty() && night_.backups.failed == 0 &&
               std::ranges::none_of(night_.jobs, [](const NightJob& job) { return job.bad() > 0; }) &&
               std::ranges::none_of(night_.alerts, &NightAlert::isNew);
    }

    [[nodiscard]] const NightComparison* find(const std::string& id) const
    {
        const auto found =
            std::ranges::find_if(comparisons_, [&](const NightComparison& row) { return row.figure.id == id; });
        return found == comparisons_.end() ? nullptr : &*found;
    }

    NightSection comparison() const
    {
        NightSection out{.title = "Beside the nights before", .lines = {}};
        if (comparable_ < fewestNights) {
            out.lines.push_back({"Too few to compare: " + counted(comparable_, "night", "nights") +
                                     " of about this length before it, and it wants " + std::to_string(fewestNights) +
                                     ".",
                                 Muted});
        } else {
            for (const auto& row : comparisons_) {
                if (auto text = outsideText(row); !text.empty()) {
                    out.lines.push_back({std::move(text), Warning});
                }
            }
            if (out.lines.empty()) {
                out.lines.push_back({"Each figure lies where it did on the last " + std::to_string(comparable_) +
                                         " nights of about this length.",
                                     Good});
            }
        }
        out.table.heads = {"figure", "this night", "usual (median)", "from", "to", "nights"};
        out.table.isFigure = {false, true, true, true, true, true};
        for (const auto& row : comparisons_) {
            if (!row.figure.id.starts_with("job.") && (row.figure.value || row.nights > 0)) {
                out.table.rows.push_back(rowOf(row));
            }
        }
        return out;
    }

    static Row rowOf(const NightComparison& row)
    {
        const auto text = [&](double value) { return valueText(row.figure.unit, value); };
        const bool isOutside = row.verdict == NightVerdict::Above || row.verdict == NightVerdict::Below;
        const auto tone = isOutside ? Warning : Plain;
        Row out{{row.figure.words, tone}, {row.figure.value ? text(*row.figure.value) : "not known", tone}};
        for (const auto value : {row.median, row.low, row.high}) {
            out.push_back({row.nights == 0 ? "" : text(value), Muted});
        }
        out.push_back({std::to_string(row.nights), Muted});
        return out;
    }

    NightSection gaps() const
    {
        NightSection out{.title = "Gaps", .lines = {}};
        if (night_.gaps.empty()) {
            out.lines.push_back({"No gap: no trade is known to be missing.", Good});
            return out;
        }
        std::uint32_t filled = 0;
        std::uint32_t open = 0;
        std::uint32_t lost = 0;
        out.table.heads = {"from", "long", "instruments", "cause", "what became of it"};
        out.table.isFigure = {false, true, false, false, false};
        for (const auto& gap : night_.gaps) {
            filled += gap.filled;
            open += gap.open;
            lost += gap.lost;
            out.table.rows.push_back({{bothClocks(clock_, gap.from)},
                                      {spanText(seconds(gap.to - gap.from))},
                                      {joined(gap.instruments, mostNames)},
                                      {joined(gap.causes, mostNames)},
                                      became(gap)});
        }
        out.lines.push_back({counted(night_.gaps.size(), "interruption", "interruptions") + ", " +
                                 spanText(secondsWithGaps(night_.gaps)) + " in all; of their " +
                                 counted(filled + open + lost, "gap", "gaps") + " " + std::to_string(filled) +
                                 " filled" + beyondFilled(open, lost) + ".",
                             lost > 0 ? Warning : Plain});
        limit(out, "interruption", "interruptions");
        return out;
    }

    static NightLine became(const NightGap& gap)
    {
        const auto all = gap.filled + gap.open + gap.lost;
        std::string text =
            gap.filled == all ? "filled" : std::to_string(gap.filled) + " of " + std::to_string(all) + " filled";
        text += beyondFilled(gap.open, gap.lost);
        text += gap.found > 0 ? "; " + counted(static_cast<std::uint64_t>(gap.found), "trade", "trades") + " came back"
                              : "";
        return {std::move(text), gap.lost > 0 ? Warning : gap.open > 0 ? Muted : Good};
    }

    static std::string beyondFilled(std::uint32_t open, std::uint32_t lost)
    {
        std::string out = lost > 0 ? ", " + std::to_string(lost) + " with something missing" : "";
        return open > 0 ? out + ", " + std::to_string(open) + " unknown or not measured yet" : out;
    }

    NightSection jobs() const
    {
        NightSection out{.title = "Jobs", .lines = {}};
        if (night_.jobs.empty()) {
            out.lines.push_back({"No job ran.", Muted});
            return out;
        }
        out.table.heads = {"job", "runs", "went wrong", "took", "usual (median)", "longest run"};
        out.table.isFigure = {false, true, false, true, true, true};
        for (const auto& job : night_.jobs) {
            const auto* usual = find("job." + job.name);
            const bool isKnown = usual != nullptr && usual->nights > 0;
            const bool isOutside = usual != nullptr && !outsideText(*usual).empty();
            out.table.rows.push_back({{job.title + (job.isUnderWay ? " (one is under way)" : "")},
                                      {std::to_string(job.runs)},
                                      wrong(job),
                                      {job.runs > 0 ? spanText(job.seconds) : "", isOutside ? Warning : Plain},
                                      {isKnown ? spanText(usual->median) : "not known yet", Muted},
                                      {job.runs > 0 ? spanText(job.longest) : "", Muted}});
            if (job.bad() > 0) {
                out.after.push_back({job.title + ": " + (job.trouble.empty() ? "it said nothing" : job.trouble), Bad});
            }
        }
        limit(out, "job", "jobs");
        return out;
    }

    static NightLine wrong(const NightJob& job)
    {
        std::string out;
        const auto say = [&](std::uint32_t n, const char* what) {
            if (n > 0) {
                out += (out.empty() ? "" : ", ") + std::to_string(n) + " " + what;
            }
        };
        say(job.failed, "failed");
        say(job.timedOut, "timed out");
        say(job.orphaned, "orphaned");
        say(job.cancelled, "cancelled");
        return {out.empty() ? "none" : out, job.bad() > 0 ? Bad : Muted};
    }

    NightSection proposals() const
    {
        NightSection out{.title = "Prunes and promotions", .lines = {}};
        const auto& reviews = night_.reviews;
        if (reviews.held == 0) {
            out.lines.push_back({"No review was held.", Muted});
        } else if (night_.proposals.empty()) {
            out.lines.push_back({counted(reviews.held, "review", "reviews") + " proposed nothing" +
                                     (reviews.abstained > 0 ? "; " + std::to_string(reviews.abstained) +
                                                                  " abstained: too much of its window was gap"
                                                            : "") +
                                     ".",
                                 Muted});
        }
        if (night_.proposals.empty()) {
            return out;
        }
        out.table.heads = {"reviewed", "proposal", "why", "what was done with it"};
        out.table.isFigure = {false, false, false, false};
        out.table.reasons = 2;
        for (const auto& row : night_.proposals) {
            const auto tone = row.state == "open" ? Warning : row.state == "applied" ? Good : Muted;
            out.table.rows.push_back(
                {{bothClocks(clock_, row.at)},
                 {row.rule + " " + row.subject},
                 {withoutRule(row), Muted},
                 {(row.state == "open" ? "waits for you" : row.state) + (row.note.empty() ? "" : ": " + row.note),
                  tone}});
        }
        limit(out, "proposal", "proposals");
        return out;
    }

    NightSection retrains() const
    {
        NightSection out{.title = "Trainings", .lines = {}};
        if (night_.retrains.empty()) {
            out.lines.push_back({"No model was trained.", Muted});
            return out;
        }
        out.table.heads = {"began", "model", "because", "took", "outcome", "why"};
        out.table.isFigure = {false, false, false, true, false, false};
        out.table.reasons = 5;
        for (const auto& run : night_.retrains) {
            const auto outcome = !run.ended            ? std::string("is under way")
                                 : run.version.empty() ? run.outcome
                                                       : run.outcome + " (" + run.version + ")";
            const bool isBad = run.outcome == "failed" || run.outcome == "quarantined";
            out.table.rows.push_back({{bothClocks(clock_, run.started)},
                                      {run.model},
                                      {run.trigger, Muted},
                                      {run.ended ? spanText(seconds(*run.ended - run.started)) : ""},
                                      {outcome, isBad ? Bad : Plain},
                                      {run.why, Muted}});
        }
        limit(out, "training", "trainings");
        return out;
    }

    NightSection alerts() const
    {
        NightSection out{.title = "Alerts", .lines = {}};
        if (night_.alerts.empty()) {
            out.lines.push_back({"None: nothing opened, and nothing was open.", Good});
            return out;
        }
        out.table.heads = {"opened", "ended", "what", "told by"};
        out.table.isFigure = {false, false, false, false};
        for (const auto& alert : night_.alerts) {
            out.table.rows.push_back(
                {{bothClocks(clock_, alert.opened), alert.isNew ? Plain : Muted},
                 {alert.cleared ? bothClocks(clock_, *alert.cleared) : "still open", alert.cleared ? Muted : Warning},
                 {alert.title + (alert.detail.empty() ? "" : ": " + alert.detail)},
                 {alert.toldBy.empty() ? "nobody" : alert.toldBy, Muted}});
        }
        limit(out, "alert", "alerts");
        return out;
    }

    NightSection growth() const
    {
        NightSection out{.title = "Memory, database, backups", .lines = {}};
        const auto& memory = night_.memory;
        if (memory.bytes) {
            std::string text = "The console holds " + bytesText(*memory.bytes);
            if (memory.growth) {
                text += ", " + growthText(*memory.growth) + " since the report before";
            } else if (memory.since && *memory.since > night_.from) {
                text += "; it was started in this night (" + bothClocks(clock_, *memory.since) +
                        "), so there is no growth to tell";
            } else {
                text += "; there is no figure of the report before to compare with";
            }
            out.lines.push_back({text + "."});
        } else {
            out.lines.push_back({"No console runs: its memory is not known.", Muted});
        }
        if (memory.machineFrom && memory.machineTo && memory.machineMost) {
            const auto percent = [](double value) {
                return valueText(NightUnit::Count, std::floor(value + 0.5)) + "%";
            };
            out.lines.push_back({"Of the machine's memory " + percent(*memory.machineFrom) + " were in use at first, " +
                                 percent(*memory.machineTo) + " at last, " + percent(*memory.machineMost) +
                                 " at most."});
        }
        out.lines.push_back(databaseLine());
        const auto& backups = night_.backups;
        if (backups.made == 0 && backups.failed == 0) {
            out.lines.push_back({"No backup was made.", Muted});
        } else {
            out.lines.push_back(
                {counted(backups.made, "backup", "backups") + " made and proven" +
                     (backups.made > 0 ? ", the newest of " + bytesText(backups.bytes) : "") +
                     (backups.failed > 0 ? "; " + counted(backups.failed, "failed", "failed") + ": " + backups.why
                                         : "") +
                     ".",
                 backups.failed > 0 ? Bad : Plain});
        }
        return out;
    }

    NightLine databaseLine() const
    {
        constexpr double soon = 30;
        const auto& store = night_.database;
        std::string text = "The database is " + bytesText(store.bytes) + " large";
        text += store.growth ? ", " + growthText(*store.growth) + " since the report before" : "";
        if (!store.freeBytes) {
            return {text + "."};
        }
        text += "; its disk has " + bytesText(*store.freeBytes) + " free";
        if (store.daysLeft) {
            text += ", full in about " +
                    counted(static_cast<std::uint64_t>(std::max(1.0, *store.daysLeft)), "day", "days") +
                    " at the pace of the last nights (" + growthText(store.perDay.value_or(0)) + " a day)";
        } else if (store.perDay) {
            text += ", and at the pace of the last nights it does not fill";
        } else {
            text += "; how long that lasts is known after another report";
        }
        return {text + ".", store.daysLeft && *store.daysLeft < soon ? Warning : Plain};
    }

    const NightFigures& night_;
    const NightClock& clock_;
    std::size_t comparable_;
    std::vector<NightComparison> comparisons_;
};

} // namespace

std::string bothClocks(const NightClock& clock, UtcMs time)
{
    constexpr std::size_t day = 10;
    constexpr std::size_t minute = 16;
    auto utc = base::isoText(time).substr(0, minute);
    utc[day] = ' ';
    const auto local = clock.text(time);
    if (local == utc) {
        return utc + " UTC";
    }
    const bool isSameDay = local.substr(0, day) == utc.substr(0, day);
    return local + " (" + (isSameDay ? utc.substr(day + 1) : utc) + " UTC)";
}

NightDocument nightDocument(const NightFigures& night, std::span<const NightFigures> before, const NightClock& clock)
{
    auto out = Maker(night, before, clock).document();
    if (!clock.zone.empty()) {
        out.span += ". Times of " + clock.zone;
    }
    return out;
}

} // namespace qd::governance
