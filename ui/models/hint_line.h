// What models in service say, as a sentence where it is of use: fills beside the fill rates, volatility ahead beside a
// strategy's instruments. Hints, which decide nothing. Asked when it is shown, and once a minute while it is; empty,
// and without height, where no model says anything. GUI thread; owned by the page.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

#include <QWidget>

#include <functional>

namespace qd::ui {

class PatientQuestion;
class TextLabel;

struct HintWords {
    QString sentence; // empty: nobody says anything
    QString all;      // every instrument, a line each
};
/// Of fill_predictor: how likely a limit order at the usual distance fills; likeliest first.
[[nodiscard]] HintWords fillHint(const console::ModelHints& hints);
/// Of volatility_forecaster: where the next hour lies in each instrument's own history; wildest first.
[[nodiscard]] HintWords volatilityHint(const console::ModelHints& hints);

class HintLine final : public QWidget {
    Q_OBJECT
public:
    using Words = std::function<HintWords(const console::ModelHints&)>;
    HintLine(const PageContext& context, Words words, QWidget* parent = nullptr);
    [[nodiscard]] QString sentence() const;

protected:
    void showEvent(QShowEvent* event) override;

private:
    void take(const console::Answer& answer);

    Words words_;
    TextLabel* label_;
    PatientQuestion* question_;
};

} // namespace qd::ui
