#include "ui/charts/candle_chart.h"

#include "ui/format.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <cmath>

namespace qd::ui {

namespace {

constexpr double wheelStep = 0.85;

double ms(base::UtcMs time)
{
    return static_cast<double>(time.value);
}

/// From the oldest candle's start to the newest one's end.
Range dataOf(const CandleScene& scene)
{
    const auto& oldest = scene.closed.empty() ? *scene.forming : scene.closed.front();
    const auto& newest = scene.forming ? *scene.forming : scene.closed.back();
    return {ms(oldest.start), ms(newest.start + scene.length())};
}

void appendNumber(QString& line, double value, const market::Instrument& instrument)
{
    line += QLatin1Char(',');
    if (!std::isnan(value)) {
        line += QString::number(instrument.tick.value(1) * value, 'f', instrument.tick.decimals() + 2);
    }
}

QString csvLine(const CandleScene& scene, const market::Candle& candle, const OverlayPoint& overlay, bool isClosed)
{
    const auto& instrument = scene.instrument;
    QStringList cells{QString::fromStdString(base::isoText(candle.start))};
    for (const auto price : {candle.open, candle.high, candle.low, candle.close}) {
        cells << QString::fromStdString(instrument.priceText(price));
    }
    cells << QString::fromStdString(instrument.sizeText(candle.volume)) << QString::number(candle.trades)
          << QString::number(candle.hasGap ? 1 : 0) << QString::number(isClosed ? 1 : 0);
    auto line = cells.join(QLatin1Char(','));
    if (scene.shown.ema) {
        appendNumber(line, overlay.ema, instrument);
    }
    if (scene.shown.bollinger) {
        appendNumber(line, overlay.lower, instrument);
        appendNumber(line, overlay.middle, instrument);
        appendNumber(line, overlay.upper, instrument);
    }
    if (scene.shown.vwap) {
        appendNumber(line, overlay.vwap, instrument);
    }
    return line + QLatin1Char('\n');
}

} // namespace

CandleChart::CandleChart(QWidget* parent) : QWidget(parent)
{
    setAttribute(Qt::WA_OpaquePaintEvent);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Candle chart"));
    setAccessibleDescription(
        tr("Left and Right move, plus and minus zoom, Home and End go to the oldest and the newest candle, "
           "Ctrl+C copies the picture."));
}

void CandleChart::setSnapshot(std::shared_ptr<const console::ChartSnapshot> snapshot,
                              const market::Instrument& instrument)
{
    const bool isOther = !snapshot || !snapshot_ || snapshot->instrument != snapshot_->instrument ||
                         snapshot->timeframe != snapshot_->timeframe;
    const bool isClosedSame = !isOther && snapshot->closed == snapshot_->closed &&
                              snapshot->marks == snapshot_->marks && instrument == scene_.instrument;
    const bool wasEmpty = scene_.isEmpty();
    snapshot_ = std::move(snapshot);
    scene_.instrument = instrument;
    if (!snapshot_) {
        scene_.closed = {};
        scene_.marks = {};
        scene_.forming.reset();
        scene_.last.reset();
        forget();
        return;
    }
    scene_.timeframe = snapshot_->timeframe;
    scene_.closed = *snapshot_->closed;
    scene_.marks = *snapshot_->marks;
    scene_.forming = snapshot_->forming;
    scene_.last = snapshot_->last;
    if (!isClosedSame) {
        overlays_.follow(scene_.closed);
        scene_.overlays = overlays_.points();
    }
    scene_.formingOverlay = scene_.forming ? std::optional(overlays_.peek(*scene_.forming)) : std::nullopt;
    if (!scene_.isEmpty()) {
        const auto before = view_.range();
        view_.setData(dataOf(scene_), scene_.length());
        if (isOther || wasEmpty) {
            tellView();
            resetView();
        } else if (view_.isAllShown()) {
            view_.showAll(freeForWords());
        }
        isStale_ |= view_.range() != before;
    }
    isStale_ |= !isClosedSame;
    geometry_.reset();
    update();
}

void CandleChart::setShown(const OverlayChoice& shown)
{
    if (shown != scene_.shown) {
        scene_.shown = shown;
        forget();
    }
}

void CandleChart::setLines(std::vector<PriceLevel> levels, std::vector<MomentLine> moments)
{
    scene_.levels = std::move(levels);
    scene_.moments = std::move(moments);
    forget();
}

void CandleChart::showAll()
{
    isAllShown_ = true;
    if (!scene_.isEmpty()) {
        tellView();
        view_.showAll(freeForWords());
    }
    forget();
}

void CandleChart::showSince(base::UtcMs from)
{
    if (!scene_.isEmpty()) {
        tellView();
        view_.showSince(ms(from), freeForWords());
        forget();
    }
}

void CandleChart::setColors(const ChartColors& colors)
{
    scene_.colors = colors;
    tellView();
    forget();
}

void CandleChart::setZone(const QTimeZone& zone)
{
    scene_.zone = zone;
    forget();
}

void CandleChart::setEmptyText(const QString& text)
{
    if (text != emptyText_) {
        emptyText_ = text;
        update();
    }
}

CandleGeometry CandleChart::laidOut() const
{
    return geometryOf(scene_, size(), view_.range());
}

void CandleChart::forget()
{
    isStale_ = true;
    geometry_.reset();
    update();
}

void CandleChart::tellView()
{
    view_.setWidth(plotOf(scene_, size()).width());
}

void CandleChart::paintStillIfStale()
{
    if (!geometry_) {
        geometry_ = laidOut();
        // A new extreme of the forming candle moves everything.
        isStale_ |= geometry_->price.range() != pricesOfStill_ || geometry_->mostVolume != mostVolumeOfStill_;
    }
    const auto ratio = devicePixelRatioF();
    if (!isStale_ && still_.size() == (QSizeF(size()) * ratio).toSize()) {
        return;
    }
    if (still_.size() != (QSizeF(size()) * ratio).toSize() || still_.devicePixelRatio() != ratio) {
        still_ = QPixmap((QSizeF(size()) * ratio).toSize());
        still_.setDevicePixelRatio(ratio);
    }
    still_.fill(scene_.colors.surface);
    QPainter p(&still_);
    paintStill(p, scene_, *geometry_);
    pricesOfStill_ = geometry_->price.range();
    mostVolumeOfStill_ = geometry_->mostVolume;
    isStale_ = false;
    ++stillPaints_;
}

void CandleChart::paintEmpty(QPainter& p) const
{
    p.fillRect(rect(), scene_.colors.surface);
    p.setPen(scene_.colors.textSecond);
    p.setFont(scene_.colors.words);
    p.drawText(rect().adjusted(24, 8, -24, -8), Qt::AlignCenter | Qt::TextWordWrap, emptyText_);
}

void CandleChart::paintEvent(QPaintEvent*)
{
    if (scene_.isEmpty()) {
        QPainter p(this);
        paintEmpty(p);
        return;
    }
    paintStillIfStale();
    QPainter p(this);
    p.drawPixmap(0, 0, still_);
    paintLive(p, scene_, *geometry_);
    paintLegend(p, scene_, *geometry_, pointer_ ? std::optional(pointer_->x()) : std::nullopt);
    if (pointer_ && !dragX_) {
        paintCrosshair(p, scene_, *geometry_, *pointer_);
    }
    if (hasFocus()) {
        p.setPen(scene_.colors.focus);
        p.drawLine(QPointF(geometry_->plot.left(), height() - 1), QPointF(geometry_->plot.left() + 24, height() - 1));
    }
}

void CandleChart::resizeEvent(QResizeEvent*)
{
    if (size() == seenSize_) {
        return; // a hidden widget is told its size before each picture
    }
    seenSize_ = size();
    const bool wasAll = isAllShown_ && view_.isAllShown();
    tellView();
    if (wasAll) {
        view_.showAll(freeForWords());
    }
    forget();
}

void CandleChart::wheelEvent(QWheelEvent* event)
{
    const auto turned = event->angleDelta();
    if (scene_.isEmpty() || turned.isNull()) {
        event->ignore();
        return;
    }
    const auto at = LinearScale(view_.range(), plotOf(scene_, size()).left(), plotOf(scene_, size()).right());
    if (turned.x() != 0 || event->modifiers().testFlag(Qt::ShiftModifier)) {
        const double steps = (turned.x() != 0 ? turned.x() : turned.y()) / 120.0;
        view_.pan(-steps * view_.range().span() / 12);
    } else {
        view_.zoom(at.value(event->position().x()), std::pow(wheelStep, turned.y() / 120.0));
    }
    forget();
    event->accept();
}

void CandleChart::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && !scene_.isEmpty()) {
        dragX_ = event->position().x();
        setCursor(Qt::ClosedHandCursor);
    }
}

