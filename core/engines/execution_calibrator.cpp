#include "engines/execution_calibrator.h"

#include "storage/calibration_store.h"
#include "storage/instrument_store.h"
#include "storage/ledger_store.h"
#include "storage/policy_store.h"
#include "storage/tick_archive.h"
#include "storage/trade_pages.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

namespace qd::engines {

using base::Result;
using trading::ClosedTrade;
using trading::ExitReason;

namespace {

constexpr std::int64_t checkpointEvery = 65'536; // items
constexpr base::RatePpm toldFrom{5};             // 0.05 bps

std::string bps(base::RatePpm value)
{
    std::array<char, 32> text{};
    (void)std::snprintf(text.data(), text.size(), "%.2f", static_cast<double>(value.value) / 100.0);
    return text.data();
}

base::UtcMs timeOf(const market::StreamItem& item, base::UtcMs otherwise)
{
    if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
        return tick->time;
    }
    const auto* quote = std::get_if<market::Quote>(&item.what);
    return quote != nullptr ? quote->time : otherwise;
}

/// The signal to the other side that ended this trade: the first that found it open and was decided at its price (one
/// that data spoke against ended nothing).
Result<std::optional<std::pair<base::StreamNumber, base::UtcMs>>> endingSignal(storage::Statement& find,
                                                                               const ClosedTrade& trade)
{
    const auto& p = trade.position;
    find.reset();
    find.bind(0, p.decision.instrument.value)
        .bind(1, p.decision.strategy)
        .bind(2, p.decision.number.value)
        .bind(3, trade.exit.number.value)
        .bind(4, -static_cast<std::int64_t>(p.decision.side))
        .bind(5, *trade.exitDecisionHalfTicks);
    const auto row = find.step();
    if (!row) {
        return std::unexpected(row.error());
    }
    if (!*row) {
        return std::nullopt;
    }
    return std::pair(base::StreamNumber{find.integer(0)}, base::UtcMs{find.integer(1)});
}

} // namespace

Result<void> ExecutionCalibrator::takeTrades(storage::Database& database)
{
    auto trades = storage::tradesAfter(database, newestTrade_);
    auto find =
        database.prepare("SELECT decided_number,decided_time FROM signals WHERE instrument=? AND strategy=? AND "
                         "decided_number>? AND decided_number<? AND side=? AND decided_half_ticks=? AND "
                         "reason='position-open' ORDER BY decided_number LIMIT 1");
    if (!trades || !find) {
        return std::unexpected(!trades ? trades.error() : find.error());
    }
    auto taken = waiting_; // kept whole only when all of them could be read
    for (const auto& trade : trades->rows) {
        const auto& p = trade.position;
        auto& waiting = taken[p.decision.instrument];
        if (!p.decision.limit) {
            waiting.orders.push_back({.side = p.decision.side,
                                      .number = p.decision.number,
                                      .time = p.decision.time,
                                      .decisionHalfTicks = p.decision.decisionPriceHalfTicks,
                                      .paid = {}});
            waiting.sizes.push_back(p.size);
        }
        trading::MeasuredOrder exit{.side = trading::opposite(p.decision.side),
                                    .number = {},
                                    .time = p.timeLimit,
                                    .decisionHalfTicks = 0,
                                    .paid = {}};
        if (trade.reason == ExitReason::Signal && trade.exitDecisionHalfTicks) {
            const auto signal = endingSignal(*find, trade);
            if (!signal) {
                return std::unexpected(signal.error());
            }
            if (!*signal) {
                continue; // its row is older than what is kept of signals
            }
            exit.number = (*signal)->first;
            exit.time = (*signal)->second;
        } else if (trade.reason != ExitReason::TimeLimit) {
            continue;
        }
        waiting.orders.push_back(exit);
        waiting.sizes.push_back(p.rest());
    }
    waiting_ = std::move(taken);
    newestTrade_ = trades->newest;
    return {};
}

// The last remembered point before the first decision: the market view there is what the stream before it left.
ExecutionCalibrator::Checkpoint ExecutionCalibrator::startFor(base::InstrumentId instrument,
                                                              const Waiting& waiting) const
{
    Checkpoint out{{0}, {INT64_MIN}, {}};
    const auto known = checkpoints_.find(instrument);
    if (known == checkpoints_.end()) {
        return out;
    }
    for (const auto& point : known->second) {
        const bool isBeforeAll = std::ranges::all_of(waiting.orders, [&](const trading::MeasuredOrder& order) {
            return order.number ? point.number < *order.number : point.time < order.time;
        });
        if (isBeforeAll) {
            out = point;
        }
    }
    return out;
}

