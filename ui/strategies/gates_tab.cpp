#include "ui/strategies/gates_tab.h"

#include "ui/command_desk.h"
#include "ui/decision_words.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/widgets/card.h"

#include <QGridLayout>
#include <QPushButton>

#include <algorithm>

namespace qd::ui {

namespace {

QString testWord(console::GoodTest test)
{
    switch (test) {
    case console::GoodTest::LookAhead:
        return GatesTab::tr("Look-ahead test");
    case console::GoodTest::NoiseNull:
        return GatesTab::tr("Noise null");
    case console::GoodTest::Replay:
        return GatesTab::tr("Replay");
    }
    return {};
}

QString flagWord(governance::TooGood flag)
{
    return format::text(governance::name(flag)).replace(QLatin1Char('_'), QLatin1Char(' '));
}

QString foundBy(const governance::TestsRun& run, console::GoodTest test)
{
    return format::text(test == console::GoodTest::LookAhead   ? run.lookAhead
                        : test == console::GoodTest::NoiseNull ? run.noiseNull
                                                               : run.replay);
}

/// Why it cannot be signed off yet, and how to come by it.
QString missing(console::GoodTest test)
{
    switch (test) {
    case console::GoodTest::LookAhead:
        return GatesTab::tr("It has not run for these parameters. Press \u201cLook-ahead test\u201d below.");
    case console::GoodTest::NoiseNull:
        return GatesTab::tr("It has not run for these parameters. Press \u201cRun noise null\u201d below.");
    case console::GoodTest::Replay:
        return GatesTab::tr("It has not run for these parameters. Press \u201cReplay 30 d\u201d below.");
    }
    return {};
}

bool isSigned(const governance::SignOffs& of, console::GoodTest test)
{
    return test == console::GoodTest::LookAhead   ? of.lookAhead
           : test == console::GoodTest::NoiseNull ? of.noiseNull
                                                  : of.replay;
}

/// What the gate's figure is, in which unit, and on which side of its limit it passes.
QString gateHelp(const governance::GateResult& of)
{
    using governance::Gate;
    const QString limit = of.figure.limit ? say::value(*of.figure.limit, of.figure.unit) : format::undefined();
    switch (of.gate) {
    case Gate::Trades:
        return GatesTab::tr("Closed trades, a count: at least %1.").arg(limit);
    case Gate::WinRate:
        return GatesTab::tr("Lower end of the interval of the share of trades won, in percent: over %1,\nwhich is the "
                            "policy's limit or the break-even rate, whichever is higher.")
            .arg(limit);
    case Gate::Sharpe:
        return GatesTab::tr("Sharpe ratio a year, of daily returns: at least %1.").arg(limit);
    case Gate::Expectancy:
        return GatesTab::tr("Mean net of a trade after costs, in USDT: over %1,\nwhich is zero or what the noise null "
                            "rarely reaches, whichever is higher.")
            .arg(limit);
    case Gate::Psr:
        return GatesTab::tr("Probability, 0 to 1, that the true Sharpe ratio is over zero: at least %1.").arg(limit);
    case Gate::Dsr:
        return GatesTab::tr("The same probability after all tries, 0 to 1: at least %1.").arg(limit);
    case Gate::Drawdown:
        return GatesTab::tr("Deepest fall from a peak, in percent of the capital: at most %1.").arg(limit);
    case Gate::Days:
        return GatesTab::tr("Complete UTC days, a count: at least %1.").arg(limit);
    case Gate::NotTooGood:
        return GatesTab::tr("Flags of figures that are too good to be true, a count: at most %1,\nunless all three "
                            "tests are signed off.")
            .arg(limit);
    case Gate::Convergence:
        return GatesTab::tr("Of the newest windows of trades those that earn, a count: at least %1,\nin calm and in "
                            "wild markets.")
            .arg(limit);
    case Gate::Sensitivity:
        return GatesTab::tr("Share of runs with slightly changed parameters that earn, in percent: at least %1.")
            .arg(limit);
    case Gate::Incumbent:
        return GatesTab::tr("Lower end of the interval of the gains, less those of the incumbent if there is one: over "
                            "%1.")
            .arg(limit);
    }
    return {};
}

} // namespace

std::vector<GateLine> gateLines(const governance::Checklist& checklist)
{
    std::vector<GateLine> out;
    for (const auto& gate : checklist.gates) {
        QStringList notes;
        if (!gate.note.empty()) {
            notes << format::text(gate.note);
        }
        if (gate.state != governance::GateState::Passed && gate.daysLeft) {
            notes << say::about(gate.daysLeft);
        }
        QStringList help{gateHelp(gate), say::line(gate.figure)};
        for (const auto& beside : gate.beside) {
            help << say::line(beside);
        }
        out.push_back(
            {.state = gate.state,
             .title = say::gate(gate.gate),
             .note = (gate.isDeadlock ? GatesTab::tr("deadlock: ") : QString()) + notes.join(QStringLiteral(" · ")),
             .figure = say::value(gate.figure),
             .limit = say::limit(gate.figure),
             .help = help.join(QLatin1Char('\n')),
             .isWarning = gate.isDeadlock});
    }
    return out;
}

GatesTab::GatesTab(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      title_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      health_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      deadlocks_(new TextLabel(context.theme, FontRole::Caption, Meaning::Warning)),
      list_(new GateList(context.theme, this)),
      signs_(new QWidget(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 8, 0);
    layout->setSpacing(6);
    for (auto* label : {title_, health_, deadlocks_}) {
        label->setWordWrap(true);
    }
    buildSignOffs();
    layout->addWidget(title_);
    layout->addWidget(deadlocks_);
    layout->addWidget(list_);
    layout->addWidget(signs_);
    layout->addWidget(health_);
    layout->addStretch(1);
    connect(&context.commands, &CommandDesk::failed, this, [this](const Request& request, const base::Error& error) {
        if (request.strategy == strategy_ && !strategy_.isEmpty() && error.code == base::ErrorCode::Conflict) {
            deadlocks_->setVisible(true);
            deadlocks_->show(format::text(error.detail.empty() ? error.subject : error.detail));
        }
    });
    clear();
}

void GatesTab::buildSignOffs()
{
    auto* grid = new QGridLayout(signs_);
    grid->setContentsMargins(0, 6, 0, 0);
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(0, 1);
    flags_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::Warning);
    flags_->setWordWrap(true);
    grid->addWidget(flags_, 0, 0, 1, 3);
    for (const auto test : {console::GoodTest::LookAhead, console::GoodTest::NoiseNull, console::GoodTest::Replay}) {
        const int row = grid->rowCount();
        auto* state = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
        auto* button = new QPushButton(tr("Sign off…"), signs_);
        button->setAccessibleName(tr("Sign off: %1").arg(testWord(test)));
        grid->addWidget(new TextLabel(context_.theme, FontRole::Body, Meaning::Text, testWord(test)), row, 0);
        grid->addWidget(state, row, 1);
        grid->addWidget(button, row, 2);
        lines_.push_back({test, state, button});
        connect(button, &QPushButton::clicked, this, [this, test] { signOff(test); });
    }
    signs_->hide();
}

void GatesTab::clear()
{
    title_->show(tr("The gates to ready are being computed…"));
    health_->show({});
    deadlocks_->hide();
    signs_->hide();
    list_->setLines({});
}

void GatesTab::show(const console::StrategyGates& gates)
{
    strategy_ = format::text(gates.row.strategy);
    const auto lines = gateLines(gates.checklist);
    const auto passed = std::ranges::count(lines, governance::GateState::Passed, &GateLine::state);
    title_->show(tr("Gates to ready — %1 of %2 passed").arg(passed).arg(lines.size()));
    QStringList deadlocks;
    for (const auto& one : gates.deadlocks) {
        deadlocks << say::deadlock(one) + QLatin1Char('.');
    }
    deadlocks_->setVisible(!deadlocks.isEmpty());
    deadlocks_->show(deadlocks.join(QLatin1Char('\n')));
    list_->setLines(lines);
    const auto& whole = gates.health.whole;
    health_->show(
        tr("Health %1%2")
            .arg(whole.score ? QString::number(health::shownScore(*whole.score)) + QLatin1Char(' ') : QString(),
                 format::text(health::name(whole.label))) +
        (gates.health.cap.empty() ? QString() : tr(", held down: %1").arg(format::text(gates.health.cap))));
    showSignOffs(gates);
}

void GatesTab::showSignOffs(const console::StrategyGates& gates)
{
    signs_->setVisible(!gates.flags.empty());
    QStringList flags;
    for (const auto flag : gates.flags) {
        flags << flagWord(flag);
    }
    flags_->show(tr("Too good to be true: %1. Most often the future leaked in. Open each test, then sign it off for "
                    "these parameters.")
                     .arg(flags.join(QStringLiteral(", "))));
    for (const auto& line : lines_) {
        const bool done = isSigned(gates.signOffs, line.test);
        const QString found = foundBy(gates.testsRun, line.test);
        const bool hasFailed = found.startsWith(format::text(governance::failedTest));
        line.state->show(done              ? tr("signed off")
                         : found.isEmpty() ? tr("not run yet")
                         : hasFailed       ? tr("failed")
                                           : tr("to be signed off"));
        line.state->setMeaning(done ? Meaning::Gain : hasFailed ? Meaning::Loss : Meaning::Warning);
        line.state->setToolTip(found);
        line.button->setVisible(!done);
        line.button->setEnabled(!found.isEmpty() && !hasFailed);
        const bool isOfModel =
            line.test == console::GoodTest::NoiseNull && found.startsWith(QStringLiteral("that of "));
        line.button->setToolTip(found.isEmpty() ? missing(line.test)
                                : isOfModel     ? tr("What counts is %1.").arg(found)
                                                : tr("It found: %1").arg(found));
    }
}

void GatesTab::signOff(console::GoodTest test)
{
    const QString what = testWord(test);
    auto* dialog = new ReasonDialog(
        context_.theme,
        {tr("Sign off the %1 of %2").arg(what.toLower(), strategy_),
         tr("You have opened it and believe the result. It holds for these parameters only, and is journalled."),
         tr("Sign off")},
        [this, test, what, strategy = strategy_](const QString& reason) {
            Request request;
            request.what = tr("%1 of %2 signed off").arg(what, strategy);
            context_.commands.send(console::SignOff{strategy.toStdString(), test, reason.toStdString()},
                                   std::move(request));
        },
        window());
    dialog->open();
}

QString GatesTab::title() const
{
    return title_->text();
}

QPushButton* GatesTab::signOffButton(console::GoodTest test) const
{
    return std::ranges::find(lines_, test, &SignLine::test)->button;
}

} // namespace qd::ui
