#include "app/commands/evaluations.h"

#include "engines/evaluation_queries.h"
#include "engines/in_force.h"
#include "storage/instrument_store.h"
#include "storage/policy_store.h"

#include <array>
#include <charconv>
#include <cmath>

namespace qd::app {

namespace {

std::string text(double value)
{
    std::array<char, 40> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return {digits.data(), end};
}
std::string text(const statistics::Measure& measure)
{
    return measure ? text(*measure) : std::string();
}
std::string money(base::Money amount)
{
    return text(base::toUsdt(amount));
}
std::string ends(const statistics::Defined<statistics::Interval>& interval)
{
    return interval ? text(interval->lower) + ',' + text(interval->upper) : ",";
}

std::string line(const trading::Evaluation& row, const std::string& instrument, const char* kind)
{
    std::string out = kind;
    const auto add = [&](const std::string& field) { out += ',' + field; };
    add(row.strategy);
    add(instrument);
    add(row.parameterHash);
    add(std::to_string(row.trades));
    add(std::to_string(row.won));
    add(std::to_string(row.inShadow));
    add(text(row.winRate));
    add(ends(row.winInterval));
    add(text(row.profitFactor));
    add(text(row.expectancy));
    add(ends(row.expectancyInterval));
    add(money(row.net));
    add(money(row.optimistic));
    add(money(row.pessimistic));
    add(money(row.capital));
    add(text(row.maxDrawdown));
    add(text(row.sharpe.annual));
    add(ends(row.sharpe.interval));
    add(row.sharpe.isProvisional ? "provisional" : row.sharpe.annual ? "daily" : "");
    add(std::to_string(row.sharpe.days));
    add(text(row.psr));
    add(text(row.deflated));
    add(text(row.tries));
    add(text(row.medianHoldSeconds));
    return out + '\n';
}

} // namespace

std::string ReadEvaluations::nameOf(const trading::Evaluation& row) const
{
    const auto found = row.instrument ? names.find(*row.instrument) : names.end();
    return found == names.end() ? std::string() : found->second;
}

std::optional<std::uint32_t> daysNamed(const Arguments& given)
{
    constexpr double most = 36'500;
    const auto window = given.number("window", 0);
    return window && *window == std::floor(*window) && *window <= most
               ? std::optional(static_cast<std::uint32_t>(*window))
               : std::nullopt;
}

base::Result<ReadEvaluations> readEvaluations(storage::Database& database, std::uint32_t days)
{
    ReadEvaluations out;
    const auto policy = engines::policyInForce(database, base::defaultPaperPolicy());
    auto figures = policy ? engines::EvaluationDesk().answer(database, {.days = days}, *policy)
                          : base::Result<console::Evaluations>(std::unexpected(policy.error()));
    const auto least = storage::PolicyStore(database).get("sharpe.min_trades");
    const auto instruments = storage::InstrumentStore(database).all();
    if (!figures || !least || !instruments) {
        return std::unexpected(!figures ? figures.error() : !least ? least.error() : instruments.error());
    }
    out.sharpeMinTrades = static_cast<std::uint32_t>(*least);
    out.figures = std::move(*figures);
    for (const auto& instrument : *instruments) {
        out.names.emplace(instrument.id, instrument.name);
    }
    return out;
}

std::string evaluationsCsv(const ReadEvaluations& all)
{
    std::string out = "of,strategy,instrument,parameter_hash,trades,won,in_shadow,win_rate,win_low,win_high,"
                      "profit_factor,expectancy,expectancy_low,expectancy_high,net_usdt,optimistic_usdt,"
                      "pessimistic_usdt,capital_usdt,max_drawdown,sharpe,sharpe_low,sharpe_high,sharpe_kind,"
                      "sharpe_n,psr,deflated,tries,median_hold_s\n";
    out += line(all.figures.roster, {}, "roster");
    for (const auto& row : all.figures.strategies) {
        out += line(row, {}, "strategy");
    }
    for (const auto& row : all.figures.rows) {
        out += line(row, all.nameOf(row), "row");
    }
    return out;
}

} // namespace qd::app
