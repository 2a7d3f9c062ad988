// The table of the registry: versions under their model and family, and the models that wait for their first. Without
// groups (a sorted table) versions only. GUI thread; owned by the page.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/table_model.h"

namespace qd::ui {

struct RegistryEntry {
    governance::ModelKey key;
    std::optional<console::ModelLine> line; // empty: a heading, or a model without a version
    bool isFamily = false;                  // the heading of a family of several models
    bool isGrouped = true;
    QString due;      // what a heading waits for, in full
    QString next;     // the same in a few words
    QString purpose;  // tooltip
    QString training; // "43%", "queued"; empty

    /// "gbt_5m 12", or the model's own name.
    [[nodiscard]] QString name() const;
};

/// In the registry's order. `learning` may be null. `withRetired`: those too.
[[nodiscard]] std::vector<RegistryEntry> registryEntries(const console::Models& models,
                                                         const console::LearningSnapshot* learning, bool isGrouped,
                                                         bool withRetired, base::UtcMs now);

/// Models without a version and what each waits for, a line a reason; at most four lines.
[[nodiscard]] QString waitingWords(const console::Models& models);

class RegistryModel final : public RowModel<RegistryEntry> {
    Q_OBJECT
public:
    enum ColumnId : int { Name, Stage, Quality, Age, Full, Interval, Rows, Features, Since };
    RegistryModel(const PageContext& context, QObject* parent);
    /// leakage.max_auc and model.expiry_days.
    void setLimits(double maxAuc, double expiryDays);
    /// -1: not there.
    [[nodiscard]] int rowOf(const QString& name) const;

protected:
    [[nodiscard]] QVariant cell(const RegistryEntry& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const RegistryEntry& a, const RegistryEntry& b) const override;
    [[nodiscard]] bool isEqual(const RegistryEntry& a, const RegistryEntry& b) const override;

private:
    [[nodiscard]] QVariant headCell(const RegistryEntry& row, int column, int role) const;
    [[nodiscard]] QString shown(const RegistryEntry& row, int column) const;
    [[nodiscard]] QString below(const RegistryEntry& row, int column) const;
    [[nodiscard]] QString help(const RegistryEntry& row) const;
    [[nodiscard]] QVariant tone(const RegistryEntry& row, int column) const;
    [[nodiscard]] QVariant raw(const RegistryEntry& row, int column) const;

    const PageContext context_;
    double maxAuc_ = 0.75;
    double expiryDays_ = 30;
};

/// "12 d", "5 h", "3 m".
[[nodiscard]] QString age(base::Millis length);

} // namespace qd::ui
