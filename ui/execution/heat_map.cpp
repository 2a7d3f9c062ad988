#include "ui/execution/heat_map.h"

#include "ui/charts/chart_export.h"
#include "ui/format.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

constexpr double leftRoom = 46;   // of the targets
constexpr double bottomRoom = 20; // of the stops
constexpr double cellGap = 2;
constexpr double cellRadius = 3;
constexpr double palest = 0.1;   // share of the tone in a cell
constexpr double readable = 4.6; // contrast of text, WCAG AA and a little

using statistics::Measure;

const Measure& measureOf(const console::StopLabFigures& cell, LabFigure figure)
{
    return figure == LabFigure::ProfitFactor ? cell.profitFactor
           : figure == LabFigure::Expectancy ? cell.expectancy
                                             : cell.winRate;
}

QString valueOf(const Measure& measure, int decimals)
{
    return measure ? QString::number(*measure, 'f', decimals) : QString();
}

/// The largest distance from the neutral value that a cell with enough trades has, and never less than `least`.
double reachOf(const console::StopLab& lab, LabFigure figure, double neutral, double least)
{
    double reach = least;
    for (const auto& cell : lab.cells) {
        if (const auto& value = measureOf(cell, figure); value && cell.trades >= lab.greyTrades) {
            reach = std::max(reach, std::abs(*value - neutral));
        }
    }
    return reach;
}

/// 0…1 between the least and the greatest; what all cells share lies in the middle.
double placed(double value, double least, double most)
{
    return most > least ? (value - least) / (most - least) : 0.5;
}

double shareOf(const console::StopLab& lab, std::size_t at, LabFigure figure)
{
    const auto value = [figure](const console::StopLabFigures& cell) {
        return figure == LabFigure::Trades ? static_cast<double>(cell.trades) : cell.winRate.value_or(0);
    };
    const auto [least, most] = std::ranges::minmax(lab.cells, {}, value);
    return placed(value(lab.cells[at]), value(least), value(most));
}

} // namespace

QStringList axisTexts(const std::vector<double>& shares)
{
    const auto needs = [&](int decimals) {
        const double step = std::pow(10.0, decimals);
        return std::ranges::any_of(
            shares, [&](double share) { return std::abs(std::round(share * 100 * step) / step - share * 100) > 1e-6; });
    };
    int decimals = 1;
    while (decimals < 4 && needs(decimals)) {
        ++decimals;
    }
    QStringList out;
    for (const double share : shares) {
        out << format::percent(share, decimals);
    }
    return out;
}

QString cellText(const console::StopLabFigures& cell, LabFigure figure)
{
    if (figure == LabFigure::Trades) {
        return format::count(cell.trades);
    }
    const auto& value = measureOf(cell, figure);
    if (!value) {
        return format::undefined();
    }
    return figure == LabFigure::ProfitFactor ? format::decimal(*value, 2)
           : figure == LabFigure::Expectancy ? format::signedDecimal(*value * 100, 2)
                                             : format::decimal(*value * 100, 0);
}

std::optional<double> cellStrength(const console::StopLab& lab, std::size_t at, LabFigure figure)
{
    const auto& cell = lab.cells[at];
    if (cell.trades < lab.greyTrades) {
        return std::nullopt;
    }
    // A win rate is neither good nor bad without the sizes of wins and losses, and a count is not either.
    if (figure == LabFigure::WinRate || figure == LabFigure::Trades) {
        return figure == LabFigure::WinRate && !cell.winRate ? std::nullopt : std::optional(shareOf(lab, at, figure));
    }
    const auto& value = measureOf(cell, figure);
    if (!value) {
        return std::nullopt;
    }
    const double neutral = figure == LabFigure::ProfitFactor ? 1 : 0;
    const double least = figure == LabFigure::ProfitFactor ? 0.25 : 0.0005;
    return std::clamp((*value - neutral) / reachOf(lab, figure, neutral, least), -1.0, 1.0);
}

QColor cellColor(const console::StopLab& lab, std::size_t at, LabFigure figure, const Theme& theme)
{
    const auto strength = cellStrength(lab, at, figure);
    const auto card = theme.color(Meaning::Card);
    if (!strength) {
        return mixed(card, theme.color(Meaning::Track), 0.6);
    }
    const bool isNeutral = figure == LabFigure::WinRate || figure == LabFigure::Trades;
    const auto tone = theme.color(isNeutral ? Meaning::Focus : *strength < 0 ? Meaning::Loss : Meaning::Gain);
    // Pale at the neutral value, and never so full that the figure on it could not be read.
    double full = 0.62;
    while (full > palest && contrast(mixed(card, tone, full), theme.color(Meaning::Text)) < readable) {
        full -= 0.02;
    }
    return mixed(card, tone, palest + (full - palest) * std::abs(*strength));
}

