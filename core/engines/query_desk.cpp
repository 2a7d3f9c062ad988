#include "engines/query_desk.h"

#include "base/heap.h"
#include "base/log.h"
#include "engines/evaluation_queries.h"
#include "engines/evidence_reader.h"
#include "engines/execution_queries.h"
#include "engines/experiment_queries.h"
#include "engines/governance_queries.h"
#include "engines/in_force.h"
#include "engines/look_ahead_run.h"
#include "engines/low_priority.h"
#include "engines/model_hints.h"
#include "engines/model_queries.h"
#include "engines/night_report.h"
#include "engines/null_queries.h"
#include "engines/replay_queries.h"
#include "engines/retention_run.h"
#include "engines/stop_lab_run.h"
#include "engines/trade_queries.h"
#include "storage/database.h"
#include "storage/job_store.h"
#include "storage/trade_pages.h"
#include "storage/trials_store.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using console::Answer;
using namespace std::chrono_literals;

namespace {

constexpr auto tellEvery = 100ms;

/// Long runs go to the lab's thread.
bool isLong(const console::Query& query)
{
    return std::holds_alternative<console::RunStopLab>(query) || std::holds_alternative<console::RunReplay>(query) ||
           std::holds_alternative<console::RunNull>(query) || std::holds_alternative<console::RunLookAhead>(query);
}

bool isOfGovernance(const console::Query& query)
{
    return std::holds_alternative<console::AskJournal>(query) || std::holds_alternative<console::AskReview>(query) ||
           std::holds_alternative<console::AskGates>(query) || std::holds_alternative<console::AskManifest>(query) ||
           std::holds_alternative<console::AskManifestKey>(query) ||
           std::holds_alternative<console::AskGateSimulation>(query) ||
           std::holds_alternative<console::AskExperiments>(query) ||
           std::holds_alternative<console::AskModelHints>(query);
}

/// One overload a kind of query.
struct Handler {
    const DeskContext& context;

