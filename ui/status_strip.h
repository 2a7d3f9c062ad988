// The line under every page: last event, ticks stored, archive size, write lag, next backup. GUI thread; the window
// owns it.
#pragma once

#include "ui/page.h"

#include <QWidget>

namespace qd::ui {

class HistoryLine;
class TextLabel;

class StatusStrip final : public QWidget {
    Q_OBJECT
public:
    explicit StatusStrip(const PageContext& context, QWidget* parent = nullptr);
    void refresh(const Snapshots& snapshots, Changes changes);
    void handle(const console::Event& event, const Snapshots& snapshots);
    [[nodiscard]] QString lastEvent() const;
    [[nodiscard]] QString backup() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void showBackup(const Snapshots& snapshots);
    void tell(base::UtcMs time, const QString& text, const QString& figure, Meaning tone);

    const PageContext context_;
    TextLabel* event_;
    TextLabel* eventFigure_;
    HistoryLine* history_;
    TextLabel* task_;     // of the governor, while one runs
    TextLabel* training_; // of a model, while one runs
    TextLabel* ticks_;
    TextLabel* archive_;
    TextLabel* lag_;
    TextLabel* backup_;
};

/// "ETH-USDT", or "instrument 7" while its name is not known.
[[nodiscard]] QString instrumentName(const Snapshots& snapshots, base::InstrumentId id);
/// Net of a trade as a fraction of its entry's notional; empty while the instrument is not known.
[[nodiscard]] std::optional<double> returnOf(const Snapshots& snapshots, const trading::ClosedTrade& trade);

} // namespace qd::ui
