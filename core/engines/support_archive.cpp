#include "engines/support_archive.h"

#include "engines/owner_line.h"
#include "engines/secret_file.h"
#include "storage/database.h"
#include "storage/policy_store.h"

#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QSysInfo>

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <memory>
#include <pwd.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace qd::engines {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::Result;
using storage::Database;

namespace {

constexpr const char* hidden = "(hidden)";

QString utf8(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

void replaceAll(std::string& text, const std::string& what, const std::string& by)
{
    constexpr std::size_t least = 3; // a name of two letters is in every word
    for (std::size_t at = 0; what.size() >= least && (at = text.find(what, at)) != std::string::npos; at += by.size()) {
        text.replace(at, what.size(), by);
    }
}

std::string policyText(Database& database)
{
    storage::PolicyStore store(database);
    const auto values = store.values();
    const auto texts = store.texts();
    if (!values || !texts) {
        return base::sentence(values ? texts.error() : values.error()) + '\n';
    }
    std::string out;
    for (const auto& [name, value] : *values) {
        out += name + '=' + base::policyNumber(value) + '\n';
    }
    for (const auto& [name, value] : *texts) {
        out += name + '=' + (isSecretName(name) && !value.empty() ? hidden : value) + '\n';
    }
    return out;
}

/// The first column of each row, a line each.
std::string column(Database& database, std::string_view sql)
{
    auto statement = database.prepare(sql);
    if (!statement) {
        return base::sentence(statement.error()) + '\n';
    }
    std::string out;
    for (;;) {
        const auto row = statement->step();
        if (!row) {
            return out + base::sentence(row.error()) + '\n';
        }
        if (!*row) {
            return out;
        }
        out.append(statement->text(0)).push_back('\n');
    }
}

std::string countsText(Database& database)
{
    std::string out;
    const auto names =
        column(database, "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite%' ORDER BY name");
    for (std::size_t at = 0, end = 0; (end = names.find('\n', at)) != std::string::npos; at = end + 1) {
        const auto name = names.substr(at, end - at);
        const auto count = database.number("SELECT count(*) FROM \"" + name + '"');
        out += name + ' ' + (count ? std::to_string(*count) : base::sentence(count.error())) + '\n';
    }
    return out;
}

std::string logText()
{
    constexpr int patience = 15'000;
    const auto program = QStandardPaths::findExecutable(QStringLiteral("journalctl"));
    const std::string none = "The journal has no log of a console. One that is started in a terminal writes to it.\n";
    if (program.isEmpty()) {
        return none;
    }
    QProcess ask;
    // By the program's name, for a console that the desktop started is no unit of ours; what systemd says of the
    // service, such as how it ended, is not of that name.
    ask.start(program, {QStringLiteral("--user"), QStringLiteral("--no-pager"), QStringLiteral("--quiet"),
                        QStringLiteral("--no-hostname"), QStringLiteral("-o"), QStringLiteral("short-iso"),
                        QStringLiteral("-n"), QStringLiteral("2000"), QStringLiteral("_COMM=quarterdeck"),
                        QStringLiteral("+"), QStringLiteral("_SYSTEMD_USER_UNIT=quarterdeck.service"),
                        QStringLiteral("+"), QStringLiteral("USER_UNIT=quarterdeck.service")});
    if (!ask.waitForFinished(patience)) {
        ask.kill();
        ask.waitForFinished(patience);
        return "The log could not be read in time.\n";
    }
    const auto text = ask.readAllStandardOutput().toStdString();
    return text.empty() ? none : text;
}

std::string machineText(const std::string& version)
{
    return "quarterdeck " + version + "\nQt " + qVersion() + "\nsystem " + QSysInfo::prettyProductName().toStdString() +
           ", " + QSysInfo::kernelType().toStdString() + ' ' + QSysInfo::kernelVersion().toStdString() + ", " +
           QSysInfo::currentCpuArchitecture().toStdString() + "\ncores " +
           std::to_string(std::thread::hardware_concurrency()) + '\n';
}

std::string ownerText(const DoctorOptions& options)
{
    const auto owner = OwnerLine(options.database).owner();
    if (!owner) {
        return base::sentence(owner.error()) + '\n';
    }
    std::string out = owner->sentence() + "\nfeed " + owner->feed + '\n';
    for (const auto& engine : owner->engines) {
        out += engine.name + ": ";
        out += engine.state == console::EngineState::Running      ? "running"
               : engine.state == console::EngineState::Struggling ? "struggling"
               : engine.state == console::EngineState::Failed     ? "failed"
                                                                  : "not running";
        out += ", restarted " + std::to_string(engine.restarts) + " times" +
               (engine.detail.empty() ? "" : ": " + engine.detail) + '\n';
    }
    return out;
}

base::Error archiveError(const fs::path& file, archive* zip)
{
    const char* why = archive_error_string(zip);
    return {archive_errno(zip) == ENOSPC ? ErrorCode::DiskFull : ErrorCode::Io, file.string(),
            why != nullptr ? why : "the archive could not be written"};
}

} // namespace

Secrets secretsOf(const fs::path& dataDir)
{
    Secrets out;
    for (const auto& path : {apiTokenFile(dataDir), alertSecretFile(dataDir)}) {
        std::ifstream file(path);
        for (std::string line; std::getline(file, line);) {
            line.erase(line.find_last_not_of(" \r") + 1);
            out.words.push_back(line);
        }
    }
    const char* home = std::getenv("HOME");
    out.home = home != nullptr && std::string_view(home) != "/" ? home : "";
    const auto* user = ::getpwuid(::getuid());
    out.user = user != nullptr && std::string_view(user->pw_name) != "root" ? user->pw_name : "";
    return out;
}

bool isSecretName(std::string_view name)
{
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::array words{"secret", "token", "password", "key", "url", "webhook", "address"};
    return std::ranges::any_of(words, [&](const char* word) { return lower.contains(word); });
}

std::string redacted(std::string text, const Secrets& secrets)
{
    for (const auto& word : secrets.words) {
        replaceAll(text, word, hidden);
    }
    replaceAll(text, secrets.home, "~");
    replaceAll(text, secrets.user, "(user)");
    static const QRegularExpression key(QStringLiteral("-----BEGIN [^-]*-----.*?(-----END [^-]*-----|$)"),
                                        QRegularExpression::DotMatchesEverythingOption);
    static const QRegularExpression bearer(QStringLiteral("(bearer\\s+)\\S+"),
                                           QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression hex(QStringLiteral("\\b[0-9a-fA-F]{40,}\\b"));
    static const QRegularExpression address(
        QStringLiteral("\\b(https?|wss?)://(?:[^\\s/@]*@)?([^\\s/?#\"']+)([^\\s\"')>]*)"));
    auto out = utf8(text);
    out.replace(key, QLatin1String(hidden));
    out.replace(bearer, QStringLiteral("\\1") + QLatin1String(hidden));
    out.replace(hex, QLatin1String(hidden));
    QString told;
    qsizetype from = 0;
    for (auto each = address.globalMatch(out); each.hasNext();) {
        const auto found = each.next();
        const auto host = found.captured(2);
        const bool isKnown = host.startsWith(QLatin1String("127.0.0.1")) ||
                             host.startsWith(QLatin1String("localhost")) || host == QLatin1String("openapi.blofin.com");
        told += QStringView(out).mid(from, found.capturedStart() - from);
        told += found.captured(1) + QStringLiteral("://") + host;
        const auto rest = found.captured(3);
        told += isKnown && !rest.contains(QLatin1Char('?')) ? rest
                : rest.size() > 1                           ? QLatin1Char('/') + QLatin1String(hidden)
                                                            : rest;
        from = found.capturedEnd();
    }
    told += QStringView(out).mid(from);
    return told.toStdString();
}

std::string doctorText(std::span<const DoctorRow> rows)
{
    std::string out;
    for (const auto& row : rows) {
        char head[64];
        std::snprintf(head, sizeof head, "%-4s  %-16s  ", std::string(name(row.finding)).c_str(), row.check.c_str());
        out += head + row.what + '\n';
        if (row.finding == Finding::Warn || row.finding == Finding::Fail) {
            out += "                        " + row.why + '\n' + "                        " + row.todo + '\n';
        }
    }
    return out;
}

std::vector<SupportFile> supportFiles(const DoctorOptions& options, const std::string& version)
{
    std::vector<SupportFile> out{
        {"README.txt", "Made by 'quarterdeck support'. It holds the version, what doctor found, the policy, the "
                       "database's schema and how many rows its tables have, and the console's log.\nIt holds no keys, "
                       "tokens, addresses of webhooks, trades, prices or reasons; names and folders of the user are "
                       "taken out. Look through it before you hand it on.\n"},
        {"version.txt", machineText(version)},
        {"doctor.txt", doctorText(examine(doctorChecks(options)))},
        {"owner.txt", ownerText(options)},
        {"log.txt", logText()}};
    if (auto database = Database::open(options.database, Database::Mode::ReadOnly)) {
        out.push_back({"policy.txt", policyText(*database)});
        out.push_back({"schema.sql",
                       column(*database, "SELECT sql||';' FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")});
        out.push_back({"tables.txt", countsText(*database)});
    } else {
        out.push_back({"database.txt", base::sentence(database.error()) + '\n'});
    }
    const auto secrets = secretsOf(options.dataDir);
    for (auto& file : out) {
        file.text = redacted(std::move(file.text), secrets);
    }
    return out;
}

Result<void> writeZip(const fs::path& file, std::span<const SupportFile> files, base::UtcMs now)
{
    std::error_code failed;
    if (fs::exists(file, failed)) {
        return base::fail(ErrorCode::AlreadyExists, file.string(), "it is there already; name another file");
    }
    const auto part = file.string() + ".part";
    ::unlink(part.c_str()); // of a run that was killed: its mode may be another
    const int handle = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (handle < 0) {
        return base::fail(ErrorCode::Io, file.string(), std::strerror(errno));
    }
    const std::unique_ptr<archive, int (*)(archive*)> zip(archive_write_new(), &archive_write_free);
    Result<void> done;
    if (archive_write_set_format_zip(zip.get()) != ARCHIVE_OK ||
        archive_write_open_fd(zip.get(), handle) != ARCHIVE_OK) {
        done = std::unexpected(archiveError(file, zip.get()));
    }
    for (const auto& one : files) {
        const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), &archive_entry_free);
        archive_entry_set_pathname(entry.get(), ("quarterdeck-support/" + one.name).c_str());
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(one.text.size()));
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), 0600);
        archive_entry_set_mtime(entry.get(), static_cast<time_t>(now.value / 1'000), 0);
        const bool isWritten =
            done && archive_write_header(zip.get(), entry.get()) == ARCHIVE_OK &&
            archive_write_data(zip.get(), one.text.data(), one.text.size()) == static_cast<la_ssize_t>(one.text.size());
        if (done && !isWritten) {
            done = std::unexpected(archiveError(file, zip.get()));
        }
    }
    if (archive_write_close(zip.get()) != ARCHIVE_OK && done) {
        done = std::unexpected(archiveError(file, zip.get()));
    }
    if (::fsync(handle) != 0 && done) {
        done = base::fail(ErrorCode::Io, file.string(), std::strerror(errno));
    }
    ::close(handle);
    if (done) {
        fs::rename(part, file, failed);
        done = failed ? base::fail(ErrorCode::Io, file.string(), failed.message()) : done;
    }
    if (!done) {
        ::unlink(part.c_str());
    }
    return done;
}

} // namespace qd::engines
