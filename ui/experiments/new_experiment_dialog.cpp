#include "ui/experiments/new_experiment_dialog.h"

#include "ui/command_desk.h"
#include "ui/decision_words.h"
#include "ui/experiments/gate_rates.h"
#include "ui/models/model_words.h"
#include "ui/questions.h"
#include "ui/strategies/parameter_form.h"
#include "ui/widgets/card.h"
#include "ui/widgets/pill.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>

#include <algorithm>

namespace qd::ui {

using governance::Comparison;
using governance::Design;

NewExperimentDialog::NewExperimentDialog(const PageContext& context,
                                         std::shared_ptr<const console::PaperSnapshot> paper, const QString& strategy,
                                         QWidget* parent)
    : QDialog(parent),
      context_(context),
      paper_(std::move(paper)),
      strategy_(new QComboBox(this)),
      form_(new ParameterForm(context)),
      challengers_(new QComboBox(this)),
      area_(new QScrollArea(this)),
      told_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted, {}, this)),
      gate_(new GateRates(context, FontRole::Caption, this)),
      reason_(new QLineEdit(this)),
      go_(new QPushButton(tr("Create"), this))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Quarterdeck · New experiment"));
    setAccessibleName(tr("New experiment"));
    strategy_->setAccessibleName(tr("Strategy"));
    strategy_->setMaxVisibleItems(24);
    for (const auto& row : paper_ ? paper_->strategies : std::vector<console::StrategyRow>{}) {
        if (row.stage != governance::Stage::Archived) {
            strategy_->addItem(format::text(row.name));
        }
    }
    strategy_->setCurrentIndex(std::max(0, strategy_->findText(strategy)));
    area_->setWidget(form_);
    area_->setWidgetResizable(true);
    area_->setFrameShape(QFrame::NoFrame);
    area_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    form_->setAutoFillBackground(false);
    area_->viewport()->setAutoFillBackground(false);
    told_->setWordWrap(true);
    reason_->setPlaceholderText(tr("Why, in one line; the journal keeps it"));
    reason_->setAccessibleName(tr("Reason"));
    reason_->setMaxLength(200);
    auto* subject = new QHBoxLayout;
    subject->addWidget(new TextLabel(context.theme, FontRole::Body, Meaning::TextMuted, tr("Strategy"), this));
    subject->addWidget(strategy_, 1);
    auto* cancel = new QPushButton(tr("Cancel"), this);
    cancel->setAutoDefault(false);
    go_->setDefault(true);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(go_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(10);
    layout->addWidget(new TextLabel(context.theme, FontRole::Heading, Meaning::Text, tr("New experiment"), this));
    layout->addLayout(subject);
    layout->addWidget(
        choices(tr("B is"),
                {{tr("Other parameters"), tr("B runs the parameters below, A those in force")},
                 {tr("On, A is off"), tr("Is it better on than off? B is the strategy as it runs, A earns nothing")},
                 {tr("Another model"), tr("B asks another version of its model, A the champion")}},
                comparisons_, [this](int i) {
                    setComparison(i == 0 ? Comparison::Parameters : i == 1 ? Comparison::OnOff : Comparison::Models);
                }));
    modelLine_ = new QWidget(this);
    auto* model = new QHBoxLayout(modelLine_);
    model->setContentsMargins(0, 0, 0, 0);
    model->addWidget(new TextLabel(context.theme, FontRole::Body, Meaning::TextMuted, tr("Version"), modelLine_));
    model->addWidget(challengers_, 1);
    challengers_->setAccessibleName(tr("Version that is B"));
    layout->addWidget(modelLine_);
    layout->addWidget(choices(tr("Design"),
                              {{tr("Paired"), tr("Both arms take every decision, each in its own book")},
                               {tr("Split"), tr("Each decision goes to one arm, by even odds")}},
                              designs_, [this](int i) { setDesign(i == 0 ? Design::Paired : Design::Split); }));
    layout->addWidget(area_, 1);
    layout->addWidget(told_);
    layout->addWidget(gate_);
    layout->addWidget(reason_);
    layout->addLayout(buttons);
    resize(600, 640);
    connect(strategy_, &QComboBox::currentIndexChanged, this, &NewExperimentDialog::choose);
    connect(form_, &ParameterForm::changed, this, &NewExperimentDialog::showState);
    connect(reason_, &QLineEdit::textChanged, this, &NewExperimentDialog::showState);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(go_, &QPushButton::clicked, this, &NewExperimentDialog::create);
    connect(challengers_, &QComboBox::currentIndexChanged, this, &NewExperimentDialog::showState);
    context_.questions.ask(console::AskModels{}, this, [this](const console::Answer& answer) { takeModels(answer); });
    connect(gate_, &GateRates::known, this, &NewExperimentDialog::showState);
    choose();
}

