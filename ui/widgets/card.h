// The surface that everything on a page lies on: 8 px radius, one hairline, a title, at most one note, the content.
// GUI thread; parent owns.
#pragma once

#include "ui/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <QWidget>

namespace qd::ui {

inline constexpr int pageMargin = 16;
inline constexpr int cardGap = 12;
inline constexpr int cardPadding = 15;

/// A label in a meaning's colour and a role's font, following the theme.
class TextLabel : public QLabel {
    Q_OBJECT
public:
    TextLabel(const Theme& theme, FontRole role, Meaning meaning, const QString& text = {}, QWidget* parent = nullptr);
    void setMeaning(Meaning meaning);
    /// Sets and repaints only if it differs.
    void show(const QString& text);
    using QLabel::show;

private:
    void restyle();
    const Theme& theme_;
    const FontRole role_;
    Meaning meaning_;
};

class Card : public QWidget {
    Q_OBJECT
public:
    Card(const Theme& theme, const QString& title, QWidget* parent = nullptr);

    void setTitle(const QString& title) { title_->show(title); }
    /// To the right of the title.
    void setNote(const QString& note);
    void setNoteHelp(const QString& help) { note_->setToolTip(help); }
    /// To the right of the note: pills, a button.
    void addToHeader(QWidget* widget);
    /// Under the header, filling the rest.
    void setContent(QWidget* content);
    [[nodiscard]] QVBoxLayout* body() { return body_; }
    [[nodiscard]] TextLabel* titleLabel() { return title_; }
    /// Tables run to the card's edges on both sides; everything else keeps the padding.
    void setBodyInset(int inset);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& theme_;
    TextLabel* title_;
    TextLabel* note_;
    QHBoxLayout* header_;
    QVBoxLayout* body_;
};

} // namespace qd::ui
