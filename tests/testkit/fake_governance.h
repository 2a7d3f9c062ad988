// What the governor and the query desk would say of decisions, made up but plausible: a review with proposals, gates of
// two candidates, a journal of any length, experiments, gate simulations. Decisions that are sent change it when they
// are answered, as the engines would. For tests of pages and their pictures.
#pragma once

#include "governance/review.h"
#include "testkit/fake_answers.h"

#include <cmath>

namespace qd::testkit {

using governance::Figure;
using governance::GateState;
using governance::Unit;

inline Figure figure(std::string_view name, Unit unit, double value, std::uint64_t n, std::optional<double> limit = {},
                     std::optional<statistics::Interval> interval = {}, double confidence = 0.8)
{
    Figure out{.name = std::string(name), .unit = unit, .value = value, .n = n, .limit = limit};
    if (interval) {
        out.interval = *interval;
        out.confidence = confidence;
    }
    return out;
}

inline governance::Proposal disable(const std::string& strategy, double expectancy, std::uint64_t n)
{
    governance::Proposal out;
    out.rule = governance::Rule::Disable;
    out.subject = {strategy, {}};
    out.parameterHash = "9f31c2a47be05d18";
    out.changes = {{governance::ChangeKind::Switch, strategy, "on", "off"}};
    out.figures = {governance::countFigure("closed trades", n, 30),
                   figure("expectancy after costs", Unit::UsdtPerTrade, expectancy, n, 0.0,
                          statistics::Interval{expectancy - 0.41, expectancy + 0.33})};
    out.lookingBack = governance::LookingBack{30, {118.2, 1.31, 0.062}, {80.0, 0.92, 0.076}};
    out.record = {{7, 6, 0, 4, -11.3}, {30, 4, 1, 3, -38.0}};
    return out;
}

inline console::GovernanceSnapshot plausibleGovernance(base::UtcMs now)
{
    console::GovernanceSnapshot out;
    out.state = console::EngineState::Running;
    out.reviewed = now - base::Millis{3'600'000 * 3};
    out.nextReview = now + base::Millis{3'600'000 * 21};
    auto candidate = governance::Proposal{};
    candidate.rule = governance::Rule::Candidate;
    candidate.subject = {"mtf_momentum_confirm", {}};
    candidate.changes = {{governance::ChangeKind::Stage, "mtf_momentum_confirm", "paper", "candidate"}};
    candidate.figures = {
        governance::countFigure("closed trades", 95, 30), figure("win rate", Unit::Share, 0.647, 95, 0.6),
        figure("daily Sharpe ratio, a year", Unit::Ratio, 1.92, 41, 1.5, statistics::Interval{0.31, 3.6}, 0.95)};
    auto back = governance::Proposal{};
    back.rule = governance::Rule::Reenable;
    back.subject = {"rsi_divergence", {}};
    back.changes = {{governance::ChangeKind::Switch, "rsi_divergence", "off", "on"}};
    back.figures = {
        governance::countFigure("shadow trades since", 44, 30),
        figure("expectancy after costs", Unit::UsdtPerTrade, 0.84, 44, 0.0, statistics::Interval{0.12, 1.55})};
    back.record = {{7, 2, 0, 1, 3.4}, {}};
    out.proposals = {{41, disable("support_resistance", -0.62, 688), console::ProposalState::Open, {}},
                     {42, disable("reversal", -1.04, 61), console::ProposalState::Open, {}},
                     {43, back, console::ProposalState::Open, {}},
                     {44, candidate, console::ProposalState::Open, {}}};
    out.held = {{governance::Rule::Disable, {"breakout", {}}, governance::Hold::Experiment, {}}};
    out.experiments = {{4, "breakout", statistics::Verdict::BBetter, governance::Advice::PromoteB, std::nullopt},
                       {3, "momentum", statistics::Verdict::Collecting, governance::Advice::Wait, 9.0}};
    return out;
}

inline governance::Checklist plausibleChecklist(bool isPassed)
{
    using governance::Gate;
    const auto gate = [](Gate which, GateState state, Figure of, std::optional<double> days = {},
                         std::string note = {}) {
        governance::GateResult out;
        out.gate = which;
        out.state = state;
        out.figure = of;
        out.daysLeft = days;
        out.note = std::move(note);
        return out;
    };
    const auto late = isPassed ? GateState::Passed : GateState::Waiting;
    governance::Checklist out;
    out.gates = {
        gate(Gate::Trades, GateState::Passed, governance::countFigure("closed trades", 118, 100)),
        gate(Gate::WinRate, GateState::Passed, figure("win rate, lower end", Unit::Share, 0.614, 118, 0.6)),
        gate(Gate::Sharpe, GateState::Passed,
             figure("daily Sharpe ratio, a year", Unit::Ratio, 2.34, 41, 1.5, statistics::Interval{0.7, 3.9}, 0.95)),
        gate(Gate::Expectancy, GateState::Passed,
             figure("expectancy after costs", Unit::UsdtPerTrade, 1.55, 118, 0.55)),
        gate(Gate::Psr, GateState::Passed, figure("probabilistic Sharpe", Unit::Probability, 0.981, 41, 0.95)),
        gate(Gate::Dsr, isPassed ? GateState::Passed : GateState::Failed,
             figure("deflated Sharpe", Unit::Probability, isPassed ? 0.962 : 0.911, 41, 0.95), {},
             isPassed ? "" : "5 tries; each new one makes it harder"),
        gate(Gate::Drawdown, GateState::Passed, figure("deepest drawdown", Unit::Share, 0.031, 41, 0.1)),
        gate(Gate::Days, GateState::Passed, governance::countFigure("complete days", 41, 30, "days")),
        gate(Gate::NotTooGood, GateState::Passed, governance::countFigure("flags", 0, 0, "flags")),
        gate(Gate::Convergence, GateState::Passed, governance::countFigure("windows that earn", 3, 3, "windows")),
        gate(Gate::Sensitivity, late, figure("changed runs that earn", Unit::Share, 0.86, 128, 0.8),
             isPassed ? std::nullopt : std::optional(3.0), isPassed ? "" : "4 of 7 nights"),
        gate(Gate::Incumbent, late,
             figure("PnL against zero, lower end", Unit::UsdtPerDay, isPassed ? 0.4 : -0.31, 41, 0),
             isPassed ? std::nullopt : std::optional(11.0))};
    return out;
}

inline console::StrategyGates plausibleGatesOf(const std::string& strategy, governance::Stage stage, bool isPassed,
                                               base::UtcMs now)
{
    console::StrategyGates out;
    out.row.strategy = strategy;
    out.row.stage = stage;
    out.row.parameterHash = "9f31c2a47be05d18";
    out.checklist = plausibleChecklist(isPassed);
    out.health.whole = {82.4, 1, health::Label::Good};
    if (!isPassed) {
        out.road = {{now + base::oneDay * 3, "sensitivity has its seven nights"},
                    {now + base::oneDay * 11, "against zero, about"}};
    }
    return out;
}

/// A strategy that is too good to be true, to be signed off.
inline console::StrategyGates tooGoodGates(const std::string& strategy, base::UtcMs now)
{
    auto out = plausibleGatesOf(strategy, governance::Stage::Paper, false, now);
    auto& gate = out.checklist.gates[static_cast<std::size_t>(governance::Gate::NotTooGood)];
    gate.state = GateState::Failed;
    gate.figure = governance::countFigure("flags", 2, 0, "flags");
    gate.note = "sharpe, win rate: not signed off";
    out.flags = {governance::TooGood::Sharpe, governance::TooGood::WinRate};
    out.signOffs.noiseNull = true;
    out.testsRun.noiseNull = "200 seeds";
    out.testsRun.lookAhead = "50 moments of 14 days, all the same"; // the replay has not run
    return out;
}

inline console::Gates plausibleGates(base::UtcMs now)
{
    console::Gates out;
    out.rows = {plausibleGatesOf("mtf_trend_align", governance::Stage::Candidate, true, now),
                plausibleGatesOf("ml_gbt_5m", governance::Stage::Candidate, false, now)};
    out.pipeline.whole = {74, 1, health::Label::Good};
    return out;
}

/// `count` decisions, the newest first; ids count up with time.
inline std::vector<console::JournalRow> plausibleJournal(base::UtcMs now, std::size_t count)
{
    using governance::ChangeKind;
    struct Line {
        governance::Actor by;
        ChangeKind kind;
        const char* subject;
        const char* before;
        const char* after;
        const char* what;
        const char* why;
        const char* evidence;
    };
    static constexpr auto mine = governance::Actor::Operator;
    static constexpr auto its = governance::Actor::Policy;
    static constexpr std::array lines{
        Line{mine, ChangeKind::Switch, "vwap_reversion", "on", "off", "Disabled vwap_reversion",
             "loses in every regime", "PF 0.62, Sharpe -2.77, 1204 trades"},
        Line{mine, ChangeKind::Switch, "bb_squeeze", "on", "off", "Disabled bb_squeeze", "nightly review",
             "expectancy after costs -0.65 USDT a trade (80% interval -1.02 to -0.31, n = 733 trades)"},
        Line{its, ChangeKind::Stage, "mtf_trend_align", "paper", "candidate", "Made mtf_trend_align a candidate",
             "win rate, Sharpe and trades reach the limits", "win rate 62.7%, daily Sharpe 2.34, 118 trades"},
        Line{mine, ChangeKind::Policy, "ready.max_drawdown", "0.15", "0.1", "ready.max_drawdown is 0.1 now",
             "twice as strict as paper", ""},
        Line{its, ChangeKind::Switch, "candle_patterns", "on", "off", "Disabled candle_patterns",
             "the whole interval of expectancy lies under zero",
             "expectancy after costs -0.95 USDT a trade (80% interval -1.20 to -0.71, n = 1510 trades)"},
        Line{mine, ChangeKind::Switch, "breakout@3", "on", "off", "Disabled breakout on SOL-USDT",
             "spreads too wide at night", "PF 0.81, 34 trades"},
        Line{mine, ChangeKind::Switch, "", "", "", "note: funding looks high this week, watch the shorts", "", ""}};
    std::vector<console::JournalRow> out;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& line = lines[i % lines.size()];
        console::JournalRow row;
        row.decision.id = static_cast<std::int64_t>(count - i);
        row.decision.time = now - base::Millis{static_cast<std::int64_t>(i) * 5'711'000};
        row.decision.by = line.by;
        row.decision.what = line.what;
        row.decision.why = line.why;
        row.decision.evidence = line.evidence;
        if (*line.subject != '\0') {
            row.decision.changes = {{line.kind, line.subject, line.before, line.after}};
        } else {
            row.cannotUndo = "a note changes nothing";
        }
        row.next =
            i > 6 && *line.subject != '\0' && line.kind == ChangeKind::Switch ? "7 days on: -14.20 USDT in shadow" : "";
        out.push_back(std::move(row));
    }
    return out;
}

