#include "trading/candle_pipeline.h"

#include "trading/execution_band.h"
#include "trading/execution_model.h"

#include <algorithm>

namespace qd::trading {

CandlePipeline::CandlePipeline(const market::Instrument& instrument, const base::PaperPolicy& policy,
                               market::Timeframe timeframe, const std::vector<std::string>& only,
                               std::shared_ptr<const ModelLibrary> library)
    : CandlePipeline(makeRunners(only, instrument.name), instrument, policy, timeframe, std::move(library))
{
}

CandlePipeline::CandlePipeline(std::vector<StrategyRunner> runners, const market::Instrument& instrument,
                               const base::PaperPolicy& policy, market::Timeframe timeframe,
                               std::shared_ptr<const ModelLibrary> library)
    : instrument_(instrument),
      policy_(policy),
      charge_(assumedCharge(policy.assumedSlippage)),
      timeframe_(timeframe),
      length_(market::length(timeframe)),
      runners_(std::move(runners)),
      library_(std::move(library))
{
    std::erase_if(runners_, [this](const StrategyRunner& runner) {
        const bool isLeftOut =
            std::ranges::any_of(runner.info->timeframes, [this](auto tf) { return tf < timeframe_; });
        if (isLeftOut) {
            leftOut_.emplace_back(runner.info->name);
        }
        return isLeftOut;
    });
    rows_.resize(runners_.size());
    followTimeframes();
}

// The candles that somebody reads: strategies, and the rows of features.
void CandlePipeline::followTimeframes()
{
    larger_.clear();
    nextClose_ = UtcMs{INT64_MIN};
    for (const auto one : market::allTimeframes) {
        const bool isOfRows = featureRows_ && (one == market::Timeframe::M1 || one == market::Timeframe::M5);
        const bool isRead = isOfRows || std::ranges::any_of(runners_, [one](const StrategyRunner& runner) {
                                return std::ranges::find(runner.info->timeframes, one) != runner.info->timeframes.end();
                            });
        if (isRead && one == timeframe_) {
            isRead_ = true;
        } else if (isRead && one > timeframe_) {
            larger_.push_back({one, market::length(one) / length_, {}, 0, {}});
        }
    }
}

void CandlePipeline::setEnabled(const std::string& strategy, bool enabled)
{
    for (std::size_t row = 0; row < runners_.size(); ++row) {
        if (runners_[row].info->name == strategy) {
            rows_[row].isEnabled = enabled;
        }
    }
}

void CandlePipeline::setRuns(std::string_view strategy, bool runs)
{
    for (std::size_t row = 0; row < runners_.size(); ++row) {
        if (runners_[row].info->name == strategy) {
            rows_[row].runs = runs;
        }
    }
}

base::Result<void> CandlePipeline::setPolicy(const std::string& text)
{
    const auto policy = base::paperPolicyOf(policy_, text);
    if (!policy) {
        return std::unexpected(policy.error());
    }
    policy_ = *policy;
    return {};
}

base::Result<void> CandlePipeline::setParameters(const std::string& strategy, std::string_view text)
{
    for (auto& runner : runners_) {
        if (runner.info->name == strategy) {
            return runner.setParameters(text, modelOf(*runner.info));
        }
    }
    return {};
}

base::Result<void> CandlePipeline::setModel(const std::string& key, const std::string& model)
{
    auto name = model.empty() ? base::Result<ModelName>(ModelName()) : modelName(model);
    if (!name) {
        return std::unexpected(name.error());
    }
    if (!mayAsk(key, instrument_.name)) {
        return {};
    }
    if (!featureRows_ && library_) {
        featureRows_ = library_->makeRows();
        followTimeframes();
    }
    const std::string family(familyOf(key));
    if (model.empty()) {
        models_.erase(family);
    } else {
        models_[family] = modelAtHand(std::move(*name), library_.get(), featureRows_.get());
    }
    for (const auto& runner : runners_) {
        if (runner.info->model == family) {
            runner.strategy->useModel(modelOf(*runner.info));
        }
    }
    return {};
}

std::shared_ptr<const ModelAtHand> CandlePipeline::modelOf(const StrategyInfo& info) const
{
    const auto found = info.model.empty() ? models_.end() : models_.find(info.model);
    return found != models_.end() ? found->second : nullptr;
}

void CandlePipeline::feed(const market::Candle& candle, LedgerEvents& out)
{
    if (candle.start < end_) {
        return;
    }
    const bool isHole = number_.value > 0 && candle.start > end_;
    if (candle.start >= nextClose_ && number_.value > 0) {
        closeUntil(candle.start, isHole, out);
    }
    ++number_.value;
    for (auto& row : rows_) {
        if (!row.position && !row.pending) {
            continue;
        }
        atOpen(row, candle, isHole, out);
        if (row.position) {
            withinBar(row, candle, out);
        } else if (row.pending) {
            enterByLimit(row, candle, isHole, out);
        }
    }
    fold(candle);
    newest_ = candle;
    end_ = candle.start + length_;
}

// The newest candle and the larger ones that end before a candle which opens at `open`. All but the newest's own moment
// can only lie in a hole, so they are told together.
void CandlePipeline::closeUntil(UtcMs open, bool isHole, LedgerEvents& out)
{
    closed_.clear();
    nextClose_ = {isRead_ ? INT64_MIN : INT64_MAX};
    if (isRead_) {
        closed_.emplace_back(timeframe_, newest_);
    }
    for (auto& bucket : larger_) {
        if (bucket.parts > 0 && bucket.end <= open) {
            bucket.candle.hasGap = bucket.candle.hasGap || bucket.parts != bucket.whole;
            closed_.emplace_back(bucket.timeframe, bucket.candle);
            bucket.parts = 0;
        } else if (bucket.parts > 0) {
            nextClose_ = std::min(nextClose_, bucket.end);
        }
    }
    if (closed_.empty()) {
        return; // it concerns nobody
    }
    for (std::size_t i = 0; featureRows_ && i < closed_.size(); ++i) {
        featureRows_->add(closed_[i].first, closed_[i].second);
    }
    for (std::size_t row = 0; row < rows_.size(); ++row) {
        ask(row, isHole, out);
    }
}

void CandlePipeline::ask(std::size_t row, bool isHole, LedgerEvents& out)
{
    auto& runner = runners_[row];
    auto& state = rows_[row];
    bool isConcerned = false;
    bool hasGap = isHole;
    for (const auto& [timeframe, candle] : closed_) {
        if (std::ranges::find(runner.info->timeframes, timeframe) != runner.info->timeframes.end()) {
            runner.strategy->onCandle(timeframe, candle);
            hasGap = hasGap || candle.hasGap;
            isConcerned = true;
        }
    }
    if (!isConcerned) {
        return;
    }
    const auto own = state.position
                         ? std::optional(OwnPosition{state.position->decision.side, state.position->entry.price,
                                                     state.position->entry.time})
                         : std::nullopt;
    const auto signal = runner.strategy->decide(own ? &*own : nullptr);
    if (!signal) {
        return;
    }
    const auto decidedAt = end_;
    DecisionStamp decision{.instrument = instrument_.id,
                           .strategy = std::string(runner.info->name),
                           .parameterHash = runner.parameterHash,
                           .side = signal->side,
                           .number = number_,
                           .time = decidedAt,
                           .decisionPriceHalfTicks = 2 * newest_.close.value,
                           .stop = signal->stop,
                           .target = signal->target,
                           .why = signal->why,
                           .limit = signal->limit};
    const auto price = signal->limit.value_or(newest_.close);
    const auto model = runner.strategy->asksModel() ? modelOf(*runner.info) : nullptr;
    const auto doubt = hasGap ? std::optional(NotTraded::Gap)
                       : model && isExpired(*model, policy_.modelExpiry, decidedAt)
                           ? std::optional(NotTraded::ModelExpired)
                           : std::nullopt;
    if (const auto reason = obstacle(state, price, doubt)) {
        if (!state.leavesBySignal && *reason == NotTraded::PositionOpen && !doubt &&
            state.position->decision.side != signal->side) {
            state.leavesBySignal = true;
            state.exitDecisionHalfTicks = decision.decisionPriceHalfTicks;
        }
        out.emplace_back(UntradedSignal{std::move(decision), *reason});
        return;
    }
    state.pending = Order{.decision = std::move(decision),
                          .size = instrument_.sizeFor(policy_.notional, price),
                          .timeLimit = signal->timeLimit,
                          .patienceEnd = decidedAt + policy_.limitPatience};
    if (const auto asked = model && model->predictor ? runner.strategy->asked() : std::nullopt) {
        const auto features = model->rows->row(model->predictor->rowSet(), asked->side);
        out.emplace_back(ModelAsked{instrument_.id,
                                    std::string(runner.info->name),
                                    number_,
                                    model->name.version,
                                    model->name.hash,
                                    asked->prediction,
                                    asked->threshold,
                                    {features.begin(), features.end()}});
    }
}

std::optional<NotTraded> CandlePipeline::obstacle(const Row& row, Price price, std::optional<NotTraded> doubt) const
{
    if (row.position) {
        return NotTraded::PositionOpen;
    }
    if (row.pending) {
        return NotTraded::OrderPending;
    }
    if (end_ < row.cooldownUntil) {
        return NotTraded::Cooldown;
    }
    if (doubt) {
        return doubt;
    }
    if (price.value <= 0 || worthOf(instrument_, price, instrument_.minSize) > policy_.notional) {
        return NotTraded::TooSmall;
    }
    return std::nullopt;
}

void CandlePipeline::atOpen(Row& row, const market::Candle& candle, bool isHole, LedgerEvents& out)
{
    const auto open = candle.open;
    if (row.position) {
        auto& position = *row.position;
        const auto side = position.decision.side;
        position.hasGap = position.hasGap || isHole || candle.hasGap;
        if (hitsStop(side, position.decision.stop, open)) {
            stopOut(row, open, candle.start, out);
        } else if (row.leavesBySignal || candle.start >= position.timeLimit) {
            const auto decided = row.leavesBySignal ? row.exitDecisionHalfTicks : 2 * newest_.close.value;
            leave(row, row.leavesBySignal ? ExitReason::Signal : ExitReason::TimeLimit, decided,
                  charged(opposite(side), open), candle.start, out);
        }
    }
    if (row.pending && !row.pending->decision.limit) {
        const auto price = charged(row.pending->decision.side, open);
        enter(row, price, policy_.takerFee, candle, out);
    }
}

// The position that the row's order begins; the stop may lie behind the open.
void CandlePipeline::enter(Row& row, Price price, base::RatePpm fee, const market::Candle& candle, LedgerEvents& out)
{
    auto& order = *row.pending;
    const auto side = order.decision.side;
    row.position = OpenPosition{.decision = std::move(order.decision),
                                .size = order.size,
                                .entry = {.time = candle.start,
                                          .number = number_,
                                          .price = price,
                                          .fee = worthOf(instrument_, price, order.size) * fee},
                                .timeLimit = candle.start + order.timeLimit,
                                .best = price,
                                .worst = price,
                                .hasGap = candle.hasGap,
                                .inShadow = !row.isEnabled,
                                .onCandles = true};
    row.pending.reset();
    out.emplace_back(*row.position);
    if (hitsStop(side, row.position->decision.stop, candle.open)) {
        stopOut(row, candle.open, candle.start, out);
    }
}

void CandlePipeline::enterByLimit(Row& row, const market::Candle& candle, bool isHole, LedgerEvents& out)
{
    auto& order = *row.pending;
    const auto side = order.decision.side;
    const auto limit = *order.decision.limit;
    const auto giveUp = [&](NotTraded reason) {
        out.emplace_back(UntradedSignal{std::move(order.decision), reason});
        row.pending.reset();
    };
    if (isHole) {
        giveUp(NotTraded::Gap);
        return;
    }
    if (tradesThrough(opposite(side), limit, candle.open)) { // it takes what is there
        const auto byMarket = charged(side, candle.open);
        enter(row, worse(opposite(side), byMarket, limit), policy_.takerFee, candle, out);
        if (row.position) {
            withinBar(row, candle, out);
        }
        return;
    }
    const auto adverse = side == Side::Buy ? candle.low : candle.high;
    if (tradesThrough(opposite(side), limit, adverse)) {
        const auto stop = order.decision.stop;
        enter(row, limit, policy_.makerFee, candle, out);
        if (row.position && hitsStop(side, stop, adverse)) {
            stopOut(row, charged(opposite(side), stop), candle.start + length_ - base::Millis{1}, out);
        } else if (row.position) {
            row.position->worst = worse(opposite(side), row.position->worst, adverse);
        }
    } else if (candle.start + length_ >= order.patienceEnd) {
        giveUp(NotTraded::NotFilled);
    }
}

void CandlePipeline::withinBar(Row& row, const market::Candle& candle, LedgerEvents& out)
{
    auto& position = *row.position;
    const auto side = position.decision.side;
    const bool isLong = side == Side::Buy;
    const auto adverse = isLong ? candle.low : candle.high;
    const auto favourable = isLong ? candle.high : candle.low;
    const auto time = candle.start + length_ - base::Millis{1}; // when within it is not known
    if (hitsStop(side, position.decision.stop, adverse)) {
        stopOut(row, charged(opposite(side), position.decision.stop), time, out);
        return;
    }
    position.worst = worse(opposite(side), position.worst, adverse);
    if (tradesThrough(side, position.decision.target, favourable)) {
        leave(row, ExitReason::Target, 2 * position.decision.target.value, position.decision.target, time, out);
        return;
    }
    position.best = worse(side, position.best, favourable); // the higher for one who is long
}

Price CandlePipeline::charged(Side side, Price price) const
{
    return slipped(side, price, charge_.of(side).applied);
}

void CandlePipeline::stopOut(Row& row, Price price, UtcMs time, LedgerEvents& out)
{
    leave(row, ExitReason::Stop, 2 * row.position->decision.stop.value, price, time, out);
}

void CandlePipeline::leave(Row& row, ExitReason reason, std::int64_t decided, Price price, UtcMs time,
                           LedgerEvents& out)
{
    auto& position = *row.position;
    const auto paid = worthOf(instrument_, position.entry.price, position.size);
    const auto got = worthOf(instrument_, price, position.size);
    const auto rate = reason == ExitReason::Target ? policy_.makerFee : policy_.takerFee;
    auto trade = closedTrade(std::move(position), reason,
                             {.time = time, .number = number_, .price = price, .fee = got * rate}, paid, got);
    trade.exitDecisionHalfTicks = decided;
    setBand(trade, instrument_, policy_, charge_);
    out.emplace_back(std::move(trade));
    row.position.reset();
    row.leavesBySignal = false;
    row.cooldownUntil = time + policy_.cooldown;
}

void CandlePipeline::fold(const market::Candle& candle)
{
    for (auto& bucket : larger_) {
        auto& in = bucket.candle;
        if (bucket.parts == 0) {
            in = candle;
            in.start = base::bucketStart(candle.start, market::length(bucket.timeframe));
            bucket.end = in.start + market::length(bucket.timeframe);
            nextClose_ = std::min(nextClose_, bucket.end);
        } else {
            in.high = std::max(in.high, candle.high);
            in.low = std::min(in.low, candle.low);
            in.close = candle.close;
            in.volume += candle.volume;
            in.buyVolume += candle.buyVolume;
            in.trades += candle.trades;
            in.hasGap = in.hasGap || candle.hasGap;
        }
        ++bucket.parts;
    }
}

} // namespace qd::trading
