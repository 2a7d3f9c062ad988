// What happens to versions: runs of training, days in shadow, drift, trades.
#include "storage/ledger_rows.h"
#include "storage/model_store.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace qd::storage {

using base::ErrorCode;
using base::Result;
using base::UtcMs;
using learning::DriftLevel;

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::array levels{DriftLevel::Unknown, DriftLevel::Stable, DriftLevel::Watch, DriftLevel::Drift};

void bindReal(Statement& to, int index, const std::optional<double>& value)
{
    if (value) {
        to.bind(index, *value);
    } else {
        to.bindNull(index);
    }
}

std::optional<double> realOf(const Statement& row, int column)
{
    return row.isNull(column) ? std::nullopt : std::optional(row.real(column));
}

Result<RetrainRun> runOf(const Statement& row)
{
    return RetrainRun{.id = row.integer(0),
                      .model = std::string(row.text(1)),
                      .trigger = std::string(row.text(2)),
                      .started = {row.integer(3)},
                      .ended = row.isNull(4) ? std::nullopt : std::optional(UtcMs{row.integer(4)}),
                      .outcome = std::string(row.text(5)),
                      .version = std::string(row.text(6)),
                      .why = std::string(row.text(7))};
}

Result<ModelDay> dayOf(const Statement& row)
{
    return ModelDay{.version = std::string(row.text(0)),
                    .day = {row.integer(1)},
                    .rows = static_cast<std::uint64_t>(row.integer(2)),
                    .loss = row.real(3),
                    .champion = std::string(row.text(4)),
                    .championLoss = realOf(row, 5)};
}

Result<ModelDrift::Feature> featureOf(const Statement& row)
{
    const auto level = std::ranges::find(levels, row.text(3), word);
    if (level == levels.end()) {
        return base::fail(ErrorCode::Damaged, "model_drift", "no such level: " + std::string(row.text(3)));
    }
    return ModelDrift::Feature{std::string(row.text(0)), realOf(row, 1), realOf(row, 2), *level};
}

Result<TradeModelRow> tradeOf(const Statement& row)
{
    TradeModelRow out{.instrument = row.integer(0),
                      .strategy = std::string(row.text(1)),
                      .decision = row.integer(2),
                      .version = std::string(row.text(3)),
                      .hash = std::string(row.text(4)),
                      .prediction = row.real(5),
                      .threshold = row.real(6)};
    const auto bytes = row.blob(7);
    if (bytes.size() % sizeof(float) != 0) {
        return base::fail(ErrorCode::Damaged, "trade_models", "a row that is no row of numbers");
    }
    out.row.resize(bytes.size() / sizeof(float));
    if (!bytes.empty()) {
        std::memcpy(out.row.data(), bytes.data(), bytes.size());
    }
    return out;
}

template <typename T>
Result<std::optional<T>> onlyOne(Result<std::vector<T>> rows)
{
    if (!rows) {
        return std::unexpected(rows.error());
    }
    return rows->empty() ? std::optional<T>{} : std::optional(std::move(rows->front()));
}

} // namespace

Result<std::int64_t> ModelStore::begin(const RetrainRun& run)
{
    auto statement = database_.prepare("INSERT INTO retrain_runs(model,trigger,started) VALUES(?,?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, run.model).bind(1, run.trigger).bind(2, run.started.value);
    if (auto done = statement->run(); !done) {
        return std::unexpected(done.error());
    }
    return database_.number("SELECT last_insert_rowid()");
}

Result<void> ModelStore::end(const RetrainRun& run)
{
    auto statement = database_.prepare(
        "UPDATE retrain_runs SET ended=?2,outcome=?3,version=?4,why=?5 WHERE id=?1 AND ended IS NULL");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    if (!run.ended) {
        return base::fail(ErrorCode::Internal, "retrain_runs", "a run ends at some time");
    }
    statement->bind(0, run.id).bind(1, run.ended->value).bind(2, run.outcome).bind(3, run.version).bind(4, run.why);
    if (auto done = statement->run(); !done) {
        return done;
    }
    const auto changed = database_.number("SELECT changes()");
    if (!changed || *changed == 0) {
        return changed ? base::fail(ErrorCode::NotFound, "run " + std::to_string(run.id), "it does not run")
                       : std::unexpected(changed.error());
    }
    return {};
}

Result<std::int64_t> ModelStore::endAbandoned(UtcMs at)
{
    auto statement = database_.prepare("UPDATE retrain_runs SET ended=max(started,?),outcome='failed',why='the program "
                                       "ended while it ran' WHERE ended IS NULL");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, at.value);
    if (auto done = statement->run(); !done) {
        return std::unexpected(done.error());
    }
    return database_.number("SELECT changes()");
}

