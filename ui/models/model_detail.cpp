#include "ui/models/model_detail.h"

#include "ui/command_desk.h"
#include "ui/models/audit_tab.h"
#include "ui/models/compare_tab.h"
#include "ui/models/detail_models.h"
#include "ui/models/folds_tab.h"
#include "ui/models/hints_tab.h"
#include "ui/models/model_actions.h"
#include "ui/models/model_words.h"
#include "ui/models/regimes_tab.h"
#include "ui/models/registry_model.h"
#include "ui/questions.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/pill.h"
#include "ui/window_memory.h"

#include "base/policy.h"

#include <QButtonGroup>
#include <QPushButton>
#include <QResizeEvent>
#include <QScrollArea>
#include <QStackedWidget>
#include <QToolButton>

#include <algorithm>

namespace qd::ui {

namespace {

const QString tabKey = QStringLiteral("models/tab");
constexpr int headHeight = 24;    // of a column, with a menu or without
constexpr int threeColumns = 900; // from this width on the regimes stand beside audit and importance

/// Null: of an instrument that is no more.
const governance::RetrainDue* dueOf(const console::Models* models, const governance::ModelKey& key)
{
    if (models == nullptr) {
        return nullptr;
    }
    const auto found = std::ranges::find(models->families, key, &console::ModelFamily::key);
    return found == models->families.end() ? nullptr : &found->due;
}

QScrollArea* scrolled(QWidget* content, QWidget* parent)
{
    auto* area = new QScrollArea(parent);
    area->setWidget(content);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    content->setAutoFillBackground(false); // the card shows through
    area->viewport()->setAutoFillBackground(false);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    return area;
}

QWidget* column(const Theme& theme, const QString& title, QWidget* content, QWidget* beside = nullptr)
{
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    auto* head = new QHBoxLayout;
    auto* words = new TextLabel(theme, FontRole::Title, Meaning::TextMuted, title);
    words->setMinimumHeight(headHeight);
    head->addWidget(words, 1);
    if (beside != nullptr) {
        head->addWidget(beside);
    }
    layout->addLayout(head);
    layout->addWidget(content, 1);
    return box;
}

} // namespace

ModelDetailPane::ModelDetailPane(const PageContext& context, QWidget* parent)
    : Card(context.theme, tr("Model"), parent),
      context_(context),
      whole_(new QStackedWidget(this)),
      name_(new TextLabel(context.theme, FontRole::Heading, Meaning::Text)),
      stage_(new Pill(context.theme, this)),
      facts_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      told_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      actions_(new ModelActions(context, this)),
      group_(new QButtonGroup(this)),
      stack_(new QStackedWidget(this)),
      folds_(new FoldsTab(context)),
      audit_(new AuditTab(context)),
      regimes_(new RegimesTab(context)),
      compare_(new CompareTab(context)),
      hints_(new HintsTab(context)),
      importance_(new ImportanceModel(false, this)),
      importanceBrief_(new ImportanceModel(true, this)),
      drift_(new DriftModel(this)),
      lineage_(new FactsModel(false, this))
{
    titleLabel()->hide();
    auto* content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    whole_->addWidget(buildEmpty());
    whole_->addWidget(content);
    setContent(whole_);
    buildHead();
    buildTabs();
    connect(actions_, &ModelActions::experimentWished, this, &ModelDetailPane::experimentWished);
    connect(actions_, &ModelActions::auditWished, this, [this] { showTab(Audit); });
    connect(actions_, &ModelActions::told, this, &ModelDetailPane::tell);
    connect(&context.commands, &CommandDesk::failed, this, [this](const Request& request, const base::Error& error) {
        if (!version_.isEmpty() && request.version == version_) {
            tell(tr("Refused: %1").arg(error.detail.empty() ? format::sentence(error) : format::text(error.detail)),
                 true);
        }
    });
    connect(&context.commands, &CommandDesk::finished, this, [this](const Request& request) {
        if (request.version == version_ || request.decision != 0) {
            told_->hide(); // what was said of it before is settled
        }
    });
}

QWidget* ModelDetailPane::buildEmpty()
{
    auto* box = new QWidget;
    emptyTitle_ = new TextLabel(context_.theme, FontRole::Heading, Meaning::Text);
    emptyWords_ = new TextLabel(context_.theme, FontRole::Body, Meaning::TextMuted);
    emptyTitle_->setAlignment(Qt::AlignCenter);
    emptyWords_->setAlignment(Qt::AlignCenter);
    emptyWords_->setWordWrap(true);
    auto* button = new QPushButton(tr("Retrain now…"), box);
    button->setAutoDefault(false);
    connect(button, &QPushButton::clicked, this, &ModelDetailPane::retrainWished);
    auto* layout = new QVBoxLayout(box);
    layout->setSpacing(10);
    layout->addStretch(2);
    layout->addWidget(emptyTitle_);
    auto* row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(emptyWords_, 4);
    row->addStretch(1);
    layout->addLayout(row);
    layout->addWidget(button, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    return box;
}

void ModelDetailPane::buildHead()
{
    stage_->setHasDot(false);
    stage_->setOutlined(true);
    stage_->setTonedLabel(true);
    stage_->setFocusPolicy(Qt::NoFocus);
    facts_->setWordWrap(true);
    told_->setWordWrap(true);
    told_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    told_->hide();
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    head->addWidget(name_);
    head->addWidget(stage_);
    head->addStretch(1);
    head->addWidget(actions_);
    auto* layout = static_cast<QVBoxLayout*>(whole_->widget(1)->layout());
    layout->addLayout(head);
    layout->addWidget(facts_);
    layout->addWidget(told_);
}

QWidget* ModelDetailPane::buildOverview()
{
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(14);
    layout->addWidget(folds_, 52);
    auto* below = new QHBoxLayout;
    below->setSpacing(22);
    auto* audit = new QWidget;
    auto* lines = new QVBoxLayout(audit);
    lines->setContentsMargins(0, 0, 8, 0);
    auditBrief_ = new GateList(context_.theme);
    lines->addWidget(auditBrief_);
    lines->addStretch(1);
    auto* table =
        new DataTable(context_.theme, context_.memory, QStringLiteral("models.importance.brief"), *importanceBrief_);
    table->setRowHeight(28);
    table->view()->setAccessibleName(tr("Feature importance, in brief"));
    table->setEmptyText(tr("Which features its trees split on."));
    regimesBrief_ = new RegimesTab(context_);
    regimesColumn_ = column(context_.theme, tr("Regime coverage"), scrolled(regimesBrief_, this));
    below->addWidget(column(context_.theme, tr("Leakage audit"), scrolled(audit, this)), 33);
    below->addWidget(column(context_.theme, tr("Feature importance (gain)"), table, table->menuButton()), 38);
    below->addWidget(regimesColumn_, 29);
    layout->addLayout(below, 48);
    return box;
}

QWidget* ModelDetailPane::buildImportance()
{
    auto* table = new DataTable(context_.theme, context_.memory, QStringLiteral("models.importance"), *importance_);
    table->setRowHeight(30);
    table->view()->setAccessibleName(tr("Feature importance"));
    table->setEmptyText(tr("Which features its trees split on, with each one's share of what that gained."));
    return column(context_.theme, tr("Shares of all that splits took away from the loss"), table, table->menuButton());
}

QWidget* ModelDetailPane::buildDrift()
{
    auto* table = new DataTable(context_.theme, context_.memory, QStringLiteral("models.drift"), *drift_);
    table->setRowHeight(30);
    table->view()->setAccessibleName(tr("Drift of features"));
    table->setEmptyText(
        tr("Too few rows since its training to say how far today is from it. Drift is looked at as rows "
           "come in, beside the shadow predictions."));
    driftNote_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
    driftNote_->setWordWrap(true);
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    auto* head = new QHBoxLayout;
    head->addWidget(driftNote_, 1);
    head->addWidget(table->menuButton());
    layout->addLayout(head);
    layout->addWidget(table, 1);
    return box;
}

QWidget* ModelDetailPane::buildLineage()
{
    auto* table = new DataTable(context_.theme, context_.memory, QStringLiteral("models.lineage"), *lineage_);
    table->setRowHeight(28);
    table->view()->setAccessibleName(tr("Lineage"));
    return column(context_.theme, tr("All that it takes to train the same bytes again; Ctrl+C copies"), table,
                  table->menuButton());
}

void ModelDetailPane::buildTabs()
{
    auto* bar = new QHBoxLayout;
    bar->setSpacing(6);
    const auto add = [&](int id, const QString& text, const QString& help, QWidget* page) {
        auto* button = new PillButton(context_.theme, text, this);
        button->setCheckable(true);
        button->setToolTip(help);
        group_->addButton(button, id);
        bar->addWidget(button);
        stack_->addWidget(page);
    };
    add(Folds, tr("Folds"), tr("How it did out of sample, and the rest in brief"), buildOverview());
    add(Audit, tr("Audit"), tr("Six detectors of leaks, with their evidence"), scrolled(audit_, this));
    add(Importance, tr("Importance"), tr("What its trees split on"), buildImportance());
    add(Regimes, tr("Regimes"), tr("Calm and storm in its training rows"), scrolled(regimes_, this));
    add(Drift, tr("Drift"), tr("How far today's features are from its training"), buildDrift());
    add(Lineage, tr("Lineage"), tr("Data, parameters and hashes"), buildLineage());
    add(Compare, tr("Compare"), tr("Beside another version"), compare_);
    add(Hints, tr("Hints"), tr("What the models in service say of each instrument now"), hints_);
    bar->addStretch(1);
    auto* layout = static_cast<QVBoxLayout*>(whole_->widget(1)->layout());
    layout->addLayout(bar);
    layout->addWidget(stack_, 1);
    connect(group_, &QButtonGroup::idClicked, this, &ModelDetailPane::showTab);
    showTab(context_.memory.value(tabKey, int(Folds)).toInt());
}

void ModelDetailPane::showTab(int tab)
{
    const int at = std::clamp(tab, int(Folds), int(Hints));
    group_->button(at)->setChecked(true);
    stack_->setCurrentIndex(at);
    context_.memory.setValue(tabKey, at);
}

void ModelDetailPane::showNone(const QString& title, const QString& sentence)
{
    ++generation_;
    version_.clear();
    detail_.reset();
    emptyTitle_->show(title);
    emptyWords_->show(sentence);
    whole_->setCurrentIndex(0);
}

void ModelDetailPane::choose(const QString& version, std::shared_ptr<const console::Models> models)
{
    const bool isOther = version != version_;
    const bool isNews = models != models_;
    models_ = std::move(models);
    if (isOther) {
        version_ = version;
        detail_.reset();
        told_->hide();
        emptyTitle_->show(version);
        emptyWords_->show(tr("Asking the registry…"));
    }
    if (isOther || isNews) {
        ask();
    }
}

void ModelDetailPane::ask()
{
    context_.questions.ask(
        console::AskModel{version_.toStdString()}, this,
        [this, generation = ++generation_](const console::Answer& answer) { take(answer, generation); });
    askExperiments();
}

void ModelDetailPane::askExperiments()
{
    if (version_.isEmpty()) {
        return;
    }
    context_.questions.ask(console::AskExperiments{}, this, [this](const console::Answer& answer) {
        if (const auto* found = std::get_if<console::Experiments>(&answer.value); found != nullptr && !answer.error) {
            experiments_ = found->rows;
            showActions();
        }
    });
}

void ModelDetailPane::take(const console::Answer& answer, int generation)
{
    if (generation != generation_) {
        return; // another one was chosen meanwhile
    }
    const auto* found = std::get_if<console::ModelDetail>(&answer.value);
    if (answer.error || found == nullptr) {
        detail_.reset();
        emptyWords_->show(format::sentence(answer.error.value_or(base::Error{})));
        whole_->setCurrentIndex(0);
        return;
    }
    detail_ = *found;
    whole_->setCurrentIndex(1);
    showDetail();
}

void ModelDetailPane::setPolicy(const base::PolicyValues& policy)
{
    if (policy != policy_) {
        policy_ = policy;
        showDetail();
    }
}

void ModelDetailPane::showDetail()
{
    if (!detail_) {
        return;
    }
    const auto& record = detail_->line.record;
    name_->show(version_);
    stage_->setState(say::stage(record.stage), {}, say::tone(record.stage));
    QStringList facts{tr("trained %1 ago").arg(age(context_.now() - record.trained)),
                      tr("%1 rows").arg(format::count(record.rows)),
                      tr("decided %1 trades").arg(format::count(detail_->trades))};
    if (detail_->line.isExpired) {
        facts.prepend(tr("expired"));
    }
    if (!detail_->line.why.empty()) {
        facts << format::text(detail_->line.why);
    }
    facts_->setMeaning(detail_->line.isExpired ? Meaning::Warning : Meaning::TextMuted);
    facts_->show(facts.join(QStringLiteral(" · ")));
    folds_->show(*detail_, policy_);
    audit_->show(*detail_);
    auto brief = say::auditLines(*detail_);
    for (auto& line : brief) {
        line.limit.clear();
        if (line.state == governance::GateState::Passed) {
            line.note.clear(); // its evidence is in the tooltip, and in the tab
        }
    }
    auditBrief_->setLines(brief);
    importance_->show(detail_->importance);
    importanceBrief_->show(detail_->importance);
    const auto* due = dueOf(models_.get(), record.name.key);
    regimes_->show(*detail_, policy_, due);
    regimesBrief_->show(*detail_, policy_, due);
    drift_->update(detail_->drift);
    driftNote_->show(detail_->driftAt ? tr("As of %1. Watch from PSI %2 on; drift from PSI %3 and KS %4 on, both.")
                                            .arg(format::moment(*detail_->driftAt, context_.now(), context_.zone),
                                                 format::decimal(base::policyValue(policy_, "drift.psi_watch"), 2),
                                                 format::decimal(base::policyValue(policy_, "drift.psi_alarm"), 2),
                                                 format::decimal(base::policyValue(policy_, "drift.ks_alarm"), 2))
                                      : tr("Not looked at yet."));
    lineage_->update(lineageFacts(*detail_, context_.now(), context_.zone));
    if (models_) {
        compare_->show(*detail_, *models_);
    }
    showActions();
}

void ModelDetailPane::showActions()
{
    if (!detail_ || !models_) {
        return;
    }
    const auto& record = detail_->line.record;
    const auto champion = std::ranges::find_if(models_->rows, [&](const console::ModelLine& line) {
        return line.record.name.key == record.name.key && line.record.stage == governance::ModelStage::Champion;
    });
    actions_->show(*detail_,
                   champion == models_->rows.end()
                       ? QString()
                       : format::text(governance::versionName(champion->record.name.key, champion->record.name.number)),
                   experimentOf(experiments_, record));
}

void ModelDetailPane::tell(const QString& sentence, bool isBad)
{
    told_->setMeaning(isBad ? Meaning::Loss : Meaning::TextMuted);
    told_->show(sentence);
    told_->setVisible(true);
}

void ModelDetailPane::resizeEvent(QResizeEvent* event)
{
    Card::resizeEvent(event);
    regimesColumn_->setVisible(event->size().width() >= threeColumns);
}

void ModelDetailPane::restyle()
{
    folds_->restyle();
    regimes_->restyle();
    regimesBrief_->restyle();
    compare_->restyle();
    showDetail();
}

} // namespace qd::ui
