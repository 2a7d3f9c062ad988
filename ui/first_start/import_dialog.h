// Asks for a file of recorded trades or candles and shows its import with progress and cancel. The work itself is the
// caller's `run`, done on a thread of the dialog's; the dialog closes only when that thread has ended. GUI thread.
#pragma once

#include "base/error.h"
#include "ui/theme.h"

#include <QDialog>

#include <functional>
#include <optional>
#include <stop_token>
#include <thread>

class QComboBox;
class QLineEdit;
class QPushButton;

namespace qd::ui {

class ProgressCard;
class TextLabel;

struct ImportWish {
    QString file;
    QString instrument; // "LTC-USDT"
    QString timeframe;  // of candles; empty for trades
    bool inContracts = false;
};

/// "trades_binance-spot_LTCUSDT_2025.csv.gz" → "LTC-USDT"; empty where no such name stands in it. Pure.
[[nodiscard]] QString instrumentInFileName(const QString& file);

class ImportDialog final : public QDialog {
    Q_OBJECT
public:
    /// Runs on a thread of its own; answers the sentence to show when done.
    using Run = std::function<base::Result<QString>(const ImportWish&, const std::function<void(double)>& progress,
                                                    const std::stop_token& stop)>;
    explicit ImportDialog(Run run, QWidget* parent = nullptr);
    ~ImportDialog() override;
    void setFile(const QString& file);
    [[nodiscard]] ImportWish wish() const;

protected:
    void paintEvent(QPaintEvent* event) override;
    void reject() override;

private:
    void browse();
    void begin();
    void end(const base::Result<QString>& result);
    void allow();

    Theme theme_;
    Run run_;
    QLineEdit* file_;
    QLineEdit* instrument_;
    QComboBox* kind_;
    QComboBox* sizes_;
    QPushButton* start_;
    ProgressCard* progress_;
    TextLabel* told_;
    std::optional<std::jthread> thread_;
};

} // namespace qd::ui
