// What the HTTP API answers, over real sockets, with engines that are the test: commands, tags, pages, and that the
// description describes all of it.
#include "engines/api_routes.h"
#include "testkit/api_answers.h"
#include "testkit/api_rig.h"

#include <QTest>

using namespace qd;
using namespace qd::engines;
using testkit::ApiRig;
using testkit::decisions;
using testkit::httpGet;
using testkit::httpPost;
using testkit::jsonOf;
using testkit::tradesOf;

class HttpAnswersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void commandsBecomeWhatAClickIs();
    void aDecisionWithoutAReasonIsRefused();
    void tagsSaveTheBody();
    void pagesDoNotShiftWhenTradesClose();
    void parametersAreChecked();
    void aHungEngineCannotLookWell();
    void everyPathStandsInTheDescription();
    void alertsAreAnsweredAndCounted();
    void healthTellsPartsAndTrends();
};

void HttpAnswersTest::commandsBecomeWhatAClickIs()
{
    ApiRig rig;
    console::IngestSnapshot ingest;
    ingest.instruments.push_back({.instrument = {.id = {7}, .name = "BTC-USDT"}});
    rig.console.ingestBox.put(std::move(ingest));
    rig.onSend = [](const console::Command& command) -> std::optional<base::Error> {
        const auto* wish = std::get_if<console::SetStrategyEnabled>(&command);
        return wish != nullptr && wish->strategy == "nobody"
                   ? std::optional(base::Error{base::ErrorCode::NotFound, "nobody", "there is none"})
                   : std::nullopt;
    };
    rig.start();
    const auto port = rig.port();
    const auto post = [&](const std::string& path, const std::string& body) {
        return httpPost(port, path, body, ApiRig::token);
    };
    QCOMPARE(post("/api/v1/strategies/breakout/disable", R"({"reason":"too dear"})").status, 200);
    QCOMPARE(post("/api/v1/strategies/breakout/enable", R"({"instrument":"BTC-USDT","reason":"calm"})").status, 200);
    QCOMPARE(post("/api/v1/strategies/breakout/enable", R"({"instrument":"NO-USDT","reason":"calm"})").status, 404);
    QCOMPARE(post("/api/v1/strategies/nobody/enable", R"({"reason":"calm"})").status, 404);
    QCOMPARE(post("/api/v1/strategies//enable", "{}").status, 404);
    QCOMPARE(post("/api/v1/strategies/a%2Fb/enable", "{}").status, 404);
    QCOMPARE(post("/api/v1/pause", R"({"reason":"holidays"})").status, 200);
    QCOMPARE(post("/api/v1/resume", "[]").status, 400);
    QCOMPARE(post("/api/v1/resume", R"({"reason":"back"})").status, 200);
    QCOMPARE(post("/api/v1/retrain", R"({"model":"gbt_5m"})").status, 200);
    QCOMPARE(post("/api/v1/retrain", "{}").status, 400);
    QCOMPARE(post("/api/v1/review", "{}").status, 200);
    QCOMPARE(post("/api/v1/undo", R"({"decision":12,"reason":"wrong one"})").status, 200);
    QCOMPARE(post("/api/v1/undo", R"({"decision":1.5,"reason":"wrong one"})").status, 400);
    QCOMPARE(post("/api/v1/undo", R"({"decision":"12","reason":"wrong one"})").status, 400);

    const auto sent = rig.sent();
    QCOMPARE(sent.size(), std::size_t{8});
    const auto off = std::get<console::SetStrategyEnabled>(sent[0]);
    QVERIFY(off.strategy == "breakout" && !off.enabled && off.reason == "too dear" && !off.instrument);
    const auto on = std::get<console::SetStrategyEnabled>(sent[1]);
    QVERIFY(on.enabled && on.instrument == base::InstrumentId{7} && on.reason == "calm");
    QCOMPARE(std::get<console::SetPolicy>(sent[3]).values.at("trading.paused"), std::string("1"));
    QCOMPARE(std::get<console::SetPolicy>(sent[4]).values.at("trading.paused"), std::string("0"));
    QCOMPARE(std::get<console::RetrainModel>(sent[5]).model, std::string("gbt_5m"));
    QCOMPARE(std::get<console::RetrainModel>(sent[5]).reason, std::string("through the API")); // it needs none
    QVERIFY(std::holds_alternative<console::ReviewNow>(sent[6]));
    QCOMPARE(std::get<console::UndoDecision>(sent[7]).decision, std::int64_t{12});
    QCOMPARE(std::get<console::UndoDecision>(sent[7]).reason, std::string("wrong one"));
}

