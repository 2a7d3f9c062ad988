#include "trading/evidence.h"

#include <algorithm>
#include <tuple>

namespace qd::trading {

EvidenceTable::EvidenceTable(const EvaluationInputs& inputs) : in_(inputs), newest_(inputs.book.rows().size())
{
    addTrades();
    addPositions();
}

void EvidenceTable::addTrades()
{
    const auto trades = in_.book.trades();
    std::vector<const BookTrade*> order(trades.size());
    std::ranges::transform(trades, order.begin(), [](const BookTrade& t) { return &t; });
    std::ranges::sort(order, {}, [](const BookTrade* t) { return std::tuple(t->left, t->entered, t->row); });
    for (const auto* trade : order) {
        auto& evidence = evidence_[{trade->row, trade->hash}];
        if (trade->inShadow) {
            evidence.inShadow += trade->left >= in_.from ? 1U : 0U;
            continue;
        }
        evidence.byExit.push_back(trade);
        addDaysOf(*trade, evidence);
    }
    std::ranges::sort(order, {}, [](const BookTrade* t) { return std::tuple(t->entered, t->left, t->row); });
    for (const auto* trade : order) {
        newest_[trade->row] = trade->hash;
        if (!trade->inShadow) {
            evidence_[{trade->row, trade->hash}].byEntry.push_back(trade);
        }
    }
}

void EvidenceTable::addPositions()
{
    for (const auto& position : in_.open) {
        auto& evidence = evidence_[{position.row, position.hash}];
        newest_[position.row] = position.hash;
        if (!position.inShadow) {
            addDaysOf(position, evidence);
        }
    }
}

void EvidenceTable::addDaysOf(const BookTrade& trade, Evidence& evidence) const
{
    const auto instrument = in_.instruments.find(in_.book.rows()[trade.row].second);
    if (instrument == in_.instruments.end()) {
        return;
    }
    static const MidnightMarks none;
    const auto marks = in_.marks.find(instrument->first);
    addDays(evidence.daily, trade, instrument->second, marks == in_.marks.end() ? none : marks->second, dayOf(in_.now));
    evidence.since = std::min(evidence.since.value_or(trade.entered), trade.entered);
}

std::vector<std::uint32_t> EvidenceTable::rows() const
{
    std::vector<std::uint32_t> out;
    for (std::uint32_t row = 0; row < newest_.size(); ++row) {
        if (newest_[row]) {
            out.push_back(row);
        }
    }
    return out;
}

const std::string& EvidenceTable::hashOf(std::uint32_t row) const
{
    const auto told = in_.hashes.find(in_.book.rows()[row]);
    return told != in_.hashes.end() ? told->second : in_.book.hashes()[newest_[row].value()];
}

const Evidence& EvidenceTable::newestOf(std::uint32_t row) const
{
    static const Evidence nothing;
    const auto known = std::ranges::find(in_.book.hashes(), hashOf(row)) - in_.book.hashes().begin();
    const auto found = evidence_.find({row, static_cast<std::uint32_t>(known)}); // maybe one beyond all
    return found == evidence_.end() ? nothing : found->second;
}

} // namespace qd::trading
