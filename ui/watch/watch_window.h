// The window of one who only watches: another console owns the data, and what is shown is what its HTTP API answers,
// by console::Watched. A band says so over everything, and in red within 5 s when the answers end. GUI thread; made and
// ended by app.
#pragma once

#include "console/watched.h"
#include "ui/settings/appearance.h"
#include "ui/window_memory.h"

#include <QPixmap>
#include <QTimer>
#include <QWidget>

#include <optional>

class QStackedWidget;

namespace qd::ui {

class HelpWindow;
class NavigationRail;
class Pill;
class TextLabel;
class WatchBand;
class WatchPane;

struct WatchOptions {
    QString lookFile;          // of the console's own window: its theme and zone are taken over, nothing is written
    QString settingsFile;      // what this window remembers; empty: nothing
    QString page;              // empty: the one of last time
    std::optional<Mode> theme; // given, it is not remembered
    QSize size;                // empty: the remembered one
};

class WatchWindow final : public QWidget {
    Q_OBJECT
public:
    WatchWindow(console::Watched& watched, const WatchOptions& options);
    ~WatchWindow() override;

    /// Case does not matter. False if there is no such page.
    bool showPage(const QString& name);
    [[nodiscard]] static QStringList pageNames();
    [[nodiscard]] WatchBand& band() { return *band_; }
    [[nodiscard]] NavigationRail& rail() { return *rail_; }
    [[nodiscard]] WatchPane& pane(int index) { return *panes_[static_cast<std::size_t>(index)]; }
    [[nodiscard]] Pill* enginesPill() { return engines_; }
    [[nodiscard]] Pill* feedPill() { return feed_; }
    /// Looks at what the watching thread has seen; by itself every quarter of a second.
    void look();

Q_SIGNALS:
    void takeOverWished();
    /// The operator has closed it.
    void closed();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void moveEvent(QMoveEvent* event) override;
    void closeEvent(QCloseEvent* event) override;

private:
    [[nodiscard]] QWidget* buildHead();
    void buildPages();
    void buildShortcuts();
    void restyle();
    void goTo(int index);
    void want();
    void give();
    void showHead();

    console::Watched& watched_;
    WindowMemory look_;
    WindowMemory memory_;
    Theme theme_;
    Appearance appearance_;
    QTimer timer_;
    std::shared_ptr<const console::WatchSnapshot> seen_;
    bool isSilent_ = false;
    WatchBand* band_ = nullptr;
    Pill* feed_ = nullptr;
    Pill* engines_ = nullptr;
    Pill* equity_ = nullptr;
    Pill* health_ = nullptr;
    TextLabel* answered_ = nullptr;
    NavigationRail* rail_ = nullptr;
    QStackedWidget* stack_ = nullptr;
    std::vector<WatchPane*> panes_;
    HelpWindow* help_ = nullptr; // made at its first use
};

} // namespace qd::ui
