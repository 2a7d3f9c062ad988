// Closed candles of one timeframe in, ledger events out: the strategies on an instrument that has no ticks (PRODUCT.md,
// On candles). Pure; one thread at a time. Prices in ticks, sizes in lots, money in 1e-8 USDT. Rules:
// - A candle is closed when the next one comes. Larger timeframes are made of them; one that lacks some of its parts
//   touches a gap. Strategies are asked at the close; an order fills at the next open plus slippage. Where candles
//   are missing before that open, the signal is kept as NotTraded::Gap.
// - Slippage is what a calibration says (setCalibration), until then policy's assumed one.
// - At an open: beyond the stop it fills at the open itself; then a signal to the other side and the time limit leave
//   at the open plus slippage. Within a bar the stop comes before the target. A stop fills at its price plus slippage,
//   a target at its price, whole, only when the bar goes beyond it.
// - A limit order rests for as many bars as its patience covers, at least one. An open beyond its price fills it as a
//   market order that pays no more than that; a bar that goes beyond fills it at its price, whole, with the maker's
//   fee. What the bar did before that is not known, so on the bar of such an entry only the stop counts.
// - No funding, no latency, no parts: candles do not tell them. Every trade is marked onCandles.
// - Stream numbers are counts of candles: a decision bears that of the candle at whose close it fell.
#pragma once

#include "base/policy.h"
#include "market/instrument.h"
#include "trading/closed_trade.h"
#include "trading/execution_charge.h"
#include "trading/strategy_catalogue.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace qd::trading {

class CandlePipeline {
public:
    CandlePipeline(const market::Instrument& instrument, const base::PaperPolicy& policy, market::Timeframe timeframe,
                   const std::vector<std::string>& only, std::shared_ptr<const ModelLibrary> library = nullptr);
    /// With these strategies, which need not be of the catalogue.
    CandlePipeline(std::vector<StrategyRunner> runners, const market::Instrument& instrument,
                   const base::PaperPolicy& policy, market::Timeframe timeframe,
                   std::shared_ptr<const ModelLibrary> library = nullptr);

    /// Off is shadow. Unknown names are ignored.
    void setEnabled(const std::string& strategy, bool enabled);
    /// What does not run hears the market, and says nothing.
    void setRuns(std::string_view strategy, bool runs);
    /// base::paperPolicyText(), on top of what it was made with, before the first candle. An error leaves it as it was.
    [[nodiscard]] base::Result<void> setPolicy(const std::string& text);
    /// As TradingPipeline's, from the next candle on.
    [[nodiscard]] base::Result<void> setParameters(const std::string& strategy, std::string_view text);
    /// As TradingPipeline's, before the first candle: the rows of features begin with it.
    [[nodiscard]] base::Result<void> setModel(const std::string& key, const std::string& model);
    /// What market orders are charged from the next candle on.
    void setCharge(const ExecutionCharge& charge) { charge_ = charge; }
    /// Candles in growing order; one that starts before the end of the newest is ignored. Events: trades, positions and
    /// signals that did not trade, no CandleClosed.
    void feed(const market::Candle& candle, LedgerEvents& out);
    /// Strategies that read a timeframe under the fed one are left out: their names.
    [[nodiscard]] const std::vector<std::string>& leftOut() const { return leftOut_; }

private:
    struct Order {
        DecisionStamp decision;
        Quantity size;
        base::Millis timeLimit{};
        UtcMs patienceEnd{}; // by limit: bars that begin before it
    };
    struct Row {
        bool isEnabled = true;
        bool runs = true;
        UtcMs cooldownUntil{INT64_MIN};
        std::optional<Order> pending; // from the close to the next open, by limit for its patience
        std::optional<OpenPosition> position;
        bool leavesBySignal = false;
        std::int64_t exitDecisionHalfTicks = 0; // the close at which it was decided
    };
    struct Bucket { // a larger candle in work
        market::Timeframe timeframe;
        std::int64_t whole; // parts
        market::Candle candle;
        std::int64_t parts = 0;
        UtcMs end;
    };

    void closeUntil(UtcMs open, bool isHole, LedgerEvents& out);
    void ask(std::size_t row, bool isHole, LedgerEvents& out);
    [[nodiscard]] std::optional<NotTraded> obstacle(const Row& row, Price price, std::optional<NotTraded> doubt) const;
    void enter(Row& row, Price price, base::RatePpm fee, const market::Candle& candle, LedgerEvents& out);
    void enterByLimit(Row& row, const market::Candle& candle, bool isHole, LedgerEvents& out);
    void atOpen(Row& row, const market::Candle& candle, bool isHole, LedgerEvents& out);
    void withinBar(Row& row, const market::Candle& candle, LedgerEvents& out);
    /// `decided`: half ticks (ClosedTrade::exitDecisionHalfTicks).
    void leave(Row& row, ExitReason reason, std::int64_t decided, Price price, UtcMs time, LedgerEvents& out);
    void stopOut(Row& row, Price price, UtcMs time, LedgerEvents& out);
    [[nodiscard]] Price charged(Side side, Price price) const;
    void fold(const market::Candle& candle);
    void followTimeframes();
    [[nodiscard]] std::shared_ptr<const ModelAtHand> modelOf(const StrategyInfo& info) const;

    market::Instrument instrument_;
    base::PaperPolicy policy_;
    ExecutionCharge charge_;
    market::Timeframe timeframe_;
    base::Millis length_; // of the fed timeframe
    std::vector<StrategyRunner> runners_;
    std::shared_ptr<const ModelLibrary> library_;
    std::unique_ptr<FeatureRows> featureRows_;                                      // once a model serves
    std::map<std::string, std::shared_ptr<const ModelAtHand>, std::less<>> models_; // by family
    std::vector<std::string> leftOut_;
    std::vector<Row> rows_; // of the runners
    market::Candle newest_;
    UtcMs end_{INT64_MIN};                                             // of the newest; no candle yet
    UtcMs nextClose_{INT64_MIN};                                       // before it nothing closes that anybody reads
    bool isRead_ = false;                                              // the fed timeframe, by some strategy
    std::vector<Bucket> larger_;                                       // those that are read, smallest first
    std::vector<std::pair<market::Timeframe, market::Candle>> closed_; // at one moment, smallest first
    StreamNumber number_;                                              // of the newest candle
};

} // namespace qd::trading