bool NewExperimentDialog::asksModel() const
{
    const auto* of = row();
    const auto* info = of != nullptr ? trading::findStrategy(of->name) : nullptr;
    return info != nullptr && info->asksModel;
}

void NewExperimentDialog::takeModels(const console::Answer& answer)
{
    const auto* models = std::get_if<console::Models>(&answer.value);
    if (answer.error || models == nullptr) {
        return; // then models are no choice
    }
    using governance::ModelStage;
    for (const auto& line : models->rows) {
        const auto& record = line.record;
        if (record.name.key.family != learning::Family::Gbt5m) {
            continue; // no strategy asks the others
        }
        const QString name = format::text(governance::versionName(record.name.key, record.name.number));
        if (record.stage == ModelStage::Champion) {
            champion_ = name;
        } else if (record.stage == ModelStage::Challenger || record.stage == ModelStage::Shadow) {
            challengers_->addItem(tr("%1, %2").arg(name, say::stage(record.stage).toLower()), name);
        }
    }
    if (const int at = challengers_->findData(wished_); at >= 0) {
        challengers_->setCurrentIndex(at);
    }
    showState();
}

void NewExperimentDialog::setChallenger(const QString& version)
{
    wished_ = version;
    if (const int at = challengers_->findData(version); at >= 0) {
        challengers_->setCurrentIndex(at);
    }
    setComparison(Comparison::Models);
}

QWidget* NewExperimentDialog::choices(const QString& title, const std::vector<std::pair<QString, QString>>& texts,
                                      std::vector<PillButton*>& into, const std::function<void(int)>& chosen)
{
    auto* box = new QWidget(this);
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    row->addWidget(new TextLabel(context_.theme, FontRole::Body, Meaning::TextMuted, title));
    for (const auto& [text, help] : texts) {
        auto* button = new PillButton(context_.theme, text, box);
        button->setCheckable(true);
        button->setToolTip(help);
        button->setAccessibleName(title + QStringLiteral(": ") + text);
        connect(button, &QAbstractButton::clicked, this, [chosen, at = static_cast<int>(into.size())] { chosen(at); });
        into.push_back(button);
        row->addWidget(button);
    }
    row->addStretch(1);
    return box;
}

const console::StrategyRow* NewExperimentDialog::row() const
{
    if (!paper_) {
        return nullptr;
    }
    const auto found =
        std::ranges::find(paper_->strategies, strategy_->currentText().toStdString(), &console::StrategyRow::name);
    return found == paper_->strategies.end() ? nullptr : &*found;
}

void NewExperimentDialog::choose()
{
    if (const auto* of = row()) {
        const auto* info = trading::findStrategy(of->name);
        inForce_ = info != nullptr ? parametersOf(*info, *of) : trading::ParameterSet();
        form_->setStrategy(info, format::text(of->name), inForce_);
    }
    simulate();
    showState();
}

void NewExperimentDialog::setComparison(Comparison comparison)
{
    comparison_ = comparison;
    if (comparison == Comparison::OnOff) {
        design_ = Design::Paired; // off trades nothing: there is nothing to split
    }
    simulate();
    showState();
}

void NewExperimentDialog::setDesign(Design design)
{
    design_ = design;
    simulate();
    showState();
}

