#include "engines/gate_answers.h"

#include "engines/experiment_evidence.h"

#include "engines/null_queries.h"
#include "engines/signing_key_file.h"
#include "governance/manifest.h"
#include "statistics/summary.h"
#include "storage/calibration_store.h"
#include "storage/ledger_store.h"
#include "storage/null_store.h"
#include "storage/review_store.h"
#include "storage/trials_store.h"
#include "trading/strategy_catalogue.h"
#include "trading/trading_pipeline.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using base::UtcMs;

namespace {

/// With these parameters it decides by a model.
bool asksModel(storage::Database& database, std::string_view strategy, std::string_view parameterHash)
{
    const auto* info = trading::findStrategy(strategy);
    if (info == nullptr || info->model.empty()) {
        return false;
    }
    trading::ParameterSet parameters(info->name, info->parameters);
    const auto text = parametersOf(database, strategy, parameterHash);
    return text && parameters.setText(*text) && trading::makeStrategy(*info, parameters)->asksModel();
}

/// All tries of the family, and what so many leave of a Sharpe ratio: by the daily returns of those that ever ran.
Result<governance::Trials> trialsOf(storage::Database& database, const GovernanceFacts& facts,
                                    const EvidenceReader& evidence, const std::string& strategy)
{
    const auto rows = storage::TrialsStore(database).of(strategy);
    if (!rows) {
        return std::unexpected(rows.error());
    }
    std::uint32_t tries = 0;
    std::set<std::string> hashes;
    for (const auto& row : *rows) {
        tries += row.tries;
        hashes.insert(row.parameterHash);
    }
    std::vector<trading::TryReturns> known;
    for (const auto& hash : hashes) {
        const auto of = evidence.evidenceOfHash(strategy, hash, facts.policy);
        if (!of.days.empty()) {
            known.push_back({of.firstDay, governance::dailyReturns(of)});
        }
    }
    tries = std::max(tries, 1U);
    return governance::Trials{static_cast<double>(tries),
                              trading::deflationOf(known, tries, facts.policies.figures.sharpe.sharpeDays)};
}

/// The policy's quantile of the newest null of these very parameters, in USDT: shares of the notional that it trades.
Result<std::optional<double>> nullOf(storage::Database& database, const GovernanceFacts& facts,
                                     const EvidenceReader& evidence, const governance::RosterRow& row)
{
    const auto all = storage::NullStore(database).newest();
    if (!all) {
        return std::unexpected(all.error());
    }
    const auto null = std::ranges::find_if(*all, [&](const trading::NullResult& of) {
        return of.strategy == row.strategy && of.parameterHash == row.parameterHash && !of.expectancies.empty();
    });
    if (null == all->end()) {
        return std::nullopt;
    }
    const std::vector<double> runs(null->expectancies.begin(), null->expectancies.end());
    const auto share = statistics::quantile(runs, base::policyValue(facts.policy, "null.quantile"));
    const auto notional = evidence.meanNotional(row.strategy, row.parameterHash)
                              .value_or(base::policyValue(facts.policy, "paper.notional"));
    return share ? std::optional(*share * notional) : std::nullopt;
}

const governance::Evidence* evidenceIn(const GovernanceFacts& facts, const governance::RosterRow& row)
{
    const auto found = std::ranges::find_if(facts.input.evidence, [&](const governance::Evidence& of) {
        return of.subject == governance::Subject{row.strategy, {}} && of.parameterHash == row.parameterHash;
    });
    return found == facts.input.evidence.end() ? nullptr : &*found;
}

governance::StrategyHealth healthOf(const GovernanceFacts& facts, const governance::Evidence& evidence)
{
    const auto newest =
        governance::evaluate(evidence, facts.policies.review.evidenceDays, facts.policies.figures, facts.input.now);
    // Stale: the newest complete day brought nothing to judge it by.
    const bool isStale = !evidence.days.empty() && evidence.days.back().use == governance::DayUse::NoData;
    return governance::strategyHealth(newest, convergenceOf(evidence.trades, facts.policies.convergence), isStale,
                                      facts.policies);
}

std::vector<console::RoadEvent> roadOf(const governance::Checklist& checklist, UtcMs now)
{
    std::vector<console::RoadEvent> road;
    for (const auto& gate : checklist.gates) {
        if (gate.state == governance::GateState::Passed || !gate.daysLeft || gate.isDeadlock ||
            !std::isfinite(*gate.daysLeft)) {
            continue;
        }
        const auto wholeDays = static_cast<std::int64_t>(std::clamp(std::ceil(*gate.daysLeft), 1.0, 36'500.0));
        std::string what(governance::name(gate.gate));
        what += ": about " + std::to_string(wholeDays) + (wholeDays == 1 ? " day" : " days");
        what += gate.note.empty() ? "" : "; " + gate.note;
        road.push_back({now + base::oneDay * wholeDays, std::move(what)});
    }
    std::ranges::stable_sort(road, {}, &console::RoadEvent::at);
    return road;
}

Result<console::StrategyGates> gatesOfOne(storage::Database& database, const GovernanceFacts& facts,
                                          const EvidenceReader& evidence, const governance::RosterRow& row,
                                          std::span<const trading::NullResult> nulls)
{
    const auto input = readyInput(database, facts, evidence, row.strategy);
    if (!input) {
        return std::unexpected(input.error());
    }
    console::StrategyGates out{.row = row, .checklist = checklistOf(*input, facts.policies)};
    const auto days = facts.policies.review.evidenceDays;
    if (const auto rate = tradesPerDay(input->evidence, days)) {
        out.deadlocks = governance::deadlocksAt(*rate, facts.policies);
    }
    out.health = healthOf(facts, input->evidence);
    out.flags = governance::tooGoodFlags(
        governance::evaluate(input->evidence, days, facts.policies.figures, facts.input.now), facts.policies.tooGood);
    out.signOffs = input->signOffs;
    auto run = testsRunOf(database, row.strategy, row.parameterHash, nulls);
    if (!run) {
        return std::unexpected(run.error());
    }
    out.testsRun = std::move(*run);
    out.road = roadOf(out.checklist, facts.input.now);
    return out;
}

std::size_t passed(const console::StrategyGates& gates)
{
    return static_cast<std::size_t>(
        std::ranges::count(gates.checklist.gates, governance::GateState::Passed, &governance::GateResult::state));
}

/// Of the strategy's stored trades and signals under these parameters: what a replay of them gives, row for row.
Result<std::string> ledgerHashOf(storage::Database& database, const EvidenceReader& evidence,
                                 const governance::RosterRow& row)
{
    storage::LedgerStore ledger(database);
    auto trades = ledger.trades();
    auto signals = ledger.signals();
    if (!trades || !signals) {
        return std::unexpected(trades ? signals.error() : trades.error());
    }
    const auto isOther = [&](const trading::DecisionStamp& stamp) {
        return stamp.strategy != row.strategy || stamp.parameterHash != row.parameterHash ||
               !evidence.instruments().contains(stamp.instrument);
    };
    std::erase_if(*trades, [&](const auto& trade) { return isOther(trade.position.decision); });
    std::erase_if(*signals, [&](const auto& signal) { return isOther(signal.decision); });
    return trading::ledgerHash(*trades, *signals, evidence.instruments());
}

Result<std::map<std::string, double, std::less<>>> costsOf(storage::Database& database, const GovernanceFacts& facts)
{
    std::map<std::string, double, std::less<>> costs{
        {"fees.taker", base::policyValue(facts.policy, "fees.taker")},
        {"fees.maker", base::policyValue(facts.policy, "fees.maker")},
        {"execution.assumed_slippage", base::policyValue(facts.policy, "execution.assumed_slippage")}};
    const auto learned = storage::CalibrationStore(database).newest();
    if (!learned) {
        return std::unexpected(learned.error());
    }
    for (const auto& row : learned->rows) {
        if (!row.instrument) { // of all instruments
            const std::string side(row.side == market::Side::Buy ? "buy" : "sell");
            costs["slippage." + side + "_bps"] = row.applied;
            costs["slippage." + side + "_stress_bps"] = row.stress;
        }
    }
    return costs;
}

} // namespace

Result<governance::ReadyInput> readyInput(storage::Database& database, const GovernanceFacts& facts,
                                          const EvidenceReader& evidence, std::string_view strategy)
{
    const auto* row = governance::findRow(facts.input.roster, strategy);
    const auto* own = row == nullptr ? nullptr : evidenceIn(facts, *row);
    if (own == nullptr) {
        return base::fail(ErrorCode::NotFound, std::string(strategy), "not in the roster");
    }
    auto trials = trialsOf(database, facts, evidence, row->strategy);
    auto null = nullOf(database, facts, evidence, *row);
    // The nights of this candidacy; those of an earlier one were on other days.
    const auto since = row->stage == governance::Stage::Paper       ? UtcMs{INT64_MAX}
                       : row->stage == governance::Stage::Candidate ? row->stageSince
                                                                    : row->recordSince;
    auto nights = storage::ReviewStore(database).nights(row->strategy, row->parameterHash, since);
    const auto unseen = storage::ReviewStore(database).unseen(row->parameterHash);
    if (!trials || !null) {
        return std::unexpected(trials ? null.error() : trials.error());
    }
    if (!nights || !unseen) {
        return std::unexpected(nights ? unseen.error() : nights.error());
    }
    std::optional<std::vector<double>> unseenReturns;
    if (*unseen) {
        unseenReturns.emplace();
        for (const auto& day : **unseen) {
            unseenReturns->push_back(day.value);
        }
    }
    auto incumbent = incumbentOf(database, *row, facts.input.now);
    if (!incumbent) {
        return std::unexpected(incumbent.error());
    }
    const auto signs = facts.input.signOffs.find(row->parameterHash);
    return governance::ReadyInput{
        .now = facts.input.now,
        .row = *row,
        .evidence = *own,
        .unseenReturns = std::move(unseenReturns),
        .trials = std::move(*trials),
        // Its model has beaten one, with retraining, in its audit; else it would not serve.
        .nullExpectancy = asksModel(database, row->strategy, row->parameterHash) ? 0.0 : *null,
        .sensitivity = std::move(*nights),
        .signOffs = signs == facts.input.signOffs.end() ? governance::SignOffs{} : signs->second,
        .incumbent = std::move(*incumbent)};
}

Result<governance::TestsRun> testsRunOf(storage::Database& database, std::string_view strategy,
                                        std::string_view parameterHash, std::span<const trading::NullResult> nulls)
{
    auto out = storage::ReviewStore(database).testsRun(parameterHash);
    if (!out) {
        return std::unexpected(out.error());
    }
    for (const auto& null : nulls) {
        if (null.strategy == strategy && null.parameterHash == parameterHash && hasCompared(null)) {
            out->noiseNull = std::to_string(null.seeds) + " seeds, " + std::to_string(null.expectancies.size()) +
                             " of them traded, on " + base::isoText(null.time);
        }
    }
    if (out->noiseNull.empty() &&
        asksModel(database, strategy, parameterHash)) { // which never trades in a null, for that has no model
        out->noiseNull = "that of its model, with retraining, in the audit without which it would not serve";
    }
    return out;
}

Result<console::Gates> gatesOf(storage::Database& database, const GovernanceFacts& facts,
                               const EvidenceReader& evidence, const console::AskGates& query,
                               std::string pipelineFailure)
{
    if (!query.strategy.empty() && governance::findRow(facts.input.roster, query.strategy) == nullptr) {
        return base::fail(ErrorCode::NotFound, query.strategy, "no strategy of that name in the roster");
    }
    const auto nulls = storage::NullStore(database).newest();
    if (!nulls) {
        return std::unexpected(nulls.error());
    }
    console::Gates out;
    std::vector<governance::StrategyHealth> healths;
    for (const auto& row : facts.input.roster) {
        const auto* own = evidenceIn(facts, row);
        if (own != nullptr && governance::runs(row) && governance::isOn(row)) {
            healths.push_back(healthOf(facts, *own));
            out.parts.push_back({row.strategy, healths.back()});
        }
        const bool isOnTheWay = row.stage == governance::Stage::Candidate || row.stage == governance::Stage::Ready;
        if (query.strategy.empty() ? !isOnTheWay : row.strategy != query.strategy) {
            continue;
        }
        auto gates = gatesOfOne(database, facts, evidence, row, *nulls);
        if (!gates) {
            return std::unexpected(gates.error());
        }
        out.rows.push_back(std::move(*gates));
    }
    std::ranges::stable_sort(out.rows, std::greater{}, passed);
    out.pipeline = governance::pipelineHealth(healths, std::move(pipelineFailure));
    return out;
}

Result<console::SignedManifest> signedManifest(storage::Database& database, const GovernanceFacts& facts,
                                               const EvidenceReader& evidence, std::string_view strategy,
                                               const ManifestSource& source)
{
    const auto input = readyInput(database, facts, evidence, strategy);
    if (!input) {
        return std::unexpected(input.error());
    }
    const auto* info = trading::findStrategy(strategy);
    const auto text = parametersOf(database, strategy, input->row.parameterHash);
    auto costs = costsOf(database, facts);
    auto hash = ledgerHashOf(database, evidence, input->row);
    if (info == nullptr || !text) {
        return info == nullptr ? base::fail(ErrorCode::NotFound, std::string(strategy), "not in the catalogue")
                               : std::unexpected(text.error());
    }
    if (!costs || !hash) {
        return std::unexpected(costs ? hash.error() : costs.error());
    }
    trading::ParameterSet parameters(info->name, info->parameters);
    if (auto set = parameters.setText(*text); !set) {
        return std::unexpected(set.error());
    }
    governance::Manifest manifest{.row = input->row,
                                  .made = facts.input.now,
                                  .feed = source.feed,
                                  .build = source.build,
                                  .parameters = {parameters.values().begin(), parameters.values().end()},
                                  .costs = std::move(*costs),
                                  .instruments = {},
                                  .timeframes = {},
                                  .checklist = checklistOf(*input, facts.policies),
                                  .redReason = {},
                                  .ledgerHash = std::move(*hash),
                                  .policyHash = governance::policyHash(facts.policy),
                                  .models = {}};
    for (const auto id : evidence.rowsOf(strategy)) {
        manifest.instruments.push_back(evidence.instruments().at(id).name);
    }
    for (const auto timeframe : info->timeframes) {
        manifest.timeframes.emplace_back(market::name(timeframe));
    }
    if (input->row.passedRed) { // the newest promotion says why
        for (const auto& decision : facts.decisions) {
            const governance::Change promotion{governance::ChangeKind::Stage, input->row.strategy, "candidate",
                                               "ready"};
            if (std::ranges::find(decision.changes, promotion) != decision.changes.end()) {
                manifest.redReason = decision.why;
            }
        }
    }
    auto json = governance::manifestText(manifest);
    const auto key = json ? signingKeyIn(source.keyFile) : Result<base::SigningKey>(std::unexpected(json.error()));
    if (!key) {
        return std::unexpected(key.error());
    }
    auto signature = key->sign(*json);
    auto pem = key->publicPem();
    if (!signature || !pem) {
        return std::unexpected(signature ? pem.error() : signature.error());
    }
    return console::SignedManifest{std::move(*json), std::move(*signature), std::move(*pem)};
}

Result<console::GateSimulation> gateSimulation(const GovernanceFacts& facts, const console::AskGateSimulation& query)
{
    const auto* row = governance::findRow(facts.input.roster, query.strategy);
    const auto* own = row == nullptr ? nullptr : evidenceIn(facts, *row);
    if (own == nullptr) {
        return base::fail(ErrorCode::NotFound, query.strategy, "no strategy of that name in the roster");
    }
    const std::size_t days = query.rateDays > 0 ? query.rateDays : facts.policies.review.evidenceDays;
    const auto rate = tradesPerDay(*own, days).value_or(0);
    if (!(rate > 0)) {
        return base::fail(ErrorCode::OutOfRange, query.strategy, "no trade closed lately: there is no rate to go by");
    }
    governance::GateQuestion question{.gate = query.gate,
                                      .wantsInterval = query.wantsInterval,
                                      .design = query.design,
                                      .comparison = query.comparison,
                                      .looks = query.looks,
                                      .tradesPerDay = rate,
                                      .trades = governance::netsOf(own->trades),
                                      .seed = governance::seedOf(own->subject, 0, "gate")};
    const double ofAnArm = governance::tradesOfAnArm(rate, query.design);
    question.daysBeforeFirst =
        static_cast<std::size_t>(std::max(std::ceil(static_cast<double>(query.gate.minTrades) / ofAnArm), 1.0));
    auto rates = governance::simulateGate(question);
    if (!rates) {
        return base::fail(ErrorCode::OutOfRange, query.strategy,
                          "the gate cannot be simulated: " + std::string(statistics::sentence(rates.error())));
    }
    return console::GateSimulation{{rates->begin(), rates->end()}, question.trades.size(), rate};
}

} // namespace qd::engines
