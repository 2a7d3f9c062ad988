// Road to live: each candidate with the gates that are not passed, about when, and the next dated events. Asked of the
// query desk when it is shown and something changed, at most twice a minute. GUI thread; owned by Overview.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/card.h"

class QVBoxLayout;

namespace qd::ui {

class PatientQuestion;

class RoadCard final : public Card {
    Q_OBJECT
public:
    explicit RoadCard(const PageContext& context, QWidget* parent = nullptr);

    void refresh(const Snapshots& snapshots);
    /// Null before the first answer.
    [[nodiscard]] const console::Gates* gates() const { return gates_.get(); }

Q_SIGNALS:
    void opened(const QString& page, const QString& thing);
    void gatesChanged();

protected:
    void showEvent(QShowEvent* event) override;

private:
    void take(const console::Answer& answer);
    void rebuild();
    void addStrategy(const console::StrategyGates& row);

    const PageContext context_;
    std::shared_ptr<const console::Gates> gates_;
    QVBoxLayout* lines_;
    PatientQuestion* question_;
    std::string stages_; // of which the newest answer is
    std::shared_ptr<const console::GovernanceSnapshot> governance_;
};

} // namespace qd::ui
