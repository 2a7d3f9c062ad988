// Plausible answers of the query desk to what Execution asks: closed trades of any number, their details, costs, the
// stop lab. Trades are made from their index, so that any page of any order can be told without keeping them. Any
// thread reads.
#pragma once

#include "testkit/fake_console.h"
#include "trading/learned_slippage.h"

#include <map>
#include <numeric>

namespace qd::testkit {

/// The desk of one ledger. Answers at once, or when told (`holds`).
class FakeDesk {
public:
    FakeDesk(FakeConsole& console, base::UtcMs now, std::size_t trades) : console_(console), now_(now)
    {
        const auto ingest = plausibleIngest(now);
        for (const auto& row : ingest.instruments) {
            instruments_[row.instrument.id] = row.instrument;
            last_[row.instrument.id] = row.last->value;
        }
        trades_.reserve(trades);
        for (std::size_t i = 0; i < trades; ++i) {
            trades_.push_back(trade(i));
        }
        console.onAsk = [this](console::QueryId id, const console::Query& query) {
            if (holds) {
                waiting.emplace_back(id, query);
            } else {
                answer(id, query);
            }
        };
    }

    bool holds = false; // questions wait for answerAll()
    std::vector<std::pair<console::QueryId, console::Query>> waiting;
    std::optional<base::Error> failure; // of every answer
    bool labRuns = false;               // RunStopLab stays on its way: progress only

    void answerAll()
    {
        for (const auto& [id, query] : std::exchange(waiting, {})) {
            answer(id, query);
        }
    }
    void answer(console::QueryId id, const console::Query& query)
    {
        if (failure) {
            console_.answers.emplace_back(console::Answer{id, failure, {}});
        } else if (const auto* trades = std::get_if<console::AskTrades>(&query)) {
            console_.answers.emplace_back(console::Answer{id, {}, page(*trades)});
        } else if (const auto* detail = std::get_if<console::AskTrade>(&query)) {
            console_.answers.emplace_back(answerOf(id, *detail));
        } else if (const auto* execution = std::get_if<console::AskExecution>(&query)) {
            console_.answers.emplace_back(console::Answer{id, {}, this->execution(execution->filter)});
        } else if (std::holds_alternative<console::RunStopLab>(query)) {
            if (labRuns) {
                console_.answers.emplace_back(console::QueryProgress{id, 0.41, "replaying ETH-USDT"});
            } else {
                console_.answers.emplace_back(console::Answer{id, {}, stopLab()});
            }
        }
    }

