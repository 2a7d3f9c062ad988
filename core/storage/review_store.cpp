#include "storage/review_store.h"

#include "storage/ledger_rows.h"
#include "storage/review_rows.h"

#include <algorithm>
#include <array>

namespace qd::storage {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::array states{ProposalState::Open, ProposalState::Applied, ProposalState::Dismissed, ProposalState::Gone};
constexpr std::array rules{governance::Rule::Disable, governance::Rule::Reenable, governance::Rule::ThirdFall,
                           governance::Rule::NotConverged, governance::Rule::Candidate};

Result<ProposalRow> readProposal(const Statement& row)
{
    auto proposal = proposalOf(row.blob(1));
    const auto state = std::ranges::find(states, row.text(2), [](ProposalState of) { return name(of); });
    if (!proposal || state == states.end()) {
        return proposal ? base::fail(ErrorCode::Damaged, "proposals", "no such state")
                        : std::unexpected(proposal.error());
    }
    ProposalRow out{row.integer(0), std::move(*proposal), *state, std::string(row.text(3)), {}};
    if (!row.isNull(4)) {
        out.decision = row.integer(4);
    }
    return out;
}

Result<governance::PastDecision> readPast(const Statement& row)
{
    const auto rule = std::ranges::find(rules, row.text(2), [](governance::Rule of) { return governance::name(of); });
    if (rule == rules.end()) {
        return base::fail(ErrorCode::Damaged, "proposals", "no such rule");
    }
    governance::PastDecision out{
        .id = row.integer(0), .at = {row.integer(1)}, .rule = *rule, .subject = {std::string(row.text(3)), {}}};
    if (!row.isNull(4)) {
        out.subject.instrument = base::InstrumentId{row.integer(4)};
    }
    return out;
}

} // namespace

std::string_view name(ProposalState state)
{
    switch (state) {
    case ProposalState::Open:
        return "open";
    case ProposalState::Applied:
        return "applied";
    case ProposalState::Dismissed:
        return "dismissed";
    case ProposalState::Gone:
        return "gone";
    }
    return "";
}

Result<std::int64_t> ReviewStore::add(const ReviewRow& row)
{
    if (auto gone = database_.run("UPDATE proposals SET state='gone',note='a newer review took its place' "
                                  "WHERE state='open'");
        !gone) {
        return std::unexpected(gone.error());
    }
    auto statement =
        database_.prepare("INSERT INTO reviews(time,held_at,is_nightly,abstains,gap_share,held) VALUES(?,?,?,?,?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    const auto held = bytesOf(row.review.held);
    auto written = statement->bind(0, row.review.at.value)
                       .bind(1, row.heldAt.value)
                       .bind(2, std::int64_t{row.isNightly ? 1 : 0})
                       .bind(3, std::int64_t{row.review.abstains ? 1 : 0})
                       .bind(4, row.review.gapShare)
                       .bindBlob(5, held)
                       .run();
    const auto id = written ? database_.number("SELECT last_insert_rowid()") : std::unexpected(written.error());
    if (!id) {
        return id;
    }
    for (const auto& proposal : row.review.proposals) {
        auto insert = database_.prepare(
            "INSERT INTO proposals(review,rule,strategy,instrument,parameter_hash,body) VALUES(?,?,?,?,?,?)");
        if (!insert) {
            return std::unexpected(insert.error());
        }
        const auto body = bytesOf(proposal);
        insert->bind(0, *id)
            .bind(1, governance::name(proposal.rule))
            .bind(2, proposal.subject.strategy)
            .bind(4, proposal.parameterHash)
            .bindBlob(5, body);
        if (proposal.subject.instrument) {
            insert->bind(3, proposal.subject.instrument->value);
        } else {
            insert->bindNull(3);
        }
        if (auto added = insert->run(); !added) {
            return std::unexpected(added.error());
        }
    }
    return id;
}

Result<std::optional<ReviewRow>> ReviewStore::newest()
{
    auto rows = database_.prepare(
        "SELECT id,time,held_at,is_nightly,abstains,gap_share,held FROM reviews ORDER BY id DESC LIMIT 1");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    const auto has = rows->step();
    if (!has || !*has) {
        return has ? Result<std::optional<ReviewRow>>(std::nullopt) : std::unexpected(has.error());
    }
    auto held = heldOf(rows->blob(6));
    if (!held) {
        return std::unexpected(held.error());
    }
    return ReviewRow{.id = rows->integer(0),
                     .heldAt = {rows->integer(2)},
                     .isNightly = rows->integer(3) != 0,
                     .review = {.at = {rows->integer(1)},
                                .abstains = rows->integer(4) != 0,
                                .gapShare = rows->real(5),
                                .proposals = {},
                                .held = std::move(*held)}};
}

Result<std::optional<UtcMs>> ReviewStore::newestNightly()
{
    const auto at = database_.number("SELECT ifnull(max(held_at),0) FROM reviews WHERE is_nightly=1");
    if (!at) {
        return std::unexpected(at.error());
    }
    return *at == 0 ? std::nullopt : std::optional(UtcMs{*at});
}

Result<std::vector<ReviewRow>> ReviewStore::since(UtcMs from)
{
    auto rows = database_.prepare(
        "SELECT id,time,held_at,is_nightly,abstains,gap_share FROM reviews WHERE held_at>=? ORDER BY id");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, from.value);
    return collect<ReviewRow>(rows, [](const Statement& row) -> Result<ReviewRow> {
        return ReviewRow{.id = row.integer(0),
                         .heldAt = {row.integer(2)},
                         .isNightly = row.integer(3) != 0,
                         .review = {.at = {row.integer(1)},
                                    .abstains = row.integer(4) != 0,
                                    .gapShare = row.real(5),
                                    .proposals = {},
                                    .held = {}}};
    });
}

