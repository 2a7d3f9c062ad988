#include "storage/experiment_store.h"

#include "governance/policies.h"
#include "storage/ledger_rows.h"

#include <array>
#include <charconv>

namespace qd::storage {

using base::ErrorCode;
using base::Result;
using governance::Comparison;
using governance::Design;
using statistics::Verdict;

namespace {

constexpr std::string_view columnNames =
    "id,created,subject,design,comparison,a,b,a_parameters,b_parameters,begins,block_days,policy,reason,extended_days,"
    "latch,latched_at,ended,outcome,why";
constexpr int columnCount = 19;

/// The value of an enumeration that bears this name.
template <typename Enum, std::size_t n>
Result<Enum> valueOf(const std::array<Enum, n>& all, std::string_view text)
{
    for (const auto value : all) {
        if (name(value) == text) {
            return value;
        }
    }
    return base::fail(ErrorCode::Damaged, "experiments", "no such word: " + std::string(text));
}

constexpr std::array designs{Design::Paired, Design::Split};
constexpr std::array comparisons{Comparison::Models, Comparison::Parameters, Comparison::OnOff};
constexpr std::array verdicts{Verdict::InvalidSrm, Verdict::Collecting, Verdict::ABetter,
                              Verdict::BBetter,    Verdict::Equivalent, Verdict::Undecided};

Result<StoredExperiment> readRow(const Statement& row)
{
    const auto design = valueOf(designs, row.text(3));
    const auto comparison = valueOf(comparisons, row.text(4));
    const auto values = policyOf(row.text(11));
    if (!design || !comparison || !values) {
        return std::unexpected(!design ? design.error() : !comparison ? comparison.error() : values.error());
    }
    StoredExperiment out{.plan = {.id = row.integer(0),
                                  .subject = std::string(row.text(2)),
                                  .design = *design,
                                  .comparison = *comparison,
                                  .a = std::string(row.text(5)),
                                  .b = std::string(row.text(6)),
                                  .begins = {row.integer(9)},
                                  .blockDays = static_cast<std::size_t>(row.integer(10)),
                                  .policy = governance::policiesFrom(*values).experiment},
                         .created = {row.integer(1)},
                         .parametersA = std::string(row.text(7)),
                         .parametersB = std::string(row.text(8)),
                         .policy = std::string(row.text(11)),
                         .reason = std::string(row.text(12)),
                         .extendedDays = static_cast<std::uint32_t>(row.integer(13)),
                         .outcome = std::string(row.text(17)),
                         .why = std::string(row.text(18))};
    if (!row.isNull(14)) {
        const auto verdict = valueOf(verdicts, row.text(14));
        if (!verdict) {
            return std::unexpected(verdict.error());
        }
        out.latch = governance::Latch{*verdict, {row.integer(15)}};
    }
    if (!row.isNull(16)) {
        out.ended = base::UtcMs{row.integer(16)};
    }
    return out;
}

} // namespace

governance::ExperimentPlan StoredExperiment::inForce() const
{
    auto out = plan;
    out.policy.maxDays += extendedDays;
    return out;
}

std::vector<trading::ArmWish> StoredExperiment::arms() const
{
    std::vector<trading::ArmWish> out;
    std::optional<trading::ModelName> model; // of B
    if (plan.comparison == Comparison::Models) {
        if (auto named = trading::modelName(parametersB)) {
            model = std::move(*named);
        }
    }
    if (plan.comparison == Comparison::OnOff || (plan.comparison == Comparison::Models && !model)) {
        return out;
    }
    const bool isSplit = plan.design == Design::Split;
    if (isSplit) {
        out.push_back({{plan.subject, plan.id, 'a'}, true, parametersA});
    }
    const auto parameters = model ? parametersA : parametersB;
    out.push_back({{plan.subject, plan.id, 'b'}, isSplit, parameters, std::move(model)});
    return out;
}

bool isFrozen(std::string_view name)
{
    return name.starts_with("ab.") || name == "sharpe.min_days" || isCost(name);
}

bool isCost(std::string_view name)
{
    return name.starts_with("paper.") || name.starts_with("fees.") || name == "execution.assumed_slippage" ||
           name == "feed.silence_s";
}

std::string frozenPolicy(const base::PolicyValues& values)
{
    std::string out;
    std::array<char, 32> digits{};
    for (const auto& entry : base::policyEntries()) {
        if (isFrozen(entry.name)) {
            const auto value = base::policyValue(values, entry.name);
            const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
            out.append(out.empty() ? "" : "|").append(entry.name).append("=").append(digits.data(), end);
        }
    }
    return out;
}

Result<base::PolicyValues> policyOf(std::string_view frozen)
{
    base::PolicyValues values;
    while (!frozen.empty()) {
        const auto part = frozen.substr(0, frozen.find('|'));
        frozen.remove_prefix(std::min(part.size() + 1, frozen.size()));
        const auto mark = part.find('=');
        double value = 0;
        const auto* begin = part.data() + std::min(mark, part.size() - 1) + 1;
        const auto* end = part.data() + part.size();
        if (mark == std::string_view::npos || mark == 0 || std::from_chars(begin, end, value).ptr != end ||
            begin == end) {
            return base::fail(ErrorCode::Malformed, "experiments", "no value of a policy: " + std::string(part));
        }
        if (base::checkPolicyValue(part.substr(0, mark), value)) {
            values.emplace(part.substr(0, mark), value);
        }
    }
    return values;
}

Result<void> ExperimentStore::apply(const ExperimentStep& step)
{
    Result<void> done;
    if (step.begun) {
        done = add(*step.begun);
    }
    if (done && step.ended) {
        done = end(step.ended->id, step.ended->at, step.ended->outcome, step.ended->why);
    }
    if (done && step.extended) {
        done = extend(step.extended->id, step.extended->days);
    }
    return done;
}

Result<void> ExperimentStore::keep(const ExperimentNight& night)
{
    Result<void> done;
    if (night.latch) {
        done = latch(night.id, *night.latch);
    }
    for (const auto& point : night.points) {
        if (done) {
            done = addPoint(night.id, point);
        }
    }
    return done;
}

Result<void> ExperimentStore::add(const StoredExperiment& experiment)
{
    auto statement = database_.prepare("INSERT INTO experiments(" + std::string(columnNames) + ") VALUES(" +
                                       marks(columnCount) + ")");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    const auto& plan = experiment.plan;
    statement->bind(0, plan.id)
        .bind(1, experiment.created.value)
        .bind(2, plan.subject)
        .bind(3, name(plan.design))
        .bind(4, name(plan.comparison))
        .bind(5, plan.a)
        .bind(6, plan.b)
        .bind(7, experiment.parametersA)
        .bind(8, experiment.parametersB)
        .bind(9, plan.begins.value)
        .bind(10, static_cast<std::int64_t>(plan.blockDays))
        .bind(11, experiment.policy)
        .bind(12, experiment.reason)
        .bind(13, std::int64_t{experiment.extendedDays})
        .bindNull(14)
        .bindNull(15)
        .bindNull(16)
        .bind(17, std::string_view())
        .bind(18, std::string_view());
    return statement->run();
}

// One row that runs, or NotFound.
Result<void> ExperimentStore::change(std::int64_t id, Result<Statement> statement)
{
    if (!statement) {
        return std::unexpected(statement.error());
    }
    if (auto done = statement->run(); !done) {
        return done;
    }
    const auto changed = database_.number("SELECT changes()");
    if (!changed || *changed != 1) {
        return changed ? base::fail(ErrorCode::NotFound, "experiment " + std::to_string(id), "none of that number runs")
                       : std::unexpected(changed.error());
    }
    return {};
}

Result<void> ExperimentStore::end(std::int64_t id, base::UtcMs at, std::string_view outcome, std::string_view why)
{
    auto statement = database_.prepare("UPDATE experiments SET ended=?,outcome=?,why=? WHERE id=? AND ended IS NULL");
    if (statement) {
        statement->bind(0, at.value).bind(1, outcome).bind(2, why).bind(3, id);
    }
    return change(id, std::move(statement));
}

Result<void> ExperimentStore::extend(std::int64_t id, std::uint32_t days)
{
    auto statement =
        database_.prepare("UPDATE experiments SET extended_days=extended_days+? WHERE id=? AND ended IS NULL");
    if (statement) {
        statement->bind(0, std::int64_t{days}).bind(1, id);
    }
    return change(id, std::move(statement));
}

Result<void> ExperimentStore::latch(std::int64_t id, const governance::Latch& latch)
{
    auto statement = database_.prepare("UPDATE experiments SET latch=?,latched_at=? WHERE id=?");
    if (statement) {
        statement->bind(0, name(latch.verdict)).bind(1, latch.at.value).bind(2, id);
    }
    return change(id, std::move(statement));
}

Result<void> ExperimentStore::addPoint(std::int64_t id, const CoursePoint& point)
{
    auto statement =
        database_.prepare("INSERT OR REPLACE INTO experiment_course(experiment,time,mean,low,high) VALUES(?,?,?,?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    return statement->bind(0, id)
        .bind(1, point.time.value)
        .bind(2, point.mean)
        .bind(3, point.low)
        .bind(4, point.high)
        .run();
}

Result<std::vector<StoredExperiment>> ExperimentStore::read(std::string_view condition)
{
    auto rows = database_.prepare("SELECT " + std::string(columnNames) + " FROM experiments " + std::string(condition) +
                                  " ORDER BY ended IS NOT NULL,id DESC");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    return collect<StoredExperiment>(rows, readRow);
}

Result<std::vector<StoredExperiment>> ExperimentStore::all()
{
    return read("");
}

Result<std::vector<StoredExperiment>> ExperimentStore::running()
{
    return read("WHERE ended IS NULL");
}

Result<std::optional<StoredExperiment>> ExperimentStore::find(std::int64_t id)
{
    auto found = read("WHERE id=" + std::to_string(id));
    if (!found) {
        return std::unexpected(found.error());
    }
    return found->empty() ? std::nullopt : std::optional(std::move(found->front()));
}

Result<std::int64_t> ExperimentStore::newestId()
{
    return database_.number("SELECT coalesce(max(id),0) FROM experiments");
}

Result<std::int64_t> ExperimentStore::promoted()
{
    return database_.number("SELECT count(*) FROM experiments WHERE outcome='" + std::string(outcomePromoted) + "'");
}

Result<std::vector<CoursePoint>> ExperimentStore::course(std::int64_t id)
{
    auto rows = database_.prepare("SELECT time,mean,low,high FROM experiment_course WHERE experiment=? ORDER BY time");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, id);
    return collect<CoursePoint>(rows, [](const Statement& row) -> Result<CoursePoint> {
        return CoursePoint{{row.integer(0)}, row.real(1), row.real(2), row.real(3)};
    });
}

Result<std::map<std::int64_t, std::uint64_t>> ExperimentStore::asked(std::string_view arm)
{
    auto rows = database_.prepare("SELECT day,sum(bars) FROM arm_asked WHERE arm=? GROUP BY day ORDER BY day");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, arm);
    using Day = std::pair<std::int64_t, std::uint64_t>;
    const auto days = collect<Day>(rows, [](const Statement& row) -> Result<Day> {
        return Day{row.integer(0), static_cast<std::uint64_t>(row.integer(1))};
    });
    if (!days) {
        return std::unexpected(days.error());
    }
    return std::map<std::int64_t, std::uint64_t>(days->begin(), days->end());
}

} // namespace qd::storage
