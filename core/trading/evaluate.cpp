#include "trading/evaluate.h"

#include "statistics/equity.h"
#include "statistics/intervals.h"
#include "statistics/overfitting.h"
#include "trading/deflation.h"
#include "trading/evidence.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <tuple>

namespace qd::trading {

namespace {

/// Evidence taken together, and its capital.
struct Pool {
    std::vector<const Evidence*> parts;
    Money capital;
};

/// The roster's capital along the time; never without a change.
class CapitalHistory {
public:
    explicit CapitalHistory(std::span<const CapitalChange> changes) : changes_(changes) {}

    [[nodiscard]] Money at(UtcMs time) const
    {
        const auto after = std::ranges::upper_bound(changes_, time, {}, &CapitalChange::from);
        return changes_.empty() ? Money{} : after == changes_.begin() ? after->capital : std::prev(after)->capital;
    }
    /// The mean of the day, by time.
    [[nodiscard]] Money ofDay(std::int64_t day) const
    {
        const auto end = midnightOf(day + 1);
        auto from = midnightOf(day);
        auto change = std::ranges::upper_bound(changes_, from, {}, &CapitalChange::from);
        base::Int128 weighted = 0;
        while (from < end) {
            const auto until = change != changes_.end() && change->from < end ? (change++)->from : end;
            weighted += static_cast<base::Int128>(at(from).value) * (until - from).count();
            from = until;
        }
        return {static_cast<std::int64_t>(weighted / base::oneDay.count())};
    }

private:
    std::span<const CapitalChange> changes_;
};

double median(std::vector<double>& values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return values.size() % 2 == 1 ? *middle : (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// All that does not depend on days.
TrackRecord addTradeFigures(Evaluation& out, const EvidenceTable& evidence, const Pool& pool, UtcMs from,
                            const std::function<Money(UtcMs)>& capitalAt)
{
    TrackRecord record;
    std::vector<double> shares;
    std::vector<double> held;
    for (const auto* trade : evidence.windowOf(pool.parts, from, false)) {
        record.add(*trade, capitalAt(trade->left));
        held.push_back(static_cast<double>((trade->left - trade->entered).count()) / 1000.0);
        if (trade->notional.value > 0) {
            shares.push_back(base::toUsdt(trade->net) / base::toUsdt(trade->notional));
        }
    }
    for (const auto* trade : evidence.windowOf(pool.parts, from, true)) {
        record.addToClusters(*trade);
    }
    for (const auto* part : pool.parts) {
        out.inShadow += part->inShadow;
    }
    out.capital = pool.capital;
    out.trades = record.trades();
    out.won = record.won();
    out.winInterval = statistics::wilson(out.won, out.trades);
    out.profitFactor = record.profitFactor();
    out.net = record.net();
    out.optimistic = record.optimistic();
    out.pessimistic = record.pessimistic();
    out.maxDrawdown = record.maxDrawdown();
    out.equity = record.equity();
    if (out.trades > 0) {
        out.winRate = static_cast<double>(out.won) / static_cast<double>(out.trades);
        out.medianHoldSeconds = median(held);
        const auto expectancy = statistics::meanEstimate(shares);
        out.expectancy = expectancy.value;
        out.expectancyInterval = expectancy.interval;
    }
    return record;
}

class Evaluator {
public:
    explicit Evaluator(const EvaluationInputs& inputs)
        : in_(inputs),
          evidence_(inputs),
          capital_(inputs.capital),
          today_(dayOf(inputs.now))
    {
    }

    [[nodiscard]] EvaluationTable table() const
    {
        EvaluationTable out;
        for (const auto row : evidence_.rows()) {
            out.rows.push_back(rowOf(row));
        }
        for (const auto& [name, instruments] : in_.strategies) {
            out.strategies.push_back(strategyOf(name));
        }
        out.roster = roster();
        out.returns = rosterReturns();
        std::ranges::sort(out.rows, ranksBefore);
        std::ranges::sort(out.strategies, ranksBefore);
        return out;
    }

private:
    [[nodiscard]] std::uint32_t triesOf(const std::string& strategy) const
    {
        const auto found = in_.tries.find(strategy);
        return found == in_.tries.end() ? 1U : std::max(found->second, 1U);
    }

    /// From day `from` or the first entry, to the last complete day.
    [[nodiscard]] TryReturns returnsFrom(std::int64_t from, const Pool& pool,
                                         const std::function<Money(std::int64_t)>& capital) const
    {
        DailyPnl sum;
        std::optional<UtcMs> since;
        for (const auto* part : pool.parts) {
            sum.add(part->daily);
            if (part->since) {
                since = std::min(since.value_or(*part->since), *part->since);
            }
        }
        const auto first = since ? std::max(from, dayOf(*since)) : today_;
        return {first, returnsOf(sum, first, today_, capital)};
    }
    /// Of all times: a try counts with all that it did.
    [[nodiscard]] TryReturns tryOf(const Pool& pool) const
    {
        return returnsFrom(INT64_MIN, pool, [&](std::int64_t) { return pool.capital; });
    }

    /// Nothing compounds: the capital and what was earned on it.
    void addGrowth(Evaluation& out, std::span<const double> returns) const
    {
        if (out.trades == 0 || in_.limits.growth.of(returns.size()) == statistics::Standing::Hidden) {
            return;
        }
        std::vector<double> equity{1.0};
        for (const double earned : returns) {
            equity.push_back(equity.back() + earned);
        }
        const auto figures = statistics::equityStatistics(equity);
        out.growth = figures.cagr;
        out.growthDays = static_cast<std::uint32_t>(returns.size());
        out.calmar = figures.calmar;
    }

    void addDailyFigures(Evaluation& out, const TrackRecord& record, const TryReturns& daily,
                         std::span<const TryReturns> known, std::uint32_t tries) const
    {
        out.limits = in_.limits;
        out.sharpe = sharpeFigure(record, daily.returns, in_.limits);
        addGrowth(out, daily.returns);
        const auto deflation = deflationOf(known, tries, in_.limits.sharpeDays);
        out.tries = deflation.tries;
        if (out.sharpe.annual && !out.sharpe.isProvisional) {
            const auto sample = statistics::sharpeSample(daily.returns);
            if (in_.limits.psr.of(out.sharpe.days) != statistics::Standing::Hidden) {
                const auto over = [&](double benchmark) {
                    return sample ? statistics::probabilisticSharpe(*sample, benchmark)
                                  : statistics::Measure(std::unexpected(sample.error()));
                };
                out.psr = over(0);
                out.psrSecond = over(in_.limits.secondBenchmark / std::sqrt(statistics::daysPerYear));
            }
            if (in_.limits.deflated.of(out.sharpe.days, tries) != statistics::Standing::Hidden) {
                out.deflated = deflated(sample, deflation); // one try is nothing to deflate by
            }
        }
    }

    [[nodiscard]] Evaluation figuresOf(const Pool& pool, std::span<const TryReturns> known, std::uint32_t tries) const
    {
        Evaluation out;
        const auto record = addTradeFigures(out, evidence_, pool, in_.from, [&](UtcMs) { return pool.capital; });
        const auto daily = returnsFrom(dayOf(in_.from), pool, [&](std::int64_t) { return pool.capital; });
        addDailyFigures(out, record, daily, known, tries);
        return out;
    }

    [[nodiscard]] Evaluation rowOf(std::uint32_t row) const
    {
        std::vector<TryReturns> known;
        const auto& all = evidence_.all();
        for (auto it = all.lower_bound({row, 0}); it != all.end() && it->first.first == row; ++it) {
            known.push_back(tryOf({{&it->second}, in_.rowCapital}));
        }
        const auto& [strategy, instrument] = in_.book.rows()[row];
        auto out = figuresOf({{&evidence_.newestOf(row)}, in_.rowCapital}, known, triesOf(strategy));
        out.strategy = strategy;
        out.instrument = instrument;
        out.parameterHash = evidence_.hashOf(row);
        return out;
    }

    [[nodiscard]] Pool poolOf(const std::string& strategy) const
    {
        const auto rows = std::max<std::size_t>(in_.strategies.at(strategy), 1);
        Pool out{{}, {static_cast<std::int64_t>(rows) * in_.rowCapital.value}};
        for (const auto row : evidence_.rows()) {
            if (in_.book.rows()[row].first == strategy) {
                out.parts.push_back(&evidence_.newestOf(row));
            }
        }
        return out;
    }

    [[nodiscard]] Evaluation strategyOf(const std::string& name) const
    {
        const auto pool = poolOf(name);
        std::map<std::uint32_t, Pool> byHash;
        std::set<std::string> hashes;
        for (const auto& [key, evidence] : evidence_.all()) {
            if (in_.book.rows()[key.first].first == name) {
                auto& of = byHash[key.second];
                of.capital = pool.capital;
                of.parts.push_back(&evidence);
                hashes.insert(evidence_.hashOf(key.first));
            }
        }
        std::vector<TryReturns> known;
        for (const auto& [hash, of] : byHash) {
            known.push_back(tryOf(of));
        }
        auto out = figuresOf(pool, known, triesOf(name));
        out.strategy = name;
        out.parameterHash = hashes.size() == 1 ? *hashes.begin() : std::string();
        return out;
    }

    [[nodiscard]] RosterReturns rosterReturns() const
    {
        RosterReturns out;
        for (const auto& [name, instruments] : in_.strategies) {
            const auto pool = poolOf(name);
            auto of = returnsFrom(dayOf(in_.from), pool, [&](std::int64_t) { return pool.capital; });
            const bool hasTraded = std::ranges::any_of(of.returns, [](double r) { return r != 0; });
            if (of.returns.size() >= std::max<std::size_t>(in_.limits.sharpeDays, 1) && hasTraded) {
                out.columns.push_back(std::move(of.returns));
            }
        }
        return out;
    }

    // Everything that was not in shadow, of whatever parameters, by the capital of its time.
    [[nodiscard]] Evaluation roster() const
    {
        Pool all{{}, capital_.at(in_.now)};
        for (const auto& [key, evidence] : evidence_.all()) {
            all.parts.push_back(&evidence);
        }
        std::vector<TryReturns> known;
        std::uint32_t tries = 0;
        for (const auto& [name, instruments] : in_.strategies) {
            known.push_back(tryOf(poolOf(name)));
            tries += triesOf(name);
        }
        Evaluation out;
        const auto record =
            addTradeFigures(out, evidence_, all, in_.from, [this](UtcMs time) { return capital_.at(time); });
        const auto daily = returnsFrom(dayOf(in_.from), all, [this](std::int64_t day) { return capital_.ofDay(day); });
        addDailyFigures(out, record, daily, known, tries);
        return out;
    }

    const EvaluationInputs& in_;
    const EvidenceTable evidence_;
    const CapitalHistory capital_;
    const std::int64_t today_;
};

/// Whether both halves vary in some combination of the blocks: not where all but one stand still at the same value, as
/// those after a strategy's last trade do. Combinations in which a half stands still are dropped and counted by the
/// statistic. `days` fill the blocks to the last one.
bool variesInSomeHalves(std::span<const double> days, std::size_t blocks)
{
    const auto size = days.size() / blocks;
    std::map<double, std::size_t> still;
    for (auto rest = days.last(size * blocks); !rest.empty(); rest = rest.subspan(size)) {
        const auto [least, most] = std::ranges::minmax(rest.first(size));
        if (least == most && ++still[least] + 1 >= blocks) {
            return false;
        }
    }
    return true;
}

/// The strategies that a choice is judged among, and the newest days that all of them have.
struct Taken {
    std::vector<std::span<const double>> columns;
    std::size_t days = 0;
    std::size_t blocks = 0;
    statistics::Standing standing = statistics::Standing::Hidden;
};

// One that never varies in both halves would leave no combination that is defined.
Taken takenOver(std::size_t days, const RosterReturns& of, const EvaluationLimits& limits,
                const OverfittingBlocks& blocks)
{
    Taken out{.columns = {}, .days = days, .blocks = (days >= blocks.longDays ? blocks.many : blocks.few) / 2 * 2};
    const bool areFilled = out.blocks > 0 && days >= out.blocks && days / out.blocks * (out.blocks / 2) >= 2;
    for (const auto& column : of.columns) {
        if (column.size() < days) {
            continue;
        }
        const auto newest = std::span(column).last(days);
        if (!areFilled || variesInSomeHalves(newest, out.blocks)) {
            out.columns.push_back(newest);
        }
    }
    if (areFilled) {
        out.standing = limits.deflated.of(days, out.columns.size());
    }
    return out;
}

// The days of each strategy are tried as those of all, which leaves the younger ones out: else one that began last
// month would cut the record of all others to its own. What is shown without grey comes before what is not, then the
// most returns, which is strategies by days; of as many, more strategies.
Taken takenOf(const RosterReturns& of, const EvaluationLimits& limits, const OverfittingBlocks& blocks)
{
    std::set<std::size_t> lengths;
    std::ranges::transform(of.columns, std::inserter(lengths, lengths.end()), &std::vector<double>::size);
    const auto worth = [](const Taken& t) {
        return std::tuple(t.standing, t.columns.size() * t.days, t.columns.size());
    };
    Taken out;
    for (const auto days : lengths) {
        auto one = takenOver(days, of, limits, blocks);
        if (out.days == 0 || worth(one) > worth(out)) {
            out = std::move(one);
        }
    }
    return out;
}

} // namespace

// Standing 2: a daily Sharpe with its interval, 1: a provisional one, 0: none.
RankingKey rankingKey(const SharpeFigure& sharpe, std::uint64_t trades)
{
    if (!sharpe.annual || !sharpe.interval) {
        return {0, 0.0, trades};
    }
    return {sharpe.isProvisional ? 1 : 2, sharpe.interval->lower, trades};
}

bool ranksBefore(const Evaluation& a, const Evaluation& b)
{
    const auto mine = rankingKey(a.sharpe, a.trades);
    const auto other = rankingKey(b.sharpe, b.trades);
    return mine != other ? mine > other : std::tie(a.strategy, a.instrument) < std::tie(b.strategy, b.instrument);
}

OverfittingBlocks overfittingBlocks(const base::PolicyValues& policy)
{
    const auto count = [&](const char* name) {
        return static_cast<std::size_t>(std::llround(base::policyValue(policy, name)));
    };
    return {.many = count("pbo.blocks_long"), .few = count("pbo.blocks_short"), .longDays = count("pbo.long_days")};
}

Choice overfittingOf(const RosterReturns& of, const EvaluationLimits& limits, const OverfittingBlocks& blocks)
{
    const auto taken = takenOf(of, limits, blocks);
    Choice out;
    out.strategies = taken.columns.size();
    out.days = taken.days;
    out.standing = taken.standing;
    if (taken.standing == statistics::Standing::Hidden) {
        return out;
    }
    std::vector<double> rows;
    rows.reserve(out.days * out.strategies);
    for (std::size_t day = 0; day < out.days; ++day) {
        for (const auto& column : taken.columns) {
            rows.push_back(column[day]);
        }
    }
    const auto found = statistics::backtestOverfitting(rows, out.strategies, {.blocks = taken.blocks});
    out.overfitting = found ? found->probability : statistics::Measure(std::unexpected(found.error()));
    return out;
}

std::vector<const Evaluation*> best(std::span<const Evaluation> all, std::size_t n)
{
    std::vector<const Evaluation*> out(all.size());
    std::ranges::transform(all, out.begin(), [](const Evaluation& of) { return &of; });
    const auto middle = out.begin() + static_cast<std::ptrdiff_t>(std::min(n, out.size()));
    std::ranges::partial_sort(out, middle, [](const auto* a, const auto* b) { return ranksBefore(*a, *b); });
    out.erase(middle, out.end());
    return out;
}

EvaluationTable evaluate(const EvaluationInputs& inputs)
{
    return Evaluator(inputs).table();
}

} // namespace qd::trading
