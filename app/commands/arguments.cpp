#include "app/commands/arguments.h"

#include "app/commands/help.h"
#include "engines/engine_host.h"

#include <QDir>
#include <QRegularExpression>
#include <QStandardPaths>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <pthread.h>
#include <thread>
#include <unistd.h>

namespace qd::app {

namespace {

/// In lines of at most 79 characters, as QCommandLineParser leaves its options.
QString wrapped(const QString& text)
{
    constexpr qsizetype widest = 79;
    QString out;
    qsizetype length = 0;
    const auto words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (const auto& word : words) {
        if (length > 0) {
            const bool fits = length + 1 + word.size() <= widest;
            out += fits ? QLatin1Char(' ') : QLatin1Char('\n');
            length = fits ? length + 1 : 0;
        }
        out += word;
        length += word.size();
    }
    return out;
}

/// The subcommand whose arguments are read, for what is said of wrong usage; empty before that, and of the window.
std::string& subcommandRead()
{
    static std::string name;
    return name;
}

} // namespace

Arguments::Arguments(const QString& usage, const QString& description)
{
    usage_ = QStringLiteral("Usage: quarterdeck ") + usage;
    const auto first = usage.section(QLatin1Char(' '), 0, 0);
    name_ = first.startsWith(QLatin1Char('[')) ? std::string() : first.toStdString();
    subcommandRead() = name_;
    parser_.setApplicationDescription(wrapped(description));
    parser_.setOptionsAfterPositionalArgumentsMode(QCommandLineParser::ParseAsOptions);
    parser_.addOptions(
        {{QStringLiteral("data-dir"), QStringLiteral("Folder of databases and settings."), QStringLiteral("DIR")},
         {QStringLiteral("feed"), QStringLiteral("demo, blofin, imported, or ws://…"), QStringLiteral("FEED")},
         {QStringLiteral("json"), QStringLiteral("Print the answer as JSON.")},
         {{QStringLiteral("h"), QStringLiteral("help")}, QStringLiteral("Show this help.")}});
}

std::optional<int> Arguments::parse(const QStringList& arguments)
{
    if (!parser_.parse(QStringList{QStringLiteral("quarterdeck")} + arguments)) {
        return reportUsage(parser_.errorText().toStdString());
    }
    if (parser_.isSet(QStringLiteral("help"))) {
        const auto help = parser_.helpText(); // its own first line knows neither name nor subcommand
        std::fputs((usage_ + help.mid(help.indexOf(QLatin1Char('\n'))) + helpTail(name_)).toUtf8().constData(), stdout);
        return exitDone;
    }
    return std::nullopt;
}

std::filesystem::path Arguments::dataDir() const
{
    const auto given = parser_.value(QStringLiteral("data-dir"));
    return given.isEmpty()
               ? std::filesystem::path(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation).toStdString())
               : std::filesystem::path(given.toStdString());
}

std::string Arguments::feed(const char* standard) const
{
    return hasFeed() ? value("feed") : std::string(standard);
}

std::optional<double> Arguments::number(const char* name, double least) const
{
    bool isNumber = false;
    const auto value = parser_.value(QString::fromLatin1(name)).toDouble(&isNumber);
    return isNumber && value >= least ? std::optional(value) : std::nullopt;
}

std::optional<std::string> wrongFeed(const std::string& feed)
{
    const bool isKnown = feed == "demo" || feed == "blofin" || feed == engines::importedFeed;
    if (isKnown || feed.starts_with("ws://") || feed.starts_with("wss://")) {
        return std::nullopt;
    }
    return "There is no feed '" + feed +
           "': it is demo, blofin, imported, or an address that begins with ws:// or wss://";
}

void addHistoryOption(QCommandLineParser& parser)
{
    parser.addOption({QStringLiteral("history"),
                      QStringLiteral("Days that the demo market has behind it at its very first start, the newest 60 "
                                     "with ticks; 0: none."),
                      QStringLiteral("D"), QStringLiteral("200")});
}

std::string readHistory(const Arguments& given, engines::DemoHistory& history)
{
    const auto days = given.number("history", 0);
    if (!days || *days > 1'000) {
        return "--history wants days, from 0 to 1000";
    }
    const base::Millis all{std::llround(*days * 86'400'000)};
    history.withTicks = std::min(all, history.withTicks);
    history.candlesOnly = all - history.withTicks;
    return {};
}

std::string Arguments::value(const char* name) const
{
    return parser_.value(QString::fromLatin1(name)).toStdString();
}

std::vector<std::string> Arguments::list(const char* name) const
{
    std::vector<std::string> out;
    for (const auto& part : parser_.value(QString::fromLatin1(name)).split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        out.push_back(part.trimmed().toStdString());
    }
    return out;
}

