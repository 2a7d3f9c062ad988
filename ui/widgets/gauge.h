// Half a ring: how far a probe is from its limit, which a tick on the ring marks. GUI thread; parent owns.
#pragma once

#include "console/snapshots.h"
#include "ui/theme.h"

#include <QWidget>

namespace qd::ui {

/// Where `value` lies on the ring, 0…1: percentages on 100, everything else on 1.25 limits. 0 without a limit.
[[nodiscard]] double gaugeShare(double value, double limit, const QString& unit);
/// Over the limit loss, from three quarters of it warning, else gain.
[[nodiscard]] Meaning gaugeTone(double value, double limit);

class Gauge : public QWidget {
    Q_OBJECT
public:
    explicit Gauge(const Theme& theme, QWidget* parent = nullptr);
    void setProbe(const console::ProbeRow& probe);
    [[nodiscard]] QString figure() const { return figure_; }
    [[nodiscard]] QString note() const { return note_; }
    [[nodiscard]] QSize sizeHint() const override { return {168, 126}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {124, 126}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& theme_;
    QString name_;
    QString figure_;
    QString trend_; // for the tooltip
    QString note_;
    double share_ = 0;
    double limitShare_ = 0;
    Meaning tone_ = Meaning::TextFaint;
};

} // namespace qd::ui
