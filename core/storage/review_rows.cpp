#include "storage/review_rows.h"

#include "base/state.h"

namespace qd::storage {

using base::Result;

namespace {

// One function names the fields of a type for both directions; a writer is given a copy and changes nothing.
template <typename Archive>
void fields(Archive& a, statistics::Measure& measure)
{
    bool has = measure.has_value();
    double value = measure.value_or(0);
    auto why = has ? statistics::Undefined::TooFew : measure.error();
    a(has, value, why);
    if constexpr (Archive::isReading) {
        measure = has ? statistics::Measure(value) : std::unexpected(why);
    }
}

template <typename Archive>
void fields(Archive& a, statistics::Defined<statistics::Interval>& interval)
{
    bool has = interval.has_value();
    auto ends = interval.value_or(statistics::Interval{0, 0});
    auto why = has ? statistics::Undefined::TooFew : interval.error();
    a(has, ends.lower, ends.upper, why);
    if constexpr (Archive::isReading) {
        interval = has ? statistics::Defined<statistics::Interval>(ends) : std::unexpected(why);
    }
}

template <typename Archive>
void fields(Archive& a, governance::Change& change);
template <typename Archive>
void fields(Archive& a, governance::Figure& figure);
template <typename Archive>
void fields(Archive& a, governance::Held& held);
template <typename Archive>
void fields(Archive& a, governance::PerturbedRun& run);

template <typename Archive, typename T>
void each(Archive& a, std::vector<T>& items)
{
    auto count = static_cast<std::uint64_t>(items.size());
    a(count);
    if constexpr (Archive::isReading) {
        items.clear();
        for (std::uint64_t i = 0; i < count && !a.failed(); ++i) {
            fields(a, items.emplace_back());
        }
    } else {
        for (auto& item : items) {
            fields(a, item);
        }
    }
}

template <typename Archive>
void fields(Archive& a, governance::Subject& subject)
{
    std::optional<std::int64_t> id;
    if (subject.instrument) {
        id = subject.instrument->value;
    }
    a(subject.strategy, id);
    if constexpr (Archive::isReading) {
        subject.instrument = id ? std::optional(base::InstrumentId{*id}) : std::nullopt;
    }
}

template <typename Archive>
void fields(Archive& a, governance::Change& change)
{
    a(change.kind, change.subject, change.before, change.after);
}

template <typename Archive>
void fields(Archive& a, governance::Figure& figure)
{
    a(figure.name, figure.unit);
    fields(a, figure.value);
    fields(a, figure.interval);
    a(figure.confidence, figure.n, figure.of, figure.limit);
}

template <typename Archive>
void fields(Archive& a, governance::RosterResult& result)
{
    a(result.net);
    fields(a, result.sharpe);
    fields(a, result.drawdown);
}

template <typename Archive>
void fields(Archive& a, governance::RecordAfter& record)
{
    auto days = static_cast<std::uint64_t>(record.days);
    auto decisions = static_cast<std::uint64_t>(record.decisions);
    auto without = static_cast<std::uint64_t>(record.withoutTrades);
    auto right = static_cast<std::uint64_t>(record.right);
    a(days, decisions, without, right);
    if constexpr (Archive::isReading) {
        record = {days, decisions, without, right};
    }
    fields(a, record.meanNet);
}

template <typename Archive>
void fields(Archive& a, governance::Proposal& proposal)
{
    a(proposal.rule);
    fields(a, proposal.subject);
    a(proposal.parameterHash);
    each(a, proposal.changes);
    each(a, proposal.figures);
    bool has = proposal.lookingBack.has_value();
    auto back = proposal.lookingBack.value_or(governance::LookingBack{});
    auto days = static_cast<std::uint64_t>(back.days);
    a(has, days);
    fields(a, back.with);
    fields(a, back.without);
    if constexpr (Archive::isReading) {
        back.days = days;
        proposal.lookingBack = has ? std::optional(back) : std::nullopt;
    }
    fields(a, proposal.record.soon);
    fields(a, proposal.record.later);
    a(proposal.onlyByHand);
}

template <typename Archive>
void fields(Archive& a, governance::Held& held)
{
    a(held.rule);
    fields(a, held.subject);
    a(held.why);
    each(a, held.figures);
}

template <typename Archive>
void fields(Archive& a, governance::PerturbedRun& run)
{
    a(run.trades);
    fields(a, run.profitFactor);
    fields(a, run.expectancy);
}

bool isKnown(governance::Rule rule)
{
    return rule <= governance::Rule::Candidate;
}

} // namespace

std::string bytesOf(const governance::Proposal& proposal)
{
    base::StateWriter out;
    auto copy = proposal;
    fields(out, copy);
    return out.take();
}

Result<governance::Proposal> proposalOf(std::string_view bytes)
{
    base::StateReader in(bytes);
    governance::Proposal proposal;
    fields(in, proposal);
    if (!in.isComplete() || !isKnown(proposal.rule) || proposal.onlyByHand > governance::OnlyByHand::TakenBackAlready) {
        return base::fail(base::ErrorCode::Damaged, "proposals", "a proposal cannot be read");
    }
    return proposal;
}

std::string bytesOf(const std::vector<governance::Held>& held)
{
    base::StateWriter out;
    auto copy = held;
    each(out, copy);
    return out.take();
}

Result<std::vector<governance::Held>> heldOf(std::string_view bytes)
{
    base::StateReader in(bytes);
    std::vector<governance::Held> held;
    each(in, held);
    bool isGood = in.isComplete();
    for (const auto& one : held) {
        isGood = isGood && isKnown(one.rule) && one.why <= governance::Hold::Regimes;
    }
    if (!isGood) {
        return base::fail(base::ErrorCode::Damaged, "reviews", "what a review held back cannot be read");
    }
    return held;
}

std::string bytesOf(const governance::SensitivityNight& night)
{
    base::StateWriter out;
    auto copy = night;
    fields(out, copy.unchanged);
    each(out, copy.runs);
    return out.take();
}

Result<governance::SensitivityNight> nightOf(std::string_view bytes)
{
    base::StateReader in(bytes);
    governance::SensitivityNight night;
    fields(in, night.unchanged);
    each(in, night.runs);
    if (!in.isComplete()) {
        return base::fail(base::ErrorCode::Damaged, "sensitivity_nights", "a night cannot be read");
    }
    return night;
}

} // namespace qd::storage
