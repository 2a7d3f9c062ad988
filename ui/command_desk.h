// Sends what the operator asks to the engines and waits for the answers: until CommandDone comes a control shows
// *pending*, never the wished state. GUI thread. Owned by the main window.
#pragma once

#include "console/console.h"

#include <QObject>
#include <QString>
#include <QStringList>

#include <map>
#include <optional>

namespace qd::ui {

/// What a command was about, for the toast.
struct Request {
    QString what;                         // "ema_crossover switched off"
    QString strategy;                     // whose switch it is; empty for others
    std::optional<console::Command> undo; // sent when the operator takes it back
    bool isOfInstruments = false;         // the list of instruments changes
};

class CommandDesk final : public QObject {
    Q_OBJECT
public:
    explicit CommandDesk(console::Console& console, QObject* parent = nullptr) : QObject(parent), console_(console) {}

    console::CommandId send(console::Command command, Request request);
    /// Ignored while that strategy's switch is pending.
    void setStrategyEnabled(const QString& strategy, bool enabled);
    /// Undone as one.
    void changeInstruments(const QStringList& add, const QStringList& remove);
    /// Of the back-fill of candles.
    void setHistoryCancelled(bool isCancelled);
    [[nodiscard]] bool isPending(const QString& strategy) const;
    [[nodiscard]] bool isChangingInstruments() const;
    [[nodiscard]] std::size_t pendingCount() const { return pending_.size(); }

    /// From the pump. Ids that were not sent here are ignored.
    void answer(const console::CommandDone& done);

Q_SIGNALS:
    /// The set of pending requests changed.
    void pendingChanged();
    void finished(const qd::ui::Request& request);
    void failed(const qd::ui::Request& request, const qd::base::Error& error);

private:
    console::Console& console_;
    std::map<console::CommandId, Request> pending_;
};

} // namespace qd::ui
