#include "storage/ledger_rows.h"

namespace qd::storage {

using base::ErrorCode;
using base::Result;

namespace {

Result<trading::ExitReason> exitReasonOf(std::string_view name)
{
    for (int i = 0; i <= static_cast<int>(trading::ExitReason::Archived); ++i) {
        if (const auto reason = static_cast<trading::ExitReason>(i); trading::name(reason) == name) {
            return reason;
        }
    }
    return base::fail(ErrorCode::Damaged, "trades", "no such exit reason: " + std::string(name));
}

std::string key(const Statement& row)
{
    return std::string(row.text(1)) + " decided at " + std::to_string(row.integer(2)) + " of instrument " +
           std::to_string(row.integer(0));
}

std::unexpected<base::Error> offScale(const Statement& row)
{
    return base::fail(ErrorCode::NotOnScale, key(row),
                      "written with steps " + std::string(row.text(10)) + " and " + std::string(row.text(11)) +
                          ", which the present steps cannot express");
}

std::int64_t flag(bool value)
{
    return value ? 1 : 0;
}

} // namespace

Result<trading::NotTraded> notTradedOf(std::string_view name)
{
    for (int i = 0; i <= static_cast<int>(trading::lastNotTraded); ++i) {
        if (const auto reason = static_cast<trading::NotTraded>(i); trading::name(reason) == name) {
            return reason;
        }
    }
    return base::fail(ErrorCode::Damaged, "signals", "no such reason: " + std::string(name));
}

std::string marks(int count)
{
    std::string out;
    for (int i = 0; i < count; ++i) {
        out += i == 0 ? "?" : ",?";
    }
    return out;
}

std::string columns(std::initializer_list<std::string_view> lists)
{
    std::string out;
    for (const auto list : lists) {
        out += (out.empty() ? "" : ",") + std::string(list);
    }
    return out;
}

void bindDecision(Statement& to, const trading::DecisionStamp& decision, const StepTexts& steps, int first)
{
    to.bind(first, decision.instrument.value)
        .bindView(first + 1, decision.strategy)
        .bind(first + 2, decision.number.value)
        .bindView(first + 3, decision.parameterHash)
        .bind(first + 4, static_cast<std::int64_t>(decision.side))
        .bind(first + 5, decision.time.value)
        .bind(first + 6, decision.decisionPriceHalfTicks)
        .bind(first + 7, decision.stop.value)
        .bind(first + 8, decision.target.value)
        .bindView(first + 9, decision.why)
        .bindView(first + 10, steps.tick)
        .bindView(first + 11, steps.lot);
    if (decision.limit) {
        to.bind(first + 12, decision.limit->value);
    } else {
        to.bindNull(first + 12);
    }
}

void bindPosition(Statement& to, const trading::OpenPosition& position, const StepTexts& steps, int first)
{
    bindDecision(to, position.decision, steps, first);
    int at = first + decisionCount;
    for (const auto value :
         {position.size.value, position.entry.time.value, position.entry.number.value, position.entry.price.value,
          position.entry.fee.value, position.timeLimit.value, position.best.value, position.worst.value,
          flag(position.hasGap), flag(position.inShadow), position.closedSize.value, position.closedWorth.value,
          position.closedFees.value, position.funding.value, flag(position.onCandles)}) {
        to.bind(at++, value);
    }
}

void bindTrade(Statement& to, const trading::ClosedTrade& trade, const StepTexts& steps, int first)
{
    bindPosition(to, trade.position, steps, first);
    const int at = first + decisionCount + positionCount;
    to.bind(at, trade.exit.time.value)
        .bind(at + 1, trade.exit.number.value)
        .bind(at + 2, trade.exit.price.value)
        .bind(at + 3, trade.exit.fee.value)
        .bindView(at + 4, trading::name(trade.reason))
        .bind(at + 5, trade.gross.value)
        .bind(at + 6, trade.fees.value)
        .bind(at + 7, trade.funding.value)
        .bind(at + 8, trade.net.value)
        .bind(at + 10, trade.optimistic.value)
        .bind(at + 11, trade.pessimistic.value);
    if (trade.exitDecisionHalfTicks) {
        to.bind(at + 9, *trade.exitDecisionHalfTicks);
    } else {
        to.bindNull(at + 9);
    }
}

Result<ScaleChange> LedgerRowReader::changeOf(const Statement& row)
{
    const auto instrument = row.integer(0);
    auto known = infos_.find(instrument);
    if (known == infos_.end()) {
        auto info = instrumentSeries(database_, {instrument});
        if (!info) {
            return std::unexpected(info.error());
        }
        known = infos_.emplace(instrument, std::move(*info)).first;
    }
    const auto tick = scaleOf(row.text(10));
    const auto lot = scaleOf(row.text(11));
    if (!tick || !lot) {
        return base::fail(ErrorCode::Damaged, key(row), "its scales are no numbers");
    }
    return ScaleChange({*tick, *lot}, known->second.scales);
}

Result<trading::DecisionStamp> LedgerRowReader::decision(const Statement& row)
{
    const auto change = changeOf(row);
    if (!change) {
        return std::unexpected(change.error());
    }
    trading::DecisionStamp out{.instrument = {row.integer(0)},
                               .strategy = std::string(row.text(1)),
                               .parameterHash = std::string(row.text(3)),
                               .side = row.integer(4) < 0 ? market::Side::Sell : market::Side::Buy,
                               .number = {row.integer(2)},
                               .time = {row.integer(5)},
                               .decisionPriceHalfTicks = row.integer(6),
                               .stop = {row.integer(7)},
                               .target = {row.integer(8)},
                               .why = std::string(row.text(9)),
                               .limit = row.isNull(12) ? std::nullopt : std::optional(base::Price{row.integer(12)})};
    const bool fits = change->toPrice(out.decisionPriceHalfTicks) && change->toPrice(out.stop.value) &&
                      change->toPrice(out.target.value) && (!out.limit || change->toPrice(out.limit->value));
    return fits ? Result<trading::DecisionStamp>(std::move(out)) : offScale(row);
}

Result<trading::OpenPosition> LedgerRowReader::position(const Statement& row)
{
    auto decided = decision(row);
    if (!decided) {
        return std::unexpected(decided.error());
    }
    constexpr int at = decisionCount;
    trading::OpenPosition out{
        .decision = std::move(*decided),
        .size = {row.integer(at)},
        .entry = {{row.integer(at + 1)}, {row.integer(at + 2)}, {row.integer(at + 3)}, {row.integer(at + 4)}},
        .timeLimit = {row.integer(at + 5)},
        .best = {row.integer(at + 6)},
        .worst = {row.integer(at + 7)},
        .hasGap = row.integer(at + 8) != 0,
        .inShadow = row.integer(at + 9) != 0,
        .closedSize = {row.integer(at + 10)},
        .closedWorth = {row.integer(at + 11)},
        .closedFees = {row.integer(at + 12)},
        .funding = {row.integer(at + 13)},
        .onCandles = row.integer(at + 14) != 0};
    const auto change = changeOf(row);
    const bool fits = change && change->toSize(out.size.value) && change->toPrice(out.entry.price.value) &&
                      change->toPrice(out.best.value) && change->toPrice(out.worst.value) &&
                      change->toSize(out.closedSize.value);
    return fits ? Result<trading::OpenPosition>(std::move(out)) : offScale(row);
}

Result<trading::ClosedTrade> LedgerRowReader::trade(const Statement& row)
{
    auto entered = position(row);
    if (!entered) {
        return std::unexpected(entered.error());
    }
    constexpr int at = decisionCount + positionCount;
    const auto reason = exitReasonOf(row.text(at + 4));
    if (!reason) {
        return std::unexpected(reason.error());
    }
    trading::ClosedTrade out{
        .position = std::move(*entered),
        .exit = {{row.integer(at)}, {row.integer(at + 1)}, {row.integer(at + 2)}, {row.integer(at + 3)}},
        .reason = *reason,
        .gross = {row.integer(at + 5)},
        .fees = {row.integer(at + 6)},
        .funding = {row.integer(at + 7)},
        .net = {row.integer(at + 8)},
        .exitDecisionHalfTicks = row.isNull(at + 9) ? std::nullopt : std::optional(row.integer(at + 9)),
        .optimistic = {row.isNull(at + 10) ? row.integer(at + 8) : row.integer(at + 10)},
        .pessimistic = {row.isNull(at + 11) ? row.integer(at + 8) : row.integer(at + 11)}};
    const auto change = changeOf(row);
    const bool fits = change && change->toPrice(out.exit.price.value) &&
                      (!out.exitDecisionHalfTicks || change->toPrice(*out.exitDecisionHalfTicks));
    return fits ? Result<trading::ClosedTrade>(std::move(out)) : offScale(row);
}

Result<trading::UntradedSignal> LedgerRowReader::signal(const Statement& row)
{
    auto decided = decision(row);
    const auto reason = notTradedOf(row.text(decisionCount));
    if (!decided || !reason) {
        return std::unexpected(!decided ? decided.error() : reason.error());
    }
    return trading::UntradedSignal{std::move(*decided), *reason};
}

} // namespace qd::storage
