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
    if (askedAt_ != 0) {
        run_.beat();
    }
    if (askedAt_ == 0 && board_->takeWish(jobName)) {
        run_ = board_->begin(jobName, "by you");
        askedAt_ = now;
        watch_.askAllSoon();
    }
    if (askedAt_ != 0 && (watch_.isAnsweredSince(askedAt_) || now - askedAt_ >= patience.count() || now < askedAt_ ||
                          run_.token().stop_requested())) {
        end(run_, isSubscribed, true);
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
            end(run, isSubscribed, false);
        }
    }
    if (next_ != nullptr) {
        *next_ = due_;
    }
}

void GapCheck::end(JobRun& run, bool isSubscribed, bool isWished)
{
    const auto& now = watch_.counts();
    const auto answered = now.answered - told_.answered;
    const auto refused = now.refused - told_.refused;
    const auto fills = now.fills - told_.fills;
    const auto gaps = now.gaps - told_.gaps;
    told_ = now;
    const auto hush = [&] {
        if (!isWished) {
            run.quiet();
        }
    };
    if (answered == 0 && refused > 0) {
        deaf_ += isSubscribed ? 1 : 0;
        const auto why = "REST answered none of " + counted(refused, "question", "questions") + ": " + now.lastRefusal;
        if (!isSubscribed || deaf_ != deafLimit) { // too early to say, or told already
            hush();
        }
        if (isSubscribed && deaf_ >= deafLimit) {
            run.fail(why);
        } else {
            run.cancel(why + " It is asked again every minute.");
        }
        return;
    }
    if (answered == 0) { // nothing is known, so nothing is said of what is missing
        hush();
        run.cancel(watch_.askableStreams() == 0 ? "nothing to check yet: no instrument has traded since the start"
                                                : "REST has not answered yet; it is asked again every minute");
        return;
    }
    const bool isNews = std::exchange(deaf_, 0) >= deafLimit || fills > 0 || gaps > 0;
    if (!isNews) {
        hush();
    }
    const auto found = (fills > 0 ? counted(fills, "trade came back", "trades came back") : std::string()) +
                       (fills > 0 && gaps > 0 ? ", " : "") +
                       (gaps > 0 ? counted(gaps, "gap found or measured", "gaps found or measured") : std::string());
    run.succeed((found.empty() ? "nothing missing" : found) + "; " +
                counted(watch_.askableStreams(), "instrument", "instruments") +
                (refused > 0 ? "; " + counted(refused, "question", "questions") + " not answered: " + now.lastRefusal
                             : std::string()));
}

} // namespace qd::engines
