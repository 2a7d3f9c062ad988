// The noise null: what a mirrored market keeps and what it loses, and that it shows a strategy which looks ahead.
#include "market/candle_builder.h"
#include "testkit/tape.h"
#include "trading/noise_null.h"
#include "trading/trading_pipeline.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace qd;
using namespace qd::trading;
using base::Price;
using market::Candle;
using market::Timeframe;

namespace {

constexpr base::InstrumentId coin{1};
const auto policy = base::defaultPaperPolicy();
const auto instrument = testkit::instrumentOf(coin.value, "COIN-USDT");

bool areAllMirrored(std::uint64_t seed, base::UtcMs start, int bars)
{
    for (int i = 0; i < bars; ++i) {
        if (!isMirrored(seed, start + i * base::Millis{60'000})) {
            return false;
        }
    }
    return true;
}
/// A seed that mirrors all of these minutes, or none of them.
std::uint64_t seedThat(bool mirrors, base::UtcMs start, int bars)
{
    for (std::uint64_t seed = 1;; ++seed) {
        bool none = true;
        for (int i = 0; i < bars; ++i) {
            none = none && !isMirrored(seed, start + i * base::Millis{60'000});
        }
        if (mirrors ? areAllMirrored(seed, start, bars) : none) {
            return seed;
        }
    }
}

/// Minutes of a walk with trends that last for hours: there is something to find.
std::vector<Candle> trendingMinutes(std::uint64_t seed, std::size_t count, double trend = 0.0006)
{
    std::mt19937_64 random(seed);
    const auto uniform = [&random] { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; };
    std::vector<Candle> out;
    double price = 100'000;
    double drift = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (i % 180 == 0) {
            drift = trend * (uniform() - 0.5);
        }
        Candle c{.start = {static_cast<std::int64_t>(29'000'000 + i) * 60'000}, .volume = {1'000}, .trades = 10};
        c.buyVolume = static_cast<std::int64_t>(1'000 * uniform());
        const auto at = [&] { return Price{std::llround(price)}; };
        c.open = c.high = c.low = at();
        for (int step = 0; step < 6; ++step) {
            price *= 1.0 + drift / 6 + 0.0006 * (uniform() + uniform() - 1.0);
            c.high = std::max(c.high, at());
            c.low = std::min(c.low, at());
        }
        c.close = at();
        out.push_back(c);
    }
    return out;
}

std::vector<Candle> mirrored(const std::vector<Candle>& candles, std::optional<std::uint64_t> seed)
{
    NoiseMirror mirror(seed);
    std::vector<Candle> out;
    for (const auto& candle : candles) {
        out.push_back(mirror(candle));
    }
    return out;
}

double logOf(Price a, Price b)
{
    return std::log(static_cast<double>(a.value) / static_cast<double>(b.value));
}

/// Asked at each close of 5m: it knows how the hour in work will end, as the old pipeline's join of timeframes did, and
/// goes that way. `sees` empty: the same rule on the last closed hour, which anybody may read.
class HourReader final : public Strategy {
public:
    explicit HourReader(std::vector<Candle> sees) : sees_(std::move(sees)) {}

    void onCandle(Timeframe timeframe, const Candle& candle) override
    {
        if (timeframe == Timeframe::H1) {
            closedUp_ = candle.close > candle.open;
            return;
        }
        if (timeframe != Timeframe::M5) {
            return;
        }
        last_ = candle;
    }
    [[nodiscard]] std::optional<Signal> decide(const OwnPosition* own) const override
    {
        const auto hour = base::bucketStart(last_.start, market::length(Timeframe::H1));
        if (own != nullptr || last_.start != hour) { // once an hour, after its first five minutes
            return std::nullopt;
        }
        bool isUp = closedUp_;
        if (!sees_.empty()) {
            const auto end = hour + market::length(Timeframe::H1) - base::Millis{60'000};
            const auto close = std::ranges::lower_bound(sees_, end, {}, &Candle::start);
            if (close == sees_.end()) {
                return std::nullopt;
            }
            isUp = close->close > last_.close;
        }
        const auto away = last_.close.value / 50;
        const auto side = isUp ? market::Side::Buy : market::Side::Sell;
        const auto sign = isUp ? 1 : -1;
        return Signal{.side = side,
                      .stop = {last_.close.value - sign * away},
                      .target = {last_.close.value + sign * away},
                      .timeLimit = base::Millis{54 * 60'000},
                      .why = "the hour"};
    }
    [[nodiscard]] std::string silence() const override { return {}; }
    void save(base::StateWriter&) const override {}
    void restore(base::StateReader&) override {}

private:
    std::vector<Candle> sees_;
    Candle last_;
    bool closedUp_ = false;
};

const StrategyInfo& plantedInfo()
{
    static const StrategyInfo info{.name = "hour_reader",
                                   .idea = "Goes where the hour goes.",
                                   .timeframes = {Timeframe::M5, Timeframe::H1},
                                   .parameters = {},
                                   .make = {}};
    return info;
}

MakeRunners planted(bool looksAhead)
{
    return [looksAhead](std::span<const Candle> series) {
        std::vector<StrategyRunner> runners;
        auto sees = looksAhead ? std::vector<Candle>(series.begin(), series.end()) : std::vector<Candle>{};
        runners.push_back({&plantedInfo(), std::make_unique<HourReader>(std::move(sees)), {}, "planted"});
        return runners;
    };
}

NullResult nullOf(const std::vector<Candle>& candles, const MakeRunners& make, const std::string& strategy,
                  std::uint32_t seeds)
{
    const CandleMarket market{instrument, policy, Timeframe::M1, candles};
    const auto one = [&](std::optional<std::uint64_t> seed) {
        NullTallies out;
        runOnCandles(market, seed, make, out);
        return out[strategy];
    };
    std::vector<NullTally> runs;
    for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
        runs.push_back(one(seed));
    }
    NullResult result;
    judge(result, one(std::nullopt), runs);
    return result;
}

/// A round trip at market on candles: the taker's fee and the assumed slippage, both twice.
double costs()
{
    return 2 * static_cast<double>(policy.takerFee.value + policy.assumedSlippage.value) / 1e6;
}

} // namespace

class NoiseNullTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void halfOfTheBarsAreMirroredByEverySeedAndNoTwoSeedsAlike()
    {
        std::vector<bool> before;
        for (std::uint64_t seed = 1; seed <= 50; ++seed) {
            std::vector<bool> now;
            for (int i = 0; i < 4'000; ++i) {
                now.push_back(isMirrored(seed, {1'750'000'020'000 + i * 60'000LL}));
            }
            const auto count = std::ranges::count(now, true);
            QVERIFY2(std::abs(count - 2'000) < 160, qPrintable(QString::number(count))); // five deviations
            int changes = 0;
            for (std::size_t i = 1; i < now.size(); ++i) {
                changes += now[i] != now[i - 1] ? 1 : 0;
            }
            QVERIFY2(std::abs(changes - 2'000) < 160, qPrintable(QString::number(changes)));
            int same = 0;
            for (std::size_t i = 0; i < before.size(); ++i) {
                same += now[i] == before[i] ? 1 : 0;
            }
            QVERIFY(before.empty() || std::abs(same - 2'000) < 160);
            before = std::move(now);
        }
    }

    void aMarketThatIsNotMirroredComesOutAsItWentIn()
    {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            NoiseMirror mirror(std::nullopt);
            for (const auto& item : testkit::randomTape(coin, seed, 200'000)) {
                QVERIFY(mirror(item).what == item.what);
            }
            const auto candles = trendingMinutes(seed, 100'000);
            QCOMPARE(mirrored(candles, std::nullopt), candles);
        }
    }

    void aMirroredBarIsMirroredInLogPriceAroundItsOpenAndTheNextGoesOnFromItsEnd()
    {
        const base::UtcMs start{1'750'000'020'000};
        const auto seed = seedThat(true, start, 3);
        const std::vector<Candle> bars{{.start = start,
                                        .open = {1'000'000},
                                        .high = {1'010'000},
                                        .low = {995'000},
                                        .close = {1'005'000},
                                        .volume = {100},
                                        .buyVolume = 70,
                                        .trades = 9},
                                       {.start = start + base::Millis{60'000},
                                        .open = {1'005'000},
                                        .high = {1'005'000},
                                        .low = {1'000'000},
                                        .close = {1'001'000},
                                        .volume = {50},
                                        .buyVolume = 0,
                                        .trades = 3},
                                       {.start = start + base::Millis{120'000},
                                        .open = {1'002'000},
                                        .high = {1'002'500},
                                        .low = {1'002'000},
                                        .close = {1'002'500},
                                        .volume = {1},
                                        .buyVolume = 1,
                                        .trades = 1}};
        const auto out = mirrored(bars, seed);
        QCOMPARE(out[0].open.value, 1'000'000);
        QCOMPARE(out[0].high.value, std::llround(1e12 / 995'000));
        QCOMPARE(out[0].low.value, std::llround(1e12 / 1'010'000));
        QCOMPARE(out[0].close.value, std::llround(1e12 / 1'005'000));
        QCOMPARE(out[0].buyVolume, 30);
        QCOMPARE(out[1].open, out[0].close);
        QCOMPARE(out[1].low, out[1].open);
        QCOMPARE(out[1].buyVolume, 50);
        QCOMPARE(out[2].open.value, std::llround(1e12 / 1'002'000)); // the step between the bars is mirrored, too
        for (std::size_t i = 0; i < bars.size(); ++i) {
            QCOMPARE(out[i].start, bars[i].start);
            QCOMPARE(out[i].volume, bars[i].volume);
            QCOMPARE(out[i].trades, bars[i].trades);
        }
        const auto same = mirrored(bars, seedThat(false, start, 3));
        QCOMPARE(same, bars);
    }

    void everyBarKeepsItsSizeAndOnlyLosesItsDirection()
    {
        const auto candles = trendingMinutes(7, 20'000);
        const auto out = mirrored(candles, 11);
        std::size_t flipped = 0;
        for (std::size_t i = 0; i < candles.size(); ++i) {
            const bool flips = isMirrored(11, candles[i].start);
            flipped += flips ? 1 : 0;
            const auto sign = flips ? -1.0 : 1.0;
            const auto tick = 3.0 / static_cast<double>(out[i].low.value); // of rounding
            QVERIFY(std::abs(sign * logOf(candles[i].close, candles[i].open) - logOf(out[i].close, out[i].open)) <
                    tick);
            QVERIFY(std::abs(logOf(candles[i].high, candles[i].low) - logOf(out[i].high, out[i].low)) < tick);
            QVERIFY(out[i].low <= std::min(out[i].open, out[i].close));
            QVERIFY(out[i].high >= std::max(out[i].open, out[i].close));
        }
        QVERIFY(flipped > 9'500 && flipped < 10'500);
        QVERIFY(mirrored(candles, 12) != out);
    }

    void ticksAndTheirCandlesAreMirroredAlike()
    {
        const auto tape = testkit::randomTape(coin, 5, 60'000, {.price = 900'000, .gapShare = 0, .lateShare = 0});
        NoiseMirror ticks(std::uint64_t{21});
        NoiseMirror bars(std::uint64_t{21});
        market::CandleBuilder before(Timeframe::M1);
        market::CandleBuilder after(Timeframe::M1);
        std::vector<Candle> closedBefore;
        std::vector<Candle> closedAfter;
        base::UtcMs newest{0};
        for (const auto& item : tape) {
            const auto out = ticks(item);
            QCOMPARE(out.number, item.number);
            if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                const auto& mirror = std::get<market::Tick>(out.what);
                before.add(*tick, closedBefore);
                after.add(mirror, closedAfter);
                QCOMPARE(mirror.time, tick->time);
                QCOMPARE(mirror.size(), tick->size());
                newest = tick->time;
                const bool flips = isMirrored(21, base::bucketStart(tick->time, base::Millis{60'000}));
                QCOMPARE(mirror.aggressor() != tick->aggressor(), flips);
            } else if (const auto* quote = std::get_if<market::Quote>(&item.what)) {
                const auto& mirror = std::get<market::Quote>(out.what);
                QVERIFY(mirror.ask > mirror.bid);
                const auto spread = [](const market::Quote& q) { return logOf(q.ask, q.bid); };
                QVERIFY(std::abs(spread(mirror) - spread(*quote)) < 3.0 / static_cast<double>(mirror.bid.value));
            }
        }
        QVERIFY(closedBefore.size() > 500);
        QCOMPARE(closedAfter.size(), closedBefore.size());
        for (std::size_t i = 0; i < closedBefore.size(); ++i) {
            if (closedBefore[i].trades > 0) {
                QCOMPARE(bars(closedBefore[i]), closedAfter[i]);
            }
        }
    }

    void aPriceStaysAWholeTickOfOneAtLeast()
    {
        const base::UtcMs start{1'750'000'020'000};
        NoiseMirror mirror(seedThat(true, start, 1));
        const auto of = [&](std::int64_t price) {
            const market::StreamItem item{.instrument = coin, .what = market::Tick{1, start, {price}, 5}};
            return std::get<market::Tick>(mirror(item).what).price.value;
        };
        QCOMPARE(of(3), 3);
        QCOMPARE(of(6), 2); // 1.5, away from zero
        QCOMPARE(of(9), 1);
        QCOMPARE(of(90), 1); // a tenth of a tick
    }

    void medianPercentileAndShareAreOfTheRunsThatTraded()
    {
        const auto run = [](std::uint64_t trades, double each) {
            return NullTally{trades, each * static_cast<double>(trades)};
        };
        const std::vector<NullTally> runs{run(4, 0.5), run(0, 0), run(2, -0.25), run(1, 0.25), run(8, 0.0)};
        NullResult result;
        judge(result, run(10, 0.25), runs);
        QCOMPARE(result.trades, std::uint64_t{10});
        QCOMPARE(result.real.value(), 0.25);
        QCOMPARE(result.expectancies, (std::vector<float>{-0.25F, 0.0F, 0.25F, 0.5F}));
        QCOMPARE(result.median, 0.125);
        QCOMPARE(result.p95, 0.25 + 0.85 * 0.25);
        QCOMPARE(result.share, 0.25); // an equal one did not do better
        judge(result, {}, runs);
        QVERIFY(!result.real && result.expectancies.size() == 4);
        judge(result, run(1, 1), std::vector<NullTally>{{}});
        QVERIFY(result.real && result.expectancies.empty());
    }

    void aStrategyThatReadsTheUnfinishedHigherBarEarnsOnNoiseAsOnTheMarket()
    {
        const auto candles = trendingMinutes(3, 20 * 1'440, 0); // a martingale: whoever wins on it sees what is to come
        const auto cheat = nullOf(candles, planted(true), "hour_reader", 40);
        QVERIFY(cheat.trades > 300 && cheat.expectancies.size() == 40);
        // It "wins" on the market, and the null tells why: every run without anything to find wins, too.
        QVERIFY2(*cheat.real > 0, qPrintable(QString::number(*cheat.real)));
        QVERIFY2(cheat.median > 0, qPrintable(QString::number(cheat.median)));
        QVERIFY(cheat.expectancies.front() > 0);
        QVERIFY2(cheat.share > 0.05 && cheat.share < 0.95, qPrintable(QString::number(cheat.share)));

        const auto honest = nullOf(candles, planted(false), "hour_reader", 40);
        QVERIFY(honest.trades > 300 && honest.expectancies.size() == 40);
        // The mean of a trade's move is 0 on noise; what is left are the costs.
        const auto mean = std::accumulate(honest.expectancies.begin(), honest.expectancies.end(), 0.0) / 40;
        QVERIFY2(std::abs(mean + costs()) < 0.0002, qPrintable(QString::number(mean)));
        QVERIFY(honest.p95 < 0);
        QVERIFY(honest.median < cheat.expectancies.front());

        // What was learned of execution is charged, here a dearer side each way.
        const auto traded = [&](std::optional<ExecutionCharge> charge) {
            NullTallies out;
            runOnCandles({instrument, policy, Timeframe::M1, candles, charge}, std::nullopt, planted(false), out);
            return *out["hour_reader"].expectancy();
        };
        const auto dear = assumedCharge({policy.assumedSlippage.value * 3});
        QVERIFY(traded(dear) < traded(std::nullopt));
        QCOMPARE(traded(assumedCharge(policy.assumedSlippage)), traded(std::nullopt));
    }

    void theRulesOfTheCataloguePayTheirCostsOnNoise()
    {
        const auto candles = trendingMinutes(9, 20 * 1'440);
        for (const std::string name : {"ema_crossover", "momentum"}) {
            const MakeRunners make = [&](std::span<const Candle>) { return makeRunners({name}, instrument.name); };
            const auto result = nullOf(candles, make, name, 40);
            QVERIFY2(result.trades >= 20, name.c_str());
            const auto mean = std::accumulate(result.expectancies.begin(), result.expectancies.end(), 0.0) / 40;
            // Targets pay the maker's fee and no slippage, so a round trip costs between the two.
            const auto least =
                static_cast<double>(policy.takerFee.value + policy.makerFee.value + policy.assumedSlippage.value) / 1e6;
            QVERIFY2(mean < -least * 0.6 && mean > -costs() * 1.4, qPrintable(QString::number(mean)));
        }
    }
};

QTEST_GUILESS_MAIN(NoiseNullTest)
#include "noise_null_test.moc"
