// Pill: a state in one line, a dot, a word and a figure. PillButton: a small choice, pressed or not. GUI thread; parent
// owns.
#pragma once

#include "ui/theme.h"

#include <QAbstractButton>

namespace qd::ui {

/// With a dot it is a status; with isOutlined it is a tag in the tone's colour. Clickable when something is connected.
class Pill : public QAbstractButton {
    Q_OBJECT
public:
    explicit Pill(const Theme& theme, QWidget* parent = nullptr);

    /// `tone` colours the dot; the word says the same to those who see no colours.
    void setState(const QString& label, const QString& figure, Meaning tone);
    void setHasDot(bool has);
    void setOutlined(bool on);
    /// The label takes the tone too.
    void setTonedLabel(bool on);
    /// Reserves this width, so that a changing figure moves nothing.
    void setFigureRoom(const QString& widest);
    [[nodiscard]] QString label() const { return label_; }
    [[nodiscard]] QString figure() const { return figure_; }
    [[nodiscard]] Meaning tone() const { return tone_; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& theme_;
    QString label_;
    QString figure_;
    QString room_;
    Meaning tone_ = Meaning::TextMuted;
    bool hasDot_ = true;
    bool isOutlined_ = false;
    bool isLabelToned_ = false;
};

class PillButton : public QAbstractButton {
    Q_OBJECT
public:
    PillButton(const Theme& theme, const QString& text, QWidget* parent = nullptr);
    /// The colour when pressed; the default is the focus colour.
    void setTone(Meaning tone);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& theme_;
    Meaning tone_ = Meaning::Focus;
};

} // namespace qd::ui
