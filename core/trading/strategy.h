// A strategy: one rule, told of closed candles, answering with a signal or not. It sees nothing of the future and no
// other instrument. One thread at a time; one object for each (strategy, instrument). Prices in ticks.
#pragma once

#include "base/state.h"
#include "market/candle.h"
#include "market/instrument.h"
#include "trading/predictor.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::trading {

struct Parameter {
    std::string_view name;
    std::string_view unit;
    double least;
    double most;
    double standard;
    std::string_view meaning;
    bool isLater = false; // came when there were records already: at its standard it is no part of the hash
};

/// The parameters that are shown, run, hashed and stamped on every trade: one object.
class ParameterSet {
public:
    ParameterSet() = default;
    /// The defaults of `parameters` for the strategy `strategy`.
    ParameterSet(std::string_view strategy, std::span<const Parameter> parameters);

    [[nodiscard]] double operator[](std::string_view name) const; // throws std::out_of_range for an unknown name
    /// OutOfRange or NotFound leave the set as it was.
    [[nodiscard]] base::Result<void> set(std::string_view name, double value);
    /// First 16 hex digits of SHA-256 over "strategy|name=value|…", names sorted, values in shortest exact form;
    /// without later ones that are at their standard.
    [[nodiscard]] std::string hash() const;
    [[nodiscard]] const std::map<std::string, double, std::less<>>& values() const { return values_; }
    /// "name=value|…", names sorted, values in shortest exact form: what is recorded when they change.
    [[nodiscard]] std::string text() const;
    /// Sets what text() wrote; a name that it leaves out keeps its value. Malformed, OutOfRange or NotFound leave the
    /// set as it was.
    [[nodiscard]] base::Result<void> setText(std::string_view text);
    /// True if all lengths (parameters in candles) are those of `other`: a strategy's state then fits both.
    [[nodiscard]] bool hasLengthsOf(const ParameterSet& other) const;

private:
    [[nodiscard]] bool isOfHash(std::string_view name) const;
    std::string strategy_;
    std::span<const Parameter> legal_;
    std::map<std::string, double, std::less<>> values_;
};

/// Enter now, with these exits. Stop and target are prices on the right sides of the market.
struct Signal {
    market::Side side = market::Side::Buy;
    market::Price stop;
    market::Price target;
    base::Millis timeLimit{};
    std::string why; // one short sentence for the operator
    /// Set: by an order that rests at this price for paper.limit_patience_s. Empty: at market.
    std::optional<market::Price> limit;
};

/// What the strategy itself has open on its instrument. A signal to the other side ends it and opens none.
struct OwnPosition {
    market::Side side = market::Side::Buy;
    market::Price entry;
    base::UtcMs since;
};

class Strategy {
public:
    virtual ~Strategy() = default;
    /// Called for each closed candle of a timeframe the strategy reads, in order, before decide(). Also in warm-up.
    virtual void onCandle(market::Timeframe timeframe, const market::Candle& candle) = 0;
    /// Called once after all candles that close together were told. `own` is null while it has nothing open.
    [[nodiscard]] virtual std::optional<Signal> decide(const OwnPosition* own) const = 0;
    /// The model of its family (StrategyInfo::model) that serves here; null: none. Not part of its state.
    virtual void useModel(std::shared_ptr<const ModelAtHand> /*model*/) {}
    /// With these parameters it decides by its model.
    [[nodiscard]] virtual bool asksModel() const { return false; }
    /// What it asked for the decision that decide() has just given; empty where it asked nothing.
    [[nodiscard]] virtual std::optional<AskedModel> asked() const { return std::nullopt; }
    /// Why it cannot speak at present (no model, warming up), for the operator; empty while it can.
    [[nodiscard]] virtual std::string silence() const = 0;
    virtual void save(base::StateWriter& a) const = 0;
    virtual void restore(base::StateReader& a) = 0;
};

struct StrategyInfo {
    std::string_view name;
    std::string_view idea; // a sentence for the operator
    std::vector<market::Timeframe> timeframes;
    std::vector<Parameter> parameters;
    std::function<std::unique_ptr<Strategy>(const ParameterSet&)> make;
    std::vector<std::string_view> instruments{}; // names; none: every one
    bool asksModel = false;                      // it cannot speak without one, whatever its parameters
    std::string_view model{};                    // the family that it asks, or may ask by a parameter
};

} // namespace qd::trading
