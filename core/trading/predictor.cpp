#include "trading/predictor.h"

namespace qd::trading {

namespace {

constexpr char mark = '|';

} // namespace

std::string text(const ModelName& name)
{
    return name.version + mark + name.hash;
}

base::Result<ModelName> modelName(std::string_view text)
{
    const auto at = text.find(mark);
    const bool isWhole = at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
                         text.find(mark, at + 1) == std::string_view::npos;
    if (!isWhole) {
        return base::fail(base::ErrorCode::Malformed, "model",
                          "no version and hash: " + std::string(text.substr(0, 100)));
    }
    return ModelName{std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
}

std::string_view familyOf(std::string_view keyOrVersion)
{
    return keyOrVersion.substr(0, keyOrVersion.find_first_of("@ "));
}

std::shared_ptr<const ModelAtHand> modelAtHand(ModelName name, const ModelLibrary* library, FeatureRows* rows)
{
    ModelAtHand out{.name = std::move(name), .predictor = nullptr, .why = {}, .rows = rows};
    auto found = library != nullptr && rows != nullptr
                     ? library->find(out.name.hash)
                     : base::fail(base::ErrorCode::NotFound, out.name.version, "there is no library of models here");
    if (found && *found) {
        out.predictor = std::move(*found);
    } else {
        out.why = found ? "it is not there" : found.error().detail;
    }
    return std::make_shared<const ModelAtHand>(std::move(out));
}

bool isExpired(const ModelAtHand& model, base::Millis expiry, base::UtcMs now)
{
    return model.predictor && model.predictor->knows() < now - expiry;
}

std::string silenceOf(const ModelAtHand* model, std::string_view family)
{
    if (model == nullptr) {
        return "no model: it needs a trained " + std::string(family);
    }
    if (!model->predictor) {
        return "its model " + model->name.version + " cannot be asked: " + model->why;
    }
    return model->rows->silence(model->predictor->rowSet());
}

} // namespace qd::trading
