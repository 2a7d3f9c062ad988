// The API's answer about jobs: how each stands, and what was under way in the last 24 hours.
#include "engines/api_json.h"

namespace qd::engines {

namespace {

QJsonObject runJson(const governance::JobRunRow& run)
{
    JsonFields out;
    out.add("run", run.id).add("job", run.job).add("state", governance::name(run.state));
    out.add("trigger", run.trigger).add("staged", run.staged).add("begun", run.begun).add("ended", run.ended);
    out.add("beat", run.beat).add("awake_seconds", secondsOf(run.awake)).add("progress", run.progress);
    out.add("phase", run.phase).add("result", run.result);
    return out.take();
}

QJsonValue runJson(const std::optional<governance::JobRunRow>& run)
{
    return run ? QJsonValue(runJson(*run)) : QJsonValue();
}

} // namespace

ApiAnswer apiJobs(const ApiContext& context, const ApiQuestion&)
{
    const auto seen = context.console.jobs().get();
    if (!seen) {
        return apiError(503, "starting", "The jobs have not been read yet. Ask again in a moment.");
    }
    QJsonArray jobs;
    for (const auto& job : seen->jobs) {
        JsonFields row;
        row.add("name", job.name).add("title", job.title).add("times", job.times).add("command", job.command);
        row.add("paused", job.isPaused).add("next", job.next).add("waits", job.waits);
        row.add("now", runJson(job.now)).add("last", runJson(job.last));
        jobs.append(row.take());
    }
    QJsonArray runs;
    for (auto run = seen->day->rbegin(); run != seen->day->rend(); ++run) {
        runs.append(runJson(*run));
    }
    JsonFields out;
    out.add("state", apiWord(seen->state))
        .add("detail", seen->detail)
        .add("heartbeat_seconds", secondsOf(seen->heartbeat));
    out.add("jobs", jobs).add("runs", runs);
    return jsonAnswer(out.take());
}

} // namespace qd::engines
