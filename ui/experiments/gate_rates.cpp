#include "ui/experiments/gate_rates.h"

#include "ui/questions.h"

namespace qd::ui {

GateRates::GateRates(const PageContext& context, FontRole role, QWidget* parent)
    : TextLabel(context.theme, role, Meaning::TextMuted, {}, parent),
      context_(context)
{
    setWordWrap(true);
}

void GateRates::ask(const console::AskGateSimulation& query, Words words, const QString& failure)
{
    isKnown_ = false;
    setMeaning(Meaning::TextMuted);
    TextLabel::show(tr("Simulating how often the gate passes…"));
    context_.questions.ask(
        query, this,
        [this, words = std::move(words), failure, generation = ++generation_](const console::Answer& answer) {
            if (generation == generation_) {
                take(answer, words, failure);
            }
        });
}

void GateRates::giveUp(const QString& why)
{
    ++generation_;
    isKnown_ = true;
    TextLabel::show(why);
    Q_EMIT known();
}

void GateRates::take(const console::Answer& answer, const Words& words, const QString& failure)
{
    isKnown_ = true;
    const auto* value = std::get_if<console::GateSimulation>(&answer.value);
    const bool isThere = !answer.error && value != nullptr && !value->rates.empty();
    setMeaning(isThere ? Meaning::TextMuted : Meaning::Warning);
    TextLabel::show(isThere
                        ? words(*value)
                        : failure.arg(answer.error && !answer.error->detail.empty() ? format::text(answer.error->detail)
                                                                                    : tr("too few closed trades")));
    Q_EMIT known();
}

} // namespace qd::ui
