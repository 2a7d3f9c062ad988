// Pages of a window that watches which come from what is stored, page by page.
#include "ui/watch/watch_pages.h"
#include "ui/watch/watch_words.h"

namespace qd::ui {

using watching::itemsOf;
using watching::right;
using watching::tip;

namespace {

std::vector<WatchRow> evaluationRows(const QJsonObject& answer, const WatchTime& time)
{
    return itemsOf(answer, [&](const QJsonObject& row) {
        const auto instrument = row.value(QLatin1String("instrument")).toString();
        return WatchLine(textIn(row, "strategy") + QLatin1Char('/') + instrument + QLatin1Char('/') +
                             textIn(row, "parameter_hash"),
                         row, time)
            .text("strategy")
            .put({.text = instrument.isEmpty() ? tip("all") : instrument,
                  .tone = instrument.isEmpty() ? Meaning::TextMuted : Meaning::Text})
            .whole("trades")
            .share("win_rate", 0, "win_interval")
            .figure("profit_factor", 2)
            .gain("expectancy", 3, "expectancy_interval")
            .money("net")
            .figure("sharpe", 2, "sharpe_interval")
            .yes("sharpe_is_provisional", tip("provisional"), Meaning::TextMuted)
            .figure("deflated", 2)
            .share("max_drawdown", 2)
            .take();
    });
}

std::vector<WatchRow> tradeRows(const QJsonObject& answer, const WatchTime& time)
{
    return itemsOf(answer, [&](const QJsonObject& row) {
        const auto decision = QString::number(row.value(QLatin1String("decision")).toInteger());
        return WatchLine(textIn(row, "strategy") + QLatin1Char('/') + textIn(row, "instrument") + QLatin1Char('/') +
                             decision,
                         row, time)
            .moment("exited")
            .text("strategy")
            .text("instrument")
            .text("side")
            .exact("size")
            .exact("entry")
            .exact("exit")
            .money("net")
            .figure("fees", 2)
            .text("reason")
            .text("why", Meaning::TextMuted)
            .yes("in_shadow", tip("shadow"), Meaning::TextMuted)
            .take();
    });
}

QString flagsOf(const QJsonObject& row)
{
    QStringList out;
    const auto flags = row.value(QLatin1String("flags")).toArray();
    for (const auto& flag : flags) {
        const auto one = flag.toObject();
        const auto name = textIn(one, "name");
        out << (one.value(QLatin1String("is_signed_off")).toBool() ? tip("%1 (signed off)").arg(name) : name);
    }
    return out.join(QStringLiteral(", "));
}

Meaning toneOfStage(const QString& stage)
{
    return stage == QLatin1String("champion")      ? Meaning::Gain
           : stage == QLatin1String("challenger")  ? Meaning::Focus
           : stage == QLatin1String("quarantined") ? Meaning::Loss
                                                   : Meaning::TextMuted;
}

std::vector<WatchRow> modelRows(const QJsonObject& answer, const WatchTime& time)
{
    return itemsOf(answer, [&](const QJsonObject& row) {
        const auto stage = textIn(row, "stage");
        const auto flags = flagsOf(row);
        return WatchLine(textIn(row, "version"), row, time)
            .text("version")
            .put({.text = stage, .tone = toneOfStage(stage)})
            .moment("stage_since")
            .moment("trained")
            .figure("quality", 3, "quality_interval")
            .text("verdict")
            .put({.text = flags, .help = flags, .tone = Meaning::Warning})
            .yes("is_expired", tip("expired"), Meaning::Warning)
            .whole("rows")
            .text("why")
            .take();
    });
}

std::vector<WatchRow> experimentRows(const QJsonObject& answer, const WatchTime& time)
{
    return itemsOf(answer, [&](const QJsonObject& row) {
        const auto id = QString::number(row.value(QLatin1String("id")).toInteger());
        QStringList arms;
        const auto list = row.value(QLatin1String("arms")).toArray();
        for (const auto& item : list) {
            const auto arm = item.toObject();
            arms << tip("%1: %2 trades, %3 USDT")
                        .arg(textIn(arm, "name"), format::integer(arm.value(QLatin1String("trades")).toInteger()),
                             format::signedDecimal(arm.value(QLatin1String("net")).toDouble(), 2));
        }
        const auto told = arms.join(QStringLiteral(" · "));
        const auto outcome = textIn(row, "outcome");
        return WatchLine(id, row, time)
            .whole("id")
            .text("subject")
            .text("design")
            .moment("begins")
            .moment("ended")
            .text("verdict")
            .put({.text = told, .help = told})
            .put({.text = outcome.isEmpty() ? textIn(row, "advice") : outcome,
                  .help = outcome.isEmpty() ? textIn(row, "advice") : textIn(row, "why")})
            .take();
    });
}

std::vector<WatchRow> journalRows(const QJsonObject& answer, const WatchTime& time)
{
    return itemsOf(answer, [&](const QJsonObject& row) {
        const auto id = QString::number(row.value(QLatin1String("id")).toInteger());
        return WatchLine(id, row, time)
            .moment("time")
            .text("by")
            .text("kind")
            .text("what")
            .text("why")
            .text("evidence", Meaning::TextMuted)
            .yes("is_undone", tip("undone"), Meaning::TextMuted)
            .whole("id")
            .take();
    });
}

} // namespace

const std::vector<WatchPage>& watchPages()
{
    static const std::vector<WatchPage> all{watchStatus(),      watchEngines(), watchPositions(), watchStrategies(),
                                            watchEvaluations(), watchTrades(),  watchModels(),    watchExperiments(),
                                            watchHealth(),      watchAlerts(),  watchJobs(),      watchRuns(),
                                            watchJournal()};
    return all;
}

WatchPage watchEvaluations()
{
    return {.name = tip("Evaluations"),
            .title = tip("What the strategies earned"),
            .path = "/api/v1/evaluations",
            .columns = {{.title = tip("Strategy")},
                        {.title = tip("Instrument")},
                        {.title = tip("Trades"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Closed within the window, a count.")},
                        {.title = tip("Win rate"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Share of trades won, %, with its 95% interval.")},
                        {.title = tip("Profit factor"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("A ratio: gains divided by losses."),
                         .givesWay = 2},
                        {.title = tip("Expectancy"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Mean net of a trade, % of its notional, with its 95% interval.")},
                        {.title = tip("Net, USDT"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("USDT, after fees and funding.")},
                        {.title = tip("Sharpe"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("A year, with its 95% interval.")},
                        {.title = tip("Provisional"), .givesWay = 3},
                        {.title = tip("Deflated"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Probability, 0 to 1, that the Sharpe is over zero, by all that was tried."),
                         .givesWay = 4},
                        {.title = tip("Drawdown"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Deepest fall from a peak, % of the capital."),
                         .givesWay = 1}},
            .rows = evaluationRows,
            .empty = tip("No trade has closed in this window yet."),
            .isPaged = true,
            .choices = {{"of",
                         tip("Of"),
                         {{tip("Strategies"), QStringLiteral("strategies")},
                          {tip("Strategies on each instrument"), QStringLiteral("rows")}}},
                        {"days",
                         tip("Window"),
                         {{tip("30 days"), QStringLiteral("30")},
                          {tip("7 days"), QStringLiteral("7")},
                          {tip("90 days"), QStringLiteral("90")},
                          {tip("All"), QStringLiteral("0")}}}}};
}

WatchPage watchTrades()
{
    return {.name = tip("Trades"),
            .title = tip("Closed trades"),
            .path = "/api/v1/trades",
            .columns = {{.title = tip("Closed"), .kind = CellKind::Figure},
                        {.title = tip("Strategy")},
                        {.title = tip("Instrument")},
                        {.title = tip("Side")},
                        {.title = tip("Size"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Contracts"),
                         .givesWay = 2},
                        {.title = tip("Entry"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Price paid, USDT.")},
                        {.title = tip("Exit"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Price of the last exit, USDT.")},
                        {.title = tip("Net, USDT"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("USDT, after fees and funding.")},
                        {.title = tip("Fees, USDT"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("USDT, of entry and exit."),
                         .givesWay = 1},
                        {.title = tip("Ended by")},
                        {.title = tip("Entered because"), .isStretched = true},
                        {.title = tip("In shadow"), .givesWay = 3}},
            .rows = tradeRows,
            .empty = tip("No trade is here yet, or none that fits."),
            .isPaged = true,
            .choices = {{"result",
                         tip("Result"),
                         {{tip("Won and lost"), {}},
                          {tip("Won"), QStringLiteral("won")},
                          {tip("Lost"), QStringLiteral("lost")}}},
                        {"shadow",
                         tip("Shadow"),
                         {{tip("Without shadow trades"), {}}, {tip("With shadow trades"), QStringLiteral("true")}}}},
            .fields = {{"strategy", tip("Strategy"), true}, {"instrument", tip("Instrument"), true}}};
}

WatchPage watchModels()
{
    return {.name = tip("Models"),
            .title = tip("Versions of the models"),
            .path = "/api/v1/models",
            .columns = {{.title = tip("Version")},
                        {.title = tip("Stage"), .kind = CellKind::Tag, .width = 112},
                        {.title = tip("Since"), .kind = CellKind::Figure, .givesWay = 1},
                        {.title = tip("Trained"), .kind = CellKind::Figure},
                        {.title = tip("Quality"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("AUC or R², out of sample, without unit, with its 95% interval.")},
                        {.title = tip("Verdict")},
                        {.title = tip("Findings")},
                        {.title = tip("Expired"), .givesWay = 2},
                        {.title = tip("Rows"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("That it was trained on, a count."),
                         .givesWay = 3},
                        {.title = tip("Why it stands there"), .isStretched = true}},
            .rows = modelRows,
            .empty = tip("No model has been trained yet."),
            .isPaged = true};
}

WatchPage watchExperiments()
{
    return {
        .name = tip("Experiments"),
        .title = tip("Experiments"),
        .path = "/api/v1/experiments",
        .columns = {{.title = tip("Number"), .kind = CellKind::Figure, .alignment = right, .help = tip("Its number.")},
                    {.title = tip("Of")},
                    {.title = tip("Design"), .givesWay = 1},
                    {.title = tip("Begins"), .kind = CellKind::Figure},
                    {.title = tip("Ended"), .kind = CellKind::Figure},
                    {.title = tip("Verdict")},
                    {.title = tip("Arms")},
                    {.title = tip("Advice or outcome"), .isStretched = true}},
        .rows = experimentRows,
        .empty = tip("No experiment has been started yet."),
        .isPaged = true};
}

WatchPage watchJournal()
{
    return {.name = tip("Journal"),
            .title = tip("Decisions, the newest first"),
            .path = "/api/v1/journal",
            .columns = {{.title = tip("When"), .kind = CellKind::Figure},
                        {.title = tip("By")},
                        {.title = tip("Kind")},
                        {.title = tip("What")},
                        {.title = tip("Why"), .isStretched = true},
                        {.title = tip("Evidence"), .givesWay = 2},
                        {.title = tip("Undone"), .givesWay = 1},
                        {.title = tip("Number"),
                         .kind = CellKind::Figure,
                         .alignment = right,
                         .help = tip("Its number."),
                         .isHidden = true}},
            .rows = journalRows,
            .empty = tip("No decision is here yet, or none that fits."),
            .isPaged = true,
            .choices = {{"by",
                         tip("By"),
                         {{tip("By anybody"), {}},
                          {tip("By the operator"), QStringLiteral("operator")},
                          {tip("By policy"), QStringLiteral("policy")}}}},
            .fields = {{"text", tip("Words that it holds")}}};
}

} // namespace qd::ui
