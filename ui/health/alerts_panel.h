// Health › Alerts: what is open and what was, why and who was busy, with acknowledge, snooze and a test of each
// channel. GUI thread; the page owns it.
#pragma once

#include "ui/page.h"
#include "ui/widgets/table_model.h"

class QMenu;
class QPushButton;
class QToolButton;

namespace qd::ui {

class DataTable;
class TextLabel;

class AlertModel final : public RowModel<health::Alert> {
    Q_OBJECT
public:
    enum ColumnId : int { Opened, What, Why, Busiest, Told, Ended, Severity, State };
    AlertModel(const PageContext& context, QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const health::Alert& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const health::Alert& a, const health::Alert& b) const override { return a.id == b.id; }
    [[nodiscard]] bool isEqual(const health::Alert& a, const health::Alert& b) const override { return a == b; }

private:
    [[nodiscard]] QVariant shown(const health::Alert& row, int column) const;
    [[nodiscard]] QVariant sorted(const health::Alert& row, int column) const;
    const PageContext context_;
};

class AlertsPanel final : public QWidget {
    Q_OBJECT
public:
    explicit AlertsPanel(const PageContext& context, QWidget* parent = nullptr);
    void refresh(const console::HealthSnapshot& health);
    void restyle();
    /// The row of that alert; false if it is not among the newest.
    bool select(std::int64_t id);
    [[nodiscard]] QToolButton* menuButton();
    /// "open: 1 error · 2 warnings", for the card's note.
    [[nodiscard]] QString note() const;

Q_SIGNALS:
    /// A test of the tray's icon: the window owns it.
    void trayTestWished();

private:
    [[nodiscard]] QWidget* buttons();
    void showButtons();
    void acknowledge();
    void snooze(double hours);
    void test(const QString& channel);
    [[nodiscard]] const health::Alert* current() const;

    const PageContext context_;
    std::shared_ptr<const console::AlertsView> view_;
    AlertModel* model_;
    DataTable* table_;
    QPushButton* acknowledge_ = nullptr;
    QPushButton* snooze_ = nullptr;
    QPushButton* test_ = nullptr;
    TextLabel* channels_ = nullptr;
};

/// "desktop", "webhook" … to the operator.
[[nodiscard]] QString channelName(const std::string& channel);
/// How a channel does, in a sentence without its name.
[[nodiscard]] QString channelState(const console::AlertChannelRow& channel, const PageContext& context);

} // namespace qd::ui
