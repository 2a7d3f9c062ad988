// What every page of the window has in common: it is told of new snapshots, redraws only while it is seen, and catches
// up when it is shown. GUI thread. Owned by the main window.
#pragma once

#include "console/console.h"
#include "ui/format.h"
#include "ui/theme.h"

#include <QWidget>

namespace qd::ui {

class CommandDesk;
class Questions;
class WindowMemory;

/// The newest of each mailbox; null before the first.
struct Snapshots {
    std::shared_ptr<const console::IngestSnapshot> ingest;
    std::shared_ptr<const console::PaperSnapshot> paper;
    std::shared_ptr<const console::ChartSnapshot> chart;
    std::shared_ptr<const console::StoreSnapshot> store;
    std::shared_ptr<const console::HealthSnapshot> health;
    std::shared_ptr<const console::GovernanceSnapshot> governance{};
    std::shared_ptr<const console::LearningSnapshot> learning{};
    std::shared_ptr<const console::JobsSnapshot> jobs{};
    std::shared_ptr<const console::Models> models{}; // the registry as it was last told (models/model_book)
};

enum class Change : std::uint8_t {
    Ingest = 1,
    Paper = 2,
    Chart = 4,
    Store = 8,
    Health = 16,
    Governance = 32,
    Learning = 64,
    Jobs = 128
};
Q_DECLARE_FLAGS(Changes, Change)
Q_DECLARE_OPERATORS_FOR_FLAGS(Changes)
inline constexpr Changes everything{Changes::fromInt(255)};

/// What the window hands to its pages. Outlives them.
struct PageContext {
    console::Console& console;
    const Theme& theme;
    CommandDesk& commands;
    Questions& questions;
    WindowMemory& memory;     // column widths, splitters, choices
    const format::Zone& zone; // of every time shown
    base::UtcMs (*now)();
};

class Page : public QWidget {
    Q_OBJECT
public:
    Page(const PageContext& context, QWidget* parent) : QWidget(parent), context_(context) {}

    /// At most every 33 ms. Hidden pages only remember what is stale.
    void deliver(const Snapshots& snapshots, Changes changes);
    /// Shown and hidden pages alike: events are told once.
    virtual void handle(const console::Event& event) { Q_UNUSED(event) }
    /// Theme or zone changed: what is cached as pixmap or text is stale.
    virtual void restyle() {}
    /// Leads to one thing of the page: an instrument, a strategy. False if the page has none of that name.
    virtual bool reveal(const QString& thing)
    {
        Q_UNUSED(thing)
        return false;
    }
    /// How many things on it wait for the operator; shown in the rail.
    [[nodiscard]] virtual int waiting() const { return 0; }

Q_SIGNALS:
    void waitingChanged();
    /// "Markets" and "BTC-USDT": asks the window to go there.
    void wantsPage(const QString& page, const QString& thing);

protected:
    /// Only while visible; on show with everything that changed meanwhile. Snapshots may be null.
    virtual void refresh(const Snapshots& snapshots, Changes changes) = 0;
    void showEvent(QShowEvent* event) override;

    const PageContext context_;

private:
    Snapshots newest_;
    Changes stale_;
};

} // namespace qd::ui
