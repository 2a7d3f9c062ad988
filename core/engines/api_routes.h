// What the HTTP API answers, path by path, without any HTTP: a question in, a status and a body out. Each answer comes
// from the newest snapshots, or from a question to the query desk; none touches an engine. Any number of threads at a
// time. Source: PRODUCT.md, The API; resources/api/openapi.json describes it to others, and a test compares the two.
#pragma once

#include "console/console.h"
#include "engines/pulses.h"

#include <QJsonObject>

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace qd::engines {

/// Asks what is stored and waits for the answer, within the API's patience (error Timeout) or until the console closes.
using AskAndWait = std::function<console::Answer(console::Query query, const std::stop_token& stop)>;

/// How a command ended. Not within the API's patience: it goes on all the same.
struct CommandEnd {
    console::CommandId id = 0;
    bool hasEnded = false;
    std::optional<base::Error> error{};
};
using SendAndWait = std::function<CommandEnd(console::Command command, const std::stop_token& stop)>;

/// What the API did itself, for /metrics. Any thread.
struct ApiCounters {
    std::array<std::atomic<std::uint64_t>, 6> byClass{}; // [2]: answers 200 to 299
    std::atomic<std::uint64_t> refused{0};               // connections that were too many
    std::atomic<std::uint64_t> micros{0};                // spent on all answers
};

struct ApiContext {
    const console::Console& console;
    const AskAndWait& ask;
    const SendAndWait& send;
    const std::vector<EnginePulse>& pulses; // read at the moment of the answer: a hung thread cannot look well
    const ApiCounters& counters;
    base::UtcMs now;
    std::stop_token stop;
};

struct ApiQuestion {
    std::map<std::string, std::string> parameters{}; // of the query; and "name" of the path
    QJsonObject body{};                              // of a POST
};

struct ApiAnswer {
    int status = 200;
    std::string body;
    std::string type = "application/json";
};

enum class ApiMethod : std::uint8_t { Get, Post };
struct ApiRoute {
    ApiMethod method = ApiMethod::Get;
    std::string_view path; // "/api/v1/strategies/{name}/enable"
    ApiAnswer (*answer)(const ApiContext&, const ApiQuestion&) = nullptr;
    std::string_view parameters{}; // of its query, by spaces; all others are refused
};
[[nodiscard]] std::span<const ApiRoute> apiRoutes();
/// Those of this path, whatever the method, with what its "{name}" stands for.
struct FoundRoutes {
    const ApiRoute* get = nullptr;
    const ApiRoute* post = nullptr;
    std::string name{};
};
[[nodiscard]] FoundRoutes findRoutes(std::string_view path);

/// What is wrong with the question's parameters: one that the route does not have.
[[nodiscard]] std::optional<ApiAnswer> wrongParameters(const ApiRoute& route,
                                                       const std::map<std::string, std::string>& given);

/// {"error":{"code","message"}}.
[[nodiscard]] ApiAnswer apiError(int status, std::string_view code, std::string_view message);
/// With the status that its code has: 404, 409, 422, 503 …
[[nodiscard]] ApiAnswer apiError(const base::Error& error);

// The answers, by file. api_state.cpp: of the snapshots.
[[nodiscard]] ApiAnswer apiStatus(const ApiContext& context, const ApiQuestion& question);
[[nodiscard]] ApiAnswer apiStrategies(const ApiContext& context, const ApiQuestion& question);
[[nodiscard]] ApiAnswer apiHealth(const ApiContext& context, const ApiQuestion& question);
// api_alerts.cpp
[[nodiscard]] ApiAnswer apiAlerts(const ApiContext& context, const ApiQuestion& question);
// api_jobs.cpp
[[nodiscard]] ApiAnswer apiJobs(const ApiContext& context, const ApiQuestion& question);
// api_pages.cpp, made of resources/api at build: the page for people and the description for programs.
[[nodiscard]] ApiAnswer apiPage(const ApiContext& context, const ApiQuestion& question);
[[nodiscard]] ApiAnswer apiDescription(const ApiContext& context, const ApiQuestion& question);
// api_metrics.cpp
[[nodiscard]] ApiAnswer apiMetrics(const ApiContext& context, const ApiQuestion& question);
// api_stored.cpp: of what is stored.
[[nodiscard]] ApiAnswer apiEvaluations(const ApiContext& context, const ApiQuestion& question);
[[nodiscard]] ApiAnswer apiTrades(const ApiContext& context, const ApiQuestion& question);
[[nodiscard]] ApiAnswer apiModels(const ApiContext& context, const ApiQuestion& question);
[[nodiscard]] ApiAnswer apiExperiments(const ApiContext& context, const ApiQuestion& question);
[[nodiscard]] ApiAnswer apiJournal(const ApiContext& context, const ApiQuestion& question);
// api_commands.cpp: what changes something.
[[nodiscard]] ApiAnswer apiEnable(const ApiContext& context, const ApiQuestion& question);
[[nodiscard]] ApiAnswer apiDisable(const ApiContext& context, const ApiQuestion& question);
[[nodiscard]] ApiAnswer apiPause(const ApiContext& context, const ApiQuestion& question);
[[nodiscard]] ApiAnswer apiResume(const ApiContext& context, const ApiQuestion& question);
[[nodiscard]] ApiAnswer apiRetrain(const ApiContext& context, const ApiQuestion& question);
[[nodiscard]] ApiAnswer apiReview(const ApiContext& context, const ApiQuestion& question);
[[nodiscard]] ApiAnswer apiNote(const ApiContext& context, const ApiQuestion& question);
[[nodiscard]] ApiAnswer apiUndo(const ApiContext& context, const ApiQuestion& question);

} // namespace qd::engines
