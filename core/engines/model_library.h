// The models that trading may ask, by the hash of their bytes: from the shelf, else from the database, which is read
// once a version. What comes from there is put on the shelf. Any thread; the first look at a version takes some
// milliseconds, later ones a short lock.
#pragma once

#include "engines/model_shelf.h"
#include "trading/predictor.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace qd::engines {

/// A version by its bytes' hash. NotFound, Damaged or Unsupported.
using ModelSource =
    std::function<base::Result<std::shared_ptr<const learning::ModelVersion>>(const std::string& bytesHash)>;
/// Of that database, by a connection of its own for each question.
[[nodiscard]] ModelSource storedModels(std::filesystem::path database);

class ModelLibrary final : public trading::ModelLibrary {
public:
    /// `shelf` outlives it; null: it keeps what it read for itself.
    explicit ModelLibrary(ModelSource source, ModelShelf* shelf = nullptr) : source_(std::move(source)), shelf_(shelf)
    {
    }
    [[nodiscard]] std::unique_ptr<trading::FeatureRows> makeRows() const override;
    [[nodiscard]] base::Result<std::shared_ptr<const trading::Predictor>> find(const std::string& hash) const override;

private:
    ModelSource source_;
    ModelShelf* shelf_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, std::shared_ptr<const trading::Predictor>> known_; // guarded by mutex_
};

/// Of what that database holds alone: for a run over the past.
[[nodiscard]] std::shared_ptr<const trading::ModelLibrary> libraryOf(const std::filesystem::path& database);

} // namespace qd::engines
