#include "trading/trading_pipeline.h"

#include "trading/instrument_pipeline.h"

namespace qd::trading {

namespace {

// Ids are rows of a small table: up to here they index a vector, so that feed() finds its instrument without a search.
constexpr std::int64_t mostIndexed = 4096;

} // namespace

TradingPipeline::TradingPipeline(base::PaperPolicy policy, std::vector<std::string> only,
                                 std::shared_ptr<const ModelLibrary> library)
    : policy_(policy),
      only_(std::move(only)),
      library_(std::move(library))
{
}

TradingPipeline::~TradingPipeline() = default;
TradingPipeline::TradingPipeline(TradingPipeline&&) noexcept = default;
TradingPipeline& TradingPipeline::operator=(TradingPipeline&&) noexcept = default;

InstrumentPipeline* TradingPipeline::find(InstrumentId id) const
{
    if (id.value >= 0 && id.value < static_cast<std::int64_t>(indexed_.size())) [[likely]] {
        return indexed_[static_cast<std::size_t>(id.value)];
    }
    const auto found = instruments_.find(id);
    return found == instruments_.end() ? nullptr : found->second.get();
}

void TradingPipeline::put(InstrumentId id, std::unique_ptr<InstrumentPipeline> pipeline)
{
    if (id.value >= 0 && id.value < mostIndexed) {
        const auto index = static_cast<std::size_t>(id.value);
        if (index >= indexed_.size()) {
            indexed_.resize(index + 1, nullptr);
        }
        indexed_[index] = pipeline.get();
    }
    instruments_[id] = std::move(pipeline);
}

void TradingPipeline::addInstrument(const market::Instrument& instrument, std::size_t historyDepth)
{
    auto pipeline = std::make_unique<InstrumentPipeline>(instrument, policy_, only_, historyDepth, library_);
    for (const auto& [strategy, enabled] : switches_) {
        pipeline->setEnabled(strategy, enabled);
    }
    for (const auto& [strategy, text] : parameters_) {
        (void)pipeline->setParameters(strategy, text); // accepted before
    }
    pipeline->setPaused(isPaused_);
    put(instrument.id, std::move(pipeline));
}

void TradingPipeline::setEnabled(const std::string& strategy, bool enabled)
{
    switches_[strategy] = enabled;
    for (const auto& [id, pipeline] : instruments_) {
        pipeline->setEnabled(strategy, enabled);
    }
}

void TradingPipeline::setEnabled(InstrumentId instrument, const std::string& strategy, bool enabled)
{
    if (auto* pipeline = find(instrument)) {
        pipeline->setEnabled(strategy, enabled);
    }
}

base::Result<void> TradingPipeline::setParameters(const std::string& strategy, const std::string& text)
{
    const auto* info = findStrategy(strategy);
    if (info == nullptr) {
        return base::fail(base::ErrorCode::NotFound, strategy, "no strategy of that name in the catalogue");
    }
    if (auto known = ParameterSet(info->name, info->parameters).setText(text); !known) {
        return known;
    }
    parameters_[strategy] = text;
    for (const auto& [id, pipeline] : instruments_) {
        if (auto set = pipeline->setParameters(strategy, text); !set) {
            return set;
        }
    }
    return {};
}

std::string TradingPipeline::parameters(InstrumentId instrument, std::string_view strategy) const
{
    const auto* pipeline = find(instrument);
    return pipeline != nullptr ? pipeline->parameters(strategy) : std::string();
}

bool TradingPipeline::isEnabled(InstrumentId instrument, std::string_view strategy) const
{
    const auto* pipeline = find(instrument);
    return pipeline != nullptr && pipeline->isEnabled(strategy);
}

bool TradingPipeline::runs(InstrumentId instrument, std::string_view strategy) const
{
    const auto* pipeline = find(instrument);
    return pipeline != nullptr && pipeline->runs(strategy);
}

std::string TradingPipeline::policy(InstrumentId instrument) const
{
    const auto* pipeline = find(instrument);
    return pipeline != nullptr ? pipeline->policy() : std::string();
}

void TradingPipeline::setCharge(const ExecutionCharge& charge)
{
    for (const auto& [id, pipeline] : instruments_) {
        pipeline->setCharge(charge);
    }
}

void TradingPipeline::setRuns(std::string_view strategy, bool runs)
{
    for (const auto& [id, pipeline] : instruments_) {
        pipeline->setRuns(strategy, runs);
    }
}

base::Result<void> TradingPipeline::setPolicy(const std::string& text)
{
    base::Result<void> done; // all of them were made with the same policy: one refuses what every one does
    for (const auto& [id, pipeline] : instruments_) {
        done = done ? pipeline->setPolicy(text) : done;
    }
    return done;
}

std::map<std::string, std::string> TradingPipeline::models(InstrumentId instrument) const
{
    const auto* pipeline = find(instrument);
    return pipeline != nullptr ? pipeline->models() : std::map<std::string, std::string>();
}

base::Result<void> TradingPipeline::setModel(const std::string& key, const std::string& model)
{
    for (const auto& [id, pipeline] : instruments_) {
        const RecordedInput input{
            .number = {}, .kind = InputKind::Model, .strategy = key, .enabled = !model.empty(), .parameters = model};
        if (auto set = apply(id, input); !set) {
            return set;
        }
    }
    return {};
}

std::string TradingPipeline::silence(InstrumentId instrument, std::string_view strategy) const
{
    const auto* pipeline = find(instrument);
    return pipeline ? pipeline->silence(strategy) : std::string();
}

void TradingPipeline::setPaused(bool paused)
{
    isPaused_ = paused;
    for (const auto& [id, pipeline] : instruments_) {
        pipeline->setPaused(paused);
    }
}

void TradingPipeline::closeAll(const std::string& strategy)
{
    for (const auto& [id, pipeline] : instruments_) {
        pipeline->closeAll(strategy);
    }
}

std::map<std::string, std::string> TradingPipeline::arms(InstrumentId instrument) const
{
    const auto* pipeline = find(instrument);
    return pipeline ? pipeline->arms() : std::map<std::string, std::string>();
}

base::Result<void> TradingPipeline::apply(InstrumentId instrument, const RecordedInput& input)
{
    auto* pipeline = find(instrument);
    if (!pipeline) {
        return {};
    }
    switch (input.kind) {
    case InputKind::Strategy:
        pipeline->setEnabled(input.strategy, input.enabled);
        break;
    case InputKind::Trading:
        pipeline->setPaused(!input.enabled);
        break;
    case InputKind::CloseAll:
        pipeline->closeAll(input.strategy);
        break;
    case InputKind::Entries:
        pipeline->setTakesEntries(input.enabled);
        break;
    case InputKind::Parameters:
        return pipeline->setParameters(input.strategy, input.parameters);
    case InputKind::Calibration: {
        const auto charge = executionCharge(input.parameters);
        if (!charge) {
            return std::unexpected(charge.error());
        }
        pipeline->setCharge(*charge);
        break;
    }
    case InputKind::Runs:
        pipeline->setRuns(input.strategy, input.enabled);
        break;
    case InputKind::Policy:
        return pipeline->setPolicy(input.parameters);
    case InputKind::Arm:
        return pipeline->applyArm(input);
    case InputKind::Model: {
        auto model = input.enabled ? modelName(input.parameters) : base::Result<ModelName>(ModelName());
        if (!model) {
            return std::unexpected(model.error());
        }
        pipeline->setModel(input.strategy, input.enabled ? std::optional(std::move(*model)) : std::nullopt);
        break;
    }
    }
    return {};
}

void TradingPipeline::feed(const market::StreamItem& item, LedgerEvents& out)
{
    if (auto* pipeline = find(item.instrument)) [[likely]] {
        pipeline->feed(item, out);
    }
}

const market::CandleHistory* TradingPipeline::history(InstrumentId instrument, market::Timeframe timeframe) const
{
    const auto* pipeline = find(instrument);
    return pipeline ? &pipeline->history(timeframe) : nullptr;
}

std::optional<market::Candle> TradingPipeline::forming(InstrumentId instrument, market::Timeframe timeframe) const
{
    const auto* pipeline = find(instrument);
    return pipeline ? pipeline->forming(timeframe) : std::nullopt;
}

std::vector<OpenPosition> TradingPipeline::openPositions() const
{
    std::vector<OpenPosition> positions;
    for (const auto& [id, pipeline] : instruments_) {
        pipeline->appendPositions(positions);
    }
    return positions;
}

bool TradingPipeline::isPaused(InstrumentId instrument) const
{
    const auto* pipeline = find(instrument);
    return pipeline != nullptr && pipeline->isPaused();
}

bool TradingPipeline::takesEntries(InstrumentId instrument) const
{
    const auto* pipeline = find(instrument);
    return pipeline != nullptr && pipeline->takesEntries();
}

bool TradingPipeline::isIdle(InstrumentId instrument) const
{
    const auto* pipeline = find(instrument);
    return pipeline == nullptr || pipeline->isIdle();
}

StreamNumber TradingPipeline::fed(InstrumentId instrument) const
{
    const auto* pipeline = find(instrument);
    return pipeline ? pipeline->fed() : StreamNumber{};
}

std::string TradingPipeline::save(InstrumentId instrument) const
{
    const auto* pipeline = find(instrument);
    return pipeline ? pipeline->save() : std::string();
}

void TradingPipeline::beginAt(InstrumentId instrument, StreamNumber number)
{
    if (auto* pipeline = find(instrument)) {
        pipeline->beginAt(number);
    }
}

base::Result<void> TradingPipeline::restore(InstrumentId instrument, const std::string& bytes)
{
    const auto* present = find(instrument);
    if (!present) {
        return base::fail(base::ErrorCode::NotFound, "instrument " + std::to_string(instrument.value), "not added");
    }
    // Read into a new one, so that what is damaged leaves the present one as it was: new.
    auto restored =
        std::make_unique<InstrumentPipeline>(present->instrument(), policy_, only_, present->historyDepth(), library_);
    if (auto done = restored->restore(bytes); !done) {
        return done;
    }
    put(instrument, std::move(restored));
    return {};
}

} // namespace qd::trading
