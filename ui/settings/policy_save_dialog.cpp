#include "ui/settings/policy_save_dialog.h"

#include "ui/arms.h"
#include "ui/command_desk.h"
#include "ui/decision_words.h"
#include "ui/experiments/gate_rates.h"
#include "ui/questions.h"
#include "ui/settings/policy_model.h"
#include "ui/widgets/card.h"

#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QSpinBox>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr std::uint32_t rateDays = 30;
constexpr int mostLooks = 365;
constexpr qsizetype mostNamed = 5;

bool isNumber(const std::string& name)
{
    return std::ranges::find(base::policyEntries(), name, &base::PolicyEntry::name) != base::policyEntries().end();
}

} // namespace

QString retentionWords(const health::RetentionPreview& preview)
{
    const auto tr = [](const char* source) { return PolicySaveDialog::tr(source); };
    if (preview.rule.way == health::OldTicks::Keep) {
        return tr("Ticks are kept for ever: nothing is deleted.");
    }
    QStringList kept;
    for (const auto& line : preview.lines) {
        if (!line.kept.empty() && kept.size() < 3) {
            kept << tr("%1: %2.").arg(format::text(line.name), format::text(line.kept));
        }
    }
    auto out = preview.ticks + preview.quotes == 0
                   ? tr("Nothing is older than %1 days yet: nothing would be deleted now.").arg(preview.rule.keepDays)
                   : tr("Within the hour it would delete %1 ticks and %2 quotes older than %3 days, and free %4. That "
                        "cannot be taken back.")
                         .arg(format::count(preview.ticks), format::count(preview.quotes))
                         .arg(preview.rule.keepDays)
                         .arg(format::bytes(preview.bytes));
    if (preview.ticks > 0) {
        out += QLatin1Char(' ') + (preview.rule.way == health::OldTicks::Thin
                                       ? tr("Their candles stay; missing ones are made first.")
                                       : tr("Candles that are stored stay; missing ones are not made."));
    }
    return kept.isEmpty() ? out : out + QLatin1Char('\n') + kept.join(QLatin1Char('\n'));
}

QStringList newDeadlocks(const std::map<std::string, double>& tradesPerDay, const base::PolicyValues& before,
                         const base::PolicyValues& after)
{
    QStringList out;
    const auto old = governance::policiesFrom(before);
    const auto next = governance::policiesFrom(after);
    for (const auto& [strategy, rate] : tradesPerDay) {
        const auto known = governance::deadlocksAt(rate, old);
        for (const auto& one : governance::deadlocksAt(rate, next)) {
            const bool isNew = std::ranges::none_of(
                known, [&](const governance::Deadlock& k) { return k.gate == one.gate && k.because == one.because; });
            if (isNew) {
                out << format::text(strategy) + QStringLiteral(": ") + say::deadlock(one);
            }
        }
    }
    return out;
}

