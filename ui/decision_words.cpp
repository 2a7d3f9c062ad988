#include "ui/decision_words.h"

#include "ui/format.h"
#include "ui/models/model_words.h"
#include "ui/strategies/strategy_models.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>

namespace qd::ui::say {

namespace {

QString tr(const char* source)
{
    return QCoreApplication::translate("decisions", source);
}

QString number(double value, governance::Unit unit)
{
    using governance::Unit;
    switch (unit) {
    case Unit::Count:
    case Unit::Days:
        return format::decimal(value, value == std::floor(value) ? 0 : 1);
    case Unit::Share:
        return format::percent(value, 1);
    case Unit::Probability:
        return format::decimal(value, 3);
    case Unit::Ratio:
        return format::decimal(value, 2);
    case Unit::Usdt:
    case Unit::UsdtPerTrade:
    case Unit::UsdtPerDay:
        return format::signedDecimal(value, 2);
    }
    return {};
}

/// The moment that a text of the engines ends with, and that text without it.
std::pair<QString, std::optional<base::UtcMs>> momentAtEnd(const std::string& text)
{
    const QString all = format::text(text);
    const QRegularExpression iso(QStringLiteral("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z"));
    const auto found = iso.match(all);
    const auto at = found.hasMatch() ? base::parseUtc(found.captured().toStdString()) : base::Result<base::UtcMs>();
    return found.hasMatch() && at
               ? std::pair(QString(all).replace(found.captured(), QStringLiteral("%1")), std::optional(*at))
               : std::pair(all, std::optional<base::UtcMs>());
}

QString hourOrDay(base::UtcMs at, base::UtcMs now, format::Zone zone)
{
    const QString day = format::day(at, zone);
    const QString hour = format::hourMinute(at, zone);
    return day == format::day(now, zone) ? hour : day + QLatin1Char(' ') + hour;
}

} // namespace

QString silence(const std::string& why, base::UtcMs now, format::Zone zone)
{
    const auto [text, at] = momentAtEnd(why);
    return at ? text.arg(hourOrDay(*at, now, zone)) : text;
}

QString shortSilence(const std::string& why, base::UtcMs now, format::Zone zone)
{
    const auto [text, at] = momentAtEnd(why);
    const QString first = text.section(QLatin1Char(':'), 0, 0);
    return at ? tr("%1 until %2").arg(first, hourOrDay(*at, now, zone)) : first;
}

QString stage(governance::Stage stage)
{
    switch (stage) {
    case governance::Stage::Paper:
        return tr("Paper");
    case governance::Stage::Candidate:
        return tr("Candidate");
    case governance::Stage::Ready:
        return tr("Ready");
    case governance::Stage::Archived:
        return tr("Archived");
    }
    return {};
}

Meaning tone(governance::Stage stage)
{
    switch (stage) {
    case governance::Stage::Candidate:
        return Meaning::Gain;
    case governance::Stage::Ready:
        return Meaning::SecondSeries;
    case governance::Stage::Archived:
        return Meaning::TextFaint;
    case governance::Stage::Paper:
        break;
    }
    return Meaning::Focus;
}

QString value(double value, governance::Unit unit)
{
    using governance::Unit;
    const QString plain = number(value, unit);
    switch (unit) {
    case Unit::Days:
        return tr("%1 days").arg(plain);
    case Unit::Usdt:
        return tr("%1 USDT").arg(plain);
    case Unit::UsdtPerTrade:
        return tr("%1 USDT a trade").arg(plain);
    case Unit::UsdtPerDay:
        return tr("%1 USDT a day").arg(plain);
    default:
        return plain;
    }
}

QString value(const governance::Figure& figure)
{
    return figure.value ? value(*figure.value, figure.unit) : format::undefined();
}

QString line(const governance::Figure& figure)
{
    QString out = format::text(figure.name) + QLatin1Char(' ');
    out += figure.value
               ? value(*figure.value, figure.unit)
               : format::undefined() + QLatin1Char(' ') + format::text(statistics::sentence(figure.value.error()));
    QStringList aside;
    if (figure.confidence > 0 && figure.interval) {
        aside << tr("%1: %2 to %3")
                     .arg(format::percent(figure.confidence, 0), number(figure.interval->lower, figure.unit),
                          number(figure.interval->upper, figure.unit));
    }
    if (figure.unit != governance::Unit::Count && figure.unit != governance::Unit::Days) {
        aside << tr("n %1").arg(format::count(figure.n));
    }
    if (figure.limit) {
        aside << limit(figure);
    }
    return aside.isEmpty() ? out : out + QStringLiteral(" (") + aside.join(QStringLiteral(", ")) + QLatin1Char(')');
}

const governance::Figure* weightiest(const std::vector<governance::Figure>& figures)
{
    const auto judged = std::find_if(figures.rbegin(), figures.rend(),
                                     [](const governance::Figure& figure) { return figure.interval.has_value(); });
    return judged != figures.rend() ? &*judged : figures.empty() ? nullptr : &figures.back();
}

QString brief(const governance::Figure& figure)
{
    QString out = format::text(figure.name) + QLatin1Char(' ') + value(figure);
    if (!out.isEmpty()) {
        out[0] = out[0].toUpper();
    }
    const bool isCount = figure.unit == governance::Unit::Count || figure.unit == governance::Unit::Days;
    return isCount ? out : out + tr(", n %1").arg(format::count(figure.n));
}

QString limit(const governance::Figure& figure)
{
    return figure.limit ? tr("limit %1").arg(number(*figure.limit, figure.unit)) : QString();
}

QString about(const std::optional<double>& days)
{
    if (!days || !std::isfinite(*days)) {
        return {};
    }
    const double whole = std::max(1.0, std::ceil(*days));
    return whole == 1 ? tr("about 1 day") : tr("about %1 days").arg(format::decimal(whole, 0));
}

QString subject(const governance::Subject& subject, const console::IngestSnapshot* ingest)
{
    const QString strategy = format::text(subject.strategy);
    return subject.instrument
               ? tr("%1 on %2").arg(strategy, format::text(feedInstrument(ingest, *subject.instrument).name))
               : strategy;
}

QString title(const governance::Proposal& proposal, const console::IngestSnapshot* ingest)
{
    const QString who = subject(proposal.subject, ingest);
    switch (proposal.rule) {
    case governance::Rule::Disable:
        return tr("Disable %1").arg(who);
    case governance::Rule::Reenable:
        return tr("Re-enable %1").arg(who);
    case governance::Rule::ThirdFall:
    case governance::Rule::NotConverged:
        return tr("Archive %1").arg(who);
    case governance::Rule::Candidate:
        return tr("Make %1 a candidate").arg(who);
    }
    return who;
}

QString evidence(const governance::Proposal& proposal)
{
    QStringList figures;
    for (const auto& figure : proposal.figures) {
        figures << line(figure);
    }
    return figures.join(QStringLiteral(" · "));
}

QString lookingBack(const governance::LookingBack& back)
{
    QStringList parts{tr("the roster's net %1 USDT instead of %2")
                          .arg(format::signedDecimal(back.with.net, 2), format::signedDecimal(back.without.net, 2))};
    if (back.with.sharpe && back.without.sharpe) {
        parts << tr("Sharpe %1 instead of %2")
                     .arg(format::decimal(*back.with.sharpe, 2), format::decimal(*back.without.sharpe, 2));
    }
    if (back.with.drawdown && back.without.drawdown) {
        parts << tr("drawdown %1 instead of %2")
                     .arg(format::percent(*back.with.drawdown, 1), format::percent(*back.without.drawdown, 1));
    }
    return tr("Looking back, always flattering: over the newest %1 days with this change %2.")
        .arg(format::count(back.days), parts.join(QStringLiteral(", ")));
}

QString record(const governance::RuleRecord& record)
{
    const auto one = [](const governance::RecordAfter& after) {
        return tr("%1 days on, right %2 of %3 times").arg(after.days).arg(after.right).arg(after.decisions) +
               (after.meanNet ? tr(" (mean %1 USDT)").arg(format::signedDecimal(*after.meanNet, 2)) : QString());
    };
    if (record.soon.decisions == 0 && record.later.decisions == 0) {
        return tr("This rule has no past decision that is old enough to judge it by.");
    }
    QStringList parts;
    for (const auto* after : {&record.soon, &record.later}) {
        if (after->decisions > 0) {
            parts << one(*after);
        }
    }
    return tr("After this rule's past decisions: %1.").arg(parts.join(QStringLiteral("; ")));
}

QString kind(governance::DecisionKind kind)
{
    using governance::DecisionKind;
    switch (kind) {
    case DecisionKind::Switch:
        return tr("Switch");
    case DecisionKind::Stage:
        return tr("Stage");
    case DecisionKind::Parameters:
        return tr("Parameters");
    case DecisionKind::Model:
        return tr("Model");
    case DecisionKind::Policy:
        return tr("Policy");
    case DecisionKind::Experiment:
        return tr("Experiment");
    case DecisionKind::SignOff:
        return tr("Sign-off");
    case DecisionKind::Dismissal:
        return tr("Dismissal");
    case DecisionKind::Position:
        return tr("Position");
    case DecisionKind::Instruments:
        return tr("Instruments");
    case DecisionKind::Execution:
        return tr("Execution");
    case DecisionKind::Note:
        return tr("Note");
    case DecisionKind::Other:
        break;
    }
    return tr("Other");
}

bool isPaused(const console::PolicyView& policy)
{
    return base::policyValue(policy.numbers, "trading.paused") != 0;
}

QString change(const governance::Change& change, const console::IngestSnapshot* ingest)
{
    QString who = format::text(change.subject);
    const auto at = who.indexOf(QLatin1Char('@'));
    bool isId = false;
    const auto id = at > 0 ? who.mid(at + 1).toLongLong(&isId) : 0;
    if (isId) {
        who = tr("%1 on %2").arg(who.left(at), format::text(feedInstrument(ingest, {id}).name));
    }
    if (change.kind == governance::ChangeKind::Record) {
        return tr("%1: record of parameters %2 → %3")
            .arg(who, format::text(change.before).left(8), format::text(change.after).left(8));
    }
    if (change.kind == governance::ChangeKind::ModelStage) {
        const auto words = [](const std::string& text) {
            const auto known = governance::modelStageOf(text);
            return known ? stage(*known).toLower() : format::text(text);
        };
        return change.before.empty()  ? tr("%1: added as %2").arg(who, words(change.after))
               : change.after.empty() ? tr("%1: taken out again, it was %2").arg(who, words(change.before))
                                      : tr("%1: %2 → %3").arg(who, words(change.before), words(change.after));
    }
    const auto shown = [](const std::string& text) { return text.empty() ? format::undefined() : format::text(text); };
    return tr("%1: %2 → %3").arg(who, shown(change.before), shown(change.after));
}

QString gate(governance::Gate gate)
{
    using governance::Gate;
    switch (gate) {
    case Gate::Trades:
        return tr("Closed trades");
    case Gate::WinRate:
        return tr("Win rate, lower end");
    case Gate::Sharpe:
        return tr("Daily Sharpe");
    case Gate::Expectancy:
        return tr("Expectancy over costs and null");
    case Gate::Psr:
        return tr("Probabilistic Sharpe");
    case Gate::Dsr:
        return tr("Deflated Sharpe");
    case Gate::Drawdown:
        return tr("Drawdown");
    case Gate::Days:
        return tr("Complete days");
    case Gate::NotTooGood:
        return tr("Not too good to be true");
    case Gate::Convergence:
        return tr("Convergence and regimes");
    case Gate::Sensitivity:
        return tr("Sensitivity");
    case Gate::Incumbent:
        return tr("Against the incumbent");
    }
    return {};
}

QString deadlock(const governance::Deadlock& deadlock)
{
    const auto days = [](double value) { return tr("%1 days").arg(format::decimal(std::ceil(value), 0)); };
    const auto when = std::isfinite(deadlock.needsDays) ? tr("in about %1").arg(days(deadlock.needsDays)) : tr("never");
    return tr("%1: %2 at the present rate; %3 after %4")
        .arg(gate(deadlock.gate), when, format::text(deadlock.because), days(deadlock.hasDays));
}

QString verdict(statistics::Verdict verdict)
{
    using statistics::Verdict;
    switch (verdict) {
    case Verdict::InvalidSrm:
        return tr("Invalid: the split is not as planned");
    case Verdict::Collecting:
        return tr("Collecting");
    case Verdict::ABetter:
        return tr("A is better");
    case Verdict::BBetter:
        return tr("B is better");
    case Verdict::Equivalent:
        return tr("Equivalent");
    case Verdict::Undecided:
        return tr("Undecided");
    }
    return {};
}

Meaning tone(statistics::Verdict verdict)
{
    using statistics::Verdict;
    switch (verdict) {
    case Verdict::InvalidSrm:
    case Verdict::ABetter:
        return Meaning::Loss;
    case Verdict::BBetter:
        return Meaning::Gain;
    case Verdict::Undecided:
        return Meaning::Warning;
    case Verdict::Collecting:
    case Verdict::Equivalent:
        break;
    }
    return Meaning::Focus;
}

QString advice(governance::Advice advice)
{
    return format::text(governance::sentence(advice));
}

std::optional<console::ExperimentEnd> supported(governance::Advice advice)
{
    switch (advice) {
    case governance::Advice::PromoteB:
        return console::ExperimentEnd::PromoteB;
    case governance::Advice::KeepA:
        return console::ExperimentEnd::KeepA;
    case governance::Advice::StopForHarm:
    case governance::Advice::StopInvalid:
        return console::ExperimentEnd::Stop;
    case governance::Advice::Wait:
        break;
    }
    return std::nullopt;
}

QString passRates(const console::GateSimulation& simulation)
{
    QStringList parts;
    for (const auto& rate : simulation.rates) {
        QString one = tr("%1 %2").arg(format::text(rate.name), format::percent(rate.rate(), 1));
        if (rate.medianDays) {
            one += tr(" (day %1)").arg(format::decimal(*rate.medianDays, 0));
        }
        parts << one;
    }
    return parts.join(QStringLiteral(", "));
}

} // namespace qd::ui::say
