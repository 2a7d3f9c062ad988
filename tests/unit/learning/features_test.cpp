// The features of a row against a second, plain implementation on the same candles; their look-backs; gaps and warm-up;
// restarts; and that training and serving see the same bits.
#include "base/state.h"
#include "learning/feature_builder.h"
#include "learning/features.h"
#include "market/candle_builder.h"

#include <QTest>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <set>

using namespace qd::learning;
using namespace qd::market;
using qd::base::UtcMs;

namespace {

constexpr FeatureSource allSources[] = {FeatureSource::Candles5m, FeatureSource::Candles1m, FeatureSource::Ticks};

Timeframe fedBy(FeatureSource source)
{
    return source == FeatureSource::Candles5m ? Timeframe::M5 : Timeframe::M1;
}

/// A random walk of whole candles; start on an hour unless said otherwise.
std::vector<Candle> walk(Timeframe timeframe, std::size_t n, std::uint64_t seed, std::int64_t start = 1'700'002'800'000)
{
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::vector<Candle> out;
    double price = 50'000;
    for (std::size_t i = 0; i < n; ++i) {
        Candle c{.start = {start + static_cast<std::int64_t>(i) * length(timeframe).count()}};
        c.open = {std::llround(price)};
        price *= std::exp(0.002 * normal(random));
        c.close = {std::llround(price)};
        c.high = {std::max(c.open, c.close).value + static_cast<std::int64_t>(random() % 60)};
        c.low = {std::min(c.open, c.close).value - static_cast<std::int64_t>(random() % 60)};
        c.volume = {static_cast<std::int64_t>(1 + random() % 5000)};
        c.buyVolume = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(c.volume.value + 1));
        c.trades = static_cast<std::int32_t>(1 + random() % 90);
        out.push_back(c);
    }
    return out;
}

using Row = std::vector<float>;
using Rows = std::map<std::int64_t, Row>; // by time

Rows rowsOf(FeatureBuilder& builder, std::span<const Candle> candles)
{
    Rows out;
    for (const auto& candle : candles) {
        if (builder.add(candle) == RowOutcome::Row) {
            out[builder.rowTime().value] = Row(builder.row().begin(), builder.row().end());
        }
    }
    return out;
}

bool areBitEqual(const Row& a, const Row& b)
{
    const auto bits = [](float v) { return std::bit_cast<std::uint32_t>(v); };
    return std::ranges::equal(a, b, {}, bits, bits);
}

// ---- the second implementation: whole candles of a timeframe, and a loop for each feature

std::vector<Candle> aggregated(std::span<const Candle> candles, Timeframe timeframe, qd::base::Millis part)
{
    std::vector<Candle> out;
    std::int64_t parts = 0;
    for (const auto& c : candles) {
        const auto start = qd::base::bucketStart(c.start, length(timeframe));
        if (out.empty() || out.back().start != start) {
            if (!out.empty() && parts * part != length(timeframe)) {
                out.pop_back();
            }
            out.push_back(c);
            out.back().start = start;
            parts = 1;
            continue;
        }
        auto& whole = out.back();
        whole.high = std::max(whole.high, c.high);
        whole.low = std::min(whole.low, c.low);
        whole.close = c.close;
        whole.volume += c.volume;
        whole.buyVolume += c.buyVolume;
        whole.trades += c.trades;
        ++parts;
    }
    if (!out.empty() && parts * part != length(timeframe)) {
        out.pop_back();
    }
    return out;
}

class Plain {
public:
    Plain(std::vector<Candle> candles, std::size_t longest) : c_(std::move(candles)), longest_(longest) {}