inline console::JournalPage journalPage(const std::vector<console::JournalRow>& all, const console::AskJournal& query)
{
    const auto lower = [](std::string text) {
        std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
        return text;
    };
    console::JournalPage out;
    for (const auto& row : all) {
        const auto& of = row.decision;
        const bool isIn =
            (query.text.empty() || lower(of.what + '\n' + of.why + '\n' + of.evidence).contains(lower(query.text))) &&
            (query.by.empty() || query.by == governance::name(of.by)) &&
            (!query.kind || *query.kind == governance::kindOf(of)) && (!query.from || of.time >= *query.from) &&
            (!query.to || of.time <= *query.to);
        if (isIn && out.total++ >= query.offset && out.rows.size() < query.limit) {
            out.rows.push_back(row);
        }
    }
    return out;
}

inline console::ExperimentRow plausibleExperiment(std::int64_t id, const std::string& subject, base::UtcMs now,
                                                  bool isDecided)
{
    console::ExperimentRow out;
    out.plan.id = id;
    out.plan.subject = subject;
    out.plan.a = "9f31c2a47be05d18";
    out.plan.b = "41c07be2a95d3f60";
    const int days = isDecided ? 34 : 12;
    out.plan.begins = base::bucketStart(now, base::oneDay) - base::oneDay * days;
    out.plan.policy = governance::policiesFrom({}).experiment;
    out.created = out.plan.begins - base::Millis{20'000'000};
    const auto* info = trading::findStrategy(subject);
    const auto arm = [&](const char* name, const std::string& hash, std::uint64_t trades, double rate, double mean,
                         unsigned seed) {
        console::ExperimentArm one;
        one.name = name;
        one.hash = hash;
        if (info != nullptr) {
            trading::ParameterSet set(info->name, info->parameters);
            if (std::string_view(name) == "B") {
                static_cast<void>(set.set("stop_atr", 2.5));
            }
            one.parameters = set.text();
        }
        one.trades = trades;
        one.won = static_cast<std::uint64_t>(static_cast<double>(trades) * rate);
        one.winRate = rate;
        one.expectancy = mean;
        one.net = mean * static_cast<double>(trades);
        if (days >= 30) {
            one.sharpe = mean * 2.1;
        }
        const auto steps = walk(trades, 0, 4, seed);
        for (std::size_t i = 0; i < trades; ++i) {
            const double share = static_cast<double>(i + 1) / static_cast<double>(trades);
            one.equity.emplace_back(out.plan.begins + base::Millis{static_cast<std::int64_t>(
                                                          share * static_cast<double>(days) * 86'400'000.0)},
                                    static_cast<double>(steps[i]) * (1 - share) + one.net * share);
        }
        return one;
    };
    out.arms = {arm("A", out.plan.a, isDecided ? 128 : 41, 0.53, 0.41, 51),
                arm("B", out.plan.b, isDecided ? 131 : 39, 0.58, isDecided ? 1.62 : 0.66, 52)};
    for (int day = 2; day <= days; ++day) {
        const double mean = (isDecided ? 4.4 : 0.9) + 1.8 * std::sin(day * 0.7) / day;
        const double half = 15.5 / std::sqrt(static_cast<double>(day)) + (isDecided ? 0.6 : 2.0);
        out.course.push_back({out.plan.begins + base::oneDay * day, mean, mean - half, mean + half});
    }
    auto& now_ = out.assessment;
    now_.at = now;
    const auto& last = out.course.back();
    now_.difference.mean = -last.mean;
    now_.difference.interval = statistics::Interval{-last.high, -last.low};
    now_.blocks = static_cast<std::size_t>(days);
    now_.margin = 0.6;
    now_.gates = {{"trades an arm", isDecided, governance::countFigure("trades an arm", isDecided ? 128 : 39, 100)},
                  {"wins of B", true, governance::countFigure("wins of B", isDecided ? 75 : 22, 10)},
                  {"losses of B", true, governance::countFigure("losses of B", isDecided ? 56 : 17, 10)},
                  {"expectancy of B positive", true,
                   figure("expectancy of B", Unit::UsdtPerTrade, isDecided ? 1.62 : 0.66, isDecided ? 131 : 39, 0)}};
    if (isDecided) {
        now_.verdict = now_.tonight = statistics::Verdict::BBetter;
        now_.latch = governance::Latch{statistics::Verdict::BBetter, now - base::oneDay};
        now_.advice = governance::Advice::PromoteB;
        out.equalPassRate = 0.021;
    } else {
        now_.moreDays = 9;
        now_.moreTrades = 61;
        out.equalPassRate = 0.034;
    }
    return out;
}

