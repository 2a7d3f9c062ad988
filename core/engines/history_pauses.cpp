#include "engines/history_pauses.h"

#include "trading/trading_pipeline.h"

#include <algorithm>

namespace qd::engines {

using base::Result;

namespace {

constexpr base::Millis window{3'600'000}; // how often it is asked whether trading is ahead
constexpr double spreadOver = 0.98;       // of the time: what is entered last has time to close

/// Trades one instrument's stream and pauses it whenever as many trades were entered as are due by then.
class PausePlan {
public:
    PausePlan(const market::Instrument& instrument, const storage::SimulatedHistory& history,
              const base::PaperPolicy& policy, std::uint64_t quota)
        : instrument_(instrument.id),
          from_(history.ticksFrom),
          spread_(spreadOver * static_cast<double>((history.until - history.ticksFrom).count())),
          quota_(quota),
          pipeline_(policy)
    {
        pipeline_.addInstrument(instrument);
    }

    void feed(const market::StreamItem& item)
    {
        if (const auto* tick = std::get_if<market::Tick>(&item.what); tick != nullptr && tick->time >= windowEnd_) {
            windowEnd_ = base::bucketStart(tick->time, window) + window;
            const auto share = static_cast<double>((windowEnd_ - from_).count()) / spread_;
            due_ = static_cast<std::uint64_t>(static_cast<double>(quota_) * std::min(1.0, share));
        }
        pipeline_.feed(item, events_);
        for (const auto& event : events_) {
            if (const auto* opened = std::get_if<trading::OpenPosition>(&event)) {
                // Told again whenever a part leaves or funding is charged.
                entered_ += opened->closedSize.value == 0 && opened->entry.number == item.number ? 1 : 0;
            } else if (std::holds_alternative<trading::ClosedTrade>(event)) {
                ++closed;
            }
        }
        events_.clear();
        if ((entered_ >= due_) != isPaused_) {
            pause(!isPaused_, item.number);
        }
    }

    void finish()
    {
        if (isPaused_) {
            pause(false, pipeline_.fed(instrument_));
        }
    }

    std::uint64_t closed = 0;
    std::vector<storage::SwitchInput> inputs;

private:
    void pause(bool isPaused, base::StreamNumber number)
    {
        isPaused_ = isPaused;
        pipeline_.setPaused(isPaused);
        inputs.push_back({.instrument = instrument_,
                          .number = number,
                          .strategy = {},
                          .enabled = !isPaused,
                          .kind = trading::InputKind::Trading});
    }

    base::InstrumentId instrument_;
    base::UtcMs from_;
    double spread_;
    std::uint64_t quota_;
    trading::TradingPipeline pipeline_;
    trading::LedgerEvents events_;
    base::UtcMs windowEnd_{INT64_MIN};
    std::uint64_t due_ = 0;
    std::uint64_t entered_ = 0;
    bool isPaused_ = false;
};

} // namespace

Result<std::vector<storage::SwitchInput>> planPauses(storage::Database& database,
                                                     const std::vector<market::Instrument>& instruments,
                                                     const storage::SimulatedHistory& history,
                                                     const base::PaperPolicy& policy, const std::stop_token& stop,
                                                     const std::function<void(double)>& progress)
{
    std::vector<storage::SwitchInput> inputs;
    auto wanted = history.trades; // what is still to come
    for (std::size_t i = 0; i < instruments.size(); ++i) {
        // What one instrument closed too many or too few is made up for by those that follow.
        PausePlan plan(instruments[i], history, policy, wanted / (instruments.size() - i));
        storage::TickArchive archive(database);
        const auto read = archive.readStream(instruments[i].id, {0}, [&](std::span<const market::StreamItem> items) {
            std::ranges::for_each(items, [&](const auto& item) { plan.feed(item); });
            return !stop.stop_requested();
        });
        if (!read) {
            return std::unexpected(read.error());
        }
        if (stop.stop_requested()) {
            return base::fail(base::ErrorCode::Cancelled, "simulated history", "the next start goes on");
        }
        plan.finish();
        wanted -= std::min(wanted, plan.closed);
        std::ranges::move(plan.inputs, std::back_inserter(inputs));
        progress(static_cast<double>(i + 1) / static_cast<double>(instruments.size()));
    }
    return inputs;
}

} // namespace qd::engines
