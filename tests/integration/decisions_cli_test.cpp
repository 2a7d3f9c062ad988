// Decisions of the command line, by the program itself on a data directory: what each prints, its exit code (0 done, 1
// failed, 2 wrong usage), what it refuses in words, and that a refusal changes nothing.
#include "engines/experiments.h"
#include "storage/experiment_store.h"
#include "storage/journal_store.h"
#include "storage/policy_store.h"
#include "storage/roster_store.h"
#include "testkit/ledger_folder.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>

using namespace qd;
using governance::Stage;
using testkit::Ended;
using testkit::good;

namespace {

struct Folder : testkit::LedgerFolder {
    Folder() : LedgerFolder("demo.db") {}
};

/// One line, with what went wrong in it.
bool says(const Ended& ended, const char* what)
{
    return ended.out.isEmpty() && ended.error.contains(QLatin1String(what)) &&
           ended.error.count(QLatin1Char('\n')) == 1;
}

} // namespace

class DecisionsCliTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wrongUsageIsTwoAndChangesNothing_data();
    void wrongUsageIsTwoAndChangesNothing();
    void anUnknownNameIsToldWithTheClosest();
    void aReviewIsDryUntilItIsApplied();
    void whatCannotBeReadFallsToPaperAndIsPrinted();
    void aStrategyIsSwitchedPromotedArchivedAndRevived();
    void thePolicyIsReadSetExportedAndImported();
    void aDecisionIsTakenBackAndANoteChangesNothing();
    void anExperimentIsStartedShownAndStopped();
    void whileAnotherOwnsTheDatabaseOnlyReadingWorks();
};

void DecisionsCliTest::wrongUsageIsTwoAndChangesNothing_data()
{
    QTest::addColumn<QString>("words");
    for (const char* words : {"strategy",
                              "strategy disable",
                              "strategy disable breakout",
                              "strategy fire breakout --reason x",
                              "strategy promote breakout --reason x --instrument COIN-USDT",
                              "policy",
                              "policy set prune.min_trades",
                              "policy set prune.min_trades 40",
                              "policy import",
                              "policy get prune.min_trades --looks 0",
                              "policy export --rate-days x",
                              "policy set prune.min_trades 40 --dry-run --looks 3651",
                              "policy set prune.min_trades 40 --reason x --rate-days -1",
                              "experiment list --looks 0",
                              "journal undo",
                              "journal undo one --reason x",
                              "journal undo 1",
                              "journal redo 1 --reason x",
                              "note",
                              "experiment",
                              "experiment start breakout stop_atr=2",
                              "experiment stop 1",
                              "experiment stop 1 --promote --keep --reason x",
                              "experiment show",
                              "experiment show x",
                              "review --no-such-option",
                              "decide everything"}) {
        QTest::newRow(words) << QString::fromLatin1(words);
    }
}

void DecisionsCliTest::wrongUsageIsTwoAndChangesNothing()
{
    static const Folder folder; // none of them writes
    QFETCH(QString, words);
    const auto ended = folder.run(words.split(QLatin1Char(' ')));
    QCOMPARE(ended.code, 2);
    const auto subcommand = words.section(QLatin1Char(' '), 0, 0);
    const auto see = subcommand == QLatin1String("decide")
                         ? QStringLiteral("See quarterdeck --help.")
                         : QStringLiteral("See quarterdeck %1 --help.").arg(subcommand);
    QVERIFY2(ended.out.isEmpty() && ended.error.contains(see), qPrintable(ended.out + ended.error));
    QVERIFY(folder.journal().empty());
}

