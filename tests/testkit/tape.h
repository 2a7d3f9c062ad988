// Stream items by hand, and seeded random tapes of ticks, quotes, gaps and late ticks of one instrument.
#pragma once

#include "market/instrument.h"
#include "market/tick.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace qd::testkit {

inline market::Instrument instrumentOf(std::int64_t id, std::string name, int priceDecimals = 2, int sizeDecimals = 3)
{
    market::Instrument instrument;
    instrument.id = {id};
    instrument.name = std::move(name);
    instrument.tick = base::Scale::ofDecimals(priceDecimals);
    instrument.lot = base::Scale::ofDecimals(sizeDecimals);
    return instrument;
}

inline std::vector<market::StreamItem> streamOf(base::InstrumentId id, const std::vector<market::Tick>& ticks)
{
    std::vector<market::StreamItem> items;
    items.reserve(ticks.size());
    std::int64_t number = 0;
    for (const auto& tick : ticks) {
        items.push_back({.instrument = id, .number = {++number}, .received = {}, .what = tick});
    }
    return items;
}

struct TapeShape {
    std::int64_t price = 8'000;
    double volatility = 0.0004; // of the price, a tick
    double meanGapMs = 1'500;   // between items
    double quoteShare = 0.2;
    double gapShare = 0.0001;
    double lateShare = 0.0005;
};

/// The same seed makes the same tape, on any machine: no library distribution is used.
inline std::vector<market::StreamItem> randomTape(base::InstrumentId id, std::uint64_t seed, std::size_t count,
                                                  const TapeShape& shape = {})
{
    std::mt19937_64 random(seed);
    const auto uniform = [&random] { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; };
    std::vector<market::StreamItem> items;
    items.reserve(count);
    double price = static_cast<double>(shape.price);
    std::int64_t time = 1'750'000'000'000;
    for (std::size_t i = 0; i < count; ++i) {
        time += static_cast<std::int64_t>(-std::log(uniform()) * shape.meanGapMs);
        const double jump = uniform() < 0.002 ? 12.0 : 1.0;
        price *= 1.0 + shape.volatility * jump * (uniform() + uniform() + uniform() - 1.5);
        price = std::max(price, 10.0);
        const base::Price last{std::llround(price)};
        const auto size = static_cast<std::int64_t>(1.0 + 3'000.0 * uniform() * uniform());
        const market::Tick tick{.id = static_cast<std::int64_t>(i) + 1,
                                .time = {time},
                                .price = last,
                                .signedSize = uniform() < 0.5 ? size : -size};
        const double kind = uniform();
        market::StreamItem item{
            .instrument = id, .number = {static_cast<std::int64_t>(i) + 1}, .received = {}, .what = tick};
        if (kind < shape.gapShare) {
            item.what = market::GapMark{.from = {time}};
            time += static_cast<std::int64_t>(uniform() * 600'000.0);
        } else if (kind < shape.gapShare + shape.lateShare) {
            item.what = market::LateTick{tick};
        } else if (kind < shape.gapShare + shape.lateShare + shape.quoteShare) {
            const auto half = static_cast<std::int64_t>(1.0 + 3.0 * uniform());
            item.what = market::Quote{.time = {time}, .bid = {last.value - half}, .ask = {last.value + half}};
        }
        items.push_back(std::move(item));
    }
    return items;
}

/// The tape with funding every hour, told some minutes before or (each fifth) after its settlement. Numbers are made
/// anew.
inline std::vector<market::StreamItem> withHourlyFunding(const std::vector<market::StreamItem>& tape,
                                                         std::uint64_t seed)
{
    constexpr std::int64_t hourMs = 3'600'000;
    std::mt19937_64 random(seed);
    std::vector<market::StreamItem> items;
    items.reserve(tape.size() + tape.size() / 1'000);
    std::int64_t told = 0;
    for (const auto& item : tape) {
        items.push_back(item);
        const auto* tick = std::get_if<market::Tick>(&item.what);
        const auto hour = tick != nullptr ? tick->time.value / hourMs * hourMs : 0;
        if (hour > told) {
            told = hour;
            const base::Decimal rate{static_cast<std::int64_t>(random() % 2'001) - 1'000, -6};
            const base::UtcMs settlement{random() % 5 == 0 ? hour : hour + hourMs};
            items.push_back({.instrument = item.instrument,
                             .number = {},
                             .received = {},
                             .what = market::FundingRate{.settlement = settlement, .rate = rate}});
        }
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        items[i].number = {static_cast<std::int64_t>(i) + 1};
    }
    return items;
}

} // namespace qd::testkit
