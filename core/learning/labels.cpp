#include "learning/labels.h"

#include "trading/execution_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace qd::learning {

using base::UtcMs;
using market::Candle;
using market::Timeframe;

namespace {

constexpr auto fiveMinutes = market::length(Timeframe::M5);
constexpr double msPerYear = 365.0 * 86'400'000.0;

double real(market::Price price)
{
    return static_cast<double>(price.value);
}

bool isResolvedOnTicks(Family family)
{
    return family != Family::Direction && family != Family::Volatility;
}

} // namespace

std::string_view name(Family family)
{
    constexpr std::array<std::string_view, 5> names{"gbt_5m", "direction_predictor", "volatility_forecaster",
                                                    "stop_hit_predictor", "fill_predictor"};
    return names[static_cast<std::size_t>(family)];
}

LabelRule standardRule(Family family)
{
    LabelRule rule{.family = family};
    switch (family) {
    case Family::Gbt5m:
        break;
    case Family::Direction:
    case Family::Volatility:
        rule.horizon = std::chrono::hours(1);
        break;
    case Family::StopHit:
        rule.horizon = std::chrono::hours(2);
        rule.distances = {0.5, 1, 1.5, 2, 3};
        break;
    case Family::Fill:
        rule.horizon = std::chrono::seconds(60);
        rule.distances = {0.05, 0.1, 0.2, 0.4, 0.8};
        break;
    }
    return rule;
}

base::Result<RowMaker> RowMaker::of(const FeatureSet& set, const LabelRule& rule, std::uint32_t series,
                                    std::optional<market::Instrument> instrument)
{
    RowMaker out(set, rule, series);
    out.instrument_ = std::move(instrument);
    const auto fed = market::length(out.builder_.fed());
    const bool needsDistance = hasDistance(rule.family) && rule.distances.empty();
    if (rule.horizon < fed || rule.stride == 0 || rule.atr == 0 || needsDistance) {
        return base::fail(base::ErrorCode::Unsupported, std::string(name(rule.family)),
                          needsDistance
                              ? "no distances to ask about"
                              : "a horizon of " + std::to_string(rule.horizon.count()) +
                                    " ms cannot be resolved on candles of " + std::to_string(fed.count()) + " ms");
    }
    return out;
}

RowMaker::RowMaker(const FeatureSet& set, const LabelRule& rule, std::uint32_t series)
    : rule_(rule),
      builder_(set),
      series_(series),
      atr_(std::max(1U, rule.atr)),
      day_(static_cast<std::size_t>(base::oneDay / fiveMinutes), market::barsPerYear(Timeframe::M5))
{
    for (const auto& info : set.infos()) {
        rows_.names.push_back(info.name);
    }
    if (hasDistance(rule.family)) {
        rows_.names.emplace_back("distance");
    }
    rows_.columns = rows_.names.size();
}

void RowMaker::add(const Candle& candle)
{
    const bool isHole = hasCandles_ && candle.start != end_;
    if (hasCandles_ && candle.start < end_) {
        return;
    }
    if (isHole || candle.hasGap) {
        dropAll();
        atr_.reset();
    }
    hasCandles_ = true;
    end_ = candle.start + market::length(builder_.fed());
    follow(candle);
    const auto outcome = builder_.add(candle);
    if (outcome == RowOutcome::None) {
        return;
    }
    if (outcome == RowOutcome::Row) {
        measure(builder_.decisionCandle());
        open(builder_.decisionCandle());
    } else {
        // The higher candle may be whole although the row is not; then it still counts for ATR and the day before.
        if (builder_.decisionCandle().start + fiveMinutes == end_) {
            measure(builder_.decisionCandle());
        }
        ++(outcome == RowOutcome::Gap ? rows_.losses.gap : rows_.losses.warmUp);
    }
}

void RowMaker::measure(const Candle& candle)
{
    atr_.add(real(candle.high), real(candle.low), real(candle.close));
    day_.add(real(candle.close));
}

void RowMaker::open(const Candle& decision)
{
    const auto number = builder_.rowTime().value / fiveMinutes.count();
    if (number % rule_.stride != 0) {
        ++rows_.losses.thinned;
        return;
    }
    const auto atr = atr_.value();
    if (!atr || !(*atr > 0) || decision.close.value <= 0) {
        ++rows_.losses.undefined;
        return;
    }
    open(1, decision);
    if (rule_.family == Family::Gbt5m || hasDistance(rule_.family)) {
        open(-1, decision);
    }
}

void RowMaker::open(int side, const Candle& decision)
{
    const auto row = builder_.row();
    Open label{.start = builder_.rowTime(), .end = builder_.rowTime() + rule_.horizon, .side = side};
    label.values.assign(row.begin(), row.end());
    if (side < 0) {
        mirror(builder_.set(), label.values);
    }
    label.volatility = static_cast<float>(day_.value().value_or(std::numeric_limits<double>::quiet_NaN()));
    const double close = real(decision.close);
    const double atr = *atr_.value();
    label.lastClose = close;
    label.decisionPrice = close;
    double distance = 0;
    if (hasDistance(rule_.family)) {
        const auto turn = static_cast<std::size_t>(label.start.value / fiveMinutes.count() / rule_.stride);
        distance = rule_.distances[turn % rule_.distances.size()];
        label.values.push_back(static_cast<float>(distance));
    }
    label.stopDistance = atr * (rule_.family == Family::StopHit ? distance : rule_.stopAtr);
    label.targetDistance = atr * rule_.targetAtr;
    label.limit = std::round(close - side * distance * atr); // orders rest at whole ticks
    if (instrument_ && rule_.limitNotional.value > 0 && label.limit >= 1) {
        const market::Price price{std::llround(label.limit)};
        label.queue = trading::assumedQueue(instrument_->sizeFor(rule_.limitNotional, price));
    }
    const bool waits = hasTicks_ && (rule_.family == Family::Gbt5m || rule_.family == Family::StopHit);
    if (!waits) {
        label.entry = close;
        label.stop = close - side * label.stopDistance;
        label.target = close + side * label.targetDistance;
    }
    open_.push_back(std::move(label));
}

