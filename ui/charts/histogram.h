// How often values fall where, with marks for what stands beside them: the runs of a noise null and the real figure.
// Under the pointer a bar tells its range and count; the wheel makes bars finer or coarser, a double click resets; a
// right click copies the picture or the CSV. GUI thread; owned by its parent. Values in the caller's unit.
#pragma once

#include "ui/charts/chart_colors.h"
#include "ui/charts/chart_export.h"
#include "ui/charts/chart_scale.h"

#include <QWidget>

#include <functional>
#include <optional>
#include <vector>

namespace qd::ui {

/// The counts of `bins` equal bars over the range, both ends inside.
[[nodiscard]] std::vector<int> histogramOf(const std::vector<float>& values, Range range, int bins);

class Histogram final : public QWidget {
    Q_OBJECT
public:
    struct Mark {
        double value = 0;
        QString label;
        QColor ChartColors::* color = &ChartColors::textSecond;
        bool isMain = false; // solid; others are dashed
    };
    static constexpr int usualBins = 32;

    explicit Histogram(QWidget* parent = nullptr);
    void setValues(std::vector<float> values, std::vector<Mark> marks);
    void setFormatter(std::function<QString(double)> formatter);
    void setColors(const ChartColors& colors);
    void setTitle(const QString& title);
    /// What would be here and how it comes; shown while there are no values.
    void setEmptyText(const QString& text);

    [[nodiscard]] const std::vector<Mark>& marks() const { return marks_; }
    [[nodiscard]] bool isEmpty() const { return values_.empty(); }
    [[nodiscard]] int bins() const { return bins_; }
    [[nodiscard]] QString csv() const;
    [[nodiscard]] QSize sizeHint() const override { return {320, 150}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {160, 110}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void setBins(int bins);
    void paintMarks(QPainter& p, const LinearScale& x) const;
    void paintUnderPointer(QPainter& p, const LinearScale& x) const;
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] Range range() const;
    [[nodiscard]] QString text(double value) const;
    [[nodiscard]] ChartExport exports();

    std::vector<float> values_;
    std::vector<Mark> marks_;
    std::function<QString(double)> formatter_;
    ChartColors colors_;
    QString title_;
    QString emptyText_;
    int bins_ = usualBins;
    std::optional<double> pointerX_;
};

} // namespace qd::ui
