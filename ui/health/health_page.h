// How the machine and the engines are: gauges from the probes, services, a day of temperature or load, what happened,
// and the gap ledger. GUI thread.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

class QHBoxLayout;
class QStackedWidget;
class QToolButton;

namespace qd::ui {

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
    /// "Gaps": the gap ledger. "Pipeline": the health of each strategy. "Storage": backups and the store.
    bool reveal(const QString& thing) override;
    [[nodiscard]] StoragePane& storage() { return *storage_; }

Q_SIGNALS:
    /// The same feed once more: a restore is ready to take force.
    void restartWished();

protected:
    void refresh(const Snapshots& snapshots, Changes changes) override;
    void showEvent(QShowEvent* event) override;

private:
    enum class Series : std::uint8_t { Temperature, Load, Memory };
    enum class Lower : std::uint8_t { Events, Gaps, Pipeline, Storage };

    [[nodiscard]] Card* gaugesCard();
    [[nodiscard]] Card* servicesCard();
    [[nodiscard]] Card* chartCard();
    [[nodiscard]] Card* noticesCard();
    void refreshGauges(const console::HealthSnapshot& now);
    void refreshChart();
    void setSeries(Series series);
    void setLower(Lower lower);
    void noteLower();
    void takePipeline(const console::Answer& answer);

    std::vector<Gauge*> gauges_;
    QHBoxLayout* gaugeRow_ = nullptr;
    TextLabel* waiting_ = nullptr;
    TextLabel* explanation_ = nullptr;
    Pill* score_ = nullptr;
    Card* noticesCard_ = nullptr;
    Card* chartCard_ = nullptr;
    LineChart* chart_ = nullptr;
    std::vector<PillButton*> seriesButtons_;
    Series series_ = Series::Temperature;
    ServiceModel* services_ = nullptr;
    NoticeModel* notices_ = nullptr;
    GapModel* gaps_ = nullptr;
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
