// The gap check as a job: once a minute a run tells what GapWatch asked and what came of it since the one before; asked
// for, it has every instrument asked at once and ends with the last answer. Runs that found nothing are of no note, so
// that a day of them is one row. Ingest thread; owned by IngestEngine. Fails: the third run in a row that REST answers
// nothing while the feed is on; while that is down its own alarm tells.
#pragma once

#include "engines/gap_watch.h"
#include "engines/job_board.h"

#include <atomic>

namespace qd::engines {

class GapCheck {
public:
    static constexpr const char* jobName = "gap-check";
    static constexpr base::Millis patience{30'000}; // for answers to a run that was asked for
    static constexpr int deafLimit = 3;             // runs in a row that REST does not answer: then it is a failure

    /// `board` null: nobody listens. `next`: when the next is due, UTC ms; null: nobody wants to know.
    GapCheck(GapWatch& watch, JobBoard* board, std::atomic<std::int64_t>* next, const base::Clock& clock,
             base::Millis every);
    ~GapCheck();
    GapCheck(const GapCheck&) = delete;
    GapCheck& operator=(const GapCheck&) = delete;

    /// A few times a second.
    void tick(bool isSubscribed);

private:
    /// `isWished`: the operator asked for it, so it is kept whatever it found.
    void end(JobRun& run, bool isSubscribed, bool isWished);

    GapWatch& watch_;
    JobBoard* board_;
    std::atomic<std::int64_t>* next_;
    const base::Clock& clock_;
    const base::Millis every_;
    GapWatch::Counts told_; // as of the newest run
    std::int64_t due_ = 0;
    std::int64_t askedAt_ = 0; // of the run that was asked for; 0: none
    JobRun run_;               // likewise
    int deaf_ = 0;             // runs in a row without an answer
};

} // namespace qd::engines
