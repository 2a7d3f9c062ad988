#include "storage/trade_pages.h"

#include "storage/ledger_rows.h"

#include <algorithm>

namespace qd::storage {

using base::Result;
using trading::TradeOrder;
using trading::TradeResult;

namespace {

constexpr std::uint32_t mostRows = 1'000;

/// A condition of a query and how its values are bound, in the order in which they were added.
class Filter {
public:
    void add(std::string condition) { where_ += (where_.empty() ? " WHERE " : " AND ") + std::move(condition); }
    void add(std::string condition, std::int64_t value)
    {
        add(std::move(condition));
        values_.emplace_back(value);
    }
    void add(std::string condition, std::string_view text)
    {
        add(std::move(condition));
        values_.emplace_back(text);
    }
    [[nodiscard]] const std::string& where() const { return where_; }
    /// The number of the next parameter.
    int bind(Statement& to) const
    {
        int at = 0;
        for (const auto& value : values_) {
            std::visit([&](const auto& v) { to.bind(at++, v); }, value);
        }
        return at;
    }

private:
    std::string where_;
    std::vector<std::variant<std::int64_t, std::string_view>> values_; // texts of the query, which outlives this
};

Filter filterOf(const trading::TradeFilter& wish)
{
    Filter out;
    if (!wish.strategy.empty()) {
        out.add("strategy=?", wish.strategy);
    } else {
        out.add(std::string(ofTheRoster));
    }
    if (wish.instrument) {
        out.add("instrument=?", wish.instrument->value);
    }
    if (wish.reason) {
        out.add("reason=?", trading::name(*wish.reason));
    }
    if (wish.result != TradeResult::Any) {
        out.add(wish.result == TradeResult::Won ? "net>0" : "net<0");
    }
    if (!wish.withShadow) {
        out.add("in_shadow=0");
    }
    if (!wish.parameterHash.empty()) {
        out.add("parameter_hash=?", wish.parameterHash);
    }
    if (wish.from) {
        out.add("exit_time>=?", wish.from->value);
    }
    if (wish.to) {
        out.add("exit_time<=?", wish.to->value);
    }
    return out;
}

/// In the order of the enumeration. A position's notional goes with price × size; the instrument's lot is the same in
/// both, and rows of one screen are compared by what they return on it.
std::string_view keyOf(TradeOrder order)
{
    switch (order) {
    case TradeOrder::Exit:
        break;
    case TradeOrder::Strategy:
        return "strategy";
    case TradeOrder::Instrument:
        return "(SELECT name FROM instruments WHERE instruments.id=trades.instrument)";
    case TradeOrder::Side:
        return "side";
    case TradeOrder::Net:
        return "net";
    case TradeOrder::Return: // as a share of what was paid at the entry, without costs' shares: sign and size agree
        return "side*(exit_price-entry_price)*1.0/entry_price";
    case TradeOrder::Held:
        return "exit_time-entry_time";
    case TradeOrder::Reason:
        return "reason";
    }
    return "exit_time";
}

Result<std::uint64_t> count(Database& database, std::string_view table, const Filter& filter)
{
    auto rows = database.prepare("SELECT count(*) FROM " + std::string(table) + filter.where());
    if (!rows) {
        return std::unexpected(rows.error());
    }
    filter.bind(*rows);
    const auto row = rows->step();
    return row ? Result<std::uint64_t>(static_cast<std::uint64_t>(rows->integer(0))) : std::unexpected(row.error());
}

std::string tradeColumns()
{
    return columns({decisionColumns, positionColumns, exitColumns});
}

} // namespace

Result<trading::TradesPage> tradesPage(Database& database, const trading::AskTrades& query)
{
    const auto filter = filterOf(query.filter);
    const auto total = count(database, "trades", filter);
    if (!total) {
        return std::unexpected(total.error());
    }
    const std::string direction = query.isDescending ? " DESC" : " ASC";
    auto rows = database.prepare("SELECT " + tradeColumns() + " FROM trades" + filter.where() + " ORDER BY " +
                                 std::string(keyOf(query.order)) + direction + ",exit_time" + direction + ",id" +
                                 direction + " LIMIT ? OFFSET ?");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    const int at = filter.bind(*rows);
    rows->bind(at, std::int64_t{std::min(query.limit, mostRows)}).bind(at + 1, static_cast<std::int64_t>(query.offset));
    LedgerRowReader reader(database);
    auto found = collect<trading::ClosedTrade>(rows, [&](const Statement& row) { return reader.trade(row); });
    if (!found) {
        return std::unexpected(found.error());
    }
    return trading::TradesPage{*total, query.offset, std::move(*found)};
}

Result<trading::SignalsPage> signalsPage(Database& database, const trading::AskSignals& query)
{
    Filter filter;
    if (!query.strategy.empty()) {
        filter.add("strategy=?", query.strategy);
    } else {
        filter.add(std::string(ofTheRoster));
    }
    if (query.instrument) {
        filter.add("instrument=?", query.instrument->value);
    }
    auto reasons = database.prepare("SELECT reason,count(*) FROM signals" + filter.where() + " GROUP BY reason");
    if (!reasons) {
        return std::unexpected(reasons.error());
    }
    filter.bind(*reasons);
    trading::SignalsPage out;
    while (true) {
        const auto row = reasons->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            break;
        }
        const auto reason = notTradedOf(reasons->text(0));
        if (!reason) {
            return std::unexpected(reason.error());
        }
        out.byReason[*reason] = static_cast<std::uint64_t>(reasons->integer(1));
        out.total += out.byReason[*reason];
    }
    auto rows = database.prepare("SELECT " + columns({decisionColumns, "reason"}) + " FROM signals" + filter.where() +
                                 " ORDER BY decided_time DESC,id DESC LIMIT ? OFFSET ?");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    const int at = filter.bind(*rows);
    rows->bind(at, std::int64_t{std::min(query.limit, mostRows)}).bind(at + 1, static_cast<std::int64_t>(query.offset));
    LedgerRowReader reader(database);
    auto found = collect<trading::UntradedSignal>(rows, [&](const Statement& row) { return reader.signal(row); });
    if (!found) {
        return std::unexpected(found.error());
    }
    out.rows = std::move(*found);
    return out;
}

