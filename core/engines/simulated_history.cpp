#include "engines/simulated_history.h"

#include "base/channels.h"
#include "base/worker_thread.h"
#include "engines/data_folder.h"
#include "engines/history_equity.h"
#include "engines/history_market.h"
#include "engines/history_pauses.h"
#include "engines/recovery.h"
#include "exchange/default_instruments.h"
#include "storage/ledger_store.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>

namespace qd::engines {

using base::ErrorCode;
using base::fail;
using base::Result;
using namespace std::chrono_literals;

namespace {

// Parts of the progress; what each takes about.
constexpr double marketShare = 0.55;
constexpr double recoveryEnd = 0.95;
constexpr std::size_t waitingChunks = 4; // of up to 0.8 MB; as many again are in work
constexpr std::size_t chunksACommit = 64;

class Making {
public:
    Making(storage::Database& database, const storage::SimulatedHistory& history, const base::PaperPolicy& policy,
           const std::function<void(double)>& progress, std::stop_token stop)
        : database_(database),
          history_(history),
          policy_(policy),
          progress_(progress),
          stop_(std::move(stop)),
          archive_(database),
          writer_(database),
          candles_(std::in_place, database),
          chunks_(waitingChunks)
    {
    }

    Result<void> run()
    {
        auto done = begin();
        done = done ? storeMarket() : done;
        done = done ? trade() : done;
        return done ? finish() : done;
    }

private:
    static Result<void> cancelled()
    {
        return fail(ErrorCode::Cancelled, "simulated history", "the next start goes on");
    }

    void tell(double fraction) const
    {
        if (progress_) {
            progress_(fraction);
        }
    }

    /// Within a transaction of its own; a failure leaves nothing of it. What a power cut takes is made again.
    template <typename Act>
    Result<void> inTransaction(bool isDurable, Act act)
    {
        auto done = database_.begin();
        if (!done) {
            return done;
        }
        done = act();
        done = done ? database_.commit(isDurable) : done;
        if (!done) {
            database_.rollback();
        }
        return done;
    }

    Result<void> begin()
    {
        return inTransaction(true, [this]() -> Result<void> {
            storage::InstrumentStore store(database_);
            for (const auto& name : history_.instruments) {
                const auto& known = exchange::defaultInstruments();
                const auto at = std::ranges::find(known, name, &market::Instrument::name);
                if (at == known.end()) {
                    return fail(ErrorCode::NotFound, name, "the simulated market has no such instrument");
                }
                auto put = store.put(*at);
                if (!put) {
                    return std::unexpected(put.error());
                }
                instruments_.push_back(std::move(*put));
            }
            auto row = history_;
            row.isComplete = false;
            return storage::SimulatedStore(database_).put(row);
        });
    }

    /// What an earlier try stored already: the same rows come again and are left out.
    struct Stored {
        std::int64_t lastTick = INT64_MIN;
        base::StreamNumber lastQuote;
    };

    Result<void> storeMarket()
    {
        for (const auto& instrument : instruments_) {
            const auto summary = archive_.summary(instrument.id);
            const auto quote = archive_.newestQuote(instrument.id);
            if (!summary || !quote) {
                return std::unexpected(!summary ? summary.error() : quote.error());
            }
            stored_[instrument.id] = {summary->ticks > 0 ? summary->lastId : INT64_MIN, *quote};
        }
        std::string failure; // read after the join
        {
            base::WorkerThread market(
                "history",
                [this](const std::stop_token& stop) {
                    HistoryMarket(history_, instruments_).run([&](HistoryChunk chunk) {
                        return !stop.stop_requested() && chunks_.push(std::move(chunk));
                    });
                    chunks_.close();
                },
                [this, &failure](const std::string& what) {
                    failure = what;
                    chunks_.close();
                });
            const auto stored = takeChunks();
            chunks_.close();
            market.requestStop();
            market.join();
            if (!stored) {
                return stored;
            }
        }
        return failure.empty() ? Result<void>{} : fail(ErrorCode::Internal, "simulated history", failure);
    }

    Result<void> takeChunks()
    {
        while (!chunks_.isDone()) {
            auto some = chunks_.popAll(100ms);
            for (std::size_t next = 0; next < some.size();) {
                if (stop_.stop_requested()) {
                    return cancelled();
                }
                const auto end = std::min(some.size(), next + chunksACommit);
                auto done = inTransaction(false, [&]() -> Result<void> {
                    for (; next < end; ++next) {
                        if (auto written = write(some[next]); !written) {
                            return written;
                        }
                        some[next].rows = {}; // the memory
                    }
                    return {};
                });
                if (!done) {
                    return done;
                }
                candles_.emplace(database_); // what the writers remember of their tails would be most of the memory
                if (auto forgotten = writer_.reload(); !forgotten) {
                    return forgotten;
                }
                tell(marketShare * some[end - 1].fraction);
            }
        }
        return {};
    }

    Result<void> write(HistoryChunk& chunk)
    {
        const auto& stored = stored_.at(chunk.instrument);
        if (const auto* run = std::get_if<CandleRun>(&chunk.rows)) {
            return candles_->append(chunk.instrument, run->timeframe, run->candles);
        }
        if (auto* ticks = std::get_if<std::vector<storage::NumberedTick>>(&chunk.rows)) {
            const auto fresh =
                std::ranges::upper_bound(*ticks, stored.lastTick, {}, [](const auto& row) { return row.tick.id; });
            return writer_.append(chunk.instrument, std::span(fresh, ticks->end()));
        }
        const auto& quotes = std::get<std::vector<storage::NumberedQuote>>(chunk.rows);
        const auto fresh = std::ranges::upper_bound(quotes, stored.lastQuote, {}, &storage::NumberedQuote::number);
        return writer_.appendQuotes(chunk.instrument, std::span(fresh, quotes.end()));
    }

