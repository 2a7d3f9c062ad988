// Store and paper engine on threads of their own over a real database, fed by hand with tapes of two instruments; the
// test is ingest, governor and operator. Made and used by one thread.
#pragma once

#include "engines/model_library.h"
#include "engines/paper_engine.h"
#include "engines/store_engine.h"
#include "testkit/tape.h"
#include "unit/storage/storage_testkit.h"

#include <future>
#include <thread>

namespace qd::testkit {

class PaperRig {
public:
    explicit PaperRig(std::size_t items = 40'000, int instruments = 2)
    {
        for (int i = 0; i < instruments; ++i) {
            (void)store.add(i == 0 ? "A-USDT" : "B-USDT");
        }
        known = good(InstrumentStore(*store).all());
        for (const auto& instrument : known) {
            tapes.push_back(randomTape(instrument.id, 40 + static_cast<std::uint64_t>(instrument.id.value), items,
                                       {.gapShare = 0, .lateShare = 0}));
        }
        next.resize(tapes.size());
        start();
    }
    ~PaperRig() { stop(); }

    void start()
    {
        channels = std::make_unique<Channels>();
        auto recovered = good(engines::recover(*store, policy, {}, library));
        notices = recovered.notices;
        auto& c = *channels;
        engine = std::make_unique<engines::PaperEngine>(
            std::move(recovered.paper), policy,
            engines::PaperEngine::Links{
                .queue = c.paperQueue,
                .commands = c.commands,
                .store = c.storeQueue,
                .acknowledged = c.acknowledged,
                .screen = c.paperScreen,
                .chart = c.chart,
                .events = c.events,
                .pulse = c.paperPulse,
                .clock = c.clock,
                .storeIsFailing = c.failing,
                .watch = {},
                .decided = [&c](const market::StreamBatch& batch) { c.decided += batch.size(); },
                .shelf = &shelf,
                .silenceMs = &c.silenceMs,
                .clockOffMs = &c.clockOffMs},
            0);
        storeThread = std::jthread([&c, this] {
            engines::StoreEngine(
                *store, policy,
                {.queue = c.storeQueue,
                 .screen = c.storeScreen,
                 .events = c.events,
                 .pulse = c.storePulse,
                 .clock = c.clock,
                 .acknowledged = c.acknowledged,
                 .storeIsFailing = c.failing,
                 .applied = [this](Database&, std::int64_t proposal, std::int64_t journal) -> base::Result<void> {
                     applied = {proposal, journal};
                     return {};
                 }},
                0)
                .run({});
        });
        paperThread = std::jthread([this] { engine->run(); });
    }
    void stop()
    {
        if (!channels) {
            return;
        }
        channels->paperQueue.close();
        paperThread.join();
        channels->storeQueue.close();
        storeThread.join();
        engine.reset();
        channels.reset();
    }
    /// As if it was killed before it ever saved: only ticks and inputs are left, the rest is made anew.
    void loseTheLedger()
    {
        good(store->run("DELETE FROM pipeline_states; DELETE FROM trades; DELETE FROM positions; DELETE FROM signals"));
    }
    /// The next items of each tape, in batches.
    void feed(std::size_t count, std::size_t batchSize = 50)
    {
        for (std::size_t done = 0; done < count; done += batchSize) {
            for (std::size_t i = 0; i < tapes.size(); ++i) {
                const auto size = std::min({batchSize, count - done, tapes[i].size() - next[i]});
                const auto from = tapes[i].begin() + static_cast<std::ptrdiff_t>(next[i]);
                const auto batch =
                    std::make_shared<const market::StreamBatch>(from, from + static_cast<std::ptrdiff_t>(size));
                next[i] += size;
                if (size > 0) {
                    channels->fed += size;
                    (void)channels->storeQueue.push(engines::StoreTicks{batch, std::chrono::steady_clock::now()});
                    (void)channels->paperQueue.push(batch);
                }
            }
        }
    }
    /// All that was fed is decided on.
    void settle() { QTRY_VERIFY_WITH_TIMEOUT(channels->decided == channels->fed, 60'000); }
    /// Sends it and waits for its end.
    [[nodiscard]] std::optional<base::Error> done(std::variant<console::Command, engines::CarryOut> command)
    {
        const auto id = ++lastId;
        (void)channels->commands.push({id, std::move(command)});
        return awaited(id);
    }
    template <typename Wish>
        requires(!std::same_as<Wish, engines::CarryOut>)
    [[nodiscard]] std::optional<base::Error> done(Wish wish)
    {
        return done(std::variant<console::Command, engines::CarryOut>(console::Command(std::move(wish))));
    }
    [[nodiscard]] std::optional<base::Error> awaited(console::CommandId id)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (std::chrono::steady_clock::now() < end) {
            for (auto& event : channels->events.take()) {
                if (const auto* answer = std::get_if<console::CommandDone>(&event)) {
                    answers[answer->id] = answer->error;
                    decisions[answer->id] = answer->decisions;
                }
            }
            if (const auto found = answers.find(id); found != answers.end()) {
                return found->second;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return base::Error{base::ErrorCode::Timeout, "command", "no answer within a minute"};
    }
    [[nodiscard]] std::shared_ptr<const console::PaperSnapshot> shown() const { return channels->paperScreen.get(); }
    [[nodiscard]] console::StrategyRow row(const std::string& strategy) const
    {
        const auto now = shown();
        return now ? *std::ranges::find(now->strategies, strategy, &console::StrategyRow::name)
                   : console::StrategyRow{};
    }
    /// A decision of the governor's, as what is shown has it.
    [[nodiscard]] static engines::CarryOut decision(std::vector<governance::Change> changes)
    {
        engines::CarryOut out;
        out.decision.time = base::SystemClock().now();
        out.decision.what = governance::text(changes);
        out.decision.changes = std::move(changes);
        out.decision.why = "test";
        return out;
    }
    [[nodiscard]] static engines::CarryOut stage(const std::string& strategy, const char* from, const char* to)
    {
        return decision({{governance::ChangeKind::Stage, strategy, from, to}});
    }

    /// The strategy that enters most often on tape `which` with numbers in (from, to].
    [[nodiscard]] std::string busiest(std::size_t which, std::int64_t from, std::int64_t to) const
    {
        trading::TradingPipeline pipeline(policy);
        pipeline.addInstrument(known[which]);
        trading::LedgerEvents events;
        for (const auto& item : tapes[which]) {
            pipeline.feed(item, events);
        }
        std::map<std::string, int> entries;
        for (const auto& event : events) {
            if (const auto* trade = std::get_if<trading::ClosedTrade>(&event)) {
                const auto number = trade->position.entry.number.value;
                entries[trade->position.decision.strategy] += number > from && number <= to ? 1 : 0;
            }
        }
        return std::ranges::max_element(entries, {}, &std::pair<const std::string, int>::second)->first;
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
        std::atomic<std::size_t> decided{0}; // items
        std::atomic<std::int64_t> silenceMs{0};
        std::atomic<std::int64_t> clockOffMs{0};
        std::size_t fed = 0;
    };

    const base::PaperPolicy policy = base::defaultPaperPolicy();
    Store store;
    engines::ModelShelf shelf;
    std::shared_ptr<const trading::ModelLibrary> library =
        std::make_shared<const engines::ModelLibrary>(engines::storedModels(store.file()), &shelf);
    std::vector<market::Instrument> known;
    std::vector<std::vector<market::StreamItem>> tapes;
    std::vector<std::size_t> next;
    std::vector<std::string> notices;
    std::pair<std::int64_t, std::int64_t> applied{}; // proposal, row of the journal
    std::map<console::CommandId, std::optional<base::Error>> answers;
    std::map<console::CommandId, std::vector<std::int64_t>> decisions; // of the journal
    console::CommandId lastId = 0;
    std::unique_ptr<Channels> channels;
    std::unique_ptr<engines::PaperEngine> engine;
    std::jthread storeThread;
    std::jthread paperThread;
};

} // namespace qd::testkit
