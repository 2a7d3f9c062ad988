#include "base/policy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>

namespace qd::base {

namespace {

constexpr std::array entries{
    PolicyEntry{"fees.taker", "share of notional", 0, 0.01, 0.0006, "fee of a market order"},
    PolicyEntry{"fees.maker", "share of notional", 0, 0.01, 0.0002, "fee of a resting order"},
    PolicyEntry{"paper.latency_ms", "ms", 0, 60'000, 150, "from a decision until the order reaches the market"},
    PolicyEntry{"paper.limit_patience_s", "s", 1, 86'400, 60, "how long an entry by limit order rests"},
    PolicyEntry{"paper.cooldown_s", "s", 0, 86'400, 240, "after an exit, no entry of the same strategy and instrument"},
    PolicyEntry{"paper.notional", "USDT", 1, 1'000'000, 500, "size of one position at entry"},
    PolicyEntry{"paper.start_equity", "USDT", 1, 1e9, 10'000, "capital of the whole roster"},
    PolicyEntry{"execution.assumed_slippage", "share of price", 0, 0.05, 0.0005,
                "slippage of a market order on candles, where nothing was learned yet"},
    PolicyEntry{"sharpe.min_trades", "trades", 1, 10'000, 30, "under this no Sharpe ratio is shown"},
    PolicyEntry{"health.cpu_temp_c", "°C", 30, 120, 85, "limit of the processor's temperature"},
    PolicyEntry{"health.tick_lag_ms", "ms", 1, 60'000, 500, "limit of exchange time to decision, p99"},
    PolicyEntry{"health.write_lag_ms", "ms", 1, 60'000, 1'000, "limit of hand-over to committed"},
    PolicyEntry{"feed.silence_s", "s", 1, 3'600, 30, "silence after which the feed is asked"},
    PolicyEntry{"feed.dead_s", "s", 1, 86'400, 300, "silence after which the feed is called dead"},
};

RatePpm ppm(std::string_view name)
{
    return {std::llround(policyDefault(name) * 1e6)};
}
std::int64_t whole(std::string_view name)
{
    return std::llround(policyDefault(name));
}

} // namespace

std::span<const PolicyEntry> policyEntries()
{
    return entries;
}

double policyDefault(std::string_view name)
{
    const auto found = std::ranges::find(entries, name, &PolicyEntry::name);
    if (found == entries.end()) {
        throw std::logic_error("no policy entry " + std::string(name));
    }
    return found->standard;
}

PaperPolicy defaultPaperPolicy()
{
    return {.takerFee = ppm("fees.taker"),
            .makerFee = ppm("fees.maker"),
            .latency = Millis{whole("paper.latency_ms")},
            .limitPatience = Millis{whole("paper.limit_patience_s") * 1000},
            .cooldown = Millis{whole("paper.cooldown_s") * 1000},
            .notional = usdt(whole("paper.notional")),
            .startEquity = usdt(whole("paper.start_equity")),
            .silence = Millis{whole("feed.silence_s") * 1000},
            .assumedSlippage = ppm("execution.assumed_slippage")};
}

} // namespace qd::base
