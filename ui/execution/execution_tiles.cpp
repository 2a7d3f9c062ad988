#include "ui/execution/execution_tiles.h"

#include "ui/execution/execution_models.h"
#include "ui/widgets/metric_tile.h"
#include "ui/widgets/pill.h"

#include <QHBoxLayout>

#include <algorithm>
#include <array>
#include <cmath>

namespace qd::ui {

namespace {

using statistics::Calibration;
using statistics::Measure;

QString holdText(const Measure& seconds)
{
    return seconds ? format::duration(base::Millis{static_cast<std::int64_t>(*seconds * 1000)}) : format::undefined();
}

QString shareOf(std::uint64_t part, std::uint64_t all)
{
    return format::percent(static_cast<double>(part) / static_cast<double>(all), 0);
}

} // namespace

std::optional<SideCost> pooledCost(const std::vector<console::SlippageRow>& rows)
{
    std::array<const console::SlippageRow*, 2> sides{};
    for (const auto& row : rows) {
        if (!row.instrument) {
            sides[row.side == market::Side::Buy ? 0 : 1] = &row;
        }
    }
    const auto& [buy, sell] = sides;
    if (buy == nullptr || sell == nullptr) {
        return std::nullopt;
    }
    SideCost out;
    out.mean = statistics::both(buy->mean, sell->mean, [](double a, double b) { return (a + b) / 2; });
    if (out.mean && buy->interval && sell->interval) {
        const auto half = [](const statistics::Interval& i) { return (i.upper - i.lower) / 2; };
        const double both = std::hypot(half(*buy->interval), half(*sell->interval)) / 2;
        out.interval = statistics::Interval{*out.mean - both, *out.mean + both};
    }
    const auto rank = [](Calibration c) {
        return c == Calibration::Calibrated ? 3 : c == Calibration::Stale ? 2 : c == Calibration::Provisional ? 1 : 0;
    };
    out.status = rank(buy->status) < rank(sell->status) ? buy->status : sell->status;
    out.fills = buy->fills + sell->fills;
    out.prior = (buy->prior + sell->prior) / 2;
    return out;
}

ExecutionTiles::ExecutionTiles(const Theme& theme, const format::Zone& zone, QWidget* parent)
    : QWidget(parent),
      zone_(zone),
      slippage_(new MetricTile(theme, tr("Slippage a side"), this)),
      fillRate_(new MetricTile(theme, tr("Fill rate, simulated"), this)),
      hold_(new MetricTile(theme, tr("Hold time, simulated"), this)),
      fees_(new MetricTile(theme, tr("Fees a side"), this)),
      fills_(new MetricTile(theme, tr("Fills learned from"), this)),
      status_(new Pill(theme, this))
{
    status_->setOutlined(true);
    status_->setHasDot(false);
    status_->setFocusPolicy(Qt::NoFocus);
    status_->hide();
    slippage_->addToHeader(status_);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(cardGap);
    for (auto* tile : {slippage_, fillRate_, hold_, fees_, fills_}) {
        row->addWidget(tile, tile == slippage_ ? 5 : 4);
    }
    show(std::nullopt, tr("It is being asked for."));
}

void ExecutionTiles::showSlippage(const console::Execution& execution)
{
    const auto cost = pooledCost(execution.slippage);
    status_->setVisible(cost.has_value());
    if (!cost) {
        slippage_->setFigure(
            format::undefined(), tr("no fill yet"), Meaning::Text,
            tr("Undefined: no fill with a decision price and quotes or ticks behind it is stored yet."));
        fills_->setFigure(QStringLiteral("0"), tr("none yet"));
        return;
    }
    status_->setState(format::text(statistics::name(cost->status)), {}, toneOf(cost->status));
    status_->setToolTip(sentence(cost->status, execution.rules));
    const auto assumed = tr("assumed %1%").arg(bpsText(cost->prior));
    const auto context =
        cost->interval
            ? tr("95% %1–%2 · %3").arg(bpsText(cost->interval->lower), bpsText(cost->interval->upper), assumed)
            : assumed;
    const auto why =
        cost->mean
            ? tr("The mean of a bought and a sold side, measured as fill against decision price on recorded quotes "
                 "and ticks. Recent fills weigh more. Assumed is what was charged before anything was learned.")
            : tr("Undefined: %1").arg(format::text(statistics::sentence(cost->mean.error())));
    slippage_->setFigure(cost->mean ? bpsText(*cost->mean) + QLatin1Char('%') : format::undefined(), context,
                         Meaning::Text, why);
    fills_->setFigure(format::count(cost->fills),
                      execution.since ? tr("since %1").arg(format::day(*execution.since, zone_)) : tr("none yet"),
                      Meaning::Text,
                      execution.calibrated ? tr("calibrated at %1").arg(format::clock(*execution.calibrated, zone_))
                                           : tr("not calibrated yet"));
}

void ExecutionTiles::showFillRate(const console::Execution& execution)
{
    console::FillRateRow all;
    for (const auto& row : execution.fillRates) {
        all.orders += row.orders;
        all.touched += row.touched;
        all.through += row.through;
        all.filled += row.filled;
    }
    if (all.orders == 0) {
        fillRate_->setFigure(format::undefined(),
                             tr("none yet; assumed %1").arg(format::percent(execution.assumedFillRate, 0)),
                             Meaning::Text, tr("Undefined: no limit entry has come to its end yet."));
        return;
    }
    fillRate_->setFigure(
        shareOf(all.filled, all.orders),
        tr("through %1 · touched %2").arg(shareOf(all.through, all.orders), shareOf(all.touched, all.orders)),
        Meaning::Text,
        tr("%1 limit entries. Our own queue rule filled %2: the truth lies between those that the market "
           "traded through (%3) and those that it touched (%4).")
            .arg(format::count(all.orders), format::count(all.filled), format::count(all.through),
                 format::count(all.touched)));
}

void ExecutionTiles::show(const std::optional<console::Execution>& execution, const QString& why)
{
    if (!execution) {
        status_->hide();
        for (auto* tile : {slippage_, fillRate_, hold_, fees_, fills_}) {
            tile->setFigure(format::undefined(), QStringLiteral(" "), Meaning::Text, why);
        }
        return;
    }
    showSlippage(*execution);
    showFillRate(*execution);
    const auto percent = [](base::RatePpm rate) { return format::percent(static_cast<double>(rate.value) * 1e-6, 2); };
    fees_->setFigure(percent(execution->takerFee), tr("taker; maker %1").arg(percent(execution->makerFee)),
                     Meaning::Text,
                     tr("Charged on each fill of a trade; orders that rest until they are filled pay the maker's "
                        "fee."));
    const auto& hold = execution->hold;
    hold_->setFigure(holdText(hold.median),
                     hold.mean ? tr("median; mean %1").arg(holdText(hold.mean)) : tr("no trade yet"), Meaning::Text,
                     hold.median
                         ? tr("Of %1 closed trades in the filter; one in ten is held for %2 or more, the longest %3.")
                               .arg(format::count(hold.closed), holdText(hold.p90), holdText(hold.longest))
                         : tr("Undefined: %1").arg(format::text(statistics::sentence(hold.median.error()))));
}

} // namespace qd::ui
