// Shadow: what champion, challenger and shadow versions predict on the newest rows, which none of them was trained on,
// against what came, summed by UTC day beside the champion's on the same rows; and how far the newest week of features
// has drifted from their training. Rows are made by the very code that makes training rows. One thread with a
// connection of its own; changes nothing itself. Source: PRODUCT.md, The models; STATISTICS.md §13.
#pragma once

#include "engines/training_data.h"
#include "storage/model_store.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace qd::engines {

struct WatchResult {
    std::vector<storage::ModelDay> days;
    std::vector<storage::ModelDrift> drifts;
};

/// Whether so many of the features that the trees gain most by are in alarm that it calls for a new version
/// (limits.drifted of limits.important). `inAlarm`: columns, each once.
[[nodiscard]] bool hasDrifted(const learning::FlatTrees& trees, std::span<const std::size_t> inAlarm,
                              const learning::DriftLimits& limits);

class ModelWatch {
public:
    /// A row of each quarter of an hour: neighbours ask about the same hours.
    static constexpr std::uint32_t stride = 3;
    /// Whole weeks, as features know the day of the week; and days that are made up for after a pause.
    static constexpr int driftDays = 7;
    static constexpr int mostDays = 30;

    explicit ModelWatch(storage::Database& database) : database_(database) {}

    /// Days since the last look, yesterday and today at least, and drift once for each UTC day. Cancelled where
    /// `goesOn` answers false, between two blocks.
    [[nodiscard]] base::Result<WatchResult> look(base::UtcMs now, const learning::DriftLimits& limits,
                                                 const std::function<bool()>& goesOn);
    /// Models whose champion's features have drifted, as of the newest look at drift of this run.
    [[nodiscard]] const std::set<std::string>& drifted() const { return drifted_; }

private:
    struct Watched {
        governance::ModelRecord record;
        std::string name;
        std::shared_ptr<const learning::ModelVersion> version;
        learning::FlatTrees trees;
        base::UtcMs from; // days are made from here on
        bool wantsDrift = false;
    };
    using Group = std::vector<const Watched*>; // same features, label and instruments

    [[nodiscard]] base::Result<std::vector<Watched>> watched(base::UtcMs now);
    [[nodiscard]] base::Result<void> lookAt(const Group& group, const Watched* champion, base::UtcMs now,
                                            const learning::DriftLimits& limits, const std::function<bool()>& goesOn,
                                            WatchResult& out);
    void addDays(const Group& group, const Watched* champion, const learning::TrainingRows& rows,
                 WatchResult& out) const;
    void addDrift(const Watched& of, const learning::TrainingRows& rows, base::UtcMs now,
                  const learning::DriftLimits& limits, WatchResult& out);

    storage::Database& database_;
    std::map<std::string, std::shared_ptr<const learning::ModelVersion>> versions_; // by name: read once
    std::set<std::string> drifted_;
    bool hasLooked_ = false; // what has drifted is known from the first look on
};

} // namespace qd::engines
