#include "ui/execution/waterfall_chart.h"

#include "ui/charts/chart_export.h"
#include "ui/format.h"

#include <QContextMenuEvent>
#include <QCoreApplication>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

QString tip(const char* source)
{
    return QCoreApplication::translate("execution", source);
}

QString perTrade(base::Money value, std::uint64_t trades)
{
    return trades == 0 ? format::undefined()
                       : format::signedDecimal(base::toUsdt(value) / static_cast<double>(trades), 4);
}

/// With the sign that it has in the sum.
QString told(const WaterfallStep& step)
{
    return format::signedMoney(step.kind == WaterfallStep::Kind::Sum ? step.value : -step.value);
}

} // namespace

std::vector<WaterfallStep> waterfallSteps(const console::Waterfall& w)
{
    using Kind = WaterfallStep::Kind;
    const base::Money costs = w.slippage + w.gapThroughStop + w.fees + w.funding;
    std::vector<WaterfallStep> out;
    out.push_back({tip("Gross"),
                   w.gross,
                   Kind::Sum,
                   {},
                   w.gross,
                   tip("What %1 trades would have made at the prices they were decided at: %2 USDT, %3 a trade")
                       .arg(format::count(w.trades), format::signedMoney(w.gross), perTrade(w.gross, w.trades))});
    base::Money at = w.gross;
    const auto cost = [&](const QString& name, base::Money value, const QString& what) {
        const auto share =
            value.value < 0 ? tip("a gain, set against the costs")
            : costs.value > 0
                ? tip("%1 of all costs").arg(format::percent(base::toUsdt(value) / base::toUsdt(costs), 1))
                : tip("no share: the costs do not add up to more than nothing");
        out.push_back({name, value, Kind::Cost, at, at - value,
                       tip("%1\n%2 USDT, %3, %4 a trade")
                           .arg(what, format::signedMoney(-value), share, perTrade(-value, w.trades))});
        at = at - value;
    };
    cost(tip("Spread, slippage"), w.slippage,
         tip("Fills against the prices decided at, both sides: market orders against the mid, limit orders against "
             "their limit.\nA limit order that meets a better market on arrival takes it, which is a gain here; the "
             "table beside it measures market orders only."));
    cost(tip("Gap through stop"), w.gapThroughStop, tip("How far beyond the stop its print was"));
    cost(tip("Fees"), w.fees, tip("Taker and maker fees of entries and exits"));
    cost(tip("Funding"), w.funding, tip("Paid while positions were open; what was received counts against it"));
    out.push_back({tip("Net"),
                   w.net,
                   Kind::Sum,
                   {},
                   w.net,
                   tip("What was left of %1 trades: %2 USDT, %3 a trade")
                       .arg(format::count(w.trades), format::signedMoney(w.net), perTrade(w.net, w.trades))});
    return out;
}

