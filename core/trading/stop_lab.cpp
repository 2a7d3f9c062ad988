#include "trading/stop_lab.h"

#include "trading/execution_model.h"

#include <algorithm>
#include <cmath>

namespace qd::trading {

namespace {

Price levelOf(Price entry, double share, bool isAbove)
{
    const auto distance = std::max<std::int64_t>(1, std::llround(static_cast<double>(entry.value) * share));
    return {isAbove ? entry.value + distance : entry.value - distance};
}

// Two digits that count: a grid that one can read.
double rounded(double share)
{
    const auto unit = std::pow(10.0, std::floor(std::log10(share)) - 1.0);
    return std::round(share / unit) * unit;
}

double median(std::vector<double>& values, double otherwise)
{
    if (values.empty()) {
        return otherwise;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return std::max(*middle, 1e-5);
}

} // namespace

StopLabSums& StopLabSums::operator+=(const StopLabSums& other)
{
    trades += other.trades;
    wins += other.wins;
    gains += other.gains;
    losses += other.losses;
    return *this;
}

StopLabGrid stopLabGrid(std::span<const StopLabEntry> entries)
{
    std::vector<double> stops;
    std::vector<double> targets;
    for (const auto& entry : entries) {
        const auto share = [&](Price level) {
            return std::abs(static_cast<double>((level - entry.price).value)) / static_cast<double>(entry.price.value);
        };
        stops.push_back(share(entry.ownStop));
        targets.push_back(share(entry.ownTarget));
    }
    const auto stop = median(stops, 0.005);
    const auto target = median(targets, 0.01);
    StopLabGrid grid;
    for (int i = -4; i <= 5; ++i) {
        grid.stops.push_back(rounded(stop * std::exp2(i / 2.0)));
    }
    for (int i = -3; i <= 4; ++i) {
        grid.targets.push_back(rounded(target * std::exp2(i / 2.0)));
    }
    return grid;
}

StopLabRun::StopLabRun(std::span<const StopLabEntry> entries, const StopLabGrid& grid, StopLabFees fees)
    : entries_(entries),
      grid_(grid),
      fees_(fees)
{
    for (auto& half : halves_) {
        half.cells.resize(grid.cells());
    }
    setBand();
}

StopLabRun::Open StopLabRun::opened(const StopLabEntry& entry) const
{
    Open open{.entry = &entry};
    const bool isLong = entry.side == Side::Buy;
    for (std::size_t i = 0; i < grid_.stops.size(); ++i) {
        open.stops[i] = levelOf(entry.price, grid_.stops[i], !isLong);
    }
    for (std::size_t i = 0; i < grid_.targets.size(); ++i) {
        open.targets[i] = levelOf(entry.price, grid_.targets[i], isLong);
    }
    return open;
}

// Levels lie in growing distance, so each is met once. True when no cell waits any more.
bool StopLabRun::pass(Open& open, Price price) const
{
    const auto& entry = *open.entry;
    for (; open.nextStop < grid_.stops.size() && hitsStop(entry.side, open.stops[open.nextStop], price);
         ++open.nextStop) {
        open.stopped[open.nextStop] = {looks_, price};
    }
    for (; open.nextTarget < grid_.targets.size() && tradesThrough(entry.side, open.targets[open.nextTarget], price);
         ++open.nextTarget) {
        open.reached[open.nextTarget] = {looks_, open.targets[open.nextTarget]};
    }
    if (open.ownStopped.at == notYet && open.ownReached.at == notYet) {
        if (hitsStop(entry.side, entry.ownStop, price)) {
            open.ownStopped = {looks_, price};
        } else if (tradesThrough(entry.side, entry.ownTarget, price)) {
            open.ownReached = {looks_, entry.ownTarget};
        }
    }
    return (open.nextStop == grid_.stops.size() || open.nextTarget == grid_.targets.size()) &&
           (open.ownStopped.at != notYet || open.ownReached.at != notYet);
}

void StopLabRun::look(const market::Tick& tick, StreamNumber number)
{
    ++looks_;
    for (; next_ < entries_.size() && entries_[next_].number < number; ++next_) {
        open_.push_back(opened(entries_[next_]));
    }
    for (std::size_t i = 0; i < open_.size();) {
        if (pass(open_[i], tick.price) || tick.time >= open_[i].entry->timeLimit) {
            close(open_[i], tick.price);
            std::swap(open_[i], open_.back());
            open_.pop_back();
        } else {
            ++i;
        }
    }
    setBand();
}

double StopLabRun::resultOf(const StopLabEntry& entry, Price exit, base::RatePpm exitFee) const
{
    const auto rate = [](base::RatePpm ppm) { return static_cast<double>(ppm.value) * 1e-6; };
    const auto share = static_cast<double>(exit.value) / static_cast<double>(entry.price.value);
    const auto gross = entry.side == Side::Buy ? share - 1.0 : 1.0 - share;
    return gross - rate(entry.byMaker ? fees_.maker : fees_.taker) - share * rate(exitFee);
}

// What was not passed by now leaves at `last`.
void StopLabRun::close(const Open& open, Price last)
{
    const auto& entry = *open.entry;
    auto& half = halves_[entry.isNewer ? 1 : 0];
    const auto atLimit = resultOf(entry, last, fees_.taker);
    std::array<double, StopLabGrid::mostLevels> stopped{};
    std::array<double, StopLabGrid::mostLevels> reached{};
    for (std::size_t s = 0; s < open.nextStop; ++s) {
        stopped[s] = resultOf(entry, open.stopped[s].price, fees_.taker);
    }
    for (std::size_t t = 0; t < open.nextTarget; ++t) {
        reached[t] = resultOf(entry, open.reached[t].price, fees_.maker);
    }
    for (std::size_t t = 0; t < grid_.targets.size(); ++t) {
        for (std::size_t s = 0; s < grid_.stops.size(); ++s) {
            const auto stopAt = open.stopped[s].at;
            const auto targetAt = open.reached[t].at;
            const bool isOut = stopAt != notYet || targetAt != notYet;
            half.cells[grid_.at(t, s)].add(!isOut ? atLimit : stopAt <= targetAt ? stopped[s] : reached[t]);
        }
    }
    half.own.add(open.ownStopped.at != notYet   ? resultOf(entry, open.ownStopped.price, fees_.taker)
                 : open.ownReached.at != notYet ? resultOf(entry, open.ownReached.price, fees_.maker)
                                                : atLimit);
    ++counted_;
}

void StopLabRun::setBand()
{
    nextNumber_ =
        next_ < entries_.size() ? entries_[next_].number : StreamNumber{std::numeric_limits<std::int64_t>::max()};
    lowest_ = {std::numeric_limits<std::int64_t>::min()};
    highest_ = {std::numeric_limits<std::int64_t>::max()};
    dueAt_ = {std::numeric_limits<std::int64_t>::max()};
    for (const auto& open : open_) {
        const auto& entry = *open.entry;
        const auto watch = [this](bool isBelow, Price level) {
            if (isBelow) {
                lowest_ = std::max(lowest_, level);
            } else {
                highest_ = std::min(highest_, level);
            }
        };
        const bool isLong = entry.side == Side::Buy;
        if (open.nextStop < grid_.stops.size()) {
            watch(isLong, open.stops[open.nextStop]);
        }
        if (open.nextTarget < grid_.targets.size()) {
            watch(!isLong, open.targets[open.nextTarget]);
        }
        if (open.ownStopped.at == notYet && open.ownReached.at == notYet) {
            watch(isLong, entry.ownStop);
            watch(!isLong, entry.ownTarget);
        }
        dueAt_ = std::min(dueAt_, entry.timeLimit);
    }
}

} // namespace qd::trading