void DecisionsCliTest::anUnknownNameIsToldWithTheClosest()
{
    const Folder folder;
    const auto error = [&](const char* words) {
        const auto ended = folder.run(QString::fromLatin1(words).split(QLatin1Char(' ')));
        return ended.code == 1 ? ended.error : QStringLiteral("not refused");
    };
    const auto switched = error("strategy disable braekout --reason x");
    QVERIFY2(switched.contains(QLatin1String("do you mean breakout?")), qPrintable(switched));
    const auto promoted = error("strategy promote momentun --reason x");
    QVERIFY2(promoted.contains(QLatin1String("do you mean momentum?")), qPrintable(promoted));
    const auto named = error("policy get prune.min_trade");
    QVERIFY2(named.contains(QLatin1String("do you mean prune.min_trades?")), qPrintable(named));
    const auto set = error("policy set prune.min_trade 40 --reason x");
    QVERIFY2(set.contains(QLatin1String("do you mean prune.min_trades?")), qPrintable(set));
    const auto far = error("policy set zzzzzzzzzzzzzzzzzz 40 --reason x");
    QVERIFY2(far.contains(QLatin1String("policy get")), qPrintable(far));
    const auto noNumber = error("policy set ab.min_trades abc --reason x");
    QVERIFY2(noNumber.contains(QLatin1String("\"abc\" is no number")) && noNumber.contains(QLatin1String("100000")) &&
                 !noNumber.contains(QLatin1String("outside its range")),
             qPrintable(noNumber));
    const auto replayed = error("replay --strategies braekout");
    QVERIFY2(replayed.contains(QLatin1String("do you mean breakout?")), qPrintable(replayed));
}

void DecisionsCliTest::whatCannotBeReadFallsToPaperAndIsPrinted()
{
    const Folder folder;
    {
        auto database = good(storage::Database::open(folder.file(), storage::Database::Mode::ReadWrite));
        governance::RosterRow row{.strategy = "breakout", .stage = Stage::Candidate};
        row.parameterHash = "0123456789abcdef";
        good(database.begin());
        good(storage::RosterStore(database).put({row, "stop_atr=2|from_the_future=7"}, ""));
        good(database.commit(false));
    }
    const auto ended = folder.run({QStringLiteral("note"), QStringLiteral("hello")});
    QCOMPARE(ended.code, 0);
    QVERIFY2(ended.error.contains(QLatin1String("breakout")), qPrintable(ended.error));
    QVERIFY(ended.error.contains(QLatin1String("from_the_future")));
    QCOMPARE(folder.row("breakout").stage, Stage::Paper);
    QCOMPARE(folder.journal().size(), std::size_t{2}); // the fall, by policy, and the note
    QCOMPARE(folder.journal().front().by, std::string("policy"));
    QVERIFY(folder.run({QStringLiteral("note"), QStringLiteral("again")}).error.isEmpty()); // once
}

void DecisionsCliTest::aReviewIsDryUntilItIsApplied()
{
    const Folder folder;
    const auto dry = folder.run("review");
    QCOMPARE(dry.code, 0);
    QVERIFY2(dry.out.contains(QLatin1String("breakout")) && dry.out.contains(QLatin1String("reversal")),
             qPrintable(dry.out));
    QVERIFY2(dry.out.contains(QLatin1String("\nbreakout: on to off")) &&
                 dry.out.contains(QLatin1String("\n  Disable: ")) &&
                 !dry.out.contains(QLatin1String("disable breakout")),
             qPrintable(dry.out)); // each is named once
    QVERIFY(folder.journal().empty());
    const auto proposals = folder.run("review --json").json().value(QLatin1String("proposals")).toArray();
    QCOMPARE(proposals.size(), 2);
    QCOMPARE(proposals[0].toObject().value(QLatin1String("rule")).toString(), QStringLiteral("disable"));

    const auto applied = folder.run(
        {QStringLiteral("review"), QStringLiteral("--apply"), QStringLiteral("--reason"), QStringLiteral("they lose")});
    QVERIFY2(applied.code == 0 && applied.error.isEmpty(), qPrintable(applied.error));
    const auto journal = folder.journal();
    QCOMPARE(journal.size(), std::size_t{2});
    for (const auto& entry : journal) {
        QCOMPARE(entry.why, std::string("they lose"));
        QCOMPARE(entry.by, std::string("operator"));
    }
    QVERIFY(!folder.row("breakout").whole.isOn && !folder.row("reversal").whole.isOn &&
            folder.row("momentum").whole.isOn);
    const auto again = folder.run("review --apply"); // nothing left to propose
    QCOMPARE(again.code, 0);
    QCOMPARE(folder.journal().size(), std::size_t{2});
}

