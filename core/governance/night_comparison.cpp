#include "governance/night_comparison.h"

#include "governance/night_parts.h"

#include <algorithm>
#include <cmath>

namespace qd::governance {

namespace {

/// By less than this it is not outside: nobody wants to read that a job took a tenth of a second longer than ever.
double tolerance(NightUnit unit)
{
    switch (unit) {
    case NightUnit::Count:
        return 0;
    case NightUnit::Seconds:
        return 1;
    case NightUnit::Bytes:
        return 1e6;
    }
    return 0;
}

bool isOfItsLength(const NightFigures& night, const NightFigures& other)
{
    const auto length = (night.to - night.from).count();
    const auto others = (other.to - other.from).count();
    return 2 * others >= length && others <= 2 * length;
}

double medianOf(const std::vector<double>& sorted)
{
    const auto middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

void judge(NightComparison& row, std::vector<double> values)
{
    row.nights = values.size();
    if (!values.empty()) {
        std::ranges::sort(values);
        row.median = medianOf(values);
        row.low = values.front();
        row.high = values.back();
    }
    if (!row.figure.value) {
        row.verdict = NightVerdict::Unknown;
    } else if (row.nights < fewestNights) {
        row.verdict = NightVerdict::TooFew;
    } else {
        const auto slack = tolerance(row.figure.unit);
        row.verdict = *row.figure.value > row.high + slack  ? NightVerdict::Above
                      : *row.figure.value < row.low - slack ? NightVerdict::Below
                                                            : NightVerdict::Usual;
    }
}

} // namespace

std::vector<NightFigure> figuresOf(const NightFigures& night)
{
    double runs = 0;
    double bad = 0;
    double seconds = 0;
    for (const auto& job : night.jobs) {
        runs += job.runs;
        bad += job.bad();
        seconds += job.seconds;
    }
    const auto fresh = static_cast<double>(std::ranges::count(night.alerts, true, &NightAlert::isNew));
    std::vector<NightFigure> out{
        {"gaps.count", "Interruptions", NightUnit::Count, static_cast<double>(night.gaps.size())},
        {"gaps.seconds", "Time with gaps", NightUnit::Seconds, secondsWithGaps(night.gaps)},
        {"jobs.runs", "Runs of jobs", NightUnit::Count, runs},
        {"jobs.bad", "Runs that went wrong", NightUnit::Count, bad},
        {"jobs.seconds", "Time that jobs took", NightUnit::Seconds, seconds},
        {"proposals.count", "Proposals", NightUnit::Count, static_cast<double>(night.proposals.size())},
        {"retrains.count", "Trainings that ended", NightUnit::Count,
         static_cast<double>(
             std::ranges::count_if(night.retrains, [](const NightRetrain& run) { return run.ended.has_value(); }))},
        {"alerts.count", "Alerts opened", NightUnit::Count, fresh},
        {"memory.bytes", "Memory of the console", NightUnit::Bytes, night.memory.bytes},
        {"memory.growth", "Growth of that memory", NightUnit::Bytes, night.memory.growth},
        {"database.growth", "Growth of the database", NightUnit::Bytes, night.database.growth},
    };
    for (const auto& job : night.jobs) {
        const auto value = job.runs > 0 ? std::optional(job.seconds) : std::nullopt;
        out.push_back({"job." + job.name, job.title, NightUnit::Seconds, value});
    }
    return out;
}

std::size_t comparable(const NightFigures& night, std::span<const NightFigures> before)
{
    const auto found =
        std::ranges::count_if(before, [&](const NightFigures& other) { return isOfItsLength(night, other); });
    return std::min(static_cast<std::size_t>(found), mostNights);
}

std::vector<NightComparison> compared(const NightFigures& night, std::span<const NightFigures> before)
{
    std::vector<std::vector<NightFigure>> others;
    for (const auto& other : before) {
        if (others.size() < mostNights && isOfItsLength(night, other)) {
            others.push_back(figuresOf(other));
        }
    }
    std::vector<NightComparison> out;
    for (auto& figure : figuresOf(night)) {
        NightComparison row{.figure = std::move(figure)};
        std::vector<double> values;
        for (const auto& of : others) {
            const auto same = std::ranges::find(of, row.figure.id, &NightFigure::id);
            if (same != of.end() && same->value) {
                values.push_back(*same->value);
            }
        }
        judge(row, std::move(values));
        out.push_back(std::move(row));
    }
    return out;
}

std::string valueText(NightUnit unit, double value)
{
    switch (unit) {
    case NightUnit::Seconds:
        return spanText(value);
    case NightUnit::Bytes:
        return bytesText(value);
    case NightUnit::Count:
        break;
    }
    return numberText(value, value == std::floor(value) ? 0 : 1); // the median of an even number may be a half
}

std::string outsideText(const NightComparison& row)
{
    if (row.verdict != NightVerdict::Above && row.verdict != NightVerdict::Below) {
        return {};
    }
    const auto text = [&](double value) { return valueText(row.figure.unit, value); };
    return row.figure.words + ": " + text(*row.figure.value) +
           (row.verdict == NightVerdict::Above ? ", more than on any of the last "
                                               : ", less than on any of the last ") +
           std::to_string(row.nights) + " nights (usually " + text(row.median) + ", from " + text(row.low) + " to " +
           text(row.high) + ").";
}

} // namespace qd::governance
