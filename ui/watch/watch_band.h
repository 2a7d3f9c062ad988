// What a window that watches says over everything: who owns the data, that nothing can be changed here, and, where no
// answer comes, since when, why and what to do. Words are pure functions of what was seen; the band shows them. GUI
// thread.
#pragma once

#include "console/watched.h"
#include "ui/format.h"
#include "ui/theme.h"

#include <QWidget>

class QPushButton;

namespace qd::ui {

class TextLabel;

struct WatchWords {
    QString what; // one sentence or two
    QString toDo; // empty while all is well
    QString button;
    bool isAlarm = false; // no answer: what is shown is of before
    bool operator==(const WatchWords&) const = default;
};

/// An answer that is older than 4.5 s is told, whatever the watching thread says.
[[nodiscard]] WatchWords watchWords(const console::WatchSnapshot& seen, console::WatchSnapshot::Time now,
                                    base::UtcMs wallClock, format::Zone zone);

class WatchBand final : public QWidget {
    Q_OBJECT
public:
    explicit WatchBand(const Theme& theme, QWidget* parent = nullptr);
    void tell(const WatchWords& words);
    [[nodiscard]] const WatchWords& words() const { return words_; }
    [[nodiscard]] QPushButton* button() { return button_; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& theme_;
    WatchWords words_;
    TextLabel* what_;
    TextLabel* toDo_;
    QPushButton* button_;
};

} // namespace qd::ui
