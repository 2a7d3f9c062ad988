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
    Request request;
    request.what = (enabled ? tr("%1 switched on") : tr("%1 switched off: it goes on in shadow")).arg(strategy);
    request.strategy = strategy;
    request.isJournalled = true;
    send(console::SetStrategyEnabled{strategy.toStdString(), enabled, "switched by hand"}, std::move(request));
}

QStringList CommandDesk::free(const QStringList& strategies) const
{
    QStringList out;
    std::ranges::copy_if(strategies, std::back_inserter(out), [this](const QString& name) { return !isPending(name); });
    return out;
}

void CommandDesk::setStrategiesEnabled(const QStringList& strategies, bool enabled, const QString& reason)
{
    console::SetStrategiesEnabled command{{}, enabled, reason.toStdString()};
    Request request;
    request.strategies = free(strategies);
    request.isJournalled = true;
    for (const auto& name : request.strategies) {
        command.strategies.push_back(name.toStdString());
    }
    if (!request.strategies.isEmpty()) {
        request.what = (enabled ? tr("%1 switched on") : tr("%1 switched off: shadow trading goes on"))
                           .arg(format::named(request.strategies, tr("strategies")));
        send(std::move(command), std::move(request));
    }
}

void CommandDesk::setParameters(console::SetParameters wish)
{
    const auto strategy = QString::fromStdString(wish.strategy);
    if (areParametersPending(strategy)) {
        return;
    }
    Request request;
    request.what = tr("Parameters of %1 changed: its record starts anew").arg(strategy);
    request.parametersOf = strategy;
    request.isJournalled = true;
    send(std::move(wish), std::move(request));
}

void CommandDesk::takeBack(const Request& request)
{
    Request back = request;
    if (!request.decisions.empty()) {
        back.id = ++lastLookUp_;
        lookedUp_.push_back(back);
        Q_EMIT pendingChanged();
        Q_EMIT journalUndoWished(back);
    } else if (request.undo) {
        back.what = tr("Taken back: %1").arg(request.what);
        back.undo.reset();
        send(*request.undo, std::move(back));
    }
}

void CommandDesk::undoFound(const Request& request, const std::vector<std::pair<std::int64_t, QString>>& decisions,
                            int left)
{
    std::erase_if(lookedUp_, [&](const Request& one) { return one.id == request.id; });
    Request back = request;
    back.what = tr("Taken back: %1").arg(decisions.size() == 1 ? decisions.front().second : request.what);
    if (left > 0) {
        back.what += tr(" (not taken back: %1; see the journal)").arg(left);
    }
    back.isJournalled = false;
    back.decisions.clear();
    back.undo.reset();
    back.proposals.clear();
    if (decisions.size() > 1) {
        back.group = ++lastGroup_;
        groups_[back.group] = {static_cast<int>(decisions.size()), 0, back, {}};
    }
    for (const auto& [id, what] : decisions) {
        back.decision = id;
        send(console::UndoDecision{id, "taken back"}, back);
    }
    Q_EMIT pendingChanged();
}

bool CommandDesk::areParametersPending(const QString& strategy) const
{
    return any([&](const Request& request) { return request.parametersOf == strategy; });
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
    return any([](const Request& request) { return request.isOfInstruments; });
}

bool CommandDesk::isPending(const QString& strategy) const
{
    return any([&](const Request& request) {
        return (request.strategy == strategy && !request.instrument) || request.strategies.contains(strategy);
    });
}

void CommandDesk::answer(const console::CommandDone& done)
{
    const auto found = pending_.find(done.id);
    if (found == pending_.end()) {
        return;
    }
    Request request = std::move(found->second);
    request.decisions = done.decisions;
    pending_.erase(found);
    Q_EMIT pendingChanged();
    if (request.group != 0) {
        answerGroup(request.group, done.error);
    } else if (done.error && !done.decisions.empty()) {
        Q_EMIT doneInPart(request, *done.error);
    } else if (done.error) {
        Q_EMIT failed(request, *done.error);
    } else {
        Q_EMIT finished(request);
    }
}

void CommandDesk::answerGroup(int group, const std::optional<base::Error>& error)
{
    auto& of = groups_[group];
    of.refused += error ? 1 : 0;
    of.error = error ? error : of.error;
    if (--of.left > 0) {
        return;
    }
    Group all = groups_.extract(group).mapped();
    if (all.error) {
        all.whole.what += tr(" (%1 refused)").arg(all.refused);
        Q_EMIT failed(all.whole, *all.error);
    } else {
        Q_EMIT finished(all.whole);
    }
}

} // namespace qd::ui
