// The window: rail, strips, ten pages, palette, toast. Knows the engines through console::Console only, which outlives
// it. GUI thread; made and ended by app.
#pragma once

#include "ui/command_desk.h"
#include "ui/command_palette.h"
#include "ui/page.h"
#include "ui/questions.h"
#include "ui/settings/appearance.h"
#include "ui/snapshot_pump.h"
#include "ui/start_times.h"
#include "ui/window_memory.h"

#include <QPixmap>

#include <optional>

class QStackedWidget;

namespace qd::ui {

class ExperimentsPage;
class HealthPage;
class HelpWindow;
class JournalPage;
class MarketsPage;
class ModelBook;
class ModelsPage;
class NavigationRail;
class OverviewPage;
class StatusStrip;
class StrategiesPage;
class Toast;
class TopStrip;
class Tray;

struct UiOptions {
    QString settingsFile;               // INI in the data directory; empty: nothing is remembered
    QString page;                       // "Markets"; empty: the one of last time
    std::optional<Mode> theme;          // empty: the remembered one; given, it is not remembered
    QSize size;                         // empty: the remembered one
    std::chrono::milliseconds asked{0}; // that questions stood open before it: no part of how long it took to come
};

class MainWindow final : public QWidget {
    Q_OBJECT
public:
    MainWindow(console::Console& console, const UiOptions& options);
    ~MainWindow() override;

    /// Case does not matter. False if there is no such page.
    bool showPage(const QString& name);
    [[nodiscard]] QString currentPage() const;
    /// Comes to the front with the page of that alert: its notification was clicked. 0: the window alone.
    void showAlert(std::int64_t alert);
    [[nodiscard]] static QStringList pageNames();
    /// The window as it would look in this size, with the newest snapshots; shows nothing on the screen.
    [[nodiscard]] QPixmap render(QSize size);

    [[nodiscard]] CommandPalette& palettePanel() { return *palette_; }
    /// Opens the help at this page; at the subject of the page that is shown if empty. F1.
    void openHelp(const QString& id = {});
    /// Null before it was opened.
    [[nodiscard]] HelpWindow* helpWindow() { return help_; }
    [[nodiscard]] Toast& toast() { return *toast_; }
    [[nodiscard]] NavigationRail& rail() { return *rail_; }
    [[nodiscard]] SnapshotPump& pump() { return pump_; }
    [[nodiscard]] Tray& tray() { return *tray_; }
    [[nodiscard]] Page& page(int index) { return *pages_[static_cast<std::size_t>(index)]; }

Q_SIGNALS:
    /// The operator wants another feed: "demo", "blofin" or "imported". The engines are the listener's to stop and
    /// start.
    void feedWished(const QString& feed);
    void importWished();

protected:
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void moveEvent(QMoveEvent* event) override;
    void closeEvent(QCloseEvent* event) override;

private:
    void buildPages(const PageContext& context);
    void buildBook();
    void buildFrame();
    void buildShortcuts();
    void connectDesk();
    void restyle();
    void goTo(int index);
    void lead(const QString& page, const QString& thing); // to one thing of a page
    void deliver(const Snapshots& snapshots, Changes changes);
    void handle(const console::Event& event);
    void showWaiting();
    void chooseInstruments();
    void readNight();
    [[nodiscard]] bool hasNightNews() const;
    void openPalette();
    [[nodiscard]] std::vector<PaletteEntry> paletteEntries();
    void addDecisions(std::vector<PaletteEntry>& out);
    void addModels(std::vector<PaletteEntry>& out);
    void addHelp(std::vector<PaletteEntry>& out);
    void undoByJournal(const Request& request);
    void pauseEntries();
    void newExperiment();

    console::Console& console_;
    WindowMemory memory_;
    Theme theme_;
    Appearance appearance_;
    CommandDesk desk_;
    Questions questions_;
    SnapshotPump pump_;
    StartTimes startTimes_;
    QTimer second_;
    bool isPainted_ = false; // once at least
    std::vector<Page*> pages_;
    OverviewPage* overview_ = nullptr;
    MarketsPage* markets_ = nullptr;
    StrategiesPage* strategies_ = nullptr;
    ExperimentsPage* experiments_ = nullptr;
    JournalPage* journal_ = nullptr;
    ModelsPage* models_ = nullptr;
    HealthPage* health_ = nullptr;
    ModelBook* book_ = nullptr;
    Tray* tray_ = nullptr;
    QStackedWidget* stack_ = nullptr;
    NavigationRail* rail_ = nullptr;
    TopStrip* top_ = nullptr;
    StatusStrip* status_ = nullptr;
    CommandPalette* palette_ = nullptr;
    Toast* toast_ = nullptr;
    HelpWindow* help_ = nullptr; // made at its first use
};

} // namespace qd::ui
