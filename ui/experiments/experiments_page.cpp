#include "ui/experiments/experiments_page.h"

#include "ui/charts/line_chart.h"
#include "ui/command_desk.h"
#include "ui/decision_words.h"
#include "ui/experiments/experiment_actions.h"
#include "ui/experiments/experiment_models.h"
#include "ui/experiments/new_experiment_dialog.h"
#include "ui/models/model_actions.h"
#include "ui/patient_question.h"
#include "ui/strategies/parameter_form.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/pill.h"

#include <QGridLayout>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTimeZone>
#include <QToolButton>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr base::Millis patience{5'000};

QTimeZone zoneOf(format::Zone zone)
{
    return zone == format::Zone::Utc ? QTimeZone::utc() : QTimeZone::systemTimeZone();
}

const console::ExperimentArm* armOf(const console::ExperimentRow& row, const char* name)
{
    const auto found = std::ranges::find(row.arms, name, &console::ExperimentArm::name);
    return found == row.arms.end() ? nullptr : &*found;
}

/// The design's unit of an observation.
QString unitOf(const governance::ExperimentPlan& plan)
{
    return plan.design == governance::Design::Paired
               ? (plan.blockDays == 1 ? ExperimentsPage::tr("a day")
                                      : ExperimentsPage::tr("a block of %1 days").arg(plan.blockDays))
               : ExperimentsPage::tr("a trade");
}

/// Of a model that makes no trades: its losses in shadow are what is compared.
bool isOfLosses(const governance::ExperimentPlan& plan)
{
    return plan.comparison == governance::Comparison::Models && trading::findStrategy(plan.subject) == nullptr;
}

/// What a difference is in, and how fine it is.
QString measureOf(const governance::ExperimentPlan& plan)
{
    return isOfLosses(plan) ? ExperimentsPage::tr("loss that B saves, %1").arg(unitOf(plan))
                            : ExperimentsPage::tr("USDT %1").arg(unitOf(plan));
}

int decimalsOf(const governance::ExperimentPlan& plan)
{
    return isOfLosses(plan) ? 5 : 2;
}

} // namespace

std::vector<GateLine> experimentGates(const console::ExperimentRow& row)
{
    using governance::GateState;
    std::vector<GateLine> out;
    const auto& now = row.assessment;
    for (const auto& gate : now.gates) {
        QString title = format::text(gate.name);
        if (!title.isEmpty()) {
            title[0] = title[0].toUpper();
        }
        out.push_back({.state = gate.isPassed ? GateState::Passed : GateState::Waiting,
                       .title = title,
                       .note = {},
                       .figure = say::value(gate.figure),
                       .limit = say::limit(gate.figure),
                       .help = say::line(gate.figure)});
    }
    // The assessment speaks of A − B, the page of B − A.
    const auto& interval = now.difference.interval;
    const bool isOver = interval && interval->upper < 0;
    QString about = say::about(now.moreDays);
    if (!about.isEmpty()) {
        about = ExperimentsPage::tr("a verdict in %1 at the present figures").arg(about);
    }
    out.push_back({.state = isOver ? GateState::Passed : GateState::Waiting,
                   .title = ExperimentsPage::tr("B − A over zero, whenever one looks"),
                   .note = isOver ? QString() : about,
                   .figure = interval ? format::signedDecimal(-interval->upper, decimalsOf(row.plan)) +
                                            QStringLiteral(" … ") +
                                            format::signedDecimal(-interval->lower, decimalsOf(row.plan))
                                      : format::undefined(),
                   .limit = measureOf(row.plan),
                   .help = {}});
    if (row.plan.design == governance::Design::Split) {
        const bool isFair = now.srmP && *now.srmP >= row.plan.policy.srmP;
        out.push_back(
            {.state = !now.srmP ? GateState::Waiting
                      : isFair  ? GateState::Passed
                                : GateState::Failed,
             .title = ExperimentsPage::tr("Split as planned"),
             .note = {},
             .figure = now.srmP ? ExperimentsPage::tr("p %1").arg(format::decimal(*now.srmP, 3)) : format::undefined(),
             .limit = ExperimentsPage::tr("limit %1").arg(format::decimal(row.plan.policy.srmP, 3)),
             .help = {}});
    }
    return out;
}

