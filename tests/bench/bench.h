// The measurements of tests/bench: each mode of bench_quarterdeck prints one JSON object on stdout. Input are the tick
// files of the bare floors (16 bytes a tick: time, price in 0.1, size in 0.1 with the side in its lowest bit), so that
// both sides work on the same. One thread; throws std::runtime_error with a sentence.
#pragma once

#include "base/error.h"
#include "market/instrument.h"
#include "market/tick.h"

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace qd::bench {

/// At most `most` ticks; ids count from 1.
[[nodiscard]] std::vector<market::Tick> loadTicks(const std::string& file, std::size_t most);
/// BTC-USDT with price and size steps of 0.1, as the tick files have them.
[[nodiscard]] market::Instrument benchInstrument();
/// The trade message of one tick as BloFin pushes it; the very text that floors/json_rate parses.
[[nodiscard]] std::string tradeFrame(const market::Tick& tick);

[[nodiscard]] inline double secondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}
/// Of this process, user and system.
[[nodiscard]] double cpuSeconds();

template <typename T>
T need(base::Result<T> result)
{
    if (!result) {
        throw std::runtime_error(base::sentence(result.error()));
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*result);
    }
}

// The modes.
void benchFrames(const std::string& tickFile, std::size_t count);
void benchArchive(const std::string& tickFile, const std::string& folder);
/// Every indicator with its usual lengths, on the one-minute bars of these ticks.
void benchIndicators(const std::string& tickFile);
/// 100,000 rows of features from 5m candles, and from 1m candles made of these ticks.
void benchFeatures(const std::string& tickFile);
/// Trains the families that candles can train on the recorded 5m candles of eight instruments: a report in Markdown.
void trainFamilies(std::size_t permutations);
/// One final fit on the rows of floors/xgb: the trees alone, and whole, with data set, saving and metrics; and single
/// predictions by the flattened trees, compared with XGBoost's.
void benchModel(std::size_t rows, std::size_t columns, std::uint32_t trees, std::uint32_t threads);
/// A walk-forward of five folds on those rows, beside as many single fits of the same rows, stopping early alike.
void benchWalk(std::size_t rows, std::size_t columns, std::uint32_t trees, std::uint32_t threads);
/// The permutation check of the audit on them: 99 refits of 50 trees on at most 10,000 rows.
void benchPermutations(std::size_t rows, std::size_t columns, std::uint32_t threads);
/// Every strategy of the catalogue, with its own indicators: the same bars, taken for those of 5m, and the 15m and 1h
/// made of them.
void benchStrategies(const std::string& tickFile);
/// Makes 33,400 trades in a database in `folder`, and evaluates them: read from it, and with what was read before.
void benchEvaluations(const std::string& folder);
/// A database with the ledger of benchEvaluations().
void makeLedger(const std::string& file);
/// Answers of the HTTP API over that ledger, of each path; `clients` ask at a time.
void benchApi(const std::string& folder, int rounds, int clients);
/// The same over a copy of `database`.
void benchApiOf(const std::string& database, const std::string& folder, int rounds, int clients);
/// The same of a console that runs already.
void benchApiAt(std::uint16_t port, int rounds, int clients);
/// A copy of `database` in `folder`, backed up and proven in turn with cp and sync: idle, and while 20,000 ticks/s are
/// committed to it; medians.
void benchBackup(const std::string& database, const std::string& folder);
/// The stop lab over all entries of a database, beside a bare read of its ticks and, where wanted, one replay of them.
void benchStopLab(const std::string& database, bool withReplay);
/// An archive of the file's ticks, `rounds` times one after the other, each a minute behind the one before.
void makeReplayArchive(const std::string& tickFile, std::size_t rounds, const std::string& folder);
/// A champion of 300 trees for it, in force from its first item on: ml_gbt_5m asks it at every closed 5m candle.
void addChampion(const std::string& folder);
/// All strategies on it, one thread, the ledger kept in a database: seconds, and memory before and at most.
void benchReplay(const std::string& folder);
void makeCandleArchive(const std::string& csvFile, const std::string& folder);
/// One strategy on its one-minute candles, likewise.
void benchCandleReplay(const std::string& folder, const std::string& strategy);
void benchImport(const std::string& csvFile, const std::string& kind, const std::string& folder);
/// Connects the engines to a server made by serveFrames() and waits until all `count` ticks are stored. Prints how much
/// memory the process held after each million.
void benchLive(int port, std::size_t count, const std::string& folder);
/// Connects the engines to a server made by serveFrames() at a rate: the time from the sending of a trade to the moment
/// when every strategy has decided on it.
void benchLatency(int port, std::size_t count, const std::string& folder);
/// The recorded candles of eight instruments and trades of one, imported into one database, and models trained on it as
/// `quarterdeck retrain` does; Markdown.
void benchRetrain(const std::string& folder, const std::string& model);
/// benchLatency() twice in one run: the second half of the ticks while models are trained on made half years.
void benchRetrainLatency(int port, std::size_t count, const std::string& folder);
/// Switches thrown while ticks flow: from the click until it is committed, and until it is shown.
void benchSwitch(int port, std::size_t throws, const std::string& folder);
/// Sends `count` trade frames to each WebSocket client as fast as it takes them, or `perSecond` (0: as fast), and
/// answers the REST questions of a start; prints its port first. Ticks begin anew, with later ids and times, where the
/// file ends. At a rate a trade's id is the monotonic ns of its sending, and `burst` frames go together: more than one,
/// and the processor is left alone between them. A client that subscribes is acknowledged; one that does not gets a
/// closing "end". Never returns.
void serveFrames(const std::string& tickFile, std::size_t count, double perSecond, std::size_t burst);

} // namespace qd::bench
