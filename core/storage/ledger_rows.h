// The columns that positions, trades and signals share, to and from their statements. Internal to storage.
#pragma once

#include "storage/block_table.h"
#include "trading/closed_trade.h"

#include <string_view>

namespace qd::storage {

/// In the order in which bindDecision() and readDecision() take them.
inline constexpr std::string_view decisionColumns =
    "instrument,strategy,decided_number,parameter_hash,side,decided_"
    "time,decided_half_ticks,stop,target,why,tick_step,lot_step,limit_price";
inline constexpr int decisionCount = 13;
inline constexpr std::string_view positionColumns =
    "size,entry_time,entry_number,entry_price,entry_fee,time_limit,best,worst,has_gap,in_shadow,"
    "parts_size,parts_worth,parts_fees,funding_so_far,on_candles";
inline constexpr int positionCount = 15; // after those of the decision
inline constexpr std::string_view exitColumns =
    "exit_time,exit_number,exit_price,exit_fee,reason,gross,fees,funding,net,exit_half_ticks,optimistic,pessimistic";
inline constexpr int exitCount = 12; // after those of the position

/// Rows that are no arm's of an experiment (trading/arm.h).
inline constexpr std::string_view ofTheRoster = "instr(strategy,'~')=0";

/// Scales as rows name them.
struct StepTexts {
    explicit StepTexts(const Scales& scales) : tick(stepText(scales.tick)), lot(stepText(scales.lot)) {}
    std::string tick;
    std::string lot;
};

// From the parameter `first` on. Texts are bound where they lie: all arguments must outlive the statement's next run().
void bindDecision(Statement& to, const trading::DecisionStamp& decision, const StepTexts& steps, int first = 0);
void bindPosition(Statement& to, const trading::OpenPosition& position, const StepTexts& steps, int first = 0);
void bindTrade(Statement& to, const trading::ClosedTrade& trade, const StepTexts& steps, int first = 0);

/// Reads rows at the present scales, which it asks for once an instrument. One statement at a time.
class LedgerRowReader {
public:
    explicit LedgerRowReader(Database& database) : database_(database) {}
    [[nodiscard]] base::Result<trading::DecisionStamp> decision(const Statement& row);
    [[nodiscard]] base::Result<trading::OpenPosition> position(const Statement& row);
    [[nodiscard]] base::Result<trading::ClosedTrade> trade(const Statement& row);
    /// A decision with its reason behind it.
    [[nodiscard]] base::Result<trading::UntradedSignal> signal(const Statement& row);

private:
    /// From the row's scales to the instrument's present ones.
    [[nodiscard]] base::Result<ScaleChange> changeOf(const Statement& row);
    Database& database_;
    std::map<std::int64_t, SeriesInfo> infos_;
};

[[nodiscard]] base::Result<trading::NotTraded> notTradedOf(std::string_view name);

/// "?,?,…" of `count`.
[[nodiscard]] std::string marks(int count);
/// The lists of columns as one.
[[nodiscard]] std::string columns(std::initializer_list<std::string_view> lists);

/// Every row of `statement`, made by `make` from the row.
template <typename T, typename Make>
base::Result<std::vector<T>> collect(base::Result<Statement>& statement, Make make)
{
    std::vector<T> out;
    while (true) {
        const auto row = statement->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return out;
        }
        base::Result<T> made = make(*statement);
        if (!made) {
            return std::unexpected(made.error());
        }
        out.push_back(std::move(*made));
    }
}

} // namespace qd::storage
