// The versions of models that serve or may serve, by the hash of their bytes. Whoever decides that one serves puts it
// here first, so that the thread that trades finds it without reading a file. Any thread; a look takes a short lock.
#pragma once

#include "learning/model_version.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace qd::engines {

class ModelShelf {
public:
    void put(std::shared_ptr<const learning::ModelVersion> version)
    {
        const std::scoped_lock lock(mutex_);
        auto& place = versions_[version->bytesHash];
        place = std::move(version);
    }
    /// Null for one that nobody put here.
    [[nodiscard]] std::shared_ptr<const learning::ModelVersion> find(const std::string& bytesHash) const
    {
        const std::scoped_lock lock(mutex_);
        const auto found = versions_.find(bytesHash);
        return found == versions_.end() ? nullptr : found->second;
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<const learning::ModelVersion>> versions_; // guarded by mutex_
};

} // namespace qd::engines
