#include "ui/models/models_page.h"

#include "ui/command_desk.h"
#include "ui/models/model_detail.h"
#include "ui/models/model_words.h"
#include "ui/models/registry_model.h"
#include "ui/models/retrain_card.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/pill.h"
#include "ui/window_memory.h"

#include "base/policy.h"

#include <QHeaderView>
#include <QSplitter>
#include <QToolButton>

#include <algorithm>

namespace qd::ui {

namespace {

const QString splitterKey = QStringLiteral("models/splitter");
const QString retiredKey = QStringLiteral("models/retired");

} // namespace

ModelsPage::ModelsPage(const PageContext& context, QWidget* parent)
    : Page(context, parent),
      registry_(new RegistryModel(context_, this)),
      training_(new RetrainCard(context_)),
      detail_(new ModelDetailPane(context_)),
      splitter_(new QSplitter(this))
{
    splitter_->setChildrenCollapsible(false);
    splitter_->setHandleWidth(cardGap);
    splitter_->addWidget(buildRegistry());
    splitter_->addWidget(detail_);
    splitter_->setStretchFactor(0, 0);
    splitter_->setStretchFactor(1, 1);
    if (!splitter_->restoreState(context_.memory.value(splitterKey).toByteArray())) {
        splitter_->setSizes({420, 1'000});
    }
    connect(splitter_, &QSplitter::splitterMoved, this,
            [this] { context_.memory.setValue(splitterKey, splitter_->saveState()); });
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(pageMargin, pageMargin, pageMargin, pageMargin);
    layout->addWidget(splitter_);
    connect(training_, &RetrainCard::retrainWished, this, [this] {
        if (models_) {
            askRetrain(context_, *models_, selectedModels(), window());
        }
    });
    connect(training_, &RetrainCard::opened, this, [this](const QString& thing) { reveal(thing); });
    connect(detail_, &ModelDetailPane::retrainWished, training_, &RetrainCard::retrainWished);
    connect(detail_, &ModelDetailPane::experimentWished, this,
            [this](const QString& thing) { Q_EMIT wantsPage(QStringLiteral("Experiments"), thing); });
    detail_->showNone(tr("No version yet"), tr("The registry is being asked…"));
    restyle();
}

QWidget* ModelsPage::buildRegistry()
{
    card_ = new Card(context_.theme, tr("Registry"), this);
    table_ = new DataTable(context_.theme, context_.memory, QStringLiteral("models.registry"), *registry_, card_);
    table_->setRowHeight(38);
    table_->view()->setAccessibleName(tr("Registry of models"));
    table_->view()->setSelectionMode(QAbstractItemView::ExtendedSelection); // several are retrained together
    table_->setEmptyText(tr("Models and their versions will be here once the registry has been read."));
    retired_ = new PillButton(context_.theme, tr("Retired"), card_);
    retired_->setCheckable(true);
    retired_->setToolTip(tr("Show versions that predict no more"));
    retired_->setChecked(context_.memory.value(retiredKey, false).toBool());
    card_->addToHeader(retired_);
    card_->addToHeader(table_->menuButton());
    waiting_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
    waiting_->setWordWrap(true);
    waiting_->hide();
    card_->body()->addWidget(table_, 1);
    card_->body()->addWidget(waiting_);
    card_->body()->addWidget(training_);
    card_->setMinimumWidth(420);
    connect(retired_, &QAbstractButton::toggled, this, [this](bool isOn) {
        context_.memory.setValue(retiredKey, isOn);
        showRegistry();
    });
    connect(table_, &DataTable::currentRowChanged, this, &ModelsPage::choose);
    connect(table_, &DataTable::opened, this, [this](int row) {
        if (!registry_->row(row).line) {
            retrain(registry_->row(row).name());
        }
    });
    const auto group = [this] {
        // Headings have no place of their own among sorted versions.
        isGrouped_ = table_->view()->horizontalHeader()->sortIndicatorSection() < 0;
        showRegistry();
    };
    connect(table_->view()->horizontalHeader(), &QHeaderView::sortIndicatorChanged, this, group, Qt::QueuedConnection);
    isGrouped_ = table_->view()->horizontalHeader()->sortIndicatorSection() < 0;
    return card_;
}

void ModelsPage::refresh(const Snapshots& snapshots, Changes changes)
{
    const bool isFirst = !std::exchange(isLaid_, true);
    if (snapshots.paper && snapshots.paper->policy && (isFirst || changes.testFlag(Change::Paper))) {
        const auto& policy = snapshots.paper->policy->numbers;
        registry_->setLimits(base::policyValue(policy, "leakage.max_auc"),
                             base::policyValue(policy, "model.expiry_days"));
        detail_->setPolicy(policy);
    }
    if (isFirst || changes.testFlag(Change::Learning)) {
        learning_ = snapshots.learning;
        if (learning_) {
            training_->show(*learning_);
        }
        models_ = snapshots.models;
        showRegistry();
    }
    if (snapshots.governance && (isFirst || changes.testFlag(Change::Governance))) {
        decltype(experiments_) now;
        for (const auto& line : snapshots.governance->experiments) {
            now.emplace_back(line.id, line.verdict, line.advice);
        }
        if (now != experiments_) { // a long task of the governor tells its progress much more often
            experiments_ = std::move(now);
            detail_->askExperiments();
        }
    }
}

void ModelsPage::showRegistry()
{
    if (!models_) {
        return;
    }
    auto entries = registryEntries(*models_, learning_.get(), isGrouped_, retired_->isChecked(), context_.now());
    const auto versions = std::ranges::count_if(entries, [](const RegistryEntry& e) { return e.line.has_value(); });
    card_->setNote(versions == 0 ? QString() : versions == 1 ? tr("1 version") : tr("%1 versions").arg(versions));
    registry_->update(std::move(entries));
    const QString waiting = waitingWords(*models_);
    waiting_->setVisible(!waiting.isEmpty());
    waiting_->show(waiting);
    if (!wished_.isEmpty()) {
        reveal(std::exchange(wished_, {}));
    }
    int at = registry_->rowOf(chosen_);
    if (at < 0) {
        const auto& rows = registry_->rows();
        const auto first = std::ranges::find_if(rows, [](const RegistryEntry& e) { return e.line.has_value(); });
        at = rows.empty() ? -1 : first == rows.end() ? 0 : static_cast<int>(first - rows.begin());
    }
    if (at >= 0 && table_->currentRow() != at) {
        table_->selectRow(at);
    }
    choose(at);
}

void ModelsPage::choose(int row)
{
    if (row < 0 || !models_) {
        return;
    }
    const auto& entry = registry_->row(row);
    chosen_ = entry.name();
    if (entry.line) {
        detail_->choose(chosen_, models_);
        return;
    }
    const QString dueFor = tr("due: "); // as say::due() begins
    const QString waits = entry.due.isEmpty() ? QString()
                          : entry.due.startsWith(dueFor)
                              ? tr("Due by the schedule: %1. ").arg(entry.due.mid(dueFor.size()))
                              : tr("The schedule: %1. ").arg(entry.due);
    const bool hasNone = std::ranges::none_of(
        models_->rows, [&](const console::ModelLine& line) { return line.record.name.key == entry.key; });
    detail_->showNone(hasNone && !entry.isFamily ? tr("%1 has no version yet").arg(chosen_) : chosen_,
                      entry.purpose + QLatin1Char(' ') + waits +
                          (hasNone ? tr("A training brings one; its folds, audit and lineage will be here.")
                                   : tr("Choose one of its versions: its folds, audit and lineage will be here.")));
}

QString ModelsPage::waitingText() const
{
    return waiting_->text();
}

void ModelsPage::retrain(const QString& model)
{
    if (models_) {
        askRetrain(context_, *models_, model.isEmpty() ? QStringList() : QStringList{model}, window());
    }
}

QStringList ModelsPage::selectedModels() const
{
    QStringList out;
    for (const auto& index : table_->view()->selectionModel()->selectedRows()) {
        const auto& entry = registry_->row(table_->proxy()->mapToSource(index).row());
        const QString model = format::text(governance::text(entry.key));
        if (!entry.isFamily && !out.contains(model)) { // of a model several versions
            out << model;
        }
    }
    return out;
}

void ModelsPage::tellFailure(const base::Error& error)
{
    if (!models_) {
        table_->setEmptyText(tr("The registry could not be read. %1").arg(format::sentence(error)));
        detail_->showNone(tr("No version yet"), format::sentence(error));
    }
}

bool ModelsPage::reveal(const QString& thing)
{
    if (!models_) {
        wished_ = thing;
        return true;
    }
    const auto name = thing.toStdString();
    const auto isIt = [&](const console::ModelLine& line) {
        return governance::versionName(line.record.name.key, line.record.name.number) == name;
    };
    const auto version = std::ranges::find_if(models_->rows, isIt);
    if (version != models_->rows.end() && version->record.stage == governance::ModelStage::Retired) {
        retired_->setChecked(true);
    }
    const auto& rows = registry_->rows();
    int at = registry_->rowOf(thing);
    if (at < 0 || !rows[static_cast<std::size_t>(at)].line) { // a model: its newest version
        const auto newest = std::ranges::find_if(rows, [&](const RegistryEntry& e) {
            return e.line && (governance::text(e.key) == name || learning::name(e.key.family) == name);
        });
        at = newest != rows.end() ? static_cast<int>(newest - rows.begin()) : at;
    }
    if (at < 0) {
        return false;
    }
    chosen_ = rows[static_cast<std::size_t>(at)].name();
    table_->view()->clearSelection();
    table_->selectRow(at);
    table_->view()->setFocus();
    return true;
}

void ModelsPage::restyle()
{
    registry_->repaintAll();
    training_->restyle();
    detail_->restyle();
}

} // namespace qd::ui
