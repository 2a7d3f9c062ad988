// All about one version: name, stage, what can be done with it, and its tabs. Asked of the query desk when another is
// chosen or the registry changed. GUI thread; owned by the page.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/card.h"

#include <map>

class QButtonGroup;
class QHBoxLayout;
class QPushButton;
class QStackedWidget;

namespace qd::ui {

class AuditTab;
class CompareTab;
class DataTable;
class DriftModel;
class FactsModel;
class FoldsTab;
class GateList;
class HintsTab;
class ImportanceModel;
class ModelActions;
class Pill;
class PillButton;
class RegimesTab;

class ModelDetailPane final : public Card {
    Q_OBJECT
public:
    enum Tab : int { Folds, Audit, Importance, Regimes, Drift, Lineage, Compare, Hints };
    explicit ModelDetailPane(const PageContext& context, QWidget* parent = nullptr);

    /// A version of the registry.
    void choose(const QString& version, std::shared_ptr<const console::Models> models);
    /// A model without one, or nothing.
    void showNone(const QString& title, const QString& sentence);
    void setPolicy(const base::PolicyValues& policy);
    /// Verdicts of experiments may stand otherwise now.
    void askExperiments();
    void showTab(int tab);
    void restyle();
    [[nodiscard]] QString version() const { return version_; }
    [[nodiscard]] const std::optional<console::ModelDetail>& detail() const { return detail_; }
    [[nodiscard]] ModelActions& actions() { return *actions_; }
    [[nodiscard]] FoldsTab& folds() { return *folds_; }
    [[nodiscard]] AuditTab& audit() { return *audit_; }
    [[nodiscard]] CompareTab& compare() { return *compare_; }
    [[nodiscard]] HintsTab& hints() { return *hints_; }
    [[nodiscard]] FactsModel& lineage() { return *lineage_; }
    [[nodiscard]] DriftModel& drift() { return *drift_; }
    [[nodiscard]] ImportanceModel& importance() { return *importance_; }
    [[nodiscard]] QString told() const { return told_->text(); }

Q_SIGNALS:
    void experimentWished(const QString& thing);
    void retrainWished();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildHead();
    void buildTabs();
    QWidget* buildEmpty();
    QWidget* buildOverview();
    QWidget* buildImportance();
    QWidget* buildDrift();
    QWidget* buildLineage();
    void ask();
    void take(const console::Answer& answer, int generation);
    void showDetail();
    void showActions();
    void tell(const QString& sentence, bool isBad);

    const PageContext context_;
    std::shared_ptr<const console::Models> models_;
    QString version_;
    std::optional<console::ModelDetail> detail_;
    std::vector<console::ExperimentRow> experiments_;
    base::PolicyValues policy_;
    int generation_ = 0;    // of the question
    QStackedWidget* whole_; // empty, or the detail
    TextLabel* emptyTitle_ = nullptr;
    TextLabel* emptyWords_ = nullptr;
    TextLabel* name_;
    Pill* stage_;
    TextLabel* facts_;
    TextLabel* told_;
    ModelActions* actions_;
    QButtonGroup* group_;
    QStackedWidget* stack_;
    FoldsTab* folds_;
    AuditTab* audit_;
    GateList* auditBrief_ = nullptr;
    RegimesTab* regimes_;
    RegimesTab* regimesBrief_ = nullptr;
    QWidget* regimesColumn_ = nullptr; // put away where the window is narrow
    CompareTab* compare_;
    HintsTab* hints_;
    ImportanceModel* importance_;
    ImportanceModel* importanceBrief_;
    DriftModel* drift_;
    FactsModel* lineage_;
    TextLabel* driftNote_ = nullptr;
};

} // namespace qd::ui