    [[nodiscard]] double value(const FeatureSpec& spec) const
    {
        const std::size_t n = spec.window;
        const auto& last = c_.back();
        const double range = real(last.high) - real(last.low);
        const double mean = of(n, [](const Candle& c) { return real(c.close); }) / static_cast<double>(n);
        const double spread = std::sqrt(of(n, [&](const Candle& c) { return std::pow(real(c.close) - mean, 2); }) /
                                        static_cast<double>(n));
        const double volume = of(n, volumeOf);
        const double all = of(longest_, volumeOf);
        const double share = static_cast<double>(longest_) / static_cast<double>(n);
        switch (spec.kind) {
        case FeatureKind::Return:
            return returns(n, 1);
        case FeatureKind::ReturnScaled:
            return returns(n, 1) / (volatility(longest_) * std::sqrt(static_cast<double>(n)));
        case FeatureKind::Volatility:
            return volatility(n);
        case FeatureKind::VolatilityRatio:
            return volatility(n) / volatility(longest_);
        case FeatureKind::RangeVolatility:
            return std::sqrt(of(n, [](const Candle& c) { return std::pow(std::log(real(c.high) / real(c.low)), 2); }) /
                             (4 * std::log(2.0) * static_cast<double>(n))) /
                   volatility(n);
        case FeatureKind::Deviation:
            return (real(last.close) - mean) / spread;
        case FeatureKind::BandWidth:
            return 4 * spread / mean;
        case FeatureKind::MeanDistance:
            return (real(last.close) / mean - 1) / volatility(longest_);
        case FeatureKind::GainShare:
            return gains(n) / (gains(n) - losses(n)) - 0.5;
        case FeatureKind::Efficiency:
            return returns(n, 1) / (gains(n) - losses(n));
        case FeatureKind::Autocorrelation: {
            double products = 0;
            for (std::size_t back = 0; back < n; ++back) {
                products += step(back) * step(back + 1);
            }
            return products / returns(n, 2);
        }
        case FeatureKind::ChannelPosition:
            return (real(last.close) - lowest(n)) / (highest(n) - lowest(n)) - 0.5;
        case FeatureKind::ChannelWidth:
            return (highest(n) - lowest(n)) / real(last.close);
        case FeatureKind::RangeRatio:
            return range / (of(n, [](const Candle& c) { return real(c.high) - real(c.low); }) / static_cast<double>(n));
        case FeatureKind::Body:
            return (real(last.close) - real(last.open)) / range;
        case FeatureKind::WickBalance:
            return ((std::min(real(last.open), real(last.close)) - real(last.low)) -
                    (real(last.high) - std::max(real(last.open), real(last.close)))) /
                   range;
        case FeatureKind::VolumeRatio:
            return volumeOf(last) / (volume / static_cast<double>(n));
        case FeatureKind::VolumeTrend:
            return volume * share / all;
        case FeatureKind::VolumeDirection: {
            double directed = 0;
            for (std::size_t back = 0; back < n; ++back) {
                const double r = step(back);
                directed += volumeOf(c_[c_.size() - 1 - back]) * (r > 0 ? 1 : r < 0 ? -1 : 0);
            }
            return directed / volume;
        }
        case FeatureKind::VwapDistance:
            return real(last.close) / (of(n,
                                          [](const Candle& c) {
                                              return (real(c.high) + real(c.low) + real(c.close)) / 3 * volumeOf(c);
                                          }) /
                                       volume) -
                   1;
        case FeatureKind::FlowImbalance:
            return imbalance(n);
        case FeatureKind::FlowChange:
            return imbalance(n) - imbalance(longest_);
        case FeatureKind::TradeRate:
            return of(n, tradesOf) * share / of(longest_, tradesOf);
        case FeatureKind::TradeSize:
            return volume / of(n, tradesOf) / (all / of(longest_, tradesOf));
        default:
            return 0;
        }
    }

private:
    static double real(Price price) { return static_cast<double>(price.value); }
    static double volumeOf(const Candle& c) { return static_cast<double>(c.volume.value); }
    static double tradesOf(const Candle& c) { return c.trades; }
    template <typename F>
    [[nodiscard]] double of(std::size_t n, F f) const
    {
        double sum = 0;
        for (std::size_t i = c_.size() - n; i < c_.size(); ++i) {
            sum += f(c_[i]);
        }
        return sum;
    }
    [[nodiscard]] double step(std::size_t back) const
    {
        const auto i = c_.size() - 1 - back;
        return std::log(real(c_[i].close) / real(c_[i - 1].close));
    }
    [[nodiscard]] double returns(std::size_t n, int power) const
    {
        double sum = 0;
        for (std::size_t back = 0; back < n; ++back) {
            sum += std::pow(step(back), power);
        }
        return sum;
    }
    [[nodiscard]] double gains(std::size_t n) const
    {
        double sum = 0;
        for (std::size_t back = 0; back < n; ++back) {
            sum += std::max(0.0, step(back));
        }
        return sum;
    }
    [[nodiscard]] double losses(std::size_t n) const { return returns(n, 1) - gains(n); }
    [[nodiscard]] double volatility(std::size_t n) const { return std::sqrt(returns(n, 2) / static_cast<double>(n)); }
    [[nodiscard]] double highest(std::size_t n) const
    {
        double most = 0;
        for (std::size_t i = c_.size() - n; i < c_.size(); ++i) {
            most = std::max(most, real(c_[i].high));
        }
        return most;
    }
    [[nodiscard]] double lowest(std::size_t n) const;
    [[nodiscard]] double imbalance(std::size_t n) const
    {
        return of(n, [](const Candle& c) { return 2.0 * static_cast<double>(c.buyVolume) - volumeOf(c); }) /
               of(n, volumeOf);
    }

