#include "ui/models/model_actions.h"

#include "ui/command_desk.h"
#include "ui/decision_words.h"
#include "ui/models/model_words.h"
#include "ui/questions.h"
#include "ui/strategies/reason_dialog.h"

#include "trading/strategy_catalogue.h"

#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QMenu>
#include <QPushButton>
#include <QSaveFile>
#include <QToolButton>

#include <algorithm>

namespace qd::ui {

using governance::ModelStage;

namespace {

constexpr qint64 largestFile = 256'000'000; // bytes; no model comes near it

} // namespace

QString strategyOf(learning::Family family)
{
    if (family != learning::Family::Gbt5m) {
        return {};
    }
    const auto all = trading::strategyCatalogue();
    const auto found = std::ranges::find_if(all, [](const auto& info) { return info.asksModel; });
    return found == all.end() ? QString() : format::text(found->name);
}

const console::ExperimentRow* experimentOf(const std::vector<console::ExperimentRow>& rows,
                                           const governance::ModelRecord& record)
{
    const auto name = governance::versionName(record.name.key, record.name.number);
    const auto found = std::ranges::find_if(rows, [&](const console::ExperimentRow& row) {
        return !row.ended && row.plan.comparison == governance::Comparison::Models &&
               (row.plan.b == name || row.plan.b == record.bytesHash);
    });
    return found == rows.end() ? nullptr : &*found;
}

ModelActions::ModelActions(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      experiment_(new QPushButton(tr("Start A/B…"), this)),
      promote_(new QPushButton(tr("Promote…"), this)),
      signOff_(new QPushButton(tr("Sign off…"), this)),
      menu_(new QToolButton(this))
{
    askSave = [this](const QString& proposed) {
        return QFileDialog::getSaveFileName(window(), tr("Export the model"), proposed,
                                            tr("Quarterdeck model (*.qdmodel)"));
    };
    askOpen = [this] {
        return QFileDialog::getOpenFileName(window(), tr("Import a model"), {},
                                            tr("Quarterdeck model (*.qdmodel);;All files (*)"));
    };
    menu_->setText(QStringLiteral("⋯"));
    menu_->setAutoRaise(true);
    menu_->setPopupMode(QToolButton::InstantPopup);
    menu_->setAccessibleName(tr("More for this version"));
    menu_->setToolTip(tr("Retire, export, import"));
    menu_->setMenu(new QMenu(menu_));
    connect(menu_->menu(), &QMenu::aboutToShow, this, &ModelActions::fillMenu);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    for (auto* button : {experiment_, promote_, signOff_}) {
        button->setAutoDefault(false);
        button->hide();
        row->addWidget(button);
    }
    row->addWidget(menu_);
    connect(experiment_, &QPushButton::clicked, this, &ModelActions::startExperiment);
    connect(promote_, &QPushButton::clicked, this, &ModelActions::promote);
    connect(signOff_, &QPushButton::clicked, this, &ModelActions::auditWished);
    connect(&context.commands, &CommandDesk::pendingChanged, this, &ModelActions::showState);
}

QString ModelActions::version() const
{
    const auto& name = detail_->line.record.name;
    return format::text(governance::versionName(name.key, name.number));
}

QMenu* ModelActions::menu() const
{
    return menu_->menu();
}

/// One that is older than the champion served before it, or was passed over: going back to it is a step back.
bool ModelActions::isFormer() const
{
    const auto serving = governance::versionOf(champion_.toStdString());
    return detail_ && serving && detail_->line.record.name.number < serving->number;
}

void ModelActions::show(const console::ModelDetail& detail, const QString& champion,
                        const console::ExperimentRow* experiment)
{
    detail_ = detail;
    champion_ = champion;
    running_ = experiment != nullptr ? std::optional(*experiment) : std::nullopt;
    showState();
}

void ModelActions::showState()
{
    if (!detail_) {
        return;
    }
    const auto& record = detail_->line.record;
    const bool isPending = context_.commands.isModelPending(version()) ||
                           (running_ && context_.commands.isExperimentPending(running_->plan.id));
    const bool isChallenger = record.stage == ModelStage::Challenger;
    const bool isShadow = record.stage == ModelStage::Shadow;
    const QString strategy = strategyOf(record.name.key.family);
    const bool isSupported = running_ && running_->assessment.advice == governance::Advice::PromoteB;
    experiment_->setVisible(isChallenger);
    experiment_->setEnabled(running_ || (!champion_.isEmpty() && !detail_->line.isExpired && !isPending));
    experiment_->setText(running_ ? tr("Open its experiment") : tr("Start A/B…"));
    experiment_->setToolTip(running_              ? say::advice(running_->assessment.advice)
                            : champion_.isEmpty() ? tr("There is no champion to compare it with")
                            : strategy.isEmpty()
                                ? tr("In shadow, against the champion: both predict the same rows")
                                : tr("On %1, against the champion, each in its own book").arg(strategy));
    experiment_->setDefault(isChallenger && !running_ && experiment_->isEnabled());
    promote_->setVisible(isChallenger || isShadow);
    promote_->setText(isSupported ? tr("Promote") : isShadow && isFormer() ? tr("Roll back…") : tr("Promote…"));
    promote_->setDefault(isSupported && !isPending);
    promote_->setEnabled(!isPending && !detail_->line.isExpired);
    promote_->setToolTip(detail_->line.isExpired ? tr("It has expired: too old to decide")
                         : isSupported           ? say::advice(running_->assessment.advice)
                         : isChallenger          ? tr("No experiment has shown that it is better; asks why")
                                                 : tr("It serves again instead of %1; asks why").arg(champion_));
    const auto open = say::toSignOff(*detail_);
    signOff_->setVisible(record.stage == ModelStage::Quarantined && !open.empty());
    signOff_->setDefault(true);
    signOff_->setEnabled(!isPending);
    signOff_->setToolTip(tr("%1 flags of its audit wait for a look").arg(open.size()));
}

void ModelActions::fillMenu()
{
    auto* menu = menu_->menu();
    menu->clear();
    if (detail_) {
        const auto& record = detail_->line.record;
        auto* retire = menu->addAction(tr("Retire…"), this, [this] { setStage(ModelStage::Retired); });
        retire->setEnabled(record.stage != ModelStage::Retired && !context_.commands.isModelPending(version()));
        menu->addAction(tr("Export…"), this, &ModelActions::exportModel);
    }
    menu->addAction(tr("Import…"), this, &ModelActions::importModel);
    if (detail_) {
        menu->addSeparator();
        menu->addAction(tr("Copy its name"), this, [this] { QGuiApplication::clipboard()->setText(version()); });
    }
}

void ModelActions::startExperiment()
{
    const QString name = version();
    if (running_ || !strategyOf(detail_->line.record.name.key.family).isEmpty()) {
        Q_EMIT experimentWished(running_ ? QString::number(running_->plan.id) : name);
        return;
    }
    auto* dialog = new ReasonDialog(
        context_.theme,
        {tr("Compare %1 with %2").arg(name, champion_),
         tr("From the next UTC midnight on both predict the same rows in shadow; the daily difference of their losses "
            "is "
            "what is judged, by an interval that holds whenever one looks. Nothing that serves changes."),
         tr("Start")},
        [this, name, model = governance::text(detail_->line.record.name.key)](const QString& reason) {
            Request request;
            request.what = tr("%1 is compared with the champion from the next UTC midnight on").arg(name);
            request.version = name;
            context_.commands.send(console::StartExperiment{model, governance::Design::Paired,
                                                            governance::Comparison::Models, name.toStdString(),
                                                            reason.toStdString()},
                                   std::move(request));
        },
        window());
    dialog->open();
}

void ModelActions::promote()
{
    if (running_ && running_->assessment.advice == governance::Advice::PromoteB) {
        context_.commands.endExperiment(running_->plan.id, format::text(running_->plan.subject),
                                        console::ExperimentEnd::PromoteB, say::advice(running_->assessment.advice));
        return;
    }
    setStage(ModelStage::Champion);
}

QString ModelActions::consequences(ModelStage to) const
{
    const auto& record = detail_->line.record;
    if (to == ModelStage::Retired) {
        return record.stage == ModelStage::Champion
                   ? tr("No version of %1 serves then: what asks it stays silent until another one is champion. Its "
                        "bytes "
                        "are kept.")
                         .arg(format::text(governance::text(record.name.key)))
                   : tr("It predicts no more, not even in shadow. Its bytes and its record are kept.");
    }
    QString out = champion_.isEmpty()
                      ? tr("It serves from the next decision on.")
                      : tr("It serves from the next decision on; %1 goes on in shadow. What is open keeps "
                           "its exits.")
                            .arg(champion_);
    if (record.stage == ModelStage::Challenger) {
        out += QLatin1Char(' ') + (running_ ? tr("Its experiment has not shown that it is better.")
                                            : tr("No experiment has compared it with the champion."));
    }
    return out;
}

void ModelActions::setStage(ModelStage to)
{
    if (!detail_) {
        return;
    }
    const QString name = version();
    const bool isBack = to == ModelStage::Champion && isFormer();
    const QString verb = to == ModelStage::Retired ? tr("Retire") : isBack ? tr("Roll back") : tr("Promote");
    const QString title = isBack ? tr("Roll back to %1").arg(name) : tr("%1 %2").arg(verb, name);
    auto* dialog = new ReasonDialog(
        context_.theme, {title, consequences(to), verb},
        [this, name, to](const QString& reason) { context_.commands.setModelStage(name, to, reason); }, window());
    dialog->open();
}

void ModelActions::exportModel()
{
    if (!detail_) {
        return;
    }
    const QString path = askSave(version() + QStringLiteral(".qdmodel"));
    if (path.isEmpty()) {
        return;
    }
    context_.questions.ask(
        console::AskModelBytes{version().toStdString()}, this, [this, path](const console::Answer& answer) {
            const auto* bytes = std::get_if<console::ModelBytes>(&answer.value);
            if (answer.error || bytes == nullptr) {
                Q_EMIT told(tr("Not exported. %1").arg(format::sentence(answer.error.value_or(base::Error{}))), true);
            } else {
                write(path, *bytes);
            }
        });
}

void ModelActions::write(const QString& path, const console::ModelBytes& bytes)
{
    const auto size = static_cast<qint64>(bytes.bytes.size());
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes.bytes.data(), size) != size || !file.commit()) {
        Q_EMIT told(tr("%1 could not be written: %2").arg(path, file.errorString()), true);
        return;
    }
    Q_EMIT told(tr("Written to %1, %2.").arg(path, format::bytes(bytes.bytes.size())), false);
}

void ModelActions::importModel()
{
    const QString path = askOpen();
    if (path.isEmpty()) {
        return;
    }
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        Q_EMIT told(tr("%1 could not be read: %2").arg(path, file.errorString()), true);
        return;
    }
    if (file.size() > largestFile) {
        Q_EMIT told(tr("%1 is too large to be a model.").arg(path), true);
        return;
    }
    const QString name = QFileInfo(path).fileName();
    auto* dialog = new ReasonDialog(
        context_.theme,
        {tr("Import %1").arg(name),
         tr("It becomes a new version of its model, in the stage that its own audit earned it. Nothing that serves "
            "changes. A damaged file, or one whose features are not in force here, is refused."),
         tr("Import")},
        [this, name, bytes = file.readAll().toStdString()](const QString& reason) {
            context_.commands.importModel(bytes, name, reason);
        },
        window());
    dialog->open();
}

} // namespace qd::ui