Result<trading::ClosedTrade> tradeOf(Database& database, base::InstrumentId instrument, std::string_view strategy,
                                     base::StreamNumber decision)
{
    auto rows = database.prepare("SELECT " + tradeColumns() +
                                 " FROM trades WHERE instrument=? AND strategy=? AND decided_number=?");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, instrument.value).bind(1, strategy).bind(2, decision.value);
    const auto row = rows->step();
    if (!row) {
        return std::unexpected(row.error());
    }
    return *row ? LedgerRowReader(database).trade(*rows)
                : base::fail(base::ErrorCode::NotFound, std::string(strategy), "no such closed trade is stored");
}

Result<std::vector<trading::ClosedTrade>> tradesOf(Database& database, const trading::TradeFilter& filter)
{
    const auto wanted = filterOf(filter);
    auto rows =
        database.prepare("SELECT " + tradeColumns() + " FROM trades" + wanted.where() + " ORDER BY exit_time,id");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    wanted.bind(*rows);
    LedgerRowReader reader(database);
    return collect<trading::ClosedTrade>(rows, [&](const Statement& row) { return reader.trade(row); });
}

Result<std::vector<trading::ClosedTrade>> limitTrades(Database& database)
{
    auto rows = database.prepare("SELECT " + tradeColumns() + " FROM trades WHERE limit_price IS NOT NULL AND " +
                                 std::string(ofTheRoster) + " ORDER BY id");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    LedgerRowReader reader(database);
    return collect<trading::ClosedTrade>(rows, [&](const Statement& row) { return reader.trade(row); });
}

Result<std::vector<trading::UntradedSignal>> signalsNotFilled(Database& database)
{
    auto rows = database.prepare("SELECT " + columns({decisionColumns, "reason"}) +
                                 " FROM signals WHERE reason=? AND limit_price IS NOT NULL AND " +
                                 std::string(ofTheRoster) + " ORDER BY id");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, trading::name(trading::NotTraded::NotFilled));
    LedgerRowReader reader(database);
    return collect<trading::UntradedSignal>(rows, [&](const Statement& row) { return reader.signal(row); });
}

Result<TradesSince> tradesAfter(Database& database, std::int64_t row)
{
    constexpr int idAt = decisionCount + positionCount + exitCount;
    auto rows = database.prepare("SELECT " + tradeColumns() + ",id FROM trades WHERE id>? AND " +
                                 std::string(ofTheRoster) + " ORDER BY id");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, row);
    LedgerRowReader reader(database);
    TradesSince out{.rows = {}, .newest = row};
    auto found = collect<trading::ClosedTrade>(rows, [&](const Statement& one) {
        out.newest = one.integer(idAt);
        return reader.trade(one);
    });
    if (!found) {
        return std::unexpected(found.error());
    }
    out.rows = std::move(*found);
    return out;
}

} // namespace qd::storage
