// Candles enough for every family of models to train on.
#pragma once

#include "testkit/made_market.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace qd::bench {

/// Of eight instruments, 180 days of 5m candles each.
inline void addMarkets(const std::filesystem::path& file)
{
    testkit::Store store(file);
    for (int i = 0; i < 8; ++i) {
        (void)testkit::addMarket(store, "MADE" + std::to_string(i) + "-USDT", 180,
                                 {.seed = static_cast<std::uint64_t>(i) + 1});
    }
}

} // namespace qd::bench
