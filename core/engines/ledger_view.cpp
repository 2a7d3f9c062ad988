#include "engines/ledger_view.h"

#include "trading/strategy_catalogue.h"

#include <algorithm>

namespace qd::engines {

using base::Money;
using base::UtcMs;

namespace {

constexpr std::size_t recentShown = 200;
constexpr std::size_t sparkPoints = 60;
constexpr base::Millis week{7 * 86'400'000LL};
constexpr base::Millis minute{60'000};

/// A strategy's name for the order of a table; instruments by their database row.
bool ranksBefore(const console::EvaluationRow& a, const console::EvaluationRow& b)
{
    if (a.winLow != b.winLow) {
        return a.winLow > b.winLow;
    }
    if (a.trades != b.trades) {
        return a.trades > b.trades;
    }
    return std::tie(a.strategy, a.instrument) < std::tie(b.strategy, b.instrument);
}

std::vector<float> thinned(const std::vector<float>& all)
{
    if (all.size() <= sparkPoints) {
        return all;
    }
    std::vector<float> out;
    for (std::size_t i = 0; i < sparkPoints; ++i) {
        out.push_back(all[i * (all.size() - 1) / (sparkPoints - 1)]);
    }
    return out;
}

} // namespace

LedgerView::LedgerView(Money startEquity, const trading::PerformanceLimits& limits)
    : start_(startEquity),
      limits_(limits),
      sharedCurve_(std::make_shared<const std::vector<console::EquityPoint>>()),
      peak_(startEquity)
{
    for (const auto& info : trading::strategyCatalogue()) {
        const trading::ParameterSet parameters(info.name, info.parameters);
        auto& row = strategies_[std::string(info.name)];
        row.name = info.name;
        row.idea = info.idea;
        row.enabledBy = "default";
        setParameters(row.name, parameters);
    }
}

void LedgerView::setParameters(const std::string& strategy, const trading::ParameterSet& parameters)
{
    if (const auto found = strategies_.find(strategy); found != strategies_.end()) {
        found->second.parameterHash = parameters.hash();
        found->second.parameters = {parameters.values().begin(), parameters.values().end()};
    }
}

void LedgerView::apply(const trading::LedgerEvent& event)
{
    if (const auto* opened = std::get_if<trading::OpenPosition>(&event)) {
        const auto& decision = opened->decision;
        if (!seen_.contains({decision.strategy, decision.instrument, decision.number})) {
            open_[{decision.strategy, decision.instrument}] = *opened;
        }
    } else if (const auto* trade = std::get_if<trading::ClosedTrade>(&event)) {
        close(*trade);
    } else if (const auto* signal = std::get_if<trading::UntradedSignal>(&event)) {
        ++strategies_[signal->decision.strategy].blocked;
    }
}

void LedgerView::close(const trading::ClosedTrade& trade)
{
    const auto& decision = trade.position.decision;
    if (!seen_.insert({decision.strategy, decision.instrument, decision.number}).second) {
        return; // told twice, after a restart
    }
    const RowKey key{decision.strategy, decision.instrument};
    if (const auto open = open_.find(key); open != open_.end() && open->second.decision.number == decision.number) {
        open_.erase(open);
    }
    auto& strategy = strategies_[decision.strategy];
    ++strategy.closed;
    strategy.won += trade.net.value > 0 ? 1 : 0;
    strategy.net += trade.net;
    closed_.push_back(trade);
    if (!trade.position.inShadow) {
        realised_ += trade.net;
        auto& row = rows_[key];
        row.trades.push_back(trade);
        row.isStale = true;
    }
}

void LedgerView::setSwitch(const std::string& strategy, bool enabled, UtcMs since, std::string by)
{
    if (const auto found = strategies_.find(strategy); found != strategies_.end()) {
        found->second.isEnabled = enabled;
        found->second.enabledSince = since;
        found->second.enabledBy = std::move(by);
    }
}

console::PositionRow LedgerView::positionRow(const trading::OpenPosition& position) const
{
    console::PositionRow row{.position = position};
    const auto instrument = instruments_.find(position.decision.instrument);
    const auto last = marks_.find(position.decision.instrument);
    row.unrealised = -position.entry.fee - position.closedFees - position.funding;
    if (instrument == instruments_.end()) {
        return row;
    }
    if (last != marks_.end()) {
        row.last = last->second;
        const auto moved = last->second - position.entry.price;
        const auto gross =
            instrument->second.notional(position.decision.side == market::Side::Buy ? moved : -moved, position.rest());
        row.unrealised += gross.value_or(Money{});
    }
    if (position.closedSize.value > 0) {
        const auto paid = instrument->second.notional(position.entry.price, position.closedSize).value_or(Money{});
        row.unrealised +=
            position.decision.side == market::Side::Buy ? position.closedWorth - paid : paid - position.closedWorth;
    }
    const auto worth = instrument->second.notional(position.entry.price, position.size);
    if (worth && worth->value > 0) {
        row.unrealisedFraction = static_cast<double>(row.unrealised.value) / static_cast<double>(worth->value);
    }
    return row;
}

Money LedgerView::equity() const
{
    auto sum = start_ + realised_;
    for (const auto& [key, position] : open_) {
        if (!position.inShadow) {
            sum += positionRow(position).unrealised;
        }
    }
    return sum;
}

void LedgerView::follow(UtcMs time, Money equity)
{
    curve_.push_back({time, equity});
    peak_ = std::max(peak_, equity);
    if (peak_.value > 0) {
        maxDrawdown_ = std::max(maxDrawdown_, base::toUsdt(peak_ - equity) / base::toUsdt(peak_));
    }
}

bool LedgerView::sampleEquity(UtcMs time)
{
    const auto at = base::bucketStart(time, minute);
    if (!curve_.empty() && at <= curve_.back().time) {
        return false;
    }
    follow(at, equity());
    return true;
}

void LedgerView::restoreEquity(UtcMs time, Money equity)
{
    follow(time, equity);
}

void LedgerView::evaluate(Row& row) const
{
    auto& figures = row.figures;
    const auto& decision = row.trades.front().position.decision;
    figures.strategy = decision.strategy;
    figures.instrument = decision.instrument;
    const auto performance = trading::performanceOf(row.trades, limits_);
    figures.trades = performance.trades;
    figures.won = performance.won;
    figures.winLow = performance.winInterval.lower;
    figures.winHigh = performance.winInterval.upper;
    figures.profitFactor = performance.profitFactor;
    figures.sharpe = performance.provisionalSharpe;
    figures.net = performance.net;
    figures.maxDrawdown = performance.maxDrawdown;
    std::vector<float> sums{0};
    Money sum;
    for (const auto& trade : row.trades) {
        sum += trade.net;
        sums.push_back(static_cast<float>(base::toUsdt(sum)));
    }
    figures.equity = thinned(sums);
    row.isStale = false;
}

std::vector<console::EvaluationRow> LedgerView::evaluations()
{
    std::vector<console::EvaluationRow> out;
    for (auto& [key, row] : rows_) {
        if (row.isStale) {
            evaluate(row);
        }
        out.push_back(row.figures);
    }
    std::ranges::sort(out, ranksBefore);
    return out;
}

void LedgerView::addEquityFigures(console::PaperSnapshot& out, UtcMs now)
{
    out.startEquity = start_;
    out.equity = equity();
    const auto peak = std::max(peak_, out.equity);
    out.drawdown = peak.value > 0 ? base::toUsdt(peak - out.equity) / base::toUsdt(peak) : 0;
    maxDrawdown_ = std::max(maxDrawdown_, out.drawdown);
    out.maxDrawdown = maxDrawdown_;
    out.curve = sharedCurve_;
    auto before = start_;
    if (!curve_.empty()) {
        out.since = curve_.front().time;
        const auto midnight = base::bucketStart(now, base::oneDay);
        const auto first = std::ranges::upper_bound(curve_, midnight, {}, &console::EquityPoint::time);
        before = first == curve_.begin() ? start_ : std::prev(first)->equity;
    }
    out.today = out.equity - before;
}

void LedgerView::sumTrades(UtcMs now)
{
    const auto midnight = base::bucketStart(now, base::oneDay);
    Money gained;
    Money lost;
    figures_ = {.minute = base::bucketStart(now, minute), .closed = closed_.size()};
    for (const auto& trade : closed_) {
        if (trade.position.inShadow) {
            continue;
        }
        if (midnight <= trade.exit.time) {
            ++figures_.today;
            figures_.wonToday += trade.net.value > 0 ? 1 : 0;
        }
        if (now - week <= trade.exit.time) {
            (trade.net.value > 0 ? gained : lost) += trade.net;
        }
    }
    if (lost.value < 0) {
        figures_.profitFactor = base::toUsdt(gained) / -base::toUsdt(lost);
    }
}

void LedgerView::addTradeFigures(console::PaperSnapshot& out, UtcMs now)
{
    if (figures_.closed != closed_.size() || figures_.minute != base::bucketStart(now, minute)) {
        sumTrades(now);
    }
    out.closedTotal = static_cast<std::uint32_t>(closed_.size());
    out.closedToday = figures_.today;
    out.wonToday = figures_.wonToday;
    out.profitFactor = figures_.profitFactor;
    const auto shown = std::min(recentShown, closed_.size());
    out.recent.assign(closed_.rbegin(), closed_.rbegin() + static_cast<std::ptrdiff_t>(shown));
}

console::PaperSnapshot LedgerView::snapshot(UtcMs now)
{
    if (sharedCurve_->size() != curve_.size()) {
        sharedCurve_ = std::make_shared<const std::vector<console::EquityPoint>>(curve_);
    }
    console::PaperSnapshot out;
    addEquityFigures(out, now);
    addTradeFigures(out, now);
    out.evaluations = evaluations();
    std::map<std::string, std::uint32_t> open;
    for (const auto& [key, position] : open_) {
        ++open[key.first];
        out.positions.push_back(positionRow(position));
    }
    for (const auto& info : trading::strategyCatalogue()) {
        auto row = strategies_.at(std::string(info.name));
        row.open = open[row.name];
        row.signals = row.blocked + row.open + row.closed;
        out.strategies.push_back(std::move(row));
    }
    return out;
}

std::vector<console::TradeMark> LedgerView::tradeMarks(base::InstrumentId instrument, std::size_t most) const
{
    std::vector<console::TradeMark> out;
    const auto add = [&](const trading::OpenPosition& position, const trading::ClosedTrade* trade) {
        const auto& decision = position.decision;
        const bool isLong = decision.side == market::Side::Buy;
        const auto what = decision.strategy + (isLong ? " long, " : " short, ");
        out.push_back({position.entry.time, position.entry.price, decision.side, true, position.inShadow,
                       what + "entry: " + decision.why});
        if (trade != nullptr) {
            out.push_back({trade->exit.time, trade->exit.price, isLong ? market::Side::Sell : market::Side::Buy, false,
                           position.inShadow, what + "exit by " + std::string(trading::name(trade->reason))});
        }
    };
    for (const auto& [key, position] : open_) {
        if (key.second == instrument) {
            add(position, nullptr);
        }
    }
    for (auto trade = closed_.rbegin(); trade != closed_.rend() && out.size() < most; ++trade) {
        if (trade->position.decision.instrument == instrument) {
            add(trade->position, &*trade);
        }
    }
    std::ranges::stable_sort(out, {}, &console::TradeMark::time);
    return out;
}

} // namespace qd::engines
