// The noise null over a database: the same whatever the threads, on candles and on ticks, kept, cancelled. And the
// other long test before a sign-off: that nobody has seen the future.
#include "engines/look_ahead_run.h"
#include "engines/noise_null_run.h"
#include "engines/null_queries.h"
#include "engines/replay.h"
#include "engines/replay_queries.h"
#include "market/candle_builder.h"
#include "storage/candle_store.h"
#include "storage/ledger_store.h"
#include "storage/null_store.h"
#include "storage/policy_store.h"
#include "testkit/tape.h"
#include "unit/storage/storage_testkit.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>

using namespace qd;
using namespace qd::engines;
using testkit::good;
using testkit::Store;

namespace {

const auto policy = base::defaultPaperPolicy();

/// Two instruments with a week of minutes, and the ticks that they are made of.
struct Archive {
    Store store;

    Archive()
    {
        for (const auto* name : {"ONE-USDT", "TWO-USDT"}) {
            const auto id = store.add(name);
            const auto tape = testkit::randomTape(
                id, id.value == 1 ? 5 : 6, 60'000,
                {.price = 90'000, .meanGapMs = 8'000, .quoteShare = 0, .gapShare = 0, .lateShare = 0});
            std::vector<storage::NumberedTick> ticks;
            std::vector<market::Candle> candles;
            market::CandleBuilder minutes(market::Timeframe::M1);
            for (const auto& item : tape) {
                const auto& tick = std::get<market::Tick>(item.what);
                ticks.push_back({item.number, tick});
                minutes.add(tick, candles);
            }
            store.write([&] {
                good(storage::TickArchiveWriter(*store).append(id, ticks));
                good(storage::CandleStore(*store).append(id, market::Timeframe::M1, candles));
            });
        }
    }
    [[nodiscard]] NullOptions options() const
    {
        return {.database = store.file(),
                .strategies = {"ema_crossover", "momentum", "ml_gbt_5m"},
                .instruments = {},
                .seeds = 12,
                .policy = policy,
                .now = {77}};
    }
};

/// As an operator would meanwhile, on both instruments.
void decideStop(Archive& archive)
{
    archive.store.write([&] {
        std::vector<storage::SwitchInput> inputs;
        for (const std::int64_t id : {1, 2}) {
            inputs.push_back({{id}, {9}, "momentum", true, trading::InputKind::Parameters, "stop_atr=1"});
        }
        good(storage::LedgerStore(*archive.store).addInputs(inputs));
    });
}

/// So many minutes without a move.
std::vector<market::Candle> flat(std::int64_t minutes)
{
    std::vector<market::Candle> out;
    market::CandleBuilder builder(market::Timeframe::M1);
    for (std::int64_t i = 0; i <= minutes; ++i) { // the last one stays open
        builder.add({.id = i + 1, .time = {1'750'000'020'000 + i * 60'000}, .price = {90'000}, .signedSize = 1}, out);
    }
    return out;
}

void compare(const trading::NullResult& a, const trading::NullResult& b)
{
    QCOMPARE(a.strategy, b.strategy);
    QCOMPARE(a.parameterHash, b.parameterHash);
    QCOMPARE(a.time, b.time);
    QCOMPARE(a.from, b.from);
    QCOMPARE(a.to, b.to);
    QCOMPARE(a.way, b.way);
    QCOMPARE(a.instruments, b.instruments);
    QCOMPARE(a.seeds, b.seeds);
    QCOMPARE(a.trades, b.trades);
    QCOMPARE(a.real, b.real); // bit for bit
    QCOMPARE(a.median, b.median);
    QCOMPARE(a.p95, b.p95);
    QCOMPARE(a.share, b.share);
    QCOMPARE(a.expectancies, b.expectancies);
}

/// The weekly job beside a store that answers once a run, or never.
class NullJob {
public:
    explicit NullJob(const Store& store) : file_(store.file()) {}
    base::Result<std::string> run()
    {
        std::jthread store([this](const std::stop_token& stop) {
            while (isServed && !stop.stop_requested()) {
                for (auto& item : queue_.popAll(std::chrono::milliseconds(20))) {
                    auto& null = std::get<StoreNull>(item);
                    handed = std::move(null.results);
                    null.answer.set_value(refusal ? base::Result<void>(std::unexpected(*refusal))
                                                  : base::Result<void>());
                }
            }
        });
        JobRun nobodys;
        return runNullJob(file_, policy, {queue_, isFailing}, clock_, nobodys);
    }

