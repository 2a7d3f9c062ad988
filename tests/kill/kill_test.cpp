// kill -9 at random moments: the database opens, verifies, holds every row whose acknowledgement a pipe outside the
// process had received, each as the tape has it, and recovery gives the ledger that replay gives.
#include "engines/replay.h"
#include "storage/ledger_store.h"
#include "writer.h"

#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <poll.h>
#include <set>
#include <sstream>
#include <sys/wait.h>

using namespace qd;
using namespace qd::testkit;

namespace {

struct Acknowledged {
    std::map<std::int64_t, std::int64_t> numbers; // newest of each instrument
    std::set<std::string> ledger;                 // "trade 1 breakout 4711"
    int lines = 0;

    void take(const std::string& text)
    {
        std::istringstream in(text);
        for (std::string line; std::getline(in, line); ++lines) {
            std::istringstream words(line);
            std::string kind;
            std::int64_t instrument = 0;
            words >> kind >> instrument;
            if (kind == "tick") {
                words >> numbers[instrument];
            } else {
                ledger.insert(line);
            }
        }
    }
};

struct End {
    bool wasKilled = false;
    int code = 0;
};

/// Reads what comes within `ms`; false at the end of the pipe.
bool readFor(int pipe, int ms, std::string& text)
{
    pollfd wanted{pipe, POLLIN, 0};
    if (::poll(&wanted, 1, ms) <= 0) {
        return true;
    }
    std::array<char, 65'536> buffer{};
    const auto size = ::read(pipe, buffer.data(), buffer.size());
    text.append(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    return size > 0;
}

/// Runs the writer, kills it after `lines` acknowledgements and up to `ms` more, and takes all that it had said.
End runAndKill(const std::string& file, std::uint64_t seed, int lines, int ms, Acknowledged& acknowledged)
{
    int ends[2];
    if (::pipe(ends) != 0) {
        qFatal("pipe");
    }
    const auto self = QCoreApplication::applicationFilePath().toStdString();
    const auto number = std::to_string(ends[1]);
    const auto seedText = std::to_string(seed);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        ::execl(self.c_str(), self.c_str(), "--write", file.c_str(), number.c_str(), seedText.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(ends[1]);
    std::string text;
    bool isOpen = true;
    while (isOpen && std::ranges::count(text, '\n') < lines) {
        isOpen = readFor(ends[0], 60'000, text);
    }
    for (int i = 0; isOpen && i < ms; ++i) {
        isOpen = readFor(ends[0], 1, text);
    }
    ::kill(child, SIGKILL);
    while (isOpen) { // what it said before it died counts
        isOpen = readFor(ends[0], 60'000, text);
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
    acknowledged.take(text);
    return {WIFSIGNALED(status), WIFEXITED(status) ? WEXITSTATUS(status) : 0};
}

template <typename T>
T good(base::Result<T> result)
{
    if (!result) {
        qFatal("%s", base::sentence(result.error()).c_str());
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*result);
    }
}

std::string storedHash(storage::Database& database)
{
    std::map<base::InstrumentId, market::Instrument> byId;
    for (const auto& instrument : good(storage::InstrumentStore(database).all())) {
        byId.emplace(instrument.id, instrument);
    }
    storage::LedgerStore ledger(database);
    return trading::ledgerHash(good(ledger.trades()), good(ledger.signals()), byId);
}

} // namespace

class KillTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingAcknowledgedIsLostAndTheLedgerIsThatOfReplay()
    {
        const int kills = qEnvironmentVariableIsSet("QD_KILLS") ? qEnvironmentVariableIntValue("QD_KILLS") : 3;
        const auto seed = qEnvironmentVariableIsSet("QD_KILL_SEED") ? qEnvironmentVariable("QD_KILL_SEED").toULongLong()
                                                                    : std::uint64_t{std::random_device{}()};
        std::mt19937_64 random(seed);
        qInfo("%d kills with QD_KILL_SEED=%llu", kills, static_cast<unsigned long long>(seed));
        for (int killed = 0; killed < kills;) {
            const QTemporaryDir folder;
            const auto file = folder.filePath(QStringLiteral("kill.db")).toStdString();
            const auto tapeSeed = random();
            Acknowledged acknowledged;
            for (bool isEnd = false; !isEnd && killed < kills;) {
                // The first kill comes after an acknowledgement, so that a few of them have something to lose.
                const bool isAtOnce = random() % 5 == 0 && killed > 0;
                const int lines = isAtOnce ? 0 : 1 + static_cast<int>(random() % 3'000);
                const auto end = runAndKill(file, tapeSeed, lines, static_cast<int>(random() % 50), acknowledged);
                QVERIFY2(end.wasKilled || end.code == 0, qPrintable(QString::number(end.code)));
                killed += end.wasKilled ? 1 : 0;
                isEnd = !end.wasKilled;
                check(file, tapeSeed, acknowledged);
                if (QTest::currentTestFailed()) {
                    return;
                }
            }
        }
        QVERIFY2(acknowledgedRows_ > 0, "no kill came after an acknowledgement");
        qInfo("%llu rows were acknowledged, %llu closed trades and signals",
              static_cast<unsigned long long>(acknowledgedRows_), static_cast<unsigned long long>(ledgerRows_));
        qInfo("the longest session: %zu trades, %llu of arms", longest_.size(),
              static_cast<unsigned long long>(armTrades_));
        if (kills < 50) {
            return; // what a few kills leave may be short
        }
        QVERIFY(longest_.size() >= 50 && armTrades_ >= 10);
        using trading::ExitReason;
        for (const auto reason : {ExitReason::Stop, ExitReason::Target, ExitReason::TimeLimit, ExitReason::Signal}) {
            QVERIFY2(std::ranges::any_of(longest_, [reason](const auto& t) { return t.reason == reason; }),
                     std::string(trading::name(reason)).c_str());
        }
        QVERIFY(std::ranges::any_of(longest_, [](const auto& t) { return t.funding.value != 0; }));
        QVERIFY(std::ranges::any_of(longest_, [](const auto& t) { return t.position.closedSize.value > 0; }));
        QVERIFY(
            std::ranges::any_of(longest_, [](const auto& t) { return t.position.inShadow; })); // a switch was thrown
    }

private:
    void check(const std::string& file, std::uint64_t seed, const Acknowledged& acknowledged)
    {
        if (!std::filesystem::exists(file)) {
            QVERIFY(acknowledged.lines == 0);
            return;
        }
        std::string hash;
        {
            auto database = good(storage::Database::open(file, storage::Database::Mode::ReadWrite));
            QCOMPARE(good(database.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check<>'ok'")),
                     0);
            const auto bad = good(storage::TickArchive(database).verify());
            QVERIFY2(bad.empty(), bad.empty() ? "" : base::sentence(bad[0]).c_str());
            checkItems(database, seed, acknowledged);
            checkLedger(database, acknowledged);
            if (QTest::currentTestFailed()) {
                return;
            }
            good(engines::recover(database, base::defaultPaperPolicy(), {}));
            hash = storedHash(database);
            armTrades_ = std::max<std::uint64_t>(
                armTrades_, good(database.number("SELECT count(*) FROM trades WHERE strategy LIKE '%~%'")));
            if (auto trades = good(storage::LedgerStore(database).trades()); trades.size() > longest_.size()) {
                longest_ = std::move(trades);
            }
        }
        QCOMPARE(good(engines::replay({.database = file}, {})).ledgerHash, hash);
    }

    void checkItems(storage::Database& database, std::uint64_t seed, const Acknowledged& acknowledged)
    {
        for (const auto& [instrument, newest] : acknowledged.numbers) {
            const auto tape = killTape({instrument}, seed);
            std::size_t at = 0;
            std::size_t wrong = 0;
            good(storage::TickArchive(database).readStream(
                {instrument}, {0}, [&](std::span<const market::StreamItem> items) {
                    for (const auto& item : items) {
                        wrong += item.number != tape[at].number || item.what != tape[at].what ? 1 : 0;
                        ++at;
                    }
                    return at < tape.size();
                }));
            QCOMPARE(wrong, std::size_t{0});
            QVERIFY2(at >= static_cast<std::size_t>(newest),
                     qPrintable(QStringLiteral("%1 of %2 acknowledged").arg(at).arg(newest)));
            acknowledgedRows_ = std::max(acknowledgedRows_, static_cast<std::uint64_t>(newest));
        }
    }

    void checkLedger(storage::Database& database, const Acknowledged& acknowledged)
    {
        std::set<std::string> stored;
        const auto add = [&stored](const char* kind, const trading::DecisionStamp& decision) {
            stored.insert(std::string(kind) + " " + std::to_string(decision.instrument.value) + " " +
                          decision.strategy + " " + std::to_string(decision.number.value));
        };
        storage::LedgerStore ledger(database);
        for (const auto& trade : good(ledger.trades())) {
            add("trade", trade.position.decision);
        }
        for (const auto& signal : good(ledger.signals())) {
            add("signal", signal.decision);
        }
        for (const auto& row : acknowledged.ledger) {
            QVERIFY2(stored.contains(row), row.c_str());
        }
        ledgerRows_ = std::max<std::uint64_t>(ledgerRows_, acknowledged.ledger.size());
    }

    std::uint64_t acknowledgedRows_ = 0;
    std::uint64_t ledgerRows_ = 0;
    std::uint64_t armTrades_ = 0; // arms of experiments run from early on, and are begun and ended by chance
    std::vector<trading::ClosedTrade> longest_; // of the sessions
};

int main(int argc, char** argv)
{
    if (argc == 5 && std::string_view(argv[1]) == "--write") {
        return writeUntilKilled(argv[2], std::atoi(argv[3]), std::strtoull(argv[4], nullptr, 10));
    }
    QCoreApplication app(argc, argv);
    KillTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "kill_test.moc"