void RowMaker::follow(const Candle& candle)
{
    const auto last = end_ - base::Millis{1};
    if (!hasTicks_ || !isResolvedOnTicks(rule_.family)) {
        for (auto& label : open_) {
            if (candle.start < label.end) {
                step(label, real(candle.high), real(candle.low), real(candle.close), last, false);
            }
        }
    }
    settle(end_);
}

void RowMaker::add(const market::Tick& tick)
{
    if (!isResolvedOnTicks(rule_.family)) {
        return;
    }
    if (!hasTicks_) {
        hasTicks_ = true;
        dropAll(); // what was begun on candles is not finished on ticks
    }
    const double price = real(tick.price);
    for (auto& label : open_) {
        if (tick.time >= label.end || label.outcome) {
            continue;
        }
        if (tick.time < label.start + rule_.latency) {
            continue;
        }
        if (label.entry == 0) {
            label.entry = price;
            label.stop = price - label.side * label.stopDistance;
            label.target = price + label.side * label.targetDistance;
            label.lastClose = price;
            continue;
        }
        if (rule_.family == Family::Fill && price == label.limit) {
            label.traded += tick.size();
        }
        step(label, price, price, price, tick.time, true);
    }
}

void RowMaker::step(Open& label, double high, double low, double close, UtcMs last, bool isTick)
{
    if (label.outcome) {
        return;
    }
    label.decided = last;
    const bool isLong = label.side > 0;
    switch (rule_.family) {
    case Family::Gbt5m:
        stepTrade(label, high, low, last, isTick);
        break;
    case Family::Volatility: {
        const double r = std::log(close / label.lastClose);
        label.squares += r * r;
        break;
    }
    case Family::StopHit:
        if (isLong ? low <= label.stop : high >= label.stop) {
            label.outcome = 1.0F;
        }
        break;
    case Family::Fill: // through its price, or at it beyond the queue that is assumed: touching is not enough
        if ((isLong ? low < label.limit : high > label.limit) ||
            (label.queue.value > 0 && label.traded > label.queue)) {
            label.outcome = 1.0F;
        }
        break;
    case Family::Direction:
        break;
    }
    label.lastClose = close;
}

void RowMaker::stepTrade(Open& label, double high, double low, UtcMs last, bool isTick)
{
    const bool isLong = label.side > 0;
    const bool isStopped = isLong ? low <= label.stop : high >= label.stop;
    const bool isTaken = isLong ? high >= label.target : low <= label.target;
    if (!isStopped && !isTaken) {
        return;
    }
    ambiguous_ += !isTick && isStopped && isTaken ? 1U : 0U;
    // On ticks a stop fills at the print that crosses it, on candles at its price; a target at its own.
    const double price = isStopped ? (isTick ? low : label.stop) : label.target;
    const double earned = label.side * (price / label.entry - 1.0) - rule_.roundTripCost;
    label.outcome = earned > 0 ? 1.0F : 0.0F;
    label.decided = last;
}

void RowMaker::settle(UtcMs now)
{
    while (!open_.empty() && open_.front().end <= now) {
        close(open_.front());
        open_.pop_front();
    }
}

void RowMaker::close(Open& label)
{
    const bool isEarly = label.outcome.has_value(); // then its label ends there; all others looked until the horizon
    if (!isEarly) {
        label.decided = label.end - base::Millis{1};
        label.outcome = atHorizon(label);
    }
    if (!label.outcome || !std::isfinite(*label.outcome)) {
        ++rows_.losses.undefined;
        return;
    }
    rows_.append(label.values, *label.outcome,
                 {.span = {label.start.value, label.decided.value},
                  .series = series_,
                  .side = label.side,
                  .volatility = label.volatility,
                  .entry = label.decisionPrice});
}

std::optional<float> RowMaker::atHorizon(const Open& label) const
{
    if (!(label.entry > 0)) {
        return std::nullopt; // there was no print to enter at
    }
    const double move = label.lastClose - label.entry;
    switch (rule_.family) {
    case Family::Gbt5m:
        return label.side * (label.lastClose / label.entry - 1.0) - rule_.roundTripCost > 0 ? 1.0F : 0.0F;
    case Family::Direction:
        return move == 0 ? std::nullopt : std::optional(move > 0 ? 1.0F : 0.0F);
    case Family::Volatility:
        return label.squares > 0
                   ? std::optional(static_cast<float>(
                         0.5 * std::log(label.squares * msPerYear / static_cast<double>(rule_.horizon.count()))))
                   : std::nullopt;
    case Family::StopHit:
    case Family::Fill:
        return 0.0F;
    }
    return std::nullopt;
}

void RowMaker::markGap()
{
    dropAll();
}

void RowMaker::dropAll()
{
    rows_.losses.labelGap += open_.size();
    open_.clear();
}

TrainingRows RowMaker::finish()
{
    rows_.losses.labelEdge += open_.size();
    open_.clear();
    auto out = std::move(rows_);
    rows_ = {};
    return out;
}

} // namespace qd::learning
