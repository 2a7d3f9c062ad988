// How the machine and the engines are: gauges from the probes, services, a day of temperature or load, what happened,
// and the gap ledger. GUI thread.
#pragma once

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
class Pill;
class PillButton;
class ServiceModel;
class TextLabel;

class HealthPage final : public Page {
    Q_OBJECT
public:
    explicit HealthPage(const PageContext& context, QWidget* parent = nullptr);
    void restyle() override;
    void handle(const console::Event& event) override;
    /// "Gaps": the gap ledger.
    bool reveal(const QString& thing) override;

protected:
    void refresh(const Snapshots& snapshots, Changes changes) override;

private:
    enum class Series : std::uint8_t { Temperature, Load, Memory };
    enum class Lower : std::uint8_t { Events, Gaps };

    [[nodiscard]] Card* gaugesCard();
    [[nodiscard]] Card* servicesCard();
    [[nodiscard]] Card* chartCard();
    [[nodiscard]] Card* noticesCard();
    void refreshGauges(const console::HealthSnapshot& now);
    void refreshChart();
    void setSeries(Series series);
    void setLower(Lower lower);
    void noteLower();

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
    QStackedWidget* lower_ = nullptr; // the tables of noticesCard_
    std::vector<PillButton*> lowerButtons_;
    std::vector<QToolButton*> lowerMenus_;
    std::shared_ptr<const std::vector<console::GapLine>> shownGaps_;
    std::shared_ptr<const console::HealthSnapshot> newest_;
};

} // namespace qd::ui
