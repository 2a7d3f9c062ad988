// Pages of a window that watches which come from the engines' newest snapshots.
#include "ui/decision_words.h"
#include "ui/watch/watch_pages.h"
#include "ui/watch/watch_words.h"

namespace qd::ui {

using watching::itemsOf;
using watching::right;
using watching::rowsOf;
using watching::tip;

namespace {

Meaning toneOfState(const QString& state)
{
    return state == QLatin1String("running")      ? Meaning::Gain
           : state == QLatin1String("starting")   ? Meaning::Focus
           : state == QLatin1String("struggling") ? Meaning::Warning
           : state == QLatin1String("failed")     ? Meaning::Loss
                                                  : Meaning::TextFaint;
}

/// One state a row: what it is of, its name, its value.
class Facts {
public:
    Facts(const QJsonObject& status, const WatchTime& time) : status_(status), time_(time) {}
    void of(const char* part, const QString& title)
    {
        part_ = part == nullptr ? status_ : status_.value(QLatin1String(part)).toObject();
        title_ = title;
    }
    /// Nothing where the part has not started.
    template <typename Put>
    void add(const QString& what, Put put)
    {
        if (part_.isEmpty()) {
            return;
        }
        WatchLine line(title_ + QLatin1Char('/') + what, part_, time_);
        line.put({.text = title_, .tone = Meaning::TextMuted}).put({.text = what});
        put(line);
        rows_.push_back(line.take());
    }
    [[nodiscard]] const QJsonObject& part() const { return part_; }
    [[nodiscard]] std::vector<WatchRow> take() { return std::move(rows_); }

private:
    const QJsonObject& status_;
    const WatchTime& time_;
    QJsonObject part_;
    QString title_;
    std::vector<WatchRow> rows_;
};

void addConsole(Facts& facts)
{
    facts.of(nullptr, tip("Console"));
    facts.add(tip("Feed"), [](WatchLine& line) { line.text("feed"); });
    facts.add(tip("Database"), [](WatchLine& line) { line.text("database"); });
    facts.add(tip("Process"), [&](WatchLine& line) {
        line.put({.text = QString::number(facts.part().value(QLatin1String("process")).toInteger())});
    });
    facts.add(tip("Version"), [](WatchLine& line) { line.text("version"); });
    facts.add(tip("Running since"), [](WatchLine& line) { line.moment("started"); });
}

void addFeed(Facts& facts)
{
    facts.of("ingest", tip("Feed"));
    facts.add(tip("State"), [&](WatchLine& line) {
        const auto state = textIn(facts.part(), "feed");
        line.text("feed", state == QLatin1String("online") ? Meaning::Gain : Meaning::Warning);
    });
    facts.add(tip("Address"), [](WatchLine& line) { line.text("address"); });
    facts.add(tip("Detail"), [](WatchLine& line) { line.text("detail"); });
    facts.add(tip("Instruments"), [](WatchLine& line) { line.whole("instruments"); });
    facts.add(tip("Newest tick"), [](WatchLine& line) { line.moment("newest_tick"); });
    facts.add(tip("Ticks a second"), [](WatchLine& line) { line.figure("ticks_per_second", 1); });
    facts.add(tip("Ticks since the start"), [](WatchLine& line) { line.whole("ticks"); });
    facts.add(tip("Ticks that only REST gave"), [](WatchLine& line) { line.whole("filled"); });
    facts.add(tip("Late ticks"), [](WatchLine& line) { line.whole("late"); });
    facts.add(tip("Reconnects"), [](WatchLine& line) { line.whole("reconnects"); });
    facts.add(tip("Gaps today"), [](WatchLine& line) { line.whole("gaps_today"); });
    facts.add(tip("The exchange's clock less ours, ms"), [](WatchLine& line) { line.whole("clock_offset_ms"); });
}

void addPaper(Facts& facts)
{
    facts.of("paper", tip("Paper trading"));
    facts.add(tip("Entries"), [&](WatchLine& line) {
        const bool isPaused = facts.part().value(QLatin1String("is_paused")).toBool();
        line.put(
            {.text = isPaused ? tip("paused") : tip("allowed"), .tone = isPaused ? Meaning::Warning : Meaning::Gain});
    });
    facts.add(tip("Equity, USDT"), [](WatchLine& line) { line.figure("equity", 2); });
    facts.add(tip("Capital, USDT"), [](WatchLine& line) { line.figure("capital", 2); });
    facts.add(tip("Gain on the capital"), [](WatchLine& line) { line.gain("gain", 2); });
    facts.add(tip("Counted since"), [](WatchLine& line) { line.moment("since"); });
    facts.add(tip("Today since 00:00 UTC, USDT"), [](WatchLine& line) { line.money("today"); });
    facts.add(tip("Trades closed today"), [](WatchLine& line) { line.whole("closed_today"); });
    facts.add(tip("Won of these"), [](WatchLine& line) { line.whole("won_today"); });
    facts.add(tip("Trades closed in all"), [](WatchLine& line) { line.whole("closed_total"); });
    facts.add(tip("Profit factor, 7 days"), [](WatchLine& line) { line.figure("profit_factor_7d", 2); });
    facts.add(tip("Drawdown now"), [](WatchLine& line) { line.share("drawdown", 2); });
    facts.add(tip("Deepest drawdown"), [](WatchLine& line) { line.share("max_drawdown", 2); });
    facts.add(tip("Tick lag p99"), [](WatchLine& line) { line.inUnit("tick_lag_p99_ms", QStringLiteral("ms")); });
}

void addOthers(Facts& facts)
{
    facts.of("store", tip("Store"));
    facts.add(tip("Ticks stored"), [](WatchLine& line) { line.whole("ticks"); });
    facts.add(tip("Database, MB"), [&](WatchLine& line) {
        constexpr double mega = 1e6;
        const auto size = facts.part().value(QLatin1String("bytes")).toDouble();
        line.put({.text = format::decimal(size / mega, 1), .sort = size});
    });
    facts.add(tip("Write lag"), [](WatchLine& line) { line.inUnit("write_lag_ms", QStringLiteral("ms")); });
    facts.add(tip("Rows a second"), [](WatchLine& line) { line.figure("rows_per_second", 0); });
    facts.add(tip("Newest error"), [](WatchLine& line) { line.text("detail", Meaning::Loss); });
    facts.of("governance", tip("Governance"));
    facts.add(tip("Open proposals"), [](WatchLine& line) { line.whole("open_proposals"); });
    facts.add(tip("Running experiments"), [](WatchLine& line) { line.whole("running_experiments"); });
    facts.add(tip("Last review"), [](WatchLine& line) { line.moment("reviewed"); });
    facts.add(tip("Next review"), [](WatchLine& line) { line.moment("next_review"); });
    facts.of("learning", tip("Retraining"));
    facts.add(tip("Trains now"), [&](WatchLine& line) {
        const auto running = facts.part().value(QLatin1String("running")).toObject();
        line.put(
            {.text = running.isEmpty()
                         ? tip("nothing")
                         : tip("%1, %2").arg(textIn(running, "model"),
                                             format::percent(running.value(QLatin1String("progress")).toDouble(), 0))});
    });
    facts.add(tip("Waiting"), [&](WatchLine& line) {
        const auto count = facts.part().value(QLatin1String("waiting")).toArray().size();
        line.put({.text = QString::number(count), .sort = static_cast<double>(count)});
    });
    facts.add(tip("Challengers"), [](WatchLine& line) { line.whole("challengers"); });
    facts.add(tip("Quarantined"), [](WatchLine& line) { line.whole("quarantined"); });
    facts.of("health", tip("Health"));
    facts.add(tip("Score, of 100"), [](WatchLine& line) { line.figure("score", 0); });
    facts.add(tip("In a word"), [](WatchLine& line) { line.text("label"); });
    facts.add(tip("What caps it"), [](WatchLine& line) { line.text("cap"); });
}

std::vector<WatchRow> statusRows(const QJsonObject& answer, const WatchTime& time)
{
    Facts facts(answer, time);
    addConsole(facts);
    addFeed(facts);
    addPaper(facts);
    addOthers(facts);
    return facts.take();
}

/// While the API is silent nobody knows: an engine's last word would be a lie.
std::vector<WatchRow> engineRows(const QJsonObject& answer, const WatchTime& time)
{
    return rowsOf(answer.value(QLatin1String("engines")), [&](const QJsonObject& engine) {
        const auto state = textIn(engine, "state");
        WatchLine line(textIn(engine, "name"), engine, time);
        line.text("name").put(time.isSilent
                                  ? WatchCell{.text = tip("no answer"),
                                              .help = tip("The API does not answer. It was %1 before").arg(state),
                                              .tone = Meaning::Loss}
                                  : WatchCell{.text = state, .tone = toneOfState(state)});
        return line.seconds("since_beat_s").seconds("uptime_s").whole("restarts").text("detail").take();
    });
}

std::vector<WatchRow> positionRows(const QJsonObject& answer, const WatchTime& time)
{
    const auto paper = answer.value(QLatin1String("paper")).toObject();
    return rowsOf(paper.value(QLatin1String("positions")), [&](const QJsonObject& row) {
        return WatchLine(textIn(row, "strategy") + QLatin1Char('/') + textIn(row, "instrument") + QLatin1Char('/') +
                             textIn(row, "entered"),
                         row, time)
            .text("strategy")
            .text("instrument")
            .text("side")
            .moment("entered")
            .exact("size")
            .exact("entry")
            .exact("stop")
            .exact("target")
            .money("unrealised")
            .gain("unrealised_share", 2)
            .yes("in_shadow", tip("shadow"), Meaning::TextMuted)
            .take();
    });
}

QString joined(const QJsonValue& list)
{
    QStringList out;
    const auto items = list.toArray();
    for (const auto& item : items) {
        out << item.toString();
    }
    return out.join(QStringLiteral(", "));
}

std::vector<WatchRow> strategyRows(const QJsonObject& answer, const WatchTime& time)
{
    return itemsOf(answer, [&](const QJsonObject& row) {
        const bool isOn = row.value(QLatin1String("is_enabled")).toBool();
        const auto off = joined(row.value(QLatin1String("off_instruments")));
        const auto silence = say::silence(textIn(row, "silence").toStdString(), time.now, time.zone);
        return WatchLine(textIn(row, "name"), row, time)
            .put({.text = textIn(row, "name"), .help = textIn(row, "idea")})
            .text("stage")
            .put({.text = isOn ? tip("on") : tip("off"), .tone = isOn ? Meaning::Gain : Meaning::TextMuted})
            .moment("enabled_since")
            .text("enabled_by")
            .whole("signals")
            .whole("blocked")
            .whole("open")
            .whole("closed")
            .whole("won")
            .money("net")
            .put({.text = silence, .help = silence, .tone = Meaning::Warning})
            .put({.text = off, .help = off})
            .text("parameter_hash")
            .take();
    });
}

std::vector<WatchRow> probeRows(const QJsonObject& answer, const WatchTime& time)
{
    return rowsOf(answer.value(QLatin1String("probes")), [&](const QJsonObject& row) {
        const auto unit = textIn(row, "unit");
        return WatchLine(textIn(row, "name"), row, time)
            .text("name")
            .inUnit("value", unit)
            .inUnit("limit", unit)
            .text("unit", Meaning::TextMuted)
            .figure("score", 0)
            .text("note")
            .take();
    });
}

/// An alert that is over is ok, and says when it ended.
WatchCell stateOfAlert(const QJsonObject& row)
{
    const auto state = textIn(row, "state");
    return state == QLatin1String("ok")       ? WatchCell{.text = tip("over"), .tone = Meaning::TextMuted}
           : state == QLatin1String("firing") ? WatchCell{.text = tip("open"), .tone = Meaning::Loss}
                                              : WatchCell{.text = state, .tone = Meaning::Warning};
}

std::vector<WatchRow> alertRows(const QJsonObject& answer, const WatchTime& time)
{
    const auto makeRow = [&](const QJsonObject& row) {
        const auto detail = textIn(row, "detail");
        const auto busiest = textIn(row, "busiest");
        const auto by = textIn(row, "told_by");
        const auto when = textIn(row, "told_when");
        return WatchLine(QString::number(row.value(QLatin1String("id")).toInteger()), row, time)
            .put(stateOfAlert(row))
            .put({.text = textIn(row, "title"), .help = textIn(row, "rule")})
            .moment("opened")
            .moment("ended")
            .put({.text = by.isEmpty() ? when : by,
                  .help = by.isEmpty() ? tip("No channel has taken it") : when,
                  .tone = by.isEmpty() ? Meaning::TextMuted : Meaning::Text})
            .put({.text = detail, .help = busiest.isEmpty() ? detail : tip("%1. Busiest: %2").arg(detail, busiest)})
            .take();
    };
    auto out = rowsOf(answer.value(QLatin1String("open")), makeRow);
    for (auto& row : rowsOf(answer.value(QLatin1String("past")), makeRow)) {
        out.push_back(std::move(row));
    }
    return out;
}

Meaning toneOfRun(const QString& state)
{
    const auto is = [&state](const char* word) { return state == QLatin1String(word); };
    return is("succeeded")                                     ? Meaning::Gain
           : is("running")                                     ? Meaning::Focus
           : is("failed") || is("timed out") || is("orphaned") ? Meaning::Loss
                                                               : Meaning::TextMuted;
}

std::vector<WatchRow> jobRows(const QJsonObject& answer, const WatchTime& time)
{
    return rowsOf(answer.value(QLatin1String("jobs")), [&](const QJsonObject& row) {
        const auto now = row.value(QLatin1String("now")).toObject();
        const auto last = row.value(QLatin1String("last")).toObject();
        const bool isPaused = row.value(QLatin1String("paused")).toBool();
        const auto state = textIn(now.isEmpty() ? last : now, "state");
        WatchLine line(textIn(row, "name"), row, time);
        line.put({.text = textIn(row, "title"), .help = textIn(row, "name")}).text("times");
        line.put(isPaused ? WatchCell{.text = tip("paused"), .tone = Meaning::Warning}
                          : WatchCell{.text = state, .tone = toneOfRun(state)});
        WatchLine of({}, last, time);
        of.moment("ended").text("result");
        auto cells = of.take().cells;
        line.moment("next").put(std::move(cells[0])).put(std::move(cells[1])).text("command");
        return line.take();
    });
}

std::vector<WatchRow> runRows(const QJsonObject& answer, const WatchTime& time)
{
    return rowsOf(answer.value(QLatin1String("runs")), [&](const QJsonObject& row) {
        const auto state = textIn(row, "state");
        return WatchLine(QString::number(row.value(QLatin1String("run")).toInteger()) + QLatin1Char('/') +
                             textIn(row, "job") + QLatin1Char('/') + textIn(row, "staged") + QLatin1Char('/') +
                             textIn(row, "begun"),
                         row, time)
            .moment("begun")
            .text("job")
            .put({.text = state, .tone = toneOfRun(state)})
            .text("trigger", Meaning::TextMuted)
            .seconds("awake_seconds")
            .text("result")
            .take();
    });
}

} // namespace

WatchPage watchStatus()
{
    return {.name = tip("Status"),
            .title = tip("How it stands"),
            .path = watchStatusPath,
            .columns = {{.title = tip("Of")},
                        {.title = tip("What")},
                        {.title = tip("Is"), .kind = CellKind::Figure, .isStretched = true}},
            .rows = statusRows,
            .empty = tip("The first answer takes a moment.")};
}

WatchPage watchEngines()
{
    return {.name = tip("Engines"),
            .title = tip("Engines by their heartbeat"),
            .path = watchStatusPath,
            .columns = {{.title = tip("Engine")},
                        {.title = tip("State"), .kind = CellKind::Tag, .width = 112},
                        {.title = tip("Heartbeat"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("How long before the answer its newest one was; s, m, h or d.")},
                        {.title = tip("Runs for"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Since it began; s, m, h or d.")},
                        {.title = tip("Restarts"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("After it failed, a count.")},
                        {.title = tip("Detail"), .isStretched = true}},
            .rows = engineRows,
            .empty = tip("The first answer takes a moment.")};
}

WatchPage watchPositions()
{
    return {.name = tip("Positions"),
            .title = tip("Open positions"),
            .path = watchStatusPath,
            .columns = {{.title = tip("Strategy")},
                        {.title = tip("Instrument")},
                        {.title = tip("Side")},
                        {.title = tip("Entered"), .kind = CellKind::Figure},
                        {.title = tip("Size"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Contracts"),
                         .givesWay = 1},
                        {.title = tip("Entry"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Price paid, USDT.")},
                        {.title = tip("Stop"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Price, USDT."),
                         .givesWay = 2},
                        {.title = tip("Target"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Price, USDT."),
                         .givesWay = 2},
                        {.title = tip("Unrealised, USDT"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("USDT, after the entry fee.")},
                        {.title = tip("Of the entry"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("% of the entry's value.")},
                        {.title = tip("In shadow"), .isStretched = true}},
            .rows = positionRows,
            .empty = tip("No position is open.")};
}

WatchPage watchStrategies()
{
    return {
        .name = tip("Strategies"),
        .title = tip("Strategies"),
        .path = "/api/v1/strategies",
        .columns =
            {{.title = tip("Strategy")},
             {.title = tip("Stage")},
             {.title = tip("Switch")},
             {.title = tip("Since"), .kind = CellKind::Figure},
             {.title = tip("By"), .givesWay = 3},
             {.title = tip("Signals"),
              .kind = CellKind::Figure,
              .alignment = right,
              .help = tip("Decisions of its rule, a count."),
              .givesWay = 2},
             {.title = tip("Blocked"),
              .kind = CellKind::Figure,
              .alignment = right,
              .help = tip("Signals that were not traded, a count."),
              .givesWay = 2},
             {.title = tip("Open"), .kind = CellKind::Figure, .alignment = right, .help = tip("Positions, a count.")},
             {.title = tip("Closed"), .kind = CellKind::Figure, .alignment = right, .help = tip("Trades, a count.")},
             {.title = tip("Won"),
              .kind = CellKind::Figure,
              .alignment = right,
              .help = tip("Closed trades with a net gain, a count.")},
             {.title = tip("Net, USDT"),
              .kind = CellKind::Figure,
              .alignment = right,
              .help = tip("USDT, after fees and funding.")},
             {.title = tip("Silent because"), .isStretched = true},
             {.title = tip("Off on"), .isHidden = true},
             {.title = tip("Parameters"), .isHidden = true}},
        .rows = strategyRows,
        .empty = tip("Paper trading has not started yet."),
        .note = tip("What the nightly review proposes is not told by the HTTP API; Status says how many proposals "
                    "are open. Take over to read and decide them.")};
}

WatchPage watchHealth()
{
    return {.name = tip("Health"),
            .title = tip("Probes of the machine and of the engines"),
            .path = "/api/v1/health",
            .columns = {{.title = tip("Probe")},
                        {.title = tip("Value"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("In the unit that stands behind it.")},
                        {.title = tip("Limit"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("In the unit of the value; scores 50.")},
                        {.title = tip("Unit"), .isHidden = true},
                        {.title = tip("Score"), .kind = CellKind::Figure, .alignment = right, .help = tip("0 to 100")},
                        {.title = tip("Note"), .isStretched = true}},
            .rows = probeRows,
            .empty = tip("The first measurement takes a second.")};
}

WatchPage watchAlerts()
{
    return {.name = tip("Alerts"),
            .title = tip("Alerts, the open ones first"),
            .path = "/api/v1/alerts",
            .columns = {{.title = tip("State"), .kind = CellKind::Tag, .width = 112},
                        {.title = tip("Alert")},
                        {.title = tip("Opened"), .kind = CellKind::Figure},
                        {.title = tip("Ended"), .kind = CellKind::Figure},
                        {.title = tip("Told by"), .help = tip("The channels that took it; else when it is told.")},
                        {.title = tip("Detail"), .isStretched = true}},
            .rows = alertRows,
            .empty = tip("No alert is open, and none was.")};
}

WatchPage watchJobs()
{
    return {.name = tip("Jobs"),
            .title = tip("What runs by the clock"),
            .path = "/api/v1/jobs",
            .columns = {{.title = tip("Job")},
                        {.title = tip("When"), .help = tip("Times of the machine that the instance runs on.")},
                        {.title = tip("State"), .kind = CellKind::Tag, .width = 112},
                        {.title = tip("Next"), .kind = CellKind::Figure},
                        {.title = tip("Last ended"), .kind = CellKind::Figure},
                        {.title = tip("Result"), .isStretched = true},
                        {.title = tip("Command"), .isHidden = true}},
            .rows = jobRows,
            .empty = tip("The jobs have not been read yet.")};
}

WatchPage watchRuns()
{
    return {.name = tip("Runs"),
            .title = tip("Runs of the jobs in the last 24 hours"),
            .path = "/api/v1/jobs",
            .columns = {{.title = tip("Begun"), .kind = CellKind::Figure},
                        {.title = tip("Job")},
                        {.title = tip("State"), .kind = CellKind::Tag, .width = 112},
                        {.title = tip("Begun by")},
                        {.title = tip("Took"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Without the time that the machine slept; s, m, h or d.")},
                        {.title = tip("Result"), .isStretched = true}},
            .rows = runRows,
            .empty = tip("No job ran in the last 24 hours.")};
}

} // namespace qd::ui