HeatMap::HeatMap(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Stop lab"));
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void HeatMap::setLab(std::shared_ptr<const console::StopLab> lab)
{
    const bool isWhole = lab && !lab->stops.empty() && lab->cells.size() == lab->stops.size() * lab->targets.size();
    lab_ = isWhole ? std::move(lab) : nullptr;
    current_ = lab_ ? lab_->nearest : std::nullopt;
    tell();
    update();
}

void HeatMap::setFigure(LabFigure figure)
{
    figure_ = figure;
    update();
}

QRectF HeatMap::grid() const
{
    return QRectF(rect()).adjusted(leftRoom, 1, -1, -bottomRoom);
}

QRectF HeatMap::cellRect(std::size_t cell) const
{
    const auto columns = lab_->stops.size();
    const auto area = grid();
    const double width = area.width() / static_cast<double>(columns);
    const double height = area.height() / static_cast<double>(lab_->targets.size());
    const double left = std::round(area.left() + width * static_cast<double>(cell % columns));
    const double top = std::round(area.top() + height * static_cast<double>(cell / columns));
    return {left, top, std::floor(width) - cellGap, std::floor(height) - cellGap};
}

std::optional<std::size_t> HeatMap::cellAt(const QPointF& point) const
{
    for (std::size_t cell = 0; lab_ && cell < lab_->cells.size(); ++cell) {
        if (cellRect(cell).adjusted(0, 0, cellGap, cellGap).contains(point)) {
            return cell;
        }
    }
    return std::nullopt;
}

QString HeatMap::cellHelp(std::size_t at) const
{
    const auto& cell = lab_->cells[at];
    const auto measure = [](const QString& name, const Measure& value, const QString& text) {
        return value ? tr("%1 %2").arg(name, text)
                     : tr("%1 undefined: %2").arg(name, format::text(statistics::sentence(value.error())));
    };
    QStringList lines{tr("target %1, stop %2")
                          .arg(axisTexts(lab_->targets)[static_cast<qsizetype>(at / lab_->stops.size())],
                               axisTexts(lab_->stops)[static_cast<qsizetype>(at % lab_->stops.size())]),
                      tr("%1 trades").arg(format::count(cell.trades)),
                      measure(tr("profit factor"), cell.profitFactor, cellText(cell, LabFigure::ProfitFactor)),
                      measure(tr("expectancy"), cell.expectancy,
                              cellText(cell, LabFigure::Expectancy) + tr("% of the notional, net")),
                      measure(tr("win rate"), cell.winRate, cellText(cell, LabFigure::WinRate) + QLatin1Char('%'))};
    const auto stop = at % lab_->stops.size();
    if (stop < lab_->predictedHit.size() && lab_->predictedHit[stop]) {
        lines << tr("predicted to be hit within two hours from now: %1% of such stops")
                     .arg(*lab_->predictedHit[stop] * 100, 0, 'f', 0);
    }
    if (cell.trades < lab_->greyTrades) {
        lines << tr("grey: fewer than %1 trades say little").arg(lab_->greyTrades);
    }
    if (at == lab_->nearest) {
        lines << tr("nearest to today's setting");
    }
    if (at == lab_->best) {
        lines << tr("best on the older half of the entries");
    }
    return lines.join(QLatin1Char('\n'));
}

void HeatMap::paintCells(QPainter& p) const
{
    p.setFont(theme_.font(FontRole::FigureSmall));
    for (std::size_t cell = 0; cell < lab_->cells.size(); ++cell) {
        const auto rect = cellRect(cell);
        p.setPen(Qt::NoPen);
        p.setBrush(cellColor(*lab_, cell, figure_, theme_));
        p.drawRoundedRect(rect, cellRadius, cellRadius);
        const bool isGrey = !cellStrength(*lab_, cell, figure_);
        p.setPen(theme_.color(isGrey ? Meaning::TextFaint : Meaning::Text));
        p.drawText(rect, Qt::AlignCenter, cellText(lab_->cells[cell], figure_));
    }
}

void HeatMap::paintAxes(QPainter& p) const
{
    p.setFont(theme_.font(FontRole::FigureSmall));
    p.setPen(theme_.color(Meaning::TextFaint));
    const auto targets = axisTexts(lab_->targets);
    const auto stops = axisTexts(lab_->stops);
    for (std::size_t target = 0; target < lab_->targets.size(); ++target) {
        const auto row = cellRect(target * lab_->stops.size());
        p.drawText(QRectF(0, row.top(), leftRoom - 8, row.height()), Qt::AlignRight | Qt::AlignVCenter,
                   targets[static_cast<qsizetype>(target)]);
    }
    const QFontMetricsF metrics(p.font());
    double free = 0;
    for (std::size_t stop = 0; stop < lab_->stops.size(); ++stop) {
        const auto text = stops[static_cast<qsizetype>(stop)];
        const auto column = cellRect(stop);
        const double width = metrics.horizontalAdvance(text);
        const double left = column.center().x() - width / 2;
        if (left >= free) { // narrow columns: every second one
            p.drawText(QRectF(left - 1, height() - bottomRoom, width + 2, bottomRoom), Qt::AlignCenter, text);
            free = left + width + 4;
        }
    }
}

void HeatMap::paintMark(QPainter& p, std::size_t cell, Meaning tone, bool isDouble) const
{
    const auto rect = cellRect(cell);
    p.setBrush(Qt::NoBrush);
    p.setPen(QPen(theme_.color(tone), 2));
    p.drawRoundedRect(rect.adjusted(0, 0, 0, 0), cellRadius, cellRadius);
    if (isDouble) { // a corner, so that the mark does not hang on its colour
        p.setPen(Qt::NoPen);
        p.setBrush(theme_.color(tone));
        p.drawPolygon(QPolygonF{{rect.topRight(), rect.topRight() - QPointF(9, 0), rect.topRight() + QPointF(0, 9)}});
    }
}

void HeatMap::paintEvent(QPaintEvent*)
{
    if (!lab_) {
        return;
    }
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    paintCells(p);
    paintAxes(p);
    if (lab_->best) {
        paintMark(p, *lab_->best, Meaning::Text, true);
    }
    if (lab_->nearest) {
        paintMark(p, *lab_->nearest, Meaning::Warning, false);
    }
    if (hasFocus() && current_) {
        p.setBrush(Qt::NoBrush);
        p.setPen(QPen(theme_.color(Meaning::Focus), 1, Qt::DashLine));
        p.drawRoundedRect(cellRect(*current_).adjusted(-1.5, -1.5, 1.5, 1.5), cellRadius, cellRadius);
    }
}

void HeatMap::go(int stops, int targets)
{
    if (!lab_) {
        return;
    }
    const auto columns = static_cast<int>(lab_->stops.size());
    const auto rows = static_cast<int>(lab_->targets.size());
    const auto at = static_cast<int>(current_.value_or(0));
    const int column = std::clamp(at % columns + stops, 0, columns - 1);
    const int row = std::clamp(at / columns + targets, 0, rows - 1);
    current_ = static_cast<std::size_t>(row * columns + column);
    tell();
    update();
    QToolTip::showText(mapToGlobal(cellRect(*current_).bottomLeft().toPoint()), cellHelp(*current_), this);
}

void HeatMap::tell()
{
    setAccessibleDescription(current_ && lab_ ? cellHelp(*current_)
                                              : tr("Arrows move from cell to cell, Ctrl+C copies the grid."));
}

void HeatMap::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        return go(-1, 0);
    case Qt::Key_Right:
        return go(1, 0);
    case Qt::Key_Up:
        return go(0, -1);
    case Qt::Key_Down:
        return go(0, 1);
    default:
        if (event->matches(QKeySequence::Copy) && lab_) {
            copyPicture(exports());
        } else {
            QWidget::keyPressEvent(event);
        }
    }
}

