// The tables about one version: importance, drift, lineage, two versions side by side; and the trainings of this run.
// GUI thread; owned by the page.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/table_model.h"

namespace qd::ui {

struct ImportanceEntry {
    console::FeatureImportance of;
    double ofGreatest = 0; // 0…1
};
class ImportanceModel final : public RowModel<ImportanceEntry> {
    Q_OBJECT
public:
    enum ColumnId : int { Feature, Bar, Share, Meaning_ };
    /// Brief: without what they mean, which is in the tooltip.
    ImportanceModel(bool isBrief, QObject* parent);
    void show(const std::vector<console::FeatureImportance>& features);

protected:
    [[nodiscard]] QVariant cell(const ImportanceEntry& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const ImportanceEntry& a, const ImportanceEntry& b) const override;
    [[nodiscard]] bool isEqual(const ImportanceEntry& a, const ImportanceEntry& b) const override;
};

class DriftModel final : public RowModel<console::FeatureDrift> {
    Q_OBJECT
public:
    enum ColumnId : int { Feature, Psi, Ks, Level };
    explicit DriftModel(QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const console::FeatureDrift& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const console::FeatureDrift& a, const console::FeatureDrift& b) const override;
    [[nodiscard]] bool isEqual(const console::FeatureDrift& a, const console::FeatureDrift& b) const override;
};

/// One thing that is known of a version, and the same of another one where two are compared.
struct ModelFact {
    QString group; // "Data", "Parameters"
    QString name;
    QString value;
    QString help;          // the whole value, where it is shortened
    QString other;         // of the other version
    bool isBetter = false; // than the other's; figures only
    bool isWorse = false;
    [[nodiscard]] bool differs() const { return value != other; }
};
/// The lineage as facts.
[[nodiscard]] std::vector<ModelFact> lineageFacts(const console::ModelDetail& detail, base::UtcMs now,
                                                  format::Zone zone);
/// Figures, then the parameters and the data where they differ.
[[nodiscard]] std::vector<ModelFact> compared(const console::ModelDetail& a, const console::ModelDetail& b,
                                              base::UtcMs now, format::Zone zone);

class FactsModel final : public RowModel<ModelFact> {
    Q_OBJECT
public:
    enum ColumnId : int { Group, Name, Value, Other };
    FactsModel(bool isOfTwo, QObject* parent);
    /// Heads of the columns of values.
    void setNames(const QString& value, const QString& other);
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    [[nodiscard]] QVariant cell(const ModelFact& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const ModelFact& a, const ModelFact& b) const override;
    [[nodiscard]] bool isEqual(const ModelFact& a, const ModelFact& b) const override;

private:
    QString value_;
    QString other_;
};

class OutcomesModel final : public RowModel<console::RetrainOutcome> {
    Q_OBJECT
public:
    enum ColumnId : int { Model, Outcome, When, Why };
    OutcomesModel(const PageContext& context, QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const console::RetrainOutcome& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const console::RetrainOutcome& a, const console::RetrainOutcome& b) const override;
    [[nodiscard]] bool isEqual(const console::RetrainOutcome& a, const console::RetrainOutcome& b) const override;

private:
    const PageContext context_;
};

} // namespace qd::ui
