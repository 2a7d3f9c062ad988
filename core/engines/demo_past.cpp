#include "engines/demo_past.h"

#include "exchange/default_instruments.h"
#include "storage/instrument_store.h"

#include <algorithm>

namespace qd::engines {

using base::Result;
using namespace std::chrono_literals;

namespace {

/// The database's own, or what is wished where it is empty.
Result<std::optional<storage::SimulatedHistory>> historyFor(storage::Database& database, const DemoPast& past,
                                                            base::UtcMs now)
{
    auto there = storage::SimulatedStore(database).get();
    const auto known = storage::InstrumentStore(database).all();
    if (!there || !known) {
        return std::unexpected(!there ? there.error() : known.error());
    }
    const bool isWished = past.isDemo && (past.wish.candlesOnly + past.wish.withTicks).count() > 0;
    if (*there || !known->empty() || !isWished) {
        return there;
    }
    std::vector<std::string> names; // of those that the demo market has
    for (const auto& instrument : exchange::defaultInstruments()) {
        if (past.instruments.empty() ||
            std::ranges::find(past.instruments, instrument.name) != past.instruments.end()) {
            names.push_back(instrument.name);
        }
    }
    return names.empty() ? there : historyOf(past.wish, past.seed, std::move(names), base::bucketStart(now, 1s));
}

void show(const storage::Database& database, double fraction, std::string words, const DemoPastLinks& links)
{
    links.pulse.beat(links.clock.now());
    links.store.put(console::StoreSnapshot{.state = console::EngineState::Starting,
                                           .path = database.path().string(),
                                           .bytes = database.fileBytes() + database.walBytes(),
                                           .walBytes = database.walBytes(),
                                           .making = fraction});
    links.ingest.put(console::IngestSnapshot{
        .state = console::EngineState::Starting, .feed = console::FeedState::CatchingUp, .detail = std::move(words)});
}

/// Rounded up, as coarsely as the estimate is.
std::string leftText(base::Millis left)
{
    constexpr std::int64_t minute = 60'000;
    if (left.count() < minute) {
        return "under a minute left";
    }
    return "about " + std::to_string((left.count() + minute - 1) / minute) + " min left";
}

} // namespace

std::string makingText(base::Millis past, double fraction, base::Millis spent)
{
    constexpr double least = 0.05; // of the whole, before its pace says anything
    constexpr base::Millis leastSpent{3'000};
    const auto days = (past + base::oneDay / 2) / base::oneDay;
    auto out = "the " + std::to_string(days) +
               " days behind the simulated market are being made: " + std::to_string(static_cast<int>(fraction * 100)) +
               "%";
    if (fraction >= least && fraction < 1 && spent >= leastSpent) {
        const auto all = static_cast<double>(spent.count()) / fraction;
        out += ", " + leftText(base::Millis{static_cast<std::int64_t>(all) - spent.count()});
    }
    return out;
}

Result<std::optional<base::UtcMs>> makeDemoPast(storage::Database& database, const DemoPast& past,
                                                const base::PaperPolicy& policy, const DemoPastLinks& links,
                                                const std::stop_token& stop)
{
    const auto tell = [&](std::string text) {
        links.events.push(console::Notice{links.clock.now(), console::Severity::Info, std::move(text)});
    };
    const auto history = historyFor(database, past, links.clock.now());
    if (!history) {
        return std::unexpected(history.error());
    }
    if (!*history) {
        return std::nullopt;
    }
    if (!(*history)->isComplete) {
        tell("The past of the simulated market is being made; it is kept, so this is once.");
        const auto begun = std::chrono::steady_clock::now();
        const auto progress = [&](double fraction) {
            const auto spent = std::chrono::duration_cast<base::Millis>(std::chrono::steady_clock::now() - begun);
            show(database, fraction, makingText((*history)->until - (*history)->candlesFrom, fraction, spent), links);
        };
        progress(0);
        if (auto made = makeHistory(database, **history, policy, progress, stop); !made) {
            return std::unexpected(made.error());
        }
        const auto spent = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begun);
        tell("The past of the simulated market was made in " + std::to_string(spent.count()) + " s.");
    }
    return (*history)->until;
}

} // namespace qd::engines
