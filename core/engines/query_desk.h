// Answers the screen's questions about what is stored, on threads and read-only connections of its own, so that no
// engine waits for them: one thread for pages, one for what governance looks at (reviews, gates, the journal), one for
// long runs, which go one at a time, at low priority, and can be cancelled. Made and destroyed by EngineHost; ask(),
// cancel() and take(): any thread. A question that fails is answered with its error; nothing leaves the threads as an
// exception.
#pragma once

#include "base/policy.h"
#include "base/utc_time.h"
#include "base/worker_thread.h"
#include "console/queries.h"
#include "engines/manifest_source.h"
#include "storage/review_store.h"
#include "trading/null_result.h"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

namespace qd::storage {
class Database;
}

namespace qd::engines {

class EvaluationDesk; // engines/evaluation_queries.h
class EvidenceReader; // engines/evidence_reader.h
class GatePassRates;  // engines/experiment_queries.h

/// Hands the figures of a noise null to the store thread and waits until they are committed.
using KeepNull =
    std::function<base::Result<void>(std::vector<trading::NullResult> results, const std::stop_token& stop)>;

/// The same of what a test of a strategy found.
using KeepTest = std::function<base::Result<void>(storage::SignOffRow row, const std::stop_token& stop)>;

/// What a handler of a query works with, on the desk's thread.
struct DeskContext {
    storage::Database& database;     // read only
    const base::PaperPolicy& policy; // in force
    const base::Clock& clock;
    std::stop_token stop;                                                    // cancelled, or the console closes
    std::function<void(double fraction, const std::string& phase)> progress; // at most ten a second reach the screen
    KeepNull keepNull{};
    KeepTest keepTest{};
    /// Of this thread, for AskEvaluations alone: what it read before it need not read again.
    EvaluationDesk* evaluations = nullptr;
    EvidenceReader* evidence = nullptr; // likewise, for what governance looks at
    GatePassRates* gateRates = nullptr; // likewise, for AskExperiments
    /// What signs a manifest, and what is wrong with the pipeline itself, in words; empty if nothing.
    const ManifestSource* manifest = nullptr;
    std::function<std::string()> pipelineFailure{};
};

class QueryDesk {
public:
    /// `isReady` answers once the database may be read (recovery has ended); asked from the desk's threads.
    struct Links {
        std::filesystem::path database;
        const base::PaperPolicy& policy; // before anything of it was decided
        const base::Clock& clock;
        std::function<bool(const std::stop_token& stop)> waitUntilReady; // false: never
        KeepNull keepNull{};
        KeepTest keepTest{};
        ManifestSource manifest{};
        std::function<std::string()> pipelineFailure{};
    };
    explicit QueryDesk(Links links);
    ~QueryDesk();

    /// The answer of this one goes to whoever waits for it, on a thread of the desk, and not to take().
    using Reply = std::function<void(console::Answer answer)>;

    console::QueryId ask(console::Query query, Reply reply = {});
    void cancel(console::QueryId id);
    [[nodiscard]] std::vector<console::QueryEvent> take();
    /// What waits is answered with Cancelled; what runs is stopped.
    void stop();

private:
    struct Asked {
        console::QueryId id = 0;
        console::Query query;
        std::stop_source stop;
        Reply reply{};
    };
    struct Lane {
        std::deque<std::shared_ptr<Asked>> waiting;
        std::shared_ptr<Asked> running;
        std::unique_ptr<base::WorkerThread> thread;
    };

    void work(Lane& lane, const std::stop_token& stop);
    [[nodiscard]] std::shared_ptr<Asked> next(Lane& lane, const std::stop_token& stop);
    [[nodiscard]] console::Answer answer(storage::Database& database, EvaluationDesk& evaluations,
                                         EvidenceReader& evidence, GatePassRates& rates, Asked& asked);
    void tell(console::QueryEvent event);
    void end(const Asked& asked, console::Answer answer);

    Links links_;
    std::mutex mutex_; // of all below
    std::condition_variable_any changed_;
    Lane quick_;
    Lane governance_;
    Lane lab_;
    std::vector<console::QueryEvent> events_;
    console::QueryId nextId_ = 1;
    bool isStopped_ = false;
};

} // namespace qd::engines