WaterfallChart::WaterfallChart(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Cost waterfall"));
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void WaterfallChart::setWaterfall(const std::optional<console::Waterfall>& waterfall)
{
    steps_ = waterfall && waterfall->trades > 0 ? waterfallSteps(*waterfall) : std::vector<WaterfallStep>();
    if (steps_.empty()) {
        current_.reset();
    }
    QStringList all;
    for (const auto& step : steps_) {
        all << step.name + QLatin1Char(' ') + told(step);
    }
    setAccessibleDescription(all.isEmpty() ? emptyText_ : all.join(QStringLiteral(", ")));
    update();
}

void WaterfallChart::setEmptyText(const QString& text)
{
    emptyText_ = text;
    update();
}

QRectF WaterfallChart::rowRect(std::size_t step) const
{
    const double height = static_cast<double>(this->height()) / static_cast<double>(steps_.size());
    return {0, std::round(height * static_cast<double>(step)), static_cast<double>(width()), std::floor(height)};
}

QRectF WaterfallChart::plot() const
{
    const QFontMetricsF words(theme_.font(FontRole::Body));
    const QFontMetricsF figures(theme_.font(FontRole::Figure));
    double left = 0;
    double right = 0;
    for (const auto& step : steps_) {
        left = std::max(left, words.horizontalAdvance(step.name));
        right = std::max(right, figures.horizontalAdvance(told(step)));
    }
    return QRectF(rect()).adjusted(left + 14, 0, -right - 14, 0);
}

double WaterfallChart::x(base::Money value) const
{
    double low = 0;
    double high = 0;
    for (const auto& step : steps_) {
        low = std::min({low, base::toUsdt(step.from), base::toUsdt(step.to)});
        high = std::max({high, base::toUsdt(step.from), base::toUsdt(step.to)});
    }
    const auto area = plot();
    return high > low ? area.left() + (base::toUsdt(value) - low) / (high - low) * area.width() : area.center().x();
}

QRectF WaterfallChart::barRect(std::size_t at) const
{
    const auto row = rowRect(at);
    const double height = std::min(20.0, std::floor(row.height() * 0.62));
    const double a = std::round(x(steps_[at].from));
    const double b = std::round(x(steps_[at].to));
    return {std::min(a, b), std::round(row.center().y() - height / 2), std::max(1.0, std::abs(b - a)), height};
}

Meaning WaterfallChart::toneOf(const WaterfallStep& step) const
{
    const bool isGain = step.kind == WaterfallStep::Kind::Sum ? step.value.value > 0 : step.value.value < 0;
    return step.value.value == 0 ? Meaning::TextFaint : isGain ? Meaning::Gain : Meaning::Loss;
}

void WaterfallChart::paintStep(QPainter& p, std::size_t at) const
{
    const auto& step = steps_[at];
    const auto row = rowRect(at);
    const bool isSum = step.kind == WaterfallStep::Kind::Sum;
    if (hasFocus() && current_ == at) {
        p.fillRect(row, theme_.color(Meaning::Selection));
    }
    p.setFont(theme_.font(isSum ? FontRole::Strong : FontRole::Body));
    p.setPen(theme_.color(isSum ? Meaning::Text : Meaning::TextMuted));
    p.drawText(row.adjusted(2, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, step.name);
    p.setFont(theme_.font(FontRole::Figure));
    p.setPen(theme_.color(isSum ? toneOf(step) : Meaning::Text));
    p.drawText(row.adjusted(0, 0, -2, 0), Qt::AlignRight | Qt::AlignVCenter, told(step));
    const auto bar = barRect(at);
    const auto tone = theme_.color(toneOf(step));
    p.setPen(Qt::NoPen);
    p.setBrush(isSum ? tone : mixed(theme_.color(Meaning::Card), tone, 0.6));
    p.setRenderHint(QPainter::Antialiasing);
    p.drawRoundedRect(bar, 2, 2);
    p.setRenderHint(QPainter::Antialiasing, false);
    if (at + 1 < steps_.size()) { // to where the next one begins
        const double y = barRect(at + 1).top();
        const double link = std::round(x(step.to));
        p.setPen(QPen(theme_.color(Meaning::TextFaint), 1, Qt::DotLine));
        p.drawLine(QPointF(link, bar.bottom()), QPointF(link, y));
    }
}

void WaterfallChart::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    if (steps_.empty()) {
        p.setFont(theme_.font(FontRole::Body));
        p.setPen(theme_.color(Meaning::TextFaint));
        p.drawText(rect().adjusted(24, 8, -24, -8), Qt::AlignCenter | Qt::TextWordWrap, emptyText_);
        return;
    }
    const double zero = std::round(x({}));
    p.setPen(theme_.color(Meaning::Hairline));
    p.drawLine(QPointF(zero, 0), QPointF(zero, height()));
    for (std::size_t step = 0; step < steps_.size(); ++step) {
        paintStep(p, step);
    }
}

std::optional<std::size_t> WaterfallChart::stepAt(const QPointF& point) const
{
    for (std::size_t step = 0; step < steps_.size(); ++step) {
        if (rowRect(step).contains(point)) {
            return step;
        }
    }
    return std::nullopt;
}

QString WaterfallChart::helpAt(const QPointF& point) const
{
    const auto step = stepAt(point);
    return step ? steps_[*step].help : QString();
}

bool WaterfallChart::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), helpAt(help->pos()), this);
        return true;
    }
    return QWidget::event(event);
}

void WaterfallChart::choose(std::size_t step)
{
    current_ = step;
    update();
}

void WaterfallChart::keyPressEvent(QKeyEvent* event)
{
    const bool isDown = event->key() == Qt::Key_Down;
    if (!steps_.empty() && (isDown || event->key() == Qt::Key_Up)) {
        const auto last = steps_.size() - 1;
        choose(!current_ ? 0
               : isDown  ? std::min(last, *current_ + 1)
                         : *current_ - std::min<std::size_t>(1, *current_));
        QToolTip::showText(mapToGlobal(rowRect(*current_).bottomLeft().toPoint()), steps_[*current_].help, this);
    } else if (!steps_.empty() && event->matches(QKeySequence::Copy)) {
        copyPicture(exports());
    } else {
        QWidget::keyPressEvent(event);
    }
}

void WaterfallChart::mousePressEvent(QMouseEvent* event)
{
    if (const auto step = stepAt(event->position())) {
        choose(*step);
    }
    QWidget::mousePressEvent(event);
}

QString WaterfallChart::csv() const
{
    auto out = QStringLiteral("step,usdt\n");
    for (const auto& step : steps_) {
        const auto signedValue = step.kind == WaterfallStep::Kind::Sum ? step.value : -step.value;
        out += QLatin1Char('"') + step.name + QStringLiteral("\",") + format::plain(format::money(signedValue, 8)) +
               QLatin1Char('\n');
    }
    return out;
}

ChartExport WaterfallChart::exports()
{
    return {.fileName = QStringLiteral("cost-waterfall.csv"),
            .picture = [this] { return grab(); },
            .csv = [this] { return csv(); },
            .reset = {}};
}

void WaterfallChart::contextMenuEvent(QContextMenuEvent* event)
{
    if (!steps_.empty()) {
        auto* menu = chartMenu(this, exports());
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->popup(event->globalPos());
    }
}

} // namespace qd::ui
