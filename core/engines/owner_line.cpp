#include "engines/owner_line.h"

#include "engines/api_json.h"
#include "engines/command_json.h"
#include "engines/doctor.h"
#include "engines/owner_socket.h"
#include "engines/whole_file.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <sys/stat.h>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using console::EngineState;
using namespace std::chrono_literals;

namespace {

constexpr auto askPatience = 5s;
constexpr auto sendPatience = 150s; // longer than the owner waits for the command's end

std::string textIn(const QJsonObject& json, const char* name)
{
    return json.value(QLatin1String(name)).toString().toStdString();
}

EngineState stateNamed(const std::string& word)
{
    for (const auto state : {EngineState::Idle, EngineState::Starting, EngineState::Running, EngineState::Struggling,
                             EngineState::Failed}) {
        if (apiWord(state) == word) {
            return state;
        }
    }
    return EngineState::Stopped;
}

std::optional<base::Millis> millisIn(const QJsonObject& json, const char* name)
{
    const auto value = json.value(QLatin1String(name));
    return value.isDouble() ? std::optional(base::Millis{value.toInteger()}) : std::nullopt;
}

} // namespace

std::optional<int> writerOf(const std::filesystem::path& database, const std::filesystem::path& root)
{
    struct stat status = {};
    if (::stat((database.string() + ".lock").c_str(), &status) != 0) {
        return std::nullopt;
    }
    return lockHolder(wholeFile(root / "proc/locks").value_or(std::string()), status.st_ino);
}

std::string whyOwned(const std::filesystem::path& database, const base::Error& owner)
{
    const auto holder = writerOf(database);
    const auto who = holder ? "process " + std::to_string(*holder) : std::string("another process");
    if (owner.code == ErrorCode::NotFound) {
        return who + " owns this database and listens at no local socket: a console that starts or ends just now, or a "
                     "subcommand that writes; try again in a moment";
    }
    if (owner.code == ErrorCode::Busy || owner.code == ErrorCode::ReadOnly) {
        return who + " owns this database: " + owner.detail + "; try again in a moment, as the user that it runs as";
    }
    return who + " owns this database and does not answer: it hangs, or is stopped; "
                 "'quarterdeck doctor' says more";
}

std::string Owner::sentence(const std::string& sinceWhen) const
{
    return std::string(isHeadless ? "a headless console" : "a console with a window") + ", process " +
           std::to_string(process) + ", version " + version + ", since " +
           (sinceWhen.empty() ? base::isoText(since) : sinceWhen);
}

Result<QJsonObject> OwnerLine::ask(const QJsonObject& request, std::chrono::milliseconds patience,
                                   const std::stop_token& stop) const
{
    constexpr std::size_t most = 1024 * 1024;
    auto socket = connectToOwner(database_);
    if (!socket) {
        return std::unexpected(socket.error());
    }
    HttpBytes bytes(std::move(*socket), patience, most, stop);
    bytes.write(lineOf(request));
    (void)bytes.flush(); // an answer may be there even where it took nothing: too many ask
    const auto line = readLine(bytes);
    const auto reply = line ? QJsonDocument::fromJson(QByteArray::fromStdString(*line)).object() : QJsonObject();
    if (reply.isEmpty()) {
        return base::fail(bytes.hasTimedOut() ? ErrorCode::Timeout : ErrorCode::Network,
                          ownerSocketOf(database_).string(), "the console that owns the database gave no answer");
    }
    if (const auto error = reply.value(QLatin1String("error")); error.isObject()) {
        return std::unexpected(errorOf(error.toObject()));
    }
    return reply;
}

