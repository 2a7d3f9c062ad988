#include "storage/model_store.h"

#include "storage/ledger_rows.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace qd::storage {

using base::ErrorCode;
using base::Result;
using base::UtcMs;
using governance::ModelRecord;
using learning::Detector;
using learning::DriftLevel;

namespace {

constexpr std::string_view columnNames =
    "model,number,stage,stage_since,trained,knows,quality,quality_low,quality_high,quality_rows,verdict,flags,signable,"
    "signed_off,spans_regimes,bytes_hash,feature_set,rows,why,regime_shares";
constexpr int columnCount = 20;
constexpr std::array verdicts{learning::AuditVerdict::Clean, learning::AuditVerdict::WantsSignature,
                              learning::AuditVerdict::Quarantined};
constexpr std::array<std::string_view, 4> levels{"unknown", "stable", "watch", "drift"};

std::unexpected<base::Error> damaged(std::string_view what)
{
    return base::fail(ErrorCode::Damaged, "models", "not a word of this program: " + std::string(what));
}

std::string joined(const std::set<Detector>& detectors)
{
    std::string out;
    for (const auto detector : detectors) {
        out.append(out.empty() ? "" : "|").append(learning::name(detector));
    }
    return out;
}

template <typename Each>
Result<void> split(std::string_view text, Each each)
{
    Result<void> done;
    while (done && !text.empty()) {
        const auto part = text.substr(0, text.find('|'));
        text.remove_prefix(std::min(part.size() + 1, text.size()));
        done = each(part);
    }
    return done;
}

Result<std::set<Detector>> detectorsOf(std::string_view text)
{
    std::set<Detector> out;
    const auto done = split(text, [&](std::string_view part) -> Result<void> {
        const auto detector = governance::detectorOf(part);
        if (!detector) {
            return damaged(part);
        }
        out.insert(*detector);
        return {};
    });
    if (!done) {
        return std::unexpected(done.error());
    }
    return out;
}

std::string sharesText(const std::vector<double>& shares)
{
    std::string out;
    std::array<char, 32> digits{};
    for (const double share : shares) {
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), share).ptr;
        out.append(out.empty() ? "" : "|").append(digits.data(), end);
    }
    return out;
}

Result<std::vector<double>> sharesOf(std::string_view text)
{
    std::vector<double> out;
    const auto done = split(text, [&](std::string_view part) -> Result<void> {
        double value = 0;
        if (std::from_chars(part.data(), part.data() + part.size(), value).ptr != part.data() + part.size()) {
            return damaged(part);
        }
        out.push_back(value);
        return {};
    });
    if (!done) {
        return std::unexpected(done.error());
    }
    return out;
}

void bindReal(Statement& to, int index, const std::optional<double>& value)
{
    if (value) {
        to.bind(index, *value);
    } else {
        to.bindNull(index);
    }
}

Result<ModelRecord> recordOf(const Statement& row)
{
    const auto key = governance::modelKey(row.text(0));
    const auto stage = governance::modelStageOf(row.text(2));
    const auto verdict =
        std::ranges::find(verdicts, row.text(10), [](learning::AuditVerdict v) { return learning::name(v); });
    auto flags = detectorsOf(row.text(11));
    auto signable = detectorsOf(row.text(12));
    auto signedOff = detectorsOf(row.text(13));
    if (!key || !stage || verdict == verdicts.end()) {
        return damaged(std::string(row.text(0)) + ", " + std::string(row.text(2)) + ", " + std::string(row.text(10)));
    }
    if (!flags || !signable || !signedOff) {
        return std::unexpected(!flags ? flags.error() : !signable ? signable.error() : signedOff.error());
    }
    ModelRecord out{.name = {*key, static_cast<std::uint32_t>(row.integer(1))},
                    .stage = *stage,
                    .stageSince = {row.integer(3)},
                    .trained = {row.integer(4)},
                    .knows = {row.integer(5)},
                    .quality = {.n = static_cast<std::uint64_t>(row.integer(9))},
                    .verdict = *verdict,
                    .flags = std::move(*flags),
                    .signable = std::move(*signable),
                    .signedOff = std::move(*signedOff),
                    .spansRegimes = row.integer(14) != 0,
                    .bytesHash = std::string(row.text(15)),
                    .featureSet = std::string(row.text(16)),
                    .rows = static_cast<std::uint64_t>(row.integer(17))};
    if (!row.isNull(6)) {
        out.quality.value = row.real(6);
    }
    if (!row.isNull(7) && !row.isNull(8)) {
        out.quality.interval = statistics::Interval{row.real(7), row.real(8)};
    }
    return out;
}

