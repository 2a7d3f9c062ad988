// The API's answers about what is stored: they come from the query desk, page by page.
#include "engines/api_json.h"
#include "engines/http_rules.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace qd::engines {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::uint32_t pageMost = 500;

std::string_view parameter(const ApiQuestion& question, const std::string& name)
{
    const auto found = question.parameters.find(name);
    return found == question.parameters.end() ? std::string_view() : std::string_view(found->second);
}

Result<Paging> pagingOf(const ApiQuestion& question)
{
    return engines::pagingOf(parameter(question, "limit"), parameter(question, "cursor"), pageMost);
}

Result<std::optional<base::UtcMs>> timeOf(const ApiQuestion& question, const std::string& name)
{
    const auto text = parameter(question, name);
    if (text.empty()) {
        return std::optional<base::UtcMs>();
    }
    const auto time = base::parseUtc(text);
    return time ? Result<std::optional<base::UtcMs>>(*time) : std::unexpected(time.error());
}

template <typename T>
Result<T> asked(const ApiContext& context, console::Query query)
{
    auto answer = context.ask(std::move(query), context.stop);
    if (answer.error) {
        return std::unexpected(*answer.error);
    }
    auto* value = std::get_if<T>(&answer.value);
    return value != nullptr ? Result<T>(std::move(*value))
                            : base::fail(ErrorCode::Internal, "query", "an answer to another question");
}

/// A page of a list that grows at its top. `fetch` gives the page at an offset and how long the list is now; asked
/// again where rows came in since the first page was given, and once more where others came in between.
template <typename Page, typename Fetch>
Result<Page> steadyPage(Paging& paging, Fetch fetch)
{
    constexpr int often = 5; // then the page repeats rows of the one before; it never leaves any out
    auto page = fetch(paging.offset);
    for (int again = 0; again < often && page && paging.seen && page->total > *paging.seen; ++again) {
        paging.offset += page->total - *std::exchange(paging.seen, page->total);
        page = fetch(paging.offset);
    }
    return page;
}

/// The envelope of every list; `cursor` of the next page is null at the end.
JsonFields envelope(const Paging& paging, std::uint64_t total, const QJsonArray& items)
{
    const auto next = paging.offset + static_cast<std::uint64_t>(items.size());
    JsonFields out;
    out.add("total", total).add("items", items);
    out.add("next_cursor",
            next < total && !items.isEmpty() ? QJsonValue(jsonString(cursorText(next, total))) : QJsonValue());
    return out;
}

/// The page of a list that is wholly here.
template <typename Row, typename ToJson>
JsonFields pageOf(const Paging& paging, const std::vector<Row>& rows, ToJson toJson)
{
    QJsonArray items;
    for (auto i = paging.offset; i < rows.size() && i < paging.offset + paging.limit; ++i) {
        items.append(toJson(rows[i]));
    }
    return envelope(paging, rows.size(), items);
}

QJsonObject tradeJson(const trading::ClosedTrade& trade, const console::IngestSnapshot* ingest)
{
    const auto& position = trade.position;
    const auto& decision = position.decision;
    const auto* instrument = findInstrument(ingest, decision.instrument);
    JsonFields out;
    out.add("strategy", decision.strategy)
        .add("instrument", instrumentName(ingest, decision.instrument))
        .add("decision", decision.number.value)
        .add("parameter_hash", decision.parameterHash)
        .add("side", decision.side == market::Side::Buy ? "long" : "short")
        .add("decided", decision.time)
        .add("entered", position.entry.time)
        .add("exited", trade.exit.time)
        .add("reason", trading::name(trade.reason))
        .add("why", decision.why)
        .add("gross", trade.gross)
        .add("fees", trade.fees)
        .add("funding", trade.funding)
        .add("net", trade.net)
        .add("in_shadow", position.inShadow)
        .add("has_gap", position.hasGap);
    if (instrument != nullptr) {
        out.add("size", instrument->sizeText(position.size))
            .add("entry", instrument->priceText(position.entry.price))
            .add("exit", instrument->priceText(trade.exit.price))
            .add("stop", instrument->priceText(decision.stop))
            .add("target", instrument->priceText(decision.target));
    }
    return out.take();
}

QJsonObject evaluationJson(const trading::Evaluation& row, const console::IngestSnapshot* ingest)
{
    JsonFields out;
    out.add("strategy", row.strategy);
    out.add("instrument",
            row.instrument ? QJsonValue(jsonString(instrumentName(ingest, *row.instrument))) : QJsonValue());
    out.add("parameter_hash", row.parameterHash).add("trades", row.trades).add("won", row.won);
    out.add("in_shadow", row.inShadow).add("win_rate", row.winRate);
    out.add("win_interval", QJsonArray{row.winInterval.lower, row.winInterval.upper});
    out.add("profit_factor", row.profitFactor).add("expectancy", row.expectancy);
    out.add("expectancy_interval", row.expectancyInterval).add("net", row.net);
    out.add("optimistic", row.optimistic).add("pessimistic", row.pessimistic).add("capital", row.capital);
    out.add("max_drawdown", row.maxDrawdown).add("sharpe", row.sharpe.annual);
    out.add("sharpe_interval", row.sharpe.interval).add("sharpe_days", row.sharpe.days);
    out.add("sharpe_is_provisional", row.sharpe.isProvisional).add("psr", row.psr).add("deflated", row.deflated);
    out.add("tries", row.tries).add("median_hold_s", row.medianHoldSeconds);
    return out.take();
}

