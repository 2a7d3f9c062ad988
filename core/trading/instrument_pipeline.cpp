#include "trading/instrument_pipeline.h"

#include "base/sha256.h"

#include <algorithm>
#include <tuple>

namespace qd::trading {

namespace {

constexpr std::string_view stateMagic = "quarterdeck pipeline state 8\n";
constexpr std::string_view magicOfAny = "quarterdeck pipeline state ";
constexpr std::size_t hashLength = 64;

std::size_t at(market::Timeframe timeframe)
{
    return static_cast<std::size_t>(timeframe);
}

} // namespace

InstrumentPipeline::InstrumentPipeline(const market::Instrument& instrument, const base::PaperPolicy& policy,
                                       const std::vector<std::string>& only, std::size_t historyDepth,
                                       std::shared_ptr<const ModelLibrary> library)
    : instrument_(instrument),
      historyDepth_(historyDepth),
      standard_(policy),
      silence_(policy.silence),
      modelExpiry_(policy.modelExpiry),
      library_(std::move(library)),
      rows_(library_ ? library_->makeRows() : nullptr),
      runners_(makeRunners(only, instrument.name)),
      runs_(runners_.size(), true),
      serves_(runners_.size()),
      broker_(instrument, policy, {}),
      builders_{market::CandleBuilder(market::Timeframe::M1), market::CandleBuilder(market::Timeframe::M5),
                market::CandleBuilder(market::Timeframe::M15), market::CandleBuilder(market::Timeframe::H1),
                market::CandleBuilder(market::Timeframe::H4)}
{
    std::vector<PaperBroker::Row> rows;
    for (const auto& runner : runners_) {
        rows.push_back({std::string(runner.info->name), runner.parameterHash});
    }
    fingerprint_ = instrument.name + "|" + base::toText(instrument.tick.step()) + "|" +
                   base::toText(instrument.lot.step()) + "|" + base::toText(instrument.contractValue);
    for (const auto& row : rows) {
        fingerprint_.append("|").append(row.strategy).append(":").append(row.parameterHash);
    }
    broker_ = PaperBroker(instrument, policy, std::move(rows));
    histories_.fill(market::CandleHistory(historyDepth));
}

void InstrumentPipeline::feed(const market::StreamItem& item, LedgerEvents& out)
{
    fed_ = item.number;
    if (const auto* tick = std::get_if<market::Tick>(&item.what)) [[likely]] {
        onTick(*tick, item.number, out);
    } else if (const auto* quote = std::get_if<market::Quote>(&item.what)) {
        broker_.onQuote(*quote, item.number, out);
        newest_ = std::max(newest_, quote->time);
    } else if (const auto* late = std::get_if<market::LateTick>(&item.what)) {
        for (auto& builder : builders_) {
            builder.markLate(late->tick.time);
        }
    } else if (const auto* rate = std::get_if<market::FundingRate>(&item.what)) {
        broker_.onFunding(*rate, newest_, out);
    } else {
        for (auto& builder : builders_) {
            builder.markGap();
        }
        broker_.onGap(out);
    }
}

void InstrumentPipeline::onTick(const market::Tick& tick, StreamNumber number, LedgerEvents& out)
{
    broker_.onTick(tick, number, out);
    if (tick.time >= nextClose_) [[unlikely]] {
        closeCandles(tick, number, out);
    } else {
        for (auto& builder : builders_) {
            builder.add(tick, closedOfOne_); // closes none
        }
    }
    newest_ = std::max(newest_, tick.time);
}

void InstrumentPipeline::closeCandles(const market::Tick& tick, StreamNumber number, LedgerEvents& out)
{
    closed_.clear();
    for (auto& builder : builders_) {
        closedOfOne_.clear();
        builder.add(tick, closedOfOne_);
        for (const auto& candle : closedOfOne_) {
            closed_.push_back({candle.start + market::length(builder.timeframe()), builder.timeframe(), candle});
        }
    }
    closedOfOne_.clear();
    setNextClose();
    if (closed_.empty()) {
        return; // the first tick
    }
    std::ranges::sort(closed_, [](const Closed& a, const Closed& b) {
        return std::tie(a.end, a.timeframe) < std::tie(b.end, b.timeframe);
    });
    for (const auto& [end, timeframe, candle] : closed_) {
        histories_[at(timeframe)].add(candle);
        out.emplace_back(CandleClosed{instrument_.id, timeframe, candle});
    }
    tellClosed();
    for (std::size_t row = 0; row < runners_.size(); ++row) {
        if (heard_[row].bar && runs_[row]) {
            decide(runners_[row], row, serves_[row].get(), tick, number, out);
        }
    }
    if (!arms_.empty()) {
        askArms(tick, number, out);
    }
}

// A quiet time closes several candles of one timeframe at once: each is heard with the row of features of its moment.
void InstrumentPipeline::tellClosed()
{
    heard_.assign(runners_.size() + arms_.size(), Heard());
    for (const auto& closed : closed_) {
        if (rows_) {
            rows_->add(closed.timeframe, closed.candle);
        }
        for (std::size_t row = 0; row < runners_.size(); ++row) {
            tell(runners_[row], closed, heard_[row]);
        }
        for (std::size_t i = 0; i < arms_.size(); ++i) {
            tell(arms_[i].runner, closed, heard_[runners_.size() + i]);
        }
    }
}

void InstrumentPipeline::tell(const StrategyRunner& runner, const Closed& closed, Heard& heard)
{
    if (std::ranges::find(runner.info->timeframes, closed.timeframe) != runner.info->timeframes.end()) {
        runner.strategy->onCandle(closed.timeframe, closed.candle);
        heard.touchesGap[at(closed.timeframe)] = closed.candle.hasGap;
        heard.bar = closed.end;
    }
}

void InstrumentPipeline::decide(const StrategyRunner& runner, std::size_t row, const ModelAtHand* model,
                                const market::Tick& tick, StreamNumber number, LedgerEvents& out)
{
    const auto own = broker_.own(row);
    const auto signal = runner.strategy->decide(own ? &*own : nullptr);
    if (!signal) {
        return;
    }
    const auto& gaps = heard_[row].touchesGap;
    const bool hasModel = runner.strategy->asksModel() && model != nullptr && model->predictor;
    const auto doubt = std::ranges::find(gaps, true) != gaps.end()              ? std::optional(NotTraded::Gap)
                       : isStale(tick.time)                                     ? std::optional(NotTraded::StaleData)
                       : hasModel && isExpired(*model, modelExpiry_, tick.time) ? std::optional(NotTraded::ModelExpired)
                                                                                : std::nullopt;
    const bool isOrdered = broker_.order(row, *signal, number, tick.time, doubt, out);
    if (const auto asked = isOrdered && hasModel ? runner.strategy->asked() : std::nullopt) {
        const auto features = model->rows->row(model->predictor->rowSet(), asked->side);
        out.emplace_back(ModelAsked{instrument_.id,
                                    broker_.nameOf(row),
                                    number,
                                    model->name.version,
                                    model->name.hash,
                                    asked->prediction,
                                    asked->threshold,
                                    {features.begin(), features.end()}});
    }
}

bool InstrumentPipeline::isStale(UtcMs now) const
{
    return newest_.value != INT64_MIN && now - newest_ > silence_;
}

void InstrumentPipeline::setNextClose()
{
    nextClose_ = builders_.front().closesAt();
    for (const auto& builder : builders_) {
        nextClose_ = std::min(nextClose_, builder.closesAt());
    }
}

void InstrumentPipeline::setEnabled(const std::string& strategy, bool enabled)
{
    for (std::size_t row = 0; row < runners_.size(); ++row) {
        if (runners_[row].info->name == strategy) {
            broker_.setEnabled(row, enabled);
        }
    }
}

base::Result<void> InstrumentPipeline::setParameters(const std::string& strategy, std::string_view text)
{
    for (std::size_t row = 0; row < runners_.size(); ++row) {
        if (runners_[row].info->name == strategy) {
            if (auto set = runners_[row].setParameters(text, serves_[row]); !set) {
                return set;
            }
            broker_.setParameterHash(row, runners_[row].parameterHash);
        }
    }
    return {};
}

std::string InstrumentPipeline::parameters(std::string_view strategy) const
{
    const auto found = std::ranges::find(runners_, strategy, [](const StrategyRunner& r) { return r.info->name; });
    return found != runners_.end() ? found->parameters.text() : std::string();
}

bool InstrumentPipeline::isEnabled(std::string_view strategy) const
{
    const auto found = std::ranges::find(runners_, strategy, [](const StrategyRunner& r) { return r.info->name; });
    return found != runners_.end() && broker_.isEnabled(static_cast<std::size_t>(found - runners_.begin()));
}

void InstrumentPipeline::setRuns(std::string_view strategy, bool runs)
{
    for (std::size_t row = 0; row < runners_.size(); ++row) {
        if (runners_[row].info->name == strategy) {
            runs_[row] = runs;
        }
    }
}

bool InstrumentPipeline::runs(std::string_view strategy) const
{
    const auto found = std::ranges::find(runners_, strategy, [](const StrategyRunner& r) { return r.info->name; });
    return found != runners_.end() && runs_[static_cast<std::size_t>(found - runners_.begin())];
}

base::Result<void> InstrumentPipeline::setPolicy(const std::string& text)
{
    const auto policy = base::paperPolicyOf(standard_, text);
    if (!policy) {
        return std::unexpected(policy.error());
    }
    policyText_ = text;
    silence_ = policy->silence;
    modelExpiry_ = policy->modelExpiry;
    broker_.setPolicy(*policy);
    return {};
}

std::string InstrumentPipeline::silence(std::string_view strategy) const
{
    const auto found =
        std::ranges::find_if(runners_, [&](const StrategyRunner& runner) { return runner.info->name == strategy; });
    if (found == runners_.end()) {
        return {};
    }
    if (!runs(strategy)) {
        return "archived: it does not run";
    }
    const auto& model = serves_[static_cast<std::size_t>(found - runners_.begin())];
    const bool hasBegun = newest_.value != INT64_MIN;
    if (hasBegun && found->strategy->asksModel() && model && isExpired(*model, modelExpiry_, newest_)) {
        return model->name.version + " has expired: it learned more than " +
               std::to_string(modelExpiry_ / base::oneDay) + " days ago and decides no more";
    }
    return found->strategy->silence();
}

void InstrumentPipeline::closeAll(const std::string& strategy)
{
    for (std::size_t row = 0; row < runners_.size(); ++row) {
        if (runners_[row].info->name == strategy) {
            broker_.close(row);
        }
    }
    for (std::size_t i = 0; i < arms_.size(); ++i) {
        if (arms_[i].ledgerName == strategy) {
            broker_.close(runners_.size() + i);
        }
    }
}

const market::CandleHistory& InstrumentPipeline::history(market::Timeframe timeframe) const
{
    return histories_[at(timeframe)];
}

std::optional<market::Candle> InstrumentPipeline::forming(market::Timeframe timeframe) const
{
    return builders_[at(timeframe)].forming();
}

std::string InstrumentPipeline::save() const
{
    base::StateWriter a;
    a(fingerprint_, fed_, newest_, broker_);
    for (const auto& runner : runners_) {
        a(runner.parameters.text());
    }
    for (const auto& builder : builders_) {
        a(builder);
    }
    for (const auto& runner : runners_) {
        runner.strategy->save(a);
    }
    for (const bool runs : runs_) {
        a(runs);
    }
    a(policyText_);
    saveModels(a);
    saveArms(a);
    auto bytes = std::string(stateMagic) + a.take();
    return bytes + base::sha256Hex(bytes);
}

base::Result<void> InstrumentPipeline::restore(std::string_view bytes)
{
    const auto damaged = [this](const char* why) {
        return base::fail(base::ErrorCode::Damaged, instrument_.name, why);
    };
    if (bytes.size() < stateMagic.size() + hashLength || !bytes.starts_with(stateMagic)) {
        constexpr auto why = "not a saved state of this version";
        return bytes.starts_with(magicOfAny) ? base::fail(base::ErrorCode::Unsupported, instrument_.name, why)
                                             : damaged(why);
    }
    const auto hashed = bytes.substr(0, bytes.size() - hashLength);
    if (base::sha256Hex(hashed) != bytes.substr(hashed.size())) {
        return damaged("checksum of the saved state");
    }
    base::StateReader a(hashed.substr(stateMagic.size()));
    std::string fingerprint;
    a(fingerprint);
    if (fingerprint != fingerprint_) {
        return damaged("the saved state is of other strategies, parameters or scales");
    }
    a(fed_, newest_, broker_);
    for (auto& runner : runners_) {
        std::string parameters;
        a(parameters);
        if (!setParameters(std::string(runner.info->name), parameters)) {
            return damaged("the parameters in the saved state");
        }
    }
    for (auto& builder : builders_) {
        a(builder);
    }
    for (auto& runner : runners_) {
        runner.strategy->restore(a);
    }
    for (std::size_t row = 0; row < runs_.size(); ++row) {
        bool runs = true;
        a(runs);
        runs_[row] = runs;
    }
    std::string policy;
    a(policy);
    if (!setPolicy(policy)) {
        return damaged("the policy in the saved state");
    }
    if (auto models = restoreModels(a); !models) {
        return models;
    }
    if (auto arms = restoreArms(a); !arms) {
        return arms;
    }
    setNextClose();
    return a.isComplete() ? base::Result<void>{} : damaged("length of the saved state");
}

} // namespace qd::trading
