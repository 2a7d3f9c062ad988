// What the roster gained along the time, and its drawdown by the capital of each moment: an index that begins at 1 and
// moves by gain / capital, as nothing compounds. Of bounded size: minutes for the newest eight days, coarser before.
// Pure; one thread at a time. Source: PRODUCT.md, Paper trading (r_d = PnL_d / capital).
#pragma once

#include "console/snapshots.h"

#include <memory>
#include <vector>

namespace qd::engines {

class RosterCurve {
public:
    /// `gained`: since ever. In growing time.
    void add(base::UtcMs time, base::Money gained, base::Money capital);

    [[nodiscard]] bool isEmpty() const { return points_.empty(); }
    [[nodiscard]] base::UtcMs newest() const { return points_.empty() ? base::UtcMs{INT64_MIN} : points_.back().time; }
    [[nodiscard]] base::UtcMs oldest() const { return points_.front().time; } // not empty
    /// What was gained up to `time`, by the newest point at it or before it; nothing before the first.
    [[nodiscard]] base::Money gainedBy(base::UtcMs time) const;
    /// As shares of the peak, if it stood at `gained` now.
    [[nodiscard]] double drawdown(base::Money gained, base::Money capital) const;
    [[nodiscard]] double maxDrawdown(base::Money gained, base::Money capital) const;
    /// Sum of all gains, each as a share of the capital of its moment; 0 before the first.
    [[nodiscard]] double gain(base::Money gained, base::Money capital) const { return levelAt(gained, capital) - 1; }
    /// The curve of `capital` and what was gained; the same object until either changes.
    [[nodiscard]] std::shared_ptr<const std::vector<console::EquityPoint>> shown(base::Money capital);

private:
    [[nodiscard]] double levelAt(base::Money gained, base::Money capital) const;
    void thin();

    std::vector<console::EquityPoint> points_; // gained, without capital
    double level_ = 1;
    double peak_ = 1;
    double worst_ = 0;
    base::Money newestGained_;
    std::shared_ptr<const std::vector<console::EquityPoint>> shown_ =
        std::make_shared<const std::vector<console::EquityPoint>>();
    base::Money shownCapital_;
    bool isStale_ = false;
};

} // namespace qd::engines
