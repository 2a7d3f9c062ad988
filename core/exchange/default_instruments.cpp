#include "exchange/default_instruments.h"

#include <algorithm>
#include <array>

namespace qd::exchange {

namespace {

struct Row {
    std::string_view name;
    std::string_view contractValue;
    std::string_view lot; // the least size too
    std::string_view tick;
    MarketCharacter character;
};

constexpr std::array<Row, 20> rows{{
    // name, contract, lot, tick, {start price, volatility a year, trades a second, beta, typical trade in USDT}
    {"BTC-USDT", "0.001", "0.1", "0.1", {104'000, 0.50, 2.4, 1.0, 900}},
    {"ETH-USDT", "0.01", "0.1", "0.01", {3'450, 0.65, 2.2, 1.25, 700}},
    {"SOL-USDT", "1", "0.01", "0.01", {162, 0.80, 1.8, 1.45, 500}},
    {"XRP-USDT", "100", "0.01", "0.0001", {2.35, 0.80, 1.6, 1.3, 400}},
    {"DOGE-USDT", "1000", "0.01", "0.00001", {0.178, 0.85, 1.2, 1.5, 350}},
    {"SHIB-USDT", "1000000", "0.1", "0.000000001", {0.0000121, 0.85, 0.7, 1.45, 250}},
    {"ADA-USDT", "100", "0.01", "0.0001", {0.652, 0.80, 0.8, 1.4, 300}},
    {"AVAX-USDT", "1", "0.1", "0.001", {19.4, 0.85, 0.7, 1.45, 300}},
    {"LINK-USDT", "1", "0.1", "0.001", {15.6, 0.80, 0.8, 1.4, 300}},
    {"LTC-USDT", "1", "0.01", "0.01", {88.5, 0.70, 0.7, 1.15, 300}},
    {"BNB-USDT", "0.01", "1", "0.01", {688, 0.55, 1.0, 0.95, 450}},
    {"DOT-USDT", "1", "0.1", "0.001", {4.05, 0.75, 0.6, 1.3, 250}},
    {"TRX-USDT", "1000", "0.01", "0.00001", {0.288, 0.45, 0.6, 0.6, 300}},
    {"POL-USDT", "10", "1", "0.00001", {0.214, 0.85, 0.5, 1.3, 200}},
    {"UNI-USDT", "1", "0.1", "0.001", {7.3, 0.90, 0.6, 1.45, 250}},
    {"ATOM-USDT", "1", "1", "0.001", {4.4, 0.75, 0.5, 1.25, 200}},
    {"APT-USDT", "1", "0.1", "0.0001", {4.9, 0.85, 0.5, 1.4, 200}},
    {"ARB-USDT", "1", "1", "0.0001", {0.392, 0.90, 0.6, 1.5, 200}},
    {"OP-USDT", "1", "1", "0.0001", {0.634, 0.95, 0.6, 1.55, 200}},
    {"SUI-USDT", "1", "1", "0.0001", {3.18, 0.90, 1.0, 1.5, 350}},
}};

market::Instrument made(const Row& row, std::int64_t id)
{
    const auto number = [](std::string_view text) { return base::parseDecimal(text).value_or(base::Decimal{1, 0}); };
    const auto lot = base::Scale::ofStep(number(row.lot)).value_or(base::Scale{});
    return {.id = {id},
            .name = std::string(row.name),
            .tick = base::Scale::ofStep(number(row.tick)).value_or(base::Scale{}),
            .lot = lot,
            .contractValue = number(row.contractValue),
            .minSize = {lot.parse(row.lot).value_or(1)}};
}

} // namespace

const std::vector<market::Instrument>& defaultInstruments()
{
    static const auto instruments = [] {
        std::vector<market::Instrument> all;
        for (const auto& row : rows) {
            all.push_back(made(row, static_cast<std::int64_t>(all.size()) + 1));
        }
        return all;
    }();
    return instruments;
}

std::vector<market::Instrument> defaultInstruments(std::size_t count)
{
    const auto& all = defaultInstruments();
    return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size()))};
}

MarketCharacter marketCharacter(const market::Instrument& instrument)
{
    for (const auto& row : rows) {
        if (row.name == instrument.name) {
            return row.character;
        }
    }
    return {.startPrice = std::max(100.0, instrument.tick.value(1'000))};
}

} // namespace qd::exchange
