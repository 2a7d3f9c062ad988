#include "ui/execution/execution_models.h"

#include "ui/format.h"

#include <QCoreApplication>

#include <tuple>

namespace qd::ui {

namespace {

constexpr auto right = Qt::AlignRight;
using statistics::Calibration;
using statistics::Measure;

QString tip(const char* source)
{
    return QCoreApplication::translate("execution", source);
}

Column figure(const char* title, const char* help, bool isHidden = false)
{
    return {.title = tip(title), .kind = CellKind::Figure, .alignment = right, .help = tip(help), .isHidden = isHidden};
}

std::vector<Column> slippageColumns()
{
    return {
        {.title = tip("Instrument"), .help = tip("All of them together are the prior of each."), .isStretched = true},
        {.title = tip("Side")},
        figure(
            "Fills",
            "A count: of market orders, with quotes or ticks behind them. Limit orders have their fill rate instead."),
        {.title = tip("Status"), .kind = CellKind::Tag},
        figure("Mean, 95%", "Learned mean, recent fills weigh more, with its interval; % of the decision price."),
        figure("Median", "% of the decision price."),
        figure("p95", "One fill in twenty is worse; % of the decision price."),
        figure("Prior", "What the mean is drawn towards while fills are few; %."),
        figure("Applied", "Shrunk; charged where fills are not made from ticks; %."),
        figure("Stress", "Upper end; charged in the pessimistic band; %.", true)};
}

std::vector<Column> fillColumns()
{
    return {
        {.title = tip("Distance to mid"),
         .kind = CellKind::Figure,
         .help = tip("When it was decided, % of the mid."),
         .isStretched = true},
        figure("Orders", "Limit entries, a count."),
        figure("Touched", "% of them: the market printed at their price within their patience."),
        figure("Filled", "% of them, simulated: our own queue rule filled them, at least in part."),
        figure("Traded through", "% of them: it printed beyond their price, so no queue could have kept them out.")};
}

QString measureText(const Measure& bps)
{
    return bps ? bpsText(*bps) : format::undefined();
}

QVariant whyUndefined(const Measure& bps)
{
    return bps ? QVariant() : QVariant(tip("undefined: %1").arg(format::text(statistics::sentence(bps.error()))));
}

QVariant rawOf(const Measure& bps)
{
    return bps ? QVariant(*bps) : QVariant();
}

QString share(std::uint64_t part, std::uint64_t all)
{
    return all == 0 ? format::undefined() : format::percent(static_cast<double>(part) / static_cast<double>(all), 0);
}

} // namespace

QString bpsText(double bps)
{
    return format::decimal(bps / 100, 3);
}

Meaning toneOf(Calibration calibration)
{
    switch (calibration) {
    case Calibration::Calibrated:
        return Meaning::Gain;
    case Calibration::Provisional:
    case Calibration::Stale:
        return Meaning::Warning;
    case Calibration::Uncalibrated:
        break;
    }
    return Meaning::TextMuted;
}

QString sentence(Calibration calibration, const statistics::SlippageOptions& limits)
{
    switch (calibration) {
    case Calibration::Calibrated:
        return tip("At least %1 fills, the newest not older than %2 days.")
            .arg(limits.calibratedFrom)
            .arg(limits.staleAfter / base::oneDay);
    case Calibration::Provisional:
        return tip("At least %1 fills, but not yet %2.").arg(limits.provisionalFrom).arg(limits.calibratedFrom);
    case Calibration::Stale:
        return tip("Its newest fill is older than %1 days.").arg(limits.staleAfter / base::oneDay);
    case Calibration::Uncalibrated:
        break;
    }
    return tip("Fewer than %1 fills: the prior alone is charged.").arg(limits.provisionalFrom);
}

SlippageModel::SlippageModel(const InstrumentBook& book, QObject* parent)
    : RowModel(slippageColumns(), parent),
      book_(book)
{
    connect(&book, &InstrumentBook::learned, this, [this] { repaintAll(); });
}

QVariant SlippageModel::shown(const console::SlippageRow& row, int column) const
{
    switch (column) {
    case Instrument:
        return row.instrument ? book_.nameOf(*row.instrument) : tr("All");
    case Side:
        return row.side == market::Side::Buy ? tr("buy") : tr("sell");
    case Fills:
        return format::count(row.fills);
    case Status:
        return format::text(statistics::name(row.status));
    case Mean:
        return measureText(row.mean);
    case Median:
        return measureText(row.median);
    case P95:
        return measureText(row.p95);
    case Prior:
        return bpsText(row.prior);
    case Applied:
        return bpsText(row.applied);
    default:
        return bpsText(row.stress);
    }
}

QVariant SlippageModel::raw(const console::SlippageRow& row, int column) const
{
    switch (column) {
    case Fills:
        return static_cast<qulonglong>(row.fills);
    case Status:
        return static_cast<int>(row.status);
    case Mean:
        return rawOf(row.mean);
    case Median:
        return rawOf(row.median);
    case P95:
        return rawOf(row.p95);
    case Prior:
        return row.prior;
    case Applied:
        return row.applied;
    case Stress:
        return row.stress;
    default:
        return shown(row, column);
    }
}

QVariant SlippageModel::help(const console::SlippageRow& row, int column) const
{
    switch (column) {
    case Instrument:
        return row.instrument ? QVariant() : QVariant(tr("The prior of each instrument."));
    case Fills:
        return row.unusable == 0 ? QVariant()
                                 : QVariant(tr("%1 more do not count: no decision price, or no data behind it")
                                                .arg(format::count(row.unusable)));
    case Status:
        return sentence(row.status, rules_);
    case Mean:
        return row.mean && !row.interval
                   ? QVariant(
                         tr("interval undefined: %1").arg(format::text(statistics::sentence(row.interval.error()))))
                   : whyUndefined(row.mean);
    case Median:
        return whyUndefined(row.median);
    case P95:
        return whyUndefined(row.p95);
    default:
        return {};
    }
}

QVariant SlippageModel::cell(const console::SlippageRow& row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return shown(row, column);
    case SortRole:
        return raw(row, column);
    case Qt::ToolTipRole:
        return help(row, column);
    case MutedRole:
        return column == Mean && row.interval
                   ? QVariant(bpsText(row.interval->lower) + QStringLiteral("–") + bpsText(row.interval->upper))
                   : QVariant();
    case ToneRole:
        return column == Status                    ? QVariant::fromValue(toneOf(row.status))
               : column == Prior || column == Side ? QVariant::fromValue(Meaning::TextMuted)
                                                   : QVariant();
    default:
        return {};
    }
}

