#include "app/commands/decisions.h"

#include "engines/journal_query.h"

#include <QJsonArray>

#include <cstdio>

namespace qd::app {

namespace {

void printText(const console::JournalPage& page)
{
    for (const auto& row : page.rows) {
        const auto& decision = row.decision;
        std::printf("%lld  %s  %s  %s%s\n", static_cast<long long>(decision.id), base::isoText(decision.time).c_str(),
                    std::string(governance::name(decision.by)).c_str(), decision.what.c_str(),
                    row.isUndone ? "  (undone)" : "");
        for (const auto& [label, text] : {std::pair{"why", &decision.why}, std::pair{"evidence", &decision.evidence},
                                          std::pair{"next", &row.next}}) {
            if (!text->empty()) {
                std::printf("      %s: %s\n", label, text->c_str());
            }
        }
    }
    std::printf("%zu of %llu rows\n", page.rows.size(), static_cast<unsigned long long>(page.total));
}

QJsonObject json(const console::JournalPage& page)
{
    QJsonArray rows;
    for (const auto& row : page.rows) {
        const auto& decision = row.decision;
        QJsonArray changes;
        for (const auto& change : decision.changes) {
            changes.append(QJsonObject{{QStringLiteral("kind"), jsonText(governance::name(change.kind))},
                                       {QStringLiteral("subject"), jsonText(change.subject)},
                                       {QStringLiteral("before"), jsonText(change.before)},
                                       {QStringLiteral("after"), jsonText(change.after)}});
        }
        rows.append(QJsonObject{
            {QStringLiteral("id"), static_cast<qint64>(decision.id)},
            {QStringLiteral("time"), jsonText(base::isoText(decision.time))},
            {QStringLiteral("by"), jsonText(governance::name(decision.by))},
            {QStringLiteral("what"), jsonText(decision.what)},
            {QStringLiteral("why"), jsonText(decision.why)},
            {QStringLiteral("evidence"), jsonText(decision.evidence)},
            {QStringLiteral("changes"), changes},
            {QStringLiteral("undoes"),
             decision.undoes ? QJsonValue(static_cast<qint64>(*decision.undoes)) : QJsonValue()},
            {QStringLiteral("is_undone"), row.isUndone},
            {QStringLiteral("cannot_undo"), row.cannotUndo.empty() ? QJsonValue() : jsonText(row.cannotUndo)},
            {QStringLiteral("next"), jsonText(row.next)}});
    }
    return {{QStringLiteral("total"), static_cast<qint64>(page.total)}, {QStringLiteral("rows"), rows}};
}

int undo(const Arguments& given, const QStringList& words)
{
    bool isNumber = false;
    const auto id = words.size() == 2 ? words[1].toLongLong(&isNumber) : 0;
    if (!isNumber || !given.isSet("reason")) {
        return reportUsage("journal undo wants the number of a row, and --reason");
    }
    int code = exitDone;
    const auto decisions = openDecisions(given, true, code);
    if (!decisions) {
        return code;
    }
    const console::UndoDecision wish{id, given.value("reason")};
    const auto done = decisions->owner ? decisions->owner->send(wish) : engines::outcome(decisions->desk->undo(wish));
    return done ? printDone(given, "row " + std::to_string(id) + " is undone") : report(done.error());
}

} // namespace

int journalCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("journal [undo ID --reason TEXT]"),
                    QStringLiteral("Every decision, newest first: what, by whom, why, on which evidence, and what "
                                   "happened next. With undo one of them is taken back; that is a decision, too."));
    given.parser().addOptions(
        {{QStringLiteral("reason"), QStringLiteral("Why it is taken back."), QStringLiteral("TEXT")},
         {QStringLiteral("text"), QStringLiteral("Only rows with this in them."), QStringLiteral("TEXT")},
         {QStringLiteral("by"), QStringLiteral("operator or policy."), QStringLiteral("WHO")},
         {QStringLiteral("limit"), QStringLiteral("Rows, at most 1000."), QStringLiteral("N"), QStringLiteral("50")}});
    given.parser().addPositionalArgument(QStringLiteral("undo"), QStringLiteral("undo ID"),
                                         QStringLiteral("[undo ID]"));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto words = given.parser().positionalArguments();
    if (!words.isEmpty()) {
        return words[0] == QLatin1String("undo") ? undo(given, words)
                                                 : reportUsage("journal knows one word: undo ID --reason TEXT");
    }
    const auto limit = given.number("limit", 1);
    if (!limit || *limit > 1'000) {
        return reportUsage("--limit wants a number from 1 to 1000");
    }
    int code = exitDone;
    const auto decisions = openDecisions(given, false, code);
    if (!decisions) {
        return code;
    }
    const auto facts = engines::readStanding(*decisions->database, decisions->desk->evidence());
    const auto page = facts ? engines::journalPage(*facts, decisions->desk->evidence(),
                                                   {.text = given.value("text"),
                                                    .by = given.value("by"),
                                                    .from = {},
                                                    .to = {},
                                                    .offset = 0,
                                                    .limit = static_cast<std::uint32_t>(*limit)})
                            : base::Result<console::JournalPage>(std::unexpected(facts.error()));
    if (!page) {
        return report(page.error());
    }
    given.wantsJson() ? printJson(json(*page)) : printText(*page);
    return exitDone;
}

} // namespace qd::app
