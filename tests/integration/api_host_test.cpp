// The HTTP API in the running engines: what is stored and what runs is answered, a POST is decided and journalled like
// a click, the token outlives a restart, and many who ask keep no engine from its work. Real database, real sockets.
#include "engines/engine_host.h"
#include "engines/secret_file.h"
#include "testkit/http_client.h"
#include "testkit/made_ledger.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <memory>
#include <thread>

using namespace qd;
using testkit::good;
using testkit::httpGet;
using testkit::httpPost;

namespace {

constexpr int days = 25;
constexpr int trades = days * (3 + 2);

QJsonObject json(const testkit::HttpReply& reply)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(reply.body)).object();
}

QString at(const QJsonObject& object, const char* list, const QString& name, const char* field)
{
    const auto rows = object[QLatin1String(list)].toArray();
    for (const auto& row : rows) {
        if (row[QStringLiteral("name")].toString() == name) {
            return row[QLatin1String(field)].toVariant().toString();
        }
    }
    return {};
}

class Running {
public:
    explicit Running(engines::HostOptions wish) : options(std::move(wish))
    {
        options.api = engines::ApiOptions{.port = 0, .perSecond = 1e6, .atOnce = 1e6};
        options.api->askPatience = base::Millis{60'000}; // a slow machine is no reason to fail
        options.api->sendPatience = base::Millis{60'000};
        start();
    }
    void start()
    {
        host = good(engines::EngineHost::start(options));
        (void)waitFor([&] { return host->apiPort() != 0 && host->isReady(); });
        port = host->apiPort();
        token = good(engines::apiTokenIn(options.dataDir));
    }
    void restart()
    {
        host->stop();
        host.reset();
        start();
    }
    static bool waitFor(const std::function<bool()>& isSo)
    {
        constexpr int patience = 120'000;
        QElapsedTimer timer;
        for (timer.start(); timer.elapsed() < patience; QTest::qWait(20)) {
            if (isSo()) {
                return true;
            }
        }
        return isSo();
    }
    [[nodiscard]] QJsonObject get(const std::string& path) const { return json(httpGet(port, path)); }
    [[nodiscard]] testkit::HttpReply post(const std::string& path, const std::string& body) const
    {
        return httpPost(port, path, body, token);
    }

    engines::HostOptions options;
    std::unique_ptr<engines::EngineHost> host;
    std::uint16_t port = 0;
    std::string token;
};

engines::HostOptions madeLedger(const QTemporaryDir& folder)
{
    const auto end = base::bucketStart(base::SystemClock().now(), base::oneDay);
    testkit::MadeLedger ledger(folder.path().toStdString() + "/imported.db", end, days, 60);
    ledger.add("breakout", 3, [](int n) { return n % 3 == 0 ? 1 : -3; });
    ledger.add("momentum", 2, [](int n) { return n % 2 == 0 ? 1 : -1; });
    ledger.store.close();
    engines::HostOptions options;
    options.dataDir = folder.path().toStdString();
    options.feed = "imported";
    options.version = "test";
    return options;
}

} // namespace

class ApiHostTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsStoredIsAnswered()
    {
        QTemporaryDir folder;
        Running running(madeLedger(folder));
        QVERIFY(running.port != 0);
        auto page = running.get("/api/v1/trades?limit=50&instrument=COIN-USDT");
        const auto total = page[QStringLiteral("total")].toInt();
        QVERIFY(total > 50 && total < trades);
        int rows = 0;
        QString before; // times fall
        for (;;) {
            const auto items = page[QStringLiteral("items")].toArray();
            rows += static_cast<int>(items.size());
            for (const auto& item : items) {
                const auto exited = item[QStringLiteral("exited")].toString();
                QVERIFY(before.isEmpty() || exited <= before);
                QCOMPARE(item[QStringLiteral("instrument")].toString(), QStringLiteral("COIN-USDT"));
                QVERIFY(!item[QStringLiteral("entry")].toString().isEmpty());
                before = exited;
            }
            const auto next = page[QStringLiteral("next_cursor")].toString();
            if (next.isEmpty()) {
                break;
            }
            page = running.get("/api/v1/trades?limit=50&instrument=COIN-USDT&cursor=" + next.toStdString());
        }
        QCOMPARE(rows, total);
        QCOMPARE(running.get("/api/v1/trades?strategy=momentum&result=won")[QStringLiteral("total")].toInt(), days);