// As on the command line, where these want --reason: the journal would hold decisions that nobody can explain.
void HttpAnswersTest::aDecisionWithoutAReasonIsRefused()
{
    ApiRig rig;
    rig.start();
    const auto port = rig.port();
    for (const std::string path : {"/api/v1/strategies/breakout/enable", "/api/v1/strategies/breakout/disable",
                                   "/api/v1/pause", "/api/v1/resume", "/api/v1/undo"}) {
        const std::string rest = path.ends_with("undo") ? R"("decision":12)" : "";
        const std::string comma = rest.empty() ? "" : ",";
        for (const std::string reason : {"", R"("reason":"")", R"("reason":" \t")", R"("reason":null)"}) {
            const auto body = '{' + rest + (reason.empty() ? "" : comma) + reason + '}';
            const auto reply = httpPost(port, path, body, ApiRig::token);
            QVERIFY2(reply.status == 400 && reply.body.find("reason") != std::string::npos, reply.raw.c_str());
        }
    }
    QVERIFY(rig.sent().empty());
}

void HttpAnswersTest::tagsSaveTheBody()
{
    ApiRig rig;
    console::HealthSnapshot health;
    health.score = 87;
    rig.console.healthBox.put(health);
    rig.start();
    const auto port = rig.port();
    // Health holds ages of heartbeats, so its body is never the same; strategies are.
    rig.console.paperBox.put(console::PaperSnapshot{});
    const auto first = httpGet(port, "/api/v1/strategies");
    QCOMPARE(first.status, 200);
    const auto tag = first.headers.at("etag");
    const auto second = httpGet(port, "/api/v1/strategies", {{"If-None-Match", tag}});
    QVERIFY(second.status == 304 && second.body.empty() && second.headers.at("etag") == tag);
    QCOMPARE(httpGet(port, "/api/v1/strategies", {{"If-None-Match", "\"other\""}}).status, 200);
    console::PaperSnapshot paper;
    paper.strategies.push_back({.name = "breakout"});
    rig.console.paperBox.put(std::move(paper));
    const auto third = httpGet(port, "/api/v1/strategies", {{"If-None-Match", tag}});
    QVERIFY(third.status == 200 && third.headers.at("etag") != tag);
    QVERIFY(third.headers.at("x-content-type-options") == "nosniff" &&
            third.headers.contains("content-security-policy") &&
            third.headers.at("cross-origin-resource-policy") == "same-origin");
    QCOMPARE(httpGet(port, "/api/v1/strategies", {{"Range", "bytes=0-3"}}).body, third.body); // whole all the same
    QCOMPARE(httpGet(port, "/api/v1/strategies", {{"Accept-Encoding", "gzip, br"}}).body, third.body);
}

void HttpAnswersTest::pagesDoNotShiftWhenTradesClose()
{
    ApiRig rig;
    std::atomic<int> count{25};
    std::atomic<bool> isClosing{false};
    rig.onAsk = [&](const console::Query& query) {
        auto page = tradesOf(query, count);
        count += isClosing.exchange(false) ? 1 : 0;
        return page;
    };
    rig.start();
    const auto port = rig.port();
    std::vector<int> seen;
    std::string cursor;
    int pages = 0;
    do {
        const auto page =
            jsonOf(httpGet(port, "/api/v1/trades?limit=10" + (cursor.empty() ? "" : "&cursor=" + cursor)));
        const auto rows = decisions(page);
        seen.insert(seen.end(), rows.begin(), rows.end());
        cursor = page[QStringLiteral("next_cursor")].toString().toStdString();
        count += 3; // three close between two pages
        ++pages;
    } while (!cursor.empty() && pages < 10);
    std::vector<int> all(25);
    std::ranges::generate(all, [n = 25]() mutable { return n--; });
    QCOMPARE(seen, all);
    QCOMPARE(pages, 3);
    // And one while a page is put together: the second look at the list finds it longer again.
    count = 25;
    const auto first = jsonOf(httpGet(port, "/api/v1/trades?limit=10"));
    count += 1;
    isClosing = true;
    const auto second = jsonOf(httpGet(port, "/api/v1/trades?limit=10&cursor=" +
                                                 first[QStringLiteral("next_cursor")].toString().toStdString()));
    isClosing = false;
    QCOMPARE(decisions(second).front(), 15);
    QCOMPARE(second[QStringLiteral("next_cursor")].toString(), QStringLiteral("22-27"));

    count = 10;
    const auto exact = jsonOf(httpGet(port, "/api/v1/trades?limit=10"));
    QVERIFY(exact[QStringLiteral("next_cursor")].isNull() && decisions(exact).size() == 10);
    const auto short9 = jsonOf(httpGet(port, "/api/v1/trades?limit=9"));
    QCOMPARE(short9[QStringLiteral("next_cursor")].toString(), QStringLiteral("9-10"));
    count = 0;
    const auto none = jsonOf(httpGet(port, "/api/v1/trades"));
    QVERIFY(none[QStringLiteral("total")].toInt(-1) == 0 && none[QStringLiteral("next_cursor")].isNull());
}

