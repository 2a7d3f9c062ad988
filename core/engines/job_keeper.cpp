#include "engines/job_keeper.h"

namespace qd::engines {

void JobKeeper::collect(JobBoard& board, storage::JobRecord& record, JobBoard::Awake old)
{
    for (auto& seen : board.takeChanges(old)) {
        auto& number = numbers_[seen.key];
        if (number == 0) {
            number = ++newest_;
        }
        seen.row.id = number;
        for (auto& line : seen.lines) {
            line.run = number;
            record.lines.push_back(std::move(line));
        }
        if (governance::isOver(seen.row.state)) {
            numbers_.erase(seen.key);
        }
        record.runs.push_back(std::move(seen.row));
    }
}

std::int64_t JobKeeper::numberOf(std::uint64_t key) const
{
    const auto found = numbers_.find(key);
    return found == numbers_.end() ? 0 : found->second;
}

} // namespace qd::engines
