// Closed trades in compact form, as figures of any number of them want them: only the columns that count, at the
// instruments' present scales, and only those that a reader does not have yet. Read only; any connection, on its
// thread. NotOnScale where a row cannot be expressed at the present scales.
#pragma once

#include "storage/ledger_store.h"
#include "trading/evaluate.h"

#include <map>

namespace qd::storage {

using Instruments = std::map<base::InstrumentId, market::Instrument>;

/// Adds the trades behind row `after` to the book; answers the newest row. Trades of instruments that are not among
/// `instruments` are left out, and so are arms of experiments; `Promoted` brings those whose parameters became their
/// strategy's, as its own, in shadow. A reader that asks for them reads anew when one was promoted.
enum class Arms : std::uint8_t { None, Promoted };
[[nodiscard]] base::Result<std::int64_t> readTrades(Database& database, std::int64_t after,
                                                    const Instruments& instruments, trading::TradeBook& book,
                                                    Arms arms = Arms::None);
/// Adds the closes of the instrument that `marks` does not have yet.
[[nodiscard]] base::Result<void> readMarks(CandleStore& candles, base::InstrumentId instrument,
                                           trading::MidnightMarks& marks);
/// The hash of the parameters in force of every strategy of the catalogue on every instrument; in `since`, where it is
/// asked for, the stream number of the newest recorded parameters of those that have any.
[[nodiscard]] base::Result<std::map<trading::RowKey, std::string>>
hashesInForce(Database& database, const Instruments& instruments,
              std::map<trading::RowKey, base::StreamNumber>* since = nullptr);
/// Adds the changes of the roster's capital after time `after`; answers the time of the newest point of its equity.
[[nodiscard]] base::Result<base::UtcMs> readCapital(Database& database, base::UtcMs after,
                                                    std::vector<trading::CapitalChange>& changes);
/// The newest decision of each row that has closed.
[[nodiscard]] base::Result<std::map<trading::RowKey, base::StreamNumber>> newestDecisions(Database& database);
/// Signals that did not trade, of each strategy.
[[nodiscard]] base::Result<std::map<std::string, std::uint64_t>> untradedSignals(Database& database);
/// Instruments that take no entries any more.
[[nodiscard]] base::Result<std::vector<base::InstrumentId>> leftInstruments(Database& database);

} // namespace qd::storage
