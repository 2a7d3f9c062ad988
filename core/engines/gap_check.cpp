#include "engines/gap_check.h"

#include <utility>

namespace qd::engines {

namespace {

std::string counted(std::uint64_t count, const std::string& one, const std::string& many)
{
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

} // namespace

GapCheck::GapCheck(GapWatch& watch, JobBoard* board, std::atomic<std::int64_t>* next, const base::Clock& clock,
                   base::Millis every)
    : watch_(watch),
      board_(board),
      next_(next),
      clock_(clock),
      every_(every)
{
}

GapCheck::~GapCheck()
{
    run_.cancel("the feed was closed");
}

void GapCheck::tick(bool isSubscribed)
{
    if (board_ == nullptr) {
        return;
    }
    const auto now = clock_.now().value;
    if (askedAt_ == 0 && board_->takeWish(jobName)) {
        run_ = board_->begin(jobName, "by you");
        askedAt_ = now;
        watch_.askAllSoon();
    }
    if (askedAt_ != 0 && (watch_.isAnsweredSince(askedAt_) || now - askedAt_ >= patience.count() || now < askedAt_ ||
                          run_.token().stop_requested())) {
        end(run_, isSubscribed);
        run_ = {};
        askedAt_ = 0;
        due_ = now + every_.count();
    }
    if (due_ == 0 || due_ - now > every_.count()) { // the start, or the clock was set back
        due_ = now + every_.count();
    }
    if (now >= due_ && askedAt_ == 0) {
        due_ = now + every_.count();
        if (watch_.counts().asked > told_.asked) { // else there was nothing to check yet
            auto run = board_->begin(jobName, "by the clock");
            end(run, isSubscribed);
        }
    }
    if (next_ != nullptr) {
        *next_ = due_;
    }
}

void GapCheck::end(JobRun& run, bool isSubscribed)
{
    const auto& now = watch_.counts();
    const auto refused = now.refused - told_.refused;
    const auto fills = now.fills - told_.fills;
    const auto gaps = now.gaps - told_.gaps;
    const bool isDeaf = refused > 0 && now.answered == told_.answered;
    told_ = now;
    deaf_ += isDeaf && isSubscribed ? 1 : 0;
    if (isDeaf) {
        const auto why = "REST answered none of " + counted(refused, "question", "questions") + ": " + now.lastRefusal;
        if (!isSubscribed || deaf_ != deafLimit) { // too early to say, or told already
            run.quiet();
        }
        if (isSubscribed && deaf_ >= deafLimit) {
            run.fail(why);
        } else {
            run.cancel(why + " It is asked again every minute.");
        }
        return;
    }
    if (watch_.activeStreams() == 0) {
        run.quiet();
        run.succeed("nothing to check yet: the feed has no instrument");
        return;
    }
    const bool isNews = std::exchange(deaf_, 0) >= deafLimit || fills > 0 || gaps > 0;
    if (!isNews) {
        run.quiet();
    }
    const auto seen = counted(watch_.activeStreams(), "instrument", "instruments");
    const auto found = (fills > 0 ? counted(fills, "trade came back", "trades came back") : std::string()) +
                       (fills > 0 && gaps > 0 ? ", " : "") +
                       (gaps > 0 ? counted(gaps, "gap found or measured", "gaps found or measured") : std::string());
    run.succeed((found.empty() ? "nothing missing" : found) + "; " + seen);
}

} // namespace qd::engines
