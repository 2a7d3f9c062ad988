#include "engines/execution_queries.h"

#include "storage/calibration_store.h"
#include "storage/instrument_store.h"
#include "storage/ledger_store.h"
#include "storage/policy_store.h"
#include "storage/tick_archive.h"
#include "storage/trade_pages.h"
#include "trading/execution_band.h"
#include "trading/price_watch.h"
#include "trading/trade_costs.h"

#include <algorithm>
#include <array>
#include <map>

namespace qd::engines {

using base::Result;
using trading::PriceWatch;
using trading::Side;

namespace {

/// Upper ends of the buckets of distance to mid; what is nearer than 0 (the mid or beyond) counts in the first.
constexpr std::array<double, 6> bucketEnds{1, 2, 5, 10, 20, 50};

using Instruments = std::map<base::InstrumentId, market::Instrument>;

/// A limit order that came to an end, or still rests, and what became of it.
struct LimitOrder {
    trading::DecisionStamp decision;
    bool isFilled = false;
};

/// The questions to one instrument's ticks; `orders` and `stopped` lie in the order of their answers.
struct Questions {
    std::vector<PriceWatch> limits;
    std::vector<std::size_t> buckets; // of the limits
    std::vector<bool> filled;         // likewise
    std::vector<PriceWatch> stopped;
};

std::vector<console::FillRateRow> emptyBuckets()
{
    std::vector<console::FillRateRow> out(bucketEnds.size() + 1);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].fromBps = i == 0 ? 0 : bucketEnds[i - 1];
        out[i].toBps = i < bucketEnds.size() ? std::optional(bucketEnds[i]) : std::nullopt;
    }
    return out;
}

std::size_t bucketOf(const trading::DecisionStamp& decision)
{
    const auto mid = static_cast<double>(decision.decisionPriceHalfTicks) / 2.0;
    const auto limit = static_cast<double>(decision.limit->value);
    const auto away = (decision.side == Side::Buy ? mid - limit : limit - mid) / mid * 1e4;
    return static_cast<std::size_t>(std::ranges::upper_bound(bucketEnds, away) - bucketEnds.begin());
}

void ask(std::map<base::InstrumentId, Questions>& all, const LimitOrder& order, const base::PaperPolicy& policy)
{
    const auto& d = order.decision;
    if (d.decisionPriceHalfTicks <= 0) {
        return;
    }
    auto& questions = all[d.instrument];
    const auto arrival = d.time + policy.latency;
    questions.limits.push_back({.from = arrival,
                                .to = arrival + policy.limitPatience,
                                .level = *d.limit,
                                .isFromBelow = d.side == Side::Sell});
    questions.buckets.push_back(bucketOf(d));
    questions.filled.push_back(order.isFilled);
}

/// Every entry by limit that came to rest: those that traded, those that are open, those that nobody filled. One that
/// met a market which was there already took it, and says nothing of how resting orders fill.
Result<std::vector<LimitOrder>> limitOrders(const DeskContext& context, const Instruments& instruments)
{
    std::vector<LimitOrder> out;
    auto trades = storage::limitTrades(context.database);
    auto signals = storage::signalsNotFilled(context.database);
    auto positions = storage::LedgerStore(context.database).rosterPositions();
    if (!trades || !signals || !positions) {
        return std::unexpected(!trades ? trades.error() : !signals ? signals.error() : positions.error());
    }
    const auto take = [&](trading::OpenPosition& position) {
        const auto known = instruments.find(position.decision.instrument);
        if (known != instruments.end() && trading::entryRested(position, known->second, context.policy)) {
            out.push_back({std::move(position.decision), true});
        }
    };
    for (auto& trade : *trades) {
        take(trade.position);
    }
    for (auto& position : *positions) {
        take(position);
    }
    for (auto& signal : *signals) {
        out.push_back({std::move(signal.decision), false});
    }
    return out;
}

Result<void> answer(const DeskContext& context, base::InstrumentId instrument, Questions& questions)
{
    std::vector<PriceWatch> all = questions.limits;
    all.insert(all.end(), questions.stopped.begin(), questions.stopped.end());
    const auto from = std::ranges::min(all, {}, &PriceWatch::from).from;
    const auto to = std::ranges::max(all, {}, &PriceWatch::to).to;
    trading::PriceWatcher watcher(all);
    storage::TickArchive archive(context.database);
    const auto read = archive.read(instrument, {from, to}, [&](std::span<const storage::NumberedTick> ticks) {
        for (const auto& one : ticks) {
            watcher.add(one.tick);
        }
        return !context.stop.stop_requested() && !watcher.isDone();
    });
    if (!read) {
        return read;
    }
    if (context.stop.stop_requested()) {
        return base::fail(base::ErrorCode::Cancelled, "execution", "");
    }
    std::copy_n(all.begin(), questions.limits.size(), questions.limits.begin());
    std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(questions.limits.size()), questions.stopped.size(),
                questions.stopped.begin());
    return {};
}

console::SlippageRow shown(const trading::LearnedSlippage& row)
{
    return {.instrument = row.instrument,
            .side = row.side,
            .fills = row.fills,
            .unusable = row.unusable,
            .status = row.status,
            .mean = row.mean,
            .interval = row.interval,
            .median = row.median,
            .p95 = row.p95,
            .prior = row.prior,
            .applied = row.applied,
            .stress = row.stress};
}

