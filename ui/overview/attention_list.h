// "Needs you": one box a cause, gravest first, each leading to its decision. J and K go to the next and the one before,
// Enter opens, A applies, D dismisses, Space switches, U takes the last one back, E shows the evidence. After a
// decision the focus goes to the next. GUI thread; parent owns.
#pragma once

#include "ui/attention.h"

#include <QScrollArea>

#include <set>

class QVBoxLayout;

namespace qd::ui {

class TextLabel;

class AttentionList final : public QScrollArea {
    Q_OBJECT
public:
    explicit AttentionList(const Theme& theme, QWidget* parent = nullptr);
    /// Only what differs is drawn anew; the focus stays at its row, or where that was. `pending`: keys of rows whose
    /// decision waits for the engine.
    void setItems(const std::vector<Attention>& items, const std::set<QString>& pending = {});
    /// Those that hold every word.
    void setWords(const QString& words);
    [[nodiscard]] const std::vector<Attention>& items() const { return shown_; }
    /// -1: none has the focus.
    [[nodiscard]] int focused() const;
    void step(int by);

Q_SIGNALS:
    void opened(const qd::ui::Attention& item);
    void applied(const qd::ui::Attention& item);
    void dismissed(const qd::ui::Attention& item);
    void switchWished(const qd::ui::Attention& item);
    void undoWished();
    void filterWished();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Box {
        QWidget* outline = nullptr;
        TextLabel* text = nullptr;
        bool isPending = false;
        bool isUnfolded = false;
    };
    [[nodiscard]] Box box(const Attention& item);
    [[nodiscard]] std::vector<Attention> chosen() const;
    void rebuild();
    void redraw(std::vector<Attention> now);
    void showCalm();
    void focusOn(int at);
    /// The next row that waits for a decision; stays where there is none.
    void goOn(int from);

    const Theme& theme_;
    std::vector<Attention> items_;
    std::vector<Attention> shown_; // those of the words
    std::set<QString> pending_;
    std::set<QString> decided_; // here, a moment ago: not gone to again
    std::set<QString> unfolded_;
    QString words_;
    std::vector<Box> boxes_; // of `shown_`
    QVBoxLayout* layout_;
    bool isBuilt_ = false;
};

} // namespace qd::ui
