// The back-fill of candles against an exchange and a store that are the test: what is asked, in which order, what is
// kept, and what happens when the answers are late, short, empty, refused or cannot be read.
#include "engines/candle_backfill.h"

#include <QTest>

#include <map>
#include <set>

using namespace qd;
using namespace qd::engines;
using base::ErrorCode;
using base::UtcMs;
using console::HistoryState;
using market::Candle;

namespace {

constexpr base::Millis minute{60'000};
const UtcMs midnight{1'750'032'000'000};
const UtcMs now = midnight + minute * 600; // ten o'clock

market::Instrument instrumentOf(std::int64_t id, const std::string& name)
{
    market::Instrument out;
    out.id = {id};
    out.name = name;
    return out;
}

class FakeClock final : public base::Clock {
public:
    [[nodiscard]] UtcMs now() const override { return time; }
    UtcMs time = ::now;
};

struct Question {
    std::string instrument;
    std::optional<UtcMs> before;
    int limit;
    CandleBackfill::Answer answer;
};

/// An exchange with minutes from `begin` to now, and a store that keeps what it is given.
class Bench final : public CandleBackfill::Host {
public:
    explicit Bench(int days, std::vector<std::string> names = {"BTC-USDT"}) : fill(*this, clock, {.days = days})
    {
        std::int64_t id = 0;
        for (const auto& name : names) {
            instruments.push_back(instrumentOf(++id, name));
            fill.add(instruments.back());
        }
    }
    [[nodiscard]] bool mayAsk() override
    {
        spent += isRoom ? 1 : 0;
        return isRoom;
    }
    void askMinutes(const market::Instrument& instrument, std::optional<UtcMs> before, int limit,
                    CandleBackfill::Answer answer) override
    {
        asked.push_back({instrument.name, before, limit, std::move(answer)});
    }
    [[nodiscard]] bool toStore(StoreItem item) override
    {
        if (auto* plan = std::get_if<StoreFillPlan>(&item)) {
            std::vector<UtcMs> days;
            for (auto day = plan->to; plan->from <= day; day = day - base::oneDay) {
                if (!whole[plan->instrument.value].contains(day.value)) {
                    days.push_back(day);
                }
            }
            plan->answer.set_value(days);
        } else if (auto* kept = std::get_if<StoreFill>(&item)) {
            stored.push_back(std::move(*kept));
            if (commits) {
                commit();
            }
        }
        return true;
    }
    void commit()
    {
        for (; committed < stored.size(); ++committed) {
            auto& one = stored[committed];
            if (one.isWhole) {
                whole[one.instrument.value].insert(one.day.value);
            }
            storage::CandlesByTimeframe added;
            std::ranges::copy_if(one.minutes, std::back_inserter(added.front()), [&](const Candle& candle) {
                return one.day <= candle.start && candle.start < one.until;
            });
            one.answer.set_value(std::move(added));
        }
    }
    void show(base::InstrumentId instrument, storage::CandlesByTimeframe candles) override
    {
        shown[instrument.value] += candles.front().size();
    }
    [[nodiscard]] std::optional<UtcMs> ticksFrom(base::InstrumentId) const override { return from; }
    void tell(console::Severity, const std::string& what) override { told.push_back(what); }

    /// What this exchange has before the question's time, its newest `limit`.
    [[nodiscard]] std::vector<exchange::RestCandle> page(const Question& question) const
    {
        std::vector<exchange::RestCandle> out;
        const auto end = question.before.value_or(clock.time + minute);
        auto start = base::bucketStart(end - base::Millis{1}, minute);
        for (; begin <= start && static_cast<int>(out.size()) < question.limit; start = start - minute) {
            if (!quiet.contains(start.value)) {
                out.push_back(
                    {Candle{.start = start, .open = {5}, .high = {7}, .low = {4}, .close = {6}, .volume = {9}},
                     start + minute <= clock.time});
            }
        }
        std::ranges::reverse(out);
        return out;
    }
    /// Ticks until a question is open, and answers it; false if none comes.
    bool answer()
    {
        fill.tick();
        if (asked.empty()) {
            fill.tick();
        }
        if (asked.empty()) {
            return false;
        }
        auto question = std::move(asked.front());
        asked.erase(asked.begin());
        log.push_back({question.instrument, question.before, question.limit, {}});
        question.answer(page(question));
        return true;
    }
    void refuse(base::Error error)
    {
        fill.tick();
        QCOMPARE(asked.size(), 1U);
        auto question = std::move(asked.front());
        asked.clear();
        question.answer(std::unexpected(std::move(error)));
    }
    void run()
    {
        for (int i = 0; i < 5'000 && answer(); ++i) {
        }
        fill.tick();
    }
    [[nodiscard]] std::size_t minutesStored() const
    {
        std::set<std::pair<std::int64_t, std::int64_t>> all;
        for (const auto& one : stored) {
            for (const auto& candle : one.minutes) {
                if (one.day <= candle.start && candle.start < one.until && candle.start < one.day + base::oneDay) {
                    all.emplace(one.instrument.value, candle.start.value);
                }
            }
        }
        return all.size();
    }

    FakeClock clock;
    UtcMs begin{0};
    std::set<std::int64_t> quiet;
    std::optional<UtcMs> from = now;
    bool isRoom = true;
    bool commits = true;
    int spent = 0;
    std::vector<Question> asked;
    std::vector<Question> log;
    std::vector<StoreFill> stored;
    std::size_t committed = 0;
    std::map<std::int64_t, std::set<std::int64_t>> whole;
    std::map<std::int64_t, std::size_t> shown;
    std::vector<std::string> told;
    std::vector<market::Instrument> instruments;
    CandleBackfill fill;
};

} // namespace

class CandleBackfillTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void allDaysComeNewestFirstAndADayIsOneQuestion()
    {
        Bench bench(3);
        bench.run();
        QCOMPARE(bench.log.size(), 4U);
        QVERIFY(!bench.log[0].before);
        QCOMPARE(*bench.log[1].before, midnight);
        QCOMPARE(*bench.log[3].before, midnight - base::oneDay * 2);
        QCOMPARE(bench.stored.front().until, now);
        QVERIFY(!bench.stored.front().isWhole);
        QVERIFY(bench.stored.back().isWhole);
        QCOMPARE(bench.minutesStored(), 600U + 3 * 1'440U);
        QCOMPARE(bench.fill.progress()->state, HistoryState::Done);
        QCOMPARE(bench.fill.progress()->done, 4U);
        QCOMPARE(bench.fill.progress()->total, 4U);
        QCOMPARE(bench.told.size(), 1U);
    }

