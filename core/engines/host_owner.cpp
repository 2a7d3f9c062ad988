// EngineHost's local socket: who it says that it is, and what it does for those who may not write themselves.
#include "base/log.h"
#include "engines/api_json.h"
#include "engines/command_json.h"
#include "engines/host_impl.h"
#include "engines/pulses.h"

#include <unistd.h>

namespace qd::engines {

using namespace std::chrono_literals;

namespace {

constexpr base::Millis ownerPatience{120'000}; // for a command's end; it goes on all the same

/// The journal tells a decision of the command line from a click. What wants a reason and has none stays without.
void sign(console::Command& command)
{
    std::visit(
        [](auto& wish) {
            if constexpr (requires { wish.reason; }) {
                wish.reason += wish.reason.empty() ? "" : " (by the command line)";
            }
        },
        command);
}

/// Where a program of this machine reaches who listens there.
std::string reachedAt(const std::string& bind)
{
    return bind == "0.0.0.0" ? "127.0.0.1" : bind == "::" ? "::1" : bind;
}

/// While it is not ready.
std::string whatItDoes(const console::StoreSnapshot* store, const console::IngestSnapshot* ingest)
{
    return store != nullptr && store->making && ingest != nullptr && !ingest->detail.empty()
               ? ingest->detail
               : "it reads what is stored";
}

QJsonObject errorReply(base::Error error)
{
    return {{QStringLiteral("error"), jsonOf(error)}};
}

} // namespace

// Every engine that beats, once, under the name by which it is shown everywhere.
std::vector<EnginePulse> EngineHost::Impl::pulses() const
{
    std::vector<EnginePulse> out{{"Ingest", &ingestPulse},      {"Paper trading", &paperPulse},
                                 {"Store writer", &storePulse}, {"Service", &servicePulse},
                                 {"Governor", &governorPulse},  {"Retraining", &retrainPulse},
                                 {"Backups", &backupPulse},     {"Jobs", &jobsPulse}};
    if (options.feed == "demo") {
        out.push_back({"Demo exchange", &demoPulse});
    }
    if (options.api) {
        out.push_back({"HTTP API", &apiPulse, &apiWords});
    }
    return out;
}

QJsonObject EngineHost::Impl::whoOwns() const
{
    QJsonArray engines;
    const auto rows = serviceRows(pulses(), clock.now());
    for (const auto& row : rows) {
        JsonFields one;
        one.add("name", row.name).add("state", apiWord(row.state)).add("detail", row.detail);
        one.add("restarts", row.restarts);
        if (row.sinceBeat) {
            one.add("since_beat_ms", row.sinceBeat->count());
        }
        engines.append(one.take());
    }
    JsonFields out;
    out.add("process", ::getpid()).add("feed", options.feed).add("version", options.version);
    out.add("since", started.value).add("is_headless", options.isHeadless);
    const bool isReady = start.wait_for(0s) == std::future_status::ready;
    out.add("is_ready", isReady).add("engines", engines);
    if (!isReady) {
        out.add("doing", whatItDoes(storeScreen.get().get(), ingestScreen.get().get()));
    }
    out.add("api_port", api ? api->port() : std::uint16_t{0}).add("has_api", options.api.has_value());
    if (options.api) {
        const auto words = apiWords.get();
        out.add("api_host", reachedAt(options.api->bind)).add("api_words", words ? *words : std::string());
    }
    if (const auto health = healthScreen.get()) {
        out.add("score", health->score).add("label", apiWord(health->label));
    }
    if (const auto ingest = ingestScreen.get(); ingest && ingest->clockOffset) {
        out.add("clock_offset_ms", ingest->clockOffset->count());
    }
    return out.take();
}

QJsonObject EngineHost::Impl::whatTrains() const
{
    JsonFields out;
    QJsonArray waiting;
    if (const auto learning = learningScreen.get()) {
        if (learning->running) {
            out.add("model", learning->running->model).add("fraction", learning->running->fraction);
        }
        for (const auto& model : learning->waiting) {
            waiting.append(jsonString(model));
        }
    }
    return out.add("waiting", waiting).take();
}

QJsonObject EngineHost::Impl::whatIsScheduled() const
{
    QJsonArray jobs;
    if (const auto seen = jobsScreen.get()) {
        for (const auto& job : seen->jobs) {
            JsonFields one;
            one.add("name", job.name).add("times", job.times).add("paused", job.isPaused).add("next", job.next);
            one.add("waits", job.waits);
            jobs.append(one.take());
        }
    }
    return JsonFields().add("jobs", jobs).take();
}

QJsonObject EngineHost::Impl::answerAside(const QJsonObject& request, const std::stop_token& stop)
{
    if (const auto wish = request.value(QLatin1String("send")); wish.isObject()) {
        auto command = commandOf(wish.toObject());
        if (!command) {
            return errorReply(command.error());
        }
        sign(*command);
        const auto end = sendAside(std::move(*command), ownerPatience, stop);
        return end.error ? errorReply(*end.error) : JsonFields().add("is_done", end.hasEnded).take();
    }
    const auto asked = request.value(QLatin1String("ask")).toString();
    if (asked == QLatin1String("owner")) {
        return whoOwns();
    }
    if (asked == QLatin1String("training")) {
        return whatTrains();
    }
    if (asked == QLatin1String("jobs")) {
        return whatIsScheduled();
    }
    if (asked == QLatin1String("stop") && options.stopAsked) {
        base::log(base::LogLevel::Info, "local socket", "another program of this user asks to end; it does");
        options.stopAsked();
        return JsonFields().add("stops", true).take();
    }
    return errorReply({base::ErrorCode::Unsupported, "request", "this console does not know it"});
}

// Without it everything runs; only the command line cannot change anything meanwhile.
void EngineHost::Impl::openOwnerSocket()
{
    auto opened = OwnerSocket::open(
        databaseOf(options.dataDir, options.feed),
        [this](const QJsonObject& request, const std::stop_token& stop) { return answerAside(request, stop); });
    if (opened) {
        ownerSocket = std::move(*opened);
        return;
    }
    events.push(console::Notice{clock.now(), console::Severity::Warning,
                                "The local socket could not be opened, so the command line can change nothing while "
                                "this console runs: " +
                                    base::sentence(opened.error())});
}

std::vector<console::ServiceRow> EngineHost::services() const
{
    return serviceRows(impl_->pulses(), impl_->clock.now());
}

} // namespace qd::engines
