#include "exchange/blofin_rest_messages.h"

#include "exchange/frame_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

namespace qd::exchange {

using base::ErrorCode;
using base::fail;
using base::Result;
using json::readWhole;
using json::scalarText;

namespace {

std::unexpected<base::Error> malformed(std::string what, std::string_view body)
{
    return fail(ErrorCode::Malformed, "exchange answer",
                std::move(what) + ": '" + std::string(body.substr(0, 200)) + "'");
}

Result<void> checkCode(std::string_view code, std::string_view message)
{
    if (code == "0") {
        return {};
    }
    const bool isUnknownInstrument =
        code == "152014" || (code == "152002" && message.find("instId") != std::string_view::npos);
    return fail(isUnknownInstrument ? ErrorCode::NotFound : ErrorCode::Refused, "exchange",
                "code " + std::string(code) + ": " + std::string(message));
}

// Calls onItem(value) -> Result<void> for each element of data, once the envelope says success.
template <typename OnItem>
Result<void> eachItem(std::string_view body, OnItem&& onItem)
{
    const simdjson::padded_string padded(body);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::value value;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS || document["code"].get(value) != simdjson::SUCCESS) {
        return malformed("no envelope with a code", body);
    }
    const auto code = scalarText(value);
    std::string_view message;
    if (code != "0") {
        document.rewind();
        if (document["msg"].get_string().get(message) != simdjson::SUCCESS) {
            message = "no message";
        }
    }
    if (const auto checked = checkCode(code, message); !checked) {
        return checked;
    }
    document.rewind();
    simdjson::ondemand::array items;
    if (document["data"].get_array().get(items) != simdjson::SUCCESS) {
        return malformed("data is no list", body);
    }
    for (auto item : items) {
        if (item.get(value) != simdjson::SUCCESS) {
            return malformed("broken JSON", body);
        }
        if (const auto taken = onItem(value); !taken) {
            return taken;
        }
    }
    return {};
}

// The scalar fields of one object by name; absent ones are empty.
template <std::size_t N>
std::optional<std::array<std::string_view, N>> fields(simdjson::ondemand::value value,
                                                      const std::array<std::string_view, N>& names)
{
    simdjson::ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    std::array<std::string_view, N> out{};
    for (auto field : object) {
        std::string_view key;
        if (field.error() != simdjson::SUCCESS || field.unescaped_key().get(key) != simdjson::SUCCESS) {
            return std::nullopt;
        }
        const auto found = std::find(names.begin(), names.end(), key);
        if (found != names.end()) {
            out[static_cast<std::size_t>(found - names.begin())] = scalarText(field.value_unsafe().value());
        }
    }
    return out;
}

double toDouble(std::string_view text)
{
    double out = 0;
    (void)std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

std::optional<market::Instrument> instrumentOf(const std::array<std::string_view, 7>& row)
{
    const auto& [name, contractValue, minSize, lotSize, tickSize, contractType, state] = row;
    if (name.empty() || contractType == "inverse" || (!state.empty() && state != "live")) {
        return std::nullopt;
    }
    const auto tickStep = base::parseDecimal(tickSize);
    const auto lotStep = base::parseDecimal(lotSize);
    const auto contract = base::parseDecimal(contractValue);
    if (!tickStep || !lotStep || !contract || contract->mantissa <= 0) {
        return std::nullopt;
    }
    const auto tick = base::Scale::ofStep(*tickStep);
    const auto lot = base::Scale::ofStep(*lotStep);
    const auto least = lot ? lot->parse(minSize) : fail(ErrorCode::Malformed, "", "");
    if (!tick || !lot || !least || *least <= 0) {
        return std::nullopt;
    }
    return market::Instrument{.id = {},
                              .name = std::string(name),
                              .tick = *tick,
                              .lot = *lot,
                              .contractValue = *contract,
                              .minSize = {*least}};
}

} // namespace

Result<std::vector<market::Instrument>> parseInstruments(std::string_view body)
{
    static constexpr std::array<std::string_view, 7> names{"instId",   "contractValue", "minSize", "lotSize",
                                                           "tickSize", "contractType",  "state"};
    std::vector<market::Instrument> out;
    std::size_t rows = 0;
    const auto read = eachItem(body, [&](simdjson::ondemand::value value) -> Result<void> {
        const auto row = fields(value, names);
        if (!row) {
            return malformed("an instrument is no object", body);
        }
        ++rows;
        if (auto instrument = instrumentOf(*row)) {
            out.push_back(std::move(*instrument));
        }
        return {};
    });
    if (!read) {
        return std::unexpected(read.error());
    }
    return rows > 0 && out.empty() ? malformed("no instrument that can be traded", body)
                                   : Result<std::vector<market::Instrument>>(std::move(out));
}

Result<std::vector<market::Tick>> parseTrades(std::string_view body, const market::Instrument& instrument)
{
    static constexpr std::array<std::string_view, 6> names{"tradeId", "price", "size", "side", "ts", "instId"};
    std::vector<market::Tick> out;
    const auto read = eachItem(body, [&](simdjson::ondemand::value value) -> Result<void> {
        const auto row = fields(value, names);
        market::Tick tick;
        if (!row || !readWhole((*row)[0], tick.id) || !readWhole((*row)[4], tick.time.value) || tick.time.value <= 0) {
            return malformed("not a trade", body);
        }
        const auto& side = (*row)[3];
        if ((side != "buy" && side != "sell") || (!(*row)[5].empty() && (*row)[5] != instrument.name)) {
            return malformed("not a trade of " + instrument.name, body);
        }
        const auto price = instrument.tick.parse((*row)[1]);
        const auto size = instrument.lot.parse((*row)[2]);
        if (!price || !size) {
            return std::unexpected(price ? size.error() : price.error());
        }
        if (*price <= 0 || *size <= 0) {
            return malformed("a trade without price or size", body);
        }
        tick.price = {*price};
        tick.signedSize = side == "buy" ? *size : -*size;
        out.push_back(tick);
        return {};
    });
    if (!read) {
        return std::unexpected(read.error());
    }
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return out;
}

Result<std::vector<RestCandle>> parseCandles(std::string_view body, const market::Instrument& instrument)
{
    std::vector<RestCandle> out;
    const auto read = eachItem(body, [&](simdjson::ondemand::value value) -> Result<void> {
        simdjson::ondemand::array columns;
        std::array<std::string_view, 9> row{};
        std::size_t count = 0;
        if (value.get_array().get(columns) != simdjson::SUCCESS) {
            return malformed("a candle is no list", body);
        }
        for (auto column : columns) {
            if (column.error() != simdjson::SUCCESS) {
                return malformed("broken JSON", body);
            }
            if (count < row.size()) {
                row[count] = scalarText(column.value_unsafe());
            }
            ++count;
        }
        RestCandle bar;
        if (count < row.size() || !readWhole(row[0], bar.candle.start.value)) {
            return malformed("a candle wants 9 columns", body);
        }
        const std::array<market::Price*, 4> prices{&bar.candle.open, &bar.candle.high, &bar.candle.low,
                                                   &bar.candle.close};
        for (std::size_t i = 0; i < prices.size(); ++i) {
            const auto price = instrument.tick.parse(row[i + 1]);
            if (!price) {
                return std::unexpected(price.error());
            }
            prices[i]->value = *price;
        }
        const auto volume = instrument.lot.parse(row[5]);
        if (!volume) {
            return std::unexpected(volume.error());
        }
        bar.candle.volume = {*volume};
        bar.isClosed = row[8] == "1";
        out.push_back(bar);
        return {};
    });
    if (!read) {
        return std::unexpected(read.error());
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const auto& a, const auto& b) { return a.candle.start < b.candle.start; });
    return out;
}

Result<std::vector<RestTicker>> parseTickers(std::string_view body)
{
    static constexpr std::array<std::string_view, 5> names{"instId", "last", "open24h", "volCurrency24h", "ts"};
    std::vector<RestTicker> out;
    const auto read = eachItem(body, [&](simdjson::ondemand::value value) -> Result<void> {
        const auto row = fields(value, names);
        RestTicker ticker;
        if (!row || (*row)[0].empty() || !readWhole((*row)[4], ticker.time.value)) {
            return malformed("not a ticker", body);
        }
        ticker.instrument = (*row)[0];
        ticker.last = toDouble((*row)[1]);
        ticker.open24h = toDouble((*row)[2]);
        ticker.volumeCoins24h = toDouble((*row)[3]);
        ticker.turnover24h = ticker.last * ticker.volumeCoins24h;
        out.push_back(std::move(ticker));
        return {};
    });
    return read ? Result<std::vector<RestTicker>>(std::move(out)) : std::unexpected(read.error());
}

std::string_view barName(market::Timeframe timeframe)
{
    constexpr std::array<std::string_view, 5> names{"1m", "5m", "15m", "1H", "4H"};
    return names[static_cast<std::size_t>(timeframe)];
}

} // namespace qd::exchange