inline console::Experiments plausibleExperiments(base::UtcMs now)
{
    auto ended = plausibleExperiment(2, "ema_crossover", now - base::oneDay * 40, false);
    ended.ended = now - base::oneDay * 38;
    ended.outcome = "A kept";
    ended.why = "no difference that matters";
    return {{plausibleExperiment(4, "breakout", now, true), plausibleExperiment(3, "momentum", now, false), ended}};
}

inline console::GateSimulation plausibleSimulation()
{
    const auto rate = [](std::string_view name, double factor, std::uint64_t passed, double days) {
        governance::PassRate out{.name = name, .factor = factor, .passed = passed, .runs = 2'000};
        out.interval = statistics::wilson(passed, 2'000);
        out.medianDays = days;
        return out;
    };
    console::GateSimulation out;
    out.rates = {rate("worse", 0.5, 2, 31), rate("equal", 1, 58, 27), rate("better", 2, 1'241, 22)};
    out.trades = 118;
    out.tradesPerDay = 3.9;
    return out;
}

/// Stages and a policy, as the paper engine would tell them.
inline console::PaperSnapshot paperWithStages(base::UtcMs now)
{
    auto out = paperWithRoster(now);
    auto view = std::make_shared<console::PolicyView>();
    for (const auto& entry : base::policyEntries()) {
        view->numbers[std::string(entry.name)] = entry.standard;
    }
    for (const auto& text : base::policyTexts()) {
        view->texts[std::string(text.name)] = std::string(text.standard);
    }
    out.policy = view;
    for (auto& row : out.strategies) {
        if (row.name == "mtf_trend_align" || row.name == "ml_gbt_5m") {
            row.stage = governance::Stage::Candidate;
            row.stageSince = now - base::oneDay * 4;
        } else if (row.name == "candle_patterns") {
            row.stage = governance::Stage::Archived;
            row.stageSince = now - base::oneDay * 6;
        } else if (row.name == "breakout") {
            row.instruments[{3}] = {false, governance::Actor::Operator, now - base::oneDay * 2};
        }
    }
    return out;
}

/// The paper engine, the governor and the query desk of a test: what is sent stays pending until carryOut() is called.
class FakeGovernor {
public:
    FakeGovernor(FakeConsole& console, base::UtcMs now, std::size_t decisions = 14)
        : console_(console),
          now_(now),
          journal(plausibleJournal(now, decisions)),
          governance(plausibleGovernance(now)),
          paper(paperWithStages(now)),
          gates(plausibleGates(now))
    {
        answerPlausibly(console, now);
        const auto others = console.onAsk;
        console.onAsk = [this, others](console::QueryId id, const console::Query& query) {
            if (!answer(id, query)) {
                others(id, query);
            }
        };
        publish();
    }
    FakeGovernor(const FakeGovernor&) = delete;
    FakeGovernor& operator=(const FakeGovernor&) = delete;

    void publish()
    {
        console_.governanceBox.put(governance);
        console_.paperBox.put(paper);
    }

    /// Does what was sent since the last call, and answers it.
    void carryOut()
    {
        for (; done_ < console_.sent.size(); ++done_) {
            const auto& [id, command] = console_.sent[done_];
            const auto before = journal.empty() ? 0 : journal.front().decision.id;
            console::CommandDone done{id, apply(command)};
            for (const auto& row : journal) {
                if (row.decision.id > before) {
                    done.decisions.push_back(row.decision.id);
                }
            }
            console_.events.emplace_back(std::move(done));
        }
        publish();
    }

private:
    FakeConsole& console_;
    base::UtcMs now_;
    std::size_t done_ = 0;

public:
    std::vector<console::JournalRow> journal;
    console::GovernanceSnapshot governance;
    console::PaperSnapshot paper;
    console::Gates gates;
    std::optional<base::Error> refusal; // of the next command

private:
    console::StrategyRow* rowOf(const std::string& name)
    {
        const auto found = std::ranges::find(paper.strategies, name, &console::StrategyRow::name);
        return found == paper.strategies.end() ? nullptr : &*found;
    }
    void note(std::vector<governance::Change> changes, std::string what, std::string why)
    {
        console::JournalRow row;
        row.decision.id = journal.empty() ? 1 : journal.front().decision.id + 1;
        row.decision.time = now_;
        row.decision.changes = std::move(changes);
        row.decision.what = std::move(what);
        row.decision.why = std::move(why);
        if (row.decision.changes.empty()) {
            row.cannotUndo = "a note changes nothing";
        }
        journal.insert(journal.begin(), std::move(row));
    }
    void carry(const governance::Change& change)
    {
        const auto at = change.subject.find('@');
        auto* row = rowOf(change.subject.substr(0, at));
        if (change.kind == governance::ChangeKind::Switch && row != nullptr) {
            const bool isOn = change.after == "on";
            if (at == std::string::npos) {
                row->isEnabled = isOn;
                row->enabledBy = "operator";
                row->enabledSince = now_;
            } else {
                row->instruments[{std::stoll(change.subject.substr(at + 1))}] = {isOn, governance::Actor::Operator,
                                                                                 now_};
            }
        } else if (change.kind == governance::ChangeKind::Stage && row != nullptr) {
            row->stage = governance::stageOf(change.after).value_or(governance::Stage::Paper);
        } else if (change.kind == governance::ChangeKind::Policy) {
            auto view = *paper.policy;
            view.numbers[change.subject] = std::stod(change.after);
            paper.policy = std::make_shared<console::PolicyView>(std::move(view));
        }
    }
    void decide(const std::vector<governance::Change>& changes, const std::string& what, const std::string& why)
    {
        std::ranges::for_each(changes, [this](const auto& change) { carry(change); });
        note(changes, what, why);
    }
    std::optional<base::Error> apply(const console::Command& command)
    {
        if (refusal) {
            return std::exchange(refusal, std::nullopt);
        }
        using governance::Change;
        using governance::ChangeKind;
        if (const auto* on = std::get_if<console::SetStrategyEnabled>(&command)) {
            const auto subject =
                on->instrument ? on->strategy + '@' + std::to_string(on->instrument->value) : on->strategy;
            decide({{ChangeKind::Switch, subject, on->enabled ? "off" : "on", on->enabled ? "on" : "off"}},
                   (on->enabled ? "Enabled " : "Disabled ") + on->strategy, on->reason);
        } else if (const auto* many = std::get_if<console::SetStrategiesEnabled>(&command)) {
            std::vector<Change> changes;
            for (const auto& name : many->strategies) {
                changes.push_back(
                    {ChangeKind::Switch, name, many->enabled ? "off" : "on", many->enabled ? "on" : "off"});
            }
            decide(changes, many->enabled ? "Enabled many" : "Disabled many", many->reason);
        } else if (const auto* archived = std::get_if<console::ArchiveStrategies>(&command)) {
            std::vector<Change> changes;
            for (const auto& name : archived->strategies) {
                changes.push_back(
                    {ChangeKind::Stage, name, std::string(governance::name(rowOf(name)->stage)), "archived"});
            }
            decide(changes, "Archived many", archived->reason);
        } else if (const auto* position = std::get_if<console::ClosePosition>(&command)) {
            std::erase_if(paper.positions, [&](const console::PositionRow& row) {
                return row.position.decision.strategy == position->strategy &&
                       row.position.decision.instrument == position->instrument;
            });
            note({}, "closed " + position->strategy + ": by hand", position->reason);
        } else if (const auto* stage = std::get_if<console::SetStage>(&command)) {
            auto* row = rowOf(stage->strategy);
            decide({{ChangeKind::Stage, stage->strategy, std::string(governance::name(row->stage)),
                     std::string(governance::name(stage->to))}},
                   stage->strategy + " to " + std::string(governance::name(stage->to)), stage->reason);
            if (stage->to == governance::Stage::Ready) {
                std::erase_if(gates.rows, [&](const auto& g) { return g.row.strategy == stage->strategy; });
            }
        } else if (const auto* policy = std::get_if<console::SetPolicy>(&command)) {
            std::vector<Change> changes;
            for (const auto& [name, value] : policy->values) {
                changes.push_back({ChangeKind::Policy, name,
                                   base::policyNumber(base::policyValue(paper.policy->numbers, name)), value});
            }
            decide(changes, "Policy changed", policy->reason);
        } else if (const auto* all = std::get_if<console::ApplyProposals>(&command)) {
            for (auto& row : governance.proposals) {
                if (std::ranges::find(all->proposals, row.id) != all->proposals.end()) {
                    row.state = console::ProposalState::Applied;
                    decide(row.proposal.changes,
                           std::string(governance::name(row.proposal.rule)) + " " + row.proposal.subject.strategy,
                           all->reason);
                }
            }
        } else if (const auto* dismissed = std::get_if<console::DismissProposals>(&command)) {
            for (auto& row : governance.proposals) {
                if (std::ranges::find(dismissed->proposals, row.id) != dismissed->proposals.end()) {
                    row.state = console::ProposalState::Dismissed;
                    row.note = dismissed->reason;
                    note({}, "dismissed: " + row.proposal.subject.strategy, dismissed->reason);
                }
            }
        } else if (const auto* undo = std::get_if<console::UndoDecision>(&command)) {
            for (auto& row : journal) {
                if (row.decision.id == undo->decision) {
                    row.isUndone = true;
                    const auto past = row.decision;
                    decide(governance::inverse(past.changes), "Undid: " + past.what, undo->reason);
                    journal.front().decision.undoes = past.id;
                    break;
                }
            }
        } else if (const auto* line = std::get_if<console::AddNote>(&command)) {
            note({}, "note: " + line->text, {});
        } else if (const auto* end = std::get_if<console::EndExperiment>(&command)) {
            std::erase_if(governance.experiments, [&](const auto& e) { return e.id == end->experiment; });
            note({}, "experiment " + std::to_string(end->experiment) + " ends", end->reason);
        } else if (std::holds_alternative<console::ReviewNow>(command)) {
            governance.reviewed = now_;
        }
        return std::nullopt;
    }
    bool answer(console::QueryId id, const console::Query& query)
    {
        console::Answer out;
        out.id = id;
        if (const auto* page = std::get_if<console::AskJournal>(&query)) {
            out.value = journalPage(journal, *page);
        } else if (std::holds_alternative<console::AskReview>(query)) {
            console::DryReview dry;
            dry.review.at = now_;
            for (const auto& row : governance.proposals) {
                dry.review.proposals.push_back(row.proposal);
            }
            dry.review.held = governance.held;
            out.value = std::move(dry);
        } else if (const auto* of = std::get_if<console::AskGates>(&query)) {
            auto found = gates;
            if (!of->strategy.empty()) {
                std::erase_if(found.rows, [&](const auto& row) { return row.row.strategy != of->strategy; });
                if (found.rows.empty()) {
                    const auto* row = rowOf(of->strategy);
                    found.rows = {plausibleGatesOf(of->strategy, row != nullptr ? row->stage : governance::Stage::Paper,
                                                   false, now_)};
                }
            }
            out.value = std::move(found);
        } else if (std::holds_alternative<console::AskManifest>(query)) {
            out.value =
                console::SignedManifest{"{\"strategy\":\"x\"}", std::string(64, '\7'), "-----BEGIN PUBLIC KEY-----\n"};
        } else if (std::holds_alternative<console::AskManifestKey>(query)) {
            out.value = console::ManifestKey{"-----BEGIN PUBLIC KEY-----\n"
                                             "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                                             "-----END PUBLIC KEY-----\n"};
        } else if (std::holds_alternative<console::AskGateSimulation>(query)) {
            out.value = plausibleSimulation();
        } else if (std::holds_alternative<console::AskExperiments>(query)) {
            out.value = plausibleExperiments(now_);
        } else {
            return false;
        }
        console_.answers.emplace_back(std::move(out));
        return true;
    }
};

} // namespace qd::testkit
