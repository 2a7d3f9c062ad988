#include "app/commands/arguments.h"
#include "app/commands/evaluations.h"

#include "base/known_names.h"
#include "storage/alert_store.h"
#include "storage/database.h"
#include "storage/job_store.h"
#include "storage/journal_store.h"
#include "storage/ledger_store.h"
#include "storage/model_store.h"
#include "storage/policy_store.h"
#include "storage/tick_archive.h"
#include "trading/trading_pipeline.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <map>

namespace qd::app {

namespace {

using base::Result;

struct Context {
    storage::Database& database;
    std::vector<market::Instrument> instruments; // those that were asked for
    storage::TimeRange range;
    market::Timeframe timeframe = market::Timeframe::M1;
    std::uint32_t days = 30;                    // of evaluations; 0: all
    std::vector<storage::MissingBlock> missing; // what could not be read
    bool namesInstrument = false;               // more than one: an `instrument` column stands before the others
};

/// Buffered stdout; tells when the reader of a pipe has gone or the disk is full.
class Output {
public:
    void add(std::string_view text)
    {
        buffer_.append(text);
        if (buffer_.size() > 1 << 20) {
            flush();
        }
    }
    void number(std::int64_t value)
    {
        std::array<char, 24> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        add({digits.data(), static_cast<std::size_t>(end - digits.data())});
    }
    bool flush()
    {
        isGood_ = isGood_ && std::fwrite(buffer_.data(), 1, buffer_.size(), stdout) == buffer_.size();
        buffer_.clear();
        return isGood_;
    }
    [[nodiscard]] bool isGood() const { return isGood_; }

private:
    std::string buffer_;
    bool isGood_ = true;
};

void header(Output& out, const Context& context, std::string_view columns)
{
    out.add(context.namesInstrument ? "instrument," : "");
    out.add(columns);
    out.add("\n");
}

void lead(Output& out, const Context& context, const market::Instrument& instrument)
{
    if (context.namesInstrument) {
        out.add(instrument.name);
        out.add(",");
    }
}

Result<void> exportTicks(Context& context, Output& out)
{
    header(out, context, "trade_id,ts_ms,price,size,side");
    for (const auto& instrument : context.instruments) {
        storage::TickArchive archive(context.database);
        const auto read = archive.read(instrument.id, context.range, [&](std::span<const storage::NumberedTick> ticks) {
            for (const auto& [number, tick] : ticks) {
                lead(out, context, instrument);
                out.number(tick.id);
                out.add(",");
                out.number(tick.time.value);
                out.add(",");
                out.add(instrument.priceText(tick.price));
                out.add(",");
                out.add(instrument.sizeText(tick.size()));
                out.add(tick.signedSize < 0 ? ",sell\n" : ",buy\n");
            }
            return out.isGood();
        });
        if (!read) {
            return read;
        }
        std::ranges::copy(archive.missing(), std::back_inserter(context.missing));
    }
    return {};
}

Result<void> exportQuotes(Context& context, Output& out)
{
    header(out, context, "ts_ms,bid,bid_size,ask,ask_size");
    for (const auto& instrument : context.instruments) {
        storage::TickArchive archive(context.database);
        const auto read =
            archive.readQuotes(instrument.id, context.range, [&](std::span<const storage::NumberedQuote> quotes) {
                for (const auto& [number, quote] : quotes) {
                    lead(out, context, instrument);
                    out.number(quote.time.value);
                    for (const auto& text : {instrument.priceText(quote.bid), instrument.sizeText(quote.bidSize),
                                             instrument.priceText(quote.ask), instrument.sizeText(quote.askSize)}) {
                        out.add(",");
                        out.add(text);
                    }
                    out.add("\n");
                }
                return out.isGood();
            });
        if (!read) {
            return read;
        }
        std::ranges::copy(archive.missing(), std::back_inserter(context.missing));
    }
    return {};
}

Result<void> exportCandles(Context& context, Output& out)
{
    header(out, context, "ts_ms,open,high,low,close,volume,trades,has_gap");
    storage::CandleStore store(context.database);
    for (const auto& instrument : context.instruments) {
        const auto candles = store.read(instrument.id, context.timeframe, context.range, SIZE_MAX);
        if (!candles) {
            return std::unexpected(candles.error());
        }
        for (const auto& candle : *candles) {
            lead(out, context, instrument);
            out.number(candle.start.value);
            for (const auto price : {candle.open, candle.high, candle.low, candle.close}) {
                out.add(",");
                out.add(instrument.priceText(price));
            }
            out.add(",");
            out.add(instrument.sizeText(candle.volume));
            out.add(",");
            out.number(candle.trades);
            out.add(candle.hasGap ? ",1\n" : ",0\n");
        }
    }
    std::ranges::copy(store.missing(), std::back_inserter(context.missing));
    return {};
}

const market::Instrument* find(const Context& context, base::InstrumentId id)
{
    const auto found = std::ranges::find(context.instruments, id, &market::Instrument::id);
    return found == context.instruments.end() ? nullptr : &*found;
}

Result<void> exportTrades(Context& context, Output& out)
{
    out.add(trading::tradeCsvHeader() + "\n");
    const auto trades = storage::LedgerStore(context.database).trades(context.range);
    if (!trades) {
        return std::unexpected(trades.error());
    }
    for (const auto& trade : *trades) {
        if (const auto* instrument = find(context, trade.position.decision.instrument)) {
            out.add(trading::tradeCsv(trade, *instrument) + "\n");
        }
    }
    return {};
}

Result<void> exportSignals(Context& context, Output& out)
{
    out.add(trading::signalCsvHeader() + "\n");
    const auto signals = storage::LedgerStore(context.database).signals(context.range);
    if (!signals) {
        return std::unexpected(signals.error());
    }
    for (const auto& signal : *signals) {
        if (const auto* instrument = find(context, signal.decision.instrument)) {
            out.add(trading::signalCsv(signal, *instrument) + "\n");
        }
    }
    return {};
}

Result<void> exportGaps(Context& context, Output& out)
{
    out.add("instrument,from_ms,to_ms,cause,found,missing,measure\n");
    const auto gaps = storage::LedgerStore(context.database).gaps(context.range);
    if (!gaps) {
        return std::unexpected(gaps.error());
    }
    for (const auto& gap : *gaps) {
        if (const auto* instrument = find(context, gap.instrument)) {
            out.add(instrument->name + ",");
            out.number(gap.from.value);
            out.add(",");
            out.number(gap.to.value);
            out.add(std::string(",") + market::name(gap.cause) + ",");
            out.number(gap.found);
            out.add("," + (gap.missing ? instrument->sizeText(*gap.missing) : std::string()) + ",");
            out.add(market::name(gap.measure));
            out.add("\n");
        }
    }
    return {};
}

Result<void> exportEvaluations(Context& context, Output& out)
{
    const auto all = readEvaluations(context.database, context.days);
    if (!all) {
        return std::unexpected(all.error());
    }
    out.add(evaluationsCsv(*all));
    return {};
}

/// A field as CSV: quoted where it must be.
std::string csvField(std::string_view text)
{
    if (text.find_first_of("\",\r\n") == std::string_view::npos) {
        return std::string(text);
    }
    std::string out = "\"";
    for (const char c : text) {
        out += c == '"' ? "\"\"" : std::string(1, c);
    }
    return out + "\"";
}

Result<void> exportJournal(Context& context, Output& out)
{
    out.add("id,ts_ms,by,what,why,evidence,changes,undoes\n");
    const auto rows = storage::JournalStore(context.database).after(0);
    if (!rows) {
        return std::unexpected(rows.error());
    }
    for (const auto& row : *rows) {
        if (row.time < context.range.from || context.range.to < row.time) {
            continue;
        }
        out.number(row.id);
        out.add(",");
        out.number(row.time.value);
        for (const auto& field : {row.by, row.what, row.why, row.evidence, governance::text(row.changes)}) {
            out.add("," + csvField(field));
        }
        out.add("," + (row.undoes ? std::to_string(*row.undoes) : std::string()) + "\n");
    }
    return {};
}

Result<void> exportModels(Context& context, Output& out)
{
    out.add("version,stage,stage_since_ms,trained_ms,knows_ms,quality,low,high,rows,verdict,flags,signed_off,"
            "spans_regimes,features,bytes_hash,why\n");
    const auto models = storage::ModelStore(context.database).all();
    if (!models) {
        return std::unexpected(models.error());
    }
    const auto real = [](const std::optional<double>& value) {
        return value ? base::policyNumber(*value) : std::string();
    };
    const auto words = [](const std::set<learning::Detector>& detectors) {
        std::string text;
        for (const auto detector : detectors) {
            text.append(text.empty() ? "" : "|").append(learning::name(detector));
        }
        return text;
    };
    for (const auto& [record, why, shares] : *models) {
        const auto& quality = record.quality;
        out.add(csvField(governance::versionName(record.name.key, record.name.number)) + "," +
                std::string(governance::name(record.stage)));
        for (const auto time : {record.stageSince, record.trained, record.knows}) {
            out.add(",");
            out.number(time.value);
        }
        out.add("," + real(quality.value ? std::optional(*quality.value) : std::nullopt) + "," +
                real(quality.interval ? std::optional(quality.interval->lower) : std::nullopt) + "," +
                real(quality.interval ? std::optional(quality.interval->upper) : std::nullopt) + "," +
                std::to_string(record.rows) + "," + std::string(learning::name(record.verdict)) + "," +
                words(record.flags) + "," + words(record.signedOff) + "," + (record.spansRegimes ? "1" : "0") + "," +
                record.featureSet + "," + record.bytesHash + "," + csvField(why) + "\n");
    }
    return {};
}

Result<void> exportJobs(Context& context, Output& out)
{
    out.add("run,job,trigger,state,staged_ms,begun_ms,ended_ms,awake_ms,result\n");
    auto runs = storage::JobStore(context.database).runs({}, SIZE_MAX / 2);
    if (!runs) {
        return std::unexpected(runs.error());
    }
    std::ranges::reverse(*runs);
    const auto time = [](const std::optional<base::UtcMs>& at) { return at ? std::to_string(at->value) : ""; };
    for (const auto& run : *runs) {
        if (run.staged < context.range.from || run.staged > context.range.to) {
            continue;
        }
        out.number(run.id);
        out.add("," + csvField(run.job) + "," + csvField(run.trigger) + "," + std::string(governance::name(run.state)) +
                "," + time(run.staged) + "," + time(run.begun) + "," + time(run.ended) + "," +
                std::to_string(run.awake.count()) + "," + csvField(run.result) + "\n");
    }
    return {};
}

Result<void> exportAlerts(Context& context, Output& out)
{
    out.add("alert,cause,rule,told_when,title,detail,busiest,opened_ms,told_ms,told_by,acknowledged_ms,"
            "snoozed_until_ms,ended_ms\n");
    auto alerts = storage::AlertStore(context.database).newest(SIZE_MAX / 2);
    if (!alerts) {
        return std::unexpected(alerts.error());
    }
    std::ranges::reverse(*alerts);
    const auto time = [](const std::optional<base::UtcMs>& at) { return at ? std::to_string(at->value) : ""; };
    for (const auto& alert : *alerts) {
        if (alert.opened < context.range.from || alert.opened > context.range.to) {
            continue;
        }
        out.number(alert.id);
        out.add("," + csvField(alert.cause) + "," + csvField(alert.rule) + "," +
                std::string(health::name(alert.telling)));
        for (const auto& text : {alert.title, alert.detail, alert.suspects}) {
            out.add("," + csvField(text));
        }
        out.add("," + time(alert.opened) + "," + time(alert.told) + "," + csvField(alert.toldBy) + "," +
                time(alert.acknowledged) + "," + time(alert.snoozedUntil) + "," + time(alert.cleared) + "\n");
    }
    return {};
}

Result<void> exportPolicy(Context& context, Output& out)
{
    out.add("name,value\n");
    storage::PolicyStore policy(context.database);
    const auto numbers = policy.values();
    const auto texts = policy.texts();
    if (!numbers || !texts) {
        return std::unexpected(numbers ? texts.error() : numbers.error());
    }
    std::map<std::string, std::string> all(texts->begin(), texts->end());
    for (const auto& [name, value] : *numbers) {
        all[name] = base::policyNumber(value);
    }
    for (const auto& [name, value] : all) {
        out.add(csvField(name) + "," + csvField(value) + "\n");
    }
    return {};
}

struct Subject {
    std::string_view name;
    Result<void> (*write)(Context&, Output&);
};

constexpr std::array subjects{Subject{"ticks", exportTicks},
                              Subject{"quotes", exportQuotes},
                              Subject{"candles", exportCandles},
                              Subject{"trades", exportTrades},
                              Subject{"signals", exportSignals},
                              Subject{"gaps", exportGaps},
                              Subject{"evaluations", exportEvaluations},
                              Subject{"journal", exportJournal},
                              Subject{"models", exportModels},
                              Subject{"jobs", exportJobs},
                              Subject{"alerts", exportAlerts},
                              Subject{"policy", exportPolicy}};

Result<void> choose(Context& context, const std::vector<std::string>& wanted)
{
    auto all = storage::InstrumentStore(context.database).all();
    if (!all) {
        return std::unexpected(all.error());
    }
    for (const auto& name : wanted) {
        const auto found = std::ranges::find(*all, name, &market::Instrument::name);
        if (found == all->end()) {
            return base::fail(
                base::ErrorCode::NotFound, name,
                base::unknownAmong("this database has no such instrument", name, *all, &market::Instrument::name));
        }
        context.instruments.push_back(*found);
    }
    if (wanted.empty()) {
        context.instruments = std::move(*all);
    }
    context.namesInstrument = context.instruments.size() != 1;
    return {};
}

} // namespace

int exportCommand(const QStringList& arguments)
{
    Arguments given(
        QStringLiteral(
            "export ticks|candles|quotes|trades|signals|gaps|evaluations|journal|models|jobs|alerts|policy [options]"),
        QStringLiteral("CSV on stdout. Prices and sizes are exact, as the exchange or the file gave them."));
    given.parser().addOptions(
        {{QStringLiteral("instrument"), QStringLiteral("Only these."), QStringLiteral("A,B")},
         {QStringLiteral("timeframe"), QStringLiteral("Of candles."), QStringLiteral("TF"), QStringLiteral("1m")},
         {QStringLiteral("window"), QStringLiteral("Of evaluations: the newest days; 0: all."), QStringLiteral("DAYS"),
          QStringLiteral("30")},
         {QStringLiteral("from"), QStringLiteral("First time."), QStringLiteral("T")},
         {QStringLiteral("to"), QStringLiteral("Last time."), QStringLiteral("T")}});
    given.parser().addPositionalArgument(
        QStringLiteral("what"),
        QStringLiteral("ticks, candles, quotes, trades, signals, gaps, evaluations, journal, models, jobs, alerts, "
                       "policy"));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto words = given.parser().positionalArguments();
    const auto subject =
        words.size() == 1 ? std::ranges::find(subjects, words[0].toStdString(), &Subject::name) : subjects.end();
    if (subject == subjects.end()) {
        return reportUsage("export wants one of: ticks, candles, quotes, trades, signals, gaps, evaluations, journal, "
                           "models, jobs, alerts, policy");
    }
    auto database = openToRead(given);
    if (!database) {
        return database.error();
    }
    Context context{.database = *database, .instruments = {}, .range = {}, .missing = {}};
    const auto timeframe = timeframeNamed(given.value("timeframe"));
    if (!timeframe) {
        return reportUsage("--timeframe is 1m, 5m, 15m, 1h or 4h");
    }
    context.timeframe = *timeframe;
    const auto days = daysNamed(given);
    if (!days) {
        return reportUsage("--window wants a whole number of days; 0 is all");
    }
    context.days = *days;
    for (auto [name, target] : {std::pair{"from", &context.range.from}, std::pair{"to", &context.range.to}}) {
        if (given.isSet(name)) {
            const auto time = base::parseUtc(given.value(name));
            if (!time) {
                return reportUsage(base::sentence(time.error()));
            }
            *target = *time;
        }
    }
    if (auto chosen = choose(context, given.list("instrument")); !chosen) {
        return report(chosen.error());
    }
    Output out;
    if (auto written = subject->write(context, out); !written) {
        return report(written.error());
    }
    if (!out.flush()) {
        return report({base::ErrorCode::Io, "stdout", "it could not be written to the end"});
    }
    return reportDamage(context.missing);
}

} // namespace qd::app
