#include "engines/journal_query.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

namespace qd::engines {

using base::Result;

namespace {

bool contains(std::string_view text, std::string_view lower)
{
    return !std::ranges::search(text, lower, {}, [](unsigned char c) { return std::tolower(c); }).empty();
}

bool passes(const governance::Decision& decision, const console::AskJournal& query, std::string_view lower)
{
    if ((query.from && decision.time < *query.from) || (query.to && decision.time > *query.to)) {
        return false;
    }
    if (!query.by.empty() && governance::name(decision.by) != query.by) {
        return false;
    }
    if (query.kind && governance::kindOf(decision) != *query.kind) {
        return false;
    }
    return lower.empty() || contains(decision.what, lower) || contains(decision.why, lower) ||
           contains(decision.evidence, lower);
}

/// The strategies and instruments that a decision is about.
std::set<governance::Subject> subjectsOf(const governance::Decision& decision)
{
    std::set<governance::Subject> out;
    for (const auto& change : decision.changes) {
        if (change.kind != governance::ChangeKind::Switch && change.kind != governance::ChangeKind::Stage &&
            change.kind != governance::ChangeKind::Record) {
            continue;
        }
        governance::Subject subject{change.subject, {}};
        const auto at = change.subject.rfind('@');
        std::int64_t id = 0;
        const auto* const end = change.subject.data() + change.subject.size();
        if (at != std::string::npos && std::from_chars(change.subject.data() + at + 1, end, id).ptr == end) {
            subject = {change.subject.substr(0, at), base::InstrumentId{id}};
        }
        out.insert(std::move(subject));
    }
    return out;
}

} // namespace

std::string whatHappenedNext(const GovernanceFacts& facts, const EvidenceReader& evidence,
                             const governance::Decision& decision)
{
    std::string out;
    for (const auto& subject : subjectsOf(decision)) {
        out += out.empty() ? "" : " ";
        out += governance::text(subject) + ":";
        for (const auto days : {facts.policies.review.recordShortDays, facts.policies.review.recordLongDays}) {
            const auto end = decision.time + base::oneDay * static_cast<std::int64_t>(days);
            out += " " + std::to_string(days) + " days after: ";
            if (end > facts.input.now) {
                out += "too early;";
                continue;
            }
            const auto [trades, net] = evidence.closedBetween(subject, decision.time, end);
            out += std::to_string(trades) + (trades == 1 ? " trade, net " : " trades, net ") +
                   governance::text(net, governance::Unit::Usdt) + ";";
        }
        out.back() = '.';
    }
    return out;
}

Result<console::JournalPage> journalPage(const GovernanceFacts& facts, const EvidenceReader& evidence,
                                         const console::AskJournal& query)
{
    constexpr std::uint32_t most = 1'000;
    if (query.limit > most) {
        return base::fail(base::ErrorCode::OutOfRange, "journal", "at most 1,000 rows at a time");
    }
    std::string lower = query.text;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    console::JournalPage page;
    for (auto decision = facts.decisions.rbegin(); decision != facts.decisions.rend(); ++decision) {
        if (!passes(*decision, query, lower)) {
            continue;
        }
        const auto at = page.total++;
        if (at < query.offset || page.rows.size() >= query.limit) {
            continue;
        }
        const std::span later(decision.base(), facts.decisions.end());
        console::JournalRow row{.decision = *decision, .cannotUndo = {}, .isUndone = isUndone(*decision, later)};
        const auto undo = governance::undoing(*decision, later, valuesInForce(facts), facts.input.now, {});
        if (!undo) {
            row.cannotUndo = undo.error().detail;
        }
        row.next = whatHappenedNext(facts, evidence, *decision);
        page.rows.push_back(std::move(row));
    }
    return page;
}

} // namespace qd::engines
