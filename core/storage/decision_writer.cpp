#include "storage/decision_writer.h"

#include "storage/journal_store.h"
#include "storage/policy_store.h"
#include "storage/trials_store.h"

namespace qd::storage {

using base::Result;

Result<std::int64_t> writeDecision(Database& database, const DecisionRows& rows)
{
    RosterStore roster(database);
    PolicyStore policy(database);
    TrialsStore trials(database);
    auto done = LedgerStore(database).addInputs(rows.inputs);
    for (const auto& row : rows.roster) {
        done = done ? roster.put(row, rows.decision.why) : done;
    }
    for (const auto& [name, value] : rows.numbers) {
        done = done ? policy.set(name, value) : done;
    }
    for (const auto& [name, text] : rows.texts) {
        done = done ? policy.setText(name, text) : done;
    }
    if (done && rows.trial) {
        done = rows.isTryAnyway ? trials.add(*rows.trial) : trials.addOnce(*rows.trial);
    }
    if (done && rows.experiment) {
        done = ExperimentStore(database).apply(*rows.experiment);
    }
    if (done) {
        done = ModelStore(database).apply(rows.decision.changes, rows.models, rows.decision.time);
    }
    if (!done) {
        return std::unexpected(done.error());
    }
    return JournalStore(database).record(rows.decision);
}

} // namespace qd::storage