Result<std::vector<ProposalRow>> ReviewStore::proposalsOf(std::int64_t review)
{
    auto rows = database_.prepare("SELECT id,body,state,note,decision FROM proposals WHERE review=? ORDER BY id");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, review);
    return collect<ProposalRow>(rows, readProposal);
}

Result<void> ReviewStore::end(const ProposalEnd& end)
{
    auto statement = database_.prepare("UPDATE proposals SET state=?,note=?,decision=? WHERE id=? AND state='open'");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, name(end.state)).bind(1, end.note).bind(3, end.id);
    if (end.decision) {
        statement->bind(2, *end.decision);
    } else {
        statement->bindNull(2);
    }
    if (auto done = statement->run(); !done) {
        return done;
    }
    const auto changed = database_.number("SELECT changes()");
    if (!changed) {
        return std::unexpected(changed.error());
    }
    return *changed == 1 ? Result<void>{}
                         : base::fail(ErrorCode::Conflict, "proposal " + std::to_string(end.id), "it is open no more");
}

Result<std::vector<governance::PastDecision>> ReviewStore::pastDecisions()
{
    auto rows = database_.prepare("SELECT p.decision,j.time,p.rule,p.strategy,p.instrument FROM proposals p JOIN "
                                  "journal j ON j.id=p.decision WHERE p.state='applied' ORDER BY j.time,j.id");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    return collect<governance::PastDecision>(rows, readPast);
}

Result<void> ReviewStore::checkOpen(const std::vector<ProposalEnd>& ends)
{
    for (const auto& end : ends) {
        const auto open =
            database_.number("SELECT count(*) FROM proposals WHERE state='open' AND id=" + std::to_string(end.id));
        if (!open) {
            return std::unexpected(open.error());
        }
        if (*open == 0) {
            return base::fail(ErrorCode::Conflict, "proposal " + std::to_string(end.id), "it is open no more");
        }
    }
    return {};
}

Result<std::int64_t> ReviewStore::write(const GovernanceRecord& record)
{
    if (auto open = checkOpen(record.ends); !open) {
        return std::unexpected(open.error());
    }
    std::int64_t id = 0;
    if (record.journal) {
        const auto row = JournalStore(database_).record(decisionOf(*record.journal));
        if (!row) {
            return row;
        }
        id = *row;
    }
    if (record.review) {
        if (auto added = add(*record.review); !added) {
            return added;
        }
    }
    for (auto last : record.ends) {
        if (record.journal && !last.decision && last.state == ProposalState::Dismissed) {
            last.decision = id;
        }
        if (auto ended = end(last); !ended) {
            return std::unexpected(ended.error());
        }
    }
    if (record.signOff) {
        if (auto added = add(*record.signOff); !added) {
            return std::unexpected(added.error());
        }
    }
    if (record.night) {
        if (auto added = add(*record.night); !added) {
            return std::unexpected(added.error());
        }
    }
    if (record.unseen) {
        if (auto added = add(*record.unseen); !added) {
            return std::unexpected(added.error());
        }
    }
    for (const auto& night : record.experiments) {
        if (auto kept = ExperimentStore(database_).keep(night); !kept) {
            return std::unexpected(kept.error());
        }
    }
    return id;
}

std::string ranTest(std::string_view test)
{
    return "ran " + std::string(test);
}

Result<void> ReviewStore::add(const SignOffRow& row)
{
    auto statement = database_.prepare(
        "INSERT OR REPLACE INTO sign_offs(parameter_hash,test,time,strategy,reason) VALUES(?,?,?,?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    return statement->bind(0, row.parameterHash)
        .bind(1, row.test)
        .bind(2, row.time.value)
        .bind(3, row.strategy)
        .bind(4, row.reason)
        .run();
}

Result<std::map<std::string, governance::SignOffs>> ReviewStore::signOffs()
{
    // What was signed and failed when it was run again is signed no more.
    auto rows = database_.prepare(
        "SELECT parameter_hash,test FROM sign_offs AS of WHERE NOT EXISTS (SELECT 1 FROM "
        "sign_offs AS ran WHERE ran.parameter_hash=of.parameter_hash AND ran.test='ran '||of.test AND "
        "ran.reason LIKE ?||'%')");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, governance::failedTest);
    std::map<std::string, governance::SignOffs> out;
    while (true) {
        const auto row = rows->step();
        if (!row || !*row) {
            return row ? Result<std::map<std::string, governance::SignOffs>>(std::move(out))
                       : std::unexpected(row.error());
        }
        auto& signs = out[std::string(rows->text(0))];
        signs.lookAhead = signs.lookAhead || rows->text(1) == "look-ahead";
        signs.noiseNull = signs.noiseNull || rows->text(1) == "noise-null";
        signs.replay = signs.replay || rows->text(1) == "replay";
    }
}

