#include "trading/track_record.h"

#include "statistics/equity.h"

#include <algorithm>
#include <cmath>

namespace qd::trading {

using statistics::Undefined;

namespace {

constexpr std::size_t mostKept = 120;
constexpr std::size_t mostShown = 60;
constexpr double daysPerYear = 365.0;

SharpeFigure figureOf(const statistics::SharpeSample& sample, double periodsPerYear)
{
    const auto error = statistics::mertensError(sample);
    const double root = std::sqrt(periodsPerYear);
    return {.annual = statistics::measureOf(sample.sharpe * root),
            .interval = statistics::normalInterval(sample.sharpe * root, statistics::scaled(error, root)),
            .days = static_cast<std::uint32_t>(sample.n)};
}

} // namespace

EvaluationLimits evaluationLimits(const base::PolicyValues& policy)
{
    const auto count = [&](const char* name) { return static_cast<std::uint32_t>(base::policyValue(policy, name)); };
    return {.sharpeMinTrades = count("sharpe.min_trades"),
            .sharpeDays = count("sharpe.min_days"),
            .sharpeGreyDays = count("sharpe.grey_days"),
            .clusters = count("sharpe.min_clusters"),
            .clusterSpan = count("sharpe.min_cluster_days") * base::oneDay,
            .secondBenchmark = base::policyValue(policy, "sharpe.second_benchmark"),
            .greyTrades = count("show.grey_trades"),
            .growth = {count("show.growth_grey_days"), count("show.growth_min_days")},
            .psr = {count("show.psr_grey_days"), count("show.psr_min_days")},
            .deflated = {count("show.dsr_grey_days"), {count("show.dsr_grey_tries"), count("show.dsr_min_tries")}}};
}

void Sparkline::add(double value)
{
    last_ = static_cast<float>(value);
    if (count_++ % stride_ != 0) {
        return;
    }
    if (kept_.size() == mostKept) { // every second one is left; this one is due, as their number is even
        for (std::size_t i = 0; i < mostKept / 2; ++i) {
            kept_[i] = kept_[2 * i];
        }
        kept_.resize(mostKept / 2);
        stride_ *= 2;
    }
    kept_.push_back(last_);
}

std::vector<float> Sparkline::points() const
{
    auto all = kept_;
    if (!all.empty() && (count_ - 1) % stride_ != 0) {
        all.push_back(last_);
    }
    if (all.size() <= mostShown) {
        return all;
    }
    std::vector<float> out;
    out.reserve(mostShown);
    for (std::size_t i = 0; i < mostShown; ++i) {
        out.push_back(all[i * (all.size() - 1) / (mostShown - 1)]);
    }
    return out;
}

// Pébay's update of the central moments.
void Moments::add(double value)
{
    least_ = n_ > 0 ? std::min(least_, value) : value;
    greatest_ = n_ > 0 ? std::max(greatest_, value) : value;
    const double before = n_;
    n_ += 1;
    const double delta = value - mean_;
    const double step = delta / n_;
    const double term = delta * step * before;
    mean_ += step;
    m4_ += term * step * step * (n_ * n_ - 3 * n_ + 3) + 6 * step * step * m2_ - 4 * step * m3_;
    m3_ += term * step * (n_ - 2) - 3 * step * m2_;
    m2_ += term;
}

statistics::Defined<statistics::SharpeSample> Moments::sharpe() const
{
    if (n_ < 2) {
        return std::unexpected(Undefined::TooFew);
    }
    if (least_ == greatest_ || !(m2_ > 0)) {
        return std::unexpected(Undefined::NoVariance);
    }
    const double population = m2_ / n_;
    return statistics::SharpeSample{.sharpe = mean_ / std::sqrt(m2_ / (n_ - 1)),
                                    .skewness = m3_ / n_ / std::pow(population, 1.5),
                                    .kurtosis = m4_ / n_ / (population * population),
                                    .n = count()};
}

void TrackRecord::add(const BookTrade& trade, Money capital)
{
    ++trades_;
    net_ += trade.net;
    optimistic_ += trade.optimistic;
    pessimistic_ += trade.pessimistic;
    if (trade.net.value > 0) {
        ++won_;
        gained_ += trade.net;
    } else {
        lost_ -= trade.net;
    }
    level_ += capital.value > 0 ? base::toUsdt(trade.net) / base::toUsdt(capital) : 0.0;
    peak_ = std::max(peak_, level_);
    drawdown_ = std::min(1.0, std::max(drawdown_, (peak_ - level_) / peak_));
    if (trades_ == 1) {
        curve_.add(0);
    }
    curve_.add(base::toUsdt(net_));
}

void TrackRecord::addToClusters(const BookTrade& trade)
{
    if (!hasCluster_) {
        hasCluster_ = true;
        firstEntry_ = trade.entered;
        clusterEnd_ = trade.left;
    } else if (trade.entered > clusterEnd_) {
        clusters_.add(base::toUsdt(cluster_));
        cluster_ = {};
    }
    cluster_ += trade.net;
    clusterEnd_ = std::max(clusterEnd_, trade.left);
}

statistics::Measure TrackRecord::profitFactor() const
{
    if (trades_ == 0) {
        return std::unexpected(Undefined::NoTrades);
    }
    if (lost_.value == 0) {
        return std::unexpected(won_ > 0 ? Undefined::NoLosses : Undefined::Flat);
    }
    return statistics::measureOf(base::toUsdt(gained_) / base::toUsdt(lost_));
}

statistics::Measure TrackRecord::maxDrawdown() const
{
    return trades_ == 0 ? std::unexpected(Undefined::NoTrades) : statistics::Measure(drawdown_);
}

SharpeFigure TrackRecord::provisionalSharpe(const EvaluationLimits& limits) const
{
    if (!hasCluster_) {
        return {};
    }
    auto all = clusters_;
    all.add(base::toUsdt(cluster_));
    if (all.count() < limits.clusters || clusterEnd_ - firstEntry_ < limits.clusterSpan) {
        return {};
    }
    const auto sample = all.sharpe();
    if (!sample) {
        return {.annual = std::unexpected(sample.error()), .interval = std::unexpected(sample.error())};
    }
    const double days =
        static_cast<double>((clusterEnd_ - firstEntry_).count()) / static_cast<double>(base::oneDay.count());
    auto out = figureOf(*sample, static_cast<double>(all.count()) / days * daysPerYear);
    out.isProvisional = true;
    return out;
}

std::vector<double> returnsOf(const DailyPnl& pnl, std::int64_t first, std::int64_t until,
                              const std::function<Money(std::int64_t day)>& capital)
{
    std::vector<double> out;
    out.reserve(static_cast<std::size_t>(std::max<std::int64_t>(0, until - first)));
    for (auto day = first; day < until; ++day) {
        const auto of = capital(day);
        out.push_back(of.value > 0 ? base::toUsdt(pnl.at(day)) / base::toUsdt(of) : 0.0);
    }
    return out;
}

SharpeFigure sharpeFigure(const TrackRecord& record, std::span<const double> returns, const EvaluationLimits& limits)
{
    const auto none = [&](Undefined why) {
        return SharpeFigure{.annual = std::unexpected(why),
                            .interval = std::unexpected(why),
                            .days = static_cast<std::uint32_t>(returns.size())};
    };
    if (record.trades() < limits.sharpeMinTrades) {
        return none(Undefined::TooFew);
    }
    if (returns.size() < limits.sharpeDays) {
        const auto provisional = record.provisionalSharpe(limits);
        return provisional.annual ? provisional : none(provisional.annual.error());
    }
    const auto sample = statistics::sharpeSample(returns);
    return sample ? figureOf(*sample, daysPerYear) : none(sample.error());
}

} // namespace qd::trading
