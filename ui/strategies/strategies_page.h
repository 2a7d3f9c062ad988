// Strategies: the roster with switches and figures on the left, all about the chosen one on the right, or below where
// the window is narrow. Figures come from the query desk: asked when the page is shown or the window of days changes,
// then at most every five seconds while trades close. GUI thread; owned by the window.
#pragma once

#include "ui/page.h"
#include "ui/strategies/roster_model.h"

class QPushButton;
class QSplitter;

namespace qd::ui {

class Card;
class DataTable;
class DetailPane;
class PatientQuestion;
class ReviewCard;

class StrategiesPage final : public Page {
    Q_OBJECT
public:
    explicit StrategiesPage(const PageContext& context, QWidget* parent = nullptr);

    void restyle() override;
    bool reveal(const QString& thing) override;
    [[nodiscard]] StrategiesModel& roster() { return *roster_; }
    [[nodiscard]] DetailPane& detail() { return *detail_; }
    [[nodiscard]] ReviewCard& review() { return *review_; }
    /// Asks why, then sends it to the archive; an archived one is revived.
    void archive(const QString& strategy);
    void promote(const QString& strategy);

protected:
    void refresh(const Snapshots& snapshots, Changes changes) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildRoster();
    void buildWindows(Card& card);
    void setWindow(std::uint32_t days);
    void showRoster();
    void showDetail();
    void choose(int row);
    void toggle(int row);
    void showSelection();
    void switchSelected(bool isOn);
    void archiveSelected();
    [[nodiscard]] QStringList selectedRunning() const;
    [[nodiscard]] QStringList selected(bool isEnabled) const;
    void askNull();
    void takeFigures(const console::Answer& answer);
    [[nodiscard]] const console::NullRow* nullOf(const console::StrategyRow& row) const;
    void lay();

    StrategiesModel* roster_;
    DataTable* table_ = nullptr;
    Card* card_ = nullptr;
    QPushButton* enable_ = nullptr;
    QPushButton* disable_ = nullptr;
    QPushButton* archive_ = nullptr;
    ReviewCard* review_ = nullptr;
    DetailPane* detail_ = nullptr;
    QSplitter* splitter_;
    std::shared_ptr<const console::PaperSnapshot> paper_;
    std::shared_ptr<const console::Evaluations> evaluations_;
    std::map<std::string, std::shared_ptr<const trading::Evaluation>> figures_; // by strategy
    console::NullTable null_;
    std::vector<std::string> order_; // by rank, as of the first answer for this window: rows do not jump
    std::uint32_t days_ = 30;
    QString wished_; // to be chosen as soon as it is there
    PatientQuestion* question_ = nullptr;
    std::string counted_; // what the newest question was asked of
    bool isLaid_ = false;
};

} // namespace qd::ui