void HttpAnswersTest::parametersAreChecked()
{
    ApiRig rig;
    rig.onAsk = [](const console::Query& query) { return tradesOf(query, 3); };
    rig.start();
    const auto port = rig.port();
    const auto status = [&](const std::string& query) { return httpGet(port, "/api/v1/trades" + query).status; };
    QCOMPARE(status("?limit=500&result=won&shadow=true&from=2026-01-01&to=2026-02-01T00:00:00Z"), 200);
    QCOMPARE(status("?limit=501"), 422);
    QCOMPARE(status("?limit=0"), 422);
    QCOMPARE(status("?cursor=x"), 400);
    QCOMPARE(status("?result=maybe"), 422);
    QCOMPARE(status("?shadow=1"), 422);
    QCOMPARE(status("?from=yesterday"), 400);
    QCOMPARE(status("?instrument=NO-USDT"), 404);
    QCOMPARE(status("?limits=3"), 400);        // a typing mistake is no filter
    QCOMPARE(status("?limit=3&limit=4"), 400); // which of them?
    QCOMPARE(httpGet(port, "/api/v1/status?x=1").status, 400);
    QCOMPARE(httpGet(port, "/api/v1/journal?kind=whatever").status, 422);
    QCOMPARE(httpGet(port, "/api/v1/evaluations?of=all").status, 422);
    QCOMPARE(httpGet(port, "/api/v1/evaluations?days=36501").status, 422);
    QCOMPARE(httpGet(port, "/api/v1/evaluations").status, 500); // an answer that throws is told, and no more
    rig.onAsk = {};
}

void HttpAnswersTest::aHungEngineCannotLookWell()
{
    ApiRig rig;
    rig.paperPulse.state = console::EngineState::Running;
    rig.paperPulse.start(rig.clock.now());
    rig.start();
    const auto port = rig.port();
    const auto state = [&] {
        return jsonOf(httpGet(port, "/api/v1/status"))[QStringLiteral("engines")][0][QStringLiteral("state")]
            .toString();
    };
    QCOMPARE(state(), QStringLiteral("running"));
    rig.paperPulse.beatMs = rig.clock.now().value - 5'500;
    QCOMPARE(state(), QStringLiteral("struggling"));
    QVERIFY(httpGet(port, "/metrics")
                .body.find("quarterdeck_engine_up{engine=\"Paper trading\",state=\"struggling\"} 0\n") !=
            std::string::npos);
}

