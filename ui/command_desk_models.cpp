// What the desk sends for models.
#include "ui/command_desk.h"

#include "ui/format.h"
#include "ui/models/model_words.h"

#include <algorithm>

namespace qd::ui {

namespace {

QString stageWords(const QString& version, governance::ModelStage to)
{
    switch (to) {
    case governance::ModelStage::Champion:
        return CommandDesk::tr("%1 is champion: it serves from now on").arg(version);
    case governance::ModelStage::Retired:
        return CommandDesk::tr("%1 retired: it predicts no more").arg(version);
    case governance::ModelStage::Challenger:
    case governance::ModelStage::Shadow:
    case governance::ModelStage::Quarantined:
        break;
    }
    return CommandDesk::tr("%1: %2 now").arg(version, say::stage(to).toLower());
}

} // namespace

void CommandDesk::retrain(const QString& model, const QString& reason)
{
    if (isTrainingPending(model)) {
        return;
    }
    Request request;
    request.what = tr("%1 is going to train").arg(model);
    request.training = model;
    send(console::RetrainModel{model.toStdString(), reason.toStdString()}, std::move(request));
}

void CommandDesk::retrain(const QStringList& models, const QString& reason)
{
    QStringList free;
    std::ranges::copy_if(models, std::back_inserter(free),
                         [this](const QString& model) { return !isTrainingPending(model); });
    if (free.size() < 2) {
        for (const auto& model : free) {
            retrain(model, reason);
        }
        return;
    }
    Request whole;
    whole.what = tr("%1 are going to train, one at a time").arg(format::named(free, tr("models")));
    whole.group = ++lastGroup_;
    whole.training = free.first(); // so that it is told as one of models
    groups_[whole.group] = {static_cast<int>(free.size()), 0, whole, {}};
    for (const auto& model : free) {
        auto one = whole;
        one.training = model;
        send(console::RetrainModel{model.toStdString(), reason.toStdString()}, std::move(one));
    }
}

void CommandDesk::cancelRetrain(const QString& model)
{
    if (isTrainingPending(model)) {
        return;
    }
    Request request;
    request.what = model.isEmpty() ? tr("No model trains any more") : tr("The training of %1 is cancelled").arg(model);
    request.training = model.isEmpty() ? tr("all") : model;
    send(console::CancelRetrain{model.toStdString()}, std::move(request));
}

void CommandDesk::setModelStage(const QString& version, governance::ModelStage to, const QString& reason)
{
    if (isModelPending(version)) {
        return;
    }
    Request request;
    request.what = stageWords(version, to);
    request.version = version;
    request.isJournalled = true;
    send(console::SetModelStage{version.toStdString(), to, reason.toStdString()}, std::move(request));
}

void CommandDesk::signOffModel(const QString& version, learning::Detector detector, const QString& reason)
{
    if (isModelPending(version)) {
        return;
    }
    Request request;
    request.what = tr("%1 of %2 signed off").arg(say::detector(detector), version);
    request.version = version;
    request.isJournalled = true;
    send(console::SignOffModel{version.toStdString(), detector, reason.toStdString()}, std::move(request));
}

void CommandDesk::importModel(std::string bytes, const QString& file, const QString& reason)
{
    Request request;
    request.what = tr("The model of %1 is registered").arg(file);
    request.version = file;
    send(console::ImportModel{std::move(bytes), reason.toStdString()}, std::move(request));
}

bool CommandDesk::isModelPending(const QString& version) const
{
    return std::ranges::any_of(pending_,
                               [&](const auto& item) { return !version.isEmpty() && item.second.version == version; });
}

bool CommandDesk::isTrainingPending(const QString& model) const
{
    return std::ranges::any_of(pending_, [&](const auto& item) {
        const auto& command = item.second.training;
        return !command.isEmpty() && command == model;
    });
}

} // namespace qd::ui