void DecisionsCliTest::aStrategyIsSwitchedPromotedArchivedAndRevived()
{
    const Folder folder;
    QCOMPARE(folder.run("strategy disable breakout --reason wild").code, 0);
    QVERIFY(!folder.row("breakout").whole.isOn);
    auto refused = folder.run("strategy disable breakout --reason again");
    QVERIFY2(refused.code == 1 && says(refused, "off already"), qPrintable(refused.error));
    QCOMPARE(folder.run("strategy enable breakout --reason calm").code, 0);
    QVERIFY(folder.row("breakout").whole.isOn);
    QCOMPARE(folder.run("strategy disable breakout --instrument COIN-USDT --reason wild").code, 0);
    QVERIFY(folder.row("breakout").whole.isOn && folder.row("breakout").instruments.size() == 1);
    refused = folder.run("strategy disable breakout --instrument NO-USDT --reason wild");
    QVERIFY2(refused.code == 1 && says(refused, "NO-USDT"), qPrintable(refused.error));
    refused = folder.run("strategy disable nobody --reason wild");
    QVERIFY2(refused.code == 1 && says(refused, "nobody"), qPrintable(refused.error));
    QCOMPARE(folder.journal().size(), std::size_t{3});

    QCOMPARE(folder.run("strategy promote momentum --reason promising").code, 0);
    QCOMPARE(folder.row("momentum").stage, Stage::Candidate);
    refused = folder.run({QStringLiteral("strategy"), QStringLiteral("promote"), QStringLiteral("momentum"),
                          QStringLiteral("--reason"), QString()}); // red gates, and no reason
    QVERIFY2(refused.code == 1 && says(refused, "momentum"), qPrintable(refused.error));
    QCOMPARE(folder.row("momentum").stage, Stage::Candidate);
    QCOMPARE(folder.run("strategy promote momentum --reason anyway").code, 0); // marked for ever
    QVERIFY(folder.row("momentum").stage == Stage::Ready && folder.row("momentum").passedRed);
    QVERIFY(folder.journal().back().evidence.contains("red gates"));
    QCOMPARE(folder.run("strategy archive momentum --reason enough").code, 0);
    QCOMPARE(folder.row("momentum").stage, Stage::Archived);
    refused = folder.run("strategy enable momentum --reason x");
    QVERIFY2(refused.code == 1 && says(refused, "archived"), qPrintable(refused.error));
    QCOMPARE(folder.run("strategy archive momentum --reason x").code, 1);
    QCOMPARE(folder.run("strategy revive momentum --reason another-try").code, 0);
    QVERIFY(folder.row("momentum").stage == Stage::Paper && folder.row("momentum").recordSince.value > 0);
    QCOMPARE(folder.run("strategy revive momentum --reason x").code, 1); // it is none of the archive
    auto database = folder.reader();
    QCOMPARE(good(database.number("SELECT count(*) FROM trials WHERE strategy='momentum' AND origin='revival'")), 1);
    // Without a tick in between the newer input takes the older one's place, on each of the two instruments.
    constexpr auto runs = "SELECT count(*) FROM switch_inputs WHERE strategy='momentum' AND kind='runs' AND enabled=1";
    QCOMPARE(good(database.number(runs)), 2);
}

