// How the machine and the engines are: gauges from the probes, services, a day of the chosen probe, what happened,
// gaps, alerts and storage. GUI thread.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

class QHBoxLayout;
class QStackedWidget;
class QToolButton;

namespace qd::ui {

class AlertsPanel;
class Card;
class DataTable;
class GapModel;
class Gauge;
class LineChart;
class NoticeModel;
class PatientQuestion;
class Pill;
class PillButton;
class PipelineModel;
class ServiceModel;
class StoragePane;
class TextLabel;

class HealthPage final : public Page {
    Q_OBJECT
public:
    explicit HealthPage(const PageContext& context, QWidget* parent = nullptr);
    void restyle() override;
    void handle(const console::Event& event) override;
    /// "Gaps": the gap ledger. "Pipeline": the health of each strategy. "Alerts", "alert 12": the alerts. "Storage":
    /// backups and the store.
    bool reveal(const QString& thing) override;
    [[nodiscard]] StoragePane& storage() { return *storage_; }

Q_SIGNALS:
    /// The same feed once more: a restore is ready to take force.
    void restartWished();
    /// A test of the tray's icon.
    void trayTestWished();

protected:
    void refresh(const Snapshots& snapshots, Changes changes) override;
    void showEvent(QShowEvent* event) override;

private:
    enum class Lower : std::uint8_t { Alerts, Events, Gaps, Pipeline, Storage };

    [[nodiscard]] Card* gaugesCard();
    [[nodiscard]] Card* servicesCard();
    [[nodiscard]] Card* chartCard();
    [[nodiscard]] Card* noticesCard();
    void refreshGauges(const console::HealthSnapshot& now);
    void refreshOthers(const console::HealthSnapshot& now);
    void refreshChart();
    void showEmptyChart();
    void showExpected();
    void setSeries(const std::string& probe);
    void chooseSeries(const std::string& probe); // and remembers it
    void setLower(Lower lower);
    void noteLower();
    void takePipeline(const console::Answer& answer);

    std::vector<Gauge*> gauges_;
    QHBoxLayout* gaugeRow_ = nullptr;
    std::vector<Pill*> others_; // the probes that have no gauge
    QHBoxLayout* otherRow_ = nullptr;
    TextLabel* waiting_ = nullptr;
    TextLabel* explanation_ = nullptr;
    Pill* score_ = nullptr;
    Card* noticesCard_ = nullptr;
    Card* chartCard_ = nullptr;
    LineChart* chart_ = nullptr;
    TextLabel* expected_ = nullptr; // under the chart: a load that raised no alert
    std::vector<PillButton*> seriesButtons_;
    std::string series_; // the probe in the chart
    ServiceModel* services_ = nullptr;
    NoticeModel* notices_ = nullptr;
    GapModel* gaps_ = nullptr;
    AlertsPanel* alerts_ = nullptr;
    PipelineModel* pipeline_ = nullptr;
    StoragePane* storage_ = nullptr;
    Pill* pipelinePill_ = nullptr;
    PatientQuestion* question_ = nullptr; // of the pipeline's health
    std::string counted_;                 // trades and switches that the newest answer is of
    QStackedWidget* lower_ = nullptr;     // the tables of noticesCard_
    std::vector<PillButton*> lowerButtons_;
    std::vector<QToolButton*> lowerMenus_;
    std::shared_ptr<const std::vector<console::GapLine>> shownGaps_;
    std::shared_ptr<const console::HealthSnapshot> newest_;
};

} // namespace qd::ui