void CandleChart::mouseMoveEvent(QMouseEvent* event)
{
    pointer_ = event->position();
    if (dragX_) {
        const double pixels = *dragX_ - event->position().x();
        view_.pan(pixels * view_.range().span() / plotOf(scene_, size()).width());
        dragX_ = event->position().x();
        forget();
    }
    update();
}

void CandleChart::mouseReleaseEvent(QMouseEvent*)
{
    dragX_.reset();
    unsetCursor();
    update();
}

void CandleChart::mouseDoubleClickEvent(QMouseEvent*)
{
    resetView();
    forget();
}

/// The words of the levels stand on the right: no candle is to run through them.
double CandleChart::freeForWords() const
{
    const QFontMetricsF metrics(scene_.colors.words);
    double widest = 0;
    for (const auto& level : scene_.levels) {
        widest = std::max(widest, metrics.horizontalAdvance(level.text) + 16);
    }
    const double plot = plotOf(scene_, size()).width();
    return widest < 0.4 * plot ? widest / (plot - widest) : 0;
}

void CandleChart::resetView()
{
    isAllShown_ ? view_.showAll(freeForWords()) : view_.reset();
}

void CandleChart::leaveEvent(QEvent*)
{
    pointer_.reset();
    update();
}

bool CandleChart::moveByKey(int key)
{
    const auto range = view_.range();
    const double about = view_.isFollowing() ? range.high : (range.low + range.high) / 2;
    switch (key) {
    case Qt::Key_Left:
        view_.pan(-range.span() / 10);
        return true;
    case Qt::Key_Right:
        view_.pan(range.span() / 10);
        return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
    case Qt::Key_Up:
        view_.zoom(about, wheelStep);
        return true;
    case Qt::Key_Minus:
    case Qt::Key_Down:
        view_.zoom(about, 1 / wheelStep);
        return true;
    case Qt::Key_Home:
        view_.toOldest();
        return true;
    case Qt::Key_End:
        view_.toNewest();
        return true;
    default:
        return false;
    }
}

