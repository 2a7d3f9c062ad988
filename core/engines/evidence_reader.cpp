#include "engines/evidence_reader.h"

#include "engines/experiment_evidence.h"

#include "storage/candle_store.h"
#include "storage/gap_store.h"
#include "storage/journal_store.h"
#include "storage/model_store.h"
#include "storage/review_store.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>
#include <cmath>

namespace qd::engines {

using base::Result;
using base::UtcMs;
using governance::DayUse;
using governance::Evidence;

namespace {

std::size_t whole(const base::PolicyValues& policy, std::string_view name)
{
    return static_cast<std::size_t>(std::llround(base::policyValue(policy, name)));
}

RegimeRule regimeRule(const base::PolicyValues& policy)
{
    return {whole(policy, "convergence.reference_days"), base::policyValue(policy, "convergence.regime_low"),
            base::policyValue(policy, "convergence.regime_high")};
}

/// The first day that is complete from `since` on.
std::int64_t firstCompleteDay(UtcMs since)
{
    const auto day = governance::dayOf(since);
    return governance::midnightOf(day) == since ? day : day + 1;
}

Result<void> readRegime(storage::CandleStore& candles, base::InstrumentId id, RegimeHistory& regime)
{
    const auto read = candles.scan(id, RegimeHistory::timeframe, {.from = regime.end()}, [&](const auto& span) {
        for (const auto& candle : span) {
            regime.add(candle);
        }
        return true;
    });
    return read ? Result<void>{} : std::unexpected(read.error());
}

base::Millis within(const GapSpans& spans, UtcMs from, UtcMs to)
{
    base::Millis sum{0};
    for (const auto& [begin, end] : spans) {
        sum += std::max(std::min(end, to) - std::max(begin, from), base::Millis{0});
    }
    return sum;
}

/// In which nothing was lost are none of these: the ids ran on.
Result<std::map<base::InstrumentId, GapSpans>> readGaps(storage::Database& database)
{
    const auto all = storage::GapStore(database).all();
    if (!all) {
        return std::unexpected(all.error());
    }
    std::map<base::InstrumentId, GapSpans> out;
    for (const auto& gap : *all) { // by time
        if ((gap.measure == market::GapMeasure::Exact && gap.found == 0) || gap.to <= gap.from) {
            continue;
        }
        auto& spans = out[gap.instrument];
        if (!spans.empty() && gap.from <= spans.back().second) {
            spans.back().second = std::max(spans.back().second, gap.to);
        } else {
            spans.emplace_back(gap.from, gap.to);
        }
    }
    return out;
}

} // namespace

Result<void> EvidenceReader::refresh(storage::Database& database)
{
    const auto promoted = storage::ExperimentStore(database).promoted();
    if (!promoted) {
        return std::unexpected(promoted.error());
    }
    const bool isOther = std::exchange(promotedArms_, *promoted) != *promoted; // an arm's trades are the strategy's now
    const auto readings = known_.readings;
    auto read = known_.refresh(database, storage::Arms::Promoted, isOther);
    if (known_.readings != readings) {
        regimes_.clear();
    }
    storage::CandleStore candles(database);
    for (const auto& [id, instrument] : known_.instruments) {
        read = read ? readRegime(candles, id, regimes_[id]) : read;
    }
    if (!read) {
        return read;
    }
    return readRest(database);
}

Result<void> EvidenceReader::readRest(storage::Database& database)
{
    auto positions = storage::LedgerStore(database).rosterPositions();
    auto gaps = readGaps(database);
    const auto left = storage::leftInstruments(database);
    const auto nights = storage::ReviewStore(database).nightDays();
    const auto experiments = storage::ExperimentStore(database).all();
    auto decided = storage::JournalStore(database).after(journal_.empty() ? 0 : journal_.back().id);
    const auto first = database.number("SELECT min(time) FROM equity");
    const auto last = database.number("SELECT max(time) FROM equity");
    if (!positions || !gaps) {
        return std::unexpected(positions ? gaps.error() : positions.error());
    }
    if (!left || !nights) {
        return std::unexpected(left ? nights.error() : left.error());
    }
    if (!experiments || !decided) {
        return std::unexpected(experiments ? decided.error() : experiments.error());
    }
    if (!first || !last) {
        return std::unexpected(first ? last.error() : first.error());
    }
    std::vector<governance::Decision> fresh;
    std::ranges::transform(*decided, std::back_inserter(fresh), storage::decisionOf);
    if (auto models = readModels(database, fresh); !models) {
        return models;
    }
    std::ranges::move(fresh, std::back_inserter(journal_));
    open_.clear();
    for (const auto& position : *positions) {
        if (const auto found = known_.instruments.find(position.decision.instrument);
            found != known_.instruments.end()) {
            open_.push_back(known_.book.entryOf(position, found->second));
        }
    }
    gaps_ = std::move(*gaps);
    left_ = {left->begin(), left->end()};
    sensitivityDays_.clear();
    for (const auto& [strategy, days] : *nights) {
        sensitivityDays_[strategy] = {days.begin(), days.end()};
    }
    if (*last != 0) {
        firstEquity_ = {*first};
        newestEquity_ = {*last};
    }
    experimentDays_ = experimentDays(*experiments, now());
    return {};
}

// What a version knows is looked up once, as its reign begins.
Result<void> EvidenceReader::readModels(storage::Database& database, std::span<const governance::Decision> decided)
{
    const auto champion = governance::name(governance::ModelStage::Champion);
    for (const auto& decision : decided) {
        for (const auto& change : decision.changes) {
            if (change.kind != governance::ChangeKind::ModelStage) {
                continue;
            }
            if (change.before == champion && change.after != champion) {
                const auto open = std::ranges::find_if(reigns_, [&](const Reign& reign) {
                    return reign.version == change.subject && reign.to.value == INT64_MAX;
                });
                if (open != reigns_.end()) {
                    open->to = decision.time;
                }
            } else if (change.after == champion && change.before != champion) {
                const auto stored = storage::ModelStore(database).find(change.subject);
                if (!stored) {
                    return std::unexpected(stored.error());
                }
                if (*stored) {
                    reigns_.push_back({change.subject, decision.time, UtcMs{INT64_MAX}, (*stored)->record.knows});
                }
            }
        }
    }
    return {};
}

bool EvidenceReader::served(std::string_view family, std::int64_t day, base::Millis expiry) const
{
    const auto begin = governance::midnightOf(day);
    const auto end = governance::midnightOf(day + 1);
    return std::ranges::any_of(reigns_, [&](const Reign& reign) {
        return trading::familyOf(reign.version) == family && reign.from < end && reign.to > begin &&
               reign.knows + expiry >= std::max(begin, reign.from);
    });
}

UtcMs EvidenceReader::now() const
{
    return std::max({known_.newestExit, newestEquity_, UtcMs{0}});
}

std::vector<base::InstrumentId> EvidenceReader::rowsOf(std::string_view strategy) const
{
    std::set<base::InstrumentId> rows;
    for (const auto& [name, instrument] : known_.book.rows()) {
        if (name == strategy) {
            rows.insert(instrument);
        }
    }
    if (const auto* info = trading::findStrategy(strategy)) {
        for (const auto& [id, instrument] : known_.instruments) {
            if (!left_.contains(id) && trading::runsOn(*info, instrument.name)) {
                rows.insert(id);
            }
        }
    }
    return {rows.begin(), rows.end()};
}

double EvidenceReader::gapShare(base::InstrumentId instrument, UtcMs from, UtcMs to) const
{
    const auto spans = gaps_.find(instrument);
    const auto lost = spans == gaps_.end() ? base::Millis{0} : within(spans->second, from, to);
    return static_cast<double>(lost.count()) / static_cast<double>((to - from).count());
}

double EvidenceReader::gapShare(std::size_t days) const
{
    const auto to = now();
    const auto from = to - base::oneDay * static_cast<std::int64_t>(days);
    double sum = 0;
    std::size_t count = 0;
    for (const auto& [id, instrument] : known_.instruments) {
        if (!left_.contains(id)) {
            sum += gapShare(id, from, to);
            ++count;
        }
    }
    return count == 0 ? 0 : sum / static_cast<double>(count);
}

// When a record did not run since it came into force first: other parameters did, or the strategy was archived. Before
// that it may have run as an arm.
GapSpans EvidenceReader::pausesOf(const governance::RosterRow& row) const
{
    using governance::ChangeKind;
    const auto record = governance::valueInForce({row}, {ChangeKind::Record, row.strategy, {}, {}});
    GapSpans out;
    UtcMs begun = row.recordSince;
    bool isKnown = false;
    bool isOther = false;
    bool isArchived = false;
    std::optional<UtcMs> since;
    for (const auto& decision : journal_) {
        for (const auto& change : decision.changes) {
            if (change.subject == row.strategy && change.kind == ChangeKind::Record) {
                isOther = change.after != record;
                if (!isKnown && (!isOther || change.before == record)) {
                    isKnown = true;
                    begun = isOther ? begun : std::max(begun, decision.time);
                }
            } else if (change.subject == row.strategy && change.kind == ChangeKind::Stage) {
                isArchived = change.after == name(governance::Stage::Archived);
            }
        }
        const bool isPaused = isOther || isArchived;
        if (isPaused && !since) {
            since = decision.time;
        } else if (!isPaused && since) {
            out.emplace_back(std::max(*since, begun), std::max(decision.time, begun));
            since.reset();
        }
    }
    if (since) {
        out.emplace_back(std::max(*since, begun), UtcMs{INT64_MAX});
    }
    return out;
}

DayUse EvidenceReader::useOf(std::string_view strategy, std::span<const base::InstrumentId> instruments,
                             std::int64_t day, const base::PolicyValues& policy, bool hasTraded) const
{
    const auto has = [&](const auto& days) {
        const auto found = days.find(std::string(strategy));
        return found != days.end() && found->second.contains(day);
    };
    if (has(experimentDays_)) {
        return DayUse::Experiment;
    }
    if (has(sensitivityDays_)) {
        return DayUse::Sensitivity;
    }
    const auto* info = trading::findStrategy(strategy);
    const auto expiry = governance::policiesFrom(policy).models.expiry;
    if (info != nullptr && info->asksModel && !hasTraded && !served(info->model, day, expiry)) {
        return DayUse::NoModel;
    }
    const double mostGap = base::policyValue(policy, "review.max_gap");
    double lost = 0;
    for (const auto id : instruments) {
        const auto regime = regimes_.find(id);
        const bool hasData = regime != regimes_.end() && regime->second.hasDay(day);
        lost += hasData ? gapShare(id, governance::midnightOf(day), governance::midnightOf(day + 1)) : 1;
    }
    return instruments.empty() || lost > mostGap * static_cast<double>(instruments.size()) ? DayUse::NoData
                                                                                           : DayUse::Counts;
}

Evidence EvidenceReader::make(governance::Subject subject, std::string hash,
                              const std::vector<const trading::BookTrade*>& trades, UtcMs since, const GapSpans& pauses,
                              const base::PolicyValues& policy) const
{
    const auto rule = regimeRule(policy);
    const auto today = governance::dayOf(now());
    const auto rows = subject.instrument ? std::vector{*subject.instrument} : rowsOf(subject.strategy);
    const auto begun = std::min(known_.firstEntry, firstEquity_);
    const auto first = begun == UtcMs{INT64_MAX} ? now() : begun; // nothing was traded or kept yet
    Evidence out{.subject = std::move(subject),
                 .parameterHash = std::move(hash),
                 .capital = base::policyValue(policy, "paper.row_capital") * static_cast<double>(rows.size()),
                 .trades = {},
                 .firstDay = firstCompleteDay(std::max(since, first)),
                 .days = {}};
    trading::DailyPnl daily;
    std::set<std::int64_t> traded;
    for (const auto* trade : trades) {
        const auto instrument = known_.book.rows()[trade->row].second;
        trading::addDays(daily, *trade, known_.instruments.at(instrument), known_.marks.at(instrument), today);
        traded.insert(governance::dayOf(trade->entered));
        if (trade->left != trading::stillOpen) {
            out.trades.push_back({.opened = trade->entered,
                                  .closed = trade->left,
                                  .net = base::toUsdt(trade->net),
                                  .inShadow = trade->inShadow,
                                  .regime = regimes_.at(instrument).markAt(trade->entered, rule)});
        }
    }
    std::ranges::stable_sort(out.trades, {}, &governance::TradeResult::closed);
    const double mostGap = base::policyValue(policy, "review.max_gap");
    for (auto day = out.firstDay; day < today; ++day) {
        const auto paused = within(pauses, governance::midnightOf(day), governance::midnightOf(day + 1));
        const double share = static_cast<double>(paused.count()) / static_cast<double>(base::oneDay.count());
        const auto pnl = daily.at(day); // of a position that outlived the change, if it did not run
        out.days.push_back(
            {base::toUsdt(pnl), share > mostGap && pnl.value == 0
                                    ? DayUse::NotRunning
                                    : useOf(out.subject.strategy, rows, day, policy, traded.contains(day))});
    }
    return out;
}

std::vector<Evidence> EvidenceReader::evidence(const governance::Roster& roster, const base::PolicyValues& policy) const
{
    struct Records {
        std::vector<const trading::BookTrade*> whole;
        std::map<base::InstrumentId, std::vector<const trading::BookTrade*>> parts;
    };
    std::map<std::string, std::map<std::string, Records>> records; // by strategy, then hash
    const auto take = [&](const trading::BookTrade& trade) {
        const auto& [strategy, instrument] = known_.book.rows()[trade.row];
        const auto* row = governance::findRow(roster, strategy);
        auto hash = known_.book.hashes()[trade.hash];
        if (row != nullptr && hash == row->parameterHash && trade.entered < row->recordSince) {
            hash += '~';
        }
        auto& record = records[strategy][hash];
        record.whole.push_back(&trade);
        record.parts[instrument].push_back(&trade);
    };
    std::ranges::for_each(known_.book.trades(), take);
    std::ranges::for_each(open_, take);
    std::vector<Evidence> out;
    for (const auto& row : roster) {
        auto& known = records[row.strategy];
        auto& current = known[row.parameterHash];
        const auto pauses = pausesOf(row);
        out.push_back(make({row.strategy, {}}, row.parameterHash, current.whole, row.recordSince, pauses, policy));
        for (const auto id : rowsOf(row.strategy)) {
            out.push_back(
                make({row.strategy, id}, row.parameterHash, current.parts[id], row.recordSince, pauses, policy));
        }
        for (auto& [hash, record] : known) {
            if (hash == row.parameterHash) {
                continue;
            }
            const auto never = governance::midnightOf(governance::dayOf(now())); // no days
            out.push_back(make({row.strategy, {}}, hash, record.whole, never, {}, policy));
            for (const auto& [id, trades] : record.parts) {
                out.push_back(make({row.strategy, id}, hash, trades, never, {}, policy));
            }
        }
    }
    return out;
}

Evidence EvidenceReader::evidenceOfHash(std::string_view strategy, std::string_view hash,
                                        const base::PolicyValues& policy) const
{
    std::vector<const trading::BookTrade*> trades;
    UtcMs since{INT64_MAX};
    for (const auto& trade : known_.book.trades()) {
        if (known_.book.rows()[trade.row].first == strategy && known_.book.hashes()[trade.hash] == hash) {
            trades.push_back(&trade);
            since = std::min(since, trade.entered);
        }
    }
    since = std::min(since, governance::midnightOf(governance::dayOf(now()))); // without trades: no days
    return make({std::string(strategy), {}}, std::string(hash), trades, since, {}, policy);
}

std::pair<std::size_t, double> EvidenceReader::closedBetween(const governance::Subject& subject, UtcMs after,
                                                             UtcMs to) const
{
    std::pair<std::size_t, double> out{};
    for (const auto& trade : known_.book.trades()) {
        const auto& [strategy, instrument] = known_.book.rows()[trade.row];
        if (trade.left > after && trade.left <= to && strategy == subject.strategy &&
            (!subject.instrument || *subject.instrument == instrument)) {
            ++out.first;
            out.second += base::toUsdt(trade.net);
        }
    }
    return out;
}

std::optional<double> EvidenceReader::meanNotional(std::string_view strategy, std::string_view hash) const
{
    double sum = 0;
    std::size_t count = 0;
    for (const auto& trade : known_.book.trades()) {
        if (known_.book.rows()[trade.row].first == strategy && known_.book.hashes()[trade.hash] == hash) {
            sum += base::toUsdt(trade.notional);
            ++count;
        }
    }
    return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
}

} // namespace qd::engines
