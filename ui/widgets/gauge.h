// Half a ring: how far a probe is from its limit, which a tick on the ring marks. GUI thread; parent owns.
#pragma once

#include "console/snapshots.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QStringList>

namespace qd::ui {

/// Where `value` lies on the ring, 0…1: percentages on 100, everything else on 1.25 limits. 0 without a limit.
[[nodiscard]] double gaugeShare(double value, double limit, const QString& unit);
/// Over the limit loss, from three quarters of it warning, else gain.
[[nodiscard]] Meaning gaugeTone(double value, double limit);
/// "34%", "38 ms", "0.4 s": a probe's value with its unit.
[[nodiscard]] QString probeFigure(double value, const QString& unit);
/// Whether it rises, falls or stays: by a fiftieth of its limit an hour. Empty where the trend is not known.
[[nodiscard]] QString trendArrow(const console::ProbeRow& probe);
/// "not available here" where this machine has no source for it, else "not measured".
[[nodiscard]] QString whyNoFigure(const console::ProbeRow& probe);
/// All that is known of a probe, for tooltips and readers of the screen.
[[nodiscard]] QStringList probeFacts(const console::ProbeRow& probe);

/// A button: pressed it stays chosen, as the probe whose history is shown.
class Gauge : public QAbstractButton {
    Q_OBJECT
public:
    explicit Gauge(const Theme& theme, QWidget* parent = nullptr);
    void setProbe(const console::ProbeRow& probe);
    [[nodiscard]] QString figure() const { return figure_; }
    [[nodiscard]] QString note() const { return note_; }
    [[nodiscard]] const std::string& probe() const { return probe_; }
    [[nodiscard]] QSize sizeHint() const override { return {168, 126}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {124, 126}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& theme_;
    std::string probe_;
    QString name_;
    QString figure_;
    QStringList facts_; // for tooltip and readers of the screen
    QString arrow_;     // of the trend
    QString note_;
    double share_ = 0;
    double limitShare_ = 0;
    Meaning tone_ = Meaning::TextFaint;
};

} // namespace qd::ui
