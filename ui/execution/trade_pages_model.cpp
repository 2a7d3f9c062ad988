#include "ui/execution/trade_pages_model.h"

#include "ui/questions.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace qd::ui {

namespace {

constexpr std::size_t mostOutstanding = 3; // a scroll bar that is dragged must not flood the desk

auto keyOf(const trading::ClosedTrade& trade)
{
    const auto& d = trade.position.decision;
    return std::tie(d.instrument, d.strategy, d.number);
}

} // namespace

bool passes(const trading::TradeFilter& filter, const trading::ClosedTrade& trade)
{
    const auto& decision = trade.position.decision;
    const bool isResult = filter.result == trading::TradeResult::Any ||
                          (filter.result == trading::TradeResult::Won ? trade.net.value > 0 : trade.net.value < 0);
    return isResult && (filter.strategy.empty() || filter.strategy == decision.strategy) &&
           (!filter.instrument || *filter.instrument == decision.instrument) &&
           (!filter.reason || *filter.reason == trade.reason) && (filter.withShadow || !trade.position.inShadow) &&
           (filter.parameterHash.empty() || filter.parameterHash == decision.parameterHash) &&
           (!filter.from || trade.exit.time >= *filter.from) && (!filter.to || trade.exit.time <= *filter.to);
}

void TradePagesModel::setFilter(const trading::TradeFilter& filter)
{
    if (filter == filter_ && generation_ > 0) {
        return;
    }
    filter_ = filter;
    start(true);
}

std::optional<trading::TradeOrder> TradePagesModel::orderOf(int column)
{
    switch (column) {
    case -1:
    case Closed:
        return trading::TradeOrder::Exit;
    case Strategy:
        return trading::TradeOrder::Strategy;
    case Instrument:
        return trading::TradeOrder::Instrument;
    case Side:
        return trading::TradeOrder::Side;
    case Net:
        return trading::TradeOrder::Net;
    case Return:
        return trading::TradeOrder::Return;
    case Held:
        return trading::TradeOrder::Held;
    case Reason:
        return trading::TradeOrder::Reason;
    default:
        return std::nullopt;
    }
}

bool TradePagesModel::isNewestFirst() const
{
    return order_ == trading::TradeOrder::Exit && isDescending_;
}

void TradePagesModel::sort(int column, Qt::SortOrder order)
{
    const auto by = orderOf(column);
    if (!by) {
        return;
    }
    const bool isDescending = column < 0 || order == Qt::DescendingOrder;
    if (*by != order_ || isDescending != isDescending_) {
        order_ = *by;
        isDescending_ = isDescending;
        if (generation_ > 0) {
            start(true);
        }
    }
}

void TradePagesModel::renew()
{
    if (generation_ > 0) {
        start(false);
    }
}

void TradePagesModel::start(bool isNewWish)
{
    for (const auto& [id, page] : asked_) {
        context_.questions.cancel(id);
    }
    asked_.clear();
    ++generation_;
    isRenewing_ = true;
    if (isNewWish) {
        wantedFirst_ = 0;
        wantedLast_ = 0;
        Q_EMIT wished();
    }
    ask(static_cast<std::size_t>(wantedFirst_) / pageSize);
}

void TradePagesModel::ask(std::size_t page)
{
    const console::AskTrades query{.filter = filter_,
                                   .order = order_,
                                   .isDescending = isDescending_,
                                   .offset = page * pageSize,
                                   .limit = pageSize};
    const auto id = context_.questions.ask(
        query, this, [this, generation = generation_](const console::Answer& answer) { take(generation, answer); });
    asked_.emplace(id, page);
}

void TradePagesModel::want(int first, int last)
{
    wantedFirst_ = std::max(0, first);
    wantedLast_ = std::max(wantedFirst_, last);
    if (!isRenewing_) {
        askForWanted();
    }
}

void TradePagesModel::askForWanted()
{
    if (total_ == 0) {
        return;
    }
    const auto newest = static_cast<std::size_t>(total_ - 1) / pageSize;
    const auto from = std::min(newest, static_cast<std::size_t>(wantedFirst_) / pageSize);
    const auto to = std::min(newest, static_cast<std::size_t>(wantedLast_) / pageSize + 1);
    for (auto page = from; page <= to && asked_.size() < mostOutstanding; ++page) {
        const bool isAsked = std::ranges::any_of(asked_, [page](const auto& a) { return a.second == page; });
        if (!isAsked && !pages_.contains(page)) {
            ask(page);
        }
    }
}

