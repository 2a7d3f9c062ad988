// What the rules know of trained models: the rows of features of one instrument, a model that answers one of them, and
// the library that has both. They live in another room. Which model serves on an instrument is a recorded input
// (InputKind::Model), so replay and restart ask the same one between the same two items.
#pragma once

#include "base/error.h"
#include "base/state.h"
#include "market/candle.h"
#include "market/tick.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace qd::trading {

/// The rows of one instrument, made of its closed candles by the very code that makes those of training. Fed whether a
/// model asks or not, so that a new one is warm at once. One thread at a time; allocates when it is made and never
/// again.
class FeatureRows {
public:
    virtual ~FeatureRows() = default;
    /// A closed candle; those that end together come smallest first. What no set is made of is ignored.
    virtual void add(market::Timeframe timeframe, const market::Candle& candle) = 0;
    /// Of that set (Predictor::rowSet()), for an entry to `side` at the close of the newest 5m candle; empty where that
    /// closed no row. Valid until the next call.
    [[nodiscard]] virtual std::span<const float> row(std::size_t set, market::Side side) = 0;
    /// Why the newest 5m candle closed no row of that set; empty where it did.
    [[nodiscard]] virtual std::string silence(std::size_t set) const = 0;
    /// Names the sets: a saved state of others is refused.
    [[nodiscard]] virtual std::string fingerprint() const = 0;
    virtual void save(base::StateWriter& a) const = 0;
    virtual void restore(base::StateReader& a) = 0;
};

/// A model version's trees. Pure and const: the same row gives the same answer, on any thread.
class Predictor {
public:
    virtual ~Predictor() = default;
    [[nodiscard]] virtual std::size_t rowSet() const = 0;
    /// The last moment that its training looked at.
    [[nodiscard]] virtual base::UtcMs knows() const = 0;
    /// 0…1. Requires a row of its set.
    [[nodiscard]] virtual float predict(std::span<const float> row) const = 0;
};

/// Any thread.
class ModelLibrary {
public:
    virtual ~ModelLibrary() = default;
    [[nodiscard]] virtual std::unique_ptr<FeatureRows> makeRows() const = 0;
    /// By the SHA-256 of its bytes. NotFound, Damaged or Unsupported: why it cannot be asked.
    [[nodiscard]] virtual base::Result<std::shared_ptr<const Predictor>> find(const std::string& hash) const = 0;
};

/// A version as it is recorded: its name as the operator reads it, and the SHA-256 of its bytes.
struct ModelName {
    std::string version; // "gbt_5m 12"
    std::string hash;
    friend bool operator==(const ModelName&, const ModelName&) = default;
};
[[nodiscard]] std::string text(const ModelName& name); // "gbt_5m 12|9f86d0…"
[[nodiscard]] base::Result<ModelName> modelName(std::string_view text);
/// "gbt_5m" of "gbt_5m 12" or "gbt_5m", "direction_predictor" of "direction_predictor@BTC-USDT 3".
[[nodiscard]] std::string_view familyOf(std::string_view keyOrVersion);

/// The model that serves a strategy on one instrument.
struct ModelAtHand {
    ModelName name;
    std::shared_ptr<const Predictor> predictor; // null: it cannot be asked
    std::string why;                            // then: why not
    FeatureRows* rows = nullptr;                // the instrument's; outlives whoever asks
};
/// "gbt_5m 12" from the library, for an instrument with these rows; one that is not there, or cannot be read, is at
/// hand without a predictor.
[[nodiscard]] std::shared_ptr<const ModelAtHand> modelAtHand(ModelName name, const ModelLibrary* library,
                                                             FeatureRows* rows);
/// It learned longer ago than `expiry`: it decides no more.
[[nodiscard]] bool isExpired(const ModelAtHand& model, base::Millis expiry, base::UtcMs now);
/// Why the model answers nothing (missing, warming up), for the operator; empty while it answers. Null: there is none.
[[nodiscard]] std::string silenceOf(const ModelAtHand* model, std::string_view family);

/// What a rule asked its model for its newest decision.
struct AskedModel {
    float prediction = 0;
    double threshold = 0;
    market::Side side = market::Side::Buy; // of the row
};

} // namespace qd::trading
