#include "ui/models/regimes_tab.h"

#include "ui/models/model_words.h"
#include "ui/widgets/card.h"

#include "base/policy.h"

#include <QContextMenuEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

constexpr double axisHeight = 18;
constexpr double headHeight = 16;

QString fifthName(int i)
{
    return i == 0   ? RegimeBars::tr("calmest fifth")
           : i == 4 ? RegimeBars::tr("wildest fifth")
                    : RegimeBars::tr("%1. fifth").arg(i + 1);
}

/// Whole trades or days since the last training, of those that the schedule asks for.
GateLine sinceTraining(const QString& title, double since, double wanted, const QString& help)
{
    return {.state = since >= wanted ? governance::GateState::Passed : governance::GateState::Waiting,
            .title = title,
            .note = {},
            .figure = RegimesTab::tr("%1 of %2").arg(format::decimal(std::floor(since), 0), format::decimal(wanted, 0)),
            .limit = {},
            .help = help};
}

} // namespace

RegimeBars::RegimeBars(QWidget* parent) : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Shares of the training rows by volatility"));
}

void RegimeBars::setView(const RegimeView& view)
{
    view_ = view;
    QStringList said;
    for (std::size_t i = 0; i < view_.shares.size(); ++i) {
        said << fifthName(static_cast<int>(i)) + QLatin1Char(' ') + format::percent(view_.shares[i], 0);
    }
    setAccessibleDescription(said.join(QStringLiteral(", ")));
    update();
}

void RegimeBars::setColors(const ChartColors& colors)
{
    colors_ = colors;
    update();
}

QRectF RegimeBars::plot() const
{
    return QRectF(rect()).adjusted(2, 4 + headHeight, -2, -axisHeight);
}

double RegimeBars::most() const
{
    double out = std::max(0.2, 2 * view_.leastShare);
    for (const double share : view_.shares) {
        out = std::max(out, share);
    }
    return out;
}

void RegimeBars::paintLimits(QPainter& p) const
{
    const auto area = plot();
    const double y = area.bottom() - area.height() * view_.leastShare / most();
    p.setPen(QPen(colors_.warning, 1.2, Qt::DashLine));
    const double low = area.left() + area.width() * view_.low;
    const double high = area.left() + area.width() * view_.high;
    p.drawLine(QPointF(area.left(), y), QPointF(low, y)); // the least share counts on either side of the limits
    p.drawLine(QPointF(high, y), QPointF(area.right(), y));
    p.drawLine(QPointF(low, area.top()), QPointF(low, area.bottom()));
    p.drawLine(QPointF(high, area.top()), QPointF(high, area.bottom()));
}

void RegimeBars::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    p.fillRect(rect(), colors_.surface);
    p.setRenderHint(QPainter::Antialiasing);
    if (view_.shares.size() != 5) {
        p.setPen(colors_.textSecond);
        p.setFont(colors_.words);
        p.drawText(QRectF(rect()).adjusted(12, 4, -12, -4), int(Qt::AlignCenter) | int(Qt::TextWordWrap),
                   tr("Too little is known of the instruments' own volatility to say in which regimes the rows lie."));
        return;
    }
    const auto area = plot();
    const double width = area.width() / 5;
    p.setFont(colors_.figures);
    for (int i = 0; i < 5; ++i) {
        const double share = view_.shares[static_cast<std::size_t>(i)];
        const double height = area.height() * share / most();
        const bool isShort = (i == 0 || i == 4) && share < view_.leastShare;
        const QRectF bar(area.left() + i * width + 3, area.bottom() - height, width - 6, height);
        p.setPen(Qt::NoPen);
        p.setBrush(colors_.tint(isShort ? colors_.loss : colors_.gain, 0.55));
        p.drawRoundedRect(bar, 3, 3);
        p.setPen(isShort ? colors_.loss : colors_.text);
        p.drawText(QRectF(bar.left() - 3, bar.top() - headHeight, width, headHeight), Qt::AlignCenter,
                   format::percent(share, 0));
    }
    paintLimits(p);
    p.setPen(colors_.textFaint);
    for (int i = 0; i <= 5; ++i) {
        const double x = area.left() + i * width;
        const int side = i == 0 ? int(Qt::AlignLeft) : i == 5 ? int(Qt::AlignRight) : int(Qt::AlignHCenter);
        const double shift = i == 0 ? 0 : i == 5 ? -40 : -20;
        p.drawText(QRectF(x + shift, area.bottom() + 2, 40, axisHeight - 2), side | int(Qt::AlignVCenter),
                   QString::number(i * 20));
    }
    if (hasFocus()) {
        p.setRenderHint(QPainter::Antialiasing, false);
        p.setPen(QPen(colors_.focus, 1, Qt::DotLine));
        p.setBrush(Qt::NoBrush);
        p.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void RegimeBars::mouseMoveEvent(QMouseEvent* event)
{
    const auto area = plot();
    const int i = static_cast<int>((event->position().x() - area.left()) / (area.width() / 5));
    if (view_.shares.size() == 5 && i >= 0 && i < 5) {
        QToolTip::showText(event->globalPosition().toPoint(),
                           tr("%1 of volatility: %2 of the rows")
                               .arg(fifthName(i), format::percent(view_.shares[static_cast<std::size_t>(i)], 1)),
                           this);
    }
}

QString RegimeBars::csv() const
{
    QString out = QStringLiteral("fifth,share\n");
    for (std::size_t i = 0; i < view_.shares.size(); ++i) {
        out += QString::number(i + 1) + QLatin1Char(',') + QString::number(view_.shares[i], 'g', 9) + QLatin1Char('\n');
    }
    return out;
}

ChartExport RegimeBars::exports()
{
    return {.fileName = QStringLiteral("regimes.csv"),
            .picture = [this] { return grab(); },
            .csv = [this] { return csv(); },
            .reset = {}};
}

void RegimeBars::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy)) {
        copyPicture(exports());
    } else {
        QWidget::keyPressEvent(event);
    }
}

