#include "ui/command_desk.h"

#include "ui/format.h"

#include <algorithm>

namespace qd::ui {

console::CommandId CommandDesk::send(console::Command command, Request request)
{
    const auto id = console_.send(std::move(command));
    pending_.emplace(id, std::move(request));
    Q_EMIT pendingChanged();
    return id;
}

void CommandDesk::setStrategyEnabled(const QString& strategy, bool enabled)
{
    if (isPending(strategy)) {
        return;
    }
    const std::string name = strategy.toStdString();
    send(console::SetStrategyEnabled{name, enabled, "switched by hand"},
         {(enabled ? tr("%1 switched on") : tr("%1 switched off: it goes on in shadow")).arg(strategy), strategy,
          console::SetStrategyEnabled{name, !enabled, "taken back"}});
}

void CommandDesk::setStrategiesEnabled(const QStringList& strategies, bool enabled, const QString& reason)
{
    QStringList free;
    std::copy_if(strategies.begin(), strategies.end(), std::back_inserter(free),
                 [this](const QString& name) { return !isPending(name); });
    if (free.isEmpty()) {
        return;
    }
    const int group = ++lastGroup_;
    groups_[group].left = static_cast<int>(free.size());
    for (const auto& name : free) {
        Request request;
        request.strategy = name;
        request.group = free;
        request.groupEnabled = enabled;
        request.groupId = group;
        send(console::SetStrategyEnabled{name.toStdString(), enabled, reason.toStdString()}, std::move(request));
    }
}

void CommandDesk::setParameters(const QString& strategy, const std::string& parameters, const std::string& former,
                                const QString& reason)
{
    setParameters(console::SetParameters{strategy.toStdString(), parameters, reason.toStdString()}, former);
}

void CommandDesk::setParameters(console::SetParameters wish, const std::string& former)
{
    const auto strategy = QString::fromStdString(wish.strategy);
    if (areParametersPending(strategy)) {
        return;
    }
    Request request;
    request.what = tr("Parameters of %1 changed: its record starts anew").arg(strategy);
    request.parametersOf = strategy;
    request.undo = console::SetParameters{wish.strategy, former, "taken back"};
    send(std::move(wish), std::move(request));
}

void CommandDesk::takeBack(const Request& request)
{
    if (!request.group.isEmpty()) {
        setStrategiesEnabled(request.group, !request.groupEnabled, QStringLiteral("taken back"));
    } else if (!request.journalled.isEmpty()) {
        Q_EMIT journalUndoWished(request);
    } else if (request.undo) {
        Request back = request;
        back.what = tr("Taken back: %1").arg(request.what);
        back.undo.reset();
        send(*request.undo, std::move(back));
    }
}

bool CommandDesk::areParametersPending(const QString& strategy) const
{
    return std::any_of(pending_.begin(), pending_.end(),
                       [&](const auto& item) { return item.second.parametersOf == strategy; });
}

void CommandDesk::changeInstruments(const QStringList& add, const QStringList& remove)
{
    const auto names = [](const QStringList& list) {
        std::vector<std::string> out;
        for (const auto& name : list) {
            out.push_back(name.toStdString());
        }
        return out;
    };
    const auto words = [](const QStringList& list) {
        return list.size() <= 3 ? list.join(QStringLiteral(", ")) : tr("%1 instruments").arg(list.size());
    };
    QStringList what;
    if (!add.isEmpty()) {
        what << tr("%1 added").arg(words(add));
    }
    if (!remove.isEmpty()) {
        what << tr("%1 removed; what is open runs to its end").arg(words(remove));
    }
    send(console::ChangeInstruments{names(add), names(remove), "chosen by hand"},
         {what.join(QStringLiteral(", ")),
          {},
          console::ChangeInstruments{names(remove), names(add), "taken back"},
          true});
}

void CommandDesk::setHistoryCancelled(bool isCancelled)
{
    send(console::SetHistoryCancelled{isCancelled},
         {isCancelled ? tr("The history of candles is not fetched on; what came is kept")
                      : tr("The history of candles is fetched on"),
          {},
          console::SetHistoryCancelled{!isCancelled}});
}

bool CommandDesk::isChangingInstruments() const
{
    return std::any_of(pending_.begin(), pending_.end(), [](const auto& item) { return item.second.isOfInstruments; });
}

bool CommandDesk::isPending(const QString& strategy) const
{
    return std::any_of(pending_.begin(), pending_.end(),
                       [&](const auto& item) { return item.second.strategy == strategy && !item.second.instrument; });
}

void CommandDesk::answer(const console::CommandDone& done)
{
    const auto found = pending_.find(done.id);
    if (found == pending_.end()) {
        return;
    }
    const Request request = std::move(found->second);
    pending_.erase(found);
    Q_EMIT pendingChanged();
    if (request.groupId != 0) {
        answerGroup(request, done.error);
    } else if (done.error) {
        Q_EMIT failed(request, *done.error);
    } else {
        Q_EMIT finished(request);
    }
}

void CommandDesk::answerGroup(const Request& request, const std::optional<base::Error>& error)
{
    auto& group = groups_[request.groupId];
    (error ? group.refused : group.done) << request.strategy;
    group.error = error ? error : group.error;
    if (--group.left > 0) {
        return;
    }
    const Group all = groups_.extract(request.groupId).mapped();
    Request whole;
    whole.group = all.done;
    whole.groupEnabled = request.groupEnabled;
    const QStringList& named = all.error ? all.refused : all.done;
    const QString who = named.size() == 1 ? named.first() : tr("%1 strategies").arg(named.size());
    whole.what = (whole.groupEnabled ? tr("%1 switched on") : tr("%1 switched off: shadow trading goes on")).arg(who);
    if (all.error) {
        if (!all.done.isEmpty()) {
            whole.what += tr(" (%1 others were switched)").arg(all.done.size());
        }
        Q_EMIT failed(whole, *all.error);
    } else {
        Q_EMIT finished(whole);
    }
}

} // namespace qd::ui