void NewExperimentDialog::simulate()
{
    const auto* of = row();
    if (of == nullptr) {
        gate_->giveUp({});
        return;
    }
    console::AskGateSimulation query;
    query.strategy = of->name;
    query.design = design_;
    query.comparison = comparison_;
    query.gate = governance::policiesFrom(paper_->policy ? paper_->policy->numbers : base::PolicyValues{}).experiment;
    query.looks = static_cast<std::uint32_t>(std::max<std::size_t>(1, query.gate.maxDays));
    gate_->ask(
        query,
        [](const console::GateSimulation& value) {
            return tr("Looked at every night, the gate passes, of candidates that are %1. From %2 trades, %3 a day.")
                .arg(say::passRates(value), format::count(value.trades), format::decimal(value.tradesPerDay, 1));
        },
        tr("How often the gate passes cannot be said: %1. It would be created all the same."));
}

void NewExperimentDialog::showState()
{
    if (comparison_ == Comparison::Models && !asksModel()) {
        comparison_ = Comparison::Parameters;
    }
    for (std::size_t i = 0; i < 2; ++i) {
        designs_[i]->setChecked((design_ == Design::Paired) == (i == 0));
    }
    comparisons_[0]->setChecked(comparison_ == Comparison::Parameters);
    comparisons_[1]->setChecked(comparison_ == Comparison::OnOff);
    comparisons_[2]->setChecked(comparison_ == Comparison::Models);
    comparisons_[2]->setVisible(asksModel());
    designs_[1]->setEnabled(comparison_ != Comparison::OnOff);
    const bool isOfParameters = comparison_ == Comparison::Parameters;
    const bool isOfModels = comparison_ == Comparison::Models;
    area_->setVisible(isOfParameters);
    modelLine_->setVisible(isOfModels);
    const auto set = form_->typed();
    const QString changes = set ? differences(inForce_.values(), set->values()) : QString();
    const QString challenger = challengers_->currentData().toString();
    const bool isLegal =
        isOfModels ? !challenger.isEmpty() && !champion_.isEmpty() : !isOfParameters || (set && !changes.isEmpty());
    told_->setMeaning(isOfParameters && !set ? Meaning::Loss : Meaning::TextMuted);
    told_->show(
        isOfModels && champion_.isEmpty()    ? tr("No version serves now: there is nothing to hold another against.")
        : isOfModels && challenger.isEmpty() ? tr("There is no other version that passed its audit. Retrain on Models.")
        : isOfModels        ? tr("A: %1, B: %2. Begins at the next UTC midnight.").arg(champion_, challenger)
        : !isOfParameters   ? tr("Begins at the next UTC midnight. A trades nothing; B's blocks are held against zero.")
        : !set              ? tr("Not legal: %1.").arg(set.error())
        : changes.isEmpty() ? tr("Change at least one parameter of B; A keeps those in force.")
                            : tr("B: %1. Begins at the next UTC midnight; counts as one more try.").arg(changes));
    const bool hasReason = !reason_->text().trimmed().isEmpty();
    go_->setEnabled(row() != nullptr && isLegal && hasReason && gate_->isKnown());
    go_->setToolTip(!isLegal ? (isOfModels ? tr("Needs a champion and another version") : tr("B must differ from A"))
                    : !gate_->isKnown() ? tr("Waits for the simulation of the gate")
                    : !hasReason        ? tr("Needs a reason")
                                        : QString());
}

void NewExperimentDialog::create()
{
    const auto* of = row();
    const auto set = form_->typed();
    if (of == nullptr || (comparison_ == Comparison::Parameters && !set)) {
        return;
    }
    console::StartExperiment command{of->name, design_, comparison_,
                                     comparison_ == Comparison::Parameters ? set->text()
                                     : comparison_ == Comparison::Models
                                         ? challengers_->currentData().toString().toStdString()
                                         : std::string(),
                                     reason_->text().trimmed().toStdString()};
    Request request;
    request.what = tr("An experiment on %1 begins at the next UTC midnight").arg(format::text(of->name));
    context_.commands.send(std::move(command), std::move(request));
    accept();
}

QString NewExperimentDialog::told() const
{
    return told_->text();
}

QString NewExperimentDialog::gateText() const
{
    return gate_->text();
}

void NewExperimentDialog::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), context_.theme.color(Meaning::Background));
}

} // namespace qd::ui