ExperimentsPage::ExperimentsPage(const PageContext& context, QWidget* parent)
    : Page(context, parent),
      model_(new ExperimentsModel(context_, this)),
      arms_(new ArmsModel(this)),
      stack_(new QStackedWidget(this))
{
    auto* all = new QWidget;
    auto* grid = new QGridLayout(all);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(cardGap);
    grid->addWidget(buildList(), 0, 0, 2, 1);
    grid->addWidget(buildCourse(), 0, 1, 1, 2);
    grid->addWidget(buildArms(), 1, 1);
    grid->addWidget(buildGates(), 1, 2);
    grid->setColumnStretch(0, 22);
    grid->setColumnStretch(1, 43);
    grid->setColumnStretch(2, 35);
    grid->setRowStretch(0, 46);
    grid->setRowStretch(1, 54);
    stack_->addWidget(buildEmpty());
    stack_->addWidget(all);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(pageMargin, pageMargin, pageMargin, pageMargin);
    layout->addWidget(stack_);
    question_ = new PatientQuestion(
        context_, this, patience, [] { return console::AskExperiments{}; },
        [this](const console::Answer& answer) { take(answer); });
    restyle();
}

QWidget* ExperimentsPage::buildList()
{
    auto* card = new Card(context_.theme, tr("Experiments"), this);
    table_ = new DataTable(context_.theme, context_.memory, QStringLiteral("experiments.list"), *model_, card);
    table_->setRowHeight(42);
    table_->view()->setAccessibleName(tr("Experiments"));
    table_->view()->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setEmptyText(tr("No experiment yet."));
    auto* create = new QPushButton(tr("New…"), card);
    create->setToolTip(tr("Other parameters, or off, against what runs now; Ctrl+N"));
    card->addToHeader(create);
    card->addToHeader(table_->menuButton());
    card->setContent(table_);
    card->setMinimumWidth(262);
    connect(create, &QPushButton::clicked, this, [this] { this->create({}); });
    connect(table_, &DataTable::currentRowChanged, this, [this](int row) {
        if (row >= 0) {
            chosen_ = model_->row(row).plan.id;
            showChosen();
        }
    });
    return card;
}

QWidget* ExperimentsPage::buildCourse()
{
    course_ = new Card(context_.theme, tr("Course"), this);
    const auto chart = [this](const QString& title, const QString& empty) {
        auto* out = new LineChart;
        out->setTitle(title);
        out->setFormatter([](double value) { return format::signedDecimal(value, 2); });
        out->setEmptyText(empty);
        out->setMinimumHeight(130);
        return out;
    };
    equity_ = chart(tr("Equity of B, USDT"), tr("The curves begin with the first trade that ends in either book."));
    equity_->setReference(0);
    difference_ = chart(tr("B − A, USDT"), tr("The course begins with the first complete block of days."));
    difference_->setReference(0);
    difference_->setFilled(false);
    auto* content = new QWidget;
    auto* row = new QHBoxLayout(content);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(16);
    for (auto [note, one] : {std::pair{&equityNote_, equity_}, std::pair{&differenceNote_, difference_}}) {
        auto* column = new QVBoxLayout;
        column->setSpacing(4);
        *note = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
        (*note)->setWordWrap(true);
        column->addWidget(*note);
        column->addWidget(one, 1);
        row->addLayout(column, 1);
    }
    course_->setContent(content);
    return course_;
}

QWidget* ExperimentsPage::buildArms()
{
    armsCard_ = new Card(context_.theme, tr("Arms"), this);
    armTable_ = new DataTable(context_.theme, context_.memory, QStringLiteral("experiments.arms"), *arms_, armsCard_);
    armTable_->setRowHeight(34);
    armTable_->setVisibleRows(2, 2);
    armTable_->view()->setAccessibleName(tr("Arms"));
    armTable_->setEmptyText(tr("The arms appear with the first answer."));
    armsCard_->addToHeader(armTable_->menuButton());
    differences_ = new TextLabel(context_.theme, FontRole::Body, Meaning::TextMuted);
    progress_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
    for (auto* label : {differences_, progress_}) {
        label->setWordWrap(true);
    }
    armsCard_->body()->addWidget(armTable_);
    armsCard_->body()->addWidget(differences_);
    armsCard_->body()->addWidget(progress_);
    armsCard_->body()->addStretch(1);
    return armsCard_;
}

