// What can be done with an experiment that runs: promote B, keep A, extend, stop. The primary button is what the
// verdict supports; every other asks why. GUI thread; owned by the page.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

#include <QWidget>

class QPushButton;

namespace qd::ui {

struct EndingExperiment {
    std::int64_t id = 0;
    QString subject;
    std::optional<governance::Comparison> comparison; // empty: not known here
    statistics::Verdict verdict = statistics::Verdict::Collecting;
    governance::Advice advice = governance::Advice::Wait;
};
/// Says what will happen and asks why, with the advice's own words where it supports that end; then ends it.
void askToEndExperiment(const PageContext& context, const EndingExperiment& of, console::ExperimentEnd how,
                        QWidget* parent);

class ExperimentActions final : public QWidget {
    Q_OBJECT
public:
    explicit ExperimentActions(const PageContext& context, QWidget* parent = nullptr);
    /// Null: none is chosen.
    void show(const console::ExperimentRow* row);
    using QWidget::show;
    [[nodiscard]] QPushButton* button(console::ExperimentEnd how) const;
    [[nodiscard]] QPushButton* extendButton() { return extend_; }

private:
    void showState();
    void end(console::ExperimentEnd how);
    void extend();

    const PageContext context_;
    std::optional<console::ExperimentRow> row_;
    QPushButton* promote_;
    QPushButton* keep_;
    QPushButton* extend_;
    QPushButton* stop_;
};

} // namespace qd::ui
