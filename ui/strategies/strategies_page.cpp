#include "ui/strategies/strategies_page.h"

#include "ui/command_desk.h"
#include "ui/patient_question.h"
#include "ui/questions.h"
#include "ui/strategies/detail_pane.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/strategies/review_card.h"
#include "ui/strategies/stage_actions.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/pill.h"
#include "ui/window_memory.h"

#include <QButtonGroup>
#include <QPushButton>
#include <QSplitter>
#include <QToolButton>

#include <algorithm>

namespace qd::ui {

namespace {

const QString windowKey = QStringLiteral("strategies/window");
const QString chosenKey = QStringLiteral("strategies/chosen");
constexpr int besideFrom = 1'240; // from this width on the detail pane stands beside the roster
constexpr std::array windows{7U, 30U, 90U, 0U};

QString splitterKey(Qt::Orientation orientation)
{
    return orientation == Qt::Horizontal ? QStringLiteral("strategies/splitter.beside")
                                         : QStringLiteral("strategies/splitter.below");
}

} // namespace

StrategiesPage::StrategiesPage(const PageContext& context, QWidget* parent)
    : Page(context, parent),
      roster_(new StrategiesModel(context_, this)),
      splitter_(new QSplitter(this)),
      wished_(context.memory.value(chosenKey).toString())
{
    const auto remembered = context.memory.value(windowKey, 30U).toUInt();
    days_ = std::ranges::find(windows, remembered) == windows.end() ? 30U : remembered;
    detail_ = new DetailPane(context_, this);
    detail_->setWindow(days_);
    splitter_->addWidget(buildRoster());
    splitter_->addWidget(detail_);
    splitter_->setHandleWidth(cardGap);
    splitter_->setChildrenCollapsible(false);
    splitter_->setStretchFactor(0, 2);
    splitter_->setStretchFactor(1, 1);
    connect(splitter_, &QSplitter::splitterMoved, this,
            [this] { context_.memory.setValue(splitterKey(splitter_->orientation()), splitter_->saveState()); });
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(pageMargin, pageMargin, pageMargin, pageMargin);
    layout->addWidget(splitter_);
    question_ = new PatientQuestion(
        context_, this, askPatience, [this] { return console::AskEvaluations{days_}; },
        [this](const console::Answer& answer) { takeFigures(answer); });
    connect(question_, &PatientQuestion::asked, this, &StrategiesPage::askNull);
    connect(detail_, &DetailPane::wantsPage, this, &StrategiesPage::wantsPage);
    connect(detail_, &DetailPane::experimentWished, this,
            [this](const QString& strategy) { Q_EMIT wantsPage(QStringLiteral("Experiments"), strategy); });
    connect(detail_, &DetailPane::nullDone, this, &StrategiesPage::askNull);
    connect(&context.commands, &CommandDesk::pendingChanged, this, &StrategiesPage::showSelection);
    detail_->hide();
}

QWidget* StrategiesPage::buildRoster()
{
    card_ = new Card(context_.theme, tr("Roster"), this);
    table_ = new DataTable(context_.theme, context_.memory, QStringLiteral("strategies.roster"), *roster_, card_);
    table_->setRowHeight(40);
    table_->view()->setAccessibleName(tr("Roster"));
    table_->setEmptyText(tr("The strategies appear here as soon as the paper engine has started. Health says how far "
                            "it is."));
    buildWindows(*card_);
    enable_ = new QPushButton(tr("Enable…"), card_);
    disable_ = new QPushButton(tr("Disable…"), card_);
    card_->addToHeader(enable_);
    archive_ = new QPushButton(tr("Archive…"), card_);
    review_ = new ReviewCard(context_, card_);
    card_->addToHeader(disable_);
    card_->addToHeader(archive_);
    card_->addToHeader(table_->menuButton());
    auto* content = new QWidget;
    auto* lines = new QVBoxLayout(content);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->setSpacing(10);
    lines->addWidget(table_, 1);
    lines->addWidget(review_);
    card_->setContent(content);
    connect(archive_, &QPushButton::clicked, this, &StrategiesPage::archiveSelected);
    connect(enable_, &QPushButton::clicked, this, [this] { switchSelected(true); });
    connect(disable_, &QPushButton::clicked, this, [this] { switchSelected(false); });
    connect(table_, &DataTable::switched, this, &StrategiesPage::toggle);
    connect(table_, &DataTable::currentRowChanged, this, &StrategiesPage::choose);
    connect(table_, &DataTable::opened, this, [this](int row) {
        choose(row);
        detail_->setFocus();
    });
    connect(table_->view()->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &StrategiesPage::showSelection);
    showSelection();
    return card_;
}

void StrategiesPage::buildWindows(Card& card)
{
    auto* group = new QButtonGroup(this);
    for (const auto days : windows) {
        auto* button = new PillButton(context_.theme, days == 0 ? tr("All") : tr("%1 d").arg(days), &card);
        button->setCheckable(true);
        button->setChecked(days == days_);
        button->setToolTip(days == 0
                               ? tr("Figures over all days")
                               : tr("Figures over the newest %1 complete UTC days and the running one").arg(days));
        button->setAccessibleName(days == 0 ? tr("All days") : tr("%1 days").arg(days));
        group->addButton(button, static_cast<int>(days));
        card.addToHeader(button);
    }
    connect(group, &QButtonGroup::idClicked, this, [this](int days) { setWindow(static_cast<std::uint32_t>(days)); });
}

void StrategiesPage::setWindow(std::uint32_t days)
{
    if (days == days_) {
        return;
    }
    days_ = days;
    context_.memory.setValue(windowKey, days);
    detail_->setWindow(days);
    order_.clear();
    question_->restart();
}

void StrategiesPage::refresh(const Snapshots& snapshots, Changes changes)
{
    detail_->setIngest(snapshots.ingest);
    review_->show(snapshots);
    if (!changes.testFlag(Change::Paper) || !snapshots.paper) {
        return;
    }
    paper_ = snapshots.paper;
    std::string counted = std::to_string(paper_->closedTotal);
    for (const auto& row : paper_->strategies) {
        counted += '|' + row.parameterHash + (row.isEnabled ? '+' : '-') + std::to_string(row.closed) +
                   std::to_string(static_cast<int>(row.stage));
    }
    const bool isOther = counted != counted_;
    counted_ = std::move(counted);
    showRoster();
    isOther ? question_->renew() : question_->ask();
}

void StrategiesPage::showRoster()
{
    if (!paper_) {
        return;
    }
    std::vector<StrategyEntry> rows;
    rows.reserve(paper_->strategies.size());
    for (const auto& row : paper_->strategies) {
        const auto found = figures_.find(row.name);
        rows.push_back({row, found == figures_.end() ? nullptr : found->second});
    }
    const auto rank = [this](const StrategyEntry& row) {
        return std::ranges::find(order_, row.of.name) - order_.begin();
    };
    std::ranges::stable_sort(rows, {}, rank);
    const auto active = std::ranges::count_if(paper_->strategies, [](const console::StrategyRow& row) {
        return row.isEnabled && row.stage != governance::Stage::Archived;
    });
    card_->setTitle(tr("Roster — %1 active of %2").arg(active).arg(rows.size()));
    roster_->update(std::move(rows));
    if (roster_->rowCount() > 0 && table_->currentRow() < 0) {
        const int row = std::max(0, roster_->rowOf(wished_));
        table_->selectRow(row);
    }
    showDetail();
    showSelection();
}

void StrategiesPage::showDetail()
{
    const int row = table_->currentRow();
    if (row >= 0) {
        const auto& entry = roster_->row(row);
        detail_->setVisible(true);
        detail_->show(entry, nullOf(entry.of), evaluations_);
    }
}

void StrategiesPage::choose(int row)
{
    if (row >= 0) {
        wished_ = format::text(roster_->row(row).of.name);
        context_.memory.setValue(chosenKey, wished_);
        showDetail();
    }
}

void StrategiesPage::toggle(int row)
{
    const auto& of = roster_->row(row).of;
    if (of.stage == governance::Stage::Archived) {
        archive(format::text(of.name));
        return;
    }
    context_.commands.setStrategyEnabled(format::text(of.name), !of.isEnabled);
}

QStringList StrategiesPage::selected(bool isEnabled) const
{
    QStringList out;
    for (const auto& index : table_->view()->selectionModel()->selectedRows()) {
        const auto& row = roster_->row(table_->proxy()->mapToSource(index).row()).of;
        if (row.isEnabled == isEnabled && row.stage != governance::Stage::Archived &&
            !context_.commands.isPending(format::text(row.name))) {
            out << format::text(row.name);
        }
    }
    return out;
}

QStringList StrategiesPage::selectedRunning() const
{
    return selected(true) + selected(false);
}

void StrategiesPage::archiveSelected()
{
    const auto names = selectedRunning();
    if (names.isEmpty()) {
        return;
    }
    const QString who = format::named(names, tr("strategies"));
    auto* dialog = new ReasonDialog(
        context_.theme,
        {tr("Archive %1").arg(who),
         tr("%1\n\nThey run no more, not even in shadow; what is open is closed at the next quote. Their trades stay, "
            "and they can be revived with a new record.")
             .arg(names.join(QStringLiteral(", "))),
         tr("Archive")},
        [this, names](const QString& reason) { context_.commands.archive(names, reason); }, window());
    dialog->open();
}

void StrategiesPage::archive(const QString& strategy)
{
    if (reveal(strategy)) {
        detail_->actions().archive();
    }
}

void StrategiesPage::promote(const QString& strategy)
{
    if (reveal(strategy)) {
        detail_->showTab(DetailPane::Gates);
        detail_->actions().promote();
    }
}

void StrategiesPage::showSelection()
{
    const auto running = selectedRunning();
    archive_->setEnabled(!running.isEmpty());
    archive_->setToolTip(running.isEmpty() ? tr("No selected strategy runs.")
                                           : tr("Archives: %1").arg(running.join(QStringLiteral(", "))));
    const auto off = selected(false);
    const auto on = selected(true);
    enable_->setEnabled(!off.isEmpty());
    disable_->setEnabled(!on.isEmpty());
    const QString many = tr("Ctrl or Shift and a click select several rows.");
    enable_->setToolTip(off.isEmpty() ? tr("No selected strategy is off. %1").arg(many)
                                      : tr("Switches on: %1").arg(off.join(QStringLiteral(", "))));
    disable_->setToolTip(on.isEmpty() ? tr("No selected strategy is on. %1").arg(many)
                                      : tr("Switches off: %1").arg(on.join(QStringLiteral(", "))));
}

void StrategiesPage::switchSelected(bool isOn)
{
    const auto names = selected(!isOn);
    if (names.isEmpty()) {
        return;
    }
    const QString who = format::named(names, tr("strategies"));
    const QString list = names.join(QStringLiteral(", "));
    const QString consequences =
        isOn ? tr("%1\n\nTheir next trades count in the roster's equity. Trades made in shadow stay uncounted.")
                   .arg(list)
             : tr("%1\n\nNew trades are made in shadow: scored, but not counted. What is open now stays in the "
                  "roster's equity to its own exit.")
                   .arg(list);
    auto* dialog = new ReasonDialog(
        context_.theme,
        {(isOn ? tr("Switch %1 on") : tr("Switch %1 off")).arg(who), consequences, isOn ? tr("Enable") : tr("Disable")},
        [this, names, isOn](const QString& reason) { context_.commands.setStrategiesEnabled(names, isOn, reason); },
        window());
    dialog->open();
}

void StrategiesPage::askNull()
{
    context_.questions.ask(console::AskNull{}, this, [this](const console::Answer& answer) {
        if (const auto* table = std::get_if<console::NullTable>(&answer.value); table != nullptr && !answer.error) {
            null_ = *table;
            showDetail();
        }
    });
}

void StrategiesPage::takeFigures(const console::Answer& answer)
{
    const auto* value = std::get_if<console::Evaluations>(&answer.value);
    card_->setNote(answer.error ? tr("figures: %1").arg(format::sentence(*answer.error)) : QString());
    if (answer.error || value == nullptr) {
        return;
    }
    card_->setNote(choiceNote(value->choice, value->roster.limits));
    card_->setNoteHelp(choiceHelp(value->choice, value->roster.limits, value->strategies.size()));
    evaluations_ = std::make_shared<const console::Evaluations>(*value);
    figures_.clear();
    for (const auto& row : evaluations_->strategies) {
        figures_[row.strategy] = std::shared_ptr<const trading::Evaluation>(evaluations_, &row);
    }
    if (order_.empty()) {
        std::ranges::transform(evaluations_->strategies, std::back_inserter(order_), &trading::Evaluation::strategy);
    }
    showRoster();
}

const console::NullRow* StrategiesPage::nullOf(const console::StrategyRow& row) const
{
    const auto found = std::ranges::find(null_.rows, row.name, &console::NullRow::strategy);
    return found == null_.rows.end() ? nullptr : &*found;
}

bool StrategiesPage::reveal(const QString& thing)
{
    wished_ = thing;
    const int row = roster_->rowOf(thing);
    if (row < 0) {
        return false;
    }
    table_->view()->clearSelection();
    table_->selectRow(row);
    choose(row);
    table_->view()->setFocus();
    return true;
}

void StrategiesPage::restyle()
{
    roster_->repaintAll();
    detail_->restyle();
}

void StrategiesPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    lay();
}

void StrategiesPage::lay()
{
    review_->setCompact(height() < 780);
    const auto orientation = width() >= besideFrom ? Qt::Horizontal : Qt::Vertical;
    if (orientation == splitter_->orientation() && isLaid_) {
        return;
    }
    isLaid_ = true;
    splitter_->setOrientation(orientation);
    if (!splitter_->restoreState(context_.memory.value(splitterKey(orientation)).toByteArray())) {
        splitter_->setSizes(orientation == Qt::Horizontal ? QList<int>{912, 468} : QList<int>{330, 330});
    }
}

} // namespace qd::ui