    std::vector<Candle> c_;
    std::size_t longest_;
};

double Plain::lowest(std::size_t n) const
{
    double least = 1e300;
    for (std::size_t i = c_.size() - n; i < c_.size(); ++i) {
        least = std::min(least, real(c_[i].low));
    }
    return least;
}

} // namespace

class FeaturesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everySetHasNamedFeaturesWithUnitLookBackAndSource();
    void theHashTellsSetsApartAndIsStable();
    void everyFeatureAgreesWithThePlainFormula_data();
    void everyFeatureAgreesWithThePlainFormula();
    void aRowDependsOnItsLookBackAloneWhereverItBegan();
    void aCandleBeforeTheLookBackChangesNothingAndOneInsideDoes();
    void noRowSeesTheFuture();
    void theFirstRowComesAfterTheLongestLookBack();
    void aMarkedCandleLeavesRowsOutUntilItIsBehind();
    void aHoleLeavesRowsOutUntilItIsBehind();
    void allRowsTouchingGapsIsNoRowAtAll();
    void aCandleThatIsNotNewerIsIgnored();
    void aRestartGoesOnWithTheSameBits();
    void aDamagedStateDoesNoHarm();
    void servedFromTicksEqualsMadeFromStoredCandles();
    void aFlatMarketIsMissingAndNeverInfinite();
    void aMirroredMarketMirrorsDirectedFeaturesAlone();
    void anAbsurdJumpStaysFinite();
};

void FeaturesTest::everySetHasNamedFeaturesWithUnitLookBackAndSource()
{
    std::size_t before = 0;
    for (const auto source : allSources) {
        const auto& set = FeatureSet::of(source);
        QVERIFY(set.size() >= 55 && set.size() <= 70);
        QVERIFY(set.size() > before);
        before = set.size();
        std::set<std::string> names;
        for (const auto& info : set.infos()) {
            QVERIFY2(names.insert(info.name).second, info.name.c_str());
            QVERIFY(!info.unit.empty() && !info.meaning.empty());
            QVERIFY(info.source <= source);
            QVERIFY(info.lookBack.count() >= 0 && info.lookBack <= std::chrono::hours(10));
        }
    }
    QCOMPARE(FeatureSet::of(FeatureSource::Ticks).infos().back().source, FeatureSource::Ticks);
}

void FeaturesTest::theHashTellsSetsApartAndIsStable()
{
    std::set<std::string> hashes;
    for (const auto source : allSources) {
        hashes.insert(FeatureSet::of(source).hash());
        QCOMPARE(FeatureSet::of(source).hash().size(), 64U);
    }
    QCOMPARE(hashes.size(), 3U);
    // A set whose features change takes a new number; then these change with it, on purpose, and old models are
    // refused.
    const auto& fives = FeatureSet::of(FeatureSource::Candles5m);
    QCOMPARE(fives.version(), std::string("5m-1"));
    QCOMPARE(fives.hash().substr(0, 16), std::string("63726252ba354690"));
    QCOMPARE(FeatureSet::of(FeatureSource::Candles1m).hash().substr(0, 16), std::string("1e63289289335a01"));
    QCOMPARE(FeatureSet::of(FeatureSource::Ticks).hash().substr(0, 16), std::string("fd622b02af080229"));
}

void FeaturesTest::everyFeatureAgreesWithThePlainFormula_data()
{
    QTest::addColumn<int>("source");
    for (const auto source : allSources) {
        QTest::newRow(std::string(name(source)).c_str()) << static_cast<int>(source);
    }
}