    std::vector<trading::NullResult> handed;
    std::optional<base::Error> refusal; // the store's
    std::atomic<bool> isFailing{false};
    bool isServed = true; // set between two runs

private:
    std::filesystem::path file_;
    StoreQueue queue_{10};
    base::SystemClock clock_;
};

} // namespace

class NoiseNullRunTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void noTradeIsAnotherOneWithoutWhatCameLater()
    {
        const Archive archive;
        const auto found = good(runLookAhead(
            {.database = archive.store.file(), .strategy = "ema_crossover", .cuts = 6, .days = 4, .policy = policy},
            {}));
        QCOMPARE(found.mismatch, std::string());
        QCOMPARE(found.cuts, 6U);
        QVERIFY(found.trades > 0);
    }

    void whatSawTheFutureIsTold()
    {
        const auto closed = [](std::int64_t time, std::int64_t net) {
            trading::ClosedTrade trade;
            trade.exit.time = {time};
            trade.net = base::Money{net};
            return trade;
        };
        ReplayResult whole;
        whole.rows.push_back(
            {.strategy = "x", .instrument = {}, .figures = {}, .trades = {closed(10, 1), closed(20, 2)}});
        whole.rows[0].instrument.name = "ONE-USDT";
        auto cutOff = whole;
        const auto compared = [&](std::int64_t cut) {
            console::LookAheadFigures out;
            compareClosed(whole, cutOff, {cut}, out);
            return out;
        };
        QVERIFY(compared(21).mismatch.empty());
        QCOMPARE(compared(21).trades, std::uint64_t{2});
        cutOff.rows[0].trades.pop_back();
        QVERIFY(compared(20).mismatch.empty()); // it had not closed yet
        QVERIFY(compared(21).mismatch.contains("ONE-USDT"));
        cutOff.rows[0].trades.push_back(closed(20, 3)); // another result
        QVERIFY(compared(21).mismatch.contains("not the same"));
        cutOff.rows.clear();
        QVERIFY(!compared(11).mismatch.empty());
        QVERIFY(compared(10).mismatch.empty());
        std::swap(whole, cutOff); // only who did not see the future traded
        QVERIFY(compared(11).mismatch.contains("ONE-USDT"));
        QVERIFY(compared(10).mismatch.empty());
    }

    void aStrategyThatPeeksIsFoundOut()
    {
        const Archive archive;
        const LookAheadOptions options{.database = archive.store.file(), .strategy = "x", .cuts = 6, .days = 4};
        // A trade an hour, whose gain hangs on how much the replay can see behind its exit.
        const auto hourly = [](base::Millis peek) {
            return [peek](const ReplayOptions& of, const std::stop_token&) -> base::Result<ReplayResult> {
                const base::Millis hour = base::oneDay / 24;
                ReplayResult out;
                out.rows.push_back({.strategy = "x", .instrument = {}, .figures = {}, .trades = {}});
                out.rows[0].instrument.name = "ONE-USDT";
                for (auto exit = of.range.from + hour; exit <= of.range.to; exit = exit + hour) {
                    trading::ClosedTrade trade;
                    trade.exit.time = exit;
                    trade.net = base::Money{exit + peek <= of.range.to ? 1 : -1};
                    out.rows[0].trades.push_back(trade);
                }
                return out;
            };
        };
        auto honest = options;
        honest.replay = hourly(base::Millis{0});
        const auto same = good(runLookAhead(honest, {}));
        QVERIFY(same.mismatch.empty() && same.trades > 0);
        auto peeking = options;
        peeking.replay = hourly(base::oneDay / 12);
        const auto found = good(runLookAhead(peeking, {}));
        QVERIFY2(found.mismatch.starts_with("on ONE-USDT"), found.mismatch.c_str());
    }

    void whatIsDecidedMeanwhileAccusesNobody()
    {
        Archive archive;
        std::uint32_t runs = 0;
        LookAheadOptions options{
            .database = archive.store.file(), .strategy = "momentum", .cuts = 5, .days = 4, .policy = policy};
        options.replay = [&](const ReplayOptions& of, const std::stop_token& stop) {
            if (++runs == 2) { // between the whole and what is cut off
                decideStop(archive);
            }
            return replay(of, stop);
        };
        const auto found = good(runLookAhead(options, {}));
        QCOMPARE(found.mismatch, std::string());
        QVERIFY(found.trades > 0);
        QCOMPARE(runs, 7U); // the whole, each cut, and the whole again
    }

    void whatIsStoredMeanwhileIsAConflict()
    {
        const Archive archive;
        std::uint32_t runs = 0;
        LookAheadOptions options{
            .database = archive.store.file(), .strategy = "momentum", .cuts = 5, .days = 4, .policy = policy};
        options.replay = [&](const ReplayOptions& of, const std::stop_token& stop) {
            auto done = replay(of, stop);
            if (++runs > 1 && done) { // as if a candle had been filled in after the whole
                for (auto& row : done->rows) {
                    row.trades.clear();
                }
            }
            return done;
        };
        const auto found = runLookAhead(options, {});
        QVERIFY(!found);
        QCOMPARE(found.error().code, base::ErrorCode::Conflict);
        QVERIFY(found.error().detail.contains("run it again"));
    }

    void aShortArchiveIsTestedOnTheDaysItHas()
    {
        const Archive archive; // less than a week
        auto from = base::UtcMs{0};
        LookAheadOptions options{
            .database = archive.store.file(), .strategy = "momentum", .cuts = 4, .days = 60, .policy = policy};
        options.replay = [&](const ReplayOptions& of, const std::stop_token& stop) {
            from = of.range.from;
            return replay(of, stop);
        };
        const auto found = good(runLookAhead(options, {}));
        QVERIFY2(found.days >= 4 && found.days <= 7, std::to_string(found.days).c_str());
        auto reader = good(storage::Database::open(archive.store.file(), storage::Database::Mode::ReadOnly));
        base::UtcMs first{INT64_MAX};
        for (const std::int64_t id : {1, 2}) {
            const auto all = good(storage::CandleStore(reader).read({id}, market::Timeframe::M1, {}, 1'000'000));
            first = std::min(first, all.front().start);
        }
        QCOMPARE(from, first);
    }

    void lessThanADayIsNotTestedAndSaysWhatToDo()
    {
        for (const std::int64_t minutes : {1'450, 1'451}) { // without the newest ten: under a day, at
            Store store;
            const auto id = store.add("ONE-USDT");
            store.write([&] { good(storage::CandleStore(*store).append(id, market::Timeframe::M1, flat(minutes))); });
            const auto found =
                runLookAhead({.database = store.file(), .strategy = "momentum", .cuts = 3, .policy = policy}, {});
            if (minutes == 1'450) {
                QVERIFY(!found);
                QCOMPARE(found.error().code, base::ErrorCode::NotFound);
                QVERIFY2(found.error().detail.contains("23.9 hours"), found.error().detail.c_str());
                QVERIFY(found.error().detail.contains("import"));
            } else {
                QCOMPARE(good(found).days, 1U);
            }
        }
    }

    void onlyWhatHasTradedIsKeptForASignOff()
    {
        Archive archive;
        const base::SystemClock clock;
        std::vector<storage::SignOffRow> kept;
        std::vector<trading::NullResult> nulls;
        bool isFull = false;
        bool decides = false;
        const DeskContext context{
            .database = *archive.store,
            .policy = policy,
            .clock = clock,
            .stop = {},
            .progress =
                [&](double, const std::string&) {
                    if (std::exchange(decides, false)) {
                        decideStop(archive);
                    }
                },
            .keepNull = [&](std::vector<trading::NullResult> results, const std::stop_token&) -> base::Result<void> {
                if (isFull) {
                    return base::fail(base::ErrorCode::DiskFull, "store", "");
                }
                nulls = std::move(results);
                return {};
            },
            .keepTest = [&](storage::SignOffRow row, const std::stop_token&) -> base::Result<void> {
                if (isFull) {
                    return base::fail(base::ErrorCode::DiskFull, "store", "");
                }
                kept.push_back(std::move(row));
                return {};
            }};
        // Silent without a model: nothing was shown.
        const auto silent = good(runReplayQuery(context, {.strategies = {"ml_gbt_5m"}, .days = 0}));
        QCOMPARE(silent.trades, std::uint64_t{0});
        QVERIFY(silent.notKept.contains("no trade"));
        QVERIFY(good(runLookAheadQuery(context, {"ml_gbt_5m"})).notKept.contains("no trade"));
        const auto table = good(runNullQuery(context, {.strategies = {"ml_gbt_5m"}, .seeds = 3}));
        QCOMPARE(table.rows.size(), std::size_t{1}); // told, and not kept
        QVERIFY(!table.rows[0].real && table.rows[0].expectancies.empty());
        QVERIFY(kept.empty() && nulls.empty());
        // What trades is.
        QVERIFY(good(runReplayQuery(context, {.strategies = {"momentum"}, .days = 0})).notKept.empty());
        QVERIFY(good(runLookAheadQuery(context, {"momentum"})).notKept.empty());
        QCOMPARE(kept.size(), std::size_t{2});
        (void)good(runNullQuery(context, {.strategies = {"ml_gbt_5m", "momentum"}, .seeds = 3}));
        QCOMPARE(nulls.size(), std::size_t{1});
        QCOMPARE(nulls[0].strategy, std::string("momentum"));
        // The store fails: the figures are there all the same.
        isFull = true;
        const auto replayed = good(runReplayQuery(context, {.strategies = {"momentum"}, .days = 0}));
        QVERIFY(replayed.trades > 0 && replayed.notKept.contains("disk is full"));
        const auto tested = good(runLookAheadQuery(context, {"momentum"}));
        QVERIFY(tested.trades > 0 && tested.notKept.contains("disk is full"));
        const auto compared = runNullQuery(context, {.strategies = {"momentum"}, .seeds = 3});
        QVERIFY(!compared && compared.error().code == base::ErrorCode::DiskFull); // no table that says it is done
        isFull = false;
        // Other parameters are in force when it ends: the result is nobody's.
        kept.clear();
        decides = true;
        const auto late = runLookAheadQuery(context, {"momentum"});
        QVERIFY(!late);
        QCOMPARE(late.error().code, base::ErrorCode::Conflict);
        QVERIFY(kept.empty() && !decides);
    }

    void theFiguresDoNotDependOnTheThreads()
    {
        const Archive archive;
        auto options = archive.options();
        for (const bool onTicks : {false, true}) {
            options.onTicks = onTicks;
            options.jobs = 1;
            const auto one = good(runNull(options, {}));
            QCOMPARE(one.rows.size(), std::size_t{3});
            options.jobs = 3;
            const auto many = good(runNull(options, {}));
            for (std::size_t i = 0; i < one.rows.size(); ++i) {
                compare(one.rows[i], many.rows[i]);
            }
            QCOMPARE(one.rows[0].strategy, std::string("ml_gbt_5m"));       // the catalogue's order
            QVERIFY(!one.rows[0].real && one.rows[0].expectancies.empty()); // silent without a model
            for (const auto& row : {one.rows[1], one.rows[2]}) {
                QCOMPARE(row.way, std::string(onTicks ? "ticks" : "candles 1m"));
                QCOMPARE(row.instruments, 2U);
                QCOMPARE(row.seeds, 12U);
                QVERIFY(row.trades > 5 && row.real);
                QCOMPARE(row.expectancies.size(), std::size_t{12});
                QVERIFY(std::ranges::is_sorted(row.expectancies));
                QVERIFY(row.expectancies.front() < row.expectancies.back());
            }
        }
    }

    void theRealRunIsTheReplayOfTheSameWayAndSpan()
    {
        const Archive archive;
        auto options = archive.options();
        options.seeds = 1;
        for (const std::uint32_t days : {0U, 3U}) {
            for (const bool onTicks : {false, true}) {
                options.days = days;
                options.onTicks = onTicks;
                const auto made = good(runNull(options, {}));
                ReplayOptions same{.database = archive.store.file(), .strategies = {"momentum"}, .current = true};
                if (!onTicks) {
                    same.candles = market::Timeframe::M1;
                }
                same.range = {made.rows[2].from, made.rows[2].to};
                const auto replayed = good(replay(same, {}));
                double shares = 0;
                for (const auto& row : replayed.rows) {
                    for (const auto& trade : row.trades) {
                        shares += static_cast<double>(trade.net.value) / static_cast<double>(policy.notional.value);
                    }
                }
                QCOMPARE(made.rows[2].strategy, std::string("momentum"));
                QVERIFY(replayed.trades > 0);
                QCOMPARE(made.rows[2].trades, replayed.trades);
                QVERIFY(std::abs(*made.rows[2].real - shares / static_cast<double>(replayed.trades)) < 1e-12);
            }
        }
    }

    void todaysParametersAreTheOnesThatRun()
    {
        Archive archive;
        auto options = archive.options();
        const auto standard = good(runNull(options, {}));
        archive.store.write([&] {
            std::vector<storage::SwitchInput> inputs;
            for (const std::int64_t id : {1, 2}) {
                inputs.push_back({{id}, {9}, "momentum", true, trading::InputKind::Parameters, "stop_atr=1"});
            }
            good(storage::LedgerStore(*archive.store).addInputs(inputs));
        });
        const auto changed = good(runNull(options, {}));
        QVERIFY(changed.rows[2].parameterHash != standard.rows[2].parameterHash);
        QVERIFY(changed.rows[2].expectancies != standard.rows[2].expectancies);
        compare(changed.rows[1], standard.rows[1]);
    }

    void whatIsAskedInVainIsSaid()
    {
        Archive archive;
        auto options = archive.options();
        options.strategies = {"nonesuch"};
        QCOMPARE(runNull(options, {}).error().code, base::ErrorCode::NotFound);
        options = archive.options();
        options.instruments = {"NONE-USDT"};
        QCOMPARE(runNull(options, {}).error().code, base::ErrorCode::NotFound);
        Store empty;
        options = archive.options();
        options.database = empty.file();
        QCOMPARE(runNull(options, {}).error().code, base::ErrorCode::NotFound);
        options = archive.options();
        std::stop_source stop;
        std::string phase;
        options.progress = [&](double fraction, const std::string& what) {
            QVERIFY(fraction > 0 && fraction <= 1);
            phase = what;
            stop.request_stop();
        };
        QCOMPARE(runNull(options, stop.get_token()).error().code, base::ErrorCode::Cancelled);
        QVERIFY(phase.starts_with("ONE-USDT"));
    }

    void resultsAreKeptAndTheNewestOfEachStrategyIsShown()
    {
        const Archive archive;
        auto made = good(runNull(archive.options(), {}));
        Store store;
        for (const std::int64_t time : {100, 200}) {
            store.write([&] {
                for (auto row : made.rows) {
                    row.time = {time};
                    if (time == 100 || row.strategy == "momentum") {
                        good(storage::NullStore(*store).add(row));
                    }
                }
            });
        }
        const auto newest = good(storage::NullStore(*store).newest());
        QCOMPARE(newest.size(), std::size_t{3});
        for (const auto& row : newest) {
            auto same = *std::ranges::find(made.rows, row.strategy, &trading::NullResult::strategy);
            same.time = {row.strategy == "momentum" ? 200 : 100};
            compare(row, same);
        }
        const auto table = good(nullTable(*store));
        QCOMPARE(table.rows.size(), std::size_t{3});
        QCOMPARE(table.rows[0].strategy, std::string("ema_crossover"));
        QCOMPARE(table.rows[0].figures.runs, 12U);
        QVERIFY(table.rows[0].real.has_value());
        QCOMPARE(table.rows[1].real.error(), statistics::Undefined::NoTrades);
        good(store->run("UPDATE null_runs SET expectancies=x'00'"));
        QCOMPARE(storage::NullStore(*store).newest().error().code, base::ErrorCode::Damaged);
    }

    void thePagesQuestionsRunKeepAndAnswer()
    {
        Archive archive;
        const base::SystemClock clock;
        std::vector<trading::NullResult> handed;
        double last = 0;
        const DeskContext context{.database = *archive.store,
                                  .policy = policy,
                                  .clock = clock,
                                  .stop = {},
                                  .progress = [&](double fraction, const std::string&) { last = fraction; },
                                  .keepNull =
                                      [&](std::vector<trading::NullResult> results, const std::stop_token&) {
                                          handed = results;
                                          archive.store.write([&] {
                                              for (const auto& row : results) {
                                                  good(storage::NullStore(*archive.store).add(row));
                                              }
                                          });
                                          return base::Result<void>{};
                                      }};
        const auto table = good(runNullQuery(context, {.strategies = {"momentum"}, .seeds = 5}));
        QCOMPARE(table.rows.size(), std::size_t{1});
        QCOMPARE(table.rows[0].seeds, 5U);
        QCOMPARE(handed.size(), std::size_t{1});
        QCOMPARE(last, 1.0);
        QCOMPARE(runNullQuery(context, {.strategies = {}, .seeds = 0}).error().code, base::ErrorCode::OutOfRange);

        const auto figures = good(runReplayQuery(context, {.strategies = {"momentum", "ema_crossover"}, .days = 0}));
        const auto whole = good(replay(
            {.database = archive.store.file(), .strategies = {"momentum", "ema_crossover"}, .current = true}, {}));
        QCOMPARE(figures.ledgerHash, whole.ledgerHash);
        QCOMPARE(figures.trades, whole.trades);
        QCOMPARE(figures.strategies.size(), std::size_t{2});
        QCOMPARE(figures.strategies[1].strategy, std::string("momentum"));
        QVERIFY(!figures.strategies[1].instrument);
        QVERIFY(figures.strategies[1].expectancy.has_value());
        QVERIFY(!figures.strategies[1].equity.empty() && figures.strategies[1].equity.size() <= 60);
        QCOMPARE(figures.strategies[1].equity.back(), static_cast<float>(base::toUsdt(figures.strategies[1].net)));
        // One that is switched off is what an operator wants to look at: it is replayed as if it were on.
        archive.store.write([&] {
            good(storage::LedgerStore(*archive.store)
                     .addSwitch({.strategy = "momentum", .enabled = false, .since = {}, .by = "operator", .reason = ""},
                                {}));
        });
        const auto off = good(runReplayQuery(context, {.strategies = {"momentum"}, .days = 0}));
        QCOMPARE(off.strategies[0].trades, figures.strategies[1].trades);
        QVERIFY(off.strategies[0].trades > 0);
        const auto newer = good(runReplayQuery(context, {.strategies = {"momentum"}, .days = 2}));
        QVERIFY(newer.ticks < figures.ticks && newer.ticks > 0);
    }

    void aRunThatIsTooNarrowIsNotKept()
    {
        QCOMPARE(whyNotKept({.seeds = 200, .now = {}}), std::string());
        QCOMPARE(whyNotKept({.seeds = 20, .days = 60, .now = {}}), std::string());    // at the edge
        QCOMPARE(whyNotKept({.seeds = 20, .days = 0, .now = {}}), std::string());     // all there are
        QCOMPARE(whyNotKept({.strategies = {"momentum"}, .now = {}}), std::string()); // a row a strategy
        QCOMPARE(whyNotKept({.instruments = {"ONE-USDT"}, .now = {}}), std::string("it ran on some instruments only"));
        QCOMPARE(whyNotKept({.days = 59, .now = {}}), std::string("it ran on fewer than 60 days"));
        QCOMPARE(whyNotKept({.seeds = 19, .now = {}}), std::string("it had fewer than 20 seeds"));
    }

    void theJobSaysHowManyThereWereAndHowManyOfThemWereNotKept()
    {
        Archive archive;
        archive.store.write([&] { good(storage::PolicyStore(*archive.store).set("null.runs", 20)); });
        NullJob job(archive.store);
        const auto said = good(job.run());
        const auto all = trading::strategyCatalogue().size();
        QVERIFY(!job.handed.empty() && job.handed.size() < all);
        QVERIFY(std::ranges::all_of(job.handed, hasCompared));
        QCOMPARE(said, std::to_string(all) + " strategies, 20 runs each; " + std::to_string(all - job.handed.size()) +
                           " compared nothing and were not kept");
    }

    void aStoreThatFailsFailsTheJobInWords()
    {
        Store quiet;
        const auto id = quiet.add("ONE-USDT");
        quiet.write([&] {
            good(storage::PolicyStore(*quiet).set("null.runs", 20));
            good(storage::CandleStore(*quiet).append(id, market::Timeframe::M1, flat(1'500)));
        });
        NullJob job(quiet);
        const auto all = std::to_string(trading::strategyCatalogue().size());
        QCOMPARE(good(job.run()), all + " strategies, 20 runs each; " + all + " compared nothing and were not kept");
        job.refusal = base::Error{base::ErrorCode::DiskFull, "null_runs", "sqlite 13"};
        QCOMPARE(job.run().error(), *job.refusal);
        job.isFailing = true; // it answers nobody, and tries again for as long as it takes
        job.isServed = false;
        const auto failed = job.run();
        QVERIFY(!failed);
        QCOMPARE(failed.error().code, base::ErrorCode::Io); // Cancelled would be told as the operator's doing
        QVERIFY2(base::sentence(failed.error()).contains("the store does not write"),
                 base::sentence(failed.error()).c_str());
    }

    void figuresForTheStoreAreAnsweredWhenCommittedOrWhenItEnds()
    {
        StoreQueue queue(10);
        std::atomic<bool> isFailing{false};
        const StoreLinks links{queue, isFailing};
        std::stop_source stop;
        std::jthread store([&] {
            for (bool isDone = false; !isDone;) {
                for (auto& item : queue.popAll(std::chrono::milliseconds(20))) {
                    std::get<StoreNull>(item).answer.set_value({});
                    isDone = true;
                }
            }
        });
        good(keepThrough(links, {}, stop.get_token()));
        store.join();
        std::jthread dropping([&] {
            while (queue.popAll(std::chrono::milliseconds(20)).empty()) {
            }
        });
        QCOMPARE(keepThrough(links, {}, stop.get_token()).error().code, base::ErrorCode::Io);
        dropping.join();
        isFailing = true; // it would try again for ever
        const auto failed = keepThrough(links, {}, stop.get_token());
        QVERIFY(!failed && failed.error().code == base::ErrorCode::Io);
        QVERIFY2(failed.error().detail.starts_with("the store does not write"), failed.error().detail.c_str());
        isFailing = false;
        stop.request_stop();
        QCOMPARE(keepThrough(links, {}, stop.get_token()).error().code, base::ErrorCode::Cancelled);
        queue.close();
        QCOMPARE(keepThrough(links, {}, {}).error().code, base::ErrorCode::Io);
    }
};

QTEST_GUILESS_MAIN(NoiseNullRunTest)
#include "noise_null_run_test.moc"
