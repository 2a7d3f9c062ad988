// The first page: how it stands, what needs you, the roster and its ranking, the engines. GUI thread.
#pragma once

#include "ui/attention.h"
#include "ui/command_desk.h"

class QGridLayout;
class QLineEdit;
class QStackedWidget;
class QVBoxLayout;

namespace qd::ui {

class AttentionList;
class Card;
class ChecklistCard;
class DataTable;
class EnginesList;
class LineChart;
class MetricTile;
class NightPane;
class Pill;
class PillButton;
class RankingModel;
class RoadCard;
class RosterModel;

class OverviewPage final : public Page {
    Q_OBJECT
public:
    explicit OverviewPage(const PageContext& context, QWidget* parent = nullptr);
    void restyle() override;
    /// "Night": the night report; "Now": what is now.
    bool reveal(const QString& thing) override;
    /// Promotions that its gates support; the other rows are counted from the engines' own pictures.
    [[nodiscard]] int waiting() const override;
    [[nodiscard]] ChecklistCard& checklist() { return *checklist_; }
    [[nodiscard]] AttentionList& needs() { return *attention_; }
    [[nodiscard]] RoadCard& road() { return *road_; }
    [[nodiscard]] NightPane& night() { return *night_; }

protected:
    void resizeEvent(QResizeEvent* event) override;
    void refresh(const Snapshots& snapshots, Changes changes) override;

private:
    enum class Span : std::uint8_t { Day, Week, All };

    [[nodiscard]] QWidget* tiles();
    [[nodiscard]] Card* equityCard();
    [[nodiscard]] Card* rosterCard();
    [[nodiscard]] Card* rankingCard();
    [[nodiscard]] Card* attentionCard();
    [[nodiscard]] Card* enginesCard();
    void connectNeeds();
    void showNeeds();
    void apply(const Attention& item);
    void dismiss(const Attention& item);
    void openItem(const Attention& item);
    void placeChecklist();
    void refreshPaper(const Snapshots& snapshots);
    void refreshTables(const Snapshots& snapshots);
    void refreshCurve();
    void setSpan(Span span);
    void showNight(bool is);

    MetricTile* equity_ = nullptr;
    MetricTile* today_ = nullptr;
    MetricTile* profitFactor_ = nullptr;
    MetricTile* drawdown_ = nullptr;
    MetricTile* open_ = nullptr;
    MetricTile* lag_ = nullptr;
    LineChart* chart_ = nullptr;
    std::vector<PillButton*> spans_;
    Span span_ = Span::Day;
    Card* rosterCard_ = nullptr;
    Card* rankingCard_ = nullptr;
    RosterModel* roster_ = nullptr;
    RankingModel* ranking_ = nullptr;
    DataTable* rosterTable_ = nullptr;
    DataTable* rankingTable_ = nullptr;
    AttentionList* attention_ = nullptr;
    Pill* attentionCount_ = nullptr;
    QLineEdit* needsFilter_ = nullptr;
    RoadCard* road_ = nullptr;
    std::optional<Request> last_; // decided, and can be taken back
    EnginesList* engines_ = nullptr;
    Card* enginesCard_ = nullptr;
    Card* attentionCard_ = nullptr;
    ChecklistCard* checklist_ = nullptr;
    QStackedWidget* views_ = nullptr; // now, and the night
    NightPane* night_ = nullptr;
    QGridLayout* grid_ = nullptr;
    QVBoxLayout* rightColumn_ = nullptr; // while the checklist is there
    std::optional<bool> isChecklistPlaced_;
    std::shared_ptr<const std::vector<console::EquityPoint>> curve_;
    Snapshots newest_;
};

} // namespace qd::ui
