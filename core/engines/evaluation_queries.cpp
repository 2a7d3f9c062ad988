#include "engines/evaluation_queries.h"

#include "storage/block_table.h"
#include "storage/null_store.h"
#include "storage/policy_store.h"
#include "storage/trials_store.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>
#include <set>

namespace qd::engines {

using base::Result;

namespace {

/// Everything the evaluations want beside trades, as it is now.
struct Present {
    std::vector<trading::OpenPosition> positions;
    std::map<trading::RowKey, std::string> hashes;
    std::map<std::string, std::uint32_t> tries;
    std::set<base::InstrumentId> left;      // instruments that take no entries any more
    std::vector<trading::NullResult> nulls; // the newest of each strategy
};

Result<Present> readPresent(storage::Database& database, const storage::Instruments& instruments)
{
    auto positions = storage::LedgerStore(database).rosterPositions();
    auto hashes = storage::hashesInForce(database, instruments);
    const auto trials = storage::TrialsStore(database).of({});
    const auto left = storage::leftInstruments(database);
    if (!positions || !hashes) {
        return std::unexpected(positions ? hashes.error() : positions.error());
    }
    if (!trials || !left) {
        return std::unexpected(trials ? left.error() : trials.error());
    }
    auto nulls = storage::NullStore(database).newest();
    if (!nulls) {
        return std::unexpected(nulls.error());
    }
    Present out{std::move(*positions), std::move(*hashes), {}, {left->begin(), left->end()}, std::move(*nulls)};
    for (const auto& trial : *trials) {
        out.tries[trial.strategy] += trial.tries;
    }
    return out;
}

/// On how many instruments each strategy has a row: where it may trade, or has traded.
std::map<std::string, std::size_t> rowsOfStrategies(const trading::TradeBook& book,
                                                    const storage::Instruments& instruments, const Present& present)
{
    std::set<trading::RowKey> rows(book.rows().begin(), book.rows().end());
    std::map<std::string, std::size_t> out;
    for (const auto& info : trading::strategyCatalogue()) {
        out[std::string(info.name)] = 0;
        for (const auto& [id, instrument] : instruments) {
            if (!present.left.contains(id) && trading::runsOn(info, instrument.name)) {
                rows.emplace(std::string(info.name), id);
            }
        }
    }
    for (const auto& [strategy, instrument] : rows) {
        ++out[strategy];
    }
    return out;
}

} // namespace

base::UtcMs EvaluationDesk::now() const
{
    return std::max(known_.newestExit, newestEquity_);
}

Result<void> EvaluationDesk::refresh(storage::Database& database)
{
    const auto readings = known_.readings;
    auto read = known_.refresh(database, storage::Arms::None);
    if (known_.readings != readings) {
        capital_.clear();
        newestEquity_ = {INT64_MIN};
    }
    if (!read) {
        return read;
    }
    const auto time = storage::readCapital(database, newestEquity_, capital_);
    if (!time) {
        return std::unexpected(time.error());
    }
    newestEquity_ = *time;
    return {};
}

trading::Choice EvaluationDesk::choiceOf(trading::RosterReturns returns, const trading::EvaluationLimits& limits,
                                         const base::PolicyValues& policy, std::uint32_t days)
{
    constexpr std::size_t windows = 16; // more are asked for by nobody but a script
    const auto blocks = trading::overfittingBlocks(policy);
    if (choices_.size() > windows) {
        choices_.clear();
    }
    const auto [known, isNew] = choices_.try_emplace(days);
    auto& one = known->second;
    if (isNew || one.of != returns || one.blocks != blocks || one.limits != limits) {
        one = {std::move(returns), blocks, limits, {}};
        one.found = trading::overfittingOf(one.of, limits, blocks);
    }
    auto out = one.found;
    out.doubtfulFrom = base::policyValue(policy, "pbo.doubtful");
    out.overfittedOver = base::policyValue(policy, "pbo.overfitted");
    return out;
}

Result<console::Evaluations> EvaluationDesk::answer(storage::Database& database, const console::AskEvaluations& query,
                                                    const base::PaperPolicy& policy)
{
    Result<Present> present;
    {
        // One moment for all that is read: a position that closes in between would be there twice, or not at all.
        const storage::ReadTransaction moment(database);
        if (!moment.begun()) {
            return std::unexpected(moment.begun().error());
        }
        const auto read = refresh(database);
        present = read ? readPresent(database, known_.instruments) : Result<Present>(std::unexpected(read.error()));
    }
    if (!present) {
        return std::unexpected(present.error());
    }
    std::vector<trading::BookTrade> open;
    for (const auto& position : present->positions) {
        if (const auto instrument = known_.instruments.find(position.decision.instrument);
            instrument != known_.instruments.end()) {
            open.push_back(known_.book.entryOf(position, instrument->second));
        }
    }
    console::Evaluations out;
    out.to = std::max(now(), base::UtcMs{0});
    out.from = query.days == 0
                   ? base::UtcMs{0}
                   : base::bucketStart(out.to, base::oneDay) - static_cast<std::int64_t>(query.days) * base::oneDay;
    const auto rows = rowsOfStrategies(known_.book, known_.instruments, *present);
    auto capital = capital_;
    if (capital.empty()) { // no equity was ever kept: all rows
        std::size_t count = 0;
        for (const auto& [strategy, of] : rows) {
            count += of;
        }
        capital.push_back({base::UtcMs{0}, trading::rosterCapital(count, policy.rowCapital, policy.startEquity)});
    }
    const auto values = storage::PolicyStore(database).values();
    if (!values) {
        return std::unexpected(values.error());
    }
    const auto limits = trading::evaluationLimits(*values);
    auto table = trading::evaluate({.book = known_.book,
                                    .open = open,
                                    .instruments = known_.instruments,
                                    .marks = known_.marks,
                                    .strategies = rows,
                                    .hashes = present->hashes,
                                    .tries = present->tries,
                                    .capital = std::move(capital),
                                    .from = out.from,
                                    .now = out.to,
                                    .rowCapital = policy.rowCapital,
                                    .limits = limits});
    out.strategies = std::move(table.strategies);
    out.rows = std::move(table.rows);
    out.roster = std::move(table.roster);
    out.choice = choiceOf(std::move(table.returns), limits, *values, query.days);
    for (auto& row : out.strategies) {
        const auto null = std::ranges::find(present->nulls, row.strategy, &trading::NullResult::strategy);
        if (null != present->nulls.end() && !null->expectancies.empty() && null->parameterHash == row.parameterHash) {
            row.null = trading::NullFigures{static_cast<std::uint32_t>(null->expectancies.size()), null->real,
                                            null->median, null->p95, null->share};
        }
    }
    return out;
}

} // namespace qd::engines
