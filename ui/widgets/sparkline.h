// A small line without axes, for the shape of the last minute. GUI thread; parent owns.
#pragma once

#include "ui/theme.h"

#include <QWidget>

#include <vector>

namespace qd::ui {

class Sparkline : public QWidget {
    Q_OBJECT
public:
    explicit Sparkline(const Theme& theme, QWidget* parent = nullptr);
    /// Repaints only if something differs.
    void setValues(const std::vector<float>& values, Meaning tone);
    [[nodiscard]] QSize sizeHint() const override { return {104, 34}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {60, 20}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& theme_;
    std::vector<float> values_;
    Meaning tone_ = Meaning::Focus;
};

} // namespace qd::ui
