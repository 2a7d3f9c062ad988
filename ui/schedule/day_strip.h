// The runs of the last 24 hours and what comes in the next six, a lane a job. GUI thread; parent owns.
#pragma once

#include "console/snapshots.h"
#include "ui/page.h"

#include <optional>

namespace qd::ui {

class DayStrip final : public QWidget {
    Q_OBJECT
public:
    DayStrip(const PageContext& context, QWidget* parent = nullptr);
    void show(std::shared_ptr<const console::JobsSnapshot> jobs);
    using QWidget::show;
    /// The height that there is for it, empty: enough. Lanes get lower by it, and lose their names last.
    void setRoom(std::optional<int> room);
    [[nodiscard]] bool hasNames() const;
    [[nodiscard]] QSize sizeHint() const override;
    /// Where the words under the line at `x` stand: within the strip, so that no digit of them is cut.
    [[nodiscard]] QRectF wordsAt(double x, double wide) const;

Q_SIGNALS:
    /// A click on a run of it, or on its lane (0).
    void chosen(const QString& job, qint64 run);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Lane {
        const console::JobLine* job;
        double top;
    };
    [[nodiscard]] std::vector<Lane> lanes() const;
    [[nodiscard]] std::size_t laneCount() const;
    [[nodiscard]] double names() const; // their width
    [[nodiscard]] double xOf(base::UtcMs time) const;
    [[nodiscard]] QRectF barOf(const governance::JobRunRow& run, double top) const;
    [[nodiscard]] const governance::JobRunRow* runAt(QPointF at) const;
    [[nodiscard]] const console::JobLine* jobAt(QPointF at) const;

    const PageContext context_;
    std::shared_ptr<const console::JobsSnapshot> jobs_;
    double lane_; // the height of one
};

} // namespace qd::ui