void DecisionsCliTest::thePolicyIsReadSetExportedAndImported()
{
    const Folder folder;
    QCOMPARE(folder.run("policy get prune.min_trades").out, QStringLiteral("30\n"));
    auto refused = folder.run("policy get no.such");
    QVERIFY2(refused.code == 1 && says(refused, "no.such"), qPrintable(refused.error));
    QCOMPARE(folder.run("policy get --json").json().value(QLatin1String("prune.min_trades")).toDouble(), 30.0);
    QCOMPARE(folder.run("policy set prune.min_trades 40 --reason more").code, 0);
    QCOMPARE(folder.policy("prune.min_trades"), 40.0);
    refused = folder.run("policy set prune.min_trades 1 --reason less"); // told with the range
    QVERIFY2(refused.code == 1 && says(refused, "10000"), qPrintable(refused.error));
    refused = folder.run("policy set prune.min_trades 40 --reason same");
    QVERIFY2(refused.code == 1 && says(refused, "in force already"), qPrintable(refused.error));
    QCOMPARE(folder.policy("prune.min_trades"), 40.0);
    // A rule of experiments: how often its gate passes, or why that cannot be said, comes before it is saved.
    const auto dry = folder.run("policy set ab.min_trades 90 --dry-run --looks 5");
    QVERIFY2(dry.code == 0 && dry.out.endsWith(QStringLiteral("ab.min_trades: 100 → 90, nothing saved\n")),
             qPrintable(dry.out + dry.error));
    const auto same = folder.run("policy set prune.min_trades 40 --dry-run");
    QVERIFY2(same.code == 0 && same.out.contains(QLatin1String("in force already, nothing saved")),
             qPrintable(same.out + same.error));
    QVERIFY2(dry.out.contains(QLatin1String("equal ")) || dry.error.contains(QLatin1String("cannot be said")),
             qPrintable(dry.out + dry.error));
    QCOMPARE(folder.policy("ab.min_trades"), 100.0);
    QCOMPARE(folder.run("policy set ab.min_trades 90 --dry-run --looks 0").code, 2);
    const auto json = folder.run("policy set ab.min_trades 90 --dry-run --looks 5 --json");
    QVERIFY2(json.isWell(), qPrintable(json.error)); // all of it is in the one answer
    QCOMPARE(json.json().value(QLatin1String("done")).toString(), QStringLiteral("nothing was saved"));
    const auto changes = json.json().value(QLatin1String("changes")).toArray();
    QCOMPARE(changes.size(), 1);
    QCOMPARE(changes[0].toObject().value(QLatin1String("name")).toString(), QStringLiteral("ab.min_trades"));
    QCOMPARE(changes[0].toObject().value(QLatin1String("before")).toString(), QStringLiteral("100"));
    QCOMPARE(changes[0].toObject().value(QLatin1String("after")).toString(), QStringLiteral("90"));
    const auto gate = json.json().value(QLatin1String("gate")).toObject();
    const auto most = gate.value(QLatin1String("strategy")).toString(); // these two have most trades
    QVERIFY2(most == QLatin1String("breakout") || most == QLatin1String("reversal"), qPrintable(json.out));
    QCOMPARE(gate.value(QLatin1String("looks")).toInt(), 5);
    QVERIFY(gate.value(QLatin1String("trades")).toInt() > 0);
    QVERIFY(gate.value(QLatin1String("trades_per_day")).toDouble() > 0);
    const auto rates = gate.value(QLatin1String("rates")).toArray();
    QCOMPARE(rates.size(), 3);
    for (const auto& one : rates) {
        const auto rate = one.toObject();
        const auto interval = rate.value(QLatin1String("interval")).toArray();
        const auto share = rate.value(QLatin1String("rate")).toDouble(-1);
        QVERIFY(rate.value(QLatin1String("runs")).toInt() > 0 && interval.size() == 2);
        QVERIFY(interval.at(0).toDouble() <= share + 1e-9 && share <= interval.at(1).toDouble() + 1e-9);
    }
    QVERIFY(folder.run("policy set prune.min_trades 41 --dry-run --json")
                .json()
                .value(QLatin1String("gate"))
                .isUndefined());
    const auto unused = folder.run("policy set prune.min_trades 41 --dry-run --looks 5 --rate-days 7");
    QVERIFY2(unused.code == 0 && unused.error.contains(QLatin1String("--looks was not used")) &&
                 unused.error.contains(QLatin1String("--rate-days was not used")),
             qPrintable(unused.error));
    refused = folder.run("policy set prune.min_trades 1 --dry-run"); // nothing is saved that would say it
    QVERIFY2(refused.code == 1 && says(refused, "10000"), qPrintable(refused.error));

    const auto exported = folder.run("policy export");
    QVERIFY(exported.code == 0 && exported.out.contains(QLatin1String("\nprune.min_trades=40\n")));
    const auto write = [&](const QByteArray& text) {
        QFile file(folder.path("policy.txt"));
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
    };
    const auto import = [&](const QString& from, const QByteArray& input = {}) {
        return folder.run({QStringLiteral("policy"), QStringLiteral("import"), from, QStringLiteral("--reason"),
                           QStringLiteral("from a file")},
                          input);
    };
    QVERIFY(write("# mine\n\nprune.min_trades=50\nready.min_days=1\nready.min_days=99999\n"));
    refused = import(folder.path("policy.txt"));
    QVERIFY2(refused.code == 1 && says(refused, "ready.min_days"), qPrintable(refused.error));
    QCOMPARE(folder.policy("prune.min_trades"), 40.0); // all or none
    QVERIFY(write("prune.min_trades=50\nnonsense\n"));
    refused = import(folder.path("policy.txt"));
    QVERIFY2(refused.code == 1 && says(refused, "line 2"), qPrintable(refused.error));
    QVERIFY(write("prune.min_trades=50\nready.min_days=45\n"));
    QCOMPARE(import(folder.path("policy.txt")).code, 0);
    QVERIFY(folder.policy("prune.min_trades") == 50.0 && folder.policy("ready.min_days") == 45.0);
    QCOMPARE(import(QStringLiteral("-"), exported.out.toUtf8()).code, 0); // and back, through a pipe
    QVERIFY(folder.policy("prune.min_trades") == 40.0 && folder.policy("ready.min_days") == 30.0);
    QCOMPARE(import(folder.path("nowhere.txt")).code, 1);
    QCOMPARE(folder.journal().size(), std::size_t{3}); // one a change that was made

    const auto away = folder.run("policy set backup.folder /no/such/disk --reason later"); // may be plugged in later
    QVERIFY2(away.code == 0 && away.error.contains(QLatin1String("there is no such folder (/no/such/disk)")),
             qPrintable(away.error));
    const auto there = folder.run({QStringLiteral("policy"), QStringLiteral("set"), QStringLiteral("backup.folder"),
                                   folder.path("."), QStringLiteral("--reason"), QStringLiteral("here")});
    QVERIFY2(there.code == 0 && there.error.isEmpty(), qPrintable(there.error));
}

