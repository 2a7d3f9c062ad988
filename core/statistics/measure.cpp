#include "statistics/measure.h"

#include <algorithm>

namespace qd::statistics {

std::string_view name(Undefined why)
{
    switch (why) {
    case Undefined::NoTrades:
        return "no_trades";
    case Undefined::NoWins:
        return "no_wins";
    case Undefined::NoLosses:
        return "no_losses";
    case Undefined::Flat:
        return "flat";
    case Undefined::TooFew:
        return "too_few";
    case Undefined::NoVariance:
        return "no_variance";
    case Undefined::NoDownside:
        return "no_downside";
    case Undefined::NoDrawdown:
        return "no_drawdown";
    case Undefined::Ruined:
        return "ruined";
    case Undefined::NotFinite:
        return "not_finite";
    case Undefined::Never:
        return "never";
    case Undefined::Shape:
        return "shape";
    case Undefined::Dropped:
        return "dropped";
    case Undefined::OutOfRange:
        return "out_of_range";
    }
    return "";
}

std::string_view sentence(Undefined why)
{
    switch (why) {
    case Undefined::NoTrades:
        return "no trade yet";
    case Undefined::NoWins:
        return "no winning trade yet";
    case Undefined::NoLosses:
        return "no losing trade yet";
    case Undefined::Flat:
        return "only break-even trades yet";
    case Undefined::TooFew:
        return "too few observations";
    case Undefined::NoVariance:
        return "all observations are equal";
    case Undefined::NoDownside:
        return "no return under the target yet";
    case Undefined::NoDrawdown:
        return "no drawdown yet";
    case Undefined::Ruined:
        return "the equity fell to zero";
    case Undefined::NotFinite:
        return "a value is missing in the series, or the result is beyond all bounds";
    case Undefined::Never:
        return "does not beat the benchmark: no record is long enough";
    case Undefined::Shape:
        return "the returns are too skewed for this figure";
    case Undefined::Dropped:
        return "too many resamples had no value";
    case Undefined::OutOfRange:
        return "no meaning for these arguments";
    }
    return "";
}

bool allFinite(std::span<const double> values)
{
    return std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
}

} // namespace qd::statistics
