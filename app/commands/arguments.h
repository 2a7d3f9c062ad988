// What every subcommand shares: options, the choice of the database, the words of errors and the exit codes.
// Main thread.
#pragma once

#include "base/error.h"
#include "engines/simulated_history.h"
#include "market/candle.h"
#include "storage/database.h"
#include "storage/missing_blocks.h"

#include <QCommandLineParser>
#include <QString>

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace qd::app {

inline constexpr int exitDone = 0;
inline constexpr int exitFailed = 1;
inline constexpr int exitUsage = 2;

class Arguments {
public:
    /// `usage` is the line after "quarterdeck ", e.g. "replay [options]"; its first word names the subcommand. Adds
    /// --data-dir, --feed, --json and --help.
    Arguments(const QString& usage, const QString& description);

    QCommandLineParser& parser() { return parser_; }
    /// Reads what follows the subcommand. An exit code if the program is to end here: 0 after --help, 2 for wrong
    /// usage.
    [[nodiscard]] std::optional<int> parse(const QStringList& arguments);

    [[nodiscard]] std::filesystem::path dataDir() const;
    [[nodiscard]] std::string feed(const char* standard) const;
    [[nodiscard]] bool hasFeed() const { return parser_.isSet(QStringLiteral("feed")); }
    [[nodiscard]] bool wantsJson() const { return parser_.isSet(QStringLiteral("json")); }
    [[nodiscard]] std::string value(const char* name) const;
    [[nodiscard]] std::vector<std::string> list(const char* name) const; // comma-separated
    /// Empty if the option's text is no number of at least `least`.
    [[nodiscard]] std::optional<double> number(const char* name, double least) const;
    [[nodiscard]] bool isSet(const char* name) const { return parser_.isSet(QString::fromLatin1(name)); }
    /// The existing database that --feed names, or the only one in the data directory.
    [[nodiscard]] base::Result<std::filesystem::path> existingDatabase() const;

private:
    QCommandLineParser parser_;
    QString usage_;
    std::string name_; // of the subcommand; empty: the window
};

/// "1m", "5m", "15m", "1h", "4h"; empty for anything else.
[[nodiscard]] std::optional<market::Timeframe> timeframeNamed(std::string_view text);

/// Prints the error's sentence as one line on stderr. Answers exitFailed.
int report(const base::Error& error);
/// For existingDatabase(): several databases to choose from is wrong usage.
int reportMissing(const base::Error& error);
/// existingDatabase(), open; or the exit code, with why on stderr.
[[nodiscard]] std::expected<storage::Database, int> openToRead(const Arguments& given);
/// Names on stderr what could not be read. exitFailed while any of it lies in its place: the result is not whole, and
/// nobody has been told. exitDone if all was set aside before.
int reportDamage(const std::vector<storage::MissingBlock>& missing);
/// The same for wrong usage; names the --help of the subcommand whose Arguments were made last. Answers exitUsage.
int reportUsage(const std::string& what);

/// --history, in days: what the demo market has behind it at its very first start.
void addHistoryOption(QCommandLineParser& parser);
/// The sentence that says what is wrong with it; empty where it is read into `history`.
[[nodiscard]] std::string readHistory(const Arguments& given, engines::DemoHistory& history);

/// demo, blofin, imported, or an address that begins with ws:// or wss://. Otherwise the sentence that says so.
[[nodiscard]] std::optional<std::string> wrongFeed(const std::string& feed);

/// Set by SIGINT, SIGTERM and SIGHUP from the first call on; then a SIGINT (Ctrl+C) ends the program at once, and the
/// others do nothing more.
[[nodiscard]] std::stop_token stopOnSignal();

/// One progress bar on stderr where that is a terminal; otherwise silent.
class ProgressBar {
public:
    explicit ProgressBar(std::string label);
    ~ProgressBar();
    void show(double fraction);
    /// With the rate of what went through in `seconds`, and the time left; at most five times a second.
    void show(double fraction, double seconds, std::uint64_t count, const char* unit);

private:
    std::string label_;
    bool isTerminal_;
    void draw(double fraction, const std::string& more);
    int shown_ = -1;
    double shownAt_ = -1;
};

// The subcommands; each gets what follows its name. Exit codes as above.
int runCommand(const QStringList& arguments);
int importCommand(const QStringList& arguments);
int exportCommand(const QStringList& arguments);
int replayCommand(const QStringList& arguments);
int verifyCommand(const QStringList& arguments);
int exchangeCommand(const QStringList& arguments);
int gapsCommand(const QStringList& arguments);
int reportCommand(const QStringList& arguments);
int simulateCommand(const QStringList& arguments);
int calibrateCommand(const QStringList& arguments);
int stoplabCommand(const QStringList& arguments);
int nullCommand(const QStringList& arguments);
int reviewCommand(const QStringList& arguments);
int strategyCommand(const QStringList& arguments);
int policyCommand(const QStringList& arguments);
int journalCommand(const QStringList& arguments);
int experimentCommand(const QStringList& arguments);
int noteCommand(const QStringList& arguments);
int retrainCommand(const QStringList& arguments);
int modelsCommand(const QStringList& arguments);
int healthCommand(const QStringList& arguments);
int alertsCommand(const QStringList& arguments);
int jobsCommand(const QStringList& arguments);
int nightCommand(const QStringList& arguments);
int backupCommand(const QStringList& arguments);
int restoreCommand(const QStringList& arguments);
int doctorCommand(const QStringList& arguments);
int supportCommand(const QStringList& arguments);

} // namespace qd::app
