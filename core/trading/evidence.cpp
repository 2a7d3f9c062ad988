#include "trading/evidence.h"

#include <algorithm>
#include <compare>
#include <iterator>

namespace qd::trading {

namespace {

struct Ranked {
    UtcMs first;
    UtcMs second;
    std::uint32_t row = 0;
    std::uint32_t number = 0; // of the trade
    friend auto operator<=>(const Ranked&, const Ranked&) = default;
};

/// Numbers of the trades in growing order of two of their times, then of their rows.
std::vector<Ranked> orderOf(std::span<const BookTrade> trades, UtcMs BookTrade::* first, UtcMs BookTrade::* second)
{
    std::vector<Ranked> out;
    out.reserve(trades.size());
    for (const auto& trade : trades) {
        out.push_back({trade.*first, trade.*second, trade.row, static_cast<std::uint32_t>(out.size())});
    }
    std::ranges::sort(out);
    return out;
}

} // namespace

EvidenceTable::EvidenceTable(const EvaluationInputs& inputs)
    : in_(inputs),
      known_(inputs.book.rows().size() * inputs.book.hashes().size()),
      exitRank_(inputs.book.trades().size()),
      entryRank_(inputs.book.trades().size()),
      newest_(inputs.book.rows().size())
{
    addTrades();
    addPositions();
}

Evidence& EvidenceTable::evidenceOf(const BookTrade& trade)
{
    auto& known = known_[trade.row * in_.book.hashes().size() + trade.hash];
    if (known == nullptr) {
        known = &evidence_[{trade.row, trade.hash}];
    }
    return *known;
}

void EvidenceTable::addTrades()
{
    const auto trades = in_.book.trades();
    std::uint32_t rank = 0;
    for (const auto& at : orderOf(trades, &BookTrade::left, &BookTrade::entered)) {
        const auto& trade = trades[at.number];
        exitRank_[at.number] = rank++;
        auto& evidence = evidenceOf(trade);
        if (trade.inShadow) {
            evidence.inShadow += trade.left >= in_.from ? 1U : 0U;
            continue;
        }
        evidence.byExit.push_back(&trade);
        addDaysOf(trade, evidence);
    }
    rank = 0;
    for (const auto& at : orderOf(trades, &BookTrade::entered, &BookTrade::left)) {
        const auto& trade = trades[at.number];
        entryRank_[at.number] = rank++;
        newest_[trade.row] = trade.hash;
        if (!trade.inShadow) {
            evidenceOf(trade).byEntry.push_back(&trade);
        }
    }
}

// Each part is in order already; together they are put where their ranks say, which costs no comparison.
std::vector<const BookTrade*> EvidenceTable::windowOf(std::span<const Evidence* const> parts, UtcMs from,
                                                      bool isByEntry) const
{
    std::vector<const BookTrade*> out;
    const auto& ranks = isByEntry ? entryRank_ : exitRank_;
    std::vector<const BookTrade*> places(parts.size() > 1 ? ranks.size() : 0);
    for (const auto* part : parts) {
        for (const auto* trade : isByEntry ? part->byEntry : part->byExit) {
            if (trade->left < from) {
                continue;
            }
            if (parts.size() > 1) {
                places[ranks[numberOf(trade)]] = trade;
            } else {
                out.push_back(trade);
            }
        }
    }
    std::ranges::copy_if(places, std::back_inserter(out), [](const auto* trade) { return trade != nullptr; });
    return out;
}

void EvidenceTable::addPositions()
{
    for (const auto& position : in_.open) {
        auto& evidence = evidenceOf(position);
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
