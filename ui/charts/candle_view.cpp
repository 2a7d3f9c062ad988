#include "ui/charts/candle_view.h"

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

/// On whole milliseconds, where doubles are exact: the same view stays the same, to the bit, as long as nothing moves.
Range whole(Range range)
{
    const double high = std::round(range.high);
    return {high - std::max(1.0, std::round(range.span())), high};
}

} // namespace

double CandleView::room(double span) const
{
    return std::max({2 * length_, 0.015 * span, free_ * span});
}

double CandleView::standardSpan() const
{
    return width_ / standardPitch * length_;
}

Range CandleView::bounds(double span) const
{
    const double high = data_.high + room(span);
    return {std::min(data_.low - length_, high - standardSpan()), high};
}

void CandleView::settle(Range wished)
{
    const auto limits = bounds(wished.span());
    range_ = whole(clampedInto(wished, limits));
    isAll_ = false;
    isFollowing_ = range_.high >= limits.high - length_ / 2;
}

void CandleView::setData(Range data, base::Millis length)
{
    data_ = data;
    length_ = static_cast<double>(length.count());
    if (isFollowing_) {
        toNewest();
    } else {
        range_ = whole(clampedInto(range_, bounds(range_.span())));
    }
}

void CandleView::setWidth(double pixels)
{
    if (pixels <= 0 || pixels == width_) {
        return;
    }
    const double span = range_.span() * pixels / width_;
    const bool wasFollowing = isFollowing_;
    width_ = pixels;
    settle({range_.high - span, range_.high});
    isFollowing_ = wasFollowing;
    if (isFollowing_) {
        toNewest();
    }
}

void CandleView::showAll(double free)
{
    free_ = free;
    range_ = whole({data_.low - length_, data_.high + std::max(room(data_.span()), free * data_.span())});
    isFollowing_ = false;
    isAll_ = true;
}

void CandleView::showSince(double from, double free)
{
    free_ = free;
    const double span = std::max(data_.high - std::max(from, data_.low), fewestCandles * length_);
    range_ = {0, span + room(span)};
    isAll_ = false;
    toNewest();
}

void CandleView::reset()
{
    isAll_ = false;
    range_ = {0, standardSpan()};
    toNewest();
}

void CandleView::zoom(double at, double factor)
{
    const bool wasFollowing = isFollowing_;
    const double most = bounds(data_.span()).span();
    const auto zoomed = zoomedAbout(range_, at, factor, std::min(fewestCandles * length_, most), most);
    settle(zoomed);
    // Zooming in on the newest candles does not end the following: the next candle would otherwise slip out of sight.
    if (wasFollowing && range_.holds(data_.high)) {
        isFollowing_ = true;
    }
}

void CandleView::pan(double ms)
{
    settle(panned(range_, ms));
}

void CandleView::toOldest()
{
    const auto limits = bounds(range_.span());
    settle({limits.low, limits.low + range_.span()});
}

void CandleView::toNewest()
{
    const auto limits = bounds(range_.span());
    range_ = whole({limits.high - range_.span(), limits.high});
    isFollowing_ = true;
}

} // namespace qd::ui
