// The models that serve on one instrument: which are in force, and their part of its saved state.
#include "trading/instrument_pipeline.h"

namespace qd::trading {

void InstrumentPipeline::setModel(const std::string& key, std::optional<ModelName> model)
{
    if (!mayAsk(key, instrument_.name)) {
        return;
    }
    if (model) {
        models_[key] = modelAtHand(std::move(*model), library_.get(), rows_.get());
    } else {
        models_.erase(key);
    }
    const auto family = familyOf(key);
    for (std::size_t row = 0; row < runners_.size(); ++row) {
        if (const auto& runner = runners_[row]; runner.info->model == family) {
            serves_[row] = modelOf(*runner.info);
            runner.strategy->useModel(serves_[row]);
        }
    }
    for (auto& arm : arms_) {
        if (arm.runner.info->model == family && !arm.wish.model) {
            arm.model = modelOf(*arm.runner.info);
            arm.runner.strategy->useModel(arm.model);
        }
    }
}

std::map<std::string, std::string> InstrumentPipeline::models() const
{
    std::map<std::string, std::string> out;
    for (const auto& [key, model] : models_) {
        out.emplace(key, text(model->name));
    }
    return out;
}

// A model of the instrument goes before one of all of them.
std::shared_ptr<const ModelAtHand> InstrumentPipeline::modelOf(const StrategyInfo& info) const
{
    if (info.model.empty() || models_.empty()) {
        return nullptr;
    }
    const std::string family(info.model);
    auto found = models_.find(family + "@" + instrument_.name);
    found = found != models_.end() ? found : models_.find(family);
    return found != models_.end() ? found->second : nullptr;
}

void InstrumentPipeline::saveModels(base::StateWriter& a) const
{
    a(static_cast<std::uint64_t>(models_.size()));
    for (const auto& [key, model] : models_) {
        a(key, text(model->name));
    }
    a(rows_ ? rows_->fingerprint() : std::string());
    if (rows_) {
        rows_->save(a);
    }
}

base::Result<void> InstrumentPipeline::restoreModels(base::StateReader& a)
{
    std::uint64_t count = 0;
    a(count);
    for (std::uint64_t i = 0; i < count && !a.failed(); ++i) {
        std::string key;
        std::string name;
        a(key, name);
        auto model = modelName(name);
        if (!model) {
            return base::fail(base::ErrorCode::Damaged, instrument_.name, "the models in the saved state");
        }
        setModel(key, std::move(*model));
    }
    std::string sets;
    a(sets);
    if (a.failed()) {
        return base::fail(base::ErrorCode::Damaged, instrument_.name, "length of the saved state");
    }
    if (sets != (rows_ ? rows_->fingerprint() : std::string())) {
        return base::fail(base::ErrorCode::Unsupported, instrument_.name, "the saved state is of other features");
    }
    if (rows_) {
        rows_->restore(a);
    }
    return {};
}

} // namespace qd::trading
