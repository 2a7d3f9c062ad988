// Experiments in their tables: what was fixed when they were made, their latch, course and end, and what their arms
// were asked. Writes within the caller's transaction on the writer's connection; reads work on any.
#pragma once

#include "governance/experiment.h"
#include "storage/database.h"
#include "trading/arm.h"

#include <optional>
#include <string>
#include <vector>

namespace qd::storage {

struct StoredExperiment {
    governance::ExperimentPlan plan; // its policy.maxDays as it was; see extendedDays
    base::UtcMs created;
    std::string parametersA; // ParameterSet::text()
    std::string parametersB; // likewise; of models against models trading::text(ModelName) of B, both run parametersA
    std::string policy;      // frozenPolicy()
    std::string reason;
    std::uint32_t extendedDays = 0;
    std::optional<governance::Latch> latch{};
    std::optional<base::UtcMs> ended{};
    std::string outcome{}; // "B promoted", "A kept", "stopped"; empty while it runs
    std::string why{};

    /// The plan with the days that it was extended by.
    [[nodiscard]] governance::ExperimentPlan inForce() const;
    /// What runs beside the strategy while it runs: of a paired one B, of a split one both, of on against off none.
    [[nodiscard]] std::vector<trading::ArmWish> arms() const;
};

struct CoursePoint { // A − B, in USDT a block or a trade
    base::UtcMs time;
    double mean = 0;
    double low = 0;
    double high = 0;
    friend bool operator==(const CoursePoint&, const CoursePoint&) = default;
};

/// What a decision changes of experiments, written with it.
struct ExperimentStep {
    struct End {
        std::int64_t id = 0;
        base::UtcMs at;
        std::string outcome;
        std::string why;
    };
    struct Extension {
        std::int64_t id = 0;
        std::uint32_t days = 0;
    };
    std::optional<StoredExperiment> begun{};
    std::optional<End> ended{};
    std::optional<Extension> extended{};
};

/// What a look at an experiment leaves behind.
struct ExperimentNight {
    std::int64_t id = 0;
    std::optional<governance::Latch> latch{};
    std::vector<CoursePoint> points{};
};

/// What tunes its gates and inference, and what its trades cost: "name=value|…", exactly; and back. Malformed for a
/// text that is not such; a name that this version has not is left out.
[[nodiscard]] std::string frozenPolicy(const base::PolicyValues& values);
[[nodiscard]] base::Result<base::PolicyValues> policyOf(std::string_view frozen);
/// Whether frozenPolicy() holds this name.
[[nodiscard]] bool isFrozen(std::string_view name);
/// Of these, what trades cost and how they are filled: must not change while any experiment runs. The others it keeps
/// for itself.
[[nodiscard]] bool isCost(std::string_view name);

inline constexpr std::string_view outcomePromoted = "B promoted";
inline constexpr std::string_view outcomeKept = "A kept";
inline constexpr std::string_view outcomeStopped = "stopped";

class ExperimentStore {
public:
    explicit ExperimentStore(Database& database) : database_(database) {}

    [[nodiscard]] base::Result<void> apply(const ExperimentStep& step);
    [[nodiscard]] base::Result<void> keep(const ExperimentNight& night);
    [[nodiscard]] base::Result<void> add(const StoredExperiment& experiment);
    /// Of one that runs; NotFound else.
    [[nodiscard]] base::Result<void> end(std::int64_t id, base::UtcMs at, std::string_view outcome,
                                         std::string_view why);
    [[nodiscard]] base::Result<void> extend(std::int64_t id, std::uint32_t days);
    [[nodiscard]] base::Result<void> latch(std::int64_t id, const governance::Latch& latch);
    [[nodiscard]] base::Result<void> addPoint(std::int64_t id, const CoursePoint& point); // the same time replaces

    /// Running ones first, then the others, newest first.
    [[nodiscard]] base::Result<std::vector<StoredExperiment>> all();
    [[nodiscard]] base::Result<std::vector<StoredExperiment>> running();
    [[nodiscard]] base::Result<std::optional<StoredExperiment>> find(std::int64_t id);
    [[nodiscard]] base::Result<std::int64_t> newestId(); // 0 before the first
    [[nodiscard]] base::Result<std::int64_t> promoted(); // how many were
    [[nodiscard]] base::Result<std::vector<CoursePoint>> course(std::int64_t id);
    /// Decision bars of one arm by UTC day, over all instruments.
    [[nodiscard]] base::Result<std::map<std::int64_t, std::uint64_t>> asked(std::string_view arm);

private:
    [[nodiscard]] base::Result<std::vector<StoredExperiment>> read(std::string_view condition);
    [[nodiscard]] base::Result<void> change(std::int64_t id, base::Result<Statement> statement);
    Database& database_;
};

} // namespace qd::storage
