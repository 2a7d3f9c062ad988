// The status page in a headless Chromium, as an operator's browser shows it. Skipped, saying so, where none is
// installed, unless QD_REQUIRE_ALL=1 wants every test; QD_CHROMIUM names one elsewhere.
#include "testkit/api_rig.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace qd;
using testkit::ApiRig;

namespace {

QString browser()
{
    const auto given = qEnvironmentVariable("QD_CHROMIUM");
    if (!given.isEmpty()) {
        return given;
    }
    for (const auto* name : {"chromium", "chromium-headless-shell", "chromium-browser", "google-chrome"}) {
        const auto path = QStandardPaths::findExecutable(QLatin1String(name));
        if (!path.isEmpty()) {
            return path;
        }
    }
    return {};
}

/// The page as it stands after its scripts have run for a while; empty where the browser fails.
QString pageOf(std::uint16_t port)
{
    constexpr int patience = 180'000;
    const QTemporaryDir profile;
    QProcess chromium;
    chromium.setProcessChannelMode(QProcess::ForwardedErrorChannel); // why it failed, where it does
    chromium.start(browser(),
                   {QStringLiteral("--headless"), QStringLiteral("--no-sandbox"), QStringLiteral("--disable-gpu"),
                    QStringLiteral("--disable-dev-shm-usage"), QStringLiteral("--no-first-run"),
                    QStringLiteral("--user-data-dir=") + profile.path(), QStringLiteral("--virtual-time-budget=6000"),
                    QStringLiteral("--dump-dom"), QStringLiteral("http://127.0.0.1:%1/").arg(port)});
    if (!chromium.waitForFinished(patience)) {
        chromium.kill();
        chromium.waitForFinished();
        return {};
    }
    return QString::fromUtf8(chromium.readAllStandardOutput());
}

/// A browser opens connections ahead and leaves them: they are cut as soon as they are in the console.
engines::ApiOptions asItIs()
{
    auto out = ApiRig::options();
    out.readTimeout = engines::ApiOptions{}.readTimeout;
    return out;
}

void fill(ApiRig& rig)
{
    rig.onAsk = [](const console::Query& query) -> console::Answer {
        console::TradesPage page{.total = 1, .rows = {{}}};
        page.rows[0].position.decision.instrument = {1};
        page.rows[0].position.decision.strategy = "reversal";
        page.rows[0].net = base::usdt(-3);
        return std::holds_alternative<console::AskTrades>(query)
                   ? console::Answer{1, std::nullopt, std::move(page)}
                   : console::Answer{1, base::Error{base::ErrorCode::NotFound, "query", "no"}, {}};
    };
    console::IngestSnapshot ingest;
    ingest.state = console::EngineState::Running;
    ingest.feed = console::FeedState::Online;
    ingest.instruments.push_back({.instrument = {.id = {1}, .name = "BTC-USDT"}});
    rig.console.ingestBox.put(std::move(ingest));
    console::PaperSnapshot paper;
    paper.equity = base::usdt(12'345);
    paper.strategies.push_back({.name = "breakout", .silence = "<img src=x onerror=document.title='broken'>"});
    rig.console.paperBox.put(std::move(paper));
    rig.console.storeBox.put(console::StoreSnapshot{.ticks = 987});
    rig.console.healthBox.put(
        console::HealthSnapshot{.score = 87, .label = console::HealthLabel::Good, .probes = {{.name = "CPU"}}});
    rig.paperPulse.state = console::EngineState::Running;
    rig.paperPulse.start(rig.clock.now());
}

} // namespace

class StatusPageTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (browser().isEmpty()) {
            QVERIFY2(qEnvironmentVariable("QD_REQUIRE_ALL") != QLatin1String("1"),
                     "no Chromium is installed (packaging/install-deps.sh browser), and QD_REQUIRE_ALL=1 wants it");
            QSKIP("no Chromium is installed (Debian: chromium), so nobody has looked at the page");
        }
    }
    void itShowsWhatTheApiSays()
    {
        ApiRig rig;
        fill(rig);
        rig.start(asItIs());
        const auto page = pageOf(rig.port());
        QVERIFY2(page.contains(QStringLiteral("data-state=\"live\"")), qPrintable(page.right(2'000)));
        for (const auto* text : {"12\u202f345.00 USDT", "breakout", "reversal", "BTC-USDT", "-3.00", "Health 87",
                                 "Paper trading", "987 ticks", "online", "DEMO"}) {
            QVERIFY2(page.contains(QString::fromUtf8(text)), text);
        }
        QVERIFY(page.contains(QStringLiteral("&lt;img src=x"))); // as text
        QVERIFY(page.contains(QStringLiteral("<title>Quarterdeck</title>")));
    }
    void itSaysSoWhenTheConsoleDoesNotAnswer()
    {
        ApiRig rig;
        fill(rig);
        auto options = asItIs();
        options.perSecond = 0.0001;
        options.atOnce = 1; // the page itself, and then nothing
        rig.start(options);
        const auto page = pageOf(rig.port());
        QVERIFY2(page.contains(QStringLiteral("data-state=\"lost\"")), qPrintable(page.right(2'000)));
        QVERIFY(page.contains(QStringLiteral("The console does not answer")));
        QVERIFY(!page.contains(QStringLiteral("breakout")));
    }
};

QTEST_GUILESS_MAIN(StatusPageTest)
#include "status_page_test.moc"