void FeaturesTest::everyFeatureAgreesWithThePlainFormula()
{
    QFETCH(int, source);
    const auto& set = FeatureSet::of(static_cast<FeatureSource>(source));
    const auto fed = fedBy(set.source());
    const auto candles = walk(fed, fed == Timeframe::M5 ? 400 : 1500, 17);
    FeatureBuilder builder(set);
    std::size_t rows = 0;
    for (std::size_t i = 0; i < candles.size(); ++i) {
        if (builder.add(candles[i]) != RowOutcome::Row || ++rows % 23 != 0) {
            continue;
        }
        const auto known = std::span(candles).first(i + 1);
        for (std::size_t f = 0; f < set.size(); ++f) {
            const auto& spec = set.specs()[f];
            if (spec.window == 0) {
                continue;
            }
            const Plain plain(aggregated(known, spec.timeframe, length(fed)), set.longest(spec.timeframe));
            const double want = plain.value(spec);
            const double got = builder.row()[f];
            QVERIFY2(std::abs(got - want) <= 1e-7 + 2e-6 * std::abs(want),
                     (set.infos()[f].name + " " + std::to_string(got) + " " + std::to_string(want)).c_str());
        }
    }
    QVERIFY(rows > 100);
}

void FeaturesTest::aRowDependsOnItsLookBackAloneWhereverItBegan()
{
    for (const auto source : allSources) {
        const auto& set = FeatureSet::of(source);
        const auto fed = fedBy(source);
        const auto candles = walk(fed, fed == Timeframe::M5 ? 700 : 2500, 18);
        FeatureBuilder early(set);
        FeatureBuilder late(set);
        const auto fromStart = rowsOf(early, candles);
        const auto fromLater = rowsOf(late, std::span(candles).subspan(candles.size() / 3 + 7));
        QVERIFY(fromLater.size() > 100);
        for (const auto& [time, row] : fromLater) {
            QVERIFY(areBitEqual(row, fromStart.at(time)));
        }
    }
}

void FeaturesTest::aCandleBeforeTheLookBackChangesNothingAndOneInsideDoes()
{
    const auto& set = FeatureSet::of(FeatureSource::Candles5m);
    const auto candles = walk(Timeframe::M5, 300, 19);
    FeatureBuilder plain(set);
    const auto rows = rowsOf(plain, candles);
    const auto [time, row] = *rows.rbegin();
    std::vector<bool> moved(set.size(), false);
    for (std::size_t changed = 150; changed < candles.size(); ++changed) {
        auto other = candles;
        other[changed].close.value += 30;
        other[changed].high.value += 95;
        other[changed].low.value -= 85;
        other[changed].volume.value += 900;
        FeatureBuilder builder(set);
        const auto again = rowsOf(builder, other).at(time);
        const auto age = UtcMs{time} - candles[changed].start; // from the candle's start to the row
        for (std::size_t f = 0; f < set.size(); ++f) {
            const auto& info = set.infos()[f];
            const bool differs = std::bit_cast<std::uint32_t>(again[f]) != std::bit_cast<std::uint32_t>(row[f]);
            // a higher candle may have closed up to its length ago
            const auto reach = info.lookBack + length(set.specs()[f].timeframe);
            QVERIFY2(!differs || age <= reach, info.name.c_str());
            moved[f] = moved[f] || differs;
        }
    }
    for (std::size_t f = 0; f < set.size(); ++f) {
        QVERIFY2(moved[f] || set.specs()[f].window == 0, set.infos()[f].name.c_str());
    }
}

void FeaturesTest::noRowSeesTheFuture()
{
    for (const auto source : allSources) {
        const auto& set = FeatureSet::of(source);
        const auto candles = walk(fedBy(source), source == FeatureSource::Candles5m ? 500 : 2000, 20);
        FeatureBuilder whole(set);
        const auto rows = rowsOf(whole, candles);
        std::mt19937_64 random(1);
        for (int i = 0; i < 60; ++i) {
            const auto end = 1 + random() % candles.size();
            FeatureBuilder cut(set);
            for (const auto& [time, row] : rowsOf(cut, std::span(candles).first(end))) {
                QVERIFY(areBitEqual(row, rows.at(time)));
            }
        }
    }
}

void FeaturesTest::theFirstRowComesAfterTheLongestLookBack()
{
    for (const auto source : allSources) {
        FeatureBuilder builder(FeatureSet::of(source));
        const auto candles = walk(builder.fed(), 2000, 21);
        const auto rows = rowsOf(builder, candles);
        const auto waited = UtcMs{rows.begin()->first} - candles.front().start;
        QVERIFY(waited <= builder.warmUp());
        QVERIFY(waited >= std::chrono::hours(9)); // nine hourly closes
        QCOMPARE(builder.counts().rows, rows.size());
        QCOMPARE(builder.counts().warmUp, static_cast<std::uint64_t>(waited / std::chrono::minutes(5)) - 1);
        QCOMPARE(builder.counts().gap, 0U);
    }
}

