// The rule of each strategy at, under and over its thresholds, on candles made by hand. What a threshold is compared
// with is worked out here once more, from the indicators alone.
#include "market/indicators/candle_patterns.h"
#include "market/indicators/channels.h"
#include "market/indicators/moving_averages.h"
#include "market/indicators/oscillators.h"
#include "market/indicators/volume.h"
#include "strategy_bench.h"

#include <QTest>

using namespace qd;
using namespace qd::testkit;
using market::Side;

namespace {

double real(base::Price p)
{
    return static_cast<double>(p.value);
}

/// Fed with all closes; its newest value.
template <typename Indicator>
auto ofCloses(Indicator indicator, const std::vector<Candle>& candles)
{
    for (const auto& c : candles) {
        indicator.add(real(c.close));
    }
    return indicator.value().value();
}

bool speaks(std::string_view name, const std::vector<Candle>& candles, Values values)
{
    return StrategyBench(name, values).answer(candles).has_value();
}

double above(double x)
{
    return std::nextafter(x, 1e9);
}
double below(double x)
{
    return std::nextafter(x, -1e9);
}

void append(std::vector<Candle>& candles, std::int64_t open, std::int64_t high, std::int64_t low, std::int64_t close,
            std::int64_t volume = 100)
{
    candles.push_back(candleOf(static_cast<std::int64_t>(candles.size()), open, high, low, close, volume));
}

class Certain final : public trading::Predictor {
public:
    Certain(float forLong, float forShort) : forLong_(forLong), forShort_(forShort) {}
    [[nodiscard]] std::size_t rowSet() const override { return 0; }
    [[nodiscard]] base::UtcMs knows() const override { return knowsAll; }
    [[nodiscard]] float predict(std::span<const float> row) const override
    {
        return row[0] >= 0 ? forLong_ : forShort_; // row[0]: the last move, to the trade's side
    }

private:
    float forLong_;
    float forShort_;
};

} // namespace

class StrategyRulesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theEmaCrossoverSpeaksWhenTheAverageStandsClearAndOnlyOnce()
    {
        std::vector<Candle> candles;
        std::int64_t price = 100'000;
        for (int i = 0; i < 400; ++i) { // falling for long, then rising: one cross
            price += i < 300 ? -5 : 5;
            append(candles, price, price + 10, price - 10, price);
        }
        const auto said = StrategyBench("ema_crossover").listen(candles);
        QCOMPARE(said.size(), std::size_t{1});
        QCOMPARE(said.front().side, Side::Buy);
        QVERIFY(said.front().at > 300 && said.front().why.starts_with("EMA 9 crossed over EMA 21"));
        QVERIFY(StrategyBench("ema_crossover", {{"min_separation_atr", 5}}).listen(candles).empty());

        // The least separation: what it is at the cross, and a little more and less.
        candles.resize(said.front().at + 1);
        const double x = (ofCloses(market::Ema(9), candles) - ofCloses(market::Ema(21), candles)) / atrOf(candles, 14);
        QVERIFY(speaks("ema_crossover", candles, {{"min_separation_atr", x * (1 - 1e-9)}}));
        QVERIFY(!speaks("ema_crossover", candles, {{"min_separation_atr", x * (1 + 1e-9)}}));

        auto still = calm(300); // the first side that is taken is no cross, however late it comes
        for (int i = 1; i <= 60; ++i) {
            append(still, 10'000 + 20 * i, 10'010 + 20 * i, 9'990 + 20 * i, 10'000 + 20 * i);
        }
        QVERIFY(StrategyBench("ema_crossover").listen(still).empty());
    }

    void theBreakoutComparesWithTheChannelBeforeAndWantsVolume()
    {
        const auto side = [](std::int64_t close, std::int64_t volume) {
            auto candles = calm(200); // channel 9'990 … 10'010, volume 100
            append(candles, 10'000, std::max<std::int64_t>(close, 10'000), std::min<std::int64_t>(close, 10'000), close,
                   volume);
            const auto said = StrategyBench("breakout").answer(candles);
            return said ? static_cast<int>(said->side) : 0;
        };
        QCOMPARE(side(10'010, 500), 0);
        QCOMPARE(side(10'011, 500), 1);
        QCOMPARE(side(9'990, 500), 0);
        QCOMPARE(side(9'989, 500), -1);
        QCOMPARE(side(10'011, 100), 0); // not more than its average
        QCOMPARE(side(10'011, 101), 1);
    }

    void momentumWantsTheRateOfChangeAndLeavesWithoutIt()
    {
        const auto candles = untilItSpeaks("momentum", wave(2'000), {}, 1);
        QVERIFY(!candles.empty());
        const double x = ofCloses(market::Roc(12), candles);
        QVERIFY(x > 0.1);
        QVERIFY(!speaks("momentum", candles, {{"min_roc", above(x)}}));
        QVERIFY(!speaks("momentum", candles, {{"min_roc", x}}));
        QVERIFY(speaks("momentum", candles, {{"min_roc", below(x)}}));
        // Who is short leaves at that cross, whatever the rate of change; who is long does nothing.
        StrategyBench bench("momentum", {{"min_roc", 20}});
        for (std::size_t i = 0; i + 1 < candles.size(); ++i) {
            QVERIFY(!bench.hear(candles[i]));
        }
        const OwnPosition shortOne{.side = Side::Sell, .entry = {1}, .since = {1}};
        const OwnPosition longOne{.side = Side::Buy, .entry = {1}, .since = {1}};
        QVERIFY(bench.hear(candles.back(), &shortOne));
        QVERIFY(!bench.strategy->decide(&longOne) && !bench.strategy->decide(nullptr));
    }

    void theTrendMustAgreeOnAllTimeframesAndThePullbackMustEnd()
    {
        const auto candles = untilItSpeaks("mtf_trend_align", wave(9'000, 900, 60), {}, 1);
        QVERIFY(candles.size() > 2'520); // 210 candles of 1h
        const double rsi = ofCloses(market::Rsi(7), candles);
        QVERIFY(rsi >= 45 && rsi <= 90);
        const double depth = 50 - rsi;
        QVERIFY(depth > 0);
        QVERIFY(speaks("mtf_trend_align", candles, {{"pullback", depth}})); // exactly there
        QVERIFY(!speaks("mtf_trend_align", candles, {{"pullback", depth - 1e-9}}));
        auto before = candles;
        before.pop_back();
        const double rsiBefore = ofCloses(market::Rsi(7), before);
        QVERIFY(rsiBefore < 45);
        QVERIFY(!speaks("mtf_trend_align", candles, {{"pullback", std::min(40.0, 50 - rsiBefore + 0.001)}}));
        // The same last candle after a fall on 1h: no agreement, no word.
        auto fallen = candles;
        for (std::size_t i = 0; i < fallen.size(); ++i) {
            const auto lift = static_cast<std::int64_t>(fallen.size() - i) * 3;
            auto& c = fallen[i];
            c.open.value += lift;
            c.high.value += lift;
            c.low.value += lift;
            c.close.value += lift;
        }
        QVERIFY(!speaks("mtf_trend_align", fallen, {}));
    }

    void momentumOn5mMustBeConfirmedOn15mAndOn1h()
    {
        const auto candles = untilItSpeaks("mtf_momentum_confirm", wave(9'000, 900, 40), {}, 1);
        QVERIFY(candles.size() > 1'680); // 140 candles of 1h
        const auto paceOf = [&](std::int64_t minutes) {
            std::vector<Candle> larger;
            for (const auto& c : candles) {
                const auto start = base::bucketStart(c.start, base::Millis{minutes * 60'000});
                if (larger.empty() || larger.back().start != start) {
                    larger.push_back(c);
                    larger.back().start = start;
                }
                larger.back().high = std::max(larger.back().high, c.high);
                larger.back().low = std::min(larger.back().low, c.low);
                larger.back().close = c.close;
            }
            const auto end = candles.back().start + base::Millis{300'000};
            if (larger.back().start + base::Millis{minutes * 60'000} > end) {
                larger.pop_back(); // not closed
            }
            return (real(larger.back().close) - real(larger[larger.size() - 13].close)) / atrOf(larger, 14);
        };
        const double five = paceOf(5);
        QVERIFY(speaks("mtf_momentum_confirm", candles, {{"min_momentum_atr", five}}));
        QVERIFY(!speaks("mtf_momentum_confirm", candles, {{"min_momentum_atr", above(five)}}));
        const double both = std::min(paceOf(15), paceOf(60));
        QVERIFY(both >= 1);
        QVERIFY(speaks("mtf_momentum_confirm", candles, {{"confirm_atr", both}}));
        QVERIFY(!speaks("mtf_momentum_confirm", candles, {{"confirm_atr", above(both)}}));
    }

    void theModelsProbabilityMustBeOverItsThreshold()
    {
        auto candles = calm(300);
        append(candles, 10'000, 10'010, 9'990, 10'005); // a move, so that there are two sides
        constexpr float edge = 0.625F;
        const auto said = [&](float forLong, float forShort) {
            StrategyBench bench("ml_gbt_5m", {{"threshold", 0.625}});
            bench.ask(std::make_shared<Certain>(0.5F, 0.5F));
            for (std::size_t i = 0; i + 1 < candles.size(); ++i) {
                (void)bench.hear(candles[i]);
            }
            bench.ask(std::make_shared<Certain>(forLong, forShort));
            return bench.hear(candles.back());
        };
        QVERIFY(!said(std::nextafter(edge, 0.0F), 0.1F) && !said(edge, 0.1F));
        QCOMPARE(said(std::nextafter(edge, 1.0F), 0.1F)->side, Side::Buy);
        QCOMPARE(said(0.63F, 0.7F)->side, Side::Sell);
        QVERIFY(!said(0.7F, 0.7F)); // it cannot tell
        QVERIFY(said(0.9F, 0.1F)->why.starts_with("gbt_5m 7: probability 0.900 over 0.625"));
        StrategyBench silent("ml_gbt_5m");
        silent.strategy->useModel(nullptr);
        QVERIFY(silent.listen(wave(1'000)).empty());
        QCOMPARE(silent.strategy->silence(), std::string("no model: it needs a trained gbt_5m"));
    }

    void vwapReversionWantsTheStretchAndRsi()
    {
        for (const int side : {1, -1}) {
            const auto candles = untilItSpeaks("vwap_reversion", wave(3'000), {}, side);
            QVERIFY(!candles.empty());
            market::RollingVwap vwap(48);
            for (const auto& c : candles) {
                vwap.add(real(c.high), real(c.low), real(c.close), static_cast<double>(c.volume.value));
            }
            const double stretch = -side * ((real(candles.back().close) - *vwap.value()) / atrOf(candles, 10));
            const double margin = side * (50 - ofCloses(market::Rsi(10), candles));
            QVERIFY(stretch >= 2 && margin >= 15);
            QVERIFY(speaks("vwap_reversion", candles, {{"min_stretch_atr", stretch}}));
            QVERIFY(!speaks("vwap_reversion", candles, {{"min_stretch_atr", above(stretch)}}));
            QVERIFY(speaks("vwap_reversion", candles, {{"rsi_margin", margin}}));
            QVERIFY(!speaks("vwap_reversion", candles, {{"rsi_margin", above(margin)}}));
            const auto said = StrategyBench("vwap_reversion").answer(candles);
            const auto away = std::llround(0.05 * atrOf(candles, 10));
            QCOMPARE(said->limit->value, candles.back().close.value - side * away);
        }
    }

    void volumeMeanReversionWantsCalmAndOrdinaryVolume()
    {
        // A wild past makes the last candles calm; then one close away from VWAP.
        const auto made = [](std::int64_t volume, std::int64_t down = 60) {
            auto candles = calm(300);
            for (std::size_t i = 200; i < 240; ++i) {
                candles[i].high.value += 30;
                candles[i].low.value -= 30;
            }
            append(candles, 10'000, 10'000, 10'000 - down, 10'000 - down, volume);
            return candles;
        };
        QVERIFY(speaks("volume_mean_reversion", made(100), {{"min_stretch_atr", 2}}));
        QVERIFY(speaks("volume_mean_reversion", made(150), {{"min_stretch_atr", 2}})); // 1.5 times the usual
        QVERIFY(!speaks("volume_mean_reversion", made(151), {{"min_stretch_atr", 2}}));
        QVERIFY(speaks("volume_mean_reversion", made(67), {{"min_stretch_atr", 2}}));
        QVERIFY(!speaks("volume_mean_reversion", made(66), {{"min_stretch_atr", 2}}));
        const auto candles = made(100);
        const double atr = atrOf(candles, 10);
        double ranges = 0;
        for (std::size_t i = candles.size() - 96; i < candles.size(); ++i) {
            ranges += real(candles[i].high) - real(candles[i].low);
        }
        const double share = atr / (ranges / 96);
        QVERIFY(
            speaks("volume_mean_reversion", candles, {{"min_stretch_atr", 2}, {"max_volatility", share * 1.000001}}));
        QVERIFY(
            !speaks("volume_mean_reversion", candles, {{"min_stretch_atr", 2}, {"max_volatility", share * 0.999999}}));
        market::RollingVwap vwap(96);
        for (const auto& c : candles) {
            vwap.add(real(c.high), real(c.low), real(c.close), static_cast<double>(c.volume.value));
        }
        const double stretch = -(real(candles.back().close) - *vwap.value()) / atr;
        QVERIFY(speaks("volume_mean_reversion", candles, {{"min_stretch_atr", stretch}}));
        QVERIFY(!speaks("volume_mean_reversion", candles, {{"min_stretch_atr", above(stretch)}}));
    }

    void theSqueezeMustHaveHeldAndTheBreakNeedsVolume()
    {
        auto candles = wave(400);
        const auto from = candles.back().close.value;
        for (int i = 0; i < 40; ++i) { // narrow closes in wide candles
            append(candles, from, from + 15, from - 15, from + i % 2);
        }
        append(candles, from, from + 40, from, from + 40, 121);
        StrategyBench bench("bb_squeeze");
        const auto said = bench.answer(candles);
        QVERIFY(said && said->side == Side::Buy);
        const auto held = std::stoi(said->why.substr(said->why.find("after ") + 6));
        QVERIFY(held > 3 && held < 40);
        QVERIFY(speaks("bb_squeeze", candles, {{"min_squeeze", held - 1}}));
        QVERIFY(speaks("bb_squeeze", candles, {{"min_squeeze", held}}));
        QVERIFY(!speaks("bb_squeeze", candles, {{"min_squeeze", held + 1}}));
        for (auto i = candles.size() - 21; i + 1 < candles.size(); ++i) {
            candles[i].volume = {100};
        }
        QVERIFY(speaks("bb_squeeze", candles, {}));
        candles.back().volume = {120};
        QVERIFY(!speaks("bb_squeeze", candles, {})); // 1.2 times the average is not over it
    }

    void aLevelNeedsItsTouchesAndTheBounce()
    {
        const auto made = [](int touches, std::int64_t close) {
            auto candles = calm(320);
            for (int touch = 0; touch < touches; ++touch) {
                candles[200 + 20 * static_cast<std::size_t>(touch)].low = {9'950};
            }
            append(candles, 10'000, 10'000, 9'950, close);
            return candles;
        };
        QVERIFY(!speaks("support_resistance", made(2, 9'990), {}));
        QVERIFY(speaks("support_resistance", made(3, 9'990), {}));
        QVERIFY(speaks("support_resistance", made(4, 9'990), {}));
        QVERIFY(!speaks("support_resistance", made(3, 9'990), {{"min_touches", 4}}));
        const auto atrWith = [&](std::int64_t close) { return atrOf(made(3, close), 10); };
        std::int64_t least = 9'950; // the lowest close that is half an ATR over the level
        while (static_cast<double>(least - 9'950) < 0.5 * atrWith(least)) {
            ++least;
        }
        QVERIFY(speaks("support_resistance", made(3, least), {}));
        QVERIFY(!speaks("support_resistance", made(3, least - 1), {}));
        auto far = made(3, 9'990); // tolerance: 0.3 ATR around the candle's low
        const auto tolerance = static_cast<std::int64_t>(0.3 * atrWith(9'990));
        far[200].low = {9'950 + tolerance};
        QVERIFY(speaks("support_resistance", far, {}));
        far[200].low = {9'950 + tolerance + 1};
        QVERIFY(!speaks("support_resistance", far, {}));
    }

    void aPatternCountsOnlyAtTheEndOfTheRangeAndWhileTheMarketMoves()
    {
        auto candles = calm(200);
        append(candles, 9'995, 9'996, 9'984, 9'985);
        append(candles, 9'984, 9'998, 9'983, 9'997); // engulfs the body before it
        market::Donchian range(48);
        for (const auto& c : candles) {
            range.add(real(c.high), real(c.low));
        }
        const auto channel = range.value().value();
        const double share = (9'997 - channel.lower) / (channel.upper - channel.lower);
        QVERIFY(speaks("candle_patterns", candles, {{"location", share}}));
        QVERIFY(!speaks("candle_patterns", candles, {{"location", below(share)}}));
        const double moves = 100 * atrOf(candles, 10) / 9'997;
        QVERIFY(speaks("candle_patterns", candles, {{"location", 1}, {"min_atr", moves * (1 - 1e-9)}}));
        QVERIFY(!speaks("candle_patterns", candles, {{"location", 1}, {"min_atr", moves * (1 + 1e-9)}}));
        candles.back().close = {9'995}; // covers no more than the body before it
        candles.back().open = {9'985};
        QVERIFY(!speaks("candle_patterns", candles, {{"location", 1}}));
    }

    void theReversalNeedsAFreshExtremeAndABounce()
    {
        const auto made = [](int since, std::int64_t close) {
            auto candles = calm(200);
            append(candles, 10'000, 10'000, 9'900, 9'901);
            for (int i = 1; i < since; ++i) {
                append(candles, 9'901, 9'910, 9'901, 9'902);
            }
            append(candles, 9'902, std::max<std::int64_t>(9'910, close), 9'901, close);
            return candles;
        };
        QVERIFY(speaks("reversal", made(3, 9'950), {}));
        QVERIFY(!speaks("reversal", made(4, 9'950), {})); // not recent any more
        QVERIFY(speaks("reversal", made(4, 9'950), {{"recent", 4}}));
        const auto candles = made(3, 9'930);
        const double x = 30.0 / atrOf(candles, 10);
        QVERIFY(speaks("reversal", candles, {{"min_bounce_atr", x}}));
        QVERIFY(!speaks("reversal", candles, {{"min_bounce_atr", above(x)}}));
        const auto said = StrategyBench("reversal", {{"min_bounce_atr", x}}).answer(candles);
        QCOMPARE(said->side, Side::Buy);
        QCOMPARE(said->limit->value, 9'930 - std::llround(0.1 * atrOf(candles, 10)));
        QVERIFY(said->stop < said->limit->value && said->limit->value < said->target);
    }

    void rsiMustDivergeByItsLeast()
    {
        const auto candles = untilItSpeaks("rsi_divergence", wave(6'000, 150, 120), {{"rsi_margin", 5}}, 1);
        QVERIFY(!candles.empty());
        // The two lows: the newest turning point lies three candles back.
        const auto isLow = [&](std::size_t i) {
            bool is = i >= 3 && i + 3 < candles.size();
            for (std::size_t k = 1; is && k <= 3; ++k) {
                is = candles[i].low < candles[i - k].low && candles[i].low <= candles[i + k].low;
            }
            return is;
        };
        const auto now = candles.size() - 4;
        auto before = now - 1;
        while (!isLow(before)) {
            --before;
        }
        QVERIFY(isLow(now) && candles[now].low < candles[before].low && now - before <= 24);
        const auto rsiAt = [&](std::size_t i) {
            return ofCloses(market::Rsi(14), {candles.begin(), candles.begin() + static_cast<std::ptrdiff_t>(i) + 1});
        };
        const double x = rsiAt(now) - rsiAt(before);
        QVERIFY(x >= 3);
        QVERIFY(speaks("rsi_divergence", candles, {{"rsi_margin", 5}, {"min_divergence", x}}));
        QVERIFY(!speaks("rsi_divergence", candles, {{"rsi_margin", 5}, {"min_divergence", above(x)}}));
        const auto apart = static_cast<double>(now - before);
        QVERIFY(speaks("rsi_divergence", candles, {{"rsi_margin", 5}, {"memory", apart}}));
        QVERIFY(!speaks("rsi_divergence", candles, {{"rsi_margin", 5}, {"memory", apart - 1}}));
        const double margin = 50 - rsiAt(before);
        QVERIFY(speaks("rsi_divergence", candles, {{"rsi_margin", margin}}));
        QVERIFY(!speaks("rsi_divergence", candles, {{"rsi_margin", above(margin)}}));
    }
};

QTEST_GUILESS_MAIN(StrategyRulesTest)
#include "strategy_rules_test.moc"