Result<std::vector<RetrainRun>> ModelStore::runs(std::string_view model, std::size_t most)
{
    auto rows = database_.prepare("SELECT id,model,trigger,started,ended,outcome,version,why FROM retrain_runs WHERE "
                                  "?1='' OR model=?1 ORDER BY id DESC LIMIT ?2");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, model).bind(1, static_cast<std::int64_t>(most));
    return collect<RetrainRun>(rows, runOf);
}

Result<void> ModelStore::put(const ModelDay& day)
{
    auto statement =
        database_.prepare("INSERT OR REPLACE INTO model_days(version,day,rows,loss,champion,champion_loss) "
                          "VALUES(" +
                          marks(6) + ")");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, day.version)
        .bind(1, day.day.value)
        .bind(2, static_cast<std::int64_t>(day.rows))
        .bind(3, day.loss)
        .bind(4, day.champion);
    bindReal(*statement, 5, day.championLoss);
    return statement->run();
}

Result<std::vector<ModelDay>> ModelStore::days(std::string_view version)
{
    auto rows = database_.prepare(
        "SELECT version,day,rows,loss,champion,champion_loss FROM model_days WHERE version=? ORDER BY day");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, version);
    return collect<ModelDay>(rows, dayOf);
}

Result<void> ModelStore::put(const ModelDrift& drift)
{
    auto statement = database_.prepare("INSERT OR REPLACE INTO model_drift(version,time,feature,psi,ks,level) VALUES(" +
                                       marks(6) + ")");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    for (const auto& feature : drift.features) {
        statement->bind(0, drift.version).bind(1, drift.time.value).bind(2, feature.name);
        bindReal(*statement, 3, feature.psi);
        bindReal(*statement, 4, feature.ks);
        statement->bind(5, word(feature.level));
        if (auto done = statement->run(); !done) {
            return done;
        }
    }
    return {};
}

Result<std::optional<ModelDrift>> ModelStore::newestDrift(std::string_view version)
{
    return drift(version, {INT64_MAX});
}

Result<std::optional<ModelDrift>> ModelStore::driftAt(std::string_view version, UtcMs time)
{
    return drift(version, time);
}

Result<std::optional<ModelDrift>> ModelStore::drift(std::string_view version, UtcMs notAfter)
{
    auto newest = database_.prepare("SELECT max(time) FROM model_drift WHERE version=? AND time<=?");
    if (!newest) {
        return std::unexpected(newest.error());
    }
    newest->bind(0, version).bind(1, notAfter.value);
    const auto isThere = newest->step();
    if (!isThere) {
        return std::unexpected(isThere.error());
    }
    if (newest->isNull(0)) {
        return std::nullopt;
    }
    ModelDrift out{.version = std::string(version), .time = {newest->integer(0)}, .features = {}};
    auto rows = database_.prepare("SELECT feature,psi,ks,level FROM model_drift WHERE version=? AND time=? ORDER BY "
                                  "psi DESC NULLS LAST,feature");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, version).bind(1, out.time.value);
    auto features = collect<ModelDrift::Feature>(rows, featureOf);
    if (!features) {
        return std::unexpected(features.error());
    }
    out.features = std::move(*features);
    return out;
}

Result<void> ModelStore::put(const TradeModelRow& row)
{
    auto statement = database_.prepare("INSERT OR REPLACE INTO trade_models(instrument,strategy,decision,version,hash,"
                                       "prediction,threshold,row) VALUES(" +
                                       marks(8) + ")");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, row.instrument)
        .bind(1, row.strategy)
        .bind(2, row.decision)
        .bind(3, row.version)
        .bind(4, row.hash)
        .bind(5, row.prediction)
        .bind(6, row.threshold)
        .bindBlob(7, {reinterpret_cast<const char*>(row.row.data()), row.row.size() * sizeof(float)});
    return statement->run();
}

Result<std::optional<TradeModelRow>> ModelStore::tradeModel(std::int64_t instrument, std::string_view strategy,
                                                            std::int64_t decision)
{
    auto rows =
        database_.prepare("SELECT instrument,strategy,decision,version,hash,prediction,threshold,row FROM trade_models "
                          "WHERE instrument=? AND strategy=? AND decision=?");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, instrument).bind(1, strategy).bind(2, decision);
    return onlyOne(collect<TradeModelRow>(rows, tradeOf));
}

Result<std::uint64_t> ModelStore::tradesOf(std::string_view version)
{
    auto row = database_.prepare(
        "SELECT count(*) FROM trade_models m JOIN trades t ON t.instrument=m.instrument AND t.strategy=m.strategy AND "
        "t.decided_number=m.decision WHERE m.version=?");
    if (!row) {
        return std::unexpected(row.error());
    }
    row->bind(0, version);
    const auto isThere = row->step();
    if (!isThere) {
        return std::unexpected(isThere.error());
    }
    return static_cast<std::uint64_t>(row->integer(0));
}

} // namespace qd::storage
