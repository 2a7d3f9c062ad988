// Which observations a bootstrap draws: the stationary one of Politis and Romano and the circular one with blocks of
// one length. Not shared between threads. The seed is all that a result needs to be had again, on any machine: the
// numbers are std::mt19937_64's, which the standard fixes, and a uniform is the upper 53 bits / 2^53. Source:
// STATISTICS.md §4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <vector>

namespace qd::statistics {

/// The indices of the next replicate, valid until the next call; empty when there are no more.
using Resamples = std::function<std::span<const std::uint32_t>()>;

/// i₀ = ⌊U₀n⌋; then i_t = ⌊U_t·n⌋ where V_t < 1/L, else the next one, round the end. V₀ is drawn and not used.
/// Requires as many U (starts) as V (restarts), n ≥ 1, L ≥ 1; U of 1 counts as the last index.
[[nodiscard]] std::vector<std::uint32_t>
stationaryIndices(std::span<const double> starts, std::span<const double> restarts, std::size_t n, double meanBlock);

/// A draw with restarts each step, U before V.
class StationaryResampler {
public:
    StationaryResampler(std::size_t n, double meanBlock, std::uint64_t seed);
    [[nodiscard]] std::span<const std::uint32_t> next();

private:
    std::mt19937_64 generator_;
    double meanBlock_;
    std::vector<double> starts_;
    std::vector<double> restarts_;
    std::vector<std::uint32_t> indices_;
};

/// Blocks of `block` consecutive ones, round the end, the last one cut to fit.
class CircularResampler {
public:
    CircularResampler(std::size_t n, std::size_t block, std::uint64_t seed);
    [[nodiscard]] std::span<const std::uint32_t> next();

private:
    std::mt19937_64 generator_;
    std::size_t block_;
    std::vector<std::uint32_t> indices_;
};

/// `count` replicates of the resampler, which must outlive it.
template <typename Resampler>
[[nodiscard]] Resamples resamplesOf(Resampler& resampler, std::size_t count)
{
    return [&resampler, count]() mutable -> std::span<const std::uint32_t> {
        if (count == 0) {
            return {};
        }
        --count;
        return resampler.next();
    };
}

} // namespace qd::statistics
