#include "ui/snapshot_pump.h"

#include "ui/arms.h"

namespace qd::ui {

namespace {

double milliseconds(const QElapsedTimer& timer)
{
    return static_cast<double>(timer.nsecsElapsed()) / 1e6;
}

} // namespace

SnapshotPump::SnapshotPump(console::Console& console, QObject* parent) : QObject(parent), console_(console)
{
    sinceStart_.start();
    timer_.setTimerType(Qt::PreciseTimer);
    timer_.setInterval(intervalMs);
    connect(&timer_, &QTimer::timeout, this, &SnapshotPump::pump);
}

void SnapshotPump::setModels(std::shared_ptr<const console::Models> models)
{
    newest_.models = std::move(models);
    told_ |= Change::Learning;
}

void SnapshotPump::start()
{
    sinceLast_.invalidate();
    timer_.start();
}

template <typename T>
void SnapshotPump::pull(const base::Mailbox<T>& box, std::uint64_t& seen, std::shared_ptr<const T>& into, Change change,
                        Changes& changes)
{
    const auto version = box.version();
    if (version != seen) {
        seen = version; // before get(): a value that comes in between is pulled twice, never missed
        into = box.get();
        changes |= change;
    }
}

// Costs a copy of a snapshot only while its engine is not what it says.
void SnapshotPump::judge(Changes& changes)
{
    if (beats_.look(pulled_.health, changes.testFlag(Change::Health), milliseconds(sinceStart_))) {
        changes |= Changes(Change::Ingest) | Change::Paper | Change::Store | Change::Learning | Change::Health;
    }
    if (changes.testFlag(Change::Ingest)) {
        newest_.ingest = beats_.judged(pulled_.ingest, "Ingest");
    }
    if (changes.testFlag(Change::Paper)) {
        newest_.paper = beats_.judged(pulled_.paper, "Paper trading");
    }
    if (changes.testFlag(Change::Store)) {
        newest_.store = beats_.judged(pulled_.store, "Store writer");
    }
    if (changes.testFlag(Change::Learning)) {
        newest_.learning = beats_.judged(pulled_.learning, "Retraining");
    }
    if (changes.testFlag(Change::Health)) {
        newest_.health = beats_.judged(pulled_.health);
    }
}

void SnapshotPump::pump()
{
    const double gap = sinceLast_.isValid() ? milliseconds(sinceLast_) : 0;
    sinceLast_.start();
    Changes changes = std::exchange(told_, Changes());
    pull(console_.ingest(), seen_[0], pulled_.ingest, Change::Ingest, changes);
    pull(console_.paper(), seen_[1], pulled_.paper, Change::Paper, changes);
    pull(console_.chart(), seen_[2], newest_.chart, Change::Chart, changes);
    pull(console_.store(), seen_[3], pulled_.store, Change::Store, changes);
    pull(console_.health(), seen_[4], pulled_.health, Change::Health, changes);
    pull(console_.governance(), seen_[5], newest_.governance, Change::Governance, changes);
    pull(console_.learning(), seen_[6], pulled_.learning, Change::Learning, changes);
    pull(console_.jobs(), seen_[7], newest_.jobs, Change::Jobs, changes);
    if (changes.testFlag(Change::Paper)) {
        pulled_.paper = withoutArms(std::move(pulled_.paper));
    }
    judge(changes);
    for (const auto& event : console_.takeEvents()) {
        const auto* closed = std::get_if<console::TradeClosed>(&event);
        if (closed == nullptr || !isArm(closed->trade.position.decision.strategy)) {
            Q_EMIT happened(event);
        }
    }
    if (changes != Changes()) {
        Q_EMIT changed(newest_, changes);
    }
    Q_EMIT pulled();
    lastPumpMs_ = milliseconds(sinceLast_);
    console_.reportFrame(std::exchange(paintMs_, 0.0) + lastPumpMs_, gap);
}

} // namespace qd::ui