void TradePagesModel::take(std::uint64_t generation, const console::Answer& answer)
{
    if (generation != generation_) {
        return; // of an older filter, order or view
    }
    asked_.erase(answer.id);
    const auto* page = std::get_if<console::TradesPage>(&answer.value);
    if (answer.error || page == nullptr) {
        isRenewing_ = false;
        Q_EMIT failed(answer.error.value_or(base::Error{}));
        return;
    }
    std::ranges::for_each(page->rows, [this](const auto& trade) { book_.want(trade); });
    if (isRenewing_) {
        replaceAll(*page);
    } else {
        setTotal(static_cast<int>(std::min<std::uint64_t>(page->total, std::numeric_limits<int>::max())), 0);
        pages_[page->offset / pageSize] = page->rows;
        tellRows(page->offset / pageSize);
    }
    forgetFarPages();
    Q_EMIT arrived();
    askForWanted();
}

void TradePagesModel::replaceAll(const console::TradesPage& first)
{
    isRenewing_ = false;
    isKnown_ = true;
    const int atTop = newAtTop(first);
    pages_.clear();
    pages_[first.offset / pageSize] = first.rows; // first: columns are fitted as rows come
    setTotal(static_cast<int>(std::min<std::uint64_t>(first.total, std::numeric_limits<int>::max())), atTop);
    if (total_ > 0) {
        Q_EMIT dataChanged(index(0, 0), index(total_ - 1, columnCount() - 1));
    }
}

/// How many rows came in over the one that was first, so that what is chosen stays chosen.
int TradePagesModel::newAtTop(const console::TradesPage& first) const
{
    const auto* before = trade(0);
    if (before == nullptr || first.offset != 0) {
        return 0;
    }
    const auto found =
        std::ranges::find_if(first.rows, [&](const auto& trade) { return keyOf(trade) == keyOf(*before); });
    const auto above = static_cast<std::uint64_t>(found - first.rows.begin());
    return found != first.rows.end() && static_cast<std::uint64_t>(total_) + above == first.total
               ? static_cast<int>(above)
               : 0;
}

void TradePagesModel::setTotal(int total, int atTop)
{
    if (atTop > 0) {
        beginInsertRows({}, 0, atTop - 1);
        total_ += atTop;
        endInsertRows();
    }
    if (total > total_) {
        beginInsertRows({}, total_, total - 1);
        total_ = total;
        endInsertRows();
    } else if (total < total_) {
        beginRemoveRows({}, total, total_ - 1);
        total_ = total;
        endRemoveRows();
    }
}

void TradePagesModel::forgetFarPages()
{
    const auto middle = static_cast<std::ptrdiff_t>((wantedFirst_ + wantedLast_) / 2) / std::ptrdiff_t{pageSize};
    while (pages_.size() > pagesKept) {
        const auto far = std::ranges::max_element(
            pages_, {}, [&](const auto& page) { return std::abs(static_cast<std::ptrdiff_t>(page.first) - middle); });
        pages_.erase(far);
    }
}

void TradePagesModel::tellRows(std::size_t page)
{
    const int first = static_cast<int>(page * pageSize);
    const int last = std::min(total_, first + static_cast<int>(pageSize)) - 1;
    if (first <= last) {
        Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
    }
}

void TradePagesModel::repaintAll()
{
    if (total_ > 0) {
        Q_EMIT dataChanged(index(0, 0), index(total_ - 1, columnCount() - 1));
    }
}

int TradePagesModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : total_;
}

const trading::ClosedTrade* TradePagesModel::trade(int row) const
{
    if (row < 0) {
        return nullptr;
    }
    const auto page = pages_.find(static_cast<std::size_t>(row) / pageSize);
    const auto at = static_cast<std::size_t>(row) % pageSize;
    return page == pages_.end() || at >= page->second.size() ? nullptr : &page->second[at];
}

} // namespace qd::ui
