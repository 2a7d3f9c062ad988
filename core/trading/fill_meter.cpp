#include "trading/fill_meter.h"

#include <algorithm>

namespace qd::trading {

namespace {

bool pay(MeasuredOrder& order, Price price)
{
    order.paid = price;
    order.isOnItsWay = false;
    return true;
}

} // namespace

FillMeter::FillMeter(std::span<MeasuredOrder> orders, base::Millis latency, MarketView begin)
    : latency_(latency),
      view_(begin)
{
    for (auto& order : orders) {
        (order.number ? byNumber_ : byTime_).push_back(&order);
    }
    std::ranges::sort(byNumber_, {}, [](const MeasuredOrder* order) { return *order->number; });
    std::ranges::sort(byTime_, {}, [](const MeasuredOrder* order) { return order->time; });
}

bool FillMeter::isDone() const
{
    return nextNumber_ == byNumber_.size() && nextTime_ == byTime_.size() && underWay_.empty();
}

void FillMeter::decide(MeasuredOrder& order)
{
    if (order.decisionHalfTicks == 0) {
        order.decisionHalfTicks = view_.midHalfTicks();
    }
    order.isOnItsWay = true;
    underWay_.push_back({&order, order.time + latency_});
}

void FillMeter::decideAt(UtcMs time)
{
    for (; nextTime_ < byTime_.size() && byTime_[nextTime_]->time <= time; ++nextTime_) {
        decide(*byTime_[nextTime_]);
    }
}

// The market in force is what came before this item.
void FillMeter::arrive(UtcMs time, std::optional<Price> print)
{
    std::erase_if(underWay_, [&](UnderWay& one) {
        if (time < one.arrival) {
            return false;
        }
        const auto byQuote = priceByQuote(one.order->side, view_);
        if (byQuote && !one.waitsForPrint) {
            return pay(*one.order, *byQuote);
        }
        one.waitsForPrint = true;
        if (!print) {
            return false;
        }
        const auto byPrint = priceByPrint(one.order->side, view_, *print);
        return pay(*one.order, byQuote ? worse(one.order->side, *byQuote, byPrint) : byPrint);
    });
}

void FillMeter::feed(const market::StreamItem& item)
{
    if (const auto* tick = std::get_if<market::Tick>(&item.what)) [[likely]] {
        decideAt(tick->time);
        if (!underWay_.empty()) {
            arrive(tick->time, tick->price);
        }
        view_.add(*tick);
    } else if (const auto* quote = std::get_if<market::Quote>(&item.what)) {
        decideAt(quote->time);
        if (!underWay_.empty()) {
            arrive(quote->time, std::nullopt);
        }
        view_.add(*quote);
    } else if (std::holds_alternative<market::GapMark>(item.what)) {
        for (auto& one : underWay_) {
            one.order->isOnItsWay = false;
        }
        underWay_.clear();
        view_.endQuote();
    }
    // A number that the stream does not hold (its block could not be read) stays without a price.
    for (; nextNumber_ < byNumber_.size() && *byNumber_[nextNumber_]->number <= item.number; ++nextNumber_) {
        if (*byNumber_[nextNumber_]->number == item.number) {
            decide(*byNumber_[nextNumber_]);
        }
    }
}

} // namespace qd::trading
