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
    std::optional<base::InstrumentId> instrument{}; // the switch is that of the strategy on this one
    std::vector<std::int64_t> proposals{};          // of the review
    std::int64_t decision = 0;                      // of the journal, taken back
    QStringList policy{};                           // names whose values change
    std::int64_t experiment = 0;
    bool isReview = false;
    QStringList journalled{}; // strategies or versions whose newest decisions are taken back by the journal
    QString version{};        // of a model, whose stage changes
    QString training{};       // the model that is to train, or not to
    /// Its subject is a version, a training, or a file of one.
    [[nodiscard]] bool isOfModels() const { return !version.isEmpty() || !training.isEmpty(); }
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

    // Decisions; each is ignored while the same thing is pending.
    void setInstrumentEnabled(const QString& strategy, base::InstrumentId instrument, const QString& name,
                              bool enabled);
    void setStage(const QString& strategy, governance::Stage to, const QString& reason);
    /// Of many with one reason; each is told by itself.
    void archive(const QStringList& strategies, const QString& reason);
    /// `former`: the values that undo brings back.
    void setPolicy(const std::map<std::string, std::string>& values, const std::map<std::string, std::string>& former,
                   const QString& reason);
    void reviewNow();
    /// `strategies`: whose decisions these become, for undo.
    void applyProposals(const std::vector<std::int64_t>& ids, const QStringList& strategies, const QString& reason);
    void dismissProposals(const std::vector<std::int64_t>& ids, const QString& reason);
    void undoDecision(std::int64_t id, const QString& what, const QString& reason);
    void endExperiment(std::int64_t id, const QString& subject, console::ExperimentEnd how, const QString& reason);

    // Models.
    /// "gbt_5m", "direction_predictor@BTC-USDT"; a family of several: all of them.
    void retrain(const QString& model, const QString& reason);
    /// Empty: what trains and all that waits.
    void cancelRetrain(const QString& model);
    void setModelStage(const QString& version, governance::ModelStage to, const QString& reason);
    void signOffModel(const QString& version, learning::Detector detector, const QString& reason);
    void importModel(std::string bytes, const QString& file, const QString& reason);
    [[nodiscard]] bool isModelPending(const QString& version) const;
    [[nodiscard]] bool isTrainingPending(const QString& model) const;

    [[nodiscard]] bool isPending(const QString& strategy, base::InstrumentId instrument) const;
    [[nodiscard]] bool isProposalPending(std::int64_t id) const;
    [[nodiscard]] bool isDecisionPending(std::int64_t id) const;
    [[nodiscard]] bool isPolicyPending(const QString& name) const;
    [[nodiscard]] bool isExperimentPending(std::int64_t id) const;
    [[nodiscard]] bool isReviewPending() const;
    [[nodiscard]] bool isChangingInstruments() const;
    [[nodiscard]] std::size_t pendingCount() const { return pending_.size(); }

    /// From the pump. Ids that were not sent here are ignored.
    void answer(const console::CommandDone& done);

Q_SIGNALS:
    /// The set of pending requests changed.
    void pendingChanged();
    void finished(const qd::ui::Request& request);
    void failed(const qd::ui::Request& request, const qd::base::Error& error);
    /// Its decisions are to be looked up in the journal and taken back there.
    void journalUndoWished(const qd::ui::Request& request);

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
