#include "engines/sensitivity_run.h"

#include "engines/archive_feed.h"
#include "engines/model_library.h"
#include "engines/stream_time.h"
#include "storage/instrument_store.h"
#include "storage/ledger_store.h"
#include "storage/tick_archive.h"
#include "trading/strategy_catalogue.h"
#include "trading/trade_book.h"
#include "trading/trade_costs.h"
#include "trading/trading_pipeline.h"

#include <algorithm>
#include <map>
#include <set>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using base::UtcMs;

namespace {

/// What a strategy may have to hear before it speaks: ten of its longest lengths on its largest timeframe.
base::Millis warmUpOf(const trading::StrategyInfo& info, const trading::ParameterSet& parameters)
{
    constexpr std::int64_t lengths = 10;
    double longest = 1;
    for (const auto& parameter : info.parameters) {
        if (parameter.unit == "candles") {
            longest = std::max(longest, parameters[parameter.name]);
        }
    }
    base::Millis largest{0};
    for (const auto timeframe : info.timeframes) {
        largest = std::max(largest, base::Millis(market::length(timeframe)));
    }
    return largest * (static_cast<std::int64_t>(longest) + 1) * lengths;
}

/// Net of a trade where fees and slippage cost `factor` times as much.
double netAt(const trading::ClosedTrade& trade, const market::Instrument& instrument, double factor)
{
    const auto net = base::toUsdt(trade.net);
    if (factor == 1) {
        return net;
    }
    const auto costs = trading::costsOf(trade, instrument);
    const auto slippage = costs ? std::max(base::toUsdt(costs->slippage), 0.0) : 0.0;
    return net - (factor - 1) * (base::toUsdt(trade.fees) + slippage);
}

struct Taken {
    UtcMs entered;
    UtcMs left;
    double net = 0;
};

/// What a replay gave.
struct Replayed {
    std::vector<std::vector<Taken>> runs; // trades of each; the unchanged one first
    std::set<std::int64_t> days;          // with ticks
};

/// All parameter sets on one instrument; run 0 is the unchanged one.
class Runs {
public:
    Runs(const SensitivityTask& task, std::shared_ptr<const trading::ModelLibrary> library)
        : task_(task),
          library_(std::move(library))
    {
        replayed_.runs.resize(task.changes.size() + 1);
    }

    /// `models`: which served when, as recorded. Today's would answer for days that it was trained on.
    [[nodiscard]] Result<void> on(storage::TickArchive& archive, const market::Instrument& instrument,
                                  const std::vector<storage::SwitchInput>& models, UtcMs from,
                                  const std::stop_token& stop, const std::function<void(std::uint64_t)>& told)
    {
        std::vector<trading::TradingPipeline> pipelines;
        for (std::size_t run = 0; run < replayed_.runs.size(); ++run) {
            auto& pipeline = pipelines.emplace_back(task_.policy, std::vector{task_.strategy}, library_);
            pipeline.addInstrument(instrument);
            const auto& set = run == 0 ? task_.parameters : task_.changes[run - 1].parameters;
            if (auto done = pipeline.setParameters(task_.strategy, set.text()); !done) {
                return done;
            }
        }
        const auto after = numberBefore(archive, instrument.id, from);
        if (!after) {
            return std::unexpected(after.error());
        }
        trading::LedgerEvents events;
        std::size_t served = 0; // of `models`, before these items
        Result<void> applied;
        const auto read = archive.readStream(instrument.id, *after, [&](std::span<const market::StreamItem> items) {
            if (timeOf(items.front()) > task_.to) {
                return false;
            }
            const auto before = served;
            for (std::size_t run = 0; run < pipelines.size() && applied; ++run) {
                served = before;
                for (const auto& item : items) {
                    for (; served < models.size() && models[served].number < item.number && applied; ++served) {
                        applied = pipelines[run].apply(instrument.id, models[served].recorded());
                    }
                    pipelines[run].feed(item, events);
                }
                take(run, instrument, events);
            }
            told(hear(items));
            return applied.has_value() && !stop.stop_requested();
        });
        return read ? applied : std::unexpected(read.error());
    }

    [[nodiscard]] Replayed end() && { return std::move(replayed_); }

private:
    /// How many of them are ticks.
    [[nodiscard]] std::uint64_t hear(std::span<const market::StreamItem> items)
    {
        std::uint64_t ticks = 0;
        std::int64_t newest = -1;
        for (const auto& item : items) {
            if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                ++ticks;
                if (const auto day = trading::dayOf(tick->time); day != newest) {
                    replayed_.days.insert(day);
                    newest = day;
                }
            }
        }
        return ticks;
    }
    void take(std::size_t run, const market::Instrument& instrument, trading::LedgerEvents& events)
    {
        const double factor = run == 0 ? 1 : task_.changes[run - 1].costFactor;
        for (const auto& event : events) {
            const auto* trade = std::get_if<trading::ClosedTrade>(&event);
            if (trade != nullptr && trade->position.entry.time >= task_.from && trade->exit.time <= task_.to) {
                replayed_.runs[run].push_back(
                    {trade->position.entry.time, trade->exit.time, netAt(*trade, instrument, factor)});
            }
        }
        events.clear();
    }

