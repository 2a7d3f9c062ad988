// A checklist with figures: each line a mark (tick passed, cross failed, circle waiting), what it is, what it waits
// for, its figure and limit. Lines are updated in place. GUI thread; parent owns.
#pragma once

#include "governance/gates.h"
#include "ui/theme.h"

#include <QWidget>

#include <vector>

class QGridLayout;

namespace qd::ui {

class TextLabel;

struct GateLine {
    governance::GateState state = governance::GateState::Waiting;
    QString title;
    QString note; // a quieter second line; may be empty
    QString figure;
    QString limit; // under the figure
    QString help;
    bool isWarning = false; // the note is one
    friend bool operator==(const GateLine&, const GateLine&) = default;
};

class GateList final : public QWidget {
    Q_OBJECT
public:
    explicit GateList(const Theme& theme, QWidget* parent = nullptr);
    void setLines(const std::vector<GateLine>& lines);
    [[nodiscard]] const std::vector<GateLine>& lines() const { return lines_; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Row {
        QWidget* mark;
        TextLabel* title;
        TextLabel* note;
        TextLabel* figure;
        TextLabel* limit;
    };
    void addRow();
    void fill(const Row& row, const GateLine& line);

    const Theme& theme_;
    QGridLayout* grid_;
    std::vector<Row> rows_;
    std::vector<GateLine> lines_;
};

} // namespace qd::ui
