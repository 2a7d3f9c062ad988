// Experiments: the list with verdicts; of the chosen one both arms, the course of B − A with its always-valid interval,
// the promotion gates and what can be done. Asked of the query desk when it is shown and something changed. GUI thread;
// owned by the window. Money in USDT.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/gate_list.h"

class QStackedWidget;

namespace qd::ui {

class ArmsModel;
class Card;
class DataTable;
class ExperimentActions;
class ExperimentsModel;
class LineChart;
class NewExperimentDialog;
class PatientQuestion;
class Pill;
class TextLabel;

class ExperimentsPage final : public Page {
    Q_OBJECT
public:
    explicit ExperimentsPage(const PageContext& context, QWidget* parent = nullptr);
    void restyle() override;
    void handle(const console::Event& event) override;
    /// An experiment by its number, or a strategy: its experiment, else a new one of it.
    bool reveal(const QString& thing) override;
    void create(const QString& strategy);
    /// A model's version against the champion.
    void createOfModel(const QString& version);
    [[nodiscard]] ExperimentsModel& model() { return *model_; }
    [[nodiscard]] ArmsModel& arms() { return *arms_; }
    [[nodiscard]] ExperimentActions& actions() { return *actions_; }
    [[nodiscard]] const GateList& gates() const { return *gates_; }

protected:
    void refresh(const Snapshots& snapshots, Changes changes) override;
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildList();
    QWidget* buildCourse();
    QWidget* buildArms();
    QWidget* buildGates();
    QWidget* buildEmpty();
    void take(const console::Answer& answer);
    void showChosen();
    void showCharts(const console::ExperimentRow& row);
    void showArms(const console::ExperimentRow& row);
    void showGates(const console::ExperimentRow& row);

    ExperimentsModel* model_;
    ArmsModel* arms_;
    DataTable* table_ = nullptr;
    DataTable* armTable_ = nullptr;
    QStackedWidget* stack_;
    Card* course_ = nullptr;
    Card* armsCard_ = nullptr;
    LineChart* equity_ = nullptr;
    LineChart* difference_ = nullptr;
    TextLabel* equityNote_ = nullptr;
    TextLabel* differenceNote_ = nullptr;
    TextLabel* differences_ = nullptr;
    TextLabel* progress_ = nullptr;
    Pill* verdict_ = nullptr;
    GateList* gates_ = nullptr;
    TextLabel* advice_ = nullptr;
    TextLabel* passRate_ = nullptr;
    ExperimentActions* actions_ = nullptr;
    std::shared_ptr<const console::PaperSnapshot> paper_;
    QString wished_; // a strategy that was asked for before the list came
    std::int64_t chosen_ = 0;
    PatientQuestion* question_ = nullptr;
    std::uint32_t closed_ = 0; // trades, when it was asked last
    bool isKnown_ = false;
};

/// The promotion gates and the interval as lines of a checklist.
[[nodiscard]] std::vector<GateLine> experimentGates(const console::ExperimentRow& row);

} // namespace qd::ui
