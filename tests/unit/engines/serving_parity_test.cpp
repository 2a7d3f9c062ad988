// What a model is asked while it serves is, bit for bit, what it is trained on: rows recorded while the pipeline runs
// on ticks, beside rows made afterwards from the stored candles by the maker of training rows.
#include "engines/model_library.h"
#include "engines/recovery.h"
#include "learning/served_rows.h"
#include "storage/model_store.h"
#include "testkit/recorded_trades.h"
#include "testkit/tape.h"
#include "testkit/trained_model.h"
#include "unit/storage/storage_testkit.h"

#include <QTest>

#include <cstring>
#include <map>

using namespace qd;
using namespace qd::engines;
using learning::FeatureSource;
using testkit::good;

namespace {

using RowKey = std::pair<std::int64_t, int>; // when, side
using Rows = std::map<RowKey, std::vector<float>>;

/// The rows that serve, and a copy of each that a model was asked with.
class Recorder final : public trading::FeatureRows {
public:
    explicit Recorder(Rows& out) : out_(out) {}
    void add(market::Timeframe timeframe, const market::Candle& candle) override
    {
        rows_.add(timeframe, candle);
        if (timeframe == market::Timeframe::M5) {
            now_ = (candle.start + market::length(timeframe)).value;
        }
    }
    [[nodiscard]] std::span<const float> row(std::size_t set, market::Side side) override
    {
        const auto made = rows_.row(set, side);
        if (!made.empty()) {
            out_[{now_, side == market::Side::Buy ? 1 : -1}] = {made.begin(), made.end()};
        }
        return made;
    }
    [[nodiscard]] std::string silence(std::size_t set) const override { return rows_.silence(set); }
    [[nodiscard]] std::string fingerprint() const override { return rows_.fingerprint(); }
    void save(base::StateWriter& a) const override { rows_.save(a); }
    void restore(base::StateReader& a) override { rows_.restore(a); }

private:
    Rows& out_;
    learning::ServedRows rows_;
    std::int64_t now_ = 0;
};

class RecordingLibrary final : public trading::ModelLibrary {
public:
    RecordingLibrary(std::shared_ptr<const trading::Predictor> predictor, Rows& out)
        : predictor_(std::move(predictor)),
          out_(out)
    {
    }
    [[nodiscard]] std::unique_ptr<trading::FeatureRows> makeRows() const override
    {
        return std::make_unique<Recorder>(out_);
    }
    [[nodiscard]] base::Result<std::shared_ptr<const trading::Predictor>> find(const std::string&) const override
    {
        return predictor_;
    }

private:
    std::shared_ptr<const trading::Predictor> predictor_;
    Rows& out_;
};

bool areSameBits(std::span<const float> a, std::span<const float> b)
{
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Serves a model of that source on the ticks, and makes the rows of training from the candles that were stored.
void compare(const std::vector<market::StreamItem>& items, const market::Instrument& instrument, FeatureSource source,
             std::size_t least)
{
    testkit::Store store;
    const auto id = store.add(instrument.name, instrument.tick.decimals(), instrument.lot.decimals());
    const auto own = good(storage::InstrumentStore(*store).all()).front();
    std::vector<storage::NumberedTick> ticks;
    for (const auto& item : items) {
        if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
            ticks.push_back({item.number, *tick});
        }
    }
    const auto version = testkit::trainedModel({.source = source, .knows = ticks.front().tick.time});
    const auto record = good(
        governance::recordOf(*version, 1, version->lineage.to == 0 ? base::UtcMs{} : base::UtcMs{version->lineage.to}));
    store.write([&] {
        storage::TickArchiveWriter writer(*store);
        good(writer.append(id, ticks));
        auto champion = record;
        champion.stage = governance::ModelStage::Champion;
        good(storage::ModelStore(*store).add({champion, "made", version}));
        const auto name = trading::text({"gbt_5m 1", version->bytesHash});
        const std::vector<storage::SwitchInput> inputs{
            {id, {0}, "gbt_5m", true, trading::InputKind::Model, name},
            {id, {0}, "ml_gbt_5m", true, trading::InputKind::Parameters, "threshold=0"}};
        good(storage::LedgerStore(*store).addInputs(inputs));
    });
    Rows served;
    const auto predictor = good(learning::predictorOf(*version));
    (void)good(recover(*store, base::defaultPaperPolicy(), {}, std::make_shared<RecordingLibrary>(predictor, served)));

    const auto& set = learning::FeatureSet::of(source);
    auto maker = good(learning::RowMaker::of(set, learning::standardRule(learning::Family::Gbt5m), 0));
    const auto timeframe = source == FeatureSource::Candles5m ? market::Timeframe::M5 : market::Timeframe::M1;
    for (const auto& candle : good(storage::CandleStore(*store).read(id, timeframe, {}, 1'000'000))) {
        maker.add(candle);
    }
    const auto trained = maker.finish();
    std::size_t same = 0;
    for (std::size_t i = 0; i < trained.size(); ++i) {
        const auto found = served.find({trained.tags[i].span.t0, trained.tags[i].side});
        QVERIFY(found != served.end()); // every row of training was asked about
        QVERIFY(areSameBits(found->second, trained.row(i)));
        ++same;
    }
    QVERIFY2(same >= least, std::to_string(same).c_str());
    QVERIFY(served.size() >= same);
    // And what the orders kept is what was asked.
    std::size_t orders = 0;
    for (const auto& trade : good(storage::LedgerStore(*store).trades())) {
        const auto& d = trade.position.decision;
        if (d.strategy != "ml_gbt_5m") {
            continue;
        }
        const auto kept = good(storage::ModelStore(*store).tradeModel(id.value, d.strategy, d.number.value));
        QVERIFY(kept);
        const bool isAsked =
            std::ranges::any_of(served, [&](const auto& row) { return areSameBits(row.second, kept->row); });
        QVERIFY(isAsked);
        QCOMPARE(static_cast<float>(kept->prediction), predictor->predict(kept->row));
        ++orders;
    }
    QVERIFY(orders > 0);
    (void)own;
}

} // namespace

class ServingParityTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onAMadeMarketEverySetServesTheRowsThatTrainingMakes()
    {
        const auto instrument = testkit::instrumentOf(1, "A-USDT");
        const auto tape = testkit::randomTape(instrument.id, 9, 120'000, {.gapShare = 0, .lateShare = 0});
        for (const auto source : {FeatureSource::Candles5m, FeatureSource::Candles1m, FeatureSource::Ticks}) {
            compare(tape, instrument, source, 300);
        }
    }

    void onARecordedDayOfTicksToo()
    {
        const auto ltc = testkit::instrumentOf(1, "LTC-USDT", 2, 3);
        const auto path = testkit::sharedFile("data/trades_binance-spot_LTCUSDT_20250621-20250622.csv.gz");
        if (path.empty()) {
            QSKIP("the recorded trades (QD_SHARED) are not there");
        }
        const auto items = testkit::streamOf(ltc.id, testkit::readTrades(path, ltc.tick, ltc.lot));
        for (const auto source : {FeatureSource::Candles5m, FeatureSource::Candles1m, FeatureSource::Ticks}) {
            compare(items, ltc, source, 200);
        }
    }
};

QTEST_GUILESS_MAIN(ServingParityTest)
#include "serving_parity_test.moc"
