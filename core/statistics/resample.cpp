#include "statistics/resample.h"

#include <algorithm>

namespace qd::statistics {

namespace {

double uniform(std::mt19937_64& generator)
{
    return static_cast<double>(generator() >> 11U) * 0x1p-53;
}

std::uint32_t indexAt(double u, std::size_t n)
{
    const auto at = static_cast<std::size_t>(std::max(u, 0.0) * static_cast<double>(n));
    return static_cast<std::uint32_t>(std::min(at, n - 1));
}

void fillStationary(std::span<std::uint32_t> out, std::span<const double> starts, std::span<const double> restarts,
                    std::size_t n, double meanBlock)
{
    const double p = 1.0 / meanBlock;
    for (std::size_t t = 0; t < out.size(); ++t) {
        const bool isRestart = t == 0 || restarts[t] < p;
        out[t] = isRestart ? indexAt(starts[t], n) : static_cast<std::uint32_t>((out[t - 1] + std::size_t{1}) % n);
    }
}

} // namespace

std::vector<std::uint32_t> stationaryIndices(std::span<const double> starts, std::span<const double> restarts,
                                             std::size_t n, double meanBlock)
{
    std::vector<std::uint32_t> indices(std::min(starts.size(), restarts.size()));
    fillStationary(indices, starts, restarts, n, meanBlock);
    return indices;
}

StationaryResampler::StationaryResampler(std::size_t n, double meanBlock, std::uint64_t seed)
    : generator_(seed),
      meanBlock_(std::max(meanBlock, 1.0)),
      starts_(n),
      restarts_(n),
      indices_(n)
{
}

std::span<const std::uint32_t> StationaryResampler::next()
{
    for (std::size_t t = 0; t < indices_.size(); ++t) {
        starts_[t] = uniform(generator_);
        restarts_[t] = uniform(generator_);
    }
    fillStationary(indices_, starts_, restarts_, indices_.size(), meanBlock_);
    return indices_;
}

CircularResampler::CircularResampler(std::size_t n, std::size_t block, std::uint64_t seed)
    : generator_(seed),
      block_(std::max<std::size_t>(block, 1)),
      indices_(n)
{
}

std::span<const std::uint32_t> CircularResampler::next()
{
    const std::size_t n = indices_.size();
    for (std::size_t t = 0; t < n; ++t) {
        indices_[t] = t % block_ == 0 ? indexAt(uniform(generator_), n)
                                      : static_cast<std::uint32_t>((indices_[t - 1] + std::size_t{1}) % n);
    }
    return indices_;
}

} // namespace qd::statistics
