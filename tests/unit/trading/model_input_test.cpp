// Which model serves is a recorded input: in force exactly between two items, the same wherever the pipeline is saved
// and restored, expired to the millisecond, another one for an arm; and each order says which model it came of.
#include "testkit/stand_in_model.h"
#include "testkit/tape.h"
#include "trading/arm.h"
#include "trading/strategy_catalogue.h"
#include "trading/trading_pipeline.h"

#include <QTest>

#include <algorithm>
#include <bit>
#include <map>
#include <set>

using namespace qd;
using namespace qd::trading;
using base::InstrumentId;
using testkit::StandInLibrary;
using testkit::StandInPredictor;

namespace {

constexpr InstrumentId coin{1};
const std::string ml = "ml_gbt_5m";
const std::string seven = testkit::standIn;
const std::string eight = "gbt_5m 8|other";
const std::string lost = "gbt_5m 9|lost";

using Key = std::pair<std::string, std::int64_t>; // strategy, decision

/// Rows unique by decision, as a store keeps them.
struct Rows {
    std::map<Key, ClosedTrade> trades;
    std::map<Key, UntradedSignal> signals;
    std::map<Key, ModelAsked> asked;
    friend bool operator==(const Rows&, const Rows&) = default;

    void take(const LedgerEvents& events)
    {
        for (const auto& event : events) {
            if (const auto* trade = std::get_if<ClosedTrade>(&event)) {
                trades.try_emplace({trade->position.decision.strategy, trade->position.decision.number.value}, *trade);
            } else if (const auto* signal = std::get_if<UntradedSignal>(&event)) {
                signals.try_emplace({signal->decision.strategy, signal->decision.number.value}, *signal);
            } else if (const auto* model = std::get_if<ModelAsked>(&event)) {
                asked.try_emplace({model->strategy, model->number.value}, *model);
            }
        }
    }
    /// What a strategy decided, traded or not, with numbers in (after, until].
    [[nodiscard]] std::vector<DecisionStamp> decisions(const std::string& strategy, std::int64_t after = 0,
                                                       std::int64_t until = INT64_MAX) const
    {
        std::map<std::int64_t, DecisionStamp> out;
        const auto add = [&](const DecisionStamp& d) {
            if (d.strategy == strategy && d.number.value > after && d.number.value <= until) {
                out.emplace(d.number.value, d);
            }
        };
        for (const auto& [key, trade] : trades) {
            add(trade.position.decision);
        }
        for (const auto& [key, signal] : signals) {
            add(signal.decision);
        }
        std::vector<DecisionStamp> all;
        for (auto& [number, decision] : out) {
            all.push_back(std::move(decision));
        }
        return all;
    }
    [[nodiscard]] Rows without(const std::string& strategy) const
    {
        auto out = *this;
        const auto isIts = [&](const auto& row) { return row.first.first == strategy; };
        std::erase_if(out.trades, isIts);
        std::erase_if(out.signals, isIts);
        std::erase_if(out.asked, isIts);
        return out;
    }
    [[nodiscard]] std::set<NotTraded> reasons(const std::string& strategy, std::int64_t after) const
    {
        std::set<NotTraded> out;
        for (const auto& [key, signal] : signals) {
            if (key.first == strategy && key.second > after) {
                out.insert(signal.reason);
            }
        }
        return out;
    }
};

RecordedInput model(std::int64_t at, const std::string& name, const std::string& key = "gbt_5m")
{
    return {.number = {at}, .kind = InputKind::Model, .strategy = key, .enabled = !name.empty(), .parameters = name};
}

} // namespace

class ModelInputTest : public QObject {
    Q_OBJECT

private:
    market::Instrument instrument_ = testkit::instrumentOf(coin.value, "COIN-USDT");
    std::vector<market::StreamItem> tape_; // three weeks
    std::shared_ptr<StandInLibrary> library_ = std::make_shared<StandInLibrary>();

