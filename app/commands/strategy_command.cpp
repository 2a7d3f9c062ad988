#include "app/commands/decisions.h"

#include "base/known_names.h"
#include "storage/instrument_store.h"

#include <algorithm>

namespace qd::app {

namespace {

using base::ErrorCode;
using base::Result;
using governance::Stage;

Result<std::optional<base::InstrumentId>> instrumentOf(Decisions& decisions, const Arguments& given)
{
    if (!given.isSet("instrument")) {
        return std::nullopt;
    }
    const auto name = given.value("instrument");
    const auto all = storage::InstrumentStore(*decisions.database).all();
    if (!all) {
        return std::unexpected(all.error());
    }
    const auto found = std::ranges::find(*all, name, &market::Instrument::name);
    if (found == all->end()) {
        return base::fail(
            ErrorCode::NotFound, name,
            base::unknownAmong("this database has no such instrument", name, *all, &market::Instrument::name));
    }
    return found->id;
}

Result<void> throwSwitch(Decisions& decisions, const std::string& strategy, const Arguments& given, bool on)
{
    const auto instrument = instrumentOf(decisions, given);
    if (instrument && decisions.owner) {
        return decisions.owner->send(console::SetStrategyEnabled{
            .strategy = strategy, .enabled = on, .reason = given.value("reason"), .instrument = *instrument});
    }
    const auto facts = instrument ? decisions.desk->facts() : std::unexpected(instrument.error());
    if (!facts) {
        return std::unexpected(facts.error());
    }
    const auto now = decisions.clock.now();
    const auto order = engines::switchDecision(*facts, strategy, *instrument, on, given.value("reason"), now);
    if (!order) {
        return std::unexpected(order.error());
    }
    return engines::outcome(engines::carryOutOffline(*decisions.database, *order));
}

/// The next stage on the way to ready.
Result<Stage> promotionOf(Decisions& decisions, const std::string& strategy)
{
    const auto facts = decisions.desk->facts();
    if (!facts) {
        return std::unexpected(facts.error());
    }
    const auto* row = governance::findRow(facts->input.roster, strategy);
    if (row == nullptr) {
        return base::fail(ErrorCode::NotFound, strategy,
                          base::unknownAmong("no strategy of that name in the roster", strategy, facts->input.roster,
                                             &governance::RosterRow::strategy));
    }
    return row->stage == Stage::Candidate ? Stage::Ready : Stage::Candidate;
}

Result<void> carryOut(Decisions& decisions, const std::string& verb, const std::string& strategy,
                      const Arguments& given)
{
    if (verb == "enable" || verb == "disable") {
        return throwSwitch(decisions, strategy, given, verb == "enable");
    }
    auto to = Result<Stage>(verb == "archive" ? Stage::Archived : Stage::Paper);
    if (verb == "promote") {
        to = promotionOf(decisions, strategy);
    }
    if (!to) {
        return std::unexpected(to.error());
    }
    const console::SetStage wish{strategy, *to, given.value("reason")};
    return decisions.owner ? decisions.owner->send(wish) : engines::outcome(decisions.desk->setStage(wish));
}

} // namespace

int strategyCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("strategy enable|disable|promote|archive|revive NAME --reason TEXT"),
                    QStringLiteral("Throws a switch, or moves a strategy to its next stage: from paper to candidate, "
                                   "from candidate to ready, to the archive, or back from it with a new record. Every "
                                   "decision is a row of the journal and can be undone."));
    given.parser().addOptions(
        {{QStringLiteral("reason"), QStringLiteral("Why, for the journal."), QStringLiteral("TEXT")},
         {QStringLiteral("instrument"), QStringLiteral("The switch of this instrument alone."), QStringLiteral("ID")}});
    given.parser().addPositionalArgument(QStringLiteral("verb"),
                                         QStringLiteral("enable, disable, promote, archive, revive"));
    given.parser().addPositionalArgument(QStringLiteral("name"), QStringLiteral("Of the strategy."));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    constexpr std::array verbs{"enable", "disable", "promote", "archive", "revive"};
    const auto words = given.parser().positionalArguments();
    const auto verb = words.size() == 2 ? words[0].toStdString() : std::string();
    const bool isSwitch = verb == "enable" || verb == "disable";
    if (std::ranges::find(verbs, verb) == verbs.end()) {
        return reportUsage("strategy wants enable, disable, promote, archive or revive, and a name");
    }
    if (!given.isSet("reason")) {
        return reportUsage("strategy wants --reason: the journal keeps it");
    }
    if (given.isSet("instrument") && !isSwitch) {
        return reportUsage("--instrument goes with enable and disable");
    }
    int code = exitDone;
    const auto decisions = openDecisions(given, true, code);
    if (!decisions) {
        return code;
    }
    const auto name = words[1].toStdString();
    const auto done = carryOut(*decisions, verb, name, given);
    return done ? printDone(given, name + ": " + verb + (verb.ends_with('e') ? "d" : "ed") +
                                       (given.isSet("instrument") ? " on " + given.value("instrument") : std::string()))
                : report(done.error());
}

int noteCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("note TEXT"), QStringLiteral("A line in the journal that changes nothing."));
    given.parser().addPositionalArgument(QStringLiteral("text"), QStringLiteral("What to note."));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto words = given.parser().positionalArguments();
    if (words.isEmpty()) {
        return reportUsage("note wants a text");
    }
    int code = exitDone;
    const auto decisions = openDecisions(given, true, code);
    if (!decisions) {
        return code;
    }
    const console::AddNote note{words.join(QLatin1Char(' ')).toStdString()};
    const auto done = decisions->owner ? decisions->owner->send(note) : engines::outcome(decisions->desk->note(note));
    return done ? printDone(given, "noted") : report(done.error());
}

} // namespace qd::app
