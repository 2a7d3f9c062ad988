// Numbers the board's runs and makes what is kept of them, for the scheduler and the command line. One thread.
#pragma once

#include "engines/job_board.h"
#include "storage/job_store.h"

#include <map>

namespace qd::engines {

class JobKeeper {
public:
    /// `newest`: the greatest number that was given so far.
    explicit JobKeeper(std::int64_t newest) : newest_(newest) {}

    /// What changed on the board, numbered, is added to `record`.
    void collect(JobBoard& board, storage::JobRecord& record, JobBoard::Awake old = JobBoard::Awake{2'000});
    /// Of a run that was collected; 0 before.
    [[nodiscard]] std::int64_t numberOf(std::uint64_t key) const;
    /// It ended, and is of no note: the next of its job gets its number.
    [[nodiscard]] bool isQuiet(const governance::JobRunRow& run) const;

private:
    std::int64_t newest_;
    std::map<std::uint64_t, std::int64_t> numbers_; // by key, of runs that are under way
    std::map<std::string, std::int64_t> quiet_;     // by job, of its newest run where that is of no note
};

} // namespace qd::engines