    [[nodiscard]] Rows run(const std::vector<RecordedInput>& inputs, std::size_t saveEvery = 0,
                           const std::shared_ptr<const ModelLibrary>& library = nullptr) const
    {
        const auto& of = library ? library : library_;
        TradingPipeline pipeline(base::defaultPaperPolicy(), {}, of);
        pipeline.addInstrument(instrument_);
        LedgerEvents events;
        std::size_t next = 0;
        for (std::size_t i = 0; i < tape_.size(); ++i) {
            for (; next < inputs.size() && inputs[next].number < tape_[i].number; ++next) {
                if (!pipeline.apply(coin, inputs[next])) {
                    throw std::runtime_error("refused");
                }
            }
            pipeline.feed(tape_[i], events);
            if (saveEvery > 0 && i % saveEvery == saveEvery - 1) {
                const auto saved = pipeline.save(coin);
                const auto models = pipeline.models(coin);
                pipeline = TradingPipeline(base::defaultPaperPolicy(), {}, of);
                pipeline.addInstrument(instrument_);
                if (!pipeline.restore(coin, saved) || pipeline.save(coin) != saved || pipeline.models(coin) != models) {
                    throw std::runtime_error("not restored");
                }
            }
        }
        Rows rows;
        rows.take(events);
        return rows;
    }
    [[nodiscard]] base::UtcMs timeOf(std::int64_t number) const
    {
        return std::get<market::Tick>(tape_[static_cast<std::size_t>(number - 1)].what).time;
    }
    [[nodiscard]] std::string silenceAtTheEnd(const std::vector<RecordedInput>& inputs,
                                              const std::string& strategy = ml) const
    {
        TradingPipeline pipeline(base::defaultPaperPolicy(), {}, library_);
        pipeline.addInstrument(instrument_);
        for (const auto& input : inputs) {
            (void)pipeline.apply(coin, input);
        }
        LedgerEvents events;
        for (const auto& item : tape_) {
            pipeline.feed(item, events);
        }
        return pipeline.silence(coin, strategy);
    }

private Q_SLOTS:
    void initTestCase()
    {
        tape_ = testkit::withHourlyFunding(
            testkit::randomTape(coin, 5, 120'000,
                                {.volatility = 0.0008, .meanGapMs = 15'000, .gapShare = 0, .lateShare = 0}),
            5);
        library_->models.emplace("other", std::make_shared<const StandInPredictor>(testkit::knowsAll, 2));
    }

    void aNameIsReadBackAndWhatIsNoneIsRefused()
    {
        QVERIFY(modelName(seven) == (ModelName{"gbt_5m 7", "any"}));
        QCOMPARE(text(*modelName(seven)), seven);
        for (const auto* no : {"", "gbt_5m 7", "gbt_5m 7|", "|any", "gbt_5m 7|any|more"}) {
            QVERIFY2(!modelName(no), no);
        }
        QVERIFY(familyOf("gbt_5m") == "gbt_5m" && familyOf("gbt_5m 7") == "gbt_5m");
        QVERIFY(familyOf("direction_predictor@COIN-USDT 3") == "direction_predictor");
        QVERIFY(mayAsk("gbt_5m", "COIN-USDT") && mayAsk("direction_predictor@COIN-USDT", "COIN-USDT"));
        QVERIFY(!mayAsk("direction_predictor@BTC-USDT", "COIN-USDT") && !mayAsk("volatility_forecaster", "COIN-USDT"));
        TradingPipeline pipeline(base::defaultPaperPolicy(), {}, library_);
        pipeline.addInstrument(instrument_);
        QVERIFY(!pipeline.apply(coin, model(0, "gbt_5m 7")));
        QVERIFY(pipeline.models(coin).empty());
    }

    void withoutAModelItIsSilentSaysWhyAndNobodyElseNotices()
    {
        const auto none = run({});
        QVERIFY(none.decisions(ml).empty() && none.trades.size() > 50);
        TradingPipeline bare(base::defaultPaperPolicy());
        bare.addInstrument(instrument_);
        LedgerEvents events;
        QVERIFY(bare.apply(coin, model(0, seven)));
        for (const auto& item : tape_) {
            bare.feed(item, events);
        }
        Rows rows;
        rows.take(events);
        QVERIFY(rows == none); // no library
        QVERIFY(bare.silence(coin, ml).starts_with("its model gbt_5m 7 cannot be asked: "));
        const auto served = run({model(0, seven)});
        QVERIFY(served.decisions(ml).size() > 20);
        QVERIFY(served.without(ml) == none);
        QCOMPARE(silenceAtTheEnd({}), std::string("no model: it needs a trained gbt_5m"));
        QCOMPARE(silenceAtTheEnd({model(0, lost)}), std::string("its model gbt_5m 9 cannot be asked: no such bytes"));
        QVERIFY(silenceAtTheEnd({model(0, seven)}).empty());
    }

    void itIsInForceExactlyBetweenTwoItems()
    {
        const auto whole = run({model(0, seven)});
        const auto all = whole.decisions(ml);
        const auto at = all[all.size() / 2].number.value;
        const auto before = run({model(0, seven), model(at - 1, "")});
        QVERIFY(before.decisions(ml) == whole.decisions(ml, 0, at - 1));
        const auto behind = run({model(0, seven), model(at, "")});
        QVERIFY(behind.decisions(ml) == whole.decisions(ml, 0, at));
        QVERIFY(before.without(ml) == whole.without(ml));
        // It is warm at once: what it says from its first candle on hangs on nothing that came before it.
        const auto late = run({model(at, seven)});
        const auto begun = late.decisions(ml);
        QVERIFY(!begun.empty());
        const auto next = whole.decisions(ml, at);
        QVERIFY(next.size() > 2);
        QVERIFY(begun.back().number == next.back().number && begun.front().number.value <= next.front().number.value);
    }

    void aSwitchOfChampionAndItsUndoAreTheSameWhereverItIsRestarted()
    {
        const auto& first = run({model(0, seven)});
        const auto decisions = first.decisions(ml);
        const auto a = decisions[decisions.size() / 3].number.value;
        const auto b = decisions[decisions.size() * 2 / 3].number.value;
        const std::vector inputs{model(0, seven), model(a, eight), model(b, seven), model(b + 5'000, lost),
                                 model(b + 9'000, seven)};
        const auto whole = run(inputs);
        QVERIFY(whole.decisions(ml, 0, a) == first.decisions(ml, 0, a));
        QVERIFY(whole.decisions(ml, a, b) != first.decisions(ml, a, b));
        QVERIFY(whole.decisions(ml, b + 5'000, b + 9'000).empty() && !whole.decisions(ml, b + 9'000).empty());
        for (const auto& [key, asked] : whole.asked) {
            QCOMPARE(asked.version, std::string(key.second > a && key.second <= b ? "gbt_5m 8" : "gbt_5m 7"));
        }
        for (const std::size_t every : {331U, 4'999U, 20'011U}) {
            QVERIFY(run(inputs, every) == whole);
        }
    }

    void everyOrderSaysWhichModelOnWhichRow()
    {
        const auto rows = run({model(0, seven)});
        std::size_t orders = 0;
        for (const auto& [key, trade] : rows.trades) {
            orders += key.first == ml ? 1 : 0;
            QCOMPARE(rows.asked.contains(key), key.first == ml);
        }
        QVERIFY(orders > 5);
        const StandInPredictor same;
        for (const auto& [key, asked] : rows.asked) {
            QVERIFY(asked.version == "gbt_5m 7" && asked.hash == "any" && asked.instrument == coin);
            QCOMPARE(asked.row.size(), learning::FeatureSet::of(learning::FeatureSource::Candles5m).size());
            QCOMPARE(std::bit_cast<std::uint32_t>(same.predict(asked.row)),
                     std::bit_cast<std::uint32_t>(asked.prediction));
            QCOMPARE(asked.threshold, 0.55);
            QVERIFY(static_cast<double>(asked.prediction) > asked.threshold);
            const auto signal = rows.signals.find(key); // an order that did not fill
            QVERIFY(rows.trades.contains(key) || signal == rows.signals.end() ||
                    signal->second.reason == NotTraded::Gap);
        }
    }

    void anExpiredModelDecidesNoMoreToTheMillisecond()
    {
        const auto whole = run({model(0, seven)});
        std::vector<Key> traded;
        for (const auto& [key, trade] : whole.trades) {
            if (key.first == ml) {
                traded.push_back(key);
            }
        }
        const auto key = traded[traded.size() / 2];
        const auto time = timeOf(key.second);
        const auto expiry = base::defaultPaperPolicy().modelExpiry;
        for (const auto& [late, trades] : {std::pair{-1, true}, {0, true}, {1, false}}) { // under, at, over
            const auto knows = time - expiry - base::Millis{late};
            const auto library = std::make_shared<StandInLibrary>();
            library->models["any"] = std::make_shared<const StandInPredictor>(knows);
            const auto rows = run({model(0, seven)}, 0, library);
            QCOMPARE(rows.trades.contains(key), trades);
            QCOMPARE(rows.asked.contains(key), trades);
            QCOMPARE(rows.signals.contains(key) && rows.signals.at(key).reason == NotTraded::ModelExpired, !trades);
            QVERIFY(rows.decisions(ml, 0, key.second - 1) == whole.decisions(ml, 0, key.second - 1));
            QVERIFY(rows.reasons(ml, key.second).contains(NotTraded::ModelExpired));
            for (const auto& [other, trade] : rows.trades) {
                QVERIFY(other.first != ml || other.second <= key.second);
            }
            QVERIFY(rows.without(ml) == whole.without(ml));
            QVERIFY(run({model(0, seven)}, 10'007, library) == rows);
            const auto longer = run({model(0, seven),
                                     {.number = {0},
                                      .kind = InputKind::Policy,
                                      .strategy = {},
                                      .enabled = true,
                                      .parameters = "model.expiry_days=60"}},
                                    0, library);
            QVERIFY(longer == whole);
        }
        library_->models["old"] = std::make_shared<const StandInPredictor>(base::UtcMs{1});
        QVERIFY(silenceAtTheEnd({model(0, "gbt_5m 3|old")})
                    .starts_with("gbt_5m 3 has expired: it learned more than 30 days ago"));
    }

    void anArmAsksItsOwnVersionBesideTheChampion()
    {
        const auto* info = findStrategy(ml);
        const auto parameters = ParameterSet(info->name, info->parameters).text();
        const auto arm = armStart({{ml, 4, 'b'}, false, parameters, *modelName(eight)}, {0});
        const auto wish = armWish(arm);
        QVERIFY(wish && wish->model == *modelName(eight) && wish->parameters == parameters);
        QVERIFY(!armWish(armStart({{ml, 4, 'b'}, false, parameters}, {0}))->model);
        const auto name = ledgerName(wish->name);
        const auto alone = run({model(0, seven)});
        const auto other = run({model(0, eight)});
        const auto both = run({model(0, seven), arm});
        QVERIFY(both.without(name) == alone);
        const auto wanted = other.decisions(ml);
        const auto got = both.decisions(name);
        QVERIFY(got.size() > 10 && got.size() == wanted.size());
        for (std::size_t i = 0; i < got.size(); ++i) {
            QVERIFY(got[i].number == wanted[i].number && got[i].stop == wanted[i].stop && got[i].why == wanted[i].why);
        }
        for (const auto& [key, asked] : both.asked) {
            QCOMPARE(asked.version, std::string(key.first == name ? "gbt_5m 8" : "gbt_5m 7"));
        }
        QVERIFY(run({model(0, seven), arm}, 4'001) == both);
        // A new champion is none of the arm's business; an arm without a version of its own follows it.
        QVERIFY(run({model(0, lost), arm}).decisions(name).size() == got.size());
        const auto follows =
            run({model(0, seven), armStart({{ml, 5, 'b'}, false, parameters}, {0}), model(50'000, eight)});
        QCOMPARE(follows.decisions(ledgerName({ml, 5, 'b'})).size(), follows.decisions(ml).size());
        TradingPipeline pipeline(base::defaultPaperPolicy(), {}, library_);
        pipeline.addInstrument(instrument_);
        QVERIFY(!pipeline.apply(coin,
                                armStart({{ml, 6, 'b'}, false, parameters, *modelName("fill_predictor 1|any")}, {0})));
    }

    void theDirectionFilterIsOffUntilAParameterSaysOtherwise()
    {
        const std::string mtf = "mtf_momentum_confirm";
        const auto key = std::string("direction_predictor@COIN-USDT");
        const auto* info = findStrategy(mtf);
        const ParameterSet standard(info->name, info->parameters);
        // printf 'mtf_momentum_confirm|atr=14|…' | sha256sum: as it was before there was a filter
        auto earlier = info->parameters;
        std::erase_if(earlier, [](const Parameter& p) { return p.isLater; });
        QCOMPARE(earlier.size() + 1, info->parameters.size());
        QCOMPARE(standard.hash(), ParameterSet(info->name, earlier).hash());
        QVERIFY(standard.text().contains("direction_filter=0"));
        const auto off = run({});
        const auto decisions = off.decisions(mtf);
        QVERIFY(decisions.size() > 5);
        QVERIFY(run({model(0, testkit::standInDirection, key)}) == off);
        QVERIFY(run({{.number = {0}, .kind = InputKind::Parameters, .strategy = mtf, .parameters = standard.text()}}) ==
                off);

        const RecordedInput on{
            .number = {0}, .kind = InputKind::Parameters, .strategy = mtf, .parameters = "direction_filter=1"};
        QVERIFY(run({on}).decisions(mtf).empty());
        QCOMPARE(silenceAtTheEnd({on}, mtf), std::string("no model: it needs a trained direction_predictor"));
        QVERIFY(run({on, model(0, "direction_predictor@BTC-USDT 1|any", "direction_predictor@BTC-USDT")})
                    .decisions(mtf)
                    .empty());
        const auto filtered = run({on, model(0, testkit::standInDirection, key)});
        const auto kept = filtered.decisions(mtf);
        QVERIFY(!kept.empty() && kept.size() < decisions.size());
        for (const auto& decision : kept) {
            const auto same = std::ranges::find(decisions, decision.number, &DecisionStamp::number);
            QVERIFY(same != decisions.end() && same->stop == decision.stop);
            QVERIFY(decision.parameterHash != same->parameterHash);
        }
        for (const auto& [of, asked] : filtered.asked) {
            QCOMPARE(of.first, mtf);
            const bool isLong = filtered.decisions(mtf, of.second - 1, of.second).front().side == market::Side::Buy;
            QVERIFY(isLong ? asked.prediction > 0.5F : asked.prediction < 0.5F);
        }
        QVERIFY(filtered.without(mtf) == off.without(mtf));
        QVERIFY(run({on, model(0, testkit::standInDirection, key)}, 3'001) == filtered);
    }

    void aStateOfAnotherKindIsRefusedAsWhatItIs()
    {
        TradingPipeline bare(base::defaultPaperPolicy());
        bare.addInstrument(instrument_);
        TradingPipeline served(base::defaultPaperPolicy(), {}, library_);
        served.addInstrument(instrument_);
        QCOMPARE(served.restore(coin, bare.save(coin)).error().code, base::ErrorCode::Unsupported);
        QVERIFY(served.restore(coin, served.save(coin)).has_value());
        auto older = served.save(coin);
        older[older.find(" 8\n") + 1] = '7';
        QCOMPARE(served.restore(coin, older).error().code, base::ErrorCode::Unsupported);
        QCOMPARE(served.restore(coin, "something else").error().code, base::ErrorCode::Damaged);
    }
};

QTEST_GUILESS_MAIN(ModelInputTest)
#include "model_input_test.moc"
