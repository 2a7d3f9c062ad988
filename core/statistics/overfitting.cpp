#include "statistics/overfitting.h"

#include "statistics/summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace qd::statistics {

namespace {

// What a block knows of a column. Blocks merge without Σr² − (Σr)²/n, which would cancel (Chan, Golub, LeVeque).
struct BlockMoments {
    double n = 0;
    double mean = 0;
    double squares = 0; // Σ(r − mean)²
    double least = 0;
    double most = 0;

    void merge(const BlockMoments& other)
    {
        if (n == 0) {
            *this = other;
            return;
        }
        const double total = n + other.n;
        const double apart = other.mean - mean;
        squares += other.squares + apart * apart * n * other.n / total;
        mean += apart * other.n / total;
        n = total;
        least = std::min(least, other.least);
        most = std::max(most, other.most);
    }

    [[nodiscard]] std::optional<double> sharpe() const
    {
        const double deviation = std::sqrt(squares / (n - 1.0));
        return least == most || !(deviation > 0.0) ? std::nullopt : std::optional(mean / deviation);
    }
};

BlockMoments momentsOf(std::span<const double> rows, std::size_t columns, std::size_t column)
{
    std::vector<double> values;
    for (std::size_t i = column; i < rows.size(); i += columns) {
        values.push_back(rows[i]);
    }
    const auto n = static_cast<double>(values.size());
    const auto [least, most] = std::ranges::minmax(values);
    const double center = sum(values) / n;
    CompensatedSum squares;
    for (const double v : values) {
        squares.add((v - center) * (v - center));
    }
    return {n, center, squares.value(), least, most};
}

struct Split {
    std::vector<double> inSample; // Sharpe of each column
    std::vector<double> outOfSample;
};

// The columns' ratios on the chosen blocks and on the rest; empty where one has none.
std::optional<Split> split(const std::vector<std::vector<BlockMoments>>& blocks, const std::vector<bool>& isChosen)
{
    Split out;
    for (std::size_t column = 0; column < blocks.front().size(); ++column) {
        BlockMoments in;
        BlockMoments rest;
        for (std::size_t b = 0; b < blocks.size(); ++b) {
            (isChosen[b] ? in : rest).merge(blocks[b][column]);
        }
        const auto a = in.sharpe();
        const auto b = rest.sharpe();
        if (!a || !b) {
            return std::nullopt;
        }
        out.inSample.push_back(*a);
        out.outOfSample.push_back(*b);
    }
    return out;
}

double midrankOf(const std::vector<double>& values, double value)
{
    const auto under = std::ranges::count_if(values, [&](double v) { return v < value; });
    const auto equal = std::ranges::count(values, value);
    return static_cast<double>(under) + (static_cast<double>(equal) + 1.0) / 2.0;
}

void summarise(Overfitting& out, const std::vector<double>& inSample, const std::vector<double>& outOfSample)
{
    if (inSample.empty()) {
        out.probability = out.lossProbability = std::unexpected(Undefined::NoVariance);
        out.slope = out.intercept = std::unexpected(Undefined::NoVariance);
        out.meanInSample = out.meanOutOfSample = std::unexpected(Undefined::NoVariance);
        return;
    }
    const auto n = static_cast<double>(inSample.size());
    const auto share = [n](const std::vector<double>& values, auto rule) {
        return static_cast<double>(std::ranges::count_if(values, rule)) / n;
    };
    out.probability = share(out.logits, [](double logit) { return logit <= 0.0; });
    out.lossProbability = share(outOfSample, [](double ratio) { return ratio < 0.0; });
    out.meanInSample = mean(inSample);
    out.meanOutOfSample = mean(outOfSample);
    const auto spread = variance(inSample, 0);
    if (!out.meanInSample || !out.meanOutOfSample || !spread || *spread == 0.0) {
        out.slope = out.intercept = std::unexpected(Undefined::NoVariance);
        return;
    }
    CompensatedSum products;
    for (std::size_t i = 0; i < inSample.size(); ++i) {
        products.add((inSample[i] - *out.meanInSample) * (outOfSample[i] - *out.meanOutOfSample));
    }
    out.slope = measureOf(products.value() / (n * *spread));
    out.intercept = both(out.slope, out.meanInSample, [&](double s, double x) { return *out.meanOutOfSample - s * x; });
}

} // namespace

Defined<Overfitting> backtestOverfitting(std::span<const double> rows, std::size_t columns,
                                         const OverfittingOptions& options)
{
    if (columns < 2) {
        return std::unexpected(Undefined::TooFew);
    }
    const std::size_t height = rows.size() / columns;
    const std::size_t count = options.blocks != 0 ? options.blocks : height >= 160 ? 16 : 8;
    if (rows.size() % columns != 0 || count < 2 || count > 20 || count % 2 != 0) {
        return std::unexpected(Undefined::OutOfRange);
    }
    if (!allFinite(rows)) {
        return std::unexpected(Undefined::NotFinite);
    }
    const std::size_t size = height / count;
    if (size * count / 2 < 2) {
        return std::unexpected(Undefined::TooFew);
    }
    Overfitting out;
    out.rowsDropped = height % count; // the oldest
    std::vector<std::vector<BlockMoments>> blocks(count);
    for (std::size_t b = 0; b < count; ++b) {
        const auto part = rows.subspan((out.rowsDropped + b * size) * columns, size * columns);
        for (std::size_t column = 0; column < columns; ++column) {
            blocks[b].push_back(momentsOf(part, columns, column));
        }
    }
    std::vector<bool> isChosen(count, false);
    std::fill_n(isChosen.begin(), count / 2, true);
    std::vector<double> inSample;
    std::vector<double> outOfSample;
    do {
        ++out.combinations;
        const auto ratios = split(blocks, isChosen);
        if (!ratios) {
            ++out.dropped;
            continue;
        }
        const auto best =
            static_cast<std::size_t>(std::ranges::max_element(ratios->inSample) - ratios->inSample.begin());
        const double omega =
            midrankOf(ratios->outOfSample, ratios->outOfSample[best]) / (static_cast<double>(columns) + 1.0);
        out.best.push_back(best);
        out.logits.push_back(std::log(omega / (1.0 - omega)));
        inSample.push_back(ratios->inSample[best]);
        outOfSample.push_back(ratios->outOfSample[best]);
    } while (
        std::prev_permutation(isChosen.begin(), isChosen.end())); // true before false: lexicographic in the indices
    summarise(out, inSample, outOfSample);
    return out;
}

} // namespace qd::statistics