namespace {

/// Fields of an answer that its schema does not name, as "Trade.new_field".
void undescribed(const QJsonValue& value, const QJsonValue& schemaOrRef, const QJsonObject& schemas, const QString& at,
                 QStringList& out)
{
    auto schema = schemaOrRef.toObject();
    if (const auto any = schema[QStringLiteral("anyOf")].toArray(); !any.isEmpty()) { // this, or null
        schema = any.first().toObject();
    }
    if (const auto ref = schema[QStringLiteral("$ref")].toString(); !ref.isEmpty()) {
        schema = schemas[ref.section(QLatin1Char('/'), -1)].toObject();
    }
    if (value.isArray()) {
        const auto all = value.toArray();
        for (const auto& one : all) {
            undescribed(one, schema[QStringLiteral("items")], schemas, at + QStringLiteral("[]"), out);
        }
    } else if (value.isObject() && !schema.contains(QStringLiteral("additionalProperties"))) {
        const auto properties = schema[QStringLiteral("properties")].toObject();
        const auto object = value.toObject();
        for (auto field = object.begin(); field != object.end(); ++field) {
            const auto name = at + QLatin1Char('.') + field.key();
            if (!properties.contains(field.key())) {
                out.append(name);
            } else {
                undescribed(field.value(), properties[field.key()], schemas, name, out);
            }
        }
    }
}

/// Something of every kind, so that every field is there.
void fillEverything(ApiRig& rig)
{
    rig.paperPulse.start(rig.clock.now());
    rig.onAsk = [](const console::Query& query) -> console::Answer {
        if (std::holds_alternative<console::AskTrades>(query)) {
            return tradesOf(query, 2);
        }
        if (std::holds_alternative<console::AskEvaluations>(query)) {
            console::Evaluations all;
            all.strategies.emplace_back();
            return {1, std::nullopt, all};
        }
        if (std::holds_alternative<console::AskModels>(query)) {
            console::Models models;
            models.families.emplace_back();
            models.rows.emplace_back();
            models.rows[0].record.flags.insert(learning::Detector{});
            return {1, std::nullopt, models};
        }
        if (std::holds_alternative<console::AskExperiments>(query)) {
            console::Experiments experiments;
            experiments.rows.emplace_back();
            experiments.rows[0].arms.emplace_back();
            experiments.rows[0].assessment.gates.emplace_back();
            return {1, std::nullopt, experiments};
        }
        console::JournalPage page{.total = 1, .rows = {{}}};
        page.rows[0].decision.changes.emplace_back();
        return {1, std::nullopt, page};
    };
    console::IngestSnapshot ingest;
    ingest.instruments.push_back({.instrument = {.id = {1}, .name = "BTC-USDT"}});
    ingest.malformed["json"] = 1;
    rig.console.ingestBox.put(std::move(ingest));
    console::PaperSnapshot paper;
    paper.strategies.push_back({.name = "breakout", .parameters = {{"candles", 3}}});
    paper.positions.emplace_back();
    paper.positions[0].position.decision.instrument = {1};
    rig.console.paperBox.put(std::move(paper));
    rig.console.storeBox.put(console::StoreSnapshot{});
    rig.console.governanceBox.put(console::GovernanceSnapshot{});
    console::LearningSnapshot learning;
    learning.running.emplace();
    rig.console.learningBox.put(std::move(learning));
    console::HealthSnapshot health;
    health.probes.push_back({.name = "CPU"});
    health.parts.push_back({.name = "processor"});
    console::AlertsView alerts;
    alerts.open = {{.id = 12,
                    .cause = "feed",
                    .rule = "feed.dead",
                    .title = "The feed is dead",
                    .telling = health::Telling::AtOnce,
                    .toldBy = "desktop, webhook"}};
    alerts.past = {{.id = 11, .cause = "disk", .telling = health::Telling::Never, .cleared = base::UtcMs{5}}};
    alerts.waiting = {12};
    alerts.channels = {{.name = "desktop", .isOn = false},
                       {.name = "webhook", .isOn = true, .detail = "nobody listens at its address"}};
    health.alerts = std::make_shared<const console::AlertsView>(std::move(alerts));
    console::JobsSnapshot jobs;
    jobs.jobs.push_back({.name = "null", .last = governance::JobRunRow{.job = "null"}});
    jobs.day = std::make_shared<const std::vector<governance::JobRunRow>>(1);
    rig.console.jobsBox.put(std::move(jobs));
    rig.console.healthBox.put(std::move(health));
}

} // namespace

void HttpAnswersTest::everyPathStandsInTheDescription()
{
    ApiRig rig;
    fillEverything(rig);
    rig.start();
    const auto port = rig.port();
    const auto described = jsonOf(httpGet(port, "/openapi.json"));
    const auto paths = described[QStringLiteral("paths")].toObject();
    const auto schemas = described[QStringLiteral("components")][QStringLiteral("schemas")].toObject();

    QStringList ours;
    for (const auto& route : apiRoutes()) {
        const auto path = QString::fromUtf8(route.path.data(), static_cast<qsizetype>(route.path.size()));
        const bool isGet = route.method == ApiMethod::Get;
        ours.append(path);
        const auto said = paths[path].toObject()[isGet ? QStringLiteral("get") : QStringLiteral("post")].toObject();
        QVERIFY2(!said.isEmpty(), qPrintable(path));
        QStringList parameters;
        const auto list = said[QStringLiteral("parameters")].toArray();
        for (const auto& one : list) {
            if (one[QStringLiteral("in")].toString() == QStringLiteral("query")) {
                parameters.append(one[QStringLiteral("name")].toString());
            }
        }
        auto taken = QString::fromUtf8(route.parameters.data(), static_cast<qsizetype>(route.parameters.size()))
                         .split(QLatin1Char(' '), Qt::SkipEmptyParts);
        QVERIFY2(QSet<QString>(parameters.begin(), parameters.end()) == QSet<QString>(taken.begin(), taken.end()),
                 qPrintable(path));
        if (isGet && path.startsWith(QStringLiteral("/api/"))) {
            const auto reply = httpGet(port, path.toStdString());
            QVERIFY2(reply.status == 200, qPrintable(path + QString::fromStdString(reply.body)));
            QStringList missing;
            undescribed(jsonOf(reply),
                        said[QStringLiteral("responses")][QStringLiteral("200")][QStringLiteral("content")]
                            [QStringLiteral("application/json")][QStringLiteral("schema")],
                        schemas, path, missing);
            QVERIFY2(missing.isEmpty(), qPrintable(missing.join(QLatin1Char(' '))));
        }
    }
    for (const auto& path : paths.keys()) {
        QVERIFY2(ours.contains(path), qPrintable(path));
    }
}

