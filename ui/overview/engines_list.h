// The four engines, a line each: what it does right now, its rate as a sparkline, its one figure. GUI thread; parent
// owns.
#pragma once

#include "ui/page.h"

#include <QWidget>

#include <vector>

namespace qd::ui {

class Pill;
class Sparkline;
class TextLabel;

class EnginesList final : public QWidget {
    Q_OBJECT
public:
    explicit EnginesList(const Theme& theme, QWidget* parent = nullptr);
    void refresh(const Snapshots& snapshots, Changes changes);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Line {
        QWidget* box;
        TextLabel* name;
        TextLabel* state;
        TextLabel* text;
        TextLabel* more;
        Sparkline* spark;
        TextLabel* figure;
    };
    [[nodiscard]] Line addLine(const QString& name);
    /// What an engine does right now.
    struct Doing {
        console::EngineState state;
        QString text;
        QString more;
        const console::RateHistory& rate;
        Meaning tone;
        QString figure;
    };
    void fill(const Line& line, const Doing& doing);

    const Theme& theme_;
    Line ingest_;
    Line paper_;
    Line store_;
};

} // namespace qd::ui
