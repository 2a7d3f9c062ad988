// The ledger as the operator sees it: a fold of committed ledger events into positions, figures, ranking and equity.
// Of bounded size: sums and records of each row instead of trades, the newest 200 trades, the newest marks of each
// chart, and a curve that grows coarser with age. Pure; paper's thread. The same events in the same order give the same
// view, live or after a restart.
#pragma once

#include "base/policy.h"
#include "console/snapshots.h"
#include "engines/ledger_past.h"
#include "engines/roster_curve.h"
#include "trading/evaluate.h"
#include "trading/strategy.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace qd::engines {

class LedgerView {
public:
    /// Knows every strategy of the catalogue from the start.
    LedgerView(const base::PaperPolicy& policy, const trading::EvaluationLimits& limits);

    /// `takesEntries`: false once it was removed: its rows have no capital any more.
    void setInstrument(const market::Instrument& instrument, bool takesEntries = true);
    /// What lies before the events: once, before the first of them and after the instruments and switches.
    void restore(const LedgerPast& past);
    void apply(const trading::LedgerEvent& event);
    /// Of a strategy of the catalogue.
    void setRow(const governance::RosterRow& row, const trading::ParameterSet& parameters);
    /// Trades before it keep the capital that they were counted with, until the next start counts them anew.
    void setPolicy(const base::PaperPolicy& policy, const trading::EvaluationLimits& limits);
    /// The parameters that a row decides with from stream number `since` on: its record of others is another one.
    void useParameters(const std::string& strategy, base::InstrumentId instrument, const std::string& hash,
                       base::StreamNumber since);
    /// The newest trade price, for what is open.
    void mark(base::InstrumentId instrument, market::Price last) { marks_[instrument] = last; }
    /// Adds the present equity to the curve, at most one point a minute of exchange time; the point, if one was added.
    std::optional<storage::SavedEquity> sampleEquity(base::UtcMs time);

    /// What is switched on: the sum of its rows, at least `paper.start_equity`.
    [[nodiscard]] base::Money capital() const;
    /// That and all that the roster gained.
    [[nodiscard]] base::Money equity() const { return capital() + gained(); }
    /// In a line, of what is shown: a strategy since its record began, on one instrument or all; or the roster lately.
    [[nodiscard]] std::string evidence(const std::string& strategy,
                                       std::optional<base::InstrumentId> instrument = {}) const;
    [[nodiscard]] std::string evidenceOfRoster() const;
    /// Everything but the engine's own state and speed.
    [[nodiscard]] console::PaperSnapshot snapshot(base::UtcMs now);
    /// Entries and exits of an instrument, by time, the newest `most`.
    [[nodiscard]] std::vector<console::TradeMark> tradeMarks(base::InstrumentId instrument, std::size_t most) const;

private:
    /// One parameter hash on a row.
    struct Record {
        trading::TrackRecord record;
        trading::DailyPnl daily;
        std::optional<base::UtcMs> since;
    };
    struct Row {
        std::map<std::string, Record> byHash;
        std::string hash; // in force
        base::StreamNumber hashSince;
        base::StreamNumber newestClosed;         // decision
        std::vector<trading::BookTrade> waiting; // for the close of a midnight that they were held over
        bool isStale = true;
        std::optional<console::EvaluationRow> figures;
    };
    struct MinuteSum {
        base::UtcMs minute;
        base::Money gained;
        base::Money lost;
        std::uint32_t closed = 0;
        std::uint32_t won = 0;
    };

    [[nodiscard]] base::Money gained() const;
    static void decidedWith(Row& row, const trading::DecisionStamp& decision);
    [[nodiscard]] console::PositionRow positionRow(const trading::OpenPosition& position) const;
    void close(const trading::ClosedTrade& trade);
    void count(const trading::BookTrade& trade, const std::string& strategy);
    void bookDays(const trading::RowKey& key, Row& row);
    void closeCandle(const trading::CandleClosed& closed);
    void addMarks(const trading::ClosedTrade& trade);
    void evaluate(const trading::RowKey& key, Row& row) const;
    void rankRows(base::UtcMs now);
    void addEquityFigures(console::PaperSnapshot& out, base::UtcMs now);
    void addTradeFigures(console::PaperSnapshot& out, base::UtcMs now) const;

    base::PaperPolicy policy_;
    trading::EvaluationLimits limits_;
    std::map<base::InstrumentId, market::Instrument> instruments_;
    std::map<base::InstrumentId, bool> takesEntries_;
    std::map<base::InstrumentId, market::Price> marks_;
    std::map<base::InstrumentId, trading::MidnightMarks> midnights_;
    std::map<std::string, console::StrategyRow> strategies_;
    std::map<trading::RowKey, Row> rows_;
    std::map<trading::RowKey, trading::OpenPosition> open_;
    trading::TradeBook names_; // numbers of rows and hashes; holds no trades
    std::deque<trading::ClosedTrade> recent_;
    std::map<base::InstrumentId, std::deque<console::TradeMark>> chartMarks_;
    std::deque<MinuteSum> lately_; // of the last 7 days
    base::Money realised_;
    std::uint64_t closed_ = 0;
    std::vector<console::EvaluationRow> ranked_;
    std::int64_t day_ = 0; // that they were ranked on
    RosterCurve curve_;
};

/// "12 closed, 50% won, +3.10 USDT, profit factor 1.20": what a decision was made on, for the journal.
[[nodiscard]] std::string closedLine(std::uint32_t closed, std::uint32_t won, base::Money net, base::Money gained,
                                     base::Money lost);

} // namespace qd::engines
