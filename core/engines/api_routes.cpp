#include "engines/api_routes.h"

#include "engines/api_json.h"

#include <algorithm>

namespace qd::engines {

namespace {

constexpr std::array routes{
    ApiRoute{ApiMethod::Get, "/api/v1/status", apiStatus},
    ApiRoute{ApiMethod::Get, "/api/v1/strategies", apiStrategies},
    ApiRoute{ApiMethod::Get, "/api/v1/evaluations", apiEvaluations, "limit cursor days of"},
    ApiRoute{ApiMethod::Get, "/api/v1/trades", apiTrades, "limit cursor strategy instrument result shadow from to"},
    ApiRoute{ApiMethod::Get, "/api/v1/models", apiModels, "limit cursor"},
    ApiRoute{ApiMethod::Get, "/api/v1/experiments", apiExperiments, "limit cursor"},
    ApiRoute{ApiMethod::Get, "/api/v1/health", apiHealth},
    ApiRoute{ApiMethod::Get, "/api/v1/alerts", apiAlerts},
    ApiRoute{ApiMethod::Get, "/api/v1/jobs", apiJobs},
    ApiRoute{ApiMethod::Get, "/api/v1/journal", apiJournal, "limit cursor text by kind from to"},
    ApiRoute{ApiMethod::Get, "/metrics", apiMetrics},
    ApiRoute{ApiMethod::Get, "/openapi.json", apiDescription},
    ApiRoute{ApiMethod::Get, "/", apiPage},
    ApiRoute{ApiMethod::Post, "/api/v1/strategies/{name}/enable", apiEnable},
    ApiRoute{ApiMethod::Post, "/api/v1/strategies/{name}/disable", apiDisable},
    ApiRoute{ApiMethod::Post, "/api/v1/pause", apiPause},
    ApiRoute{ApiMethod::Post, "/api/v1/resume", apiResume},
    ApiRoute{ApiMethod::Post, "/api/v1/retrain", apiRetrain},
    ApiRoute{ApiMethod::Post, "/api/v1/review", apiReview},
    ApiRoute{ApiMethod::Post, "/api/v1/notes", apiNote},
    ApiRoute{ApiMethod::Post, "/api/v1/undo", apiUndo},
};

/// Empty where the path is not of this form; else what "{name}" stands for, which is never empty, or "-" without one.
std::string_view fits(std::string_view form, std::string_view path)
{
    constexpr std::string_view hole = "{name}";
    const auto at = form.find(hole);
    if (at == std::string_view::npos) {
        return form == path ? "-" : std::string_view();
    }
    const auto tail = form.substr(at + hole.size());
    if (!path.starts_with(form.substr(0, at)) || !path.ends_with(tail) || path.size() <= at + tail.size()) {
        return {};
    }
    const auto name = path.substr(at, path.size() - at - tail.size());
    constexpr std::size_t longest = 100;
    const bool isName =
        name.size() <= longest && std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~' && c != '/'; });
    return isName ? name : std::string_view();
}

int statusOf(base::ErrorCode code)
{
    using base::ErrorCode;
    switch (code) {
    case ErrorCode::Malformed:
    case ErrorCode::NotOnScale:
    case ErrorCode::Overflow:
        return 400;
    case ErrorCode::NotFound:
        return 404;
    case ErrorCode::AlreadyExists:
    case ErrorCode::Conflict:
    case ErrorCode::Refused:
        return 409;
    case ErrorCode::OutOfRange:
    case ErrorCode::Unsupported:
        return 422;
    case ErrorCode::Busy:
    case ErrorCode::Cancelled:
    case ErrorCode::Timeout:
        return 503;
    default:
        return 500;
    }
}

} // namespace

std::span<const ApiRoute> apiRoutes()
{
    return routes;
}

FoundRoutes findRoutes(std::string_view path)
{
    FoundRoutes out;
    for (const auto& route : routes) {
        if (const auto name = fits(route.path, path); !name.empty()) {
            (route.method == ApiMethod::Get ? out.get : out.post) = &route;
            out.name = name;
        }
    }
    return out;
}

std::optional<ApiAnswer> wrongParameters(const ApiRoute& route, const std::map<std::string, std::string>& given)
{
    for (const auto& [name, value] : given) {
        const bool isKnown = !name.empty() && name.find(' ') == std::string::npos &&
                             (' ' + std::string(route.parameters) + ' ').find(' ' + name + ' ') != std::string::npos;
        if (!isKnown) {
            return apiError(400, "malformed",
                            route.parameters.empty() ? "This path takes no parameters."
                                                     : "There is no such parameter; this path takes: " +
                                                           std::string(route.parameters) + ".");
        }
    }
    return std::nullopt;
}

ApiAnswer apiError(int status, std::string_view code, std::string_view message)
{
    return jsonAnswer(JsonFields().add("error", JsonFields().add("code", code).add("message", message).take()).take(),
                      status);
}

ApiAnswer apiError(const base::Error& error)
{
    return apiError(statusOf(error.code), base::name(error.code), base::sentence(error));
}

} // namespace qd::engines