PolicySaveDialog::PolicySaveDialog(const PageContext& context, const console::PolicyView& view,
                                   const console::PaperSnapshot& paper, std::map<std::string, std::string> edited,
                                   QWidget* parent)
    : QDialog(parent),
      context_(context),
      edited_(std::move(edited)),
      before_(view.numbers),
      after_(view.numbers),
      since_(paper.since),
      isOfExperiments_(std::ranges::any_of(edited_, [](const auto& e) { return e.first.starts_with("ab."); })),
      deadlocks_(new TextLabel(context.theme, FontRole::Body, Meaning::TextMuted)),
      retention_(new TextLabel(context.theme, FontRole::Body, Meaning::Warning)),
      gate_(new GateRates(context, FontRole::Body)),
      looksLine_(new QWidget(this)),
      looks_(new QSpinBox(looksLine_)),
      reason_(new QLineEdit(this)),
      go_(new QPushButton(tr("Save"), this))
{
    setAttribute(Qt::WA_DeleteOnClose);
    const QString title = edited_.size() == 1 ? tr("Change %1").arg(format::text(edited_.begin()->first))
                                              : tr("Change %1 values of the policy").arg(edited_.size());
    setWindowTitle(tr("Quarterdeck · %1").arg(title));
    setAccessibleName(title);
    QStringList changes;
    for (const auto& line : policyLines(view)) {
        if (const auto found = edited_.find(line.name); found != edited_.end()) {
            changes << tr("%1: %2 → %3 %4")
                           .arg(format::text(line.name),
                                line.inForce.empty() ? tr("empty") : policyText(line.name, line.inForce),
                                found->second.empty() ? tr("empty") : policyText(line.name, found->second),
                                line.range.empty() ? QString() : format::text(line.unit))
                           .trimmed();
            if (isNumber(line.name)) {
                after_[line.name] = std::stod(found->second);
            }
        }
    }
    auto* words = new TextLabel(context.theme, FontRole::Body, Meaning::Text, changes.join(QLatin1Char('\n')), this);
    for (auto* label : {words, deadlocks_, retention_}) {
        label->setWordWrap(true);
    }
    reason_->setPlaceholderText(tr("Why, in one line; the journal keeps it"));
    reason_->setAccessibleName(tr("Reason"));
    reason_->setMaxLength(200);
    looks_->setRange(1, mostLooks);
    looks_->setValue(static_cast<int>(console::AskGateSimulation().looks));
    looks_->setSuffix(tr(" nights"));
    looks_->setToolTip(tr("On how many nights you plan to look at the gate: the more often, the more often one passes "
                          "by chance"));
    looks_->setAccessibleName(tr("Planned nights of looking"));
    looks_->setKeyboardTracking(false); // one simulation a typed number, not a digit
    auto* looksRow = new QHBoxLayout(looksLine_);
    looksRow->setContentsMargins(0, 0, 0, 0);
    looksRow->addWidget(
        new TextLabel(context.theme, FontRole::Body, Meaning::TextMuted, tr("Looked at on"), looksLine_));
    looksRow->addWidget(looks_);
    looksRow->addStretch(1);
    auto* cancel = new QPushButton(tr("Cancel"), this);
    cancel->setAutoDefault(false);
    go_->setDefault(true);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(go_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(cardGap);
    layout->addWidget(new TextLabel(context.theme, FontRole::Heading, Meaning::Text, title, this));
    layout->addWidget(words);
    layout->addWidget(deadlocks_);
    layout->addWidget(retention_);
    layout->addWidget(looksLine_);
    layout->addWidget(gate_);
    layout->addWidget(reason_);
    layout->addLayout(buttons);
    setMinimumWidth(540);
    deadlocks_->show(tr("Looking for deadlocks at the present rate of trades…"));
    gate_->setVisible(isOfExperiments_);
    looksLine_->setVisible(isOfExperiments_);
    gate_->show(tr("Simulating how often the gate passes…"));
    connect(reason_, &QLineEdit::textChanged, this, &PolicySaveDialog::showState);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(go_, &QPushButton::clicked, this, &PolicySaveDialog::save);
    connect(looks_, &QSpinBox::valueChanged, this, &PolicySaveDialog::simulate);
    connect(gate_, &GateRates::known, this, &PolicySaveDialog::showState);
    context_.questions.ask(console::AskEvaluations{rateDays}, this,
                           [this](const console::Answer& answer) { takeRates(answer); });
    previewRetention();
    reason_->setFocus();
    showState();
}

void PolicySaveDialog::previewRetention()
{
    retention_->setVisible(edited_.contains("ticks.keep_days") || edited_.contains("ticks.thin"));
    if (retention_->isHidden()) {
        return;
    }
    isRetentionKnown_ = false;
    retention_->show(tr("Looking what the retention of ticks would free…"));
    context_.questions.ask(console::AskRetention{.keepDays = base::policyValue(after_, "ticks.keep_days"),
                                                 .thin = base::policyValue(after_, "ticks.thin") != 0},
                           this, [this](const console::Answer& answer) {
                               const auto* value = std::get_if<health::RetentionPreview>(&answer.value);
                               isRetentionKnown_ = true;
                               retention_->show(
                                   answer.error || value == nullptr
                                       ? tr("What it would free could not be seen: %1")
                                             .arg(answer.error ? format::sentence(*answer.error) : QString())
                                       : retentionWords(*value));
                               showState();
                           });
}

void PolicySaveDialog::takeRates(const console::Answer& answer)
{
    const auto* value = std::get_if<console::Evaluations>(&answer.value);
    std::map<std::string, double> rates;
    std::string busiest;
    std::uint32_t most = 0;
    if (!answer.error && value != nullptr) {
        const auto from = since_ ? std::max(*since_, value->from) : value->from;
        const double days =
            std::max(1.0, static_cast<double>((value->to - from).count()) / static_cast<double>(base::oneDay.count()));
        for (const auto& row : value->strategies) {
            if (row.trades > 0 && !isArm(row.strategy)) {
                rates[row.strategy] = row.trades / days;
                busiest = row.trades > most ? row.strategy : busiest;
                most = std::max(most, row.trades);
            }
        }
    }
    const auto found = newDeadlocks(rates, before_, after_);
    deadlocks_->setMeaning(found.isEmpty() ? Meaning::TextMuted : Meaning::Warning);
    QStringList named = found.mid(0, mostNamed);
    if (found.size() > mostNamed) {
        named << tr("and %1 more").arg(found.size() - mostNamed);
    }
    deadlocks_->show(!found.isEmpty() ? tr("Deadlocks that this brings:\n%1").arg(named.join(QLatin1Char('\n')))
                     : rates.empty()  ? tr("Whether it brings deadlocks cannot be said: no strategy has traded yet.")
                                      : tr("No new deadlock at the present rate of trades."));
    if (isOfExperiments_ && !busiest.empty()) {
        busiest_ = busiest;
        simulate();
    } else {
        gate_->giveUp(tr("The gate cannot be simulated: there are no closed trades to draw from yet."));
    }
    showState();
}

void PolicySaveDialog::simulate()
{
    if (busiest_.empty()) {
        return;
    }
    console::AskGateSimulation query;
    query.strategy = busiest_;
    query.gate = governance::policiesFrom(after_).experiment;
    query.looks = static_cast<std::uint32_t>(looks_->value());
    gate_->ask(
        query,
        [name = format::text(busiest_), looks = looks_->value()](const console::GateSimulation& value) {
            return tr("With these rules and %1 looks the gate passes, of candidates that are %2. Drawn from %3 trades "
                      "of "
                      "%4, %5 a day.")
                .arg(looks)
                .arg(say::passRates(value), format::count(value.trades), name, format::decimal(value.tradesPerDay, 1));
        },
        tr("The gate could not be simulated: %1"));
    showState();
}

void PolicySaveDialog::showState()
{
    const bool hasReason = !reason_->text().trimmed().isEmpty();
    const bool isReady = (!isOfExperiments_ || gate_->isKnown()) && isRetentionKnown_;
    go_->setEnabled(hasReason && isReady);
    go_->setToolTip(!isRetentionKnown_ ? tr("Waits for the preview of what would be freed")
                    : !isReady         ? tr("Waits for the simulation of the gate")
                    : hasReason        ? QString()
                                       : tr("Needs a reason"));
    layout()->activate(); // the words may need more lines now
    resize(width(), std::max(height(), layout()->heightForWidth(width())));
}

void PolicySaveDialog::save()
{
    context_.commands.setPolicy(edited_, reason_->text().trimmed());
    accept();
}

QString PolicySaveDialog::deadlockText() const
{
    return deadlocks_->text();
}

QString PolicySaveDialog::retentionText() const
{
    return retention_->isHidden() ? QString() : retention_->text();
}

QString PolicySaveDialog::gateText() const
{
    return gate_->text();
}

void PolicySaveDialog::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), context_.theme.color(Meaning::Background));
}

} // namespace qd::ui