    Result<console::TradesPage> operator()(const console::AskTrades& query) const
    {
        return storage::tradesPage(context.database, query);
    }
    Result<console::SignalsPage> operator()(const console::AskSignals& query) const
    {
        return storage::signalsPage(context.database, query);
    }
    Result<console::TradeDetail> operator()(const console::AskTrade& query) const
    {
        return tradeDetail(context.database, query);
    }
    Result<console::Evaluations> operator()(const console::AskEvaluations& query) const
    {
        return context.evaluations->answer(context.database, query, context.policy);
    }
    Result<console::Execution> operator()(const console::AskExecution& query) const
    {
        return executionOf(context, query);
    }
    Result<console::NullTable> operator()(const console::AskNull&) const { return nullTable(context.database); }
    Result<console::StopLab> operator()(const console::RunStopLab& query) const { return runStopLab(context, query); }
    Result<console::ReplayFigures> operator()(const console::RunReplay& query) const
    {
        return runReplayQuery(context, query);
    }
    Result<console::NullTable> operator()(const console::RunNull& query) const { return runNullQuery(context, query); }
    Result<console::LookAheadFigures> operator()(const console::RunLookAhead& query) const
    {
        return runLookAheadQuery(context, query);
    }
    Result<console::Trials> operator()(const console::AskTrials& query) const
    {
        auto rows = storage::TrialsStore(context.database).of(query.strategy);
        return rows ? Result<console::Trials>(console::Trials{std::move(*rows)}) : std::unexpected(rows.error());
    }
    Result<console::JournalPage> operator()(const console::AskJournal& query) const
    {
        return governanceAnswer(context, query);
    }
    Result<console::DryReview> operator()(const console::AskReview& query) const
    {
        return governanceAnswer(context, query);
    }
    Result<console::Gates> operator()(const console::AskGates& query) const { return governanceAnswer(context, query); }
    Result<console::SignedManifest> operator()(const console::AskManifest& query) const
    {
        return governanceAnswer(context, query);
    }
    Result<console::ManifestKey> operator()(const console::AskManifestKey& query) const
    {
        return governanceAnswer(context, query);
    }
    Result<console::GateSimulation> operator()(const console::AskGateSimulation& query) const
    {
        return governanceAnswer(context, query);
    }
    Result<console::Experiments> operator()(const console::AskExperiments& query) const
    {
        return governanceAnswer(context, query);
    }
    Result<console::Models> operator()(const console::AskModels& query) const { return modelAnswer(context, query); }
    Result<console::ModelDetail> operator()(const console::AskModel& query) const
    {
        return modelAnswer(context, query);
    }
    Result<console::TradeModel> operator()(const console::AskTradeModel& query) const
    {
        return modelAnswer(context, query);
    }
    Result<console::JobRuns> operator()(const console::AskJobRuns& query) const
    {
        auto rows = storage::JobStore(context.database).runs(query.job, std::min(query.limit, 5'000U));
        return rows ? Result<console::JobRuns>(console::JobRuns{std::move(*rows)}) : std::unexpected(rows.error());
    }
    Result<console::JobLog> operator()(const console::AskJobLog& query) const
    {
        storage::JobStore store(context.database);
        auto run = store.run(query.run);
        auto lines =
            run ? store.log(query.run) : Result<std::vector<governance::JobLogLine>>(std::unexpected(run.error()));
        return lines ? Result<console::JobLog>(console::JobLog{std::move(*run), std::move(*lines)})
                     : std::unexpected(lines.error());
    }
    Result<console::Nights> operator()(const console::AskNights&) const { return keptNights(context.database); }
    Result<console::NightReport> operator()(const console::AskNight& query) const
    {
        return query.date.empty()
                   ? nightNow(context.database, {.now = context.clock.now(), .console = processMemory(::getpid())})
                   : keptNight(context.database, query.date);
    }
    Result<console::ModelHints> operator()(const console::AskModelHints& query) const
    {
        return modelAnswer(context, query);
    }
    Result<health::RetentionPreview> operator()(const console::AskRetention& query) const
    {
        return retentionPreview(context, query);
    }
    Result<console::ModelBytes> operator()(const console::AskModelBytes& query) const
    {
        return modelAnswer(context, query);
    }
};

} // namespace

QueryDesk::QueryDesk(Links links) : links_(std::move(links))
{
    const auto start = [this](Lane& lane, const char* name) {
        lane.thread = std::make_unique<base::WorkerThread>(
            name, [this, &lane](const std::stop_token& stop) { work(lane, stop); },
            [](const std::string& what) { base::log(base::LogLevel::Error, "query desk", what); });
    };
    start(quick_, "query desk");
    start(governance_, "governance desk");
    start(lab_, "lab");
}

QueryDesk::~QueryDesk()
{
    stop();
}

void QueryDesk::stop()
{
    {
        const std::scoped_lock lock(mutex_);
        isStopped_ = true;
        for (auto* lane : {&quick_, &governance_, &lab_}) {
            for (const auto& asked : lane->waiting) {
                asked->stop.request_stop();
            }
            if (lane->running) {
                lane->running->stop.request_stop();
            }
        }
    }
    changed_.notify_all();
    for (auto* lane : {&quick_, &governance_, &lab_}) {
        if (lane->thread) {
            lane->thread->requestStop();
            lane->thread->join();
            lane->thread.reset();
        }
    }
}

console::QueryId QueryDesk::ask(console::Query query, Reply reply)
{
    std::unique_lock lock(mutex_);
    const auto id = nextId_++;
    if (isStopped_) {
        Answer none{id, base::Error{ErrorCode::Cancelled, "console", "it is closing"}, {}};
        if (reply) {
            lock.unlock();
            reply(std::move(none));
        } else {
            events_.emplace_back(std::move(none));
        }
        return id;
    }
    auto& lane = isLong(query) ? lab_ : isOfGovernance(query) ? governance_ : quick_;
    lane.waiting.push_back(std::make_shared<Asked>(id, std::move(query), std::stop_source(), std::move(reply)));
    changed_.notify_all();
    return id;
}

void QueryDesk::cancel(console::QueryId id)
{
    const std::scoped_lock lock(mutex_);
    for (auto* lane : {&quick_, &governance_, &lab_}) {
        if (lane->running && lane->running->id == id) {
            lane->running->stop.request_stop();
        }
        for (const auto& asked : lane->waiting) {
            if (asked->id == id) {
                asked->stop.request_stop();
            }
        }
    }
}

std::vector<console::QueryEvent> QueryDesk::take()
{
    const std::scoped_lock lock(mutex_);
    return std::exchange(events_, {});
}

void QueryDesk::tell(console::QueryEvent event)
{
    const std::scoped_lock lock(mutex_);
    events_.push_back(std::move(event));
}

void QueryDesk::end(const Asked& asked, Answer answer)
{
    if (asked.reply) {
        asked.reply(std::move(answer));
    } else {
        tell(std::move(answer));
    }
}

std::shared_ptr<QueryDesk::Asked> QueryDesk::next(Lane& lane, const std::stop_token& stop)
{
    std::unique_lock lock(mutex_);
    lane.running = nullptr;
    changed_.wait(lock, stop, [&] { return !lane.waiting.empty() || isStopped_; });
    if (lane.waiting.empty()) {
        return nullptr;
    }
    lane.running = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    return lane.running;
}

void QueryDesk::work(Lane& lane, const std::stop_token& stop)
{
    if (&lane == &lab_) {
        lowerPriority();
    }
    std::optional<storage::Database> database;
    EvaluationDesk evaluations;
    EvidenceReader evidence;
    GatePassRates rates;
    const bool isReady = links_.waitUntilReady(stop);
    while (const auto asked = next(lane, stop)) {
        if (!isReady || asked->stop.stop_requested()) {
            const bool hasFailed = !isReady && !stop.stop_requested() && !asked->stop.stop_requested();
            end(*asked,
                Answer{asked->id,
                       hasFailed ? base::Error{ErrorCode::NotFound, "database", "the start failed; Health says why"}
                                 : base::Error{ErrorCode::Cancelled, "query", "it was cancelled"},
                       {}});
            continue;
        }
        if (!database) {
            auto opened = storage::Database::open(links_.database, storage::Database::Mode::ReadOnly);
            if (!opened) {
                end(*asked, Answer{asked->id, opened.error(), {}});
                continue;
            }
            database.emplace(std::move(*opened));
        }
        end(*asked, answer(*database, evaluations, evidence, rates, *asked));
        if (&lane == &lab_) {
            base::returnFreeMemory();
        }
    }
}

Answer QueryDesk::answer(storage::Database& database, EvaluationDesk& evaluations, EvidenceReader& evidence,
                         GatePassRates& rates, Asked& asked)
{
    auto told = std::chrono::steady_clock::now() - tellEvery;
    const auto policy = policyInForce(database, links_.policy);
    if (!policy) {
        return {asked.id, policy.error(), {}};
    }
    const DeskContext context{.database = database,
                              .policy = *policy,
                              .clock = links_.clock,
                              .stop = asked.stop.get_token(),
                              .progress =
                                  [&](double fraction, const std::string& phase) {
                                      const auto now = std::chrono::steady_clock::now();
                                      if (!asked.reply && now - told >= tellEvery) {
                                          told = now;
                                          tell(console::QueryProgress{asked.id, fraction, phase});
                                      }
                                  },
                              .keepNull = links_.keepNull,
                              .keepTest = links_.keepTest,
                              .evaluations = &evaluations,
                              .evidence = &evidence,
                              .gateRates = &rates,
                              .manifest = &links_.manifest,
                              .pipelineFailure = links_.pipelineFailure};
    try {
        return std::visit(
            [&](const auto& query) {
                auto made = Handler{context}(query);
                return made ? Answer{asked.id, std::nullopt, std::move(*made)} : Answer{asked.id, made.error(), {}};
            },
            asked.query);
    } catch (const std::exception& e) {
        base::log(base::LogLevel::Error, "query desk", e.what());
        return {asked.id, base::Error{ErrorCode::Internal, "query", e.what()}, {}};
    }
}

} // namespace qd::engines
