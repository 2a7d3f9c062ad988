// The ledger as text: the CSV lines of `export`, and the hash over them.
#include "base/sha256.h"
#include "trading/trading_pipeline.h"

#include <algorithm>
#include <tuple>

namespace qd::trading {

namespace {

const base::Scale& moneyScale()
{
    static const auto scale = base::Scale::ofDecimals(8);
    return scale;
}

class Line {
public:
    Line& operator<<(std::string_view field)
    {
        text_.append(isFirst_ ? "" : ",").append(field);
        isFirst_ = false;
        return *this;
    }
    Line& operator<<(std::int64_t field) { return *this << std::to_string(field); }
    Line& operator<<(Money field) { return *this << moneyScale().text(field.value); }
    /// In quotes, with quotes doubled, where the text holds a comma, a quote or a line end.
    Line& quoted(std::string_view field)
    {
        if (field.find_first_of(",\"\n\r") == std::string_view::npos) {
            return *this << field;
        }
        std::string inside;
        for (const char c : field) {
            inside.append(c == '"' ? "\"\"" : std::string_view(&c, 1));
        }
        return *this << "\"" + inside + "\"";
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::string text_;
    bool isFirst_ = true;
};

// Twice ticks as a decimal: halves of a tick are exact on a scale that is ten times finer.
std::string halfTickText(std::int64_t halfTicks, const market::Instrument& instrument)
{
    const auto step = instrument.tick.step();
    const auto finer = base::multiply(step, {5, -1});
    const auto scale = finer ? base::Scale::ofStep(*finer) : base::Scale::ofStep(step);
    return scale ? scale->text(halfTicks) : std::string();
}

void addDecision(Line& line, const DecisionStamp& d, const market::Instrument& instrument)
{
    line.quoted(instrument.name) << d.strategy << d.parameterHash << (d.side == Side::Buy ? "long" : "short")
                                 << d.number.value << d.time.value << halfTickText(d.decisionPriceHalfTicks, instrument)
                                 << instrument.priceText(d.stop) << instrument.priceText(d.target)
                                 << (d.limit ? instrument.priceText(*d.limit) : std::string());
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

std::string tradeCsv(const ClosedTrade& trade, const market::Instrument& instrument)
{
    const auto& p = trade.position;
    Line line;
    addDecision(line, p.decision, instrument);
    line << instrument.sizeText(p.size) << p.entry.number.value << p.entry.time.value
         << instrument.priceText(p.entry.price) << trade.exit.number.value << trade.exit.time.value
         << instrument.priceText(trade.exit.price) << name(trade.reason) << p.timeLimit.value
         << instrument.priceText(p.best) << instrument.priceText(p.worst) << trade.gross << trade.fees << trade.funding
         << trade.net << std::string_view(p.hasGap ? "1" : "0") << std::string_view(p.inShadow ? "1" : "0")
         << instrument.sizeText(p.closedSize) << p.closedWorth << std::string_view(p.onCandles ? "1" : "0");
    return line.quoted(p.decision.why).take();
}

std::string signalCsvHeader()
{
    return std::string(decisionColumns) + ",not_traded,why";
}

std::string signalCsv(const UntradedSignal& signal, const market::Instrument& instrument)
{
    Line line;
    addDecision(line, signal.decision, instrument);
    line << name(signal.reason);
    return line.quoted(signal.decision.why).take();
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
