#include "engines/null_queries.h"

#include "engines/noise_null_run.h"
#include "storage/null_store.h"

#include <chrono>
#include <future>
#include <thread>

namespace qd::engines {

using base::Result;

Result<console::NullTable> nullTable(storage::Database& database)
{
    auto rows = storage::NullStore(database).newest();
    if (!rows) {
        return std::unexpected(rows.error());
    }
    console::NullTable table;
    for (auto& row : *rows) {
        table.rows.push_back(
            {.strategy = std::move(row.strategy),
             .parameterHash = std::move(row.parameterHash),
             .time = row.time,
             .seeds = row.seeds,
             .real = row.real ? statistics::Measure(*row.real) : std::unexpected(statistics::Undefined::NoTrades),
             .figures = {static_cast<std::uint32_t>(row.expectancies.size()), row.real, row.median, row.p95, row.share},
             .expectancies = std::move(row.expectancies)});
    }
    return table;
}

Result<void> keepThrough(StoreQueue& queue, std::vector<trading::NullResult> results, const std::stop_token& stop)
{
    using namespace std::chrono_literals;
    StoreNull item{.results = std::move(results), .answer = {}};
    auto answer = item.answer.get_future();
    const auto ended = [] { return base::fail(base::ErrorCode::Io, "noise null", "the store has ended"); };
    if (!queue.push(std::move(item))) {
        return ended();
    }
    while (answer.wait_for(20ms) != std::future_status::ready) {
        if (stop.stop_requested()) {
            return base::fail(base::ErrorCode::Cancelled, "noise null", "");
        }
    }
    try {
        return answer.get();
    } catch (const std::future_error&) { // dropped unwritten
        return ended();
    }
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
    if (auto kept = context.keepNull(std::move(made->rows), context.stop); !kept) {
        return std::unexpected(kept.error());
    }
    return nullTable(context.database);
}

} // namespace qd::engines