void HttpAnswersTest::alertsAreAnsweredAndCounted()
{
    ApiRig rig;
    rig.console.healthBox.put(console::HealthSnapshot{});
    rig.start();
    const auto port = rig.port();
    QCOMPARE(httpGet(port, "/api/v1/alerts").status, 503); // not read yet, which is not the same as none
    QVERIFY(jsonOf(httpGet(port, "/api/v1/health"))[QStringLiteral("open_alerts")].isNull());
    QVERIFY(httpGet(port, "/metrics").body.find("open_alerts") == std::string::npos);
    fillEverything(rig);
    const auto all = jsonOf(httpGet(port, "/api/v1/alerts"));
    const auto open = all[QStringLiteral("open")].toArray();
    QCOMPARE(open.size(), 1);
    QCOMPARE(open[0][QStringLiteral("id")].toInt(), 12);
    QCOMPARE(open[0][QStringLiteral("state")].toString(), QStringLiteral("firing"));
    QCOMPARE(open[0][QStringLiteral("told_when")].toString(), QStringLiteral("at once"));
    QCOMPARE(open[0][QStringLiteral("told_by")].toString(), QStringLiteral("desktop, webhook"));
    QVERIFY(open[0][QStringLiteral("ended")].isNull());
    const auto past = all[QStringLiteral("past")].toArray();
    QCOMPARE(past[0][QStringLiteral("state")].toString(), QStringLiteral("ok"));
    QVERIFY(past[0][QStringLiteral("ended")].isString());
    QVERIFY(past[0][QStringLiteral("told_by")].isNull()); // no channel has taken it
    const auto channels = all[QStringLiteral("channels")].toArray();
    QCOMPARE(channels.size(), 2);
    QVERIFY(!channels[0][QStringLiteral("is_on")].toBool() && channels[1][QStringLiteral("is_on")].toBool());
    QVERIFY(channels[1][QStringLiteral("tried")].isNull() && channels[1][QStringLiteral("proven")].isNull());
    QCOMPARE(channels[1][QStringLiteral("detail")].toString(), QStringLiteral("nobody listens at its address"));
    QCOMPARE(jsonOf(httpGet(port, "/api/v1/health"))[QStringLiteral("open_alerts")].toInt(), 1);
    const auto metrics = httpGet(port, "/metrics").body;
    for (const auto* line :
         {"\nquarterdeck_open_alerts{telling=\"at once\"} 1\n",
          "\nquarterdeck_open_alerts{telling=\"on screen only\"} 0\n", "\nquarterdeck_waiting_alerts 1\n"}) {
        QVERIFY2(metrics.find(line) != std::string::npos, line);
    }
}

void HttpAnswersTest::healthTellsPartsAndTrends()
{
    ApiRig rig;
    rig.start();
    const auto port = rig.port();
    console::HealthSnapshot health;
    health.probes = {{"Memory", 72, 90, "%", "5.6 of 7.8 GB", 70, 1.5}, {"Disk", 28, 90, "%", "61 GB free", 100, {}}};
    health.parts = {{.name = "memory", .weight = 1.5, .score = 70, .wouldRaise = 2.5},
                    {.name = "temperature", .weight = 1, .score = {}, .wouldRaise = 0}};
    rig.console.healthBox.put(std::move(health));
    const auto told = jsonOf(httpGet(port, "/api/v1/health"));
    const auto probes = told[QStringLiteral("probes")].toArray();
    QCOMPARE(probes[0][QStringLiteral("trend_per_hour")].toDouble(), 1.5);
    QVERIFY(probes[1][QStringLiteral("trend_per_hour")].isNull()); // there is no hour of it
    const auto parts = told[QStringLiteral("parts")].toArray();
    QCOMPARE(parts.size(), 2);
    QCOMPARE(parts[0].toObject(), (QJsonObject{{QStringLiteral("part"), QStringLiteral("memory")},
                                               {QStringLiteral("weight"), 1.5},
                                               {QStringLiteral("score"), 70},
                                               {QStringLiteral("would_raise"), 2.5}}));
    QVERIFY(parts[1][QStringLiteral("score")].isNull());
}

QTEST_GUILESS_MAIN(HttpAnswersTest)
#include "http_answers_test.moc"
