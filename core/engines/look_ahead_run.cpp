#include "engines/look_ahead_run.h"

#include "base/policy.h"
#include "engines/in_force.h"
#include "engines/todays_inputs.h"
#include "storage/candle_store.h"
#include "storage/instrument_store.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using base::UtcMs;

namespace {

/// Beside a running feed the candles of quiet instruments come minutes after those of others.
constexpr base::Millis stillComing{600'000};

/// What is stored of a timeframe, over all instruments: where its candles begin.
struct Stored {
    market::Timeframe timeframe = market::Timeframe::M1;
    UtcMs newest; // without those minutes
    UtcMs oldest; // of the newest days
    [[nodiscard]] base::Millis length() const { return newest - oldest; }
};

/// The oldest of the newest days: before it there is nothing to replay, so no moment may be cut there.
Result<void> findOldest(storage::CandleStore& candles, const std::vector<market::Instrument>& instruments,
                        std::uint32_t days, Stored& out)
{
    const storage::TimeRange range{out.newest - base::oneDay * static_cast<std::int64_t>(days), out.newest};
    out.oldest = out.newest;
    for (const auto& instrument : instruments) {
        auto read = candles.scan(instrument.id, out.timeframe, range, [&](const std::vector<market::Candle>& first) {
            out.oldest = std::min(out.oldest, first.front().start);
            return false;
        });
        if (!read) {
            return read;
        }
    }
    return {};
}

Result<std::shared_ptr<const InputsOfInstruments>> readInputs(storage::Database& database,
                                                              const std::vector<market::Instrument>& instruments)
{
    InputsOfInstruments out;
    for (const auto& instrument : instruments) {
        auto inputs = todaysInputs(database, instrument.id);
        if (!inputs) {
            return std::unexpected(inputs.error());
        }
        out.emplace(instrument.id, std::move(*inputs));
    }
    return std::make_shared<const InputsOfInstruments>(std::move(out));
}

/// Nothing where no candle of the timeframe is stored.
Result<std::optional<Stored>> readStored(storage::CandleStore& candles,
                                         const std::vector<market::Instrument>& instruments,
                                         market::Timeframe timeframe, std::uint32_t days)
{
    std::optional<UtcMs> newest;
    for (const auto& instrument : instruments) {
        const auto last = candles.read(instrument.id, timeframe, {}, 1);
        if (!last) {
            return std::unexpected(last.error());
        }
        if (!last->empty()) {
            newest = std::max(newest.value_or(last->front().start), last->front().start);
        }
    }
    if (!newest) {
        return std::nullopt;
    }
    Stored out{.timeframe = timeframe, .newest = *newest - stillComing, .oldest = {}};
    if (auto found = findOldest(candles, instruments, days, out); !found) {
        return std::unexpected(found.error());
    }
    return out;
}

/// The finest timeframe with a day of candles; else the error that says what is missing.
Result<Stored> chooseCandles(storage::Database& database, const std::vector<market::Instrument>& instruments,
                             std::uint32_t days)
{
    storage::CandleStore candles(database);
    std::optional<Stored> most;
    for (const auto timeframe : market::allTimeframes) {
        const auto stored = readStored(candles, instruments, timeframe, days);
        if (!stored) {
            return std::unexpected(stored.error());
        }
        if (*stored && (*stored)->length() >= base::oneDay) {
            return **stored;
        }
        if (*stored && (!most || (*stored)->length() > most->length())) {
            most = **stored;
        }
    }
    if (!most) {
        return base::fail(
            ErrorCode::NotFound, "a stored candle for the look-ahead test",
            "no candle is stored that could be replayed: let the console collect a day, or import candles");
    }
    return base::fail(ErrorCode::NotFound, "a whole day of stored candles for the look-ahead test",
                      "of the newest " + std::to_string(days) + " days only " +
                          base::policyNumber(std::floor(static_cast<double>(most->length().count()) / 360'000) / 10) +
                          " hours of " + std::string(market::name(most->timeframe)) +
                          " candles are stored: let the console collect a day of them, or import older ones");
}

bool haveSameTrades(const ReplayResult& a, const ReplayResult& b)
{
    return std::ranges::equal(a.rows, b.rows, [](const ReplayRow& of, const ReplayRow& other) {
        return of.strategy == other.strategy && of.instrument.id == other.instrument.id && of.trades == other.trades;
    });
}

/// Those that had closed before `cut`, on one instrument.
std::span<const trading::ClosedTrade> closedBefore(const ReplayRow& row, UtcMs cut)
{
    const auto end = std::ranges::find_if(row.trades, [&](const auto& trade) { return trade.exit.time >= cut; });
    return {row.trades.begin(), end};
}

} // namespace

void compareClosed(const ReplayResult& whole, const ReplayResult& cutOff, UtcMs cut, console::LookAheadFigures& out)
{
    for (const auto& row : whole.rows) {
        const auto all = closedBefore(row, cut);
        const auto other = std::ranges::find_if(
            cutOff.rows, [&](const ReplayRow& of) { return of.instrument.id == row.instrument.id; });
        const auto few =
            other == cutOff.rows.end() ? std::span<const trading::ClosedTrade>() : closedBefore(*other, cut);
        if (!std::ranges::equal(all, few) && out.mismatch.empty()) {
            out.mismatch = "on " + row.instrument.name + " up to " + base::isoText(cut) + ": " +
                           std::to_string(all.size()) + " trades with what came later, " + std::to_string(few.size()) +
                           " without" + (all.size() == few.size() ? ", and not the same" : "");
        }
        out.trades += all.size();
    }
    for (const auto& row : cutOff.rows) { // what only who did not see the future traded on
        const auto few = closedBefore(row, cut);
        const bool isKnown =
            std::ranges::any_of(whole.rows, [&](const ReplayRow& of) { return of.instrument.id == row.instrument.id; });
        if (!isKnown && !few.empty() && out.mismatch.empty()) {
            out.mismatch = "on " + row.instrument.name + " up to " + base::isoText(cut) +
                           ": 0 trades with what came later, " + std::to_string(few.size()) + " without";
        }
    }
}

Result<console::LookAheadFigures> runLookAhead(const LookAheadOptions& options, const std::stop_token& stop)
{
    auto database = storage::Database::open(options.database, storage::Database::Mode::ReadOnly);
    const auto instruments = database ? storage::InstrumentStore(*database).all()
                                      : Result<std::vector<market::Instrument>>(std::unexpected(database.error()));
    if (!instruments) {
        return std::unexpected(instruments.error());
    }
    const auto stored = chooseCandles(*database, *instruments, options.days);
    auto today = stored ? readInputs(*database, *instruments)
                        : Result<std::shared_ptr<const InputsOfInstruments>>(std::unexpected(stored.error()));
    if (!today) {
        return std::unexpected(today.error());
    }
    const auto from = stored->oldest;
    const auto length = stored->length();
    ReplayOptions replayed{.database = options.database,
                           .instruments = {},
                           .strategies = {options.strategy},
                           .range = {from, stored->newest},
                           .current = true,
                           .ignoresSwitches = true,
                           .today = std::move(*today),
                           .candles = stored->timeframe,
                           .jobs = options.jobs,
                           .policy = options.policy,
                           .ledger = {},
                           .progress = {}};
    const auto whole = options.replay(replayed, stop);
    if (!whole) {
        return std::unexpected(whole.error());
    }
    console::LookAheadFigures out{.strategy = options.strategy,
                                  .days = static_cast<std::uint32_t>(length.count() / base::oneDay.count())};
    std::mt19937_64 random(1); // the same moments whenever it is asked of the same days
    const auto span = static_cast<std::uint64_t>(length.count());
    for (; out.cuts < options.cuts; ++out.cuts) {
        const auto cut = from + base::Millis{static_cast<std::int64_t>(random() % span)};
        replayed.range.to = cut;
        const auto cutOff = options.replay(replayed, stop);
        if (!cutOff) {
            return std::unexpected(cutOff.error());
        }
        compareClosed(*whole, *cutOff, cut, out);
        if (options.progress) {
            options.progress(static_cast<double>(out.cuts + 1) / (options.cuts + 1));
        }
    }
    replayed.range.to = stored->newest;
    const auto again = options.replay(replayed, stop);
    if (!again) {
        return std::unexpected(again.error());
    }
    if (!haveSameTrades(*whole, *again)) {
        return base::fail(ErrorCode::Conflict, "what " + options.strategy + " was tested on",
                          "the stored candles changed while the test ran: run it again");
    }
    if (options.progress) {
        options.progress(1);
    }
    return out;
}

Result<console::LookAheadFigures> runLookAheadQuery(const DeskContext& context, const console::RunLookAhead& query)
{
    const auto hash = hashInForce(context, query.strategy);
    if (!hash) {
        return std::unexpected(hash.error());
    }
    auto done =
        runLookAhead({.database = context.database.path(),
                      .strategy = query.strategy,
                      .jobs = std::max(2U, std::thread::hardware_concurrency()) - 1, // as a replay
                      .policy = context.policy,
                      .progress = [&](double share) { context.progress(share, "cutting off what came later"); }},
                     context.stop);
    if (!done) {
        return done;
    }
    if (auto same = checkInForce(context, query.strategy, *hash); !same) {
        return std::unexpected(same.error());
    }
    if (done->trades == 0 && done->mismatch.empty()) { // nothing could have differed
        done->notKept = "no trade could be compared";
        return done;
    }
    const auto found = std::to_string(done->cuts) + " moments of " + std::to_string(done->days) + " days, " +
                       std::to_string(done->trades) + " comparisons of a trade";
    auto notKept = keepFound(context, query.strategy, *hash, "look-ahead",
                             done->mismatch.empty() ? found + ", all the same"
                                                    : std::string(governance::failedTest) + done->mismatch);
    if (!notKept) {
        return std::unexpected(notKept.error());
    }
    done->notKept = std::move(*notKept);
    return done;
}

Result<std::string> hashInForce(const DeskContext& context, const std::string& strategy)
{
    const auto inForce = readInForce(context.database);
    if (!inForce) {
        return std::unexpected(inForce.error());
    }
    const auto* row = governance::findRow(inForce->roster, strategy);
    return row != nullptr ? Result<std::string>(row->parameterHash)
                          : base::fail(ErrorCode::NotFound, strategy, "no strategy of that name in the roster");
}

Result<void> checkInForce(const DeskContext& context, const std::string& strategy, const std::string& hash)
{
    const auto now = hashInForce(context, strategy);
    if (!now) {
        return std::unexpected(now.error());
    }
    return *now == hash ? Result<void>{}
                        : base::fail(ErrorCode::Conflict, "what " + strategy + " was tested on",
                                     "the parameters changed while the test ran: run it again");
}

Result<std::string> keepFound(const DeskContext& context, const std::string& strategy, const std::string& hash,
                              const std::string& test, std::string found)
{
    if (!context.keepTest) {
        return std::string();
    }
    const auto kept =
        context.keepTest({hash, storage::ranTest(test), context.clock.now(), strategy, std::move(found)}, context.stop);
    if (kept || kept.error().code == ErrorCode::Cancelled) {
        return kept ? Result<std::string>(std::string()) : std::unexpected(kept.error());
    }
    return "it could not be stored (" + base::sentence(kept.error()) + ")";
}

Result<void> keepTestThrough(const StoreLinks& store, storage::SignOffRow row, const std::stop_token& stop)
{
    StoreGovernance item;
    item.record.signOff = std::move(row);
    return keepAndWait(store, std::move(item), stop, "test");
}

} // namespace qd::engines