        const auto evaluations = running.get("/api/v1/evaluations?days=0");
        QCOMPARE(evaluations[QStringLiteral("roster")][QStringLiteral("trades")].toInt(), trades);
        const auto rowsOf = running.get("/api/v1/evaluations?days=0&of=rows&limit=1");
        QCOMPARE(rowsOf[QStringLiteral("items")].toArray().size(), 1);
        QVERIFY(rowsOf[QStringLiteral("next_cursor")].isString());
        QVERIFY(running.get("/api/v1/models")[QStringLiteral("families")].toArray().size() > 3);
        QCOMPARE(running.get("/api/v1/experiments")[QStringLiteral("total")].toInt(-1), 0);
        QVERIFY(running.get("/api/v1/journal").contains(QStringLiteral("items")));
        QVERIFY(Running::waitFor([&] {
            return at(running.get("/api/v1/strategies"), "items", QStringLiteral("breakout"), "closed").toInt() ==
                   days * 3;
        }));
        const auto status = running.get("/api/v1/status");
        QVERIFY(status[QStringLiteral("feed")].toString() == QStringLiteral("imported") &&
                status[QStringLiteral("version")].toString() == QStringLiteral("test"));
        QCOMPARE(at(status, "engines", QStringLiteral("Store writer"), "state"), QStringLiteral("running"));
        QVERIFY(Running::waitFor([&] { // Health shows the API as a service, with its address
            const auto health = running.host->health().get();
            const auto row = health ? std::ranges::find(health->services, "HTTP API", &console::ServiceRow::name)
                                    : std::vector<console::ServiceRow>::const_iterator();
            return health && row != health->services.end() && row->state == console::EngineState::Running &&
                   row->detail == "http://127.0.0.1:" + std::to_string(running.port);
        }));
        const auto metrics = httpGet(running.port, "/metrics").body;
        QVERIFY(metrics.find("\nquarterdeck_trades_closed_total " + std::to_string(trades) + "\n") !=
                std::string::npos);
    }

    void aPostIsDecidedAndJournalledLikeAClick()
    {
        QTemporaryDir folder;
        Running running(madeLedger(folder));
        const auto isOn = [&] {
            return at(running.get("/api/v1/strategies"), "items", QStringLiteral("breakout"), "is_enabled") ==
                   QStringLiteral("true");
        };
        QVERIFY(Running::waitFor(isOn));
        const auto off = running.post("/api/v1/strategies/breakout/disable", R"({"reason":"by curl"})");
        QVERIFY2(off.status == 200, off.raw.c_str());
        QVERIFY(Running::waitFor([&] { return !isOn(); }));
        const auto row = running.get("/api/v1/journal?limit=1")[QStringLiteral("items")][0].toObject();
        QCOMPARE(row[QStringLiteral("why")].toString(), QStringLiteral("by curl"));
        QCOMPARE(row[QStringLiteral("by")].toString(), QStringLiteral("operator"));
        QCOMPARE(row[QStringLiteral("kind")].toString(), QStringLiteral("switch"));
        const auto again = running.post("/api/v1/strategies/breakout/disable", R"({"reason":"again"})");
        QCOMPARE(again.status, 409); // it is so already: as the window is told
        QCOMPARE(running.post("/api/v1/strategies/nobody/disable", R"({"reason":"gone"})").status, 404);

        const auto id = std::to_string(row[QStringLiteral("id")].toInt());
        const auto undone = running.post("/api/v1/undo", R"({"reason":"calm","decision":)" + id + "}");
        QVERIFY2(undone.status == 200, undone.raw.c_str());
        QVERIFY(Running::waitFor(isOn));
        QCOMPARE(running.post("/api/v1/undo", R"({"decision":999999,"reason":"calm"})").status, 404);

        QCOMPARE(running.post("/api/v1/pause", R"({"reason":"holidays"})").status, 200);
        QVERIFY(Running::waitFor([&] {
            return running.get("/api/v1/status")[QStringLiteral("paper")][QStringLiteral("is_paused")].toBool();
        }));
        QCOMPARE(running.post("/api/v1/resume", R"({"reason":"back"})").status, 200);
        QCOMPARE(running.post("/api/v1/notes", R"({"text":"a note"})").status, 200);
        QCOMPARE(running.get("/api/v1/journal?kind=note")[QStringLiteral("items")][0][QStringLiteral("what")]
                         .toString()
                         .contains(QStringLiteral("a note")) ||
                     running.get("/api/v1/journal?text=a%20note")[QStringLiteral("total")].toInt() == 1,
                 true);
        QCOMPARE(running.post("/api/v1/review", "{}").status, 200);
        QCOMPARE(running.post("/api/v1/retrain", R"({"model":"no_such_model"})").status / 100, 4);

        const auto events = running.host->takeEvents(); // who asked has the answer; the window is not told of it
        QVERIFY(std::ranges::none_of(
            events, [](const auto& event) { return std::holds_alternative<console::CommandDone>(event); }));
        const auto click = running.host->send(console::AddNote{"a click"});
        QVERIFY(Running::waitFor([&] {
            const auto told = running.host->takeEvents();
            return std::ranges::any_of(told, [&](const auto& event) {
                const auto* done = std::get_if<console::CommandDone>(&event);
                return done != nullptr && done->id == click;
            });
        }));
    }

