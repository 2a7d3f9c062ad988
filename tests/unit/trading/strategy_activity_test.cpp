// Every strategy on eight months of recorded 5m candles of eight instruments, and on recorded ticks: they trade enough
// to be judged, are neither always nor never in the market, are not copies of each other, and do what their parameters
// say. The table it prints is the truth about them, losses and all; nothing here wants them to win.
#include "testkit/recorded_candles.h"
#include "testkit/stand_in_model.h"
#include "trading/candle_pipeline.h"
#include "trading/trading_pipeline.h"

#include <QTest>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <tuple>

using namespace qd;
using namespace qd::trading;

namespace {

const auto policy = base::defaultPaperPolicy();
using Entry = std::tuple<std::int64_t, std::int64_t, int>; // instrument, time of the decision, side

struct Figures {
    std::uint32_t trades = 0;
    std::uint32_t won = 0;
    std::uint32_t longs = 0;
    std::uint32_t unfilled = 0;
    std::uint32_t byLimit = 0;
    double held = 0; // ms
    double net = 0;  // USDT
    double gross = 0;
    double gains = 0;
    double losses = 0;
    std::set<Entry> entries;
};

void add(std::map<std::string, Figures>& rows, const LedgerEvents& events)
{
    for (const auto& event : events) {
        if (const auto* trade = std::get_if<ClosedTrade>(&event)) {
            const auto& decision = trade->position.decision;
            auto& row = rows[decision.strategy];
            const double net = base::toUsdt(trade->net);
            ++row.trades;
            row.won += net > 0 ? 1 : 0;
            row.longs += decision.side == Side::Buy ? 1 : 0;
            row.byLimit += decision.limit ? 1 : 0;
            row.held += static_cast<double>((trade->exit.time - trade->position.entry.time).count());
            row.net += net;
            row.gross += base::toUsdt(trade->gross);
            (net > 0 ? row.gains : row.losses) += std::abs(net);
            row.entries.emplace(decision.instrument.value, decision.time.value, static_cast<int>(decision.side));
        } else if (const auto* signal = std::get_if<UntradedSignal>(&event)) {
            rows[signal->decision.strategy].unfilled += signal->reason == NotTraded::NotFilled ? 1 : 0;
        }
    }
}

void print(const char* title, const std::map<std::string, Figures>& rows, double span)
{
    std::printf("%s\n%-22s %7s %7s %6s %6s %8s %10s %10s %6s\n", title, "strategy", "trades", "in mkt", "won", "longs",
                "unfilled", "gross", "net USDT", "PF");
    for (const auto& info : strategyCatalogue()) {
        const auto found = rows.find(std::string(info.name));
        const auto row = found == rows.end() ? Figures{} : found->second;
        const double n = std::max(1U, row.trades);
        std::printf("%-22s %7u %6.1f%% %5.1f%% %5.1f%% %8u %10.2f %10.2f %6s\n", std::string(info.name).c_str(),
                    row.trades, 100 * row.held / span, 100 * row.won / n, 100 * row.longs / n, row.unfilled, row.gross,
                    row.net, row.losses > 0 ? QByteArray::number(row.gains / row.losses, 'f', 2).constData() : "-");
    }
    std::fflush(stdout);
}

LedgerEvents run(const market::Instrument& instrument, const std::vector<market::Candle>& candles,
                 const std::vector<std::string>& only, const std::string& parameters = {})
{
    CandlePipeline pipeline(instrument, policy, market::Timeframe::M5, only,
                            std::make_shared<testkit::StandInLibrary>());
    if (!pipeline.setModel("gbt_5m", testkit::standIn)) {
        throw std::logic_error("no model");
    }
    if (!parameters.empty() && !pipeline.setParameters(only.front(), parameters)) {
        throw std::logic_error("illegal: " + parameters);
    }
    LedgerEvents out;
    for (const auto& candle : candles) {
        pipeline.feed(candle, out);
    }
    return out;
}

/// What of the events the ledger holds.
std::string hashOf(const LedgerEvents& events, const market::Instrument& instrument)
{
    std::vector<ClosedTrade> trades;
    std::vector<UntradedSignal> signals;
    for (const auto& event : events) {
        if (const auto* trade = std::get_if<ClosedTrade>(&event)) {
            trades.push_back(*trade);
            trades.back().position.decision.parameterHash.clear(); // it differs by itself
        } else if (const auto* signal = std::get_if<UntradedSignal>(&event)) {
            signals.push_back(*signal);
            signals.back().decision.parameterHash.clear();
        }
    }
    for (auto& trade : trades) {
        trade.position.decision.why.clear(); // words may name the parameter
    }
    for (auto& signal : signals) {
        signal.decision.why.clear();
    }
    return ledgerHash(trades, signals, {{instrument.id, instrument}});
}

/// A little away from the default: a quarter, whole numbers at least one.
double nudged(const Parameter& p)
{
    if (p.unit == "switch") {
        return 1 - p.standard;
    }
    const bool isCount = p.unit == "candles" || p.unit == "bars" || p.unit == "touches" || p.unit == "min";
    const double by = isCount ? std::max(1.0, std::round(p.standard / 4)) : std::max(p.standard / 4, 0.01);
    return p.standard + by <= p.most ? p.standard + by : p.standard - by;
}

} // namespace

class StrategyActivityTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void eachTradesEnoughAndIsInTheMarketSomeOfTheTime();
    void noTwoShareTheirEntries();
    void reversionsEnterByLimitAndNobodyElse();
    void changingAnyOneParameterChangesTheLedger();
    void theRecordedTicksAreTradedOnToo();

private:
    std::vector<std::pair<market::Instrument, std::vector<market::Candle>>> data_;
    std::map<std::string, Figures> rows_;
    double span_ = 0;
};

void StrategyActivityTest::initTestCase()
{
    for (const auto& recorded : testkit::recordedCandles) {
        auto candles = testkit::readCandles(recorded);
        if (candles.empty()) {
            QSKIP("the recorded candles (QD_SHARED) are not there");
        }
        span_ += static_cast<double>((candles.back().start - candles.front().start).count());
        data_.emplace_back(testkit::instrumentOf(static_cast<std::int64_t>(data_.size()) + 1, recorded.name,
                                                 recorded.priceDecimals, recorded.sizeDecimals),
                           std::move(candles));
        add(rows_, run(data_.back().first, data_.back().second, {}));
    }
    print("5m candles, 8 instruments, 8 months; ml_gbt_5m asks a stand-in, not a model", rows_, span_);
}

void StrategyActivityTest::eachTradesEnoughAndIsInTheMarketSomeOfTheTime()
{
    for (const auto& info : strategyCatalogue()) {
        const auto& row = rows_[std::string(info.name)];
        const double exposure = row.held / span_;
        QVERIFY2(row.trades >= 30, std::string(info.name).c_str());
        QVERIFY2(exposure >= 0.01 && exposure <= 0.95,
                 (std::string(info.name) + " " + std::to_string(exposure)).c_str());
        QVERIFY2(row.longs > 0 && row.longs < row.trades, std::string(info.name).c_str());
    }
}

void StrategyActivityTest::noTwoShareTheirEntries()
{
    std::tuple<double, std::string, std::string> most;
    for (const auto& [a, first] : rows_) {
        for (const auto& [b, second] : rows_) {
            if (a >= b) {
                continue;
            }
            std::vector<Entry> both;
            std::ranges::set_intersection(first.entries, second.entries, std::back_inserter(both));
            const auto fewer = std::min(first.entries.size(), second.entries.size());
            const double share =
                static_cast<double>(both.size()) / static_cast<double>(std::max<std::size_t>(1, fewer));
            most = std::max(most, std::tuple(share, a, b));
            QVERIFY2(share <= 0.8, (a + " and " + b + " share " + std::to_string(share)).c_str());
        }
    }
    std::printf("most shared entries: %.1f%%, %s and %s\n", 100 * std::get<0>(most), std::get<1>(most).c_str(),
                std::get<2>(most).c_str());
}

void StrategyActivityTest::reversionsEnterByLimitAndNobodyElse()
{
    const std::set<std::string> byLimit{"reversal", "volume_mean_reversion", "vwap_reversion"};
    for (const auto& [name, row] : rows_) {
        QCOMPARE(row.byLimit, byLimit.contains(name) ? row.trades : 0U);
    }
}

void StrategyActivityTest::changingAnyOneParameterChangesTheLedger()
{
    for (const auto& info : strategyCatalogue()) {
        const std::vector only{std::string(info.name)};
        std::map<std::size_t, std::string> standard;
        for (const auto& parameter : info.parameters) {
            auto changed = ParameterSet(info.name, info.parameters);
            QVERIFY(changed.set(parameter.name, nudged(parameter)));
            bool differs = false;
            for (std::size_t i = 0; i < data_.size() && !differs; ++i) {
                const auto& [instrument, candles] = data_[i];
                if (!standard.contains(i)) {
                    standard[i] = hashOf(run(instrument, candles, only), instrument);
                }
                differs = hashOf(run(instrument, candles, only, changed.text()), instrument) != standard[i];
            }
            QVERIFY2(differs, (std::string(info.name) + " " + std::string(parameter.name)).c_str());
        }
    }
}

void StrategyActivityTest::theRecordedTicksAreTradedOnToo()
{
    const auto ltc = testkit::instrumentOf(1, "LTC-USDT", 2, 3);
    const auto path = testkit::sharedFile("data/trades_binance-spot_LTCUSDT_20250621-20250622.csv.gz");
    if (path.empty()) {
        QSKIP("the recorded trades (QD_SHARED) are not there");
    }
    const auto ticks = testkit::readTrades(path, ltc.tick, ltc.lot);
    TradingPipeline pipeline(policy, {}, std::make_shared<testkit::StandInLibrary>());
    pipeline.addInstrument(ltc);
    QVERIFY(pipeline.setModel("gbt_5m", testkit::standIn));
    LedgerEvents events;
    for (const auto& item : testkit::streamOf(ltc.id, ticks)) {
        pipeline.feed(item, events);
    }
    std::map<std::string, Figures> rows;
    add(rows, events);
    print("LTC-USDT, 152,763 ticks of 36 hours", rows,
          static_cast<double>((ticks.back().time - ticks.front().time).count()));
    std::uint32_t trades = 0;
    for (const auto& [name, row] : rows) {
        trades += row.trades;
    }
    QVERIFY(trades >= 30);
}

QTEST_GUILESS_MAIN(StrategyActivityTest)
#include "strategy_activity_test.moc"
