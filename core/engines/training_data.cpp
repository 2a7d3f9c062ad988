#include "engines/training_data.h"

#include "storage/candle_store.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using base::UtcMs;
using learning::Family;
using learning::FeatureSource;
using market::Candle;

namespace {

constexpr auto fiveMinutes = market::length(market::Timeframe::M5);
constexpr auto anHour = market::length(market::Timeframe::H1);

std::uint64_t barsOfDays(int days)
{
    return static_cast<std::uint64_t>(days * (base::oneDay / fiveMinutes));
}

std::string daysOf(std::uint64_t bars)
{
    const auto tenths = std::llround(static_cast<double>(bars) * 10 / static_cast<double>(barsOfDays(1)));
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " days";
}

/// What one instrument has of a source, in 5m candles.
Result<std::uint64_t> barsOf(storage::Database& database, base::InstrumentId id, FeatureSource source,
                             const DataOrder& order)
{
    const storage::TimeRange range{order.from, order.until};
    if (source == FeatureSource::Ticks) {
        const auto summary = storage::TickArchive(database).summary(id);
        if (!summary) {
            return std::unexpected(summary.error());
        }
        const auto from = std::max(summary->firstTime, order.from);
        const auto to = std::min(summary->lastTime, order.until);
        return summary->ticks == 0 || to <= from ? 0 : static_cast<std::uint64_t>((to - from) / fiveMinutes);
    }
    const bool isMinutes = source == FeatureSource::Candles1m;
    const auto count =
        storage::CandleStore(database).count(id, isMinutes ? market::Timeframe::M1 : market::Timeframe::M5, range);
    return count ? Result<std::uint64_t>(*count / (isMinutes ? 5 : 1)) : std::unexpected(count.error());
}

std::vector<FeatureSource> sourcesOf(Family family)
{
    if (family == Family::Fill) {
        return {FeatureSource::Ticks};
    }
    return {FeatureSource::Ticks, FeatureSource::Candles1m, FeatureSource::Candles5m};
}

std::string_view wordsOf(FeatureSource source)
{
    switch (source) {
    case FeatureSource::Ticks:
        return "ticks";
    case FeatureSource::Candles1m:
        return "1m candles";
    case FeatureSource::Candles5m:
        break;
    }
    return "5m candles";
}

/// Hourly closes out of finer candles.
class HourlyCloses {
public:
    explicit HourlyCloses(base::Millis width) : width_(width) {}
    void add(const Candle& candle)
    {
        const auto end = candle.start + width_;
        if (end.value % anHour.count() == 0) {
            history_.add({.start = end - anHour, .close = candle.close});
        }
    }
    [[nodiscard]] RegimeHistory& history() { return history_; }

private:
    base::Millis width_;
    RegimeHistory history_;
};

/// The stored hours where they reach further back than those that were read.
Result<RegimeHistory> longerHistory(storage::Database& database, base::InstrumentId id, RegimeHistory read, UtcMs until)
{
    RegimeHistory stored;
    const auto scanned =
        storage::CandleStore(database).scan(id, RegimeHistory::timeframe, {}, [&](std::span<const Candle> candles) {
            for (const auto& candle : candles) {
                if (candle.start + anHour > until) {
                    return false;
                }
                stored.add(candle);
            }
            return true;
        });
    if (!scanned) {
        return std::unexpected(scanned.error());
    }
    const bool isLonger = stored.begin() && (!read.begin() || *stored.begin() < *read.begin()) &&
                          stored.end() + base::oneDay >= read.end();
    return isLonger ? std::move(stored) : std::move(read);
}

/// Pools what each instrument's rows are in its own reference.
class Regimes {
public:
    Regimes(const RegimeRule& rule, double leastShare) : rule_(rule), least_(leastShare), fifths_(5) {}

    void add(const RegimeHistory& history, std::span<const learning::RowTag> tags, UtcMs until)
    {
        const auto from = until - base::oneDay * static_cast<std::int64_t>(rule_.referenceDays);
        if (!history.begin() || *history.begin() > from) {
            return;
        }
        std::vector<double> sample;
        for (const auto& tag : tags) {
            if (const auto value = history.volatilityAt({tag.span.t0})) {
                sample.push_back(*value);
            }
        }
        const auto span = learning::regimeSpan(history.volatilities(from, until), sample,
                                               {.low = rule_.low, .high = rule_.high, .leastShare = least_});
        if (!span) {
            return;
        }
        const auto n = static_cast<double>(sample.size());
        low_ += span->shareLow * n;
        high_ += span->shareHigh * n;
        rows_ += n;
        for (std::size_t i = 0; i < fifths_.size(); ++i) {
            fifths_[i] += span->quintileShares[i] * n;
        }
    }
    [[nodiscard]] RowRegimes result() const
    {
        if (rows_ == 0) {
            return {};
        }
        RowRegimes out{.fifths = fifths_, .spans = low_ >= least_ * rows_ && high_ >= least_ * rows_};
        for (auto& share : out.fifths) {
            share /= rows_;
        }
        return out;
    }

private:
    RegimeRule rule_;
    double least_;
    std::vector<double> fifths_;
    double low_ = 0;
    double high_ = 0;
    double rows_ = 0;
};

/// The candle's end that each instrument reached.
struct SeriesRead {
    learning::TrainingRows rows;
    RegimeHistory history;
    UtcMs end{INT64_MIN};
};

class Reader {
public:
    Reader(storage::Database& database, const DataOrder& order, const OnRows& progress)
        : database_(database),
          order_(order),
          progress_(progress)
    {
    }

