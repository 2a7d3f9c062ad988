// Every threshold of the policy as a row: its value in force, what was typed instead, unit, legal range, default,
// meaning. What was typed is not in force before it is committed. GUI thread; owned by the card.
#pragma once

#include "base/policy.h"
#include "console/snapshots.h"
#include "ui/page.h"
#include "ui/widgets/table_model.h"

#include <map>

namespace qd::ui {

/// One entry, a number or words.
struct PolicyLine {
    std::string name;
    std::string unit;  // of words: their form
    std::string range; // shown; empty for words
    std::string standard;
    std::string meaning;
    std::string inForce;
    std::string typed; // differs from inForce where isEdited
    bool isEdited = false;
    bool isPending = false;
    friend bool operator==(const PolicyLine&, const PolicyLine&) = default;
};

/// A value as it is typed: shortest exact form.
[[nodiscard]] std::string policyNumber(double value);
/// "prune" of "prune.min_trades".
[[nodiscard]] std::string policyGroup(std::string_view name);
/// Numbers and words, grouped by prefix in the order in which the table of the policy first names each.
[[nodiscard]] std::vector<PolicyLine> policyLines(const console::PolicyView& view);
/// As the operator reads and types it: "20:00" for minutes of the day, else the value itself.
[[nodiscard]] QString policyText(const std::string& name, const std::string& value);
/// What was typed, as the engine takes it; empty where it may not be the value of `name`.
[[nodiscard]] std::optional<std::string> policyTyped(const std::string& name, const QString& text);
/// Why `text` may not be the value of `name`, with the legal range; empty if it may.
[[nodiscard]] QString policyTrouble(const std::string& name, const QString& text);

class PolicyModel final : public RowModel<PolicyLine> {
    Q_OBJECT
public:
    enum ColumnId : int { Name, Value, Range, Standard, Means };
    explicit PolicyModel(QObject* parent);
    [[nodiscard]] int rowOf(const std::string& name) const;

protected:
    [[nodiscard]] QVariant cell(const PolicyLine& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const PolicyLine& a, const PolicyLine& b) const override { return a.name == b.name; }
    [[nodiscard]] bool isEqual(const PolicyLine& a, const PolicyLine& b) const override { return a == b; }
};

} // namespace qd::ui
