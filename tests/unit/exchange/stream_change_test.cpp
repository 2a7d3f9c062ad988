// A connection that stands is told of instruments that come and go, in requests that the exchange bears; and the past
// that the loopback exchange tells of.
#include "exchange/blofin_rest.h"
#include "exchange/blofin_stream.h"
#include "exchange/default_instruments.h"
#include "exchange/loopback_exchange.h"
#include "exchange/loopback_past.h"
#include "testkit/feed_recorder.h"

#include <QTest>

#include <functional>
#include <set>

using namespace qd;
using namespace qd::exchange;
using testkit::FeedRecorder;

namespace {

constexpr int patience = 30'000;

StreamOptions quick(std::uint16_t port)
{
    StreamOptions options;
    options.url = QUrl(QStringLiteral("ws://127.0.0.1:%1/ws/public").arg(port));
    options.firstBackoff = base::Millis{20};
    options.jitterSeed = 1;
    return options;
}

std::vector<market::Instrument> many(int count)
{
    std::vector<market::Instrument> out;
    for (int i = 0; i < count; ++i) {
        market::Instrument one = defaultInstruments()[0];
        one.id = {i + 1};
        one.name = "INSTRUMENT" + std::to_string(i) + "-USDT";
        out.push_back(one);
    }
    return out;
}

LoopbackOptions marketOf(std::vector<market::Instrument> instruments)
{
    LoopbackOptions options;
    options.instruments = std::move(instruments);
    options.rate = 50;
    return options;
}

/// Counts ticks by instrument, and changes the list as the first request is about to leave.
struct Changing final : FeedListener {
    BlofinStream* stream = nullptr;
    std::map<std::int64_t, std::size_t> ticks;

    void onTrades(base::InstrumentId instrument, std::span<const market::Tick> some, base::UtcMs) override
    {
        ticks[instrument.value] += some.size();
    }
    void onQuote(base::InstrumentId, const market::Quote&, market::Price, base::UtcMs) override {}
    void onFunding(base::InstrumentId, const market::FundingRate&, base::UtcMs) override {}
    void onState(LinkState state, const std::string&) override
    {
        if (state == LinkState::Subscribing && stream->figures().connections == 1) {
            stream->change({defaultInstruments()[2]});
        }
    }
    void onMalformed(std::string_view, std::string_view) override {}
    void onIdle() override {}
};

} // namespace

class StreamChangeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // What deletes itself later does so now: no event loop runs after the last test.
    void cleanup() { QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete); }
    void whatIsAddedTicksAndWhatIsRemovedFallsSilentOnOneConnection()
    {
        const auto all = defaultInstruments(4);
        LoopbackExchange exchange(marketOf(all));
        QVERIFY(exchange.listen());
        FeedRecorder recorder;
        BlofinStream stream(quick(exchange.wsPort()));
        stream.start({all[0], all[1]}, recorder);
        QTRY_VERIFY_WITH_TIMEOUT(recorder.ticks[1].size() > 5 && recorder.ticks[2].size() > 5, patience);
        stream.change({all[1], all[2], all[3]});
        QTRY_VERIFY_WITH_TIMEOUT(recorder.ticks[3].size() > 5 && recorder.ticks[4].size() > 5, patience);
        // What was on its way may still come; then it stands still while the other goes on.
        std::size_t last = 0;
        const auto isSilent = [&] {
            last = recorder.ticks[1].size();
            const auto others = recorder.ticks[2].size();
            return QTest::qWaitFor([&] { return recorder.ticks[2].size() > others + 50; }, patience) &&
                   recorder.ticks[1].size() == last;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isSilent(), patience);
        QCOMPARE(stream.figures().connections, 1);
        QVERIFY(recorder.malformed.empty()); // pushes on the way are no errors
        QCOMPARE(std::ranges::count(recorder.states, LinkState::Subscribed), 1);
        stream.change({all[0], all[1]});
        QTRY_VERIFY_WITH_TIMEOUT(recorder.ticks[1].size() > last + 5, patience);
    }

    void manyComeAndGoInRequestsUnderFourThousandBytes()
    {
        const auto all = many(160);
        LoopbackExchange exchange(marketOf(all)); // a longer request it would refuse
        QVERIFY(exchange.listen());
        FeedRecorder recorder;
        BlofinStream stream(quick(exchange.wsPort()));
        stream.start({all[0]}, recorder);
        QTRY_VERIFY_WITH_TIMEOUT(stream.state() == LinkState::Subscribed, patience);
        stream.change(all);
        QTRY_COMPARE_WITH_TIMEOUT(recorder.ticks.size(), 160U, patience);
        stream.change({all[3]});
        QTRY_VERIFY_WITH_TIMEOUT(
            [&] {
                const auto others = recorder.tickCount - static_cast<std::int64_t>(recorder.ticks[4].size());
                QTest::qWait(200);
                return recorder.tickCount - static_cast<std::int64_t>(recorder.ticks[4].size()) == others;
            }(),
            patience);
        QCOMPARE(stream.figures().refusedTopics, 0);
        QCOMPARE(stream.figures().connections, 1);
    }

    void oneThatTheExchangeDoesNotKnowIsRefusedAndTheOthersCome()
    {
        const auto all = defaultInstruments(3);
        LoopbackExchange exchange(marketOf({all[0], all[1]}));
        QVERIFY(exchange.listen());
        FeedRecorder recorder;
        BlofinStream stream(quick(exchange.wsPort()));
        stream.start({all[0]}, recorder);
        QTRY_VERIFY_WITH_TIMEOUT(stream.state() == LinkState::Subscribed, patience);
        stream.change(all);
        QTRY_VERIFY_WITH_TIMEOUT(recorder.ticks[2].size() > 3, patience);
        QTRY_COMPARE_WITH_TIMEOUT(stream.figures().refusedTopics, 3, patience);
        QCOMPARE(stream.figures().connections, 1);
    }

    void aChangeWhileItConnectsIsInForceOnceItStands()
    {
        const auto all = defaultInstruments(3);
        LoopbackExchange exchange(marketOf(all));
        QVERIFY(exchange.listen());
        Changing recorder;
        BlofinStream stream(quick(exchange.wsPort()));
        recorder.stream = &stream;
        stream.start({all[0]}, recorder);
        stream.change({all[1]}); // not connected yet
        QTRY_VERIFY_WITH_TIMEOUT(recorder.ticks[3] > 20, patience);
        QCOMPARE(recorder.ticks[1], 0U);
        const auto second = recorder.ticks[2];
        exchange.dropClients();
        QTRY_COMPARE_WITH_TIMEOUT(stream.figures().connections, 2, patience);
        const auto before = recorder.ticks[3];
        QTRY_VERIFY_WITH_TIMEOUT(recorder.ticks[3] > before + 20, patience);
        QCOMPARE(recorder.ticks[2], second);
    }

    void thePastEndsAtTheFirstPriceAndIsTheSameEachTime()
    {
        const base::UtcMs first{1'764'060'325'000};
        const LoopbackPast past("ETH-USDT", first, {345'000}, 2);
        const LoopbackPast again("ETH-USDT", first, {345'000}, 2);
        const auto minute = market::length(market::Timeframe::M1);
        const auto end = base::bucketStart(first, minute);
        QVERIFY(!past.candle(end, market::Timeframe::M1)); // that one has trades
        const auto last = past.candle(end - minute, market::Timeframe::M1);
        QVERIFY(last.has_value());
        QVERIFY(std::abs(last->close.value - 345'000) <= 1);
        QVERIFY(past.candle(end - base::oneDay * 2, market::Timeframe::M1));
        QVERIFY(!past.candle(end - base::oneDay * 2 - minute, market::Timeframe::M1));
        QVERIFY(!LoopbackPast().candle({0}, market::Timeframe::M1));
        auto price = last->close;
        for (int i = 1; i <= 2'000; ++i) {
            const auto candle = *past.candle(end - minute * i, market::Timeframe::M1);
            QCOMPARE(candle, *again.candle(end - minute * i, market::Timeframe::M1));
            QCOMPARE(candle.close, price); // each opens where the one before closed
            price = candle.open;
            QVERIFY(candle.low <= std::min(candle.open, candle.close) &&
                    std::max(candle.open, candle.close) <= candle.high);
        }
    }

    void restTellsThePastByPages()
    {
        LoopbackOptions options = marketOf(defaultInstruments(1));
        options.pastDays = 3;
        LoopbackExchange exchange(options);
        QVERIFY(exchange.listen());
        FeedRecorder recorder;
        BlofinStream stream(quick(exchange.wsPort()));
        stream.start(defaultInstruments(1), recorder);
        QTRY_VERIFY_WITH_TIMEOUT(recorder.ticks[1].size() > 1, patience);
        BlofinRest rest({.base = QUrl(QStringLiteral("http://127.0.0.1:%1").arg(exchange.restPort()))});
        std::set<std::int64_t> starts;
        std::optional<base::UtcMs> before;
        bool isDone = false;
        const std::function<void()> ask = [&] {
            rest.candles(defaultInstruments()[0], market::Timeframe::M1, before, 1'440, [&](auto page) {
                QVERIFY(page);
                if (page->empty()) {
                    isDone = true;
                    return;
                }
                for (const auto& one : *page) {
                    QVERIFY(starts.insert(one.candle.start.value).second);
                }
                before = page->front().candle.start;
                ask();
            });
        };
        ask();
        QTRY_VERIFY_WITH_TIMEOUT(isDone, patience);
        QVERIFY(starts.size() > 3 * 1'440U);
        QCOMPARE(*starts.rbegin() - *starts.begin(), static_cast<std::int64_t>(starts.size() - 1) * 60'000); // no hole
    }
};

QTEST_GUILESS_MAIN(StreamChangeTest)
#include "stream_change_test.moc"