    [[nodiscard]] Result<SeriesRead> read(const UntoldGaps& gaps, std::uint32_t series, FeatureSource source,
                                          const learning::LabelRule& rule, double done, double share)
    {
        const auto& instrument = order_.instruments[series];
        auto maker = learning::RowMaker::of(learning::FeatureSet::of(source), rule, series, instrument);
        if (!maker) {
            return std::unexpected(maker.error());
        }
        const auto width =
            market::length(source == FeatureSource::Candles5m ? market::Timeframe::M5 : market::Timeframe::M1);
        HourlyCloses hours(width);
        SeriesRead out;
        std::optional<UtcMs> first;
        bool isCancelled = false;
        const auto total = barsOf(database_, instrument.id, source, order_);
        if (!total) {
            return std::unexpected(total.error());
        }
        const auto fed =
            feedArchive(database_, gaps, instrument.id, source, {.to = order_.until},
                        {.candle =
                             [&](const Candle& candle) {
                                 first = first.value_or(candle.start);
                                 maker->add(candle);
                                 hours.add(candle);
                                 out.end = candle.start + width;
                             },
                         .tick = [&](const market::Tick& tick) { maker->add(tick); },
                         .gap = [&] { maker->markGap(); },
                         .goesOn =
                             [&](UtcMs reached) {
                                 const auto bars = first ? static_cast<double>((reached - *first) / fiveMinutes) : 0.0;
                                 const auto part =
                                     *total == 0 ? 1.0 : std::clamp(bars / static_cast<double>(*total), 0.0, 1.0);
                                 isCancelled = progress_ && !progress_(done + part * share, instrument.name);
                                 return !isCancelled;
                             }});
        if (isCancelled) {
            return base::fail(ErrorCode::Cancelled, "training", "while its rows were made");
        }
        if (!fed) {
            return std::unexpected(fed.error());
        }
        out.rows = maker->finish();
        out.history = std::move(hours.history());
        return out;
    }

private:
    storage::Database& database_;
    const DataOrder& order_;
    const OnRows& progress_;
};

void dropBefore(learning::TrainingRows& rows, UtcMs from)
{
    if (rows.size() == 0 || rows.tags.front().span.t0 >= from.value) {
        return;
    }
    std::vector<std::uint32_t> kept;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        if (rows.tags[i].span.t0 >= from.value) {
            kept.push_back(i);
        }
    }
    auto out = rows.selected(kept);
    out.losses = rows.losses;
    rows = std::move(out);
}

std::uint32_t strideFor(std::uint64_t bars, Family family, std::size_t mostRows)
{
    const auto sides = family == Family::Gbt5m || learning::hasDistance(family) ? 2U : 1U;
    const auto rows = bars * sides;
    auto stride = std::max<std::uint64_t>(1, (rows + mostRows - 1) / mostRows);
    // Rows must come at all times of the day, as those that are served do: a stride that shares a divisor with the
    // day's 288 bars would keep full hours only.
    while (std::gcd(stride, std::uint64_t{288}) != 1) {
        ++stride;
    }
    return static_cast<std::uint32_t>(stride);
}

std::string namesOf(const std::vector<market::Instrument>& instruments)
{
    return instruments.size() == 1 ? instruments.front().name : std::to_string(instruments.size()) + " instruments";
}

} // namespace

Result<SourceChoice> chooseSource(storage::Database& database, const DataOrder& order)
{
    SourceChoice most;
    std::string all;
    for (const auto source : order.source ? std::vector{*order.source} : sourcesOf(order.rule.family)) {
        std::uint64_t bars = 0;
        std::uint64_t longest = 0;
        for (const auto& instrument : order.instruments) {
            const auto held = barsOf(database, instrument.id, source, order);
            if (!held) {
                return std::unexpected(held.error());
            }
            bars += *held;
            longest = std::max(longest, *held);
        }
        const auto said = std::string(wordsOf(source)) + ": " + daysOf(longest);
        all += (all.empty() ? "" : ", ") + said;
        if (bars > most.bars) {
            most = {source, bars, longest, said};
        }
        // The finest that is enough, and not of one instrument alone.
        if (longest >= barsOfDays(DataOrder::enoughDays) &&
            bars * 2 >= barsOfDays(DataOrder::enoughDays) * order.instruments.size()) {
            return SourceChoice{source, bars, longest, said};
        }
    }
    if (most.bars == 0) {
        return base::fail(ErrorCode::OutOfRange, std::string(name(order.rule.family)),
                          "nothing is archived that it could learn from (" + namesOf(order.instruments) + "; " + all +
                              ")");
    }
    return most;
}

