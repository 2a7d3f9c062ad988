// The candle chart of Markets: candles, volume, overlays, trade marks, last price; crosshair, wheel zoom, drag pan,
// keyboard, picture and CSV. GUI thread; owned by its parent. What is closed is painted once into a pixmap; a new price
// paints the forming candle over it, the pointer only the crosshair. Painted by itself, without Qt Charts: its axes lay
// themselves out anew with every change of range (4 ms and more), and their rows cannot be put on prices of the
// instrument's tick.
#pragma once

#include "ui/charts/candle_painter.h"
#include "ui/charts/candle_view.h"
#include "ui/charts/chart_export.h"

#include <QPixmap>
#include <QWidget>

#include <memory>

namespace qd::ui {

class CandleChart final : public QWidget {
    Q_OBJECT
public:
    explicit CandleChart(QWidget* parent = nullptr);

    /// Another instrument or timeframe than before resets the view. Null: nothing to show.
    void setSnapshot(std::shared_ptr<const console::ChartSnapshot> snapshot, const market::Instrument& instrument);
    void setShown(const OverlayChoice& shown);
    /// Lines over the candles: stop, target, time limit of a trade.
    void setLines(std::vector<PriceLevel> levels, std::vector<MomentLine> moments);
    /// The view on all candles held, instead of the newest.
    void showAll();
    /// The view from this moment to the newest candle.
    void showSince(base::UtcMs from);
    void setColors(const ChartColors& colors);
    void setZone(const QTimeZone& zone);
    /// What would be here and how it comes.
    void setEmptyText(const QString& text);

    [[nodiscard]] Range view() const { return view_.range(); }
    [[nodiscard]] bool isFollowing() const { return view_.isFollowing(); }
    [[nodiscard]] const CandleScene& scene() const { return scene_; }
    [[nodiscard]] CandleGeometry laidOut() const;
    /// All candles held, oldest first; with the overlays that are shown.
    [[nodiscard]] QString csv() const;
    /// Text of the trade mark under this point; empty if there is none.
    [[nodiscard]] QString markTextAt(const QPointF& point) const;
    /// How often the pixmap of what is closed was painted; for the figures of health.
    [[nodiscard]] int stillPaints() const { return stillPaints_; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {320, 200}; }

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void forget(); // the pixmap is stale
    void paintStillIfStale();
    void paintEmpty(QPainter& p) const;
    void tellView();
    void resetView();
    [[nodiscard]] double freeForWords() const;
    bool moveByKey(int key);
    [[nodiscard]] ChartExport exports();

    std::shared_ptr<const console::ChartSnapshot> snapshot_; // owns what scene_ refers to
    CandleScene scene_;
    CandleOverlays overlays_;
    CandleView view_;
    QString emptyText_;
    bool isAllShown_ = false; // what a reset of the view goes back to

    QSize seenSize_;
    QPixmap still_;
    bool isStale_ = true;
    Range pricesOfStill_;
    double mostVolumeOfStill_ = 0;
    std::optional<CandleGeometry> geometry_;
    int stillPaints_ = 0;

    std::optional<QPointF> pointer_;
    std::optional<double> dragX_;
};

} // namespace qd::ui
