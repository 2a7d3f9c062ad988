#include "ui/charts/histogram.h"

#include <QContextMenuEvent>
#include <QLocale>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

constexpr int leastBins = 8;
constexpr int mostBins = 128;
constexpr double axisHeight = 20;

} // namespace

std::vector<int> histogramOf(const std::vector<float>& values, Range range, int bins)
{
    std::vector<int> out(static_cast<std::size_t>(bins), 0);
    for (const float value : values) {
        const double share = (static_cast<double>(value) - range.low) / range.span();
        if (share >= 0 && share <= 1) {
            ++out[static_cast<std::size_t>(std::min(bins - 1, static_cast<int>(share * bins)))];
        }
    }
    return out;
}

Histogram::Histogram(QWidget* parent) : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void Histogram::setValues(std::vector<float> values, std::vector<Mark> marks)
{
    values_ = std::move(values);
    std::erase_if(values_, [](float value) { return !std::isfinite(value); });
    marks_ = std::move(marks);
    QStringList said{title_};
    for (const auto& mark : marks_) {
        said << mark.label;
    }
    setAccessibleDescription(values_.empty() ? emptyText_ : said.join(QStringLiteral(", ")));
    update();
}

void Histogram::setFormatter(std::function<QString(double)> formatter)
{
    formatter_ = std::move(formatter);
    update();
}

void Histogram::setColors(const ChartColors& colors)
{
    colors_ = colors;
    update();
}

void Histogram::setTitle(const QString& title)
{
    title_ = title;
    setAccessibleName(title);
}

void Histogram::setEmptyText(const QString& text)
{
    emptyText_ = text;
    update();
}

QString Histogram::text(double value) const
{
    return formatter_ ? formatter_(value) : QLocale::c().toString(value, 'g', 4);
}

Range Histogram::range() const
{
    auto [low, high] = std::minmax_element(values_.begin(), values_.end());
    Range out{static_cast<double>(*low), static_cast<double>(*high)};
    for (const auto& mark : marks_) {
        out = {std::min(out.low, mark.value), std::max(out.high, mark.value)};
    }
    return out.span() > 0 ? padded(out, 0.04) : Range{out.low - 0.5, out.high + 0.5};
}

QRectF Histogram::plot() const
{
    const double labels = static_cast<double>(marks_.size()) * 15;
    return QRectF(rect()).adjusted(2, 4 + labels, -2, -axisHeight);
}

