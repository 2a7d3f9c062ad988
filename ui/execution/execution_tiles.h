// The first row of Execution: what a side costs, how often limit orders fill, how long trades are held, the fees, and
// on how many fills all of it stands. GUI thread; owned by the page.
#pragma once

#include "console/queries.h"
#include "ui/format.h"
#include "ui/theme.h"

#include <QWidget>

namespace qd::ui {

class MetricTile;
class Pill;

/// The mean of a bought and a sold side, as a trade pays one of each; fills of the two sides are different fills, so
/// their errors add in squares.
struct SideCost {
    statistics::Measure mean = std::unexpected(statistics::Undefined::TooFew);
    statistics::Defined<statistics::Interval> interval = std::unexpected(statistics::Undefined::TooFew);
    statistics::Calibration status = statistics::Calibration::Uncalibrated; // of the worse known one
    std::uint64_t fills = 0;
    double prior = 0;
};
/// Of the pooled rows; empty if there are none.
[[nodiscard]] std::optional<SideCost> pooledCost(const std::vector<console::SlippageRow>& rows);

class ExecutionTiles final : public QWidget {
    Q_OBJECT
public:
    ExecutionTiles(const Theme& theme, const format::Zone& zone, QWidget* parent);
    /// Empty: nothing is known yet, for this reason.
    void show(const std::optional<console::Execution>& execution, const QString& why);
    using QWidget::show;

private:
    void showSlippage(const console::Execution& execution);
    void showFillRate(const console::Execution& execution);

    const format::Zone& zone_;
    MetricTile* slippage_;
    MetricTile* fillRate_;
    MetricTile* hold_;
    MetricTile* fees_;
    MetricTile* fills_;
    Pill* status_;
};

} // namespace qd::ui
