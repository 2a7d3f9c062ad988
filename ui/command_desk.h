// Sends what the operator asks to the engines and waits for the answers: until CommandDone comes a control shows
// *pending*, never the wished state. GUI thread. Owned by the main window.
#pragma once

#include "console/console.h"

#include <QObject>
#include <QString>
#include <QStringList>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace qd::ui {

/// What a command was about, for the toast, and for what is pending meanwhile.
struct Request {
    QString what;                         // "ema_crossover switched off"
    QString strategy;                     // whose switch it is; empty for others
    std::optional<console::Command> undo; // sent when the operator takes it back; the journal knows no way back
    bool isOfInstruments = false;         // the list of instruments changes
    QString parametersOf;                 // whose parameters change; empty for others
    QStringList strategies;               // switched or archived by one decision
    QString closing;                      // "breakout@7": whose position is closed
    std::optional<base::InstrumentId> instrument{}; // the switch is that of the strategy on this one
    std::vector<std::int64_t> proposals{};          // of the review
    std::int64_t decision = 0;                      // of the journal, taken back
    QStringList policy{};                           // names whose values change
    std::int64_t experiment = 0;
    bool isReview = false;
    bool isJournalled = false;             // what it decides can be taken back by the journal
    std::vector<std::int64_t> decisions{}; // in the journal, once it is done; none: nothing was to be changed
    QString version{};                     // of a model, whose stage changes
    QString training{};                    // the model that is to train, or not to
    std::int64_t alert = 0;
    int group = 0; // of commands that are told as one
    int id = 0;    // while its decisions are looked up
    /// Its subject is a version, a training, or a file of one.
    [[nodiscard]] bool isOfModels() const { return !version.isEmpty() || !training.isEmpty(); }
    [[nodiscard]] bool canBeTakenBack() const { return undo.has_value() || (isJournalled && !decisions.empty()); }
};

class CommandDesk final : public QObject {
    Q_OBJECT
public:
    explicit CommandDesk(console::Console& console, QObject* parent = nullptr) : QObject(parent), console_(console) {}

    console::CommandId send(console::Command command, Request request);
    /// Ignored while that strategy's switch is pending.
    void setStrategyEnabled(const QString& strategy, bool enabled);
    /// Of many with one reason: one decision, one row of the journal, undone as one. Those that are pending are left
    /// out.
    void setStrategiesEnabled(const QStringList& strategies, bool enabled, const QString& reason);
    /// Ignored while those of that strategy are pending.
    void setParameters(console::SetParameters wish);
    [[nodiscard]] bool areParametersPending(const QString& strategy) const;
    /// Takes a finished request back: by the journal, where its decisions are looked up first, and shows it as pending
    /// from now on; nothing for one that has no way back.
    void takeBack(const Request& request);
    /// What journalUndoWished() was answered with: ids and words of its decisions. None: it is pending no more.
    /// `left`: of its decisions, those that cannot be taken back.
    void undoFound(const Request& request, const std::vector<std::pair<std::int64_t, QString>>& decisions,
                   int left = 0);
    /// Undone as one.
    void changeInstruments(const QStringList& add, const QStringList& remove);
    /// Of the back-fill of candles.
    void setHistoryCancelled(bool isCancelled);
    [[nodiscard]] bool isPending(const QString& strategy) const;

    // Decisions; each is ignored while the same thing is pending.
    void setInstrumentEnabled(const QString& strategy, base::InstrumentId instrument, const QString& name,
                              bool enabled);
    void setStage(const QString& strategy, governance::Stage to, const QString& reason);
    /// Of many with one reason, like setStrategiesEnabled().
    void archive(const QStringList& strategies, const QString& reason);
    void setPolicy(const std::map<std::string, std::string>& values, const QString& reason);
    void setPaused(bool isPaused, const QString& reason);
    void closePosition(const QString& strategy, base::InstrumentId instrument, const QString& name,
                       const QString& reason);
    void reviewNow();
    /// `subjects`: what they are about, for the words of a single one.
    void applyProposals(const std::vector<std::int64_t>& ids, const QStringList& subjects, const QString& reason);
    void dismissProposals(const std::vector<std::int64_t>& ids, const QString& reason);
    void undoDecision(std::int64_t id, const QString& what, const QString& reason);
    void endExperiment(std::int64_t id, const QString& subject, console::ExperimentEnd how, const QString& reason);

    // Models.
    /// "gbt_5m", "direction_predictor@BTC-USDT"; a family of several: all of them.
    void retrain(const QString& model, const QString& reason);
    /// Of many with one reason: a command each, told as one.
    void retrain(const QStringList& models, const QString& reason);
    /// Empty: what trains and all that waits.
    void cancelRetrain(const QString& model);
    void setModelStage(const QString& version, governance::ModelStage to, const QString& reason);
    void signOffModel(const QString& version, learning::Detector detector, const QString& reason);
    void importModel(std::string bytes, const QString& file, const QString& reason);
    [[nodiscard]] bool isModelPending(const QString& version) const;
    [[nodiscard]] bool isTrainingPending(const QString& model) const;

    // Alerts; command_desk_alerts.cpp
    void acknowledgeAlert(std::int64_t id, const QString& title);
    void snoozeAlert(std::int64_t id, const QString& title, double hours);
    void testAlerts(const QString& channel, const QString& name);
    [[nodiscard]] bool isAlertPending(std::int64_t id) const;

    [[nodiscard]] bool isPending(const QString& strategy, base::InstrumentId instrument) const;
    [[nodiscard]] bool isProposalPending(std::int64_t id) const;
    [[nodiscard]] bool isDecisionPending(std::int64_t id) const;
    [[nodiscard]] bool isPolicyPending(const QString& name) const;
    [[nodiscard]] bool isExperimentPending(std::int64_t id) const;
    [[nodiscard]] bool isReviewPending() const;
    [[nodiscard]] bool isClosing(const QString& strategy, base::InstrumentId instrument) const;
    [[nodiscard]] bool isChangingInstruments() const;
    [[nodiscard]] std::size_t pendingCount() const { return pending_.size(); }

    /// From the pump. Ids that were not sent here are ignored.
    void answer(const console::CommandDone& done);

Q_SIGNALS:
    /// The set of pending requests changed.
    void pendingChanged();
    void finished(const qd::ui::Request& request);
    /// Of several proposals some: `error` says which, and why the others were not. Its decisions can be taken back.
    void doneInPart(const qd::ui::Request& request, const qd::base::Error& error);
    void failed(const qd::ui::Request& request, const qd::base::Error& error);
    /// Its decisions are to be looked up in the journal and taken back there.
    void journalUndoWished(const qd::ui::Request& request);

private:
    /// Several commands that are told as one, while some of them are open.
    struct Group {
        int left = 0;
        int refused = 0;
        Request whole;
        std::optional<base::Error> error;
    };
    void answerGroup(int group, const std::optional<base::Error>& error);
    [[nodiscard]] QStringList free(const QStringList& strategies) const;
    /// Sent, or looked up before it can be.
    template <typename Is>
    [[nodiscard]] bool any(Is is) const
    {
        return std::ranges::any_of(pending_, [&](const auto& item) { return is(item.second); }) ||
               std::ranges::any_of(lookedUp_, is);
    }

    console::Console& console_;
    std::map<console::CommandId, Request> pending_;
    std::vector<Request> lookedUp_; // whose decisions the journal is asked for
    std::map<int, Group> groups_;
    int lastGroup_ = 0;
    int lastLookUp_ = 0;
};

} // namespace qd::ui
