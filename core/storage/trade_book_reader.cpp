#include "storage/trade_book_reader.h"

#include "storage/experiment_store.h"
#include "storage/ledger_rows.h"
#include "trading/strategy_catalogue.h"

#include <optional>

namespace qd::storage {

using base::ErrorCode;
using base::Result;

namespace {

/// Every row of a statement; `use` answers whether it went well.
template <typename Use>
Result<void> eachRow(Result<Statement> statement, Use use)
{
    if (!statement) {
        return std::unexpected(statement.error());
    }
    while (true) {
        const auto row = statement->step();
        if (!row || !*row) {
            return row ? Result<void>{} : std::unexpected(row.error());
        }
        if (Result<void> used = use(*statement); !used) {
            return used;
        }
    }
}

/// From the scales of rows to the present ones; remembers those of the row before, as they hardly ever change.
class Scaling {
public:
    explicit Scaling(const market::Instrument& present) : present_{present.tick, present.lot} {}
    [[nodiscard]] Result<const ScaleChange*> of(std::string_view tick, std::string_view lot)
    {
        if (!change_ || tick != tick_ || lot != lot_) {
            const auto tickScale = scaleOf(tick);
            const auto lotScale = scaleOf(lot);
            if (!tickScale || !lotScale) {
                return base::fail(ErrorCode::Damaged, "trades", "the scales of a row are no numbers");
            }
            tick_ = tick;
            lot_ = lot;
            change_ = ScaleChange({*tickScale, *lotScale}, present_);
        }
        return &*change_;
    }

private:
    Scales present_;
    std::string tick_;
    std::string lot_;
    std::optional<ScaleChange> change_;
};

} // namespace

Result<std::int64_t> readTrades(Database& database, std::int64_t after, const Instruments& instruments,
                                trading::TradeBook& book, Arms arms)
{
    const auto wanted = std::string(ofTheRoster) +
                        (arms == Arms::None ? ""
                                            : " OR strategy IN (SELECT subject||'~'||id||'b' FROM experiments WHERE "
                                              "outcome='" +
                                                  std::string(outcomePromoted) + "')");
    auto rows = database.prepare(
        "SELECT id,instrument,strategy,parameter_hash,side,size,entry_time,entry_price,entry_fee,in_shadow,exit_time,"
        "net,ifnull(optimistic,net),ifnull(pessimistic,net),tick_step,lot_step FROM trades WHERE id>? AND (" +
        wanted + ") ORDER BY id");
    if (rows) {
        rows->bind(0, after);
    }
    std::map<base::InstrumentId, Scaling> scalings;
    std::int64_t newest = after;
    const auto read = eachRow(std::move(rows), [&](const Statement& row) -> Result<void> {
        newest = row.integer(0);
        const auto instrument = instruments.find({row.integer(1)});
        if (instrument == instruments.end()) {
            return {};
        }
        const auto change =
            scalings.try_emplace(instrument->first, instrument->second).first->second.of(row.text(14), row.text(15));
        if (!change) {
            return std::unexpected(change.error());
        }
        trading::BookTrade trade{.row = book.rowOf(row.text(2).substr(0, row.text(2).find('~')), instrument->first),
                                 .hash = book.hashOf(row.text(3)),
                                 .entered = {row.integer(6)},
                                 .left = {row.integer(10)},
                                 .entry = {row.integer(7)},
                                 .size = {row.integer(5)},
                                 .entryFee = {row.integer(8)},
                                 .notional = {},
                                 .net = {row.integer(11)},
                                 .optimistic = {row.integer(12)},
                                 .pessimistic = {row.integer(13)},
                                 .inShadow = row.integer(9) != 0};
        if (!(*change)->toPrice(trade.entry.value) || !(*change)->toSize(trade.size.value)) {
            return base::fail(ErrorCode::NotOnScale, std::string(row.text(2)) + " on " + instrument->second.name,
                              "a trade was written with steps that the present ones cannot express");
        }
        trade.notional = instrument->second.notional(trade.entry, trade.size).value_or(base::Money{});
        if (row.integer(4) < 0) {
            trade.size = -trade.size;
        }
        book.add(trade);
        return {};
    });
    return read ? Result<std::int64_t>(newest) : std::unexpected(read.error());
}

Result<void> readMarks(CandleStore& candles, base::InstrumentId instrument, trading::MidnightMarks& marks)
{
    constexpr auto timeframe = market::Timeframe::H4;
    const auto from = marks.settled().value == INT64_MIN ? base::UtcMs{INT64_MIN} : marks.settled() - base::oneDay;
    const auto all = candles.read(instrument, timeframe, {.from = from}, SIZE_MAX);
    if (!all) {
        return std::unexpected(all.error());
    }
    for (const auto& candle : *all) {
        marks.add(candle.start, market::length(timeframe), candle.close);
    }
    return {};
}

Result<std::map<trading::RowKey, std::string>> hashesInForce(Database& database, const Instruments& instruments,
                                                             std::map<trading::RowKey, base::StreamNumber>* since)
{
    std::map<trading::RowKey, std::string> out;
    for (const auto& info : trading::strategyCatalogue()) {
        const auto hash = trading::ParameterSet(info.name, info.parameters).hash();
        for (const auto& [id, instrument] : instruments) {
            if (trading::runsOn(info, instrument.name)) {
                out.emplace(trading::RowKey(std::string(info.name), id), hash);
            }
        }
    }
    std::map<trading::RowKey, trading::ParameterSet> changed;
    const auto read =
        eachRow(database.prepare(
                    "SELECT instrument,strategy,parameters,number FROM switch_inputs WHERE kind='parameters' ORDER BY "
                    "instrument,number,id"),
                [&](const Statement& row) -> Result<void> {
                    const trading::RowKey key(std::string(row.text(1)), {row.integer(0)});
                    if (const auto* info = trading::findStrategy(key.first); info != nullptr && out.contains(key)) {
                        auto& set = changed.try_emplace(key, info->name, info->parameters).first->second;
                        (void)set.setText(row.text(2)); // one that is not legal any more never came into force
                        out[key] = set.hash();
                        if (since != nullptr) {
                            (*since)[key] = {row.integer(3)};
                        }
                    }
                    return {};
                });
    return read ? Result<std::map<trading::RowKey, std::string>>(std::move(out)) : std::unexpected(read.error());
}

Result<base::UtcMs> readCapital(Database& database, base::UtcMs after, std::vector<trading::CapitalChange>& changes)
{
    auto rows = database.prepare("SELECT time,capital FROM equity WHERE time>? ORDER BY time");
    if (rows) {
        rows->bind(0, after.value);
    }
    auto newest = after;
    const auto read = eachRow(std::move(rows), [&](const Statement& row) -> Result<void> {
        newest = {row.integer(0)};
        if (changes.empty() || changes.back().capital.value != row.integer(1)) {
            changes.push_back({newest, {row.integer(1)}});
        }
        return {};
    });
    return read ? Result<base::UtcMs>(newest) : std::unexpected(read.error());
}

Result<std::map<trading::RowKey, base::StreamNumber>> newestDecisions(Database& database)
{
    std::map<trading::RowKey, base::StreamNumber> out;
    const auto read = eachRow(database.prepare("SELECT strategy,instrument,max(decided_number) FROM trades WHERE " +
                                               std::string(ofTheRoster) + " GROUP BY strategy,instrument"),
                              [&](const Statement& row) -> Result<void> {
                                  out[trading::RowKey(std::string(row.text(0)), {row.integer(1)})] = {row.integer(2)};
                                  return {};
                              });
    return read ? Result<std::map<trading::RowKey, base::StreamNumber>>(std::move(out)) : std::unexpected(read.error());
}

Result<std::map<std::string, std::uint64_t>> untradedSignals(Database& database)
{
    std::map<std::string, std::uint64_t> out;
    const auto read = eachRow(database.prepare("SELECT strategy,count(*) FROM signals WHERE " +
                                               std::string(ofTheRoster) + " GROUP BY strategy"),
                              [&](const Statement& row) -> Result<void> {
                                  out[std::string(row.text(0))] = static_cast<std::uint64_t>(row.integer(1));
                                  return {};
                              });
    return read ? Result<std::map<std::string, std::uint64_t>>(std::move(out)) : std::unexpected(read.error());
}

Result<std::vector<base::InstrumentId>> leftInstruments(Database& database)
{
    std::map<std::int64_t, bool> takesEntries;
    const auto read = eachRow(
        database.prepare("SELECT instrument,enabled FROM switch_inputs WHERE kind='entries' ORDER BY number,id"),
        [&](const Statement& row) -> Result<void> {
            takesEntries[row.integer(0)] = row.integer(1) != 0;
            return {};
        });
    if (!read) {
        return std::unexpected(read.error());
    }
    std::vector<base::InstrumentId> out;
    for (const auto& [id, takes] : takesEntries) {
        if (!takes) {
            out.push_back({id});
        }
    }
    return out;
}

} // namespace qd::storage
