// Overview › Night: the nights that have a report at the left, the chosen one at the right; one for this moment on
// demand; copied as text, saved as HTML, Markdown or text. GUI thread; owned by the page.
#pragma once

#include "ui/page.h"

#include <functional>

class QListWidget;
class QPushButton;
class QStackedWidget;
class QTextBrowser;

namespace qd::ui {

class Card;
class PatientQuestion;
class TextLabel;

class NightPane final : public QWidget {
    Q_OBJECT
public:
    explicit NightPane(const PageContext& context, QWidget* parent = nullptr);

    /// When the next one comes, and that a new one is there.
    void follow(const console::JobsSnapshot& jobs);
    void restyle();
    [[nodiscard]] QString shownText() const; // of the report; empty: none is shown
    [[nodiscard]] QListWidget* nights() { return nights_; }
    [[nodiscard]] QTextBrowser* report() { return report_; }
    [[nodiscard]] QString emptyText() const;
    /// A dialog, unless a test puts its own here; gets a proposed name. Empty: none was chosen.
    std::function<QString(const QString& proposed)> askFile;

Q_SIGNALS:
    /// Back to what is now.
    void left();

protected:
    void showEvent(QShowEvent* event) override;

private:
    [[nodiscard]] QWidget* buildList();
    [[nodiscard]] QWidget* buildReport();
    void takeNights(const console::Answer& answer);
    void takeReport(const console::Answer& answer, int generation);
    void fillList();
    void choose(const QString& date);
    void makeNow();
    void ask(const std::string& date);
    void render();
    void copy();
    void save();

    const PageContext context_;
    QStackedWidget* stack_ = nullptr; // the report, or why there is none
    Card* listCard_ = nullptr;
    Card* reportCard_ = nullptr;
    QListWidget* nights_ = nullptr;
    QTextBrowser* report_ = nullptr;
    TextLabel* next_ = nullptr;
    std::vector<QPushButton*> makers_; // "Make one now", wherever it stands
    QPushButton* copy_ = nullptr;
    QPushButton* save_ = nullptr;
    PatientQuestion* question_ = nullptr;
    std::vector<console::NightOfDay> rows_;
    std::optional<console::NightReport> shown_;
    std::optional<std::int64_t> lastRun_; // of the job
    QString wanted_;                      // its day; empty: one for now
    int generation_ = 0;                  // of the question about one night
};

} // namespace qd::ui