QWidget* ExperimentsPage::buildGates()
{
    auto* card = new Card(context_.theme, tr("Gates"), this);
    verdict_ = new Pill(context_.theme, card);
    verdict_->setHasDot(false);
    verdict_->setOutlined(true);
    verdict_->setFocusPolicy(Qt::NoFocus);
    card->addToHeader(verdict_);
    gates_ = new GateList(context_.theme);
    advice_ = new TextLabel(context_.theme, FontRole::Body, Meaning::Text);
    passRate_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
    for (auto* label : {advice_, passRate_}) {
        label->setWordWrap(true);
    }
    auto* content = new QWidget;
    auto* lines = new QVBoxLayout(content);
    lines->setContentsMargins(0, 0, 8, 0);
    lines->setSpacing(8);
    lines->addWidget(gates_);
    lines->addWidget(advice_);
    lines->addWidget(passRate_);
    lines->addStretch(1);
    auto* area = new QScrollArea(card);
    area->setWidget(content);
    content->setAutoFillBackground(false); // the card shows through
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->viewport()->setAutoFillBackground(false);
    actions_ = new ExperimentActions(context_, card);
    card->body()->addWidget(area, 1);
    card->body()->addWidget(actions_);
    return card;
}

QWidget* ExperimentsPage::buildEmpty()
{
    auto* empty = new EmptyState(
        context_.theme, tr("No experiment yet"),
        tr("Two versions of a strategy run against each other here, each in its own book, until an interval that holds "
           "whenever one looks says which is better. It begins at the next UTC midnight."));
    connect(empty->addButton(tr("New experiment…")), &QPushButton::clicked, this, [this] { create({}); });
    auto* card = new Card(context_.theme, tr("Experiments"), this);
    card->setContent(empty);
    return card;
}

void ExperimentsPage::refresh(const Snapshots& snapshots, Changes changes)
{
    paper_ = snapshots.paper ? snapshots.paper : paper_;
    const auto closed = paper_ ? paper_->closedTotal : 0;
    if (changes.testFlag(Change::Governance) || closed != closed_) {
        closed_ = closed;
        question_->renew();
    }
}

void ExperimentsPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    question_->ask();
}

void ExperimentsPage::handle(const console::Event& event)
{
    if (std::holds_alternative<console::CommandDone>(event)) {
        question_->hurry();
    }
}

void ExperimentsPage::take(const console::Answer& answer)
{
    const auto* value = std::get_if<console::Experiments>(&answer.value);
    if (answer.error || value == nullptr) {
        course_->setNote(format::sentence(answer.error.value_or(base::Error{})));
        return;
    }
    isKnown_ = true;
    model_->update(value->rows);
    stack_->setCurrentIndex(value->rows.empty() ? 0 : 1);
    if (model_->rowCount() > 0) {
        table_->selectRow(std::max(0, model_->rowOf(chosen_)));
        chosen_ = model_->row(std::max(0, model_->rowOf(chosen_))).plan.id;
    }
    showChosen();
    if (!wished_.isEmpty()) {
        reveal(std::exchange(wished_, {}));
    }
}

void ExperimentsPage::showChosen()
{
    const int at = model_->rowOf(chosen_);
    if (at < 0) {
        actions_->show(nullptr);
        return;
    }
    const auto& row = model_->row(at);
    course_->setTitle(experimentTitle(row.plan));
    course_->setNote(tr("%1 %2 · %3")
                         .arg(row.plan.begins > context_.now() ? tr("begins") : tr("began"),
                              format::day(row.plan.begins, context_.zone),
                              row.plan.design == governance::Design::Paired ? tr("paired, both take every decision")
                                                                            : tr("split, each decision to one arm")));
    showCharts(row);
    showArms(row);
    showGates(row);
    actions_->show(&row);
}

void ExperimentsPage::showCharts(const console::ExperimentRow& row)
{
    LineChart::Series mean;
    LineChart::Series low;
    LineChart::Series high;
    for (const auto& point : row.course) {
        mean.emplace_back(point.at, point.mean);
        low.emplace_back(point.at, point.low);
        high.emplace_back(point.at, point.high);
    }
    difference_->setFormer({low, high});
    difference_->setSeries(std::move(mean));
    differenceNote_->show(tr("B − A, %1; dashed: %2 interval, valid at any time")
                              .arg(measureOf(row.plan), format::percent(1 - row.plan.policy.alpha, 0)));
    difference_->setFormatter(
        [decimals = decimalsOf(row.plan)](double value) { return format::signedDecimal(value, decimals); });
    const auto* a = armOf(row, "A");
    const auto* b = armOf(row, "B");
    std::vector<LineChart::Series> incumbent;
    if (a != nullptr) {
        incumbent.push_back(a->equity);
    }
    equity_->setFormer(std::move(incumbent));
    equity_->setSeries(b != nullptr ? b->equity : LineChart::Series{});
    equityNote_->show(tr("Cumulated net, USDT; solid: B, dashed: A"));
}