Result<StoredModel> modelOf(const Statement& row)
{
    auto record = recordOf(row);
    auto shares = sharesOf(row.text(19));
    if (!record || !shares) {
        return std::unexpected(!record ? record.error() : shares.error());
    }
    return StoredModel{std::move(*record), std::string(row.text(18)), std::move(*shares)};
}

void bindRecord(Statement& to, const ModelRecord& record)
{
    const auto& quality = record.quality;
    to.bind(0, governance::text(record.name.key))
        .bind(1, std::int64_t{record.name.number})
        .bind(2, governance::name(record.stage))
        .bind(3, record.stageSince.value)
        .bind(4, record.trained.value)
        .bind(5, record.knows.value);
    bindReal(to, 6, quality.value ? std::optional(*quality.value) : std::nullopt);
    bindReal(to, 7, quality.interval ? std::optional(quality.interval->lower) : std::nullopt);
    bindReal(to, 8, quality.interval ? std::optional(quality.interval->upper) : std::nullopt);
    to.bind(9, static_cast<std::int64_t>(quality.n))
        .bind(10, learning::name(record.verdict))
        .bind(11, joined(record.flags))
        .bind(12, joined(record.signable))
        .bind(13, joined(record.signedOff))
        .bind(14, std::int64_t{record.spansRegimes})
        .bind(15, record.bytesHash)
        .bind(16, record.featureSet)
        .bind(17, static_cast<std::int64_t>(record.rows));
}

// The model and number of "gbt_5m 12", bound to the first two parameters.
Result<Statement> ofVersion(Database& database, std::string_view sql, std::string_view version)
{
    const auto name = governance::versionOf(version);
    if (!name) {
        return std::unexpected(name.error());
    }
    auto statement = database.prepare(sql);
    if (statement) {
        statement->bind(0, governance::text(name->key)).bind(1, std::int64_t{name->number});
    }
    return statement;
}

} // namespace

std::string_view word(DriftLevel level)
{
    return levels[static_cast<std::size_t>(level)];
}

Result<void> ModelStore::add(const AddedModel& model)
{
    const auto name = governance::versionName(model.record.name.key, model.record.name.number);
    if (model.version == nullptr) {
        return base::fail(ErrorCode::Internal, name, "a version without its bytes cannot be registered");
    }
    auto there = find(name);
    if (!there || *there) {
        return there ? base::fail(ErrorCode::AlreadyExists, name, "there is such a version already")
                     : std::unexpected(there.error());
    }
    auto statement = database_.prepare("INSERT INTO models(" + std::string(columnNames) + ",packed) VALUES(" +
                                       marks(columnCount + 1) + ")");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    const auto bytes = learning::packed(*model.version);
    bindRecord(*statement, model.record);
    statement->bind(18, model.why).bind(19, sharesText(model.regimeShares)).bindBlob(20, bytes);
    return statement->run();
}

