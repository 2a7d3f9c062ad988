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

private:
    std::int64_t newest_;
    std::map<std::uint64_t, std::int64_t> numbers_; // by key, of runs that are under way
};

} // namespace qd::engines
