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
                       [&](const auto& item) { return item.second.strategy == strategy; });
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
    if (done.error) {
        Q_EMIT failed(request, *done.error);
    } else {
        Q_EMIT finished(request);
    }
}

} // namespace qd::ui