Result<void> ModelStore::apply(std::span<const governance::Change> changes, std::span<const AddedModel> added, UtcMs at)
{
    const auto isOurs = [](const governance::Change& c) { return c.kind == governance::ChangeKind::ModelStage; };
    if (std::ranges::none_of(changes, isOurs)) {
        return {};
    }
    const auto before = registry();
    if (!before) {
        return std::unexpected(before.error());
    }
    std::vector<ModelRecord> fresh;
    for (const auto& model : added) {
        fresh.push_back(model.record);
    }
    const auto after = governance::changedModels(*before, fresh, changes, at);
    if (!after) {
        return std::unexpected(after.error());
    }
    auto statement = database_.prepare("UPDATE models SET stage=?3,stage_since=?4,signed_off=?5 WHERE model=?1 AND "
                                       "number=?2");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    for (const auto& record : *after) {
        const auto* old = governance::findModel(*before, record.name);
        Result<void> done;
        if (old == nullptr) {
            auto model = *std::ranges::find(added, record.name, [](const AddedModel& a) { return a.record.name; });
            model.record = record;
            done = add(model);
        } else if (old->stage != record.stage || old->stageSince != record.stageSince ||
                   old->signedOff != record.signedOff) {
            statement->bind(0, governance::text(record.name.key))
                .bind(1, std::int64_t{record.name.number})
                .bind(2, governance::name(record.stage))
                .bind(3, record.stageSince.value)
                .bind(4, joined(record.signedOff));
            done = statement->run();
        }
        if (!done) {
            return done;
        }
    }
    return {};
}

Result<governance::ModelRegistry> ModelStore::registry()
{
    const auto stored = all();
    if (!stored) {
        return std::unexpected(stored.error());
    }
    governance::ModelRegistry out;
    for (const auto& model : *stored) {
        out.push_back(model.record);
    }
    return out;
}

Result<std::vector<StoredModel>> ModelStore::all()
{
    auto rows = database_.prepare("SELECT " + std::string(columnNames) + " FROM models");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    auto out = collect<StoredModel>(rows, modelOf);
    if (out) {
        std::ranges::sort(*out, [](const StoredModel& a, const StoredModel& b) {
            const auto& x = a.record.name;
            const auto& y = b.record.name;
            return x.key != y.key ? x.key < y.key : x.number > y.number;
        });
    }
    return out;
}

Result<std::optional<StoredModel>> ModelStore::find(std::string_view version)
{
    auto rows =
        ofVersion(database_, "SELECT " + std::string(columnNames) + " FROM models WHERE model=? AND number=?", version);
    if (!rows) {
        return std::unexpected(rows.error());
    }
    auto found = collect<StoredModel>(rows, modelOf);
    if (!found) {
        return std::unexpected(found.error());
    }
    return found->empty() ? std::optional<StoredModel>{} : std::optional(std::move(found->front()));
}

Result<std::string> ModelStore::packed(std::string_view version)
{
    auto row = ofVersion(database_, "SELECT packed FROM models WHERE model=? AND number=?", version);
    if (!row) {
        return std::unexpected(row.error());
    }
    const auto isThere = row->step();
    if (!isThere) {
        return std::unexpected(isThere.error());
    }
    if (!*isThere) {
        return base::fail(ErrorCode::NotFound, std::string(version), "no such version");
    }
    return std::string(row->blob(0));
}

Result<std::shared_ptr<const learning::ModelVersion>> ModelStore::version(std::string_view version)
{
    const auto stored = find(version);
    const auto bytes = packed(version);
    if (!stored || !bytes) {
        return std::unexpected(!stored ? stored.error() : bytes.error());
    }
    auto out = learning::unpacked(*bytes);
    if (!out) {
        return base::fail(out.error().code, std::string(version), out.error().detail);
    }
    if (!*stored || out->bytesHash != (*stored)->record.bytesHash) {
        return base::fail(ErrorCode::Damaged, std::string(version), "its bytes are not those that the registry names");
    }
    return std::make_shared<const learning::ModelVersion>(std::move(*out));
}

Result<std::optional<std::string>> ModelStore::byHash(std::string_view bytesHash)
{
    auto row = database_.prepare("SELECT model||' '||number FROM models WHERE bytes_hash=? ORDER BY id LIMIT 1");
    if (!row) {
        return std::unexpected(row.error());
    }
    row->bind(0, bytesHash);
    const auto isThere = row->step();
    if (!isThere) {
        return std::unexpected(isThere.error());
    }
    return *isThere ? std::optional(std::string(row->text(0))) : std::nullopt;
}

} // namespace qd::storage