void RegimeBars::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = chartMenu(this, exports());
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->popup(event->globalPos());
}

RegimesTab::RegimesTab(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      note_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      bars_(new RegimeBars(this)),
      gates_(new GateList(context.theme, this))
{
    note_->setWordWrap(true);
    bars_->setMaximumHeight(260);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(note_);
    layout->addWidget(bars_, 1);
    layout->addWidget(gates_);
    layout->addStretch(1);
    restyle();
}

void RegimesTab::show(const console::ModelDetail& detail, const base::PolicyValues& policy,
                      const governance::RetrainDue* due)
{
    RegimeView view{detail.regimeShares, base::policyValue(policy, "convergence.regime_low"),
                    base::policyValue(policy, "convergence.regime_high"),
                    base::policyValue(policy, "convergence.min_share"), detail.lineage.spansRegimes};
    const auto percentile = [](double quantile) { return format::decimal(quantile * 100, 0); };
    note_->show(
        tr("Volatility percentile of the training rows. The policy asks for %1 of them up to %2 and from %3 on.")
            .arg(format::percent(view.leastShare, 0), percentile(view.low), percentile(view.high)));
    std::vector<GateLine> lines;
    if (view.shares.size() == 5) {
        for (const auto& [name, share] : {std::pair{tr("Calmest fifth"), view.shares.front()},
                                          std::pair{tr("Wildest fifth"), view.shares.back()}}) {
            lines.push_back(
                {.state = share >= view.leastShare ? governance::GateState::Passed : governance::GateState::Failed,
                 .title = name,
                 .note = {},
                 .figure = format::percent(share, 1),
                 .limit = {}, // the sentence above says it
                 .help = {}});
        }
    }
    lines.push_back({.state = view.spans ? governance::GateState::Passed : governance::GateState::Waiting,
                     .title = view.spans ? tr("Spans calm and storm") : tr("Regime-limited"),
                     .note = view.spans ? QString() : tr("it has not seen both, so it may fail where it has not been"),
                     .figure = {},
                     .limit = {},
                     .help = {},
                     .isWarning = !view.spans});
    if (due != nullptr) {
        const QString help = say::due(*due);
        lines.push_back(sinceTraining(tr("Trades since last training"), static_cast<double>(due->trades),
                                      base::policyValue(policy, "retrain.min_trades"), help));
        lines.push_back(sinceTraining(tr("Days since last training"), due->days,
                                      base::policyValue(policy, "retrain.every_days"), help));
    }
    gates_->setLines(lines);
    bars_->setView(view);
}

void RegimesTab::restyle()
{
    bars_->setColors(chartColors(context_.theme));
}

} // namespace qd::ui
