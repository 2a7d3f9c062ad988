// Before values of the policy are saved: what changes, which deadlocks come of it at the present rate of trades, and,
// where the rules of experiments change, how often their gate passes a worse, an equal and a better candidate. Then a
// reason. GUI thread; deletes itself when it is closed.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

#include <QDialog>

class QLineEdit;
class QPushButton;

namespace qd::ui {

class GateRates;
class TextLabel;

class PolicySaveDialog final : public QDialog {
    Q_OBJECT
public:
    /// `edited`: legal values by name.
    PolicySaveDialog(const PageContext& context, const console::PolicyView& view, const console::PaperSnapshot& paper,
                     std::map<std::string, std::string> edited, QWidget* parent);
    [[nodiscard]] QString deadlockText() const;
    [[nodiscard]] QString gateText() const;
    [[nodiscard]] QPushButton* saveButton() { return go_; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void takeRates(const console::Answer& answer);
    void simulate(const std::string& strategy);
    void showState();
    void save();

    const PageContext context_;
    const std::map<std::string, std::string> edited_;
    base::PolicyValues before_;
    base::PolicyValues after_;
    std::optional<base::UtcMs> since_;
    const bool isOfExperiments_;
    TextLabel* deadlocks_;
    GateRates* gate_;
    QLineEdit* reason_;
    QPushButton* go_;
};

/// Deadlocks that the values bring and that were none before, by strategy; `tradesPerDay` of each.
[[nodiscard]] QStringList newDeadlocks(const std::map<std::string, double>& tradesPerDay,
                                       const base::PolicyValues& before, const base::PolicyValues& after);

} // namespace qd::ui
