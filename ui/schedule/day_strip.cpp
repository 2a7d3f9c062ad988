#include "ui/schedule/day_strip.h"

#include "ui/schedule/schedule_models.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <utility>

namespace qd::ui {

using base::Millis;

namespace {

constexpr Millis hour{3'600'000};
constexpr Millis past = base::oneDay;
constexpr Millis ahead = hour * 6;
constexpr double namedLane = 13;
constexpr double compactLane = 11;
constexpr double namelessLane = 5;
constexpr double axis = 18;
constexpr double nameWidth = 180;
constexpr int namePixels = 11; // a lane is lower than a caption
constexpr int compactPixels = 10;
constexpr std::size_t mostLanes = 16;

} // namespace

DayStrip::DayStrip(const PageContext& context, QWidget* parent) : QWidget(parent), context_(context), lane_(namedLane)
{
    setAccessibleName(tr("Runs of the day"));
    setFixedHeight(sizeHint().height());
}

QSize DayStrip::sizeHint() const
{
    return {600, static_cast<int>(axis + lane_ * static_cast<double>(laneCount()))};
}

std::size_t DayStrip::laneCount() const
{
    return jobs_ ? std::clamp<std::size_t>(jobs_->jobs.size(), 1, mostLanes) : 1;
}

void DayStrip::show(std::shared_ptr<const console::JobsSnapshot> jobs)
{
    jobs_ = std::move(jobs);
    setFixedHeight(sizeHint().height());
    update();
}

void DayStrip::setRoom(std::optional<int> room)
{
    const auto needs = [this](double lane) { return axis + lane * static_cast<double>(laneCount()); };
    const double lane = !room || needs(namedLane) <= *room ? namedLane
                        : needs(compactLane) <= *room      ? compactLane
                                                           : namelessLane;
    if (std::exchange(lane_, lane) != lane) {
        setFixedHeight(sizeHint().height());
        update();
    }
}

QRectF DayStrip::wordsAt(double x, double wide) const
{
    const double left = std::clamp(x - wide / 2, 0.0, std::max(0.0, width() - wide));
    return {left, height() - axis, wide, axis};
}

bool DayStrip::hasNames() const
{
    return lane_ > namelessLane;
}

double DayStrip::names() const
{
    return hasNames() ? nameWidth : 16; // half of the first hour's words
}

std::vector<DayStrip::Lane> DayStrip::lanes() const
{
    std::vector<Lane> out;
    for (std::size_t i = 0; jobs_ && i < std::min(jobs_->jobs.size(), mostLanes); ++i) {
        out.push_back({&jobs_->jobs[i], lane_ * static_cast<double>(i)});
    }
    return out;
}

double DayStrip::xOf(base::UtcMs time) const
{
    const auto from = context_.now() - past;
    const auto share = static_cast<double>((time - from).count()) / static_cast<double>((past + ahead).count());
    return names() + (width() - names()) * std::clamp(share, 0.0, 1.0);
}

QRectF DayStrip::barOf(const governance::JobRunRow& run, double top) const
{
    const double left = xOf(run.begun.value_or(run.staged));
    const double right = xOf(run.ended.value_or(context_.now()));
    return {left, top + (hasNames() ? 3 : 1), std::max(3.0, right - left), lane_ - (hasNames() ? 6 : 2)};
}

const console::JobLine* DayStrip::jobAt(QPointF at) const
{
    for (const auto& lane : lanes()) {
        if (at.y() >= lane.top && at.y() < lane.top + lane_) {
            return lane.job;
        }
    }
    return nullptr;
}

const governance::JobRunRow* DayStrip::runAt(QPointF at) const
{
    const governance::JobRunRow* found = nullptr;
    for (const auto& lane : lanes()) {
        for (const auto& run : *jobs_->day) {
            if (run.job == lane.job->name && barOf(run, lane.top).adjusted(-2, -3, 2, 3).contains(at)) {
                found = &run; // the newest is painted last
            }
        }
    }
    return found;
}

void DayStrip::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const auto& theme = context_.theme;
    const auto now = context_.now();
    p.setFont(theme.font(FontRole::Caption));
    const double bottom = height() - axis;
    const auto every = hour * 3;
    for (auto at = base::bucketStart(now - past, every) + every; at < now + ahead; at = at + every) {
        const double x = xOf(at);
        p.setPen(theme.color(Meaning::Hairline));
        p.drawLine(QPointF(x, 0), QPointF(x, bottom));
        p.setPen(theme.color(Meaning::TextFaint));
        const auto words = format::hourMinute(at, context_.zone);
        p.drawText(wordsAt(x, p.fontMetrics().horizontalAdvance(words)), Qt::AlignCenter, words);
    }
    QFont small = theme.font(FontRole::Caption);
    small.setPixelSize(lane_ < namedLane ? compactPixels : namePixels);
    p.setFont(small);
    for (const auto& lane : lanes()) {
        p.setPen(theme.color(lane.job->isPaused ? Meaning::TextFaint : Meaning::TextMuted));
        const auto name =
            p.fontMetrics().elidedText(format::text(lane.job->title), Qt::ElideRight, static_cast<int>(names()) - 12);
        if (hasNames()) {
            p.drawText(QRectF(0, lane.top, names() - 8, lane_), Qt::AlignVCenter | Qt::AlignLeft | Qt::TextDontClip,
                       name);
        }
        p.setPen(Qt::NoPen);
        for (const auto& run : *jobs_->day) {
            if (run.job == lane.job->name) {
                p.setBrush(theme.color(toneOf(run.state)));
                p.drawRoundedRect(barOf(run, lane.top), 2, 2);
            }
        }
        if (lane.job->next && !lane.job->isPaused && *lane.job->next < now + ahead) {
            p.setPen(theme.color(Meaning::TextMuted));
            p.setBrush(Qt::NoBrush);
            p.drawEllipse(QPointF(xOf(*lane.job->next), lane.top + lane_ / 2), hasNames() ? 3 : 2.5,
                          hasNames() ? 3 : 2.5);
        }
    }
    p.setPen(theme.color(Meaning::Focus));
    p.drawLine(QPointF(xOf(now), 0), QPointF(xOf(now), bottom));
}

void DayStrip::mousePressEvent(QMouseEvent* event)
{
    const auto* run = runAt(event->position());
    if (const auto* job = jobAt(event->position()); job != nullptr) {
        Q_EMIT chosen(format::text(job->name), run != nullptr ? static_cast<qint64>(run->id) : 0);
    }
}

bool DayStrip::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const auto* run = runAt(help->pos());
        QToolTip::showText(
            help->globalPos(),
            run == nullptr
                ? (jobAt(help->pos()) != nullptr ? format::text(jobAt(help->pos())->title) : QString())
                : tr("%1, run %2, %3: %4 %5")
                      .arg(format::text(jobAt(help->pos()) != nullptr ? jobAt(help->pos())->title : run->job))
                      .arg(run->id)
                      .arg(format::moment(run->begun.value_or(run->staged), context_.now(), context_.zone),
                           stateWord(run->state), format::text(run->result)),
            this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace qd::ui
