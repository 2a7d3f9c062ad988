// The gates to `ready`: each passed, failed or waiting with its figure, its limit and about when; deadlocks, health,
// and the sign-offs that a result too good to be true needs. GUI thread; owned by the detail pane.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/gate_list.h"

class QPushButton;

namespace qd::ui {

class TextLabel;

/// Lines of a checklist, as they are shown.
[[nodiscard]] std::vector<GateLine> gateLines(const governance::Checklist& checklist);

class GatesTab final : public QWidget {
    Q_OBJECT
public:
    explicit GatesTab(const PageContext& context, QWidget* parent = nullptr);
    void show(const console::StrategyGates& gates);
    using QWidget::show;
    void clear();
    [[nodiscard]] const GateList& list() const { return *list_; }
    [[nodiscard]] QString title() const;
    [[nodiscard]] QPushButton* signOffButton(console::GoodTest test) const;

private:
    void buildSignOffs();
    void showSignOffs(const console::StrategyGates& gates);
    void signOff(console::GoodTest test);

    struct SignLine {
        console::GoodTest test;
        TextLabel* state;
        QPushButton* button;
    };
    const PageContext context_;
    QString strategy_;
    TextLabel* title_;
    TextLabel* health_;
    TextLabel* deadlocks_;
    GateList* list_;
    QWidget* signs_;
    TextLabel* flags_ = nullptr;
    std::vector<SignLine> lines_;
};

} // namespace qd::ui