Result<TrainingData> readTrainingData(storage::Database& database, const DataOrder& order, const RegimeRule& regime,
                                      double leastShare, const OnRows& progress)
{
    const auto family = std::string(name(order.rule.family));
    if (order.instruments.empty()) {
        return base::fail(ErrorCode::OutOfRange, family, "there is no instrument to learn from");
    }
    const auto choice = chooseSource(database, order);
    const auto gaps = choice ? untoldGaps(database) : Result<UntoldGaps>(std::unexpected(choice.error()));
    if (!gaps) {
        return std::unexpected(gaps.error());
    }
    TrainingData out{.rule = order.rule,
                     .source = choice->source,
                     .sourceWhy = choice->why,
                     .instruments = order.instruments,
                     .until = order.until};
    if (!order.source) {
        out.rule.stride = strideFor(choice->bars, order.rule.family, order.mostRows);
    }
    Reader reader(database, order, progress);
    std::vector<RegimeHistory> histories;
    std::vector<learning::TrainingRows> made;
    UtcMs end{INT64_MIN};
    const double share = 1.0 / static_cast<double>(order.instruments.size());
    for (std::uint32_t series = 0; series < order.instruments.size(); ++series) {
        auto read = reader.read(*gaps, series, out.source, out.rule, series * share, share);
        auto history = read ? longerHistory(database, order.instruments[series].id, std::move(read->history),
                                            std::min(order.until, read->end))
                            : Result<RegimeHistory>(std::unexpected(read.error()));
        if (!history) {
            return std::unexpected(history.error());
        }
        dropBefore(read->rows, order.from);
        end = std::max(end, read->end);
        histories.push_back(std::move(*history));
        made.push_back(std::move(read->rows));
    }
    out.until = std::min(order.until, end);
    Regimes regimes(regime, leastShare);
    for (std::size_t series = 0; series < made.size(); ++series) {
        regimes.add(histories[series], made[series].tags, std::min(out.until, histories[series].end()));
        out.rows.merge(std::exchange(made[series], {}));
    }
    out.regimes = regimes.result();
    if (out.rows.size() < DataOrder::fewestRows) {
        return base::fail(ErrorCode::OutOfRange, family,
                          "too few rows to learn from: " + sentence(out.rows.losses, out.rows.size()) + "; " +
                              std::to_string(DataOrder::fewestRows) + " are needed (" + namesOf(order.instruments) +
                              ", " + out.sourceWhy + ")");
    }
    return out;
}

Result<DataOrder> orderOf(const learning::Lineage& lineage, const std::vector<market::Instrument>& instruments)
{
    DataOrder out{.rule = lineage.rule, .until = {lineage.until}, .source = lineage.source, .from = {lineage.from}};
    for (const auto& name : lineage.instruments) {
        const auto found = std::ranges::find(instruments, name, &market::Instrument::name);
        if (found == instruments.end()) {
            return base::fail(ErrorCode::NotFound, name, "this database has no such instrument");
        }
        out.instruments.push_back(*found);
    }
    return out;
}

learning::Remake remakeFromArchive(storage::Database& database, const TrainingData& data, UntoldGaps gaps)
{
    const auto& rows = data.rows;
    learning::Remake out{.bars = rows.size()};
    out.full = [&rows](std::size_t i) {
        std::vector<double> values(rows.row(i).begin(), rows.row(i).end());
        values.push_back(rows.tags[i].entry);
        return values;
    };
    const auto shared = std::make_shared<const UntoldGaps>(std::move(gaps));
    out.truncated = [&database, &data, shared](std::size_t i) {
        const auto& table = data.rows;
        const auto& tag = table.tags[i];
        const auto& set = learning::FeatureSet::of(data.source);
        learning::FeatureBuilder builder(set);
        // No feature looks further back than this, and the first bucket of ticks is not whole.
        const auto from = base::bucketStart(UtcMs{tag.span.t0} - builder.warmUp() - anHour, anHour);
        std::vector<double> values;
        const auto take = [&](const Candle& candle) {
            if (builder.add(candle) != learning::RowOutcome::Row || builder.rowTime().value != tag.span.t0) {
                return;
            }
            std::vector<float> row(builder.row().begin(), builder.row().end());
            if (tag.side < 0) {
                mirror(set, row);
            }
            values.assign(row.begin(), row.end());
            for (auto c = row.size(); c < table.columns; ++c) { // a distance is chosen, not measured
                values.push_back(table.row(i)[c]);
            }
            values.push_back(static_cast<double>(builder.decisionCandle().close.value));
        };
        const auto fed = feedArchive(database, *shared, data.instruments[tag.series].id, data.source,
                                     {from, UtcMs{tag.span.t0}}, {.candle = take});
        return fed ? values : std::vector<double>();
    };
    return out;
}

} // namespace qd::engines