    const SensitivityTask& task_;
    std::shared_ptr<const trading::ModelLibrary> library_;
    Replayed replayed_;
};

governance::PerturbedRun perturbedRun(const std::vector<Taken>& trades)
{
    std::vector<double> nets;
    nets.reserve(trades.size());
    for (const auto& trade : trades) {
        nets.push_back(trade.net);
    }
    return governance::perturbedRun(nets);
}

Result<Replayed> replayTask(storage::Database& database, const SensitivityTask& task, const std::stop_token& stop,
                            const std::function<void(double fraction, const std::string& instrument)>& progress)
{
    const auto* info = trading::findStrategy(task.strategy);
    if (info == nullptr) {
        return base::fail(ErrorCode::NotFound, task.strategy, "no strategy of that name in the catalogue");
    }
    const auto all = storage::InstrumentStore(database).all();
    if (!all) {
        return std::unexpected(all.error());
    }
    storage::TickArchive archive(database);
    const auto from = task.from - warmUpOf(*info, task.parameters);
    std::vector<const market::Instrument*> chosen;
    std::uint64_t total = 0;
    for (const auto& instrument : *all) {
        const auto summary = archive.summary(instrument.id);
        if (!summary) {
            return std::unexpected(summary.error());
        }
        if (summary->ticks > 0 && summary->lastTime >= task.from && summary->firstTime <= task.to &&
            trading::runsOn(*info, instrument.name) &&
            (task.only.empty() || std::ranges::find(task.only, instrument.id) != task.only.end())) {
            chosen.push_back(&instrument);
            total += summary->ticks; // of the whole archive: near enough for a bar
        }
    }
    if (chosen.empty()) {
        return base::fail(ErrorCode::NotFound, task.strategy, "the archive holds no ticks of the days to replay");
    }
    Runs runs(task, info->model.empty() ? nullptr : libraryOf(database.path()));
    std::uint64_t done = 0;
    for (const auto* instrument : chosen) {
        auto models = storage::LedgerStore(database).switchInputs(instrument->id);
        if (!models) {
            return std::unexpected(models.error());
        }
        std::erase_if(*models, [](const auto& input) { return input.kind != trading::InputKind::Model; });
        const auto ran = runs.on(archive, *instrument, *models, from, stop, [&](std::uint64_t ticks) {
            done += ticks;
            progress(std::min(static_cast<double>(done) / static_cast<double>(total), 1.0), instrument->name);
        });
        if (stop.stop_requested()) {
            return base::fail(ErrorCode::Cancelled, "sensitivity", "");
        }
        if (!ran) {
            return std::unexpected(ran.error());
        }
    }
    return std::move(runs).end();
}

} // namespace

Result<governance::SensitivityNight>
runSensitivity(storage::Database& database, const SensitivityTask& task, const std::stop_token& stop,
               const std::function<void(double fraction, const std::string& instrument)>& progress)
{
    const auto replayed = replayTask(database, task, stop, progress);
    if (!replayed) {
        return std::unexpected(replayed.error());
    }
    governance::SensitivityNight night{.at = task.to, .unchanged = perturbedRun(replayed->runs.front()), .runs = {}};
    for (const auto& trades : std::span(replayed->runs).subspan(1)) {
        night.runs.push_back(perturbedRun(trades));
    }
    return night;
}

Result<std::vector<storage::UnseenDay>>
runUnseenDays(storage::Database& database, const SensitivityTask& task, std::span<const std::int64_t> days,
              double capital, const std::stop_token& stop,
              const std::function<void(double fraction, const std::string& instrument)>& progress)
{
    const auto replayed = replayTask(database, task, stop, progress);
    if (!replayed) {
        return std::unexpected(replayed.error());
    }
    std::map<std::int64_t, double> nets;
    for (const auto day : days) {
        if (replayed->days.contains(day)) {
            nets[day] = 0;
        }
    }
    for (const auto& trade : replayed->runs.front()) {
        const auto of = nets.find(trading::dayOf(trade.left));
        if (of != nets.end() && nets.contains(trading::dayOf(trade.entered))) {
            of->second += trade.net;
        }
    }
    std::vector<storage::UnseenDay> out;
    for (const auto& [day, net] : nets) {
        out.push_back({day, net / capital});
    }
    return out;
}

} // namespace qd::engines