Result<Owner> OwnerLine::owner(const std::stop_token& stop) const
{
    const auto got = ask({{QStringLiteral("ask"), QStringLiteral("owner")}}, askPatience, stop);
    if (!got) {
        return std::unexpected(got.error());
    }
    Owner out{.process = got->value(QLatin1String("process")).toInteger(),
              .feed = textIn(*got, "feed"),
              .version = textIn(*got, "version"),
              .since = {got->value(QLatin1String("since")).toInteger()},
              .isHeadless = got->value(QLatin1String("is_headless")).toBool(),
              .isReady = got->value(QLatin1String("is_ready")).toBool(),
              .doing = textIn(*got, "doing"),
              .engines = {},
              .score = {},
              .label = textIn(*got, "label"),
              .clockOffset = millisIn(*got, "clock_offset_ms"),
              .apiPort = static_cast<std::uint16_t>(got->value(QLatin1String("api_port")).toInt()),
              .apiWords = textIn(*got, "api_words")};
    if (auto host = textIn(*got, "api_host"); !host.empty()) {
        out.apiHost = std::move(host);
    }
    if (const auto score = got->value(QLatin1String("score")); score.isDouble()) {
        out.score = score.toDouble();
    }
    const auto engines = got->value(QLatin1String("engines")).toArray();
    for (const auto& each : engines) {
        const auto engine = each.toObject();
        out.engines.push_back({.name = textIn(engine, "name"),
                               .state = stateNamed(textIn(engine, "state")),
                               .uptime = {},
                               .sinceBeat = millisIn(engine, "since_beat_ms"),
                               .restarts = static_cast<std::uint32_t>(engine.value(QLatin1String("restarts")).toInt()),
                               .detail = textIn(engine, "detail")});
    }
    const auto hasApi = got->value(QLatin1String("has_api"));
    // An older version does not say: there the engine is known by its name.
    out.hasApi = hasApi.isBool()
                     ? hasApi.toBool()
                     : std::ranges::any_of(out.engines, [](const auto& row) { return row.name == "HTTP API"; });
    return out;
}

Result<Training> OwnerLine::training() const
{
    const auto got = ask({{QStringLiteral("ask"), QStringLiteral("training")}}, askPatience);
    if (!got) {
        return std::unexpected(got.error());
    }
    Training out{
        .model = textIn(*got, "model"), .fraction = got->value(QLatin1String("fraction")).toDouble(), .waiting = {}};
    const auto waiting = got->value(QLatin1String("waiting")).toArray();
    for (const auto& model : waiting) {
        out.waiting.push_back(model.toString().toStdString());
    }
    return out;
}

Result<std::vector<OwnedJob>> OwnerLine::jobs() const
{
    const auto got = ask({{QStringLiteral("ask"), QStringLiteral("jobs")}}, askPatience);
    if (!got) {
        return std::unexpected(got.error());
    }
    std::vector<OwnedJob> out;
    const auto jobs = got->value(QLatin1String("jobs")).toArray();
    for (const auto& each : jobs) {
        const auto job = each.toObject();
        const auto next = base::parseUtc(textIn(job, "next"));
        out.push_back({.name = textIn(job, "name"),
                       .times = textIn(job, "times"),
                       .isPaused = job.value(QLatin1String("paused")).toBool(),
                       .waits = textIn(job, "waits"),
                       .next = next ? std::optional(*next) : std::nullopt});
    }
    return out;
}

Result<void> OwnerLine::send(const console::Command& command) const
{
    const auto json = jsonOf(command);
    if (!json) {
        return base::fail(ErrorCode::Unsupported, "command", "the console takes it from its window alone");
    }
    const auto got = ask({{QStringLiteral("send"), *json}}, sendPatience);
    if (!got) {
        return std::unexpected(got.error());
    }
    if (!got->value(QLatin1String("is_done")).toBool()) {
        return base::fail(ErrorCode::Timeout, "command",
                          "it is still under way in the console; the journal will say what became of it");
    }
    return {};
}

Result<void> OwnerLine::askToStop(const std::stop_token& stop) const
{
    const auto got = ask({{QStringLiteral("ask"), QStringLiteral("stop")}}, askPatience, stop);
    return got ? Result<void>{} : std::unexpected(got.error());
}

} // namespace qd::engines
