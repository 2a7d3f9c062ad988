// The part of LedgerView that knows what the roster is worth: its capital, what is open, and the curve.
#include "engines/ledger_view.h"
#include "trading/strategy_catalogue.h"

namespace qd::engines {

using base::Money;
using base::UtcMs;

namespace {

constexpr base::Millis minute{60'000};

} // namespace

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

} // namespace qd::engines