    [[nodiscard]] const std::vector<trading::ClosedTrade>& trades() const { return trades_; } // newest first
    void close(trading::ClosedTrade trade) { trades_.insert(trades_.begin(), std::move(trade)); }
    [[nodiscard]] std::vector<trading::ClosedTrade> passing(const console::TradeFilter& f) const
    {
        std::vector<trading::ClosedTrade> out;
        for (const auto& t : trades_) {
            const auto& d = t.position.decision;
            if ((f.strategy.empty() || f.strategy == d.strategy) && (!f.instrument || *f.instrument == d.instrument) &&
                (!f.reason || *f.reason == t.reason) && (f.withShadow || !t.position.inShadow) &&
                (!f.from || t.exit.time >= *f.from) && (!f.to || t.exit.time <= *f.to) &&
                (f.result == console::TradeResult::Any ||
                 (f.result == console::TradeResult::Won) == (t.net.value > 0))) {
                out.push_back(t);
            }
        }
        return out;
    }
    [[nodiscard]] console::TradesPage page(const console::AskTrades& ask) const
    {
        auto all = passing(ask.filter);
        const auto less = [&](const trading::ClosedTrade& a, const trading::ClosedTrade& b) {
            switch (ask.order) {
            case console::TradeOrder::Net:
                return a.net < b.net;
            case console::TradeOrder::Strategy:
                return a.position.decision.strategy < b.position.decision.strategy;
            default:
                return a.exit.time < b.exit.time;
            }
        };
        std::ranges::stable_sort(
            all, [&](const auto& a, const auto& b) { return ask.isDescending ? less(b, a) : less(a, b); });
        console::TradesPage out{all.size(), ask.offset, {}};
        for (auto i = ask.offset; i < all.size() && i < ask.offset + ask.limit; ++i) {
            out.rows.push_back(all[i]);
        }
        return out;
    }
    [[nodiscard]] console::Execution execution(const console::TradeFilter& filter) const
    {
        console::Execution out;
        out.slippage = slippage();
        out.fillRates = {{0, 1.0, 212, 201, 148, 171},
                         {1.0, 3.0, 486, 411, 262, 322},
                         {3.0, 10.0, 358, 241, 139, 178},
                         {10.0, {}, 64, 21, 9, 14}};
        std::vector<double> held;
        for (const auto& t : passing(filter)) {
            add(out.waterfall, t);
            held.push_back(static_cast<double>((t.exit.time - t.position.entry.time).count()) / 1000);
        }
        if (!held.empty()) {
            std::ranges::sort(held);
            out.hold.closed = held.size();
            out.hold.mean = std::accumulate(held.begin(), held.end(), 0.0) / static_cast<double>(held.size());
            out.hold.median = held[held.size() / 2];
            out.hold.p90 = held[held.size() * 9 / 10];
            out.hold.longest = held.back();
        }
        out.rules = trading::slippageOptions({});
        out.assumedFillRate = 0.67;
        out.takerFee = {600};
        out.makerFee = {200};
        out.since = now_ - 282 * base::oneDay;
        out.calibrated = now_ - base::Millis{420'000};
        return out;
    }
    [[nodiscard]] console::StopLab stopLab() const
    {
        console::StopLab lab;
        for (int i = 0; i < 10; ++i) {
            lab.stops.push_back(0.004 + 0.002 * i);
        }
        for (int i = 1; i <= 8; ++i) {
            lab.targets.push_back(0.005 * i);
        }
        for (std::size_t t = 0; t < lab.targets.size(); ++t) {
            for (std::size_t s = 0; s < lab.stops.size(); ++s) {
                const double ds = (static_cast<double>(s) - 4.6) / 5;
                const double dt = (static_cast<double>(t) - 4.8) / 5;
                const double pf = 1.09 - 0.30 * ds * ds - 0.28 * dt * dt;
                lab.cells.push_back(figures(s == 9 && t > 5 ? 22 : 33'412 - static_cast<std::uint32_t>(150 * s), pf,
                                            0.62 - 0.045 * static_cast<double>(t) + 0.02 * static_cast<double>(s)));
            }
        }
        lab.today = figures(33'412, 0.74, 0.47);
        lab.nearest = 11;
        lab.greyTrades = 30;
        lab.best = 45;
        lab.bestOnOlder = figures(16'706, 1.09, 0.44);
        lab.bestOnNewer = figures(16'706, 0.93, 0.42);
        lab.todayOnNewer = figures(16'706, 0.76, 0.46);
        lab.stopNow = 0.0062;
        lab.targetNow = 0.011;
        lab.from = now_ - 90 * base::oneDay;
        lab.to = now_;
        lab.entries = 33'412;
        lab.leftOut = 112;
        lab.ticks = 24'713'902;
        lab.seconds = 1.83;
        return lab;
    }

private:
    static console::StopLabFigures figures(std::uint32_t trades, double factor, double winRate)
    {
        console::StopLabFigures out;
        out.trades = trades;
        out.profitFactor = factor;
        out.expectancy = (factor - 1) * 0.0035;
        out.winRate = winRate;
        return out;
    }
    [[nodiscard]] std::vector<console::SlippageRow> slippage() const
    {
        using statistics::Calibration;
        std::vector<console::SlippageRow> out;
        const auto row = [&](std::optional<base::InstrumentId> id, market::Side side, std::uint64_t fills, double mean,
                             Calibration status, double prior) {
            console::SlippageRow r;
            r.instrument = id;
            r.side = side;
            r.fills = fills;
            r.unusable = fills / 400;
            r.status = status;
            r.prior = prior;
            r.applied = prior;
            r.stress = prior * 1.5;
            if (fills > 1) {
                const double half = 26 / std::sqrt(static_cast<double>(fills)) + 0.2;
                r.mean = mean;
                r.interval = statistics::Interval{mean - half, mean + half};
                r.median = mean * 0.72;
                r.p95 = mean * 2.3;
                r.applied = status == Calibration::Uncalibrated ? prior : 0.9 * mean + 0.1 * prior;
                r.stress = mean + half;
            }
            out.push_back(r);
        };
        row({}, market::Side::Buy, 16'706, 5.3, Calibration::Calibrated, 5.0);
        row({}, market::Side::Sell, 16'706, 5.1, Calibration::Calibrated, 5.0);
        static constexpr std::array means{2.1, 3.4, 4.9, 5.8, 9.1, 6.6, 6.1, 5.2, 4.4, 3.9, 2.6, 5.0};
        std::int64_t id = 0;
        for (const double mean : means) {
            ++id;
            const auto fills = id == 12 ? 4U : id == 10 ? 21U : static_cast<std::uint64_t>(4'060 / id);
            const auto status = id == 12   ? Calibration::Uncalibrated
                                : id == 10 ? Calibration::Provisional
                                : id == 7  ? Calibration::Stale
                                           : Calibration::Calibrated;
            row(base::InstrumentId{id}, market::Side::Buy, fills, mean, status, 5.3);
            row(base::InstrumentId{id}, market::Side::Sell, fills - 1, mean * 0.97, status, 5.1);
        }
        return out;
    }
    [[nodiscard]] static std::int64_t costOf(std::int64_t half, std::int64_t decision, std::int64_t worth)
    {
        return decision == 0 ? 0
                             : static_cast<std::int64_t>(static_cast<double>(worth) * static_cast<double>(half) /
                                                         static_cast<double>(decision));
    }
    void add(console::Waterfall& w, const trading::ClosedTrade& t) const
    {
        const auto sign = t.position.decision.side == market::Side::Buy ? 1 : -1;
        const auto worth =
            instruments_.at(t.position.decision.instrument).notional(t.position.entry.price, t.position.size)->value;
        const auto entry =
            costOf(sign * (2 * t.position.entry.price.value - t.position.decision.decisionPriceHalfTicks),
                   t.position.decision.decisionPriceHalfTicks, worth);
        const auto exit =
            costOf(-sign * (2 * t.exit.price.value - *t.exitDecisionHalfTicks), *t.exitDecisionHalfTicks, worth);
        const bool isStop = t.reason == trading::ExitReason::Stop;
        ++w.trades;
        w.slippage += {entry + (isStop ? 0 : exit)};
        w.gapThroughStop += {isStop ? exit : 0};
        w.fees += t.fees;
        w.funding += t.funding;
        w.net += t.net;
        w.gross += base::Money{t.net.value + t.fees.value + t.funding.value + entry + exit};
        w.stopped += isStop ? 1 : 0;
        w.stoppedThenTarget += isStop && t.position.decision.number.value % 4 == 0 ? 1 : 0;
    }
    [[nodiscard]] console::Answer answerOf(console::QueryId id, const console::AskTrade& ask) const
    {
        const auto found = std::ranges::find_if(trades_, [&](const auto& t) {
            const auto& d = t.position.decision;
            return d.instrument == ask.instrument && d.strategy == ask.strategy && d.number == ask.decision;
        });
        if (found == trades_.end()) {
            return {id, base::Error{base::ErrorCode::NotFound, ask.strategy, "no such closed trade is stored"}, {}};
        }
        console::TradeDetail out;
        out.trade = *found;
        out.instrument = instruments_.at(ask.instrument);
        out.timeframe = market::Timeframe::M1;
        out.candles = candles(*found);
        return {id, {}, std::move(out)};
    }
    /// From half an hour before the entry to half an hour after the exit, through both prices.
    [[nodiscard]] static std::vector<market::Candle> candles(const trading::ClosedTrade& t)
    {
        const auto minute = base::Millis{60'000};
        const auto from = base::bucketStart(t.position.entry.time, minute) - 30 * minute;
        const auto n = static_cast<std::size_t>((t.exit.time - from) / minute + 31);
        const auto in = static_cast<std::size_t>((t.position.entry.time - from) / minute);
        const auto out = static_cast<std::size_t>((t.exit.time - from) / minute);
        const auto price = static_cast<double>(t.position.entry.price.value);
        const auto noise = walk(n, 0, price * 0.0004, static_cast<unsigned>(t.position.decision.number.value));
        const auto bridge = [&](std::size_t i) { // the walk, tied down at the two fills
            const double share =
                in == out
                    ? 1
                    : std::clamp((static_cast<double>(i) - static_cast<double>(in)) / static_cast<double>(out - in),
                                 0.0, 1.0);
            const double line = price + share * static_cast<double>(t.exit.price.value - t.position.entry.price.value);
            const double tie = static_cast<double>(noise[in]) + share * static_cast<double>(noise[out] - noise[in]);
            double at = line + static_cast<double>(noise[i]) - tie;
            if (i >= in && i <= out) { // within the excursions that the trade tells of
                at = std::clamp(at, static_cast<double>(std::min(t.position.best, t.position.worst).value),
                                static_cast<double>(std::max(t.position.best, t.position.worst).value));
            }
            return std::max<std::int64_t>(2, std::llround(at));
        };
        std::vector<market::Candle> made;
        auto open = bridge(0);
        const auto wick = std::max<std::int64_t>(1, std::llround(price * 0.0003));
        for (std::size_t i = 0; i < n; ++i) {
            const auto close = bridge(i);
            const auto volume = static_cast<std::int64_t>(300 + i * 91 % 700);
            made.push_back({from + static_cast<std::int64_t>(i) * minute,
                            {open},
                            {std::max(open, close) + wick},
                            {std::max<std::int64_t>(1, std::min(open, close) - wick)},
                            {close},
                            {volume},
                            volume / 2,
                            12,
                            false});
            open = close;
        }
        return made;
    }
    [[nodiscard]] trading::ClosedTrade trade(std::size_t i) const
    {
        static constexpr std::array names{"mtf_trend_align", "ml_gbt_5m",      "momentum",
                                          "breakout",        "vwap_reversion", "ema_crossover"};
        static constexpr std::array whys{"5m, 15m and 1h trend up; RSI re-crossed 45",
                                         "P(up) 0.71 over 0.62",
                                         "MACD crossed, rate of change 0.4%",
                                         "20-bar high broken",
                                         "2.3 ATR under the rolling VWAP",
                                         "EMA 9 crossed EMA 21"};
        std::mt19937_64 random(i * 7919 + 11);
        const auto unit = [&random] { return static_cast<double>(random() % 100'000) / 100'000; };
        const auto which = i * 5 % names.size();
        const base::InstrumentId id{static_cast<std::int64_t>(i * 7 % 6) + 1};
        const auto& instrument = instruments_.at(id);
        const bool isLong = unit() < 0.55;
        const std::int64_t sign = isLong ? 1 : -1;
        const auto entry = std::max<std::int64_t>(
            1'000, static_cast<std::int64_t>(static_cast<double>(last_.at(id)) * (0.92 + 0.16 * unit())));
        const auto ticks = [entry](double share) {
            return static_cast<std::int64_t>(std::llround(share * static_cast<double>(entry)));
        };
        trading::ClosedTrade out;
        const double dice = unit();
        out.reason = dice < 0.46   ? trading::ExitReason::Stop
                     : dice < 0.75 ? trading::ExitReason::Target
                     : dice < 0.93 ? trading::ExitReason::TimeLimit
                                   : trading::ExitReason::Signal;
        const auto closedAt = now_ - base::Millis{12'000} - static_cast<std::int64_t>(i) * base::Millis{731'000};
        auto& p = out.position;
        const auto held = base::Millis{static_cast<std::int64_t>((0.15 + 0.85 * unit() * unit()) * 12'000'000)};
        p = position(names[which], id.value, isLong ? market::Side::Buy : market::Side::Sell, entry, closedAt - held);
        p.decision.number = {static_cast<std::int64_t>(4'700'000 - i * 113)};
        p.decision.why = whys[which];
        p.decision.time = closedAt - held - base::Millis{150};
        p.decision.decisionPriceHalfTicks = 2 * entry - sign * std::max<std::int64_t>(1, ticks(0.0008 * unit()));
        p.decision.stop = {entry - sign * std::max<std::int64_t>(2, ticks(0.006))};
        p.decision.target = {entry + sign * std::max<std::int64_t>(3, ticks(0.010))};
        p.entry.number = {p.decision.number.value + 3};
        p.timeLimit = p.entry.time + base::Millis{14'400'000};
        p.size = instrument.sizeFor(base::usdt(500), {entry});
        const std::int64_t left = out.reason == trading::ExitReason::Stop
                                      ? p.decision.stop.value - sign * ticks(0.0005 * unit())
                                  : out.reason == trading::ExitReason::Target ? p.decision.target.value
                                                                              : entry + ticks(0.004 * (unit() - 0.5));
        out.exit = {closedAt, {p.decision.number.value + 90}, {left}, {30'000'000}};
        out.exitDecisionHalfTicks = out.reason == trading::ExitReason::Stop     ? 2 * p.decision.stop.value
                                    : out.reason == trading::ExitReason::Target ? 2 * left
                                                                                : 2 * left + sign;
        const auto reach = [&](double share) { return std::max<std::int64_t>(1, ticks(share)); };
        p.best = {sign > 0 ? std::max(entry, left) + reach(0.001 * unit())
                           : std::min(entry, left) - reach(0.001 * unit())};
        p.worst = {sign > 0 ? std::min(entry, left) - reach(0.001 * unit())
                            : std::max(entry, left) + reach(0.001 * unit())};
        p.inShadow = i % 23 == 4;
        p.hasGap = i % 61 == 7;
        p.onCandles = i % 97 == 12;
        const auto paid = instrument.notional({entry}, p.size).value_or(base::Money{});
        const auto got = instrument.notional({left}, p.size).value_or(base::Money{});
        out.gross = sign > 0 ? got - paid : paid - got;
        out.fees = {(paid.value + got.value) / 10'000 * 6};
        out.funding = {i % 5 == 0 ? paid.value / 20'000 : 0};
        out.net = out.gross - out.fees - out.funding;
        out.optimistic = out.net + base::Money{paid.value / 2'000};
        out.pessimistic = out.net - base::Money{paid.value / 2'500};
        return out;
    }

    FakeConsole& console_;
    const base::UtcMs now_;
    std::map<base::InstrumentId, market::Instrument> instruments_;
    std::map<base::InstrumentId, std::int64_t> last_;
    std::vector<trading::ClosedTrade> trades_;
};

} // namespace qd::testkit
