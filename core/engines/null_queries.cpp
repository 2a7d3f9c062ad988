#include "engines/null_queries.h"

#include "engines/in_force.h"
#include "engines/noise_null_run.h"
#include "storage/null_store.h"
#include "storage/policy_store.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <thread>

namespace qd::engines {

using base::Result;

namespace {

console::NullRow tableRow(trading::NullResult row)
{
    return {.strategy = std::move(row.strategy),
            .parameterHash = std::move(row.parameterHash),
            .time = row.time,
            .seeds = row.seeds,
            .real = row.real ? statistics::Measure(*row.real) : std::unexpected(statistics::Undefined::NoTrades),
            .figures = {static_cast<std::uint32_t>(row.expectancies.size()), row.real, row.median, row.p95, row.share},
            .expectancies = std::move(row.expectancies)};
}

} // namespace

bool hasCompared(const trading::NullResult& result)
{
    return result.real && !result.expectancies.empty();
}

Result<console::NullTable> nullTable(storage::Database& database)
{
    auto rows = storage::NullStore(database).newest();
    if (!rows) {
        return std::unexpected(rows.error());
    }
    console::NullTable table;
    for (auto& row : *rows) {
        table.rows.push_back(tableRow(std::move(row)));
    }
    return table;
}

Result<void> keepThrough(const StoreLinks& store, std::vector<trading::NullResult> results, const std::stop_token& stop)
{
    std::erase_if(results, std::not_fn(hasCompared));
    return keepAndWait(store, StoreNull{.results = std::move(results), .answer = {}}, stop, "noise null");
}

Result<std::string> runNullJob(const std::filesystem::path& file, const base::PaperPolicy& before,
                               const StoreLinks& store, const base::Clock& clock, JobRun& run)
{
    auto database = storage::Database::open(file, storage::Database::Mode::ReadOnly);
    if (!database) {
        return std::unexpected(database.error());
    }
    const auto policy = policyInForce(*database, before);
    const auto seeds = storage::PolicyStore(*database).get("null.runs");
    if (!policy || !seeds) {
        return std::unexpected(policy ? seeds.error() : policy.error());
    }
    const auto stop = run.token();
    auto made =
        runNull({.database = file,
                 .seeds = static_cast<std::uint32_t>(*seeds),
                 .jobs = std::max(2U, std::thread::hardware_concurrency()) - 1, // one core is the engines'
                 .policy = *policy,
                 .now = clock.now(),
                 .progress = [&run](double fraction, const std::string& phase) { run.progress(fraction, phase); }},
                stop);
    if (!made) {
        return std::unexpected(made.error());
    }
    const auto rows = made->rows.size();
    const auto silent = std::ranges::count_if(made->rows, std::not_fn(hasCompared));
    if (auto kept = keepThrough(store, std::move(made->rows), stop); !kept) {
        return std::unexpected(kept.error());
    }
    return std::to_string(rows) + " strategies, " + std::to_string(static_cast<int>(*seeds)) + " runs each" +
           (silent > 0 ? "; " + std::to_string(silent) + " compared nothing and were not kept" : std::string());
}

Result<console::NullTable> runNullQuery(const DeskContext& context, const console::RunNull& query)
{
    if (query.seeds == 0) {
        return base::fail(base::ErrorCode::OutOfRange, "noise null", "it wants one seed at least");
    }
    auto made =
        runNull({.database = context.database.path(),
                 .strategies = query.strategies,
                 .instruments = {},
                 .seeds = query.seeds,
                 .jobs = std::max(2U, std::thread::hardware_concurrency()) - 1, // one core is left to the engines
                 .policy = context.policy,
                 .now = context.clock.now(),
                 .progress = context.progress},
                context.stop);
    if (!made) {
        return std::unexpected(made.error());
    }
    if (!context.keepNull) {
        return base::fail(base::ErrorCode::Internal, "noise null", "there is nobody who would write its figures");
    }
    std::vector<trading::NullResult> silent;
    std::ranges::copy_if(made->rows, std::back_inserter(silent), std::not_fn(hasCompared));
    std::erase_if(made->rows, std::not_fn(hasCompared));
    if (!made->rows.empty()) {
        if (auto kept = context.keepNull(std::move(made->rows), context.stop); !kept) {
            return std::unexpected(kept.error());
        }
    }
    auto table = nullTable(context.database);
    if (table) { // what was asked for is answered, in the place of what an earlier run found
        for (auto& row : silent) {
            std::erase_if(table->rows, [&](const auto& of) { return of.strategy == row.strategy; });
            table->rows.push_back(tableRow(std::move(row)));
        }
    }
    return table;
}

} // namespace qd::engines
