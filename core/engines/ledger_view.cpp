#include "engines/ledger_view.h"

#include "trading/arm.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>
#include <limits>

namespace qd::engines {

using base::Money;
using base::UtcMs;

namespace {

constexpr base::Millis week = 7 * base::oneDay;
constexpr base::Millis minute{60'000};

/// The evaluation that a row's figures would be, as far as its rank goes.
trading::Evaluation rankOf(const console::EvaluationRow& row)
{
    trading::Evaluation out;
    out.strategy = row.strategy;
    out.instrument = row.instrument;
    out.trades = row.trades;
    if (row.sharpe && row.sharpeLow && row.sharpeHigh) {
        out.sharpe = {.annual = *row.sharpe,
                      .interval = statistics::Interval{*row.sharpeLow, *row.sharpeHigh},
                      .days = row.sharpeDays,
                      .isProvisional = row.isProvisional};
    }
    return out;
}

std::optional<double> ifDefined(const statistics::Measure& measure)
{
    return measure ? std::optional(*measure) : std::nullopt;
}

console::TradeMark markOf(const trading::OpenPosition& position, const trading::ClosedTrade* exit)
{
    const auto& decision = position.decision;
    const bool isLong = decision.side == market::Side::Buy;
    const auto what = decision.strategy + (isLong ? " long, " : " short, ");
    if (exit == nullptr) {
        return {position.entry.time, position.entry.price,           decision.side, true,
                position.inShadow,   what + "entry: " + decision.why};
    }
    return {exit->exit.time, exit->exit.price,  isLong ? market::Side::Sell : market::Side::Buy,
            false,           position.inShadow, what + "exit by " + std::string(trading::name(exit->reason))};
}

} // namespace

LedgerView::LedgerView(const base::PaperPolicy& policy, const trading::EvaluationLimits& limits)
    : policy_(policy),
      limits_(limits)
{
    for (const auto& info : trading::strategyCatalogue()) {
        const trading::ParameterSet parameters(info.name, info.parameters);
        auto& row = strategies_[std::string(info.name)];
        row.name = info.name;
        row.idea = info.idea;
        row.enabledBy = "default";
        row.parameterHash = parameters.hash();
        row.parameters = {parameters.values().begin(), parameters.values().end()};
    }
}

void LedgerView::setRow(const governance::RosterRow& row, const trading::ParameterSet& parameters)
{
    const auto found = strategies_.find(row.strategy);
    if (found == strategies_.end()) {
        return;
    }
    auto& shown = found->second;
    shown.isEnabled = row.whole.isOn;
    shown.enabledSince = row.whole.since;
    shown.enabledBy = row.whole == governance::Switch{} ? "default" : governance::name(row.whole.by);
    shown.stage = row.stage;
    shown.stageSince = row.stageSince;
    shown.recordSince = row.recordSince;
    shown.passedRed = row.passedRed;
    shown.instruments = row.instruments;
    shown.parameterHash = row.parameterHash;
    shown.parameters = {parameters.values().begin(), parameters.values().end()};
}

void LedgerView::setPolicy(const base::PaperPolicy& policy, const trading::EvaluationLimits& limits)
{
    policy_ = policy;
    limits_ = limits;
    for (auto& [key, row] : rows_) {
        row.isStale = true;
    }
}

void LedgerView::setInstrument(const market::Instrument& instrument, bool takesEntries)
{
    instruments_[instrument.id] = instrument;
    takesEntries_[instrument.id] = takesEntries;
}

void LedgerView::restore(const LedgerPast& past)
{
    midnights_ = past.midnights;
    for (const auto& [key, hash] : past.hashes) {
        if (instruments_.contains(key.second)) {
            const auto since = past.hashesSince.find(key);
            useParameters(key.first, key.second, hash,
                          since != past.hashesSince.end() ? since->second : base::StreamNumber{});
        }
    }
    std::vector<const trading::BookTrade*> order;
    for (const auto& trade : past.book.trades()) {
        order.push_back(&trade);
    }
    std::ranges::stable_sort(order, {}, &trading::BookTrade::left);
    for (const auto* trade : order) {
        const auto& key = past.book.rows()[trade->row];
        auto own = *trade;
        own.row = names_.rowOf(key.first, key.second);
        own.hash = names_.hashOf(past.book.hashes()[trade->hash]);
        count(own, key.first);
    }
    for (const auto& [key, number] : past.newestClosed) {
        rows_[key].newestClosed = number;
    }
    recent_.assign(past.recent.begin(), past.recent.end());
    for (const auto& trade : past.charted) {
        addMarks(trade);
    }
    for (const auto& [strategy, signals] : past.untraded) {
        strategies_[strategy].blocked = static_cast<std::uint32_t>(signals);
    }
    for (const auto& position : past.positions) {
        apply(position);
    }
    for (const auto& point : past.equity) {
        curve_.add(point.time, point.equity - point.capital, point.capital);
    }
}

void LedgerView::apply(const trading::LedgerEvent& event)
{
    if (trading::isOfArm(event)) {
        return; // no row of the roster
    }
    if (const auto* opened = std::get_if<trading::OpenPosition>(&event)) {
        const auto& decision = opened->decision;
        const trading::RowKey key{decision.strategy, decision.instrument};
        if (auto& row = rows_[key]; row.newestClosed < decision.number) {
            open_[key] = *opened;
            decidedWith(row, decision);
            row.isStale = true;
        }
    } else if (const auto* trade = std::get_if<trading::ClosedTrade>(&event)) {
        close(*trade);
    } else if (const auto* signal = std::get_if<trading::UntradedSignal>(&event)) {
        ++strategies_[signal->decision.strategy].blocked;
    } else if (const auto* candle = std::get_if<trading::CandleClosed>(&event)) {
        closeCandle(*candle);
    }
}

void LedgerView::useParameters(const std::string& strategy, base::InstrumentId instrument, const std::string& hash,
                               base::StreamNumber since)
{
    auto& row = rows_[{strategy, instrument}];
    if (row.hash.empty() || row.hashSince <= since) {
        row.isStale = row.isStale || row.hash != hash;
        row.hash = hash;
        row.hashSince = since;
    }
}

// Parameters recorded at a number are in force from the next item on: a decision at that number was made with those
// before.
void LedgerView::decidedWith(Row& row, const trading::DecisionStamp& decision)
{
    if (row.hash.empty() || row.hashSince < decision.number) {
        row.isStale = row.isStale || row.hash != decision.parameterHash;
        row.hash = decision.parameterHash;
        row.hashSince = decision.number;
    }
}

void LedgerView::close(const trading::ClosedTrade& trade)
{
    const auto& decision = trade.position.decision;
    const trading::RowKey key{decision.strategy, decision.instrument};
    auto& row = rows_[key];
    if (decision.number <= row.newestClosed) {
        return; // told twice, after a restart: a row closes its positions in the order of its decisions
    }
    row.newestClosed = decision.number;
    if (const auto open = open_.find(key); open != open_.end() && open->second.decision.number == decision.number) {
        open_.erase(open);
    }
    decidedWith(row, decision);
    if (const auto instrument = instruments_.find(key.second); instrument != instruments_.end()) {
        count(names_.entryOf(trade, instrument->second), key.first);
    }
    recent_.push_back(trade);
    if (recent_.size() > recentTrades) {
        recent_.pop_front();
    }
    addMarks(trade);
}

void LedgerView::count(const trading::BookTrade& trade, const std::string& strategy)
{
    const bool isWon = trade.net.value > 0;
    auto& sums = strategies_[strategy];
    ++closed_;
    if (trade.inShadow) {
        return;
    }
    ++sums.closed;
    sums.won += isWon ? 1 : 0;
    sums.net += trade.net;
    realised_ += trade.net;
    const auto& key = names_.rows()[trade.row];
    auto& row = rows_[key];
    auto& of = row.byHash[names_.hashes()[trade.hash]];
    of.record.add(trade, policy_.rowCapital);
    of.record.addToClusters(trade); // one position a row at a time, so they come in order of entry too
    of.since = std::min(of.since.value_or(trade.entered), trade.entered);
    row.waiting.push_back(trade);
    row.isStale = true;
    bookDays(key, row);

    const auto at = base::bucketStart(trade.left, minute);
    const auto after = std::ranges::upper_bound(lately_, at, {}, &MinuteSum::minute);
    auto sum = after;
    if (after == lately_.begin() || std::prev(after)->minute != at) {
        sum = lately_.insert(after, MinuteSum{.minute = at, .gained = {}, .lost = {}});
    } else {
        --sum;
    }
    ++sum->closed;
    sum->won += isWon ? 1 : 0;
    (isWon ? sum->gained : sum->lost) += trade.net;
    while (lately_.front().minute + week + base::oneDay < lately_.back().minute) {
        lately_.pop_front();
    }
}

// A trade that was held over midnight waits until the candle that ended there is closed: the tick that closes it may
// have ended the trade before.
void LedgerView::bookDays(const trading::RowKey& key, Row& row)
{
    const auto instrument = instruments_.find(key.second);
    if (instrument == instruments_.end()) {
        return;
    }
    const auto& marks = midnights_[key.second];
    std::erase_if(row.waiting, [&](const trading::BookTrade& trade) {
        const auto midnight = base::bucketStart(trade.left, base::oneDay);
        if (trade.entered < midnight && marks.settled() < midnight) {
            return false;
        }
        trading::addDays(row.byHash[names_.hashes()[trade.hash]].daily, trade, instrument->second, marks,
                         trading::dayOf(trade.left) + 1);
        return true;
    });
}

void LedgerView::closeCandle(const trading::CandleClosed& closed)
{
    if (closed.timeframe != market::Timeframe::H4) {
        return;
    }
    auto& marks = midnights_[closed.instrument];
    const auto before = marks.settled();
    marks.add(closed.candle.start, market::length(closed.timeframe), closed.candle.close);
    if (marks.settled() == before) {
        return;
    }
    for (auto& [key, row] : rows_) {
        if (key.second == closed.instrument) {
            row.isStale = true;
            bookDays(key, row);
        }
    }
}

void LedgerView::addMarks(const trading::ClosedTrade& trade)
{
    auto& marks = chartMarks_[trade.position.decision.instrument];
    marks.push_back(markOf(trade.position, nullptr));
    marks.push_back(markOf(trade.position, &trade));
    if (marks.size() > 2 * chartedTrades) {
        marks.erase(marks.begin(), marks.begin() + 2);
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

Money LedgerView::capital() const
{
    std::size_t rows = 0;
    for (const auto& info : trading::strategyCatalogue()) {
        const auto& row = strategies_.at(std::string(info.name));
        if (!row.isEnabled || row.stage == governance::Stage::Archived) {
            continue;
        }
        for (const auto& [id, instrument] : instruments_) {
            const auto own = row.instruments.find(id);
            const bool isOn = own == row.instruments.end() || own->second.isOn;
            rows += isOn && takesEntries_.at(id) && trading::runsOn(info, instrument.name) ? 1 : 0;
        }
    }
    return trading::rosterCapital(rows, policy_.rowCapital, policy_.startEquity);
}

Money LedgerView::gained() const
{
    auto sum = realised_;
    for (const auto& [key, position] : open_) {
        if (!position.inShadow) {
            sum += positionRow(position).unrealised;
        }
    }
    return sum;
}

std::optional<storage::SavedEquity> LedgerView::sampleEquity(UtcMs time)
{
    const auto at = base::bucketStart(time, minute);
    if (at <= curve_.newest()) {
        return std::nullopt;
    }
    const auto of = capital();
    const auto sum = gained();
    curve_.add(at, sum, of);
    return storage::SavedEquity{at, of + sum, of};
}

void LedgerView::evaluate(const trading::RowKey& key, Row& row) const
{
    row.isStale = false;
    row.figures.reset();
    const auto found = row.byHash.find(row.hash);
    const auto open = open_.find(key);
    if (row.byHash.empty()) {
        return; // nothing but positions and shadow so far
    }
    static const Record nothing;
    const auto& of = found == row.byHash.end() ? nothing : found->second;
    auto daily = of.daily;
    auto since = of.since;
    const auto& instrument = instruments_.at(key.second);
    const auto marks = midnights_.find(key.second);
    static const trading::MidnightMarks none;
    const auto addOpen = [&](const trading::BookTrade& trade) {
        trading::addDays(daily, trade, instrument, marks == midnights_.end() ? none : marks->second, day_);
        since = std::min(since.value_or(trade.entered), trade.entered);
    };
    for (const auto& trade : row.waiting) {
        if (names_.hashes()[trade.hash] == row.hash) {
            addOpen(trade);
        }
    }
    if (open != open_.end() && !open->second.inShadow && open->second.decision.parameterHash == row.hash) {
        trading::TradeBook book;
        addOpen(book.entryOf(open->second, instrument));
    }
    const auto first = since ? trading::dayOf(*since) : day_;
    const auto returns = trading::returnsOf(daily, first, day_, [this](std::int64_t) { return policy_.rowCapital; });
    const auto sharpe = trading::sharpeFigure(of.record, returns, limits_);
    const auto wins = statistics::wilson(of.record.won(), of.record.trades());
    row.figures = console::EvaluationRow{.strategy = key.first,
                                         .instrument = key.second,
                                         .trades = of.record.trades(),
                                         .won = of.record.won(),
                                         .winLow = wins.lower,
                                         .winHigh = wins.upper,
                                         .profitFactor = ifDefined(of.record.profitFactor()),
                                         .sharpe = ifDefined(sharpe.annual),
                                         .net = of.record.net(),
                                         .maxDrawdown = ifDefined(of.record.maxDrawdown()),
                                         .equity = of.record.equity(),
                                         .sharpeDays = sharpe.days,
                                         .isProvisional = sharpe.isProvisional};
    if (sharpe.interval) {
        row.figures->sharpeLow = sharpe.interval->lower;
        row.figures->sharpeHigh = sharpe.interval->upper;
    }
}

void LedgerView::rankRows(UtcMs now)
{
    const auto day = trading::dayOf(now);
    const bool isNewDay = day != day_;
    bool hasChanged = isNewDay;
    day_ = day;
    for (auto& [key, row] : rows_) {
        if ((row.isStale || isNewDay) && instruments_.contains(key.second)) {
            evaluate(key, row);
            hasChanged = true;
        }
    }
    if (!hasChanged) {
        return;
    }
    ranked_.clear();
    std::vector<std::pair<trading::Evaluation, const console::EvaluationRow*>> order;
    for (const auto& [key, row] : rows_) {
        if (row.figures) {
            order.emplace_back(rankOf(*row.figures), &*row.figures);
        }
    }
    std::ranges::sort(order, [](const auto& a, const auto& b) { return trading::ranksBefore(a.first, b.first); });
    for (const auto& [rank, row] : order) {
        ranked_.push_back(*row);
    }
}

void LedgerView::addEquityFigures(console::PaperSnapshot& out, UtcMs now)
{
    const auto sum = gained();
    out.startEquity = capital();
    out.equity = out.startEquity + sum;
    out.gain = curve_.gain(sum, out.startEquity);
    out.drawdown = curve_.drawdown(sum, out.startEquity);
    out.maxDrawdown = curve_.maxDrawdown(sum, out.startEquity);
    out.curve = curve_.shown(out.startEquity);
    if (!curve_.isEmpty()) {
        out.since = curve_.oldest();
    }
    out.today = sum - curve_.gainedBy(base::bucketStart(now, base::oneDay));
}

void LedgerView::addTradeFigures(console::PaperSnapshot& out, UtcMs now) const
{
    const auto midnight = base::bucketStart(now, base::oneDay);
    const auto from = base::bucketStart(now, minute) - week;
    Money gained;
    Money lost;
    for (const auto& sum : lately_) {
        if (sum.minute >= midnight) {
            out.closedToday += sum.closed;
            out.wonToday += sum.won;
        }
        if (sum.minute >= from) {
            gained += sum.gained;
            lost -= sum.lost;
        }
    }
    if (lost.value > 0) {
        out.profitFactor = base::toUsdt(gained) / base::toUsdt(lost);
    }
    out.closedTotal = static_cast<std::uint32_t>(closed_);
    out.recent.assign(recent_.rbegin(), recent_.rend());
}

console::PaperSnapshot LedgerView::snapshot(UtcMs now)
{
    console::PaperSnapshot out;
    addEquityFigures(out, now);
    addTradeFigures(out, now);
    rankRows(now);
    out.evaluations = ranked_;
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
    if (const auto marks = chartMarks_.find(instrument); marks != chartMarks_.end()) {
        const auto count = std::min(most, marks->second.size());
        out.assign(marks->second.end() - static_cast<std::ptrdiff_t>(count), marks->second.end());
    }
    for (const auto& [key, position] : open_) {
        if (key.second == instrument) {
            out.push_back(markOf(position, nullptr));
        }
    }
    std::ranges::stable_sort(out, {}, &console::TradeMark::time);
    return out;
}

} // namespace qd::engines