void FeaturesTest::aMarkedCandleLeavesRowsOutUntilItIsBehind()
{
    const auto& set = FeatureSet::of(FeatureSource::Candles5m);
    auto candles = walk(Timeframe::M5, 600, 22);
    candles[300].hasGap = true;
    FeatureBuilder builder(set);
    const auto rows = rowsOf(builder, candles);
    QVERIFY(builder.counts().gap >= 108); // nine hours
    QVERIFY(builder.counts().gap <= 122);
    QCOMPARE(builder.counts().rows + builder.counts().gap + builder.counts().warmUp, 600U);
    const auto marked = (candles[300].start + length(Timeframe::M5)).value;
    QVERIFY(rows.contains(marked - length(Timeframe::M5).count()));
    const auto next = rows.lower_bound(marked);
    QVERIFY(UtcMs{next->first} - UtcMs{marked} >= std::chrono::hours(8));
}

void FeaturesTest::aHoleLeavesRowsOutUntilItIsBehind()
{
    auto candles = walk(Timeframe::M5, 600, 23);
    candles.erase(candles.begin() + 300);
    FeatureBuilder builder(FeatureSet::of(FeatureSource::Candles5m));
    const auto rows = rowsOf(builder, candles);
    QVERIFY(builder.counts().gap >= 107);
    QCOMPARE(builder.counts().rows + builder.counts().gap + builder.counts().warmUp, 599U);
    auto markedInstead = walk(Timeframe::M5, 600, 23);
    markedInstead[300].hasGap = true;
    FeatureBuilder other(FeatureSet::of(FeatureSource::Candles5m));
    QCOMPARE(rowsOf(other, markedInstead).size(), rows.size());
}

void FeaturesTest::allRowsTouchingGapsIsNoRowAtAll()
{
    auto candles = walk(Timeframe::M5, 600, 24);
    for (std::size_t i = 0; i < candles.size(); i += 90) {
        candles[i].hasGap = true;
    }
    FeatureBuilder builder(FeatureSet::of(FeatureSource::Candles5m));
    QVERIFY(rowsOf(builder, candles).empty());
    QVERIFY(builder.counts().gap > 500);
}

void FeaturesTest::aCandleThatIsNotNewerIsIgnored()
{
    const auto candles = walk(Timeframe::M5, 300, 25);
    FeatureBuilder once(FeatureSet::of(FeatureSource::Candles5m));
    FeatureBuilder twice(FeatureSet::of(FeatureSource::Candles5m));
    std::vector<Candle> repeated;
    for (std::size_t i = 0; i < candles.size(); ++i) {
        repeated.push_back(candles[i]);
        repeated.push_back(candles[i / 2]);
    }
    QVERIFY(rowsOf(once, candles) == rowsOf(twice, repeated));
    QCOMPARE(once.counts(), twice.counts());
}

void FeaturesTest::aRestartGoesOnWithTheSameBits()
{
    for (const auto source : allSources) {
        const auto& set = FeatureSet::of(source);
        const auto candles = walk(fedBy(source), 1600, 26);
        FeatureBuilder through(set);
        const auto rows = rowsOf(through, candles);
        for (const std::size_t cut : {3U, 701U, 1207U}) {
            FeatureBuilder first(set);
            auto got = rowsOf(first, std::span(candles).first(cut));
            qd::base::StateWriter writer;
            writer(first);
            FeatureBuilder second(set);
            qd::base::StateReader reader(writer.bytes());
            reader(second);
            QVERIFY(reader.isComplete());
            got.merge(rowsOf(second, std::span(candles).subspan(cut)));
            QCOMPARE(got.size(), rows.size());
            for (const auto& [time, row] : got) {
                QVERIFY(areBitEqual(row, rows.at(time)));
            }
            QCOMPARE(second.counts(), through.counts());
        }
    }
}

void FeaturesTest::aDamagedStateDoesNoHarm()
{
    const auto& set = FeatureSet::of(FeatureSource::Ticks);
    const auto candles = walk(Timeframe::M1, 900, 27);
    FeatureBuilder builder(set);
    rowsOf(builder, candles);
    qd::base::StateWriter writer;
    writer(builder);
    std::mt19937_64 random(3);
    for (int round = 0; round < 60; ++round) {
        auto bytes = writer.bytes();
        for (int i = 0; i < 20; ++i) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        bytes.resize(round % 2 == 0 ? bytes.size() : random() % bytes.size());
        FeatureBuilder other(set);
        qd::base::StateReader reader(bytes);
        reader(other);
        rowsOf(other, std::span(candles).last(50)); // no crash under the sanitizers
    }
}

