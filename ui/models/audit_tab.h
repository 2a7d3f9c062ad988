// The leakage audit of a version: six detectors, each with its mark, its evidence and how it stands with signatures;
// flags that may be signed off have a button. GUI thread; owned by the detail.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/gate_list.h"

#include <QWidget>

class QPushButton;
class QVBoxLayout;

namespace qd::ui {

class TextLabel;

class AuditTab final : public QWidget {
    Q_OBJECT
public:
    explicit AuditTab(const PageContext& context, QWidget* parent = nullptr);
    void show(const console::ModelDetail& detail);
    using QWidget::show;
    [[nodiscard]] const GateList& list() const { return *list_; }
    [[nodiscard]] QString told() const;
    /// Null where that flag cannot be signed off, or is already.
    [[nodiscard]] QPushButton* signOffButton(learning::Detector detector) const;

private:
    void showButtons();
    void signOff(learning::Detector detector);

    const PageContext context_;
    std::optional<console::ModelDetail> detail_;
    TextLabel* verdict_;
    GateList* list_;
    TextLabel* never_;
    QWidget* box_;
    QVBoxLayout* lines_;
    std::vector<std::pair<learning::Detector, QPushButton*>> buttons_;
};

} // namespace qd::ui
