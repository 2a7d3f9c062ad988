// The help: F1 anywhere. Left the pages, or what a search found; right the page. GUI thread; a window of its own that
// the main window owns, so that it may stay open beside it.
#pragma once

#include "console/snapshots.h"
#include "ui/theme.h"

#include <QWidget>

#include <memory>
#include <vector>

class QLineEdit;
class QListWidget;
class QToolButton;

namespace qd::ui {

class HelpView;
class TextLabel;
class WindowMemory;

class HelpWindow final : public QWidget {
    Q_OBJECT
public:
    HelpWindow(const Theme& theme, WindowMemory& memory, QWidget* parent);

    /// Shows it, on this page; on a section of it if named.
    void open(const QString& id, const QString& section = {});
    /// What placeholders are filled with; null: the defaults. Nothing moves if no value differs.
    void setPolicy(std::shared_ptr<const console::PolicyView> policy);

    [[nodiscard]] QString currentPage() const;
    [[nodiscard]] HelpView& view() { return *view_; }
    [[nodiscard]] QLineEdit& searchLine() { return *line_; }
    [[nodiscard]] QListWidget& list() { return *list_; }
    void back();
    void forward();

protected:
    void paintEvent(QPaintEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Place {
        QString page;
        QString section;
        int scrolled = 0;
    };
    void build();
    void buildKeys();
    void listAll();
    void listHits(const QString& words);
    void choose(int row);
    void follow(const QString& link);
    void go(const QString& page, const QString& section);
    void showPlace(const Place& place, bool isReturn);
    void step(int by);
    void showButtons();
    bool keyInSearch(int key);

    const Theme& theme_;
    WindowMemory& memory_;
    std::shared_ptr<const console::PolicyView> policy_;
    std::vector<Place> places_;
    std::size_t at_ = 0; // in places_
    QLineEdit* line_;
    QListWidget* list_;
    TextLabel* found_;
    HelpView* view_;
    QToolButton* back_;
    QToolButton* forward_;
};

} // namespace qd::ui