Result<governance::TestsRun> ReviewStore::testsRun(std::string_view parameterHash)
{
    auto rows = database_.prepare("SELECT test,time,reason FROM sign_offs WHERE parameter_hash=?");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, parameterHash);
    governance::TestsRun out;
    while (true) {
        const auto row = rows->step();
        if (!row || !*row) {
            return row ? Result<governance::TestsRun>(std::move(out)) : std::unexpected(row.error());
        }
        auto* to = rows->text(0) == ranTest("look-ahead") ? &out.lookAhead
                   : rows->text(0) == ranTest("replay")   ? &out.replay
                                                          : nullptr;
        if (to != nullptr) {
            *to = std::string(rows->text(2));
            if (!to->starts_with(governance::failedTest)) {
                *to += ", on " + base::isoText({rows->integer(1)});
            }
        }
    }
}

Result<void> ReviewStore::add(const NightRow& row)
{
    auto statement = database_.prepare(
        "INSERT INTO sensitivity_nights(strategy,parameter_hash,time,from_time,runs) VALUES(?,?,?,?,?)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    const auto runs = bytesOf(row.night);
    return statement->bind(0, row.strategy)
        .bind(1, row.parameterHash)
        .bind(2, row.night.at.value)
        .bind(3, row.from.value)
        .bindBlob(4, runs)
        .run();
}

Result<std::vector<governance::SensitivityNight>> ReviewStore::nights(std::string_view strategy,
                                                                      std::string_view parameterHash, UtcMs from)
{
    auto rows = database_.prepare("SELECT time,runs FROM sensitivity_nights WHERE strategy=? AND parameter_hash=? AND "
                                  "time>=? ORDER BY time,id");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    rows->bind(0, strategy).bind(1, parameterHash).bind(2, from.value);
    return collect<governance::SensitivityNight>(rows, [](const Statement& row) {
        auto night = nightOf(row.blob(1));
        if (night) {
            night->at = {row.integer(0)};
        }
        return night;
    });
}

Result<std::map<std::string, std::vector<std::int64_t>>> ReviewStore::nightDays()
{
    auto rows = database_.prepare("SELECT strategy,time FROM sensitivity_nights ORDER BY strategy,time");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    std::map<std::string, std::vector<std::int64_t>> out;
    while (true) {
        const auto row = rows->step();
        if (!row || !*row) {
            return row ? Result<std::map<std::string, std::vector<std::int64_t>>>(std::move(out))
                       : std::unexpected(row.error());
        }
        out[std::string(rows->text(0))].push_back(trading::dayOf({rows->integer(1)}));
    }
}

Result<void> ReviewStore::add(const UnseenRow& row)
{
    const auto known = unseen(row.parameterHash);
    if (!known || *known) {
        return known ? Result<void>{} : std::unexpected(known.error());
    }
    auto look = database_.prepare("INSERT INTO unseen_looks(parameter_hash,time) VALUES(?,?)");
    auto insert = database_.prepare("INSERT INTO unseen_days(parameter_hash,day,value) VALUES(?,?,?)");
    if (!look || !insert) {
        return std::unexpected(look ? insert.error() : look.error());
    }
    auto done = look->bind(0, row.parameterHash).bind(1, row.time.value).run();
    for (std::size_t i = 0; i < row.days.size() && done; ++i) {
        done = insert->bind(0, row.parameterHash).bind(1, row.days[i].day).bind(2, row.days[i].value).run();
    }
    return done;
}

Result<std::optional<std::vector<UnseenDay>>> ReviewStore::unseen(std::string_view parameterHash)
{
    auto look = database_.prepare("SELECT time FROM unseen_looks WHERE parameter_hash=?");
    auto rows = database_.prepare("SELECT day,value FROM unseen_days WHERE parameter_hash=? ORDER BY day");
    if (!look || !rows) {
        return std::unexpected(look ? rows.error() : look.error());
    }
    const auto has = look->bind(0, parameterHash).step();
    if (!has || !*has) {
        return has ? Result<std::optional<std::vector<UnseenDay>>>(std::nullopt) : std::unexpected(has.error());
    }
    rows->bind(0, parameterHash);
    return collect<UnseenDay>(
        rows, [](const Statement& row) -> Result<UnseenDay> { return UnseenDay{row.integer(0), row.real(1)}; });
}

} // namespace qd::storage
