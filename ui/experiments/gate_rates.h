// A line that says how often a gate passes a worse, an equal and a better candidate: asks for the simulation and shows
// what came of it. GUI thread; owned by the dialog that must not go on before it is known.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/card.h"

#include <functional>

namespace qd::ui {

class GateRates final : public TextLabel {
    Q_OBJECT
public:
    using Words = std::function<QString(const console::GateSimulation&)>;

    GateRates(const PageContext& context, FontRole role, QWidget* parent = nullptr);
    /// An answer to an earlier question is dropped. `words`: what is said of it; `failure`: of none, %1 is why.
    void ask(const console::AskGateSimulation& query, Words words, const QString& failure);
    /// There is nothing to simulate.
    void giveUp(const QString& why);
    [[nodiscard]] bool isKnown() const { return isKnown_; }

Q_SIGNALS:
    void known();

private:
    void take(const console::Answer& answer, const Words& words, const QString& failure);

    const PageContext context_;
    int generation_ = 0;
    bool isKnown_ = false;
};

} // namespace qd::ui