    void theNewestDayOfEveryInstrumentComesBeforeAnOlderOneOfAny()
    {
        Bench bench(2, {"BTC-USDT", "ETH-USDT", "SOL-USDT"});
        bench.run();
        QCOMPARE(bench.log.size(), 9U);
        for (std::size_t i = 0; i < 9; ++i) {
            const auto expected = i < 3 ? std::nullopt : std::optional(midnight - base::oneDay * (i < 6 ? 0 : 1));
            QCOMPARE(bench.log[i].before, expected);
        }
    }

    void aRestartAsksOnlyForWhatIsMissing()
    {
        Bench bench(5);
        for (int i = 0; i < 3; ++i) {
            QVERIFY(bench.answer());
        }
        Bench again(5);
        again.whole = bench.whole;
        QCOMPARE(again.whole[1].size(), 2U);
        again.run();
        QCOMPARE(again.log.size(), 1U + 3U);
        QCOMPARE(*again.log[1].before, midnight - base::oneDay * 2);
    }

    void nothingIsAskedBeforeTheFirstTickAndNothingAfterItIsTaken()
    {
        Bench bench(1);
        bench.from.reset();
        QVERIFY(!bench.answer());
        QCOMPARE(bench.spent, 0);
        bench.from = now - minute * 5;
        bench.run();
        QCOMPARE(bench.stored.front().until, now - minute * 5);
        QCOMPARE(bench.minutesStored(), 595U + 1'440U);
    }

    void withoutATickTheNewestClosedMinuteIsLeftOut()
    {
        Bench bench(1);
        bench.from = UtcMs{INT64_MAX / 2};
        bench.run();
        QCOMPARE(bench.minutesStored(), 599U + 1'440U);
    }

    void theFormingCandleIsNeverStored()
    {
        Bench bench(0 + 1);
        bench.clock.time = now + base::Millis{30'000};
        bench.from = UtcMs{INT64_MAX / 2};
        bench.run();
        for (const auto& one : bench.stored) {
            for (const auto& candle : one.minutes) {
                QVERIFY(candle.start + minute <= bench.clock.time);
            }
        }
    }

    void shortPagesAreAskedOn()
    {
        Bench bench(2);
        int turn = 0;
        for (int i = 0; i < 200; ++i) {
            bench.fill.tick();
            bench.fill.tick();
            if (bench.asked.empty()) {
                break;
            }
            auto question = std::move(bench.asked.front());
            bench.asked.clear();
            auto page = bench.page(question);
            if (++turn % 2 == 0) { // the newer half of it
                page.erase(page.begin(), page.begin() + static_cast<std::ptrdiff_t>((page.size() + 1) / 2));
            }
            question.answer(std::move(page));
        }
        bench.fill.tick();
        QCOMPARE(bench.minutesStored(), 600U + 2 * 1'440U);
        QCOMPARE(bench.fill.progress()->state, HistoryState::Done);
    }

    void anEmptyPageIsBelievedTheThirdTimeOnly()
    {
        Bench bench(3);
        bench.answer();
        for (int i = 0; i < 2; ++i) {
            bench.fill.tick();
            QCOMPARE(bench.asked.size(), 1U);
            auto question = std::move(bench.asked.front());
            bench.asked.clear();
            question.answer(std::vector<exchange::RestCandle>{});
        }
        bench.run(); // it has some after all
        QCOMPARE(bench.minutesStored(), 600U + 3 * 1'440U);
    }

    void whereTheExchangesHistoryBeginsItEnds()
    {
        Bench bench(10);
        bench.begin = midnight - base::oneDay * 2 + minute * 100;
        bench.run();
        QCOMPARE(bench.minutesStored(), 600U + 2 * 1'440U - 100U);
        QCOMPARE(bench.fill.progress()->state, HistoryState::Done);
        QCOMPARE(bench.fill.progress()->done, 3U);
        QCOMPARE(bench.fill.progress()->total, 3U);
    }

    void minutesThatTheExchangeLeavesOutAreNotAskedAgain()
    {
        Bench bench(2);
        for (int i = 0; i < 2 * 1'440; ++i) {
            if (i % 3 != 0) {
                bench.quiet.insert((midnight - base::oneDay * 2 + minute * i).value);
            }
        }
        bench.run();
        QCOMPARE(bench.log.size(), 3U);
        QCOMPARE(bench.minutesStored(), 600U + 2 * 480U);
        QVERIFY(bench.stored.back().isWhole);
    }

    void aRefusedQuestionWaitsLongerEachTimeUpToAMinute()
    {
        Bench bench(1);
        for (const std::int64_t wait : {2'000, 4'000, 8'000, 16'000, 32'000, 60'000, 60'000}) {
            bench.refuse({ErrorCode::Refused, "candles", "HTTP 429: Too Many Requests"});
            QCOMPARE(bench.fill.progress()->state, HistoryState::Waiting);
            QVERIFY(QString::fromStdString(bench.fill.progress()->detail).contains(QStringLiteral("429")));
            bench.clock.time = bench.clock.time + base::Millis{wait - 1};
            bench.fill.tick();
            QVERIFY(bench.asked.empty());
            bench.clock.time = bench.clock.time + base::Millis{1};
            bench.fill.tick();
            QCOMPARE(bench.asked.size(), 1U);
        }
        bench.answer();
        QCOMPARE(bench.fill.progress()->state, HistoryState::Running);
        bench.run();
        QCOMPARE(bench.fill.progress()->state, HistoryState::Done);
    }

    void aDayThatCannotBeReadIsLeftOutAfterThreeTriesAndTold()
    {
        Bench bench(3);
        bench.answer();
        for (int i = 0; i < 3; ++i) {
            bench.refuse({ErrorCode::NotOnScale, "candles", "0.123456 is not on the scale of 0.1"});
        }
        bench.run();
        QCOMPARE(bench.whole[1].size(), 2U); // that day is asked for again by the next run
        QVERIFY(!bench.whole[1].contains((midnight - base::oneDay).value));
        QCOMPARE(bench.told.size(), 2U);
        QCOMPARE(bench.fill.progress()->done, 4U);
    }

    void gapFillingGoesFirst()
    {
        Bench bench(1);
        bench.isRoom = false;
        QVERIFY(!bench.answer());
        bench.isRoom = true;
        bench.run();
        QCOMPARE(bench.spent, 2);
    }

    void oneQuestionAtATimeAndNoMoreThanTwoDaysAheadOfTheStore()
    {
        Bench bench(8);
        bench.commits = false;
        bench.answer();
        bench.answer();
        QVERIFY(!bench.answer());
        QCOMPARE(bench.fill.progress()->done, 0U); // nothing is committed
        bench.commit();
        bench.fill.tick();
        QCOMPARE(bench.asked.size(), 1U);
        bench.fill.tick();
        QCOMPARE(bench.asked.size(), 1U);
        QCOMPARE(bench.fill.progress()->done, 2U);
        QCOMPARE(bench.shown[1], 600U + 1'440U);
    }

    void cancelledItAsksNothingDropsTheOpenAnswerAndGoesOnWhereItStood()
    {
        Bench bench(4);
        bench.answer();
        bench.answer();
        bench.fill.tick();
        QCOMPARE(bench.asked.size(), 1U);
        bench.fill.setCancelled(true);
        QCOMPARE(bench.fill.progress()->state, HistoryState::Cancelled);
        auto late = std::move(bench.asked.front());
        bench.asked.clear();
        late.answer(bench.page(late));
        bench.fill.tick();
        QVERIFY(bench.asked.empty());
        QCOMPARE(bench.stored.size(), 2U);
        bench.fill.setCancelled(false);
        bench.run();
        QCOMPARE(bench.minutesStored(), 600U + 4 * 1'440U);
        QCOMPARE(bench.stored.size(), 5U);
    }

    void aRemovedInstrumentIsAskedForNoMoreAndAnAddedOneComesIn()
    {
        Bench bench(3, {"BTC-USDT", "ETH-USDT"});
        bench.answer();
        bench.fill.tick();
        QCOMPARE(bench.asked.size(), 1U);
        QCOMPARE(bench.asked.front().instrument, std::string("ETH-USDT"));
        bench.fill.remove({2});
        auto late = std::move(bench.asked.front());
        bench.asked.clear();
        late.answer(bench.page(late));
        bench.run();
        QCOMPARE(bench.fill.progress()->instruments.size(), 1U);
        QCOMPARE(bench.minutesStored(), 600U + 3 * 1'440U);
        bench.fill.add(instrumentOf(3, "SOL-USDT"));
        QCOMPARE(bench.fill.progress()->state, HistoryState::Running);
        bench.run();
        QCOMPARE(bench.minutesStored(), 2 * (600U + 3 * 1'440U));
        QCOMPARE(bench.fill.progress()->state, HistoryState::Done);
    }

    void theTimeLeftIsToldFromThePaceOnceFiveDaysAreDone()
    {
        Bench bench(9);
        for (int i = 0; i < 4; ++i) {
            bench.answer();
            bench.clock.time = bench.clock.time + base::Millis{500};
            bench.fill.tick();
        }
        QVERIFY(!bench.fill.progress()->left);
        bench.clock.time = now + base::Millis{2'500};
        bench.asked.front().answer(bench.page(bench.asked.front()));
        bench.asked.clear();
        bench.fill.tick();
        QCOMPARE(bench.fill.progress()->done, 5U);
        QCOMPARE(bench.fill.progress()->left->count(), 5 * 500);
    }

    void withoutDaysThereIsNothing()
    {
        Bench bench(0);
        QVERIFY(!bench.answer());
        QVERIFY(bench.fill.progress() == nullptr);
    }
};

QTEST_GUILESS_MAIN(CandleBackfillTest)
#include "candle_backfill_test.moc"