void add(console::Waterfall& to, const trading::TradeCosts& costs)
{
    ++to.trades;
    to.gross += costs.gross;
    to.slippage += costs.slippage;
    to.gapThroughStop += costs.gapThroughStop;
    to.fees += costs.fees;
    to.funding += costs.funding;
    to.net += costs.net;
}

/// Whether the filter lets an open position's hold time count: what only a closed trade has is not asked of it.
bool passes(const trading::TradeFilter& filter, const trading::OpenPosition& position)
{
    return (filter.strategy.empty() || filter.strategy == position.decision.strategy) &&
           (!filter.instrument || *filter.instrument == position.decision.instrument) &&
           (filter.withShadow || !position.inShadow) &&
           (filter.parameterHash.empty() || filter.parameterHash == position.decision.parameterHash);
}

Result<void> learned(const DeskContext& context, console::Execution& out)
{
    const auto stored = storage::CalibrationStore(context.database).newest();
    if (!stored) {
        return std::unexpected(stored.error());
    }
    for (const auto& row : stored->rows) {
        out.slippage.push_back(shown(row));
    }
    out.calibrated = stored->time;
    const auto oldest = context.database.number("SELECT coalesce(min(decided_time),0) FROM trades");
    if (!oldest) {
        return std::unexpected(oldest.error());
    }
    if (*oldest > 0) {
        out.since = base::UtcMs{*oldest};
    }
    return {};
}

/// The waterfall and hold times; stopped trades become questions.
Result<void> followMoney(const DeskContext& context, const trading::TradeFilter& filter, const Instruments& instruments,
                         console::Execution& out, std::map<base::InstrumentId, Questions>& questions)
{
    auto trades = storage::tradesOf(context.database, filter);
    auto positions = storage::LedgerStore(context.database).rosterPositions();
    if (!trades || !positions) {
        return std::unexpected(!trades ? trades.error() : positions.error());
    }
    std::vector<statistics::Held> held;
    for (const auto& trade : *trades) {
        const auto& p = trade.position;
        held.push_back({p.entry.time, trade.exit.time});
        const auto known = instruments.find(p.decision.instrument);
        const auto costs = known == instruments.end() ? std::nullopt : trading::costsOf(trade, known->second);
        if (costs) {
            add(out.waterfall, *costs);
        } else {
            ++out.waterfall.left;
        }
        if (trade.reason == trading::ExitReason::Stop) {
            ++out.waterfall.stopped;
            questions[p.decision.instrument].stopped.push_back({.from = trade.exit.time + base::Millis{1},
                                                                .to = p.timeLimit,
                                                                .level = p.decision.target,
                                                                .isFromBelow = p.decision.side == Side::Buy});
        }
    }
    for (const auto& position : *positions) {
        if (passes(filter, position)) {
            held.push_back({position.entry.time, std::nullopt});
        }
    }
    out.hold = statistics::holdTime(held);
    return {};
}

} // namespace

Result<console::Execution> executionOf(const DeskContext& context, const console::AskExecution& query)
{
    console::Execution out;
    std::map<base::InstrumentId, Questions> questions;
    if (auto done = learned(context, out); !done) {
        return std::unexpected(done.error());
    }
    const auto all = storage::InstrumentStore(context.database).all();
    if (!all) {
        return std::unexpected(all.error());
    }
    Instruments instruments;
    for (const auto& instrument : *all) {
        instruments.emplace(instrument.id, instrument);
    }
    if (auto done = followMoney(context, query.filter, instruments, out, questions); !done) {
        return std::unexpected(done.error());
    }
    const auto values = storage::PolicyStore(context.database).values();
    if (!values) {
        return std::unexpected(values.error());
    }
    out.rules = trading::slippageOptions(*values);
    out.assumedFillRate = base::policyValue(*values, "execution.assumed_fill_rate");
    out.takerFee = context.policy.takerFee;
    out.makerFee = context.policy.makerFee;
    const auto orders = limitOrders(context, instruments);
    if (!orders) {
        return std::unexpected(orders.error());
    }
    for (const auto& order : *orders) {
        ask(questions, order, context.policy);
    }
    out.fillRates = emptyBuckets();
    for (auto& [instrument, asked] : questions) {
        if (asked.limits.empty() && asked.stopped.empty()) {
            continue;
        }
        if (auto done = answer(context, instrument, asked); !done) {
            return std::unexpected(done.error());
        }
        for (std::size_t i = 0; i < asked.limits.size(); ++i) {
            auto& row = out.fillRates[asked.buckets[i]];
            ++row.orders;
            row.touched += asked.limits[i].touched ? 1 : 0;
            row.through += asked.limits[i].through ? 1 : 0;
            row.filled += asked.filled[i] ? 1 : 0;
        }
        out.waterfall.stoppedThenTarget += static_cast<std::uint64_t>(
            std::ranges::count_if(asked.stopped, [](const PriceWatch& watch) { return watch.through; }));
    }
    return out;
}

} // namespace qd::engines
