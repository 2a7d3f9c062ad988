// Errors, policy, hashes, saved state, channels and worker threads.
#include "base/channels.h"
#include "base/error.h"
#include "base/known_names.h"
#include "base/policy.h"
#include "base/sha256.h"
#include "base/state.h"
#include "base/worker_thread.h"

#include <QTest>

#include <array>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <latch>
#include <limits>
#include <map>
#include <pthread.h>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

using namespace qd::base;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds longWait{20'000}; // never reached unless something is broken

enum class Colour : std::uint8_t { Red, Green };

struct Part {
    Colour colour = Colour::Red;
    double weight = 0;
    template <typename Archive>
    void state(Archive& a)
    {
        a(colour, weight);
    }
    friend bool operator==(const Part&, const Part&) = default;
};

struct Whole {
    std::int64_t id = 0;
    bool isReady = false;
    std::string name;
    Price price;
    UtcMs time;
    std::vector<Part> parts;
    std::deque<std::int32_t> numbers;
    std::optional<Part> spare;
    std::optional<std::string> note;
    template <typename Archive>
    void state(Archive& a)
    {
        a(id, isReady, name, price, time, parts, numbers, spare, note);
    }
    friend bool operator==(const Whole&, const Whole&) = default;
};

Whole example()
{
    return {.id = -7,
            .isReady = true,
            .name = std::string("a\0b", 3),
            .price = {12},
            .time = {1'750'000'000'000},
            .parts = {{Colour::Green, -0.0}, {Colour::Red, 0.1}},
            .numbers = {1, -2, 3},
            .spare = Part{Colour::Green, 1e300},
            .note = std::nullopt};
}

} // namespace

class BaseTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyErrorHasANameAndSaysWhatToDo();
    void anUnknownNameIsToldWithTheClosestOrWithAll();
    void thePolicyHasLegalUniqueDefaults();
    void thePolicyHasTheDefaultsOfTheDesign();
    void aPolicyValueIsLegalUpToBothEndsOfItsRange();
    void aPolicyTextIsMadeOfNames();
    void thePaperPolicyIsThatOfTheTable();
    void aChangedPaperPolicyIsATextThatGivesItBack();
    void sha256AgreesWithThePublishedVectors();
    void sha256DoesNotDependOnHowTheBytesArrive();
    void hmacAgreesWithThePublishedVectors();
    void stateComesBackExactly();
    void stateThatIsCutOrAbsurdFails();
    void aQueueKeepsOrderAndLosesNothingUnderPressure();
    void aWeighedQueueTakesManyLightItemsAndOneHeavyOne();
    void aFullQueuePushesBackUntilSomeoneTakes();
    void whoMustNotWaitIsToldThatAQueueIsFull();
    void aClosedQueueRefusesAndDrains();
    void closingWakesThoseWhoWait();
    void aMailboxShowsTheNewestAndItsVersionGrows();
    void readersOfAMailboxNeverGoBack();
    void aWorkerIsStoppedAndJoinedByItsDestructor();
    void aWorkersExceptionIsHandedOverOnItsOwnThread();
    void aWorkersNameIsWhatTheSystemShows();
};