QJsonObject modelJson(const console::ModelLine& line)
{
    const auto& record = line.record;
    QJsonArray flags;
    for (const auto flag : record.flags) {
        flags.append(JsonFields()
                         .add("name", learning::name(flag))
                         .add("is_signed_off", record.signedOff.contains(flag))
                         .take());
    }
    JsonFields out;
    out.add("version", governance::versionName(record.name.key, record.name.number))
        .add("model", governance::text(record.name.key))
        .add("stage", governance::name(record.stage))
        .add("stage_since", record.stageSince)
        .add("trained", record.trained)
        .add("knows", record.knows)
        .add("quality", record.quality.value)
        .add("quality_interval", record.quality.interval)
        .add("verdict", learning::name(record.verdict))
        .add("flags", flags)
        .add("spans_regimes", record.spansRegimes)
        .add("is_expired", line.isExpired)
        .add("rows", record.rows)
        .add("feature_set", record.featureSet)
        .add("hash", record.bytesHash)
        .add("why", line.why);
    return out.take();
}

QJsonObject experimentJson(const console::ExperimentRow& row)
{
    const auto& now = row.assessment;
    QJsonArray arms;
    for (const auto& arm : row.arms) {
        arms.append(JsonFields()
                        .add("name", arm.name)
                        .add("hash", arm.hash)
                        .add("parameters", arm.parameters)
                        .add("trades", arm.trades)
                        .add("won", arm.won)
                        .add("net", arm.net)
                        .add("expectancy", arm.expectancy)
                        .add("win_rate", arm.winRate)
                        .add("sharpe", arm.sharpe)
                        .take());
    }
    QJsonArray gates;
    for (const auto& gate : now.gates) {
        gates.append(JsonFields()
                         .add("name", gate.name)
                         .add("is_passed", gate.isPassed)
                         .add("figure", governance::text(gate.figure))
                         .take());
    }
    JsonFields out;
    out.add("id", row.plan.id).add("subject", row.plan.subject).add("design", governance::name(row.plan.design));
    out.add("comparison", governance::name(row.plan.comparison)).add("begins", row.plan.begins);
    out.add("created", row.created).add("ended", row.ended).add("outcome", row.outcome).add("why", row.why);
    out.add("verdict", statistics::name(now.verdict)).add("advice", governance::sentence(now.advice));
    out.add("blocks", now.blocks).add("more_days", now.moreDays).add("more_trades", now.moreTrades);
    out.add("equal_pass_rate", row.equalPassRate).add("arms", arms).add("gates", gates);
    return out.take();
}

QJsonObject journalJson(const console::JournalRow& row)
{
    const auto& decision = row.decision;
    QJsonArray changes;
    for (const auto& change : decision.changes) {
        changes.append(JsonFields()
                           .add("kind", governance::name(change.kind))
                           .add("subject", change.subject)
                           .add("before", change.before)
                           .add("after", change.after)
                           .take());
    }
    JsonFields out;
    out.add("id", decision.id).add("time", decision.time).add("by", governance::name(decision.by));
    out.add("kind", governance::name(governance::kindOf(decision))).add("what", decision.what);
    out.add("why", decision.why).add("evidence", decision.evidence).add("changes", changes);
    out.add("undoes", decision.undoes).add("is_undone", row.isUndone).add("cannot_undo", row.cannotUndo);
    out.add("next", row.next);
    return out.take();
}

Result<trading::TradeFilter> tradeFilter(const ApiQuestion& question, const console::IngestSnapshot* ingest)
{
    trading::TradeFilter out{.strategy = std::string(parameter(question, "strategy"))};
    if (const auto name = parameter(question, "instrument"); !name.empty()) {
        out.instrument = instrumentNamed(ingest, name);
        if (!out.instrument) {
            return base::fail(ErrorCode::NotFound, "instrument", "the feed has none of this name");
        }
    }
    if (const auto result = parameter(question, "result"); result == "won" || result == "lost") {
        out.result = result == "won" ? trading::TradeResult::Won : trading::TradeResult::Lost;
    } else if (!result.empty()) {
        return base::fail(ErrorCode::OutOfRange, "result", "won or lost");
    }
    if (const auto shadow = parameter(question, "shadow"); shadow == "true" || shadow == "false" || shadow.empty()) {
        out.withShadow = shadow == "true";
    } else {
        return base::fail(ErrorCode::OutOfRange, "shadow", "true or false");
    }
    const auto from = timeOf(question, "from");
    const auto to = timeOf(question, "to");
    if (!from || !to) {
        return std::unexpected(from ? to.error() : from.error());
    }
    out.from = *from;
    out.to = *to;
    return out;
}