void ExperimentsPage::showArms(const console::ExperimentRow& row)
{
    arms_->update(row.arms);
    const auto* a = armOf(row, "A");
    const auto* b = armOf(row, "B");
    QString changes;
    const auto* info = trading::findStrategy(row.plan.subject);
    if (a != nullptr && b != nullptr && info != nullptr && row.plan.comparison == governance::Comparison::Parameters) {
        trading::ParameterSet from(info->name, info->parameters);
        if (from.setText(a->parameters)) {
            auto to = from;
            changes = to.setText(b->parameters) ? differences(from.values(), to.values()) : QString();
        }
    }
    differences_->setVisible(!changes.isEmpty());
    differences_->show(tr("A → B: %1").arg(changes));
    const auto& policy = row.plan.policy;
    const auto trades = [](const console::ExperimentArm* arm) { return arm != nullptr ? arm->trades : 0; };
    progress_->show(tr("%1 and %2 of %3 trades an arm · %4 complete blocks of %5 · at most %6 days")
                        .arg(format::count(trades(a)), format::count(trades(b)), format::count(policy.minTrades),
                             format::count(row.assessment.blocks), format::count(policy.minBlocks),
                             format::count(policy.maxDays)));
}

void ExperimentsPage::showGates(const console::ExperimentRow& row)
{
    const auto& now = row.assessment;
    gates_->setLines(experimentGates(row));
    const QString left = say::about(now.moreDays);
    const bool isDecided = now.latch.has_value();
    verdict_->setState(row.ended || isDecided || left.isEmpty() ? experimentState(row)
                                                                : experimentState(row) + QStringLiteral(" · ") + left,
                       {}, row.ended ? Meaning::TextMuted : say::tone(now.verdict));
    verdict_->setTonedLabel(true);
    advice_->show(row.ended ? tr("Ended %1: %2")
                                  .arg(format::day(*row.ended, context_.zone),
                                       row.why.empty() ? format::text(row.outcome) : format::text(row.why))
                            : say::advice(now.advice));
    passRate_->show(row.equalPassRate
                        ? tr("An arm that is only equal would pass this gate in %1 of experiments like this.")
                              .arg(format::percent(*row.equalPassRate, 1))
                        : tr("How often an equal arm would pass this gate is simulated once there are enough trades."));
}

void ExperimentsPage::create(const QString& strategy)
{
    if (!paper_) {
        return;
    }
    auto* dialog = new NewExperimentDialog(context_, paper_, strategy, window());
    dialog->open();
}

void ExperimentsPage::createOfModel(const QString& version)
{
    if (!paper_) {
        return;
    }
    const auto name = governance::versionOf(version.toStdString());
    auto* dialog = new NewExperimentDialog(context_, paper_, name ? strategyOf(name->key.family) : QString(), window());
    dialog->setChallenger(version);
    dialog->open();
}

bool ExperimentsPage::reveal(const QString& thing)
{
    if (governance::versionOf(thing.toStdString())) {
        createOfModel(thing);
        return true;
    }
    if (!isKnown_) {
        wished_ = thing;
        return true;
    }
    bool isNumber = false;
    const auto id = thing.toLongLong(&isNumber);
    int at = isNumber ? model_->rowOf(id) : -1;
    for (int i = 0; at < 0 && !isNumber && i < model_->rowCount(); ++i) {
        const auto& row = model_->row(i);
        at = !row.ended && format::text(row.plan.subject) == thing ? i : -1;
    }
    if (at >= 0) {
        table_->view()->clearSelection();
        table_->selectRow(at);
        table_->view()->setFocus();
        return true;
    }
    if (!isNumber) {
        create(thing);
    }
    return !isNumber;
}

void ExperimentsPage::restyle()
{
    for (auto* chart : {equity_, difference_}) {
        chart->setColors(chartColors(context_.theme));
        chart->setZone(zoneOf(context_.zone));
    }
    model_->repaintAll();
}

} // namespace qd::ui
