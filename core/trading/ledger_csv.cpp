// The ledger as text: the CSV lines of `export`, and the hash over them.
#include "base/sha256.h"
#include "trading/trading_pipeline.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

namespace qd::trading {

namespace {

const base::Scale& moneyScale()
{
    static const auto scale = base::Scale::ofDecimals(8);
    return scale;
}

/// Appends fields to a text, one line of them.
class Line {
public:
    explicit Line(std::string& to) : to_(to) {}

    Line& operator<<(std::string_view field)
    {
        next().append(field);
        return *this;
    }
    Line& operator<<(std::int64_t field)
    {
        std::array<char, 24> digits{};
        const auto end = std::to_chars(digits.begin(), digits.end(), field).ptr;
        return *this << std::string_view(digits.begin(), end);
    }
    Line& flag(bool field) { return *this << std::string_view(field ? "1" : "0"); }
    Line& operator<<(Money field) { return add(moneyScale(), field.value); }
    Line& add(const base::Scale& scale, std::int64_t steps)
    {
        scale.appendText(steps, next());
        return *this;
    }
    /// In quotes, with quotes doubled, where the text holds a comma, a quote or a line end.
    Line& quoted(std::string_view field)
    {
        // Not find_first_of(), which calls memchr() for each character.
        if (std::ranges::none_of(field, [](char c) { return c == ',' || c == '"' || c == '\n' || c == '\r'; })) {
            return *this << field;
        }
        next().push_back('"');
        for (const char c : field) {
            to_.append(c == '"' ? 2 : 1, c);
        }
        to_.push_back('"');
        return *this;
    }

private:
    std::string& next()
    {
        if (!isFirst_) {
            to_.push_back(',');
        }
        isFirst_ = false;
        return to_;
    }
    std::string& to_;
    bool isFirst_ = true;
};

/// Twice ticks as a decimal: halves of a tick are exact on a scale that is ten times finer.
void addHalfTicks(Line& line, std::int64_t halfTicks, const market::Instrument& instrument)
{
    const auto step = instrument.tick.step();
    const auto finer = base::multiply(step, {5, -1});
    const auto scale = finer ? base::Scale::ofStep(*finer) : base::Scale::ofStep(step);
    if (scale) {
        line.add(*scale, halfTicks);
    } else {
        line << std::string_view();
    }
}

void addDecision(Line& line, const DecisionStamp& d, const market::Instrument& instrument)
{
    const auto& tick = instrument.tick;
    line.quoted(instrument.name) << d.strategy << d.parameterHash
                                 << std::string_view(d.side == Side::Buy ? "long" : "short") << d.number.value
                                 << d.time.value;
    addHalfTicks(line, d.decisionPriceHalfTicks, instrument);
    line.add(tick, d.stop.value).add(tick, d.target.value);
    if (d.limit) {
        line.add(tick, d.limit->value);
    } else {
        line << std::string_view();
    }
}

constexpr std::string_view decisionColumns =
    "instrument,strategy,parameter_hash,side,decision_number,decision_ts_ms,decision_price,stop,target,entry_limit";

struct HashedLine {
    std::string instrument;
    std::string strategy;
    StreamNumber number;
    std::string text;

    [[nodiscard]] auto key() const { return std::tie(instrument, strategy, number, text); }
};

} // namespace

std::string tradeCsvHeader()
{
    return std::string(decisionColumns) +
           ",size,entry_number,entry_ts_ms,entry_price,exit_number,exit_ts_ms,exit_"
           "price,reason,time_limit_ts_ms,best,worst,"
           "gross,fees,funding,net,has_gap,in_shadow,parts_size,parts_worth,on_candles,why";
}

void appendTradeCsv(const ClosedTrade& trade, const market::Instrument& instrument, std::string& to)
{
    const auto& p = trade.position;
    const auto& tick = instrument.tick;
    Line line(to);
    addDecision(line, p.decision, instrument);
    line.add(instrument.lot, p.size.value) << p.entry.number.value << p.entry.time.value;
    line.add(tick, p.entry.price.value) << trade.exit.number.value << trade.exit.time.value;
    line.add(tick, trade.exit.price.value) << name(trade.reason) << p.timeLimit.value;
    line.add(tick, p.best.value).add(tick, p.worst.value) << trade.gross << trade.fees << trade.funding << trade.net;
    line.flag(p.hasGap).flag(p.inShadow).add(instrument.lot, p.closedSize.value) << p.closedWorth;
    line.flag(p.onCandles).quoted(p.decision.why);
}

std::string tradeCsv(const ClosedTrade& trade, const market::Instrument& instrument)
{
    std::string out;
    appendTradeCsv(trade, instrument, out);
    return out;
}

std::string signalCsvHeader()
{
    return std::string(decisionColumns) + ",not_traded,why";
}

void appendSignalCsv(const UntradedSignal& signal, const market::Instrument& instrument, std::string& to)
{
    Line line(to);
    addDecision(line, signal.decision, instrument);
    line << name(signal.reason);
    line.quoted(signal.decision.why);
}

std::string signalCsv(const UntradedSignal& signal, const market::Instrument& instrument)
{
    std::string out;
    appendSignalCsv(signal, instrument, out);
    return out;
}

std::string ledgerHash(const std::vector<ClosedTrade>& trades, const std::vector<UntradedSignal>& signals,
                       const std::map<InstrumentId, market::Instrument>& instruments)
{
    std::vector<HashedLine> lines;
    lines.reserve(trades.size() + signals.size());
    const auto add = [&](const DecisionStamp& d, auto text) {
        const auto found = instruments.find(d.instrument);
        market::Instrument unknown; // leaves no row out: an instrument that was not named counts in steps, by its id
        unknown.name = "#" + std::to_string(d.instrument.value);
        const auto& instrument = found == instruments.end() ? unknown : found->second;
        lines.push_back({instrument.name, d.strategy, d.number, text(instrument)});
    };
    for (const auto& trade : trades) {
        add(trade.position.decision, [&](const market::Instrument& i) { return tradeCsv(trade, i); });
    }
    for (const auto& signal : signals) {
        add(signal.decision, [&](const market::Instrument& i) { return signalCsv(signal, i); });
    }
    std::ranges::sort(lines, [](const HashedLine& a, const HashedLine& b) { return a.key() < b.key(); });
    base::Sha256 sha;
    for (const auto& line : lines) {
        sha.add(line.text);
        sha.add("\n");
    }
    return sha.hex();
}

} // namespace qd::trading