    /// The ledger of these ticks is made as after a crash; before that it is decided where trading pauses.
    Result<void> trade()
    {
        tell(marketShare);
        auto recoveryFrom = marketShare;
        if (history_.trades > 0) {
            recoveryFrom = (marketShare + recoveryEnd) / 2;
            const auto inputs = planPauses(database_, instruments_, history_, policy_, stop_, [&](double fraction) {
                tell(marketShare + (recoveryFrom - marketShare) * fraction);
            });
            if (!inputs) {
                return std::unexpected(inputs.error());
            }
            auto kept = inTransaction(true, [&] { return storage::LedgerStore(database_).addInputs(*inputs); });
            if (!kept) {
                return kept;
            }
        }
        const auto recovered = catchUpLedger(database_, policy_, stop_, [&](double fraction) {
            tell(recoveryFrom + (recoveryEnd - recoveryFrom) * fraction);
        });
        return recovered ? Result<void>{} : std::unexpected(recovered.error());
    }

    Result<void> finish()
    {
        auto done = inTransaction(true, [this]() -> Result<void> {
            auto equity = addHistoryEquity(database_, instruments_, history_, policy_, stop_);
            if (!equity) {
                return equity;
            }
            auto row = history_;
            row.isComplete = true;
            return storage::SimulatedStore(database_).put(row);
        });
        tell(1);
        return done ? database_.checkpoint() : done;
    }

    storage::Database& database_;
    const storage::SimulatedHistory& history_;
    const base::PaperPolicy& policy_;
    const std::function<void(double)>& progress_;
    std::stop_token stop_;
    storage::TickArchive archive_;
    storage::TickArchiveWriter writer_;
    std::optional<storage::CandleStore> candles_;
    std::vector<market::Instrument> instruments_;
    std::map<base::InstrumentId, Stored> stored_;
    base::BoundedQueue<HistoryChunk> chunks_; // from the market's thread
};

/// Whether the database may be given this history: it is empty, or began with the same.
Result<void> judge(storage::Database& database, const storage::SimulatedHistory& history)
{
    auto there = storage::SimulatedStore(database).get();
    if (!there) {
        return std::unexpected(there.error());
    }
    const auto file = database.path().string();
    if (*there) {
        auto same = **there;
        same.isComplete = history.isComplete;
        return same == history ? Result<void>{}
                               : fail(ErrorCode::Conflict, file,
                                      "it holds another history (" + storage::sentence(**there) +
                                          "); remove the file, or take another --data-dir");
    }
    const auto instruments = storage::InstrumentStore(database).all();
    if (!instruments) {
        return std::unexpected(instruments.error());
    }
    return instruments->empty() ? Result<void>{}
                                : fail(ErrorCode::Conflict, file,
                                       "it holds data of a feed, which no simulated history is added to; "
                                       "take another --data-dir");
}

} // namespace

storage::SimulatedHistory historyOf(const DemoHistory& wish, std::uint64_t seed, std::vector<std::string> instruments,
                                    base::UtcMs until)
{
    const auto width = market::length(market::Timeframe::H4);
    const auto ticksFrom = wish.withTicks.count() > 0 ? base::bucketStart(until - wish.withTicks, width) : until;
    const auto ticks = ticksAtRate(instruments, until - ticksFrom, wish.rate);
    return {.seed = seed,
            .instruments = std::move(instruments),
            .candlesFrom = base::bucketStart(ticksFrom - wish.candlesOnly, width),
            .ticksFrom = ticksFrom,
            .until = until,
            .ticks = ticks,
            .trades = wish.trades};
}

Result<void> makeHistory(storage::Database& database, const storage::SimulatedHistory& history,
                         const base::PaperPolicy& policy, const std::function<void(double)>& progress,
                         const std::stop_token& stop)
{
    if (auto judged = judge(database, history); !judged) {
        return judged;
    }
    return Making(database, history, policy, progress, stop).run();
}

Result<SimulateOutcome> simulate(const SimulateOptions& options, const std::stop_token& stop)
{
    const auto begun = std::chrono::steady_clock::now();
    if (const auto made = makeDataDir(options.database.parent_path()); !made) {
        return std::unexpected(made.error());
    }
    auto database = storage::Database::open(options.database, storage::Database::Mode::ReadWrite);
    if (!database) {
        return std::unexpected(database.error());
    }
    SimulateOutcome out;
    if (auto judged = judge(*database, options.history); !judged) {
        return std::unexpected(judged.error());
    }
    const auto there = storage::SimulatedStore(*database).get();
    if (!there) {
        return std::unexpected(there.error());
    }
    out.wasThere = *there && (*there)->isComplete;
    if (!out.wasThere) {
        if (auto done = makeHistory(*database, options.history, options.policy, options.progress, stop); !done) {
            return std::unexpected(done.error());
        }
    }
    const auto instruments = storage::InstrumentStore(*database).all();
    const auto counts = storage::LedgerStore(*database).counts();
    if (!instruments || !counts) {
        return std::unexpected(!instruments ? instruments.error() : counts.error());
    }
    for (const auto& instrument : *instruments) {
        const auto summary = storage::TickArchive(*database).summary(instrument.id);
        if (!summary) {
            return std::unexpected(summary.error());
        }
        out.ticks += summary->ticks;
    }
    out.trades = counts->trades;
    out.open = counts->open;
    out.untraded = counts->signals;
    out.bytes = database->fileBytes() + database->walBytes();
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return out;
}

} // namespace qd::engines
