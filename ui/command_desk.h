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
    QString parametersOf;                 // whose parameters change; empty for others
    QStringList group;                    // strategies that were switched by one decision, and are taken back by one
    bool groupEnabled = false;            // to what
    int groupId = 0;
};

class CommandDesk final : public QObject {
    Q_OBJECT
public:
    explicit CommandDesk(console::Console& console, QObject* parent = nullptr) : QObject(parent), console_(console) {}

    console::CommandId send(console::Command command, Request request);
    /// Ignored while that strategy's switch is pending.
    void setStrategyEnabled(const QString& strategy, bool enabled);
    /// Of many with one reason: told once, when all are done, and undone as one. Those that are pending are left out.
    void setStrategiesEnabled(const QStringList& strategies, bool enabled, const QString& reason);
    /// Both as ParameterSet::text(); `former` is what undo brings back. Ignored while those of that strategy are
    /// pending.
    void setParameters(const QString& strategy, const std::string& parameters, const std::string& former,
                       const QString& reason);
    /// The same with all that the command says of the try.
    void setParameters(console::SetParameters wish, const std::string& former);
    [[nodiscard]] bool areParametersPending(const QString& strategy) const;
    /// What a finished request may be undone by; nothing for one that has no way back.
    void takeBack(const Request& request);
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
    /// A decision of several commands while some of them are open.
    struct Group {
        int left = 0;
        QStringList done;
        QStringList refused;
        std::optional<base::Error> error;
    };
    void answerGroup(const Request& request, const std::optional<base::Error>& error);

    console::Console& console_;
    std::map<console::CommandId, Request> pending_;
    std::map<int, Group> groups_;
    int lastGroup_ = 0;
};

} // namespace qd::ui