    void theTokenOutlivesARestart()
    {
        QTemporaryDir folder;
        Running running(madeLedger(folder));
        const auto token = running.token;
        running.restart();
        QCOMPARE(running.token, token);
        QCOMPARE(running.post("/api/v1/notes", R"({"text":"again"})").status, 200);

        engines::HostOptions open = running.options; // an address that others reach, without the switch
        open.dataDir /= "other";
        open.api->bind = "0.0.0.0";
        const auto refused = engines::EngineHost::start(open);
        QVERIFY(!refused && refused.error().code == base::ErrorCode::OutOfRange);
        QVERIFY(!std::filesystem::exists(open.dataDir)); // before anything was made
    }

    void whoAsksKeepsNoEngineFromItsWork()
    {
        QTemporaryDir folder;
        engines::HostOptions options;
        options.dataDir = folder.path().toStdString();
        options.instruments = {"BTC-USDT", "ETH-USDT"};
        options.demoHistory = {.candlesOnly = base::oneDay, .withTicks = base::Millis{6 * 3'600'000}, .rate = 0.2};
        Running running(std::move(options));
        const auto ticks = [&] {
            const auto ingest = running.host->ingest().get();
            return ingest ? ingest->ticks : 0;
        };
        QVERIFY(Running::waitFor([&] { return ticks() > 0; }));
        const auto before = ticks();
        constexpr int each = 60;
        std::atomic<int> wrong{0};
        std::vector<std::unique_ptr<testkit::HttpClient>> hanging; // and two that never finish their request
        for (int i = 0; i < 2; ++i) {
            hanging.push_back(std::make_unique<testkit::HttpClient>(running.port));
            hanging.back()->say("POST /api/v1/notes HTTP/1.1\r\n");
        }
        std::vector<std::jthread> askers;
        for (const auto* path : {"/api/v1/status", "/api/v1/trades?limit=500", "/metrics", "/api/v1/journal"}) {
            askers.emplace_back([&, path] {
                for (int i = 0; i < each; ++i) {
                    wrong += httpGet(running.port, path).status == 200 ? 0 : 1;
                }
            });
        }
        askers.clear(); // joins
        QCOMPARE(wrong.load(), 0);
        QVERIFY(Running::waitFor([&] { return ticks() > before; }));
        const auto events = running.host->takeEvents();
        for (const auto& event : events) {
            const auto* failed = std::get_if<console::EngineFailed>(&event);
            QVERIFY2(failed == nullptr, failed != nullptr ? failed->what.c_str() : "");
        }
        const auto engines = running.get("/api/v1/status")[QStringLiteral("engines")].toArray();
        for (const auto& engine : engines) {
            QVERIFY2(engine[QStringLiteral("state")].toString() != QStringLiteral("failed"),
                     qPrintable(engine[QStringLiteral("name")].toString()));
        }
        running.host->stop(); // with clients that hang
        QCOMPARE(running.host->apiPort(), std::uint16_t{0});
    }
};

QTEST_GUILESS_MAIN(ApiHostTest)
#include "api_host_test.moc"
