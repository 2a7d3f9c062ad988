#include "engines/model_library.h"

#include "learning/served_rows.h"
#include "storage/model_store.h"

namespace qd::engines {

using base::Result;

ModelSource storedModels(std::filesystem::path database)
{
    return
        [file = std::move(database)](const std::string& hash) -> Result<std::shared_ptr<const learning::ModelVersion>> {
            auto opened = storage::Database::open(file, storage::Database::Mode::ReadOnly);
            if (!opened) {
                return std::unexpected(opened.error());
            }
            storage::ModelStore store(*opened);
            const auto version = store.byHash(hash);
            if (!version) {
                return std::unexpected(version.error());
            }
            if (!*version) {
                return base::fail(base::ErrorCode::NotFound, "model", "no version has these bytes");
            }
            return store.version(**version);
        };
}

std::unique_ptr<trading::FeatureRows> ModelLibrary::makeRows() const
{
    return std::make_unique<learning::ServedRows>();
}

Result<std::shared_ptr<const trading::Predictor>> ModelLibrary::find(const std::string& hash) const
{
    const std::scoped_lock lock(mutex_); // also so that two threads do not read one version twice
    if (const auto known = known_.find(hash); known != known_.end()) {
        return known->second;
    }
    auto version = shelf_ != nullptr ? shelf_->find(hash) : nullptr;
    if (!version) {
        auto read = source_(hash);
        if (!read) {
            return std::unexpected(read.error());
        }
        version = std::move(*read);
        if (shelf_ != nullptr) {
            shelf_->put(version);
        }
    }
    auto made = learning::predictorOf(*version);
    if (made) {
        known_.emplace(hash, *made);
    }
    return made;
}

std::shared_ptr<const trading::ModelLibrary> libraryOf(const std::filesystem::path& database)
{
    return std::make_shared<const ModelLibrary>(storedModels(database));
}

} // namespace qd::engines