void HeatMap::mousePressEvent(QMouseEvent* event)
{
    if (const auto cell = cellAt(event->position())) {
        current_ = cell;
        tell();
        update();
    }
    QWidget::mousePressEvent(event);
}

bool HeatMap::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto cell = cellAt(help->pos());
        QToolTip::showText(help->globalPos(), cell ? cellHelp(*cell) : QString(), this);
        return true;
    }
    return QWidget::event(event);
}

QString HeatMap::csv() const
{
    auto out = QStringLiteral("target,stop,trades,profit_factor,expectancy,win_rate,nearest_today,best_on_older\n");
    for (std::size_t at = 0; lab_ && at < lab_->cells.size(); ++at) {
        const auto& cell = lab_->cells[at];
        const QStringList cells{QString::number(lab_->targets[at / lab_->stops.size()]),
                                QString::number(lab_->stops[at % lab_->stops.size()]),
                                QString::number(cell.trades),
                                valueOf(cell.profitFactor, 4),
                                valueOf(cell.expectancy, 8),
                                valueOf(cell.winRate, 6),
                                QString::number(at == lab_->nearest ? 1 : 0),
                                QString::number(at == lab_->best ? 1 : 0)};
        out += cells.join(QLatin1Char(',')) + QLatin1Char('\n');
    }
    return out;
}

ChartExport HeatMap::exports()
{
    return {.fileName = QStringLiteral("stop-lab.csv"),
            .picture = [this] { return grab(); },
            .csv = [this] { return csv(); },
            .reset = {}};
}

void HeatMap::contextMenuEvent(QContextMenuEvent* event)
{
    if (lab_) {
        auto* menu = chartMenu(this, exports());
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->popup(event->globalPos());
    }
}

} // namespace qd::ui
