// The process that is killed: the store and paper engines as the program runs them, fed by a tape that a seed makes, so
// that whoever looks afterwards knows every item that must be there. After each commit it tells a pipe what is
// committed.
#pragma once

#include "engines/paper_engine.h"
#include "engines/store_engine.h"
#include "testkit/tape.h"

#include <cstdio>
#include <thread>
#include <unistd.h>

namespace qd::testkit {

inline constexpr std::size_t tapeItems = 250'000;
inline constexpr int tapes = 2;

/// Ticks, quotes, funding, gap marks, and some ticks that come late: behind one with a larger id.
inline std::vector<market::StreamItem> killTape(base::InstrumentId id, std::uint64_t seed)
{
    auto items = randomTape(id, seed * 31 + static_cast<std::uint64_t>(id.value), tapeItems,
                            {.quoteShare = 0.1, .gapShare = 0.0003, .lateShare = 0});
    std::mt19937_64 random(seed);
    for (std::size_t i = random() % 500; i + 60 < items.size(); i += 60 + random() % 900) {
        const auto later = i + 1 + random() % 50;
        const auto isTick = [&](std::size_t at) { return std::holds_alternative<market::Tick>(items[at].what); };
        if (isTick(i) && isTick(i + 1)) {
            items[i].what = market::LateTick{std::get<market::Tick>(items[i].what)};
            std::rotate(items.begin() + static_cast<std::ptrdiff_t>(i),
                        items.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                        items.begin() + static_cast<std::ptrdiff_t>(later) + 1);
        }
    }
    return withHourlyFunding(items, seed);
}

/// "tick 1 4711": instrument 1 is committed up to number 4711. "trade" and "signal" name instrument, strategy and
/// number.
inline std::string told(std::span<const engines::StoreItem> burst)
{
    std::string text;
    const auto add = [&text](const char* kind, const trading::DecisionStamp& decision) {
        text += std::string(kind) + " " + std::to_string(decision.instrument.value) + " " + decision.strategy + " " +
                std::to_string(decision.number.value) + "\n";
    };
    for (const auto& item : burst) {
        if (const auto* ticks = std::get_if<engines::StoreTicks>(&item)) {
            const auto& last = ticks->batch->back();
            text += "tick " + std::to_string(last.instrument.value) + " " + std::to_string(last.number.value) + "\n";
        } else if (const auto* ledger = std::get_if<engines::StoreLedger>(&item)) {
            for (const auto& event : *ledger->events) {
                if (const auto* trade = std::get_if<trading::ClosedTrade>(&event)) {
                    add("trade", trade->position.decision);
                } else if (const auto* signal = std::get_if<trading::UntradedSignal>(&event)) {
                    add("signal", signal->decision);
                }
            }
        }
    }
    return text;
}

struct Channels {
    engines::StoreQueue storeQueue{64};
    engines::PaperQueue paperQueue{64};
    engines::PaperCommands commands{64};
    engines::EventLog events;
    base::Mailbox<console::StoreSnapshot> storeScreen;
    base::Mailbox<console::PaperSnapshot> paperScreen;
    base::Mailbox<console::ChartSnapshot> chart;
    engines::Heartbeat storePulse;
    engines::Heartbeat paperPulse;
    base::SystemClock clock;
    std::atomic<std::uint64_t> acknowledged{0};
    std::atomic<bool> failing{false};
};

/// An experiment with an arm beside ema_crossover, or with two.
inline engines::CarryOut experimentBegins(std::mt19937_64& random, const base::PolicyValues& policy)
{
    const auto* info = trading::findStrategy("ema_crossover");
    const trading::ParameterSet a(info->name, info->parameters);
    auto b = a;
    (void)b.setText("stop_atr=1.1");
    const auto now = base::SystemClock().now();
    storage::StoredExperiment begun{
        .created = now, .parametersA = a.text(), .parametersB = b.text(), .policy = storage::frozenPolicy(policy)};
    begun.plan = {.id = now.value, // higher than any before
                  .subject = std::string(info->name),
                  .design = random() % 2 == 0 ? governance::Design::Paired : governance::Design::Split,
                  .a = a.hash(),
                  .b = b.hash(),
                  .begins = now};
    engines::CarryOut out;
    out.decision.time = now;
    out.decision.what = "by chance";
    out.experiment = storage::ExperimentStep{.begun = std::move(begun)};
    return out;
}

inline engines::CarryOut experimentEnds(std::int64_t id)
{
    engines::CarryOut out;
    out.decision.time = base::SystemClock().now();
    out.decision.what = "by chance";
    out.experiment =
        storage::ExperimentStep{.ended = storage::ExperimentStep::End{id, out.decision.time, "stopped", "by chance"}};
    return out;
}

/// A decision of the operator's, or of the governor's: some are refused, as they do not fit what is in force.
/// `experiment`: that runs, or 0.
inline std::variant<console::Command, engines::CarryOut> decisionByChance(std::mt19937_64& random,
                                                                          base::InstrumentId instrument,
                                                                          const base::PolicyValues& policy,
                                                                          std::int64_t& experiment)
{
    const auto stage = [](governance::Stage from, governance::Stage to) {
        engines::CarryOut out;
        out.decision.time = base::SystemClock().now();
        out.decision.changes = {{governance::ChangeKind::Stage, "reversal", std::string(governance::name(from)),
                                 std::string(governance::name(to))}};
        out.decision.what = "by chance";
        return out;
    };
    switch (random() % 7) {
    case 5:
    case 6:
        if (experiment == 0) {
            auto begins = experimentBegins(random, policy);
            experiment = begins.experiment->begun->plan.id;
            return begins;
        }
        return experimentEnds(std::exchange(experiment, 0));
    case 0:
        return console::Command(console::SetStrategyEnabled{"ema_crossover", random() % 2 == 0, "by chance"});
    case 1:
        return console::Command(
            console::SetStrategyEnabled{"ema_crossover", random() % 2 == 0, "by chance", instrument});
    case 2:
        return console::Command(console::SetPolicy{{{"fees.taker", "0.000" + std::to_string(1 + random() % 8)},
                                                    {"paper.latency_ms", std::to_string(random() % 2'000)}},
                                                   "by chance"});
    case 3:
        return stage(governance::Stage::Paper, governance::Stage::Archived);
    default:
        return stage(governance::Stage::Archived, governance::Stage::Paper);
    }
}

/// Items in small batches, a decision now and then, until both tapes are at their end.
inline void feed(Channels& c, const std::vector<market::Instrument>& known, std::map<std::int64_t, std::size_t> at,
                 std::uint64_t seed, std::int64_t experiment)
{
    std::mt19937_64 random(std::random_device{}());
    std::vector<std::vector<market::StreamItem>> all;
    for (const auto& instrument : known) {
        all.push_back(killTape(instrument.id, seed));
    }
    for (console::CommandId id = 1;; ++id) {
        const auto which = random() % all.size();
        const auto& tape = all[which];
        auto& next = at[known[which].id.value];
        const auto size = std::min<std::size_t>(1 + random() % 60, tape.size() - next);
        if (size > 0) {
            const auto from = tape.begin() + static_cast<std::ptrdiff_t>(next);
            const auto batch =
                std::make_shared<const market::StreamBatch>(from, from + static_cast<std::ptrdiff_t>(size));
            next += size;
            (void)c.storeQueue.push(engines::StoreTicks{batch, std::chrono::steady_clock::now()});
            (void)c.paperQueue.push(batch);
        } else if (std::ranges::all_of(known, [&](const auto& i) {
                       return at[i.id.value] == all[static_cast<std::size_t>(&i - known.data())].size();
                   })) {
            return;
        }
        const auto shown = c.paperScreen.get();
        if (!shown || !shown->policy || !(id == 64 || id % 512 == 0)) {
            continue;
        }
        const auto& policy = shown->policy->numbers;
        if (id == 64 && experiment == 0) { // arms run from early on, whenever the end comes
            auto begins = experimentBegins(random, policy);
            experiment = begins.experiment->begun->plan.id;
            (void)c.commands.push({id, std::move(begins)});
        } else if (id != 64) {
            (void)c.commands.push({id, decisionByChance(random, known[which].id, policy, experiment)});
        }
    }
}

inline int writeUntilKilled(const std::filesystem::path& file, int pipe, std::uint64_t seed)
{
    auto database = storage::Database::open(file, storage::Database::Mode::ReadWrite);
    if (!database) {
        std::fprintf(stderr, "%s\n", base::sentence(database.error()).c_str());
        return 3;
    }
    const auto policy = base::defaultPaperPolicy();
    auto recovered = engines::recover(*database, policy, {});
    if (!recovered) {
        std::fprintf(stderr, "%s\n", base::sentence(recovered.error()).c_str());
        return 4;
    }
    const auto& running = recovered->paper.inForce.experiments;
    const auto experiment = running.empty() ? 0 : running.front().plan.id;
    Channels c;
    const auto tell = [pipe](std::span<const engines::StoreItem> burst) {
        const auto text = told(burst);
        if (::write(pipe, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
            ::_exit(5);
        }
    };
    std::jthread store([&](const std::stop_token& stop) {
        engines::StoreEngine(
            *database, policy,
            {c.storeQueue, c.storeScreen, c.events, c.storePulse, c.clock, c.acknowledged, c.failing, tell}, 0)
            .run(stop);
    });
    engines::PaperEngine paper(std::move(recovered->paper), policy,
                               {c.paperQueue, c.commands, c.storeQueue, c.acknowledged, c.paperScreen, c.chart,
                                c.events, c.paperPulse, c.clock, c.failing},
                               0);
    std::jthread paperThread([&] { paper.run(); });
    engines::StoreInstruments ask{{instrumentOf(0, "A-USDT"), instrumentOf(0, "B-USDT")}, {}};
    auto answer = ask.answer.get_future();
    (void)c.storeQueue.push(std::move(ask));
    const auto known = answer.get().value();
    (void)c.paperQueue.push(engines::PaperInstruments{known});
    std::map<std::int64_t, std::size_t> at;
    for (const auto& stream : recovered->streams) {
        at[stream.instrument.id.value] = static_cast<std::size_t>(stream.archive.lastNumber.value);
    }
    feed(c, known, std::move(at), seed, experiment);
    c.paperQueue.close();
    paperThread.join();
    c.storeQueue.close();
    return 0;
}

} // namespace qd::testkit