void CandleChart::keyPressEvent(QKeyEvent* event)
{
    if (scene_.isEmpty()) {
        QWidget::keyPressEvent(event);
    } else if (event->matches(QKeySequence::Copy)) {
        copyPicture(exports());
    } else if (moveByKey(event->key())) {
        forget();
    } else {
        QWidget::keyPressEvent(event);
    }
}

QString CandleChart::markTextAt(const QPointF& point) const
{
    if (scene_.isEmpty()) {
        return {};
    }
    const auto at = laidOut();
    for (const auto& [tip, index] : markPlaces(scene_, at)) {
        const auto& mark = scene_.marks[index];
        const QPointF middle = tip + QPointF(0, mark.isEntry ? 4 : -4);
        if (std::hypot(middle.x() - point.x(), middle.y() - point.y()) <= 8) {
            auto text = tr("%1\n%2 USDT\n%3")
                            .arg(QString::fromStdString(mark.text), format::price(scene_.instrument, mark.price),
                                 momentText(mark.time, scene_.zone, true));
            return mark.inShadow ? text + tr("\nin shadow: its strategy was off") : text;
        }
    }
    return {};
}

bool CandleChart::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), markTextAt(help->pos()), this);
        return true;
    }
    return QWidget::event(event);
}

QString CandleChart::csv() const
{
    auto out = QStringLiteral("time,open,high,low,close,volume,trades,has_gap,closed");
    out += scene_.shown.ema ? QStringLiteral(",ema26") : QString();
    out += scene_.shown.bollinger ? QStringLiteral(",bollinger_lower,bollinger_middle,bollinger_upper") : QString();
    out += scene_.shown.vwap ? QStringLiteral(",vwap60\n") : QStringLiteral("\n");
    for (std::size_t i = 0; i < scene_.closed.size(); ++i) {
        out += csvLine(scene_, scene_.closed[i], scene_.overlays[i], true);
    }
    if (scene_.forming) {
        out += csvLine(scene_, *scene_.forming, *scene_.formingOverlay, false);
    }
    return out;
}

ChartExport CandleChart::exports()
{
    const auto timeframe = format::text(market::name(scene_.timeframe));
    return {.fileName =
                QString::fromStdString(scene_.instrument.name) + QLatin1Char(' ') + timeframe + QStringLiteral(".csv"),
            .picture = [this] { return grab(); },
            .csv = [this] { return csv(); },
            .reset =
                [this] {
                    resetView();
                    forget();
                }};
}

void CandleChart::contextMenuEvent(QContextMenuEvent* event)
{
    if (!scene_.isEmpty()) {
        auto* menu = chartMenu(this, exports());
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->popup(event->globalPos());
    }
}

} // namespace qd::ui
