#include "engines/job_keeper.h"

namespace qd::engines {

void JobKeeper::collect(JobBoard& board, storage::JobRecord& record, JobBoard::Awake old)
{
    for (auto& seen : board.takeChanges(old)) {
        auto& number = numbers_[seen.key];
        if (number == 0) { // one of no note gives its number, and so its place in what is kept, to the next
            const auto former = quiet_.extract(seen.row.job);
            number = former.empty() ? ++newest_ : former.mapped();
        }
        seen.row.id = number;
        for (auto& line : seen.lines) {
            line.run = number;
            record.lines.push_back(std::move(line));
        }
        if (governance::isOver(seen.row.state)) {
            if (seen.isQuiet) {
                quiet_[seen.row.job] = number;
            }
            numbers_.erase(seen.key);
        }
        record.runs.push_back(std::move(seen.row));
    }
}

bool JobKeeper::isQuiet(const governance::JobRunRow& run) const
{
    const auto found = quiet_.find(run.job);
    return found != quiet_.end() && found->second == run.id;
}

std::int64_t JobKeeper::numberOf(std::uint64_t key) const
{
    const auto found = numbers_.find(key);
    return found == numbers_.end() ? 0 : found->second;
}

} // namespace qd::engines