void DecisionsCliTest::aDecisionIsTakenBackAndANoteChangesNothing()
{
    const Folder folder;
    QCOMPARE(folder.run("strategy disable breakout --reason wild").code, 0);
    QCOMPARE(folder.run("note the line was down").code, 0);
    auto refused = folder.run({QStringLiteral("note"), QStringLiteral("  ")});
    QVERIFY2(refused.code == 1 && says(refused, "empty"), qPrintable(refused.error));
    const auto listed = folder.run("journal");
    QVERIFY2(listed.code == 0 && listed.out.contains(QLatin1String("note: the line was down")) &&
                 listed.out.endsWith(QLatin1String("2 of 2 rows\n")),
             qPrintable(listed.out));
    const auto rows = folder.run("journal --json --text breakout").json().value(QLatin1String("rows")).toArray();
    QCOMPARE(rows.size(), 1);
    const auto id = rows[0].toObject().value(QLatin1String("id")).toInteger();
    const auto undo = [&](std::int64_t which) {
        return folder.run({QStringLiteral("journal"), QStringLiteral("undo"), QString::number(which),
                           QStringLiteral("--reason"), QStringLiteral("calm again")});
    };
    QCOMPARE(undo(id).code, 0);
    QVERIFY(folder.row("breakout").whole.isOn);
    refused = undo(id);
    QVERIFY2(refused.code == 1 && says(refused, "undone already"), qPrintable(refused.error));
    refused = undo(id + 1);
    QVERIFY2(refused.code == 1 && says(refused, "changed nothing"), qPrintable(refused.error));
    refused = undo(4'711);
    QVERIFY2(refused.code == 1 && says(refused, "no such row"), qPrintable(refused.error));
    QCOMPARE(folder.journal().size(), std::size_t{3});
    QVERIFY(folder.run("export journal").out.count(QLatin1Char('\n')) >= 4); // with its head
}

void DecisionsCliTest::anExperimentIsStartedShownAndStopped()
{
    const Folder folder;
    QVERIFY(folder.run("experiment list").out.contains(QLatin1String("no experiment")));
    const auto refusedStart = [&](const char* words, const char* why) {
        const auto ended = folder.run(words);
        return ended.code == 1 && says(ended, why);
    };
    QVERIFY(refusedStart("experiment start nobody stop_atr=2 --reason x", "nobody"));
    QVERIFY(refusedStart("experiment start breakout --reason x", "breakout")); // two equal arms
    QVERIFY(refusedStart("experiment start breakout stop_atr=99999 --reason x", "stop_atr"));
    QVERIFY(refusedStart("experiment start breakout stop_atr=2.5 --design other --reason x", "paired or split"));
    const auto started = folder.run("experiment start breakout stop_atr=2.5 target_atr=3.5 --reason wider");
    QVERIFY2(started.code == 0 && started.out.contains(QLatin1String("Experiment 1")), qPrintable(started.error));
    QVERIFY(refusedStart("experiment start breakout stop_atr=3 --reason x", "breakout")); // one at a time
    QVERIFY(refusedStart("policy set fees.taker 0.0007 --reason x", "experiment 1"));     // frozen
    const auto shown = folder.run("experiment show 1");
    QVERIFY2(shown.code == 0 && shown.out.contains(QLatin1String("stop_atr=2.5")), qPrintable(shown.out));
    QCOMPARE(folder.run("experiment list --json").json().value(QLatin1String("experiments")).toArray().size(), 1);
    QCOMPARE(folder.run("experiment show 2").code, 1);
    const auto early = folder.run("experiment stop 1 --promote --reason now");
    QVERIFY2(early.code == 1 && !early.error.isEmpty(), qPrintable(early.out)); // its gates are not passed
    QCOMPARE(folder.run("experiment stop 1 --reason enough").code, 0);
    QCOMPARE(folder.run("experiment stop 1 --reason enough").code, 1);
    auto database = folder.reader();
    const auto kept = *good(storage::ExperimentStore(database).find(1));
    QVERIFY(kept.ended && kept.outcome == storage::outcomeStopped && kept.why == "enough");
    QCOMPARE(folder.journal().size(), std::size_t{2});
    QCOMPARE(good(database.number("SELECT count(*) FROM switch_inputs WHERE kind='arm' AND enabled=1")),
             good(database.number("SELECT count(*) FROM switch_inputs WHERE kind='arm' AND enabled=0")));
}

void DecisionsCliTest::whileAnotherOwnsTheDatabaseOnlyReadingWorks()
{
    const Folder folder;
    const auto owner = good(storage::Database::open(folder.file(), storage::Database::Mode::ReadWrite));
    for (const char* words :
         {"strategy disable breakout --reason x", "policy set prune.min_trades 40 --reason x", "note hello",
          "journal undo 1 --reason x", "review --apply", "experiment start breakout stop_atr=2.5 --reason x"}) {
        const auto ended = folder.run(words);
        QVERIFY2(ended.code == 1 && says(ended, "owns this database"), qPrintable(ended.error));
    }
    for (const char* words : {"review", "policy export", "journal", "experiment list"}) {
        QCOMPARE(folder.run(words).code, 0);
    }
    QVERIFY(folder.journal().empty());
}

QTEST_GUILESS_MAIN(DecisionsCliTest)
#include "decisions_cli_test.moc"