bool SlippageModel::isSame(const console::SlippageRow& a, const console::SlippageRow& b) const
{
    return a.instrument == b.instrument && a.side == b.side;
}

bool SlippageModel::isEqual(const console::SlippageRow& a, const console::SlippageRow& b) const
{
    return a == b;
}

FillRateModel::FillRateModel(QObject* parent) : RowModel(fillColumns(), parent) {}

QVariant FillRateModel::cell(const console::FillRateRow& row, int column, int role) const
{
    const auto part = column == Touched ? row.touched : column == Filled ? row.filled : row.through;
    switch (role) {
    case Qt::DisplayRole:
        if (column == Distance) {
            return row.toBps ? bpsText(row.fromBps) + QStringLiteral("–") + bpsText(*row.toBps) + QLatin1Char('%')
                             : tr("from %1%").arg(bpsText(row.fromBps));
        }
        return column == Orders ? format::count(row.orders) : share(part, row.orders);
    case SortRole:
        return column == Distance ? QVariant(row.fromBps)
               : column == Orders ? QVariant(static_cast<qulonglong>(row.orders))
               : row.orders == 0  ? QVariant()
                                  : QVariant(static_cast<double>(part) / static_cast<double>(row.orders));
    case Qt::ToolTipRole:
        return column == Distance || column == Orders ? QVariant()
               : row.orders == 0
                   ? QVariant(tr("undefined: no order at this distance; the policy assumes %1 of orders to fill")
                                  .arg(format::percent(assumed_, 0)))
                   : QVariant(tr("%1 of %2").arg(format::count(part), format::count(row.orders)));
    case ToneRole:
        return column == Touched || column == Through ? QVariant::fromValue(Meaning::TextMuted) : QVariant();
    default:
        return {};
    }
}

bool FillRateModel::isSame(const console::FillRateRow& a, const console::FillRateRow& b) const
{
    return a.fromBps == b.fromBps;
}

bool FillRateModel::isEqual(const console::FillRateRow& a, const console::FillRateRow& b) const
{
    const auto key = [](const console::FillRateRow& r) {
        return std::tie(r.fromBps, r.toBps, r.orders, r.touched, r.through, r.filled);
    };
    return key(a) == key(b);
}

} // namespace qd::ui
