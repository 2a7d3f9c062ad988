// The one door between the engines and those who look at them (window, API). Made by engines/engine_host; tests make
// their own. All functions: any thread, none waits. Lives as long as the window.
#pragma once

#include "base/channels.h"
#include "console/commands.h"
#include "console/events.h"
#include "console/queries.h"
#include "console/snapshots.h"

#include <vector>

namespace qd::console {

struct ConsoleInfo {
    std::string feed;     // "demo", "blofin" or the address
    std::string database; // path
    std::string version;
    base::UtcMs startedAt;
    bool isSimulated = false; // its market is simulated: always on the demo feed
};

class Console {
public:
    virtual ~Console() = default;

    [[nodiscard]] virtual ConsoleInfo info() const = 0;
    [[nodiscard]] virtual const base::Mailbox<IngestSnapshot>& ingest() const = 0;
    [[nodiscard]] virtual const base::Mailbox<PaperSnapshot>& paper() const = 0;
    [[nodiscard]] virtual const base::Mailbox<ChartSnapshot>& chart() const = 0;
    [[nodiscard]] virtual const base::Mailbox<StoreSnapshot>& store() const = 0;
    [[nodiscard]] virtual const base::Mailbox<HealthSnapshot>& health() const = 0;
    [[nodiscard]] virtual const base::Mailbox<GovernanceSnapshot>& governance() const = 0;
    [[nodiscard]] virtual const base::Mailbox<LearningSnapshot>& learning() const = 0;
    [[nodiscard]] virtual const base::Mailbox<JobsSnapshot>& jobs() const = 0;

    /// The id that the answering CommandDone carries.
    virtual CommandId send(Command command) = 0;
    /// What happened since the last call, in order; at most 10,000 are kept for a caller that does not come. One
    /// caller.
    [[nodiscard]] virtual std::vector<Event> takeEvents() = 0;

    /// The id that its Answer carries.
    virtual QueryId ask(Query query) = 0;
    /// A long one ends with Cancelled; one that was answered is left alone.
    virtual void cancel(QueryId query) = 0;
    /// Answers and progress since the last call, in order. One caller.
    [[nodiscard]] virtual std::vector<QueryEvent> takeAnswers() = 0;

    /// How long the screen's own thread was kept from painting; shown on Health.
    virtual void reportFrame(double paintMs, double gapMs) = 0;
};

} // namespace qd::console