base::Result<std::filesystem::path> Arguments::existingDatabase() const
{
    const auto folder = dataDir();
    if (hasFeed()) {
        const auto file = engines::databaseOf(folder, value("feed"));
        if (!std::filesystem::exists(file)) {
            return base::fail(base::ErrorCode::NotFound, file.string(), "there is no database of that feed yet");
        }
        return file;
    }
    auto found = QDir(QString::fromStdString(folder.string())).entryList({QStringLiteral("*.db")}, QDir::Files);
    static const QRegularExpression copy( // kept by a migration or a restore, or a backup
        QStringLiteral("\\.before-(migration|restore)-|-[0-9]{8}-[0-9]{6}\\.db$"));
    found.removeIf([](const QString& name) { return name.contains(copy); });
    if (found.isEmpty()) {
        return base::fail(base::ErrorCode::NotFound, folder.string(),
                          "there is no database in this folder; give --data-dir");
    }
    if (found.size() > 1) {
        return base::fail(base::ErrorCode::Conflict, folder.string(),
                          "it holds several databases (" + found.join(QStringLiteral(", ")).toStdString() +
                              "); say which with --feed");
    }
    return folder / found.front().toStdString();
}

std::optional<market::Timeframe> timeframeNamed(std::string_view text)
{
    const auto found = std::ranges::find_if(market::allTimeframes, [&](auto tf) { return market::name(tf) == text; });
    return found == market::allTimeframes.end() ? std::nullopt : std::optional(*found);
}

int report(const base::Error& error)
{
    std::fprintf(stderr, "%s\n", base::sentence(error).c_str());
    return exitFailed;
}

int reportMissing(const base::Error& error)
{
    return error.code == base::ErrorCode::Conflict ? reportUsage(error.subject + ": " + error.detail) : report(error);
}

std::expected<storage::Database, int> openToRead(const Arguments& given)
{
    const auto file = given.existingDatabase();
    if (!file) {
        return std::unexpected(reportMissing(file.error()));
    }
    auto database = storage::Database::open(*file, storage::Database::Mode::ReadOnly);
    if (!database) {
        return std::unexpected(report(database.error()));
    }
    return std::move(*database);
}

int reportDamage(const std::vector<storage::MissingBlock>& missing)
{
    bool isNew = false;
    for (const auto& block : missing) {
        std::fprintf(stderr, "%s\n", storage::sentence(block).c_str());
        isNew = isNew || !block.isSetAside;
    }
    if (isNew) {
        std::fprintf(
            stderr,
            "Everything else is there. 'quarterdeck verify --set-aside' takes damaged blocks out of the way.\n");
    }
    return isNew ? exitFailed : exitDone;
}

int reportUsage(const std::string& what)
{
    const auto* const end = what.ends_with('.') ? "" : ".";
    const auto& name = subcommandRead();
    std::fprintf(stderr, "%s%s See quarterdeck %s--help.\n", what.c_str(), end,
                 (name.empty() ? name : name + ' ').c_str());
    return exitUsage;
}

std::stop_token stopOnSignal()
{
    // Signals go to one thread that waits for them, so nothing runs in a handler. Blocked here before other threads
    // start.
    static std::stop_source source = [] {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGHUP);
        pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        std::stop_source made;
        std::thread([signals, made]() mutable {
            int which = 0;
            sigwait(&signals, &which);
            made.request_stop();
            // Whoever presses Ctrl+C again wants it to end at once. A service manager or a session that ends may ask
            // twice without meaning that; it has SIGKILL.
            do {
                sigwait(&signals, &which);
            } while (which != SIGINT);
            _exit(128 + which);
        }).detach();
        return made;
    }();
    return source.get_token();
}

ProgressBar::ProgressBar(std::string label) : label_(std::move(label)), isTerminal_(isatty(STDERR_FILENO) != 0) {}

ProgressBar::~ProgressBar()
{
    if (shown_ >= 0) {
        std::fputs("\r\033[K", stderr);
    }
}

void ProgressBar::show(double fraction)
{
    const int percent = static_cast<int>(fraction * 100);
    if (!isTerminal_ || percent == shown_) {
        return;
    }
    shown_ = percent;
    draw(fraction, {});
}

void ProgressBar::show(double fraction, double seconds, std::uint64_t count, const char* unit)
{
    constexpr double between = 0.2;
    if (!isTerminal_ || (shownAt_ >= 0 && seconds - shownAt_ < between) || seconds <= 0 || fraction <= 0) {
        return;
    }
    shownAt_ = seconds;
    shown_ = static_cast<int>(fraction * 100);
    const auto left = static_cast<long>(seconds / fraction - seconds + 0.5);
    char more[96];
    std::snprintf(more, sizeof more, "  %.2f M %s/s  %ld:%02ld left", static_cast<double>(count) / seconds / 1e6, unit,
                  left / 60, left % 60);
    draw(fraction, more);
}

void ProgressBar::draw(double fraction, const std::string& more)
{
    const auto percent = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * 100);
    std::string bar(static_cast<std::size_t>(percent / 4), '#');
    bar.resize(25, '.');
    std::fprintf(stderr, "\r%s [%s] %3d%%%s\033[K", label_.c_str(), bar.c_str(), percent, more.c_str());
}

} // namespace qd::app