void FeaturesTest::servedFromTicksEqualsMadeFromStoredCandles()
{
    // While serving, each closed candle is handed over as its tick comes; training reads the stored ones in a run.
    std::mt19937_64 random(28);
    CandleBuilder served(Timeframe::M1);
    CandleBuilder stored(Timeframe::M1);
    FeatureBuilder serving(FeatureSet::of(FeatureSource::Ticks));
    std::vector<Candle> archive;
    Rows live;
    std::int64_t time = 1'700'000'123'456;
    std::int64_t price = 300'000;
    for (std::int64_t id = 1; id < 200'000; ++id) {
        time += static_cast<std::int64_t>(random() % 900);
        price += static_cast<std::int64_t>(random() % 21) - 10;
        const auto size = static_cast<std::int64_t>(1 + random() % 50);
        const Tick tick{.id = id, .time = {time}, .price = {price}, .signedSize = random() % 2 == 0 ? size : -size};
        if (id == 100'000) {
            served.markGap();
            stored.markGap();
        }
        std::vector<Candle> closed;
        served.add(tick, closed);
        stored.add(tick, archive);
        live.merge(rowsOf(serving, closed));
    }
    FeatureBuilder training(FeatureSet::of(FeatureSource::Ticks));
    const auto offline = rowsOf(training, archive);
    QVERIFY(live.size() > 50);
    QCOMPARE(live.size(), offline.size());
    for (const auto& [at, row] : live) {
        QVERIFY(areBitEqual(row, offline.at(at)));
    }
    QVERIFY(training.counts().gap > 0);
}

void FeaturesTest::aFlatMarketIsMissingAndNeverInfinite()
{
    auto candles = walk(Timeframe::M1, 800, 29);
    for (auto& c : candles) {
        c.open = c.high = c.low = c.close = {50'000};
        c.volume = {0};
        c.buyVolume = 0;
        c.trades = 0;
    }
    FeatureBuilder builder(FeatureSet::of(FeatureSource::Ticks));
    const auto rows = rowsOf(builder, candles);
    QVERIFY(!rows.empty());
    std::size_t missing = 0;
    for (const float v : rows.rbegin()->second) {
        QVERIFY(!std::isinf(v));
        missing += std::isnan(v) ? 1U : 0U;
    }
    QVERIFY(missing > 20);
}

void FeaturesTest::aMirroredMarketMirrorsDirectedFeaturesAlone()
{
    const auto& set = FeatureSet::of(FeatureSource::Ticks);
    auto candles = walk(Timeframe::M1, 900, 30);
    auto mirrored = candles;
    constexpr std::int64_t axis = 50'000'000; // far away, so that linear and logarithmic mirrors agree well enough
    for (auto& c : candles) {
        for (auto* p : {&c.open, &c.high, &c.low, &c.close}) {
            p->value += axis;
        }
    }
    for (auto& c : mirrored) {
        const auto flip = [&](Price p) { return Price{axis + 100'000 - p.value}; };
        c = {c.start,  flip(c.open), flip(c.low), flip(c.high), flip(c.close), c.volume, c.volume.value - c.buyVolume,
             c.trades, false};
    }
    FeatureBuilder one(set);
    FeatureBuilder two(set);
    auto row = rowsOf(one, candles).rbegin()->second;
    const auto want = rowsOf(two, mirrored).rbegin()->second;
    mirror(set, row);
    for (std::size_t f = 0; f < set.size(); ++f) {
        QVERIFY2(std::abs(row[f] - want[f]) <= 1e-5F + 0.02F * std::abs(want[f]), set.infos()[f].name.c_str());
    }
}

void FeaturesTest::anAbsurdJumpStaysFinite()
{
    auto candles = walk(Timeframe::M5, 400, 31);
    candles[250].high = candles[250].close = {1'000'000'000'000};
    candles[251].low = candles[251].close = {1};
    candles[252].low = candles[252].close = {0};
    FeatureBuilder builder(FeatureSet::of(FeatureSource::Candles5m));
    for (const auto& [time, row] : rowsOf(builder, candles)) {
        QVERIFY(std::ranges::none_of(row, [](float v) { return std::isinf(v); }));
    }
}

QTEST_GUILESS_MAIN(FeaturesTest)
#include "features_test.moc"