void BaseTest::anUnknownNameIsToldWithTheClosestOrWithAll()
{
    const std::vector<std::string> known{"breakout", "momentum", "BTC-USDT"};
    const auto said = [&](std::string_view wanted) { return unknownName("no such thing", wanted, known); };
    QCOMPARE(said("braekout"), std::string("no such thing; do you mean breakout?"));
    QCOMPARE(said("btc-usdt"), std::string("no such thing; do you mean BTC-USDT?"));
    QCOMPARE(said("moment"), std::string("no such thing; do you mean momentum?")); // 2 letters of 6: at the edge
    QCOMPARE(said("mome"), std::string("no such thing; there are breakout, momentum, BTC-USDT"));
    QCOMPARE(said(""), std::string("no such thing; there are breakout, momentum, BTC-USDT"));
    QCOMPARE(said(std::string(5'000, 'x')), std::string("no such thing; there are breakout, momentum, BTC-USDT"));
    QCOMPARE(unknownName("no such thing", "a", {}), std::string("no such thing; there is none yet"));
    std::vector<std::string> many(13, "name");
    QVERIFY(unknownName("no such thing", "other", many).ends_with(" and 1 more"));
}

void BaseTest::everyErrorHasANameAndSaysWhatToDo()
{
    std::set<std::string_view> names;
    for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code) {
        const Error error{static_cast<ErrorCode>(code), "BTC-USDT", "block 8812"};
        names.insert(name(error.code));
        const auto line = sentence(error);
        QVERIFY(line.starts_with("BTC-USDT: ") && line.find("(block 8812). ") != std::string::npos &&
                line.ends_with("."));
        QVERIFY(line.find('\n') == std::string::npos);
    }
    QCOMPARE(names.size(), static_cast<std::size_t>(ErrorCode::Internal) + 1);
    QVERIFY(sentence({ErrorCode::Io, "", ""}).starts_with("quarterdeck: "));
    QVERIFY(sentence({ErrorCode::Io, "f", ""}).find('(') == std::string::npos);
}

void BaseTest::thePolicyHasLegalUniqueDefaults()
{
    std::set<std::string_view> names;
    for (const auto& entry : policyEntries()) {
        names.insert(entry.name);
        QVERIFY(entry.least <= entry.standard && entry.standard <= entry.most);
        QCOMPARE(policyDefault(entry.name), entry.standard);
        QVERIFY(!entry.meaning.empty() && !entry.unit.empty());
    }
    QCOMPARE(names.size(), policyEntries().size());
    QVERIFY_EXCEPTION_THROWN((void)policyDefault("no.such.entry"), std::logic_error);
}

void BaseTest::thePolicyHasTheDefaultsOfTheDesign()
{
    const std::map<std::string_view, double> design{{"sharpe.min_trades", 30},
                                                    {"ranking.top_n", 10},
                                                    {"review.time", 20 * 60},
                                                    {"review.window_days", 7},
                                                    {"evidence.window_days", 30},
                                                    {"review.auto_apply", 0},
                                                    {"prune.min_trades", 30},
                                                    {"prune.confidence", 0.80},
                                                    {"reenable.min_days", 7},
                                                    {"librarian.min_win_rate", .6},
                                                    {"librarian.min_sharpe", 1.5},
                                                    {"librarian.max_candidates", 3},
                                                    {"ready.min_days", 30},
                                                    {"ready.max_drawdown", 0.10},
                                                    {"ready.min_psr", 0.95},
                                                    {"ready.min_dsr", 0.95},
                                                    {"convergence.windows", 3},
                                                    {"convergence.regime_low", 0.20},
                                                    {"convergence.min_share", .05},
                                                    {"sensitivity.days", 7},
                                                    {"sensitivity.spread", 0.20},
                                                    {"sensitivity.min_pass", 0.80},
                                                    {"archive.after_days", 30},
                                                    {"health.cpu_temp_c", 85},
                                                    {"health.clock_s", 2},
                                                    {"backup.every_hours", 6},
                                                    {"feed.silence_s", 30},
                                                    {"ab.min_trades", 100},
                                                    {"ab.min_wins", 10},
                                                    {"ab.min_losses", 10},
                                                    {"ab.confidence", 0.95},
                                                    {"ab.margin", 0.05},
                                                    {"ab.max_days", 60},
                                                    {"leakage.max_accuracy", 0.70},
                                                    {"leakage.max_auc", 0.75},
                                                    {"leakage.warn_feature_auc", 0.60},
                                                    {"retrain.min_trades", 75},
                                                    {"retrain.every_days", 14},
                                                    {"leakage.max_feature_auc", 0.70},
                                                    {"model.expiry_days", 30},
                                                    {"drift.psi_watch", 0.10},
                                                    {"drift.psi_alarm", 0.25},
                                                    {"execution.min_fills", 30},
                                                    {"fees.taker", 0.0006},
                                                    {"execution.assumed_fill_rate", 0.67},
                                                    {"fees.maker", 0.0002},
                                                    {"paper.start_equity", 10'000},
                                                    {"paper.notional", 500},
                                                    {"paper.row_capital", 1'000},
                                                    {"paper.latency_ms", 150},
                                                    {"paper.limit_patience_s", 60},
                                                    {"paper.cooldown_s", 240},
                                                    {"health.tick_lag_ms", 500},
                                                    {"health.cpu_temp_critical_c", 95},
                                                    {"health.write_lag_ms", 1'000},
                                                    {"jobs.heartbeat_s", 60},
                                                    {"execution.assumed_slippage", 0.0005},
                                                    {"feed.dead_s", 300},
                                                    {"convergence.regime_high", .8}};
    for (const auto& [name, value] : design) {
        QCOMPARE(policyDefault(name), value);
    }
}

void BaseTest::aPolicyValueIsLegalUpToBothEndsOfItsRange()
{
    for (const auto& entry : policyEntries()) {
        QVERIFY(checkPolicyValue(entry.name, entry.least).has_value());
        QVERIFY(checkPolicyValue(entry.name, entry.most).has_value());
        for (const double wrong : {entry.least - 1, entry.most * 1.001 + 1e-9, std::nan("")}) {
            QCOMPARE(checkPolicyValue(entry.name, wrong).error().code, ErrorCode::OutOfRange);
        }
    }
    QCOMPARE(checkPolicyValue("review.auto_apply", 0.5).error().detail, std::string("0.5 is not within 0…1 switch"));
    QCOMPARE(checkPolicyValue("no.such", 1).error().code, ErrorCode::NotFound);
    QCOMPARE(policyValue({{"prune.min_trades", 50}}, "prune.min_trades"), 50.0);
    QCOMPARE(policyValue({}, "prune.min_trades"), 30.0);
}

void BaseTest::aPolicyTextIsMadeOfNames()
{
    for (const auto& text : policyTexts()) {
        QVERIFY(!text.meaning.empty() && !text.form.empty());
        QVERIFY(checkPolicyText(text.name, text.standard).has_value());
        QVERIFY(checkPolicyText(text.name, "").has_value());
        QCOMPARE(checkPolicyText(text.name, "a\nb").error().code, ErrorCode::OutOfRange);
        QCOMPARE(checkPolicyText(text.name, std::string(1'001, 'a')).error().code, ErrorCode::OutOfRange);
    }
    QVERIFY(checkPolicyText("display.zone", "America/Argentina/Buenos_Aires").has_value());
    QCOMPARE(checkPolicyText("display.zone", "a, b").error().code, ErrorCode::OutOfRange);
    QVERIFY(checkPolicyText("backup.folder", "/mnt/My backups (é)").has_value());
    for (const auto* folder : {"backups", "/", "/a\tb"}) {
        QCOMPARE(checkPolicyText("backup.folder", folder).error().code, ErrorCode::OutOfRange);
    }
    QVERIFY(checkPolicyText("health.watched_units", "getty@tty1.service, apt-daily.timer").has_value());
    for (const auto* legal : {"https://hc.example/ping/5-a", "http://127.0.0.1:8080/hook?room=1&x=%20"}) {
        QVERIFY(checkPolicyText("alerts.webhook_url", legal).has_value());
    }
    for (const auto* wrong : {"ftp://x/", "http://x/ y", "http://x/\r\nHost: y", "x"}) {
        QCOMPARE(checkPolicyText("alerts.heartbeat_url", wrong).error().code, ErrorCode::OutOfRange);
    }
    QCOMPARE(checkPolicyText("fees.taker", "x").error().code, ErrorCode::NotFound);
}

void BaseTest::thePaperPolicyIsThatOfTheTable()
{
    const auto policy = defaultPaperPolicy();
    QCOMPARE(policy.takerFee.value, 600);
    QCOMPARE(policy.makerFee.value, 200);
    QCOMPARE(policy.latency.count(), 150);
    QCOMPARE(policy.cooldown.count(), 240'000);
    QCOMPARE(policy.notional, usdt(500));
    QCOMPARE(policy.startEquity, usdt(10'000));
    QCOMPARE(policy.rowCapital, usdt(1'000));
    QCOMPARE(policy.silence.count(), 30'000);
    QCOMPARE(policy.assumedSlippage.value, 500);
}

void BaseTest::aChangedPaperPolicyIsATextThatGivesItBack()
{
    const auto standard = defaultPaperPolicy();
    QCOMPARE(paperPolicyText({}), std::string());
    QVERIFY(*paperPolicyOf(standard, "") == standard);
    const PolicyValues values{{"fees.taker", 0.001},     {"paper.latency_ms", 900}, {"paper.notional", 123.45678901},
                              {"feed.silence_s", 30},    {"ranking.top_n", 3},      {"execution.assumed_slippage", 0},
                              {"paper.row_capital", 2e3}};
    const auto text = paperPolicyText(values);
    QCOMPARE(text, std::string("execution.assumed_slippage=0|fees.taker=0.001|paper.latency_ms=900|"
                               "paper.notional=123.45678901|paper.row_capital=2000"));
    const auto changed = paperPolicyOf(standard, text).value();
    QVERIFY(changed == paperPolicy(values) && changed != standard);
    QCOMPARE(changed.notional.value, std::int64_t{12'345'678'901});
    QCOMPARE(paperPolicyText({{"model.expiry_days", 14}}), std::string("model.expiry_days=14"));
    QCOMPARE(paperPolicyOf(standard, "model.expiry_days=14")->modelExpiry, 14 * oneDay);
    QCOMPARE(standard.modelExpiry, 30 * oneDay);
    auto other = standard;
    other.makerFee = {77};
    QCOMPARE(paperPolicyOf(other, text)->makerFee.value, std::int64_t{77}); // what is left out stays
    QCOMPARE(paperPolicyOf(standard, "fees.taker").error().code, ErrorCode::Malformed);
    QCOMPARE(paperPolicyOf(standard, "ranking.top_n=3").error().code, ErrorCode::NotFound);
    QCOMPARE(paperPolicyOf(standard, "fees.taker=0.0100001").error().code, ErrorCode::OutOfRange);
    QVERIFY(paperPolicyOf(standard, "fees.taker=0.01").has_value());
    QCOMPARE(policyNumberOf("paper.latency_ms", "1e3").value(), 1'000.0);
    QCOMPARE(policyNumber(0.0006), std::string("0.0006"));
    QCOMPARE(policyNumber(1e9), std::string("1000000000"));
    for (const auto& entry : policyEntries()) {
        QCOMPARE(policyNumberOf(entry.name, policyNumber(entry.standard)).value(), entry.standard);
    }
    QCOMPARE(policyNumberOf("paper.latency_ms", "60001").error().detail, std::string("60001 is not within 0…60000 ms"));
    for (const char* wrong : {"", " 1", "1 ", "1x", "nan", "inf", "much"}) {
        QCOMPARE(policyNumberOf("paper.latency_ms", wrong).error().code, ErrorCode::OutOfRange);
    }
}

void BaseTest::sha256AgreesWithThePublishedVectors()
{
    QCOMPARE(sha256Hex(""), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    QCOMPARE(sha256Hex("abc"), std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    QCOMPARE(sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
             std::string("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
    QCOMPARE(sha256Hex(std::string(1'000'000, 'a')),
             std::string("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
}

void BaseTest::hmacAgreesWithThePublishedVectors() // RFC 4231
{
    QCOMPARE(hmacSha256Hex(std::string(20, '\x0b'), "Hi There"),
             std::string("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
    QCOMPARE(hmacSha256Hex("Jefe", "what do ya want for nothing?"),
             std::string("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    QCOMPARE(hmacSha256Hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
             std::string("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
    QCOMPARE(randomHex(32).size(), std::size_t{64});
    QVERIFY(randomHex(32) != randomHex(32));
}

void BaseTest::sha256DoesNotDependOnHowTheBytesArrive()
{
    std::mt19937_64 random(1);
    for (const std::size_t size : {0U, 1U, 55U, 56U, 57U, 63U, 64U, 65U, 119U, 120U, 128U, 1'000U}) {
        std::string bytes(size, '\0');
        for (auto& c : bytes) {
            c = static_cast<char>(random());
        }
        Sha256 sha;
        for (std::string_view rest(bytes); !rest.empty();) {
            const auto take = std::min<std::size_t>(rest.size(), 1 + random() % 70);
            sha.add(rest.substr(0, take));
            rest.remove_prefix(take);
        }
        QCOMPARE(sha.hex(), sha256Hex(bytes));
    }
}

void BaseTest::stateComesBackExactly()
{
    StateWriter writer;
    const auto wanted = example();
    writer(wanted, std::numeric_limits<double>::infinity());
    StateReader reader(writer.bytes());
    Whole got{.parts = {{}, {}, {}}, .note = "old"}; // what was there before is gone
    double infinite = 0;
    reader(got, infinite);
    QVERIFY(reader.isComplete());
    QVERIFY(got == wanted);
    QVERIFY(std::signbit(got.parts[0].weight));
    QCOMPARE(infinite, std::numeric_limits<double>::infinity());
}

void BaseTest::stateThatIsCutOrAbsurdFails()
{
    StateWriter writer;
    writer(example());
    const auto& bytes = writer.bytes();
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        StateReader reader(std::string_view(bytes).substr(0, cut));
        Whole got;
        reader(got);
        QVERIFY(reader.failed());
    }
    const auto longer = bytes + "x";
    StateReader tail(longer);
    Whole got;
    tail(got);
    QVERIFY(!tail.failed() && !tail.isComplete());

    std::mt19937_64 random(4); // random bytes: any answer but a crash or a flood of memory
    for (int i = 0; i < 2'000; ++i) {
        auto broken = bytes;
        broken[random() % broken.size()] = static_cast<char>(random());
        StateReader reader(broken);
        reader(got);
    }
    const std::string two("\2", 1);
    StateReader reader(two); // neither true nor false
    bool flag = true;
    reader(flag);
    QVERIFY(reader.failed() && !flag);
}

void BaseTest::aQueueKeepsOrderAndLosesNothingUnderPressure()
{
    constexpr std::int64_t each = 20'000;
    BoundedQueue<std::pair<int, std::int64_t>> queue(7);
    std::array<std::int64_t, 3> next{};
    bool isOrdered = true;
    bool isBounded = true;
    {
        std::vector<std::jthread> producers;
        std::latch done(3);
        for (int who = 0; who < 3; ++who) {
            producers.emplace_back([&queue, &done, who] {
                for (std::int64_t i = 0; i < each; ++i) {
                    if (!queue.push({who, i})) {
                        break;
                    }
                }
                done.count_down();
            });
        }
        std::jthread closer([&] {
            done.wait();
            queue.close();
        });
        while (!queue.isDone()) {
            const auto items = queue.popAll(longWait);
            isBounded = isBounded && items.size() <= 7;
            for (const auto& [who, i] : items) {
                isOrdered = isOrdered && i == next[static_cast<std::size_t>(who)]++;
            }
        }
    }
    QVERIFY(isOrdered && isBounded);
    for (const auto count : next) {
        QCOMPARE(count, each);
    }
}

void BaseTest::aWeighedQueueTakesManyLightItemsAndOneHeavyOne()
{
    BoundedQueue<int> queue(10, [](const int& weight) { return static_cast<std::size_t>(weight); });
    for (int i = 0; i < 9; ++i) {
        QVERIFY(queue.push(1)); // 9 of 10
    }
    QVERIFY(queue.push(1'000)); // there was room
    std::atomic<bool> isIn = false;
    std::jthread pusher([&] {
        (void)queue.push(1);
        isIn = true;
    });
    QTest::qWait(50);
    QVERIFY(!isIn);
    QCOMPARE(queue.popAll(milliseconds{0}).size(), std::size_t{10});
    QTRY_VERIFY_WITH_TIMEOUT(isIn, 30'000);
    QCOMPARE(queue.popAll(milliseconds{0}).size(), std::size_t{1});
}

void BaseTest::aFullQueuePushesBackUntilSomeoneTakes()
{
    BoundedQueue<int> queue(2);
    QVERIFY(queue.push(1) && queue.push(2));
    std::atomic<bool> isIn = false;
    std::jthread third([&] { isIn = queue.push(3); });
    QCOMPARE(queue.size(), std::size_t{2});
    QVERIFY(!isIn); // nobody has taken anything yet
    std::vector<int> got;
    while (got.size() < 3) {
        for (const int i : queue.popAll(longWait)) {
            got.push_back(i);
        }
    }
    third.join();
    QVERIFY(isIn);
    QVERIFY((got == std::vector{1, 2, 3}));
    QVERIFY(queue.popAll(milliseconds{0}).empty());
}

void BaseTest::whoMustNotWaitIsToldThatAQueueIsFull()
{
    BoundedQueue<std::unique_ptr<int>> queue(1);
    auto first = std::make_unique<int>(1);
    auto second = std::make_unique<int>(2);
    QVERIFY(queue.tryPush(first) && !first);
    QVERIFY(!queue.tryPush(second) && second); // it is still there
    QCOMPARE(queue.popAll(milliseconds{0}).size(), std::size_t{1});
    QVERIFY(queue.tryPush(second));
    queue.close();
    first = std::make_unique<int>(3);
    QVERIFY(!queue.tryPush(first) && first);
}

void BaseTest::aClosedQueueRefusesAndDrains()
{
    BoundedQueue<std::unique_ptr<int>> queue(4);
    QVERIFY(queue.push(std::make_unique<int>(5)));
    queue.close();
    QVERIFY(queue.isClosed() && !queue.isDone());
    QVERIFY(!queue.push(std::make_unique<int>(6)));
    const auto left = queue.popAll(longWait);
    QCOMPARE(left.size(), std::size_t{1});
    QCOMPARE(*left.front(), 5);
    QVERIFY(queue.isDone());
    QVERIFY(queue.popAll(longWait).empty()); // at once
}

void BaseTest::closingWakesThoseWhoWait()
{
    BoundedQueue<int> full(1);
    QVERIFY(full.push(1));
    BoundedQueue<int> empty(1);
    std::atomic<int> woken = 0;
    {
        std::jthread pusher([&] { woken += full.push(2) ? 0 : 1; });
        std::jthread popper([&] { woken += empty.popAll(longWait).empty() ? 1 : 0; });
        full.close();
        empty.close();
    }
    QCOMPARE(woken.load(), 2);
    QCOMPARE(full.size(), std::size_t{1});
}

void BaseTest::aMailboxShowsTheNewestAndItsVersionGrows()
{
    Mailbox<int> box;
    QVERIFY(!box.get());
    QCOMPARE(box.version(), std::uint64_t{0});
    box.put(1);
    const auto first = box.get();
    box.put(2);
    QCOMPARE(box.version(), std::uint64_t{2});
    QCOMPARE(*box.get(), 2);
    QCOMPARE(*first, 1); // what a reader holds does not change
}

void BaseTest::readersOfAMailboxNeverGoBack()
{
    Mailbox<std::int64_t> box;
    constexpr std::int64_t last = 20'000;
    bool wentBack = false;
    {
        std::jthread writer([&] {
            for (std::int64_t i = 1; i <= last; ++i) {
                box.put(i);
            }
        });
        for (std::int64_t seen = 0; seen < last;) {
            const auto version = static_cast<std::int64_t>(box.version());
            const auto value = box.get();
            const auto now = value ? *value : 0;
            wentBack = wentBack || now < seen || now < version; // a version promises at least its value
            seen = now;
        }
    }
    QVERIFY(!wentBack);
}

void BaseTest::aWorkerIsStoppedAndJoinedByItsDestructor()
{
    std::atomic<bool> hasEnded = false;
    {
        const WorkerThread worker(
            "waits",
            [&](std::stop_token stop) {
                std::mutex mutex;
                std::unique_lock lock(mutex);
                std::condition_variable_any().wait(lock, stop, [] { return false; });
                hasEnded = stop.stop_requested();
            },
            [](const std::string&) {});
    }
    QVERIFY(hasEnded);
}

void BaseTest::aWorkersExceptionIsHandedOverOnItsOwnThread()
{
    std::string what;
    std::thread::id where;
    WorkerThread worker(
        "throws", [](std::stop_token) { throw std::runtime_error("disk on fire"); },
        [&](const std::string& text) {
            what = text;
            where = std::this_thread::get_id();
        });
    worker.join();
    QCOMPARE(what, std::string("disk on fire"));
    QVERIFY(where != std::this_thread::get_id() && where != std::thread::id());

    WorkerThread odd("throws", [](std::stop_token) { throw 5; }, [&](const std::string& text) { what = text; });
    odd.join();
    QVERIFY(what != "disk on fire" && !what.empty());

    bool failed = false;
    WorkerThread well("well", [](std::stop_token) {}, [&](const std::string&) { failed = true; });
    well.join();
    QVERIFY(!failed);
}

void BaseTest::aWorkersNameIsWhatTheSystemShows()
{
    std::array<char, 32> name{};
    WorkerThread worker(
        "a name of twenty-two c",
        [&](std::stop_token) { pthread_getname_np(pthread_self(), name.data(), name.size()); },
        [](const std::string&) {});
    worker.join();
    QCOMPARE(std::string(name.data()), std::string("a name of twent"));
}

QTEST_GUILESS_MAIN(BaseTest)
#include "base_test.moc"
