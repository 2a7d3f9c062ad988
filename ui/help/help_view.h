// One page of the help, in the window's own looks. Links are asked of the owner, never followed. GUI thread; parent
// owns.
#pragma once

#include "ui/theme.h"

#include <QTextBrowser>

namespace qd::ui {

class HelpView final : public QTextBrowser {
    Q_OBJECT
public:
    explicit HelpView(const Theme& theme, QWidget* parent = nullptr);

    /// `markdown` with its pictures, from the top.
    void showPage(const QString& markdown);
    /// Moves to the heading whose slug it is; false if there is none.
    bool showSection(const QString& slug);
    /// Marks every place of these words; returns how many.
    int mark(const QStringList& words);

Q_SIGNALS:
    /// "gates.md#deflated" as the page has it.
    void linkAsked(const QString& link);

protected:
    [[nodiscard]] QVariant loadResource(int type, const QUrl& name) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void dress();
    void dressBlocks();
    void dressTables();
    void fitPictures();

    const Theme& theme_;
    QString markdown_;
};

} // namespace qd::ui