Result<std::optional<governance::DecisionKind>> kindOf(std::string_view name)
{
    using governance::DecisionKind;
    if (name.empty()) {
        return std::optional<DecisionKind>();
    }
    for (int i = 0; i <= static_cast<int>(governance::lastDecisionKind); ++i) {
        if (governance::name(static_cast<DecisionKind>(i)) == name) {
            return std::optional(static_cast<DecisionKind>(i));
        }
    }
    return base::fail(ErrorCode::OutOfRange, "kind", "a kind of decision, such as switch, stage, policy or note");
}

} // namespace

ApiAnswer apiEvaluations(const ApiContext& context, const ApiQuestion& question)
{
    const auto paging = pagingOf(question);
    const auto of = parameter(question, "of");
    std::uint32_t days = 30;
    if (const auto text = parameter(question, "days"); !text.empty()) {
        constexpr std::uint32_t most = 36'500;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
        if (error != std::errc() || end != text.data() + text.size() || days > most) {
            return apiError({ErrorCode::OutOfRange, "days", "0 (all) to " + std::to_string(most)});
        }
    }
    if (!of.empty() && of != "strategies" && of != "rows") {
        return apiError({ErrorCode::OutOfRange, "of", "strategies or rows"});
    }
    if (!paging) {
        return apiError(paging.error());
    }
    const auto found = asked<console::Evaluations>(context, console::AskEvaluations{days});
    if (!found) {
        return apiError(found.error());
    }
    const auto ingest = context.console.ingest().get();
    const auto toJson = [&](const trading::Evaluation& row) { return evaluationJson(row, ingest.get()); };
    return jsonAnswer(pageOf(*paging, of == "rows" ? found->rows : found->strategies, toJson)
                          .add("from", found->from)
                          .add("to", found->to)
                          .add("roster", toJson(found->roster))
                          .take());
}

ApiAnswer apiTrades(const ApiContext& context, const ApiQuestion& question)
{
    const auto ingest = context.console.ingest().get();
    auto paging = pagingOf(question);
    const auto filter = tradeFilter(question, ingest.get());
    if (!paging || !filter) {
        return apiError(paging ? filter.error() : paging.error());
    }
    const auto page = steadyPage<console::TradesPage>(*paging, [&](std::uint64_t offset) {
        return asked<console::TradesPage>(
            context, console::AskTrades{.filter = *filter, .offset = offset, .limit = paging->limit});
    });
    if (!page) {
        return apiError(page.error());
    }
    QJsonArray items;
    for (const auto& trade : page->rows) {
        items.append(tradeJson(trade, ingest.get()));
    }
    return jsonAnswer(envelope(*paging, page->total, items).take());
}

ApiAnswer apiModels(const ApiContext& context, const ApiQuestion& question)
{
    const auto paging = pagingOf(question);
    if (!paging) {
        return apiError(paging.error());
    }
    const auto found = asked<console::Models>(context, console::AskModels{});
    if (!found) {
        return apiError(found.error());
    }
    QJsonArray families;
    for (const auto& family : found->families) {
        families.append(JsonFields()
                            .add("model", governance::text(family.key))
                            .add("purpose", family.purpose)
                            .add("has_converged", family.hasConverged)
                            .add("is_due", family.due.isDue)
                            .add("due", family.due.why)
                            .take());
    }
    return jsonAnswer(pageOf(*paging, found->rows, modelJson).add("families", families).take());
}

ApiAnswer apiExperiments(const ApiContext& context, const ApiQuestion& question)
{
    const auto paging = pagingOf(question);
    if (!paging) {
        return apiError(paging.error());
    }
    const auto found = asked<console::Experiments>(context, console::AskExperiments{});
    return found ? jsonAnswer(pageOf(*paging, found->rows, experimentJson).take()) : apiError(found.error());
}

ApiAnswer apiJournal(const ApiContext& context, const ApiQuestion& question)
{
    auto paging = pagingOf(question);
    const auto kind = kindOf(parameter(question, "kind"));
    const auto from = timeOf(question, "from");
    const auto to = timeOf(question, "to");
    const auto by = parameter(question, "by");
    if (!paging || !kind || !from || !to) {
        return apiError(!paging ? paging.error() : !kind ? kind.error() : !from ? from.error() : to.error());
    }
    if (!by.empty() && by != "operator" && by != "policy") {
        return apiError({ErrorCode::OutOfRange, "by", "operator or policy"});
    }
    const auto page = steadyPage<console::JournalPage>(*paging, [&](std::uint64_t offset) {
        return asked<console::JournalPage>(context,
                                           console::AskJournal{.text = std::string(parameter(question, "text")),
                                                               .by = std::string(by),
                                                               .kind = *kind,
                                                               .from = *from,
                                                               .to = *to,
                                                               .offset = offset,
                                                               .limit = paging->limit});
    });
    if (!page) {
        return apiError(page.error());
    }
    QJsonArray items;
    for (const auto& row : page->rows) {
        items.append(journalJson(row));
    }
    return jsonAnswer(envelope(*paging, page->total, items).take());
}

} // namespace qd::engines
