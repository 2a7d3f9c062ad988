// Which closed trades are asked for: strategy, instrument, result, reason, time, shadow. Remembers its choice; what is
// remembered holds before its list has come. GUI thread; owned by its card. Days are those of display.zone.
#pragma once

#include "ui/execution/instrument_book.h"

#include <QWidget>

class QComboBox;
class QDateEdit;

namespace qd::ui {

class PillButton;

class TradeFilterBar final : public QWidget {
    Q_OBJECT
public:
    TradeFilterBar(const PageContext& context, const InstrumentBook& book, QWidget* parent);

    void setStrategies(const QStringList& names);
    void showInstruments();
    [[nodiscard]] trading::TradeFilter filter() const;
    /// In words: "breakout, lost, by stop"; empty where all trades pass.
    [[nodiscard]] QString words() const;
    void choose(const QString& strategy, const QString& instrument);
    void clear();
    void focus();

Q_SIGNALS:
    void changed();

private:
    QComboBox* addChoice(const QString& name, const QString& key, const QStringList& texts);
    QDateEdit* addDay(const QString& name, const QString& key);
    void chosen();
    void showPeriod();
    [[nodiscard]] base::UtcMs startOf(const QDateEdit* day, int later) const;

    const PageContext context_;
    const InstrumentBook& book_;
    QComboBox* strategy_;
    QComboBox* instrument_;
    QComboBox* result_;
    QComboBox* reason_;
    QComboBox* period_;
    QDateEdit* from_;
    QDateEdit* to_;
    PillButton* shadow_;
    PillButton* clear_;
    bool isFilling_ = false;
};

} // namespace qd::ui
