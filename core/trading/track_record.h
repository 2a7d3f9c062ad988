// The record of some closed trades, told one after the other and of bounded size: what the ledger's view keeps for each
// row, and what evaluations are made of, so that both agree. Pure. One thread at a time. Money in 1e-8 USDT.
// Source: PRODUCT.md, Sharpe, honestly; STATISTICS.md §1–3, §22.
#pragma once

#include "base/policy.h"
#include "statistics/sharpe.h"
#include "trading/evaluation.h"
#include "trading/trade_book.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace qd::trading {

/// The first and the last of a growing series and some between, evenly: never more than 120.
class Sparkline {
public:
    void add(double value);
    /// At most 60 points; empty before the first.
    [[nodiscard]] std::vector<float> points() const;

private:
    std::vector<float> kept_;
    std::size_t stride_ = 1;
    std::size_t count_ = 0;
    float last_ = 0;
};

/// Mean, deviation and shape of a series of any length, in one pass.
class Moments {
public:
    void add(double value);
    [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(n_); }
    [[nodiscard]] statistics::Defined<statistics::SharpeSample> sharpe() const;

private:
    double n_ = 0;
    double mean_ = 0;
    double m2_ = 0;
    double m3_ = 0;
    double m4_ = 0;
    double least_ = 0;
    double greatest_ = 0;
};

/// The policy's; what `policy` does not name is its default.
[[nodiscard]] EvaluationLimits evaluationLimits(const base::PolicyValues& policy);

class TrackRecord {
public:
    /// In order of exit; `capital` is what it worked with at that moment.
    void add(const BookTrade& trade, Money capital);
    /// In order of entry: where trades overlap, that is another one.
    void addToClusters(const BookTrade& trade);

    [[nodiscard]] std::uint32_t trades() const { return trades_; }
    [[nodiscard]] std::uint32_t won() const { return won_; }
    [[nodiscard]] Money net() const { return net_; }
    [[nodiscard]] Money optimistic() const { return optimistic_; }
    [[nodiscard]] Money pessimistic() const { return pessimistic_; }
    [[nodiscard]] Money gained() const { return gained_; } // by those that won
    [[nodiscard]] Money lost() const { return lost_; }     // by the others, positive
    [[nodiscard]] statistics::Measure profitFactor() const;
    /// Worst fall of (capital and net) from its highest, at exits, as a share of it: 0…1.
    [[nodiscard]] statistics::Measure maxDrawdown() const;
    [[nodiscard]] std::vector<float> equity() const { return curve_.points(); }
    /// From clusters of trades (chains of overlapping holding times), where they are enough.
    [[nodiscard]] SharpeFigure provisionalSharpe(const EvaluationLimits& limits) const;

private:
    std::uint32_t trades_ = 0;
    std::uint32_t won_ = 0;
    Money net_;
    Money gained_;
    Money lost_;
    Money optimistic_;
    Money pessimistic_;
    double level_ = 1; // 1 and the net as shares of the capital of their moments
    double peak_ = 1;
    double drawdown_ = 0;
    Sparkline curve_;
    Moments clusters_; // that have ended
    Money cluster_;    // the one in work
    UtcMs firstEntry_;
    UtcMs clusterEnd_;
    bool hasCluster_ = false;
};

/// Returns of the days from `first` until `until`.
[[nodiscard]] std::vector<double> returnsOf(const DailyPnl& pnl, std::int64_t first, std::int64_t until,
                                            const std::function<Money(std::int64_t day)>& capital);

/// The headline: daily from enough complete days, before that the provisional one, none under the least trades.
[[nodiscard]] SharpeFigure sharpeFigure(const TrackRecord& record, std::span<const double> returns,
                                        const EvaluationLimits& limits);

} // namespace qd::trading
