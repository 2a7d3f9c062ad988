#include "app/commands/decisions.h"

#include "storage/instrument_store.h"
#include "storage/model_store.h"

#include <QJsonArray>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <map>
#include <thread>

namespace qd::app {

namespace {

QJsonValue number(double value)
{
    return std::isfinite(value) ? QJsonValue(value) : QJsonValue();
}

QJsonObject json(const learning::KeptScore& score)
{
    return {{QStringLiteral("from"), static_cast<qint64>(score.from)},
            {QStringLiteral("to"), static_cast<qint64>(score.to)},
            {QStringLiteral("train_rows"), static_cast<qint64>(score.trainRows)},
            {QStringLiteral("test_rows"), static_cast<qint64>(score.testRows)},
            {QStringLiteral("trees"), static_cast<qint64>(score.trees)},
            {QStringLiteral("quality"), number(score.quality)},
            {QStringLiteral("low"), number(score.qualityLow)},
            {QStringLiteral("high"), number(score.qualityHigh)},
            {QStringLiteral("loss"), number(score.loss)},
            {QStringLiteral("majority_loss"), number(score.majorityLoss)},
            {QStringLiteral("accuracy"), number(score.accuracy)},
            {QStringLiteral("majority"), number(score.majority)},
            {QStringLiteral("own_rule"), number(score.ownQuality)},
            {QStringLiteral("champion_loss"), number(score.championLoss)},
            {QStringLiteral("calibration_error"), number(score.calibrationError)}};
}

void addVersion(QJsonObject& out, const learning::ModelVersion& version)
{
    const auto& lineage = version.lineage;
    QJsonArray folds;
    for (const auto& fold : lineage.folds) {
        folds.append(json(fold));
    }
    QJsonArray audit;
    for (const auto& finding : lineage.audit) {
        audit.append(QJsonObject{{QStringLiteral("detector"), jsonText(learning::name(finding.detector))},
                                 {QStringLiteral("level"), jsonText(learning::name(finding.level))},
                                 {QStringLiteral("evidence"), jsonText(finding.evidence)}});
    }
    QJsonArray instruments;
    for (const auto& name : lineage.instruments) {
        instruments.append(jsonText(name));
    }
    out[QStringLiteral("features")] = jsonText(lineage.featureSet);
    out[QStringLiteral("instruments")] = instruments;
    out[QStringLiteral("rows")] = static_cast<qint64>(lineage.rows);
    out[QStringLiteral("row_losses")] = jsonText(learning::sentence(lineage.losses, lineage.rows));
    out[QStringLiteral("stride")] = static_cast<qint64>(lineage.rule.stride);
    out[QStringLiteral("parameters")] = jsonText(engines::text(lineage.parameters));
    out[QStringLiteral("trees")] = static_cast<qint64>(lineage.trees);
    out[QStringLiteral("folds")] = folds;
    out[QStringLiteral("pooled")] = json(lineage.pooled);
    out[QStringLiteral("verdict")] = jsonText(learning::name(lineage.verdict));
    out[QStringLiteral("has_signal")] = lineage.hasSignal;
    out[QStringLiteral("audit")] = audit;
    out[QStringLiteral("bytes_hash")] = jsonText(version.bytesHash);
}

QJsonObject json(const engines::RetrainEnd& end, double seconds)
{
    QJsonObject out{{QStringLiteral("model"), jsonText(end.outcome.model)},
                    {QStringLiteral("version"), jsonText(end.outcome.version)},
                    {QStringLiteral("outcome"), jsonText(end.outcome.what)},
                    {QStringLiteral("why"), jsonText(end.outcome.why)},
                    {QStringLiteral("seconds"), seconds}};
    if (end.version) {
        addVersion(out, *end.version);
    }
    return out;
}

void printText(const engines::RetrainEnd& end, double seconds)
{
    const auto& outcome = end.outcome;
    std::printf("%s: %s (%.1f s)\n  %s\n", (outcome.version.empty() ? outcome.model : outcome.version).c_str(),
                outcome.what.c_str(), seconds, outcome.why.c_str());
    std::fflush(stdout); // the next one takes minutes
}

struct Trained {
    QJsonArray rows;
    bool failed = false; // of a model that was named; "all" names those that can be
};

/// What the console has recorded of a training.
engines::RetrainEnd endOf(const storage::RetrainRun& run, storage::Database& database)
{
    engines::RetrainEnd out{.outcome = {.model = run.model,
                                        .version = run.version,
                                        .at = *run.ended,
                                        .isFailure = engines::isFailedTraining(run.outcome),
                                        .what = run.outcome,
                                        .why = run.why},
                            .version = {},
                            .error = {}};
    if (!run.version.empty()) {
        out.version = storage::ModelStore(database).version(run.version).value_or(nullptr);
    }
    return out;
}

/// Waits for the end of each training that the console has begun for us.
class Awaited {
public:
    /// Those that ended, and the models of which none will.
    struct News {
        std::vector<storage::RetrainRun> ended;
        std::vector<std::string> takenOut;
    };
    /// `newest`: the run that was the newest before our wish; what still trained then is not ours.
    Awaited(Decisions& decisions, const storage::RetrainRun& newest, const std::vector<governance::ModelKey>& keys)
        : decisions_(decisions),
          newest_(newest)
    {
        std::ranges::transform(keys, std::back_inserter(left_), [](const auto& key) { return governance::text(key); });
    }
    [[nodiscard]] bool isOver() const { return left_.empty(); }
    /// Since the last look. What neither trains nor waits any more was taken out by somebody.
    base::Result<News> look(ProgressBar& bar)
    {
        constexpr int looks = 3; // between its turn and its row it is seen nowhere for a moment
        const auto now = decisions_.owner->training();
        const auto runs = storage::ModelStore(*decisions_.database).runs({}, 500);
        if (!now || !runs) {
            return std::unexpected(now ? runs.error() : now.error());
        }
        News out;
        std::ranges::copy_if(*runs, std::back_inserter(out.ended), [&](const storage::RetrainRun& run) {
            return run.id > newest_.id && run.ended && std::erase(left_, run.model) > 0;
        });
        std::erase_if(left_, [&](const std::string& model) {
            const bool isSeen = now->model == model || std::ranges::find(now->waiting, model) != now->waiting.end();
            const bool runs_ = std::ranges::any_of(
                *runs, [&](const storage::RetrainRun& run) { return run.id > newest_.id && run.model == model; });
            auto& unseen = unseen_[model];
            unseen = isSeen || runs_ ? 0 : unseen + 1;
            if (unseen == looks && (newest_.ended || newest_.model != model)) {
                out.takenOut.push_back(model);
            }
            return unseen >= looks;
        });
        bar.show(now->fraction);
        return out;
    }

private:
    Decisions& decisions_;
    storage::RetrainRun newest_;
    std::vector<std::string> left_; // models
    std::map<std::string, int> unseen_;
};

void tell(Trained& out, const Arguments& given, const std::string& name, const engines::RetrainEnd& end, double seconds)
{
    out.failed = out.failed || (end.outcome.isFailure && (name != "all" || end.outcome.what == "cancelled"));
    if (given.wantsJson()) {
        out.rows.append(json(end, seconds));
    } else {
        printText(end, seconds);
    }
}

/// By the console that owns the database, which trains beside everything else.
base::Result<Trained> trainThere(Decisions& decisions, const Arguments& given, const std::string& name,
                                 const std::vector<governance::ModelKey>& keys)
{
    const auto begun = std::chrono::steady_clock::now();
    const auto newest = storage::ModelStore(*decisions.database).runs({}, 1);
    const auto sent = newest ? decisions.owner->send(console::RetrainModel{name, given.value("reason")})
                             : std::unexpected(newest.error());
    if (!sent) {
        return std::unexpected(sent.error());
    }
    Awaited awaited(decisions, newest->empty() ? storage::RetrainRun{.ended = base::UtcMs{0}} : newest->front(), keys);
    const auto stop = stopOnSignal();
    bool isTakenBack = false;
    Trained out;
    ProgressBar bar(name);
    while (!awaited.isOver()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        if (stop.stop_requested() && !std::exchange(isTakenBack, true)) {
            (void)decisions.owner->send(console::CancelRetrain{name == "all" ? std::string() : name});
        }
        const auto news = awaited.look(bar);
        if (!news) {
            return std::unexpected(news.error());
        }
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
        for (const auto& run : news->ended) {
            const auto end = endOf(run, *decisions.database);
            tell(out, given, name, end, seconds);
        }
        for (const auto& model : news->takenOut) {
            const base::Error error{base::ErrorCode::Cancelled, model, "it was taken out of the queue before it began"};
            out.failed = report(error) != exitDone;
            if (given.wantsJson()) {
                const engines::RetrainEnd end{
                    .outcome = {.model = model, .isFailure = true, .what = "cancelled", .why = error.detail}};
                out.rows.append(json(end, seconds));
            }
        }
    }
    out.failed = out.failed || isTakenBack;
    return out;
}

base::Result<Trained> trainAll(Decisions& decisions, const Arguments& given, const std::string& name)
{
    const auto instruments = storage::InstrumentStore(*decisions.database).all();
    const auto keys = instruments
                          ? engines::modelsNamed(name, *instruments)
                          : base::Result<std::vector<governance::ModelKey>>(std::unexpected(instruments.error()));
    if (!keys) {
        return std::unexpected(keys.error());
    }
    if (decisions.owner) {
        return trainThere(decisions, given, name, *keys);
    }
    const auto standard = base::defaultPaperPolicy();
    auto desk = engines::offlineRetraining(*decisions.database, standard, decisions.clock);
    const auto stop = stopOnSignal();
    const auto reason = given.value("reason");
    Trained out;
    for (const auto& key : *keys) {
        const auto begun = std::chrono::steady_clock::now();
        engines::RetrainEnd end;
        {
            ProgressBar bar(governance::text(key));
            end = desk.train(key, "by you" + (reason.empty() ? std::string() : ": " + reason),
                             [&](const engines::RetrainStep& at) {
                                 bar.show(at.fraction);
                                 return !stop.stop_requested();
                             });
        }
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
        tell(out, given, name, end, seconds);
        if (stop.stop_requested()) {
            break;
        }
    }
    return out;
}

} // namespace

int retrainCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("retrain MODEL|all [--reason TEXT]"),
                    QStringLiteral("Trains a model on what is archived (gbt_5m, volatility_forecaster, "
                                   "stop_hit_predictor, fill_predictor, direction_predictor@INSTRUMENT; a family's "
                                   "name: all of it) and says what became of it. Ctrl+C cancels."));
    given.parser().addOptions(
        {{QStringLiteral("reason"), QStringLiteral("Why, for the journal."), QStringLiteral("TEXT"), QString()}});
    given.parser().addPositionalArgument(
        QStringLiteral("MODEL"), QStringLiteral("gbt_5m, volatility_forecaster, stop_hit_predictor, fill_predictor, "
                                                "direction_predictor or all"));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto wanted = given.parser().positionalArguments();
    if (wanted.size() != 1) {
        return reportUsage("retrain wants the name of one model or family, or all");
    }
    int code = exitDone;
    const auto decisions = openDecisions(given, true, code);
    if (!decisions) {
        return code;
    }
    const auto trained = trainAll(*decisions, given, wanted.front().toStdString());
    if (!trained) {
        return report(trained.error());
    }
    if (given.wantsJson()) {
        printJson({{QStringLiteral("models"), trained->rows}});
    }
    return trained->failed ? exitFailed : exitDone;
}

} // namespace qd::app