Result<void> ExecutionCalibrator::measure(storage::Database& database, const market::Instrument& instrument,
                                          Waiting& waiting, const std::stop_token& stop, std::uint64_t& items)
{
    const auto start = startFor(instrument.id, waiting);
    auto orders = waiting.orders; // a call that is cancelled leaves them to the next
    trading::FillMeter meter(orders, policy_.latency, start.view);
    auto& points = checkpoints_[instrument.id];
    auto time = start.time;
    const auto read = storage::TickArchive(database).readStream(
        instrument.id, start.number, [&](std::span<const market::StreamItem> span) {
            for (const auto& item : span) {
                meter.feed(item);
            }
            items += span.size();
            time = timeOf(span.back(), time);
            if (points.empty() || span.back().number.value >= points.back().number.value + checkpointEvery) {
                points.push_back({span.back().number, time, meter.view()});
            }
            return !stop.stop_requested() && !meter.isDone();
        });
    if (!read) {
        return std::unexpected(read.error());
    }
    if (stop.stop_requested()) {
        return base::fail(base::ErrorCode::Cancelled, "calibration", "");
    }
    Waiting later;
    for (std::size_t i = 0; i < orders.size(); ++i) {
        const auto& order = orders[i];
        if (order.isOnItsWay) { // the archive ends before its arrival, as yet
            later.orders.push_back(waiting.orders[i]);
            later.sizes.push_back(waiting.sizes[i]);
            continue;
        }
        trading::MeasuredFill fill{.instrument = instrument.id,
                                   .side = order.side,
                                   .time = order.time,
                                   .decisionPrice = static_cast<double>(order.decisionHalfTicks) / 2.0,
                                   .paid = {},
                                   .quantity = instrument.coins(waiting.sizes[i])};
        if (order.paid) {
            fill.paid = static_cast<double>(order.paid->value);
        }
        fills_.push_back(fill);
    }
    waiting = std::move(later);
    return {};
}

Result<Calibrated> ExecutionCalibrator::calibrate(storage::Database& database, base::UtcMs now,
                                                  const std::stop_token& stop,
                                                  const std::function<void(double fraction)>& progress)
{
    Calibrated out;
    auto instruments = storage::InstrumentStore(database).all();
    if (!instruments) {
        return std::unexpected(instruments.error());
    }
    if (auto taken = takeTrades(database); !taken) {
        return std::unexpected(taken.error());
    }
    std::vector<base::InstrumentId> ids;
    for (const auto& instrument : *instruments) {
        ids.push_back(instrument.id);
        out.names[instrument.id] = instrument.name;
        const auto waiting = waiting_.find(instrument.id);
        if (waiting != waiting_.end()) {
            if (auto done = measure(database, instrument, waiting->second, stop, out.items); !done) {
                return std::unexpected(done.error());
            }
            if (waiting->second.orders.empty()) {
                waiting_.erase(waiting);
            }
        }
        if (progress) {
            progress(static_cast<double>(ids.size()) / static_cast<double>(instruments->size()));
        }
    }
    out.measured = fills_.size();
    const auto values = storage::PolicyStore(database).values();
    if (!values) {
        return std::unexpected(values.error());
    }
    auto options = trading::slippageOptions(*values);
    options.priorBps = static_cast<double>(policy_.assumedSlippage.value) / 100.0;
    out.rows = trading::learnSlippage(fills_, ids, options, now);
    return out;
}

Result<CalibrationChange> calibrationChange(storage::Database& database, const Calibrated& calibrated,
                                            const base::PaperPolicy& policy)
{
    auto stored = storage::CalibrationStore(database).newest();
    if (!stored) {
        return std::unexpected(stored.error());
    }
    CalibrationChange out;
    std::map<base::InstrumentId, trading::ExecutionCharge> inForce;
    storage::LedgerStore ledger(database);
    for (const auto& [id, name] : calibrated.names) {
        inForce[id] = trading::assumedCharge(policy.assumedSlippage);
        const auto inputs = ledger.switchInputs(id);
        if (!inputs) {
            return std::unexpected(inputs.error());
        }
        for (const auto& input : *inputs) { // by number: the last one holds
            if (const auto charge = input.kind == trading::InputKind::Calibration
                                        ? trading::executionCharge(input.parameters)
                                        : base::fail(base::ErrorCode::NotFound, "", "")) {
                inForce[id] = *charge;
            }
        }
    }
    auto charges = trading::chargesOf(calibrated.rows);
    std::size_t told = 0;
    for (const auto& row : calibrated.rows) {
        const auto known = std::ranges::find_if(stored->rows, [&](const trading::LearnedSlippage& one) {
            return one.instrument == row.instrument && one.side == row.side;
        });
        const bool isNew = known == stored->rows.end();
        if (isNew ? row.fills + row.unusable > 0 || !row.instrument : *known != row) {
            out.rows.push_back(row);
        }
        if (!row.instrument) {
            continue;
        }
        const auto& was = inForce[*row.instrument].of(row.side);
        const auto& is = charges[*row.instrument].of(row.side);
        const auto before = was.applied;
        const auto after = is.applied;
        const auto moved = std::max(std::abs(after.value - before.value), std::abs(is.stress.value - was.stress.value));
        const auto wasStatus = isNew ? statistics::Calibration::Uncalibrated : known->status;
        if (moved <= toldFrom.value && wasStatus == row.status) {
            continue;
        }
        out.charges[*row.instrument] = trading::textOf(charges[*row.instrument]);
        out.evidence += (out.evidence.empty() ? "" : "; ") + calibrated.names.at(*row.instrument) +
                        (row.side == market::Side::Buy ? " buy " : " sell ") + bps(before) + " → " + bps(after) +
                        " bps, n " + std::to_string(row.fills) + ", " + std::string(statistics::name(row.status));
        ++told;
    }
    if (told > 0) {
        out.what = "calibrated execution: " + std::to_string(told) + (told == 1 ? " figure" : " figures") + " of " +
                   std::to_string(out.charges.size()) + (out.charges.size() == 1 ? " instrument" : " instruments");
    }
    return out;
}

} // namespace qd::engines
