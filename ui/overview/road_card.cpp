#include "ui/overview/road_card.h"

#include "ui/decision_words.h"
#include "ui/patient_question.h"

#include <QPushButton>
#include <QScrollArea>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr base::Millis patience{30'000};
constexpr std::size_t mostEvents = 2;
constexpr std::size_t mostGates = 3;

} // namespace

RoadCard::RoadCard(const PageContext& context, QWidget* parent)
    : Card(context.theme, tr("Road to live"), parent),
      context_(context)
{
    auto* content = new QWidget;
    lines_ = new QVBoxLayout(content);
    lines_->setContentsMargins(0, 0, 0, 0);
    lines_->setSpacing(8);
    auto* area = new QScrollArea(this);
    area->setWidget(content);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    content->setAutoFillBackground(false);
    area->viewport()->setAutoFillBackground(false);
    setContent(area);
    setAccessibleName(tr("Road to live"));
    question_ = new PatientQuestion(
        context_, this, patience, [] { return console::AskGates{}; },
        [this](const console::Answer& answer) { take(answer); });
    rebuild();
}

void RoadCard::refresh(const Snapshots& snapshots)
{
    if (!snapshots.paper) {
        return;
    }
    std::string stages;
    for (const auto& row : snapshots.paper->strategies) {
        stages += row.name + std::to_string(static_cast<int>(row.stage)) + row.parameterHash;
    }
    const bool isOther = stages != stages_ || governance_ != snapshots.governance;
    stages_ = std::move(stages);
    governance_ = snapshots.governance;
    if (isOther) {
        question_->renew();
    }
}

void RoadCard::showEvent(QShowEvent* event)
{
    Card::showEvent(event);
    question_->ask();
}

void RoadCard::take(const console::Answer& answer)
{
    const auto* value = std::get_if<console::Gates>(&answer.value);
    if (answer.error || value == nullptr) {
        setNote(tr("not known: %1").arg(format::sentence(answer.error.value_or(base::Error{}))));
        return;
    }
    setNote({});
    gates_ = std::make_shared<const console::Gates>(*value);
    rebuild();
    Q_EMIT gatesChanged();
}

void RoadCard::rebuild()
{
    while (auto* item = lines_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    if (gates_ && !gates_->rows.empty()) {
        for (const auto& row : gates_->rows) {
            addStrategy(row);
        }
    } else {
        auto* words = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted,
                                    tr("No candidate yet. The nightly review makes one of a strategy whose win rate, "
                                       "daily Sharpe and trades reach the policy's limits; here stands then what is "
                                       "missing to ready, and about when."));
        words->setWordWrap(true);
        lines_->addWidget(words);
        words->QWidget::show();
    }
    lines_->addStretch(1);
}

void RoadCard::addStrategy(const console::StrategyGates& row)
{
    const QString name = format::text(row.row.strategy);
    const auto& gates = row.checklist.gates;
    const auto passed = std::ranges::count(gates, governance::GateState::Passed, &governance::GateResult::state);
    auto* box = new QWidget;
    auto* words = new QVBoxLayout;
    words->setSpacing(1);
    const QString title = row.row.stage == governance::Stage::Ready
                              ? tr("%1 — ready").arg(name)
                              : tr("%1 — %2 of %3 gates").arg(name).arg(passed).arg(gates.size());
    const auto add = [&](const QString& text, Meaning tone, FontRole role = FontRole::Caption) {
        auto* label = new TextLabel(context_.theme, role, tone, text);
        label->setWordWrap(true);
        label->setMinimumWidth(60); // wraps; else a long name would push the button out
        words->addWidget(label);
    };
    add(title, Meaning::Text, FontRole::Strong);
    QStringList unmet;
    std::size_t more = 0;
    for (const auto& gate : gates) {
        if (gate.state == governance::GateState::Passed) {
            continue;
        }
        if (static_cast<std::size_t>(unmet.size()) == mostGates) {
            ++more;
            continue;
        }
        const QString about = say::about(gate.daysLeft);
        unmet << say::gate(gate.gate) + QLatin1Char(' ') + say::value(gate.figure) +
                     (about.isEmpty() ? QString() : tr(" (%1)").arg(about));
    }
    if (!unmet.isEmpty()) {
        add(unmet.join(QStringLiteral(", ")) + (more > 0 ? tr(", %1 more").arg(more) : QString()), Meaning::TextMuted);
    }
    for (std::size_t i = 0; i < std::min(mostEvents, row.road.size()); ++i) {
        add(tr("%1 · %2").arg(format::day(row.road[i].at, context_.zone), format::text(row.road[i].what)),
            Meaning::Focus);
    }
    if (!row.deadlocks.empty()) {
        add(tr("Deadlock: %1").arg(say::deadlock(row.deadlocks.front())), Meaning::Warning);
    }
    auto* open = new QPushButton(tr("Gates"), box);
    open->setAccessibleName(tr("Gates of %1").arg(name));
    connect(open, &QPushButton::clicked, this, [this, name] { Q_EMIT opened(QStringLiteral("Strategies"), name); });
    auto* line = new QHBoxLayout(box);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(10);
    line->addLayout(words, 1);
    line->addWidget(open, 0, Qt::AlignVCenter);
    lines_->addWidget(box);
    box->show();
}

} // namespace qd::ui
