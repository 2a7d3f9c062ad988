// The simulated market: no edge in its past, and yet regimes, fat tails, clusters and company. Fixed seeds.
#include "exchange/market_simulator.h"

#include <QtTest/QtTest>

#include <cmath>
#include <map>
#include <numeric>

using namespace qd;
using namespace qd::exchange;

namespace {

constexpr base::UtcMs start{1'700'000'000'000};
constexpr std::size_t instrumentCount = 4;
constexpr std::int64_t minutes = 10 * 1440;

struct Series {
    std::vector<double> close; // price in ticks at each minute's end
    std::vector<int> tradesASecond;
    std::int64_t trades = 0;
};

// Ten days of a few instruments, minute by minute. Made once a seed.
const std::vector<Series>& simulated(std::uint64_t seed)
{
    static std::map<std::uint64_t, std::vector<Series>> made;
    auto& out = made[seed];
    if (!out.empty()) {
        return out;
    }
    const auto instruments = defaultInstruments(instrumentCount);
    out.resize(instruments.size());
    for (auto& series : out) {
        series.tradesASecond.assign(minutes * 60, 0);
    }
    MarketSimulator market(seed, start, instruments);
    while (market.nextTime() < start + base::Millis{minutes * 60'000}) {
        const auto event = market.next();
        if (!event.isTrade) {
            continue;
        }
        auto& series = out[event.index];
        const auto ms = (event.tick.time - start).count();
        const auto price = static_cast<double>(event.tick.price.value);
        while (static_cast<std::int64_t>(series.close.size()) <= ms / 60'000) {
            series.close.push_back(series.close.empty() ? price : series.close.back());
        }
        series.close.back() = price;
        ++series.tradesASecond[static_cast<std::size_t>(ms / 1'000)];
        ++series.trades;
    }
    return out;
}

std::vector<double> logReturns(const std::vector<double>& prices)
{
    std::vector<double> out;
    for (std::size_t i = 1; i < prices.size(); ++i) {
        out.push_back(std::log(prices[i] / prices[i - 1]));
    }
    return out;
}

double mean(const std::vector<double>& x)
{
    return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double covariance(const std::vector<double>& a, const std::vector<double>& b, std::size_t lag)
{
    const double ma = mean(a);
    const double mb = mean(b);
    double sum = 0;
    for (std::size_t i = lag; i < std::min(a.size(), b.size()); ++i) {
        sum += (a[i] - ma) * (b[i - lag] - mb);
    }
    return sum / static_cast<double>(a.size());
}

// Of the lags 1 to 60 of one-minute log returns, those whose autocorrelation is not within 3/√n.
int lagsOverThreeSigma(const Series& series)
{
    const auto r = logReturns(series.close);
    const double variance = covariance(r, r, 0);
    const double bound = 3 / std::sqrt(static_cast<double>(r.size()));
    int over = 0;
    for (std::size_t lag = 1; lag <= 60; ++lag) {
        over += std::abs(covariance(r, r, lag) / variance) < bound ? 0 : 1;
    }
    return over;
}

} // namespace

class MarketSimulatorTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void minuteReturnsAreUncorrelatedAtEveryLagToSixty_data();
    void minuteReturnsAreUncorrelatedAtEveryLagToSixty();
    void overManySeedsNoMoreLagsAreOverTheBoundThanWhiteNoiseHas();
    void stepsHaveMeanZeroWhateverTheLastStepAndSideWere();
    void returnsHaveFatTails();
    void instrumentsMoveTogether();
    void arrivalsAreClustered();
    void majorsTradeAtTheirRates();
    void theSameSeedGivesTheSameEventsAndAnotherOthers();
    void timesNeverStepBackAndIdsGrow();
    void aLaterStartHasGreaterIds();
    void quotesStandAroundThePriceAndComeAtMostOnceASecond();
    void sizesAreAtLeastTheLeast();
    void aPriceNeverLeavesThePositive();
    void aPlantedEdgeIsWhatItSays_data();
    void aPlantedEdgeIsWhatItSays();
    void aHigherRateBringsMoreTradesAndTheSameVolatility();
    void aThinnedMarketHasTheSameVolumeAndVolatilityAndStillNoEdge();
    void aRateThatChangesOnTheWayHoldsFromThereOn();
    void quotesComeAsOftenAsWishedAndTradesDoNotMind();
    void aMarketThatGoesOnCountsItsIdsOn();
};

void MarketSimulatorTest::minuteReturnsAreUncorrelatedAtEveryLagToSixty_data()
{
    QTest::addColumn<quint64>("seed");
    QTest::newRow("seed 1") << quint64{1};
    QTest::newRow("seed 5") << quint64{5};
    QTest::newRow("seed 8") << quint64{8};
}

void MarketSimulatorTest::minuteReturnsAreUncorrelatedAtEveryLagToSixty()
{
    QFETCH(quint64, seed);
    for (const auto& series : simulated(seed)) {
        QCOMPARE(lagsOverThreeSigma(series), 0);
    }
}

void MarketSimulatorTest::overManySeedsNoMoreLagsAreOverTheBoundThanWhiteNoiseHas()
{
    // White noise has 0.27% of its lags over 3/√n: 2.6 of these 960. More than 10 would be p < 0.001.
    int over = 0;
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
        for (const auto& series : simulated(seed)) {
            over += lagsOverThreeSigma(series);
        }
    }
    QVERIFY2(over <= 10, qPrintable(QString::number(over)));
}

void MarketSimulatorTest::stepsHaveMeanZeroWhateverTheLastStepAndSideWere()
{
    // Trade to trade: after an up step, a down step, a buy, a sell. A bounce between bid and ask would show at once.
    MarketSimulator market(11, start, defaultInstruments(1));
    std::array<double, 4> sum{};
    std::array<double, 4> squares{};
    std::array<double, 4> count{};
    market::Tick last{};
    double lastStep = 0;
    for (int i = 0; i < 400'000;) {
        const auto event = market.next();
        if (!event.isTrade) {
            continue;
        }
        ++i;
        if (last.id != 0) {
            const double step =
                static_cast<double>(event.tick.price.value - last.price.value) / static_cast<double>(last.price.value);
            const auto note = [&](std::size_t kind) {
                sum[kind] += step;
                squares[kind] += step * step;
                ++count[kind];
            };
            if (lastStep != 0) {
                note(lastStep > 0 ? 0 : 1);
            }
            note(last.signedSize > 0 ? 2 : 3);
            lastStep = step;
        }
        last = event.tick;
    }
    for (std::size_t kind = 0; kind < sum.size(); ++kind) {
        QVERIFY(count[kind] > 50'000);
        const double t = sum[kind] / std::sqrt(squares[kind]);
        QVERIFY2(std::abs(t) < 3.5, qPrintable(QStringLiteral("%1: t = %2").arg(kind).arg(t)));
    }
}

void MarketSimulatorTest::returnsHaveFatTails()
{
    for (const auto& series : simulated(1)) {
        const auto r = logReturns(series.close);
        const double m = mean(r);
        double fourth = 0;
        for (const double x : r) {
            fourth += std::pow(x - m, 4);
        }
        const double kurtosis = fourth / static_cast<double>(r.size()) / std::pow(covariance(r, r, 0), 2);
        QVERIFY2(kurtosis > 4, qPrintable(QString::number(kurtosis)));
    }
}

void MarketSimulatorTest::instrumentsMoveTogether()
{
    const auto all = simulated(2);
    for (std::size_t i = 1; i < all.size(); ++i) {
        auto a = logReturns(all[0].close);
        auto b = logReturns(all[i].close);
        const auto size = std::min(a.size(), b.size());
        a.resize(size);
        b.resize(size);
        const double correlation = covariance(a, b, 0) / std::sqrt(covariance(a, a, 0) * covariance(b, b, 0));
        QVERIFY2(correlation > 0.3 && correlation < 0.95, qPrintable(QString::number(correlation)));
    }
}

void MarketSimulatorTest::arrivalsAreClustered()
{
    for (const auto& series : simulated(1)) {
        const std::vector<double> counts(series.tradesASecond.begin(), series.tradesASecond.end());
        const double dispersion = covariance(counts, counts, 0) / mean(counts);
        QVERIFY2(dispersion > 1.5, qPrintable(QString::number(dispersion))); // a Poisson process has 1
        const double peak = *std::max_element(counts.begin(), counts.end());
        QVERIFY(peak > 10 * mean(counts));
    }
}

void MarketSimulatorTest::majorsTradeAtTheirRates()
{
    const auto all = simulated(1);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const double rate = static_cast<double>(all[i].trades) / static_cast<double>(minutes * 60);
        const double wanted = marketCharacter(defaultInstruments()[i]).tradesPerSecond;
        QVERIFY2(rate > 0.7 * wanted && rate < 1.4 * wanted, qPrintable(QString::number(rate)));
    }
}

void MarketSimulatorTest::theSameSeedGivesTheSameEventsAndAnotherOthers()
{
    MarketSimulator a(5, start, defaultInstruments());
    MarketSimulator b(5, start, defaultInstruments());
    MarketSimulator c(6, start, defaultInstruments());
    int different = 0;
    for (int i = 0; i < 50'000; ++i) {
        const auto x = a.next();
        const auto y = b.next();
        const auto z = c.next();
        QVERIFY(x.index == y.index && x.isTrade == y.isTrade && x.tick == y.tick && x.quote == y.quote);
        different += x.index != z.index || x.tick != z.tick ? 1 : 0;
    }
    QVERIFY(different > 10'000);
}

void MarketSimulatorTest::timesNeverStepBackAndIdsGrow()
{
    MarketSimulator market(7, start, defaultInstruments());
    base::UtcMs newest = start;
    std::array<std::int64_t, 20> ids{};
    for (int i = 0; i < 200'000; ++i) {
        const auto announced = market.nextTime();
        const auto event = market.next();
        const auto time = event.isTrade ? event.tick.time : event.quote.time;
        QVERIFY(time >= newest && time >= announced);
        newest = time;
        if (event.isTrade) {
            QVERIFY(event.tick.id > ids[event.index]);
            ids[event.index] = event.tick.id;
        }
    }
}

void MarketSimulatorTest::aLaterStartHasGreaterIds()
{
    MarketSimulator early(1, start, defaultInstruments(1));
    std::int64_t newest = 0;
    base::UtcMs end = start;
    for (int i = 0; i < 100'000; ++i) {
        const auto event = early.next();
        if (event.isTrade) {
            newest = event.tick.id;
            end = event.tick.time;
        }
    }
    MarketSimulator late(1, end, defaultInstruments(1));
    auto event = late.next();
    while (!event.isTrade) {
        event = late.next();
    }
    QVERIFY(event.tick.id > newest);
}

void MarketSimulatorTest::quotesStandAroundThePriceAndComeAtMostOnceASecond()
{
    MarketSimulator market(9, start, defaultInstruments());
    std::array<base::UtcMs, 20> quotedAt{};
    std::array<market::Quote, 20> newest{};
    for (int i = 0; i < 200'000; ++i) {
        const auto event = market.next();
        if (event.isTrade) {
            continue;
        }
        const auto& quote = event.quote;
        QVERIFY(quote.bid.value > 0 && quote.bid < quote.ask);
        QVERIFY(quote.bidSize.value > 0 && quote.askSize.value > 0);
        QVERIFY(quote.time - quotedAt[event.index] >= base::Millis{999}); // the second is cut to whole ms on both ends
        QVERIFY(quote.bid != newest[event.index].bid || quote.ask != newest[event.index].ask);
        quotedAt[event.index] = quote.time;
        newest[event.index] = quote;
    }
}

void MarketSimulatorTest::sizesAreAtLeastTheLeast()
{
    auto instruments = defaultInstruments(2);
    instruments[0].minSize = {1'000'000};
    MarketSimulator market(9, start, instruments);
    for (int i = 0; i < 10'000; ++i) {
        const auto event = market.next();
        if (event.isTrade) {
            QVERIFY(event.tick.size() >= instruments[event.index].minSize);
        }
    }
}

void MarketSimulatorTest::aPriceNeverLeavesThePositive()
{
    const auto instruments = defaultInstruments(1);
    const std::array<MarketCharacter, 1> wild{{{.startPrice = 1.2, .yearlyVolatility = 400, .tradesPerSecond = 2}}};
    MarketSimulator market(3, start, instruments, wild);
    std::int64_t least = INT64_MAX;
    for (int i = 0; i < 300'000; ++i) {
        const auto event = market.next();
        const auto price = event.isTrade ? event.tick.price.value : event.quote.bid.value;
        least = std::min(least, price);
        QVERIFY(price > 0);
    }
    QVERIFY2(least <= 5, "never got near zero: this tests nothing");
}

void MarketSimulatorTest::aPlantedEdgeIsWhatItSays_data()
{
    QTest::addColumn<double>("edge");
    QTest::newRow("none") << 0.0;
    QTest::newRow("momentum") << 0.0004;
    QTest::newRow("reversion") << -0.0002;
}

// The mean of sign(return of the minute before) × return of this minute, pooled over the instruments, on candles as
// anyone builds them.
void MarketSimulatorTest::aPlantedEdgeIsWhatItSays()
{
    QFETCH(double, edge);
    constexpr std::int64_t span = 5 * 1'440;
    const auto instruments = defaultInstruments(instrumentCount);
    std::vector<MarketCharacter> characters;
    for (const auto& instrument : instruments) {
        characters.push_back(marketCharacter(instrument));
        characters.back().tradesPerSecond = 2;
    }
    MarketSimulator market(21, start, instruments, characters, {.edge = edge});
    std::vector<std::vector<double>> close(instruments.size());
    while (market.nextTime() < start + base::Millis{span * 60'000}) {
        const auto event = market.next();
        if (!event.isTrade) {
            continue;
        }
        auto& own = close[event.index];
        const auto minute = static_cast<std::size_t>(event.tick.time.value / 60'000 - start.value / 60'000);
        const auto price = static_cast<double>(event.tick.price.value);
        own.resize(std::max(own.size(), minute + 1), own.empty() ? price : own.back());
        own[minute] = price;
    }
    std::vector<double> gains;
    for (const auto& own : close) {
        for (std::size_t i = 2; i < own.size(); ++i) {
            const double before = own[i - 1] - own[i - 2];
            gains.push_back((before > 0 ? 1 : before < 0 ? -1 : 0) * (own[i] / own[i - 1] - 1));
        }
    }
    const double error = std::sqrt(covariance(gains, gains, 0) / static_cast<double>(gains.size()));
    const double measured = mean(gains);
    const auto words = QStringLiteral("%1 measured, error %2").arg(measured).arg(error);
    // A little of it is lost between the first and last trades of a minute and its ends.
    QVERIFY2(std::abs(measured - edge) < 3.5 * error + 0.05 * std::abs(edge), qPrintable(words));
    QVERIFY2(edge == 0 || std::abs(measured) > 10 * error, qPrintable(words));
}

void MarketSimulatorTest::aHigherRateBringsMoreTradesAndTheSameVolatility()
{
    struct Seen {
        double trades = 0;
        double variance = 0; // of a minute's return
    };
    const auto instruments = defaultInstruments(2);
    const auto watch = [&](double rate) {
        std::vector<MarketCharacter> characters{marketCharacter(instruments[0]), marketCharacter(instruments[1])};
        MarketSimulator market(31, start, instruments, characters, {.rate = rate});
        Seen seen;
        std::vector<double> close;
        while (market.nextTime() < start + base::Millis{12 * 3'600'000}) {
            const auto event = market.next();
            seen.trades += event.isTrade ? 1 : 0;
            if (event.isTrade && event.index == 0) {
                const auto minute = static_cast<std::size_t>((event.tick.time - start).count() / 60'000);
                const auto price = static_cast<double>(event.tick.price.value);
                close.resize(std::max(close.size(), minute + 1), price);
                close[minute] = price;
            }
        }
        const auto returns = logReturns(close);
        seen.variance = covariance(returns, returns, 0);
        return seen;
    };
    const auto usual = watch(1);
    const auto often = watch(20);
    const double times = often.trades / usual.trades;
    QVERIFY2(times > 14 && times < 28, qPrintable(QString::number(times))); // regimes and bursts fall otherwise
    const double spread = often.variance / usual.variance;
    QVERIFY2(spread > 0.5 && spread < 2, qPrintable(QString::number(spread)));
}

void MarketSimulatorTest::aThinnedMarketHasTheSameVolumeAndVolatilityAndStillNoEdge()
{
    struct Seen {
        double trades = 0;
        double volume = 0;
        std::vector<double> returns; // of five minutes, all instruments one after another
    };
    const auto instruments = defaultInstruments(instrumentCount);
    std::vector<MarketCharacter> characters;
    for (const auto& instrument : instruments) {
        characters.push_back(marketCharacter(instrument));
    }
    const auto watch = [&](MarketTuning tuning) {
        MarketSimulator market(41, start, instruments, characters, tuning);
        Seen seen;
        std::vector<std::vector<double>> close(instruments.size());
        while (market.nextTime() < start + base::Millis{minutes * 60'000}) {
            const auto event = market.next();
            if (event.isTrade) {
                seen.trades += 1;
                seen.volume += event.index == 0 ? static_cast<double>(event.tick.size().value) : 0;
                auto& own = close[event.index];
                const auto at = static_cast<std::size_t>((event.tick.time - start).count() / 300'000);
                const auto price = static_cast<double>(event.tick.price.value);
                own.resize(std::max(own.size(), at + 1), own.empty() ? price : own.back());
                own[at] = price;
            }
        }
        for (const auto& own : close) {
            const auto returns = logReturns(own);
            seen.returns.insert(seen.returns.end(), returns.begin(), returns.end());
        }
        return seen;
    };
    const auto usual = watch({});
    const auto thin = watch({.rate = 0.15, .quotes = 0.15, .keepsVolume = true});
    const double fewer = thin.trades / usual.trades;
    QVERIFY2(fewer > 0.11 && fewer < 0.2, qPrintable(QString::number(fewer)));
    const double traded = thin.volume / usual.volume;
    QVERIFY2(traded > 0.6 && traded < 1.6, qPrintable(QString::number(traded)));
    const double spread = covariance(thin.returns, thin.returns, 0) / covariance(usual.returns, usual.returns, 0);
    QVERIFY2(spread > 0.5 && spread < 2, qPrintable(QString::number(spread)));
    const double variance = covariance(thin.returns, thin.returns, 0);
    const double bound = 4 / std::sqrt(static_cast<double>(thin.returns.size()));
    for (std::size_t lag = 1; lag <= 12; ++lag) {
        const double correlation = covariance(thin.returns, thin.returns, lag) / variance;
        QVERIFY2(std::abs(correlation) < bound, qPrintable(QStringLiteral("lag %1: %2").arg(lag).arg(correlation)));
    }
    const double drift = mean(thin.returns) / std::sqrt(variance / static_cast<double>(thin.returns.size()));
    QVERIFY2(std::abs(drift) < 4, qPrintable(QString::number(drift)));
}

void MarketSimulatorTest::aRateThatChangesOnTheWayHoldsFromThereOn()
{
    const auto instruments = defaultInstruments(1);
    MarketSimulator market(5, start, instruments);
    const auto trades = [&](base::UtcMs to) {
        std::int64_t count = 0;
        while (market.nextTime() < to) {
            count += market.next().isTrade ? 1 : 0;
        }
        return static_cast<double>(count);
    };
    const base::Millis day{86'400'000};
    const double before = trades(start + 2 * day);
    market.setRate(0.1);
    const double after = trades(start + 4 * day);
    QVERIFY2(after > 0.05 * before && after < 0.2 * before, qPrintable(QString::number(after / before)));
}

void MarketSimulatorTest::quotesComeAsOftenAsWishedAndTradesDoNotMind()
{
    const auto instruments = defaultInstruments(2);
    const std::vector<MarketCharacter> characters{marketCharacter(instruments[0]), marketCharacter(instruments[1])};
    const auto quotes = [&](double share) {
        MarketSimulator market(6, start, instruments, characters, {.quotes = share});
        std::int64_t count = 0;
        std::int64_t trades = 0;
        while (market.nextTime() < start + base::Millis{6 * 3'600'000}) {
            const bool isTrade = market.next().isTrade;
            trades += isTrade ? 1 : 0;
            count += isTrade ? 0 : 1;
        }
        return trades > 1'000 ? static_cast<double>(count) : -1;
    };
    const double usual = quotes(1);
    QCOMPARE(quotes(0), 0.0);
    const double few = quotes(0.2);
    QVERIFY2(few > 0.15 * usual && few < 0.25 * usual, qPrintable(QString::number(few / usual)));
}

void MarketSimulatorTest::aMarketThatGoesOnCountsItsIdsOn()
{
    const auto instruments = defaultInstruments(2);
    std::vector<MarketCharacter> characters{marketCharacter(instruments[0]), marketCharacter(instruments[1])};
    characters[1].firstId = 1'234;
    MarketSimulator market(6, start, instruments, characters);
    std::int64_t next = 1'234;
    bool hasOwn = false;
    for (int i = 0; i < 1'000; ++i) {
        const auto event = market.next();
        if (event.isTrade && event.index == 1) {
            QCOMPARE(event.tick.id, next++);
        } else if (event.isTrade) {
            hasOwn = true;
            QVERIFY(event.tick.id > start.value * 1'000);
        }
    }
    QVERIFY(next > 1'300 && hasOwn);
}

QTEST_APPLESS_MAIN(MarketSimulatorTest)
#include "market_simulator_test.moc"
