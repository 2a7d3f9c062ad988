#include "engines/offline_decisions.h"

#include "base/known_names.h"
#include "engines/ledger_view.h"
#include "storage/review_store.h"
#include "storage/tick_archive.h"

#include <algorithm>
#include <cmath>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using governance::Actor;

namespace {

/// `write` as one durable transaction.
template <typename Write>
Result<std::int64_t> inTransaction(storage::Database& database, Write write)
{
    if (auto begun = database.begin(); !begun) {
        return std::unexpected(begun.error());
    }
    Result<std::int64_t> id = write();
    if (id) {
        if (auto committed = database.commit(true); !committed) {
            id = std::unexpected(committed.error());
        }
    }
    if (!id) {
        database.rollback();
    }
    return id;
}

/// Behind the newest item of each stream: what comes next sees them.
Result<void> addInputs(storage::Database& database, const InForce& before, Carried& carried)
{
    const auto all = storage::InstrumentStore(database).all();
    if (!all) {
        return std::unexpected(all.error());
    }
    for (const auto& instrument : *all) {
        const auto summary = storage::TickArchive(database).summary(instrument.id);
        if (!summary) {
            return std::unexpected(summary.error());
        }
        std::ranges::move(inputsBetween(heldBy(before, instrument), heldBy(carried.after, instrument), instrument.id,
                                        summary->lastNumber),
                          std::back_inserter(carried.rows.inputs));
    }
    return {};
}

governance::Decision decisionBy(base::UtcMs now, std::vector<governance::Change> changes, std::string what,
                                std::string why, std::string evidence)
{
    return {.id = 0,
            .time = now,
            .by = Actor::Operator,
            .changes = std::move(changes),
            .what = std::move(what),
            .why = std::move(why),
            .evidence = std::move(evidence),
            .undoes = {}};
}

DecisionHands handsOn(storage::Database& database)
{
    return {[&database](const CarryOut& order) { return carryOutOffline(database, order); },
            [&database](const storage::GovernanceRecord& record) {
                return inTransaction(database, [&] { return storage::ReviewStore(database).write(record); });
            }};
}

/// As a console says it beside a change of the policy.
std::string evidenceOfRoster(const GovernanceFacts& facts, base::UtcMs now)
{
    std::uint32_t closed = 0;
    std::uint32_t won = 0;
    base::Money gained;
    base::Money lost;
    for (const auto& of : facts.input.evidence) {
        const auto* row = governance::findRow(facts.input.roster, of.subject.strategy);
        if (of.subject.instrument || row == nullptr || of.parameterHash != row->parameterHash) {
            continue;
        }
        for (const auto& trade : governance::tradesBetween(of.trades, now - 7 * base::oneDay, now)) {
            if (trade.inShadow) {
                continue;
            }
            const base::Money net{std::llround(trade.net * static_cast<double>(base::moneyUnitsPerUsdt))};
            ++closed;
            won += net.value > 0 ? 1U : 0U;
            (net.value > 0 ? gained : lost) += net;
        }
    }
    const base::Money fell{-lost.value};
    return "the roster, newest 7 days: " + closedLine(closed, won, gained + lost, gained, fell);
}

} // namespace

Result<std::int64_t> carryOutOffline(storage::Database& database, const CarryOut& order)
{
    return inTransaction(database, [&]() -> Result<std::int64_t> {
        const auto before = readInForce(database);
        auto carried = before ? carriedOut(*before, order) : Result<Carried>(std::unexpected(before.error()));
        if (!carried) {
            return std::unexpected(carried.error());
        }
        if (auto added = addInputs(database, *before, *carried); !added) {
            return std::unexpected(added.error());
        }
        const auto id = storage::writeDecision(database, carried->rows);
        if (id && order.proposal) {
            const auto ended =
                storage::ReviewStore(database).end({*order.proposal, storage::ProposalState::Applied, {}, *id});
            if (!ended) {
                return std::unexpected(ended.error());
            }
        }
        return id;
    });
}

GovernanceDesk offlineDesk(storage::Database& database, const base::Clock& clock)
{
    return {database, handsOn(database), clock};
}

ExperimentDesk offlineExperiments(storage::Database& database, const base::Clock& clock)
{
    return {database, handsOn(database), clock};
}

ModelDesk offlineModels(storage::Database& database, const base::Clock& clock)
{
    return {database, [&database](const CarryOut& order) { return carryOutOffline(database, order); }, clock};
}

RetrainDesk offlineRetraining(storage::Database& database, const base::PaperPolicy& standard, const base::Clock& clock)
{
    return {database,
            {[&database](const CarryOut& order) { return carryOutOffline(database, order); },
             [&database](const storage::LearningRecord& record) {
                 return inTransaction(database, [&] { return storage::write(database, record); });
             }},
            nullptr,
            standard,
            clock};
}

Result<CarryOut> switchDecision(const GovernanceFacts& facts, std::string_view strategy,
                                std::optional<base::InstrumentId> instrument, bool on, std::string reason,
                                base::UtcMs now)
{
    const auto* row = governance::findRow(facts.input.roster, strategy);
    if (row == nullptr) {
        return base::fail(ErrorCode::NotFound, std::string(strategy),
                          base::unknownAmong("no strategy of that name in the roster", strategy, facts.input.roster,
                                             &governance::RosterRow::strategy));
    }
    const auto next = governance::switched(*row, instrument, on, Actor::Operator, now);
    if (!next) {
        return std::unexpected(next.error());
    }
    const governance::Subject subject{row->strategy, instrument};
    return CarryOut{.decision = decisionBy(now, {governance::switchChange(*row, instrument, on)},
                                           (on ? "enabled " : "disabled ") + governance::text(subject),
                                           std::move(reason), evidenceText(facts, strategy))};
}

Result<CarryOut> policyDecision(const GovernanceFacts& facts, const std::map<std::string, std::string>& values,
                                std::string reason, base::UtcMs now)
{
    auto changes = policyChanges(facts.inForce.policy, values);
    if (!changes) {
        return std::unexpected(changes.error());
    }
    if (changes->empty()) {
        return base::fail(ErrorCode::Conflict, "policy", "these values are in force already");
    }
    auto what = governance::text(*changes);
    return CarryOut{.decision = decisionBy(now, std::move(*changes), std::move(what), std::move(reason),
                                           evidenceOfRoster(facts, now))};
}

} // namespace qd::engines