void Histogram::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    p.fillRect(rect(), colors_.surface);
    p.setRenderHint(QPainter::Antialiasing);
    if (values_.empty()) {
        p.setPen(colors_.textSecond);
        p.setFont(colors_.words);
        p.drawText(QRectF(rect()).adjusted(24, 4, -24, -4), Qt::AlignCenter | Qt::TextWordWrap, emptyText_);
    } else {
        const auto area = plot();
        const LinearScale x(range(), area.left(), area.right());
        const auto counts = histogramOf(values_, range(), bins_);
        const int most = std::max(1, *std::max_element(counts.begin(), counts.end()));
        const double width = area.width() / bins_;
        p.setPen(Qt::NoPen);
        p.setBrush(colors_.tint(colors_.textFaint, 0.62));
        for (int i = 0; i < bins_; ++i) {
            const double height = area.height() * counts[static_cast<std::size_t>(i)] / most;
            p.drawRect(QRectF(area.left() + i * width + 0.5, area.bottom() - height, std::max(1.0, width - 1), height));
        }
        p.setPen(QPen(colors_.hairline, 1));
        p.drawLine(area.bottomLeft(), area.bottomRight());
        p.setFont(colors_.figures);
        p.setPen(colors_.textFaint);
        double free = area.left();
        for (const double tick :
             niceTicks(range(), std::clamp(width > 0 ? static_cast<int>(area.width() / 45) : 2, 2, 8))) {
            const QString label = text(tick);
            const double half = QFontMetricsF(colors_.figures).horizontalAdvance(label) / 2;
            const double at = x.pixel(tick);
            if (at - half >= free && at + half <= area.right()) {
                p.drawText(QRectF(at - half, area.bottom() + 2, 2 * half + 1, axisHeight - 2), Qt::AlignCenter, label);
                free = at + half + 10;
            }
        }
        paintMarks(p, x);
        paintUnderPointer(p, x);
    }
    if (hasFocus()) {
        p.setRenderHint(QPainter::Antialiasing, false);
        p.setPen(QPen(colors_.focus, 1, Qt::DotLine));
        p.setBrush(Qt::NoBrush);
        p.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void Histogram::paintMarks(QPainter& p, const LinearScale& x) const
{
    const auto area = plot();
    const QFontMetricsF metrics(colors_.words);
    double top = 2;
    for (const auto& mark : marks_) {
        const double at = x.pixel(mark.value);
        p.setPen(QPen(colors_.*mark.color, mark.isMain ? 2 : 1.2, mark.isMain ? Qt::SolidLine : Qt::DashLine));
        p.drawLine(QPointF(at, top + 7), QPointF(at, area.bottom()));
        const double width = metrics.horizontalAdvance(mark.label);
        const bool isLeft = at + 6 + width > area.right();
        const QRectF label(isLeft ? at - 6 - width : at + 6, top, width + 1, 15);
        p.fillRect(label, colors_.surface); // over the lines of other marks
        p.setFont(colors_.words);
        p.setPen(colors_.*mark.color);
        p.drawText(label, Qt::AlignVCenter | Qt::AlignLeft, mark.label);
        top += 15;
    }
}

void Histogram::paintUnderPointer(QPainter& p, const LinearScale& x) const
{
    const auto area = plot();
    if (!pointerX_ || *pointerX_ < area.left() || *pointerX_ > area.right()) {
        return;
    }
    const double width = area.width() / bins_;
    const int bin = std::clamp(static_cast<int>((*pointerX_ - area.left()) / width), 0, bins_ - 1);
    const auto counts = histogramOf(values_, range(), bins_);
    const QRectF column(area.left() + bin * width, area.top(), width, area.height());
    p.fillRect(column, QColor(colors_.focus.red(), colors_.focus.green(), colors_.focus.blue(), 46));
    const QString words = tr("%1 of %2 between %3 and %4")
                              .arg(counts[static_cast<std::size_t>(bin)])
                              .arg(values_.size())
                              .arg(text(x.value(column.left())), text(x.value(column.right())));
    const QFontMetricsF metrics(colors_.figures);
    QRectF tag(0, area.top() + 2, metrics.horizontalAdvance(words) + 12, metrics.height() + 6);
    tag.moveLeft(std::clamp(column.right() + 6, area.left(), std::max(area.left(), area.right() - tag.width())));
    p.setPen(QPen(colors_.hairline, 1));
    p.setBrush(colors_.raised);
    p.drawRoundedRect(tag, 4, 4);
    p.setPen(colors_.text);
    p.setFont(colors_.figures);
    p.drawText(tag, Qt::AlignCenter, words);
}

QString Histogram::csv() const
{
    QString out = QStringLiteral("run,value\n");
    for (std::size_t i = 0; i < values_.size(); ++i) {
        out += QString::number(i + 1) + QLatin1Char(',') + QString::number(static_cast<double>(values_[i]), 'g', 9) +
               QLatin1Char('\n');
    }
    return out;
}

ChartExport Histogram::exports()
{
    return {.fileName = title_ + QStringLiteral(".csv"),
            .picture = [this] { return grab(); },
            .csv = [this] { return csv(); },
            .reset = [this] { setBins(usualBins); }};
}

void Histogram::setBins(int bins)
{
    bins_ = std::clamp(bins, leastBins, mostBins);
    update();
}

void Histogram::mouseMoveEvent(QMouseEvent* event)
{
    pointerX_ = event->position().x();
    update();
}

void Histogram::leaveEvent(QEvent* event)
{
    pointerX_.reset();
    update();
    QWidget::leaveEvent(event);
}

void Histogram::wheelEvent(QWheelEvent* event)
{
    if (isEmpty() || event->angleDelta().y() == 0) {
        event->ignore();
        return;
    }
    setBins(event->angleDelta().y() > 0 ? bins_ * 5 / 4 + 1 : bins_ * 4 / 5);
    event->accept();
}

void Histogram::mouseDoubleClickEvent(QMouseEvent*)
{
    setBins(usualBins);
}

void Histogram::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy)) {
        copyPicture(exports());
    } else if (event->key() == Qt::Key_Plus || event->key() == Qt::Key_Equal) {
        setBins(bins_ * 5 / 4 + 1);
    } else if (event->key() == Qt::Key_Minus) {
        setBins(bins_ * 4 / 5);
    } else {
        QWidget::keyPressEvent(event);
    }
}

void Histogram::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = chartMenu(this, exports());
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->popup(event->globalPos());
}

} // namespace qd::ui
