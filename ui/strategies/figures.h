// The figures of an evaluation as cells of a table and as blocks of the detail pane: what is printed, its interval, and
// a tooltip with unit, n and, where there is no value, the reason. Pure, but for translation. GUI thread. Source:
// PRODUCT.md, Sharpe, honestly; STATISTICS.md §22.
#pragma once

#include "trading/evaluation.h"
#include "ui/widgets/table_model.h"

#include <QString>

namespace qd::ui {

enum class Figure : std::uint8_t {
    Equity,
    Trades,
    Won,
    Sharpe,
    Deflated,
    ProfitFactor,
    Drawdown,
    Expectancy,
    Null,
    Band,
    Net,
};

/// One figure as it is shown. `sort` is invalid where there is none.
struct ShownFigure {
    QString text;
    QString below;
    QString help;
    QVariant sort;
    Meaning tone = Meaning::Text;
    Meaning belowTone = Meaning::TextFaint;
};

/// Null: not computed yet.
[[nodiscard]] ShownFigure shownFigure(const trading::Evaluation* of, Figure figure);
/// Head and width of its column.
[[nodiscard]] Column columnOf(Figure figure);
/// "best by Sharpe: PBO 0.46, doubtful"; where it is undefined, why.
[[nodiscard]] QString choiceNote(const trading::Choice& choice, const trading::EvaluationLimits& limits);
/// `of`: how many strategies there are, taken or left out.
[[nodiscard]] QString choiceHelp(const trading::Choice& choice, const trading::EvaluationLimits& limits,
                                 std::size_t of);
/// For a model's cell(): every role that a figure has.
[[nodiscard]] QVariant figureCell(const trading::Evaluation* of, Figure figure, int role);
/// "half of the trades ended within 104.6 m": median holding time.
[[nodiscard]] ShownFigure shownHold(const trading::Evaluation* of);
/// "+0.20…+0.41"
[[nodiscard]] QString intervalText(const statistics::Defined<statistics::Interval>& interval, double factor,
                                   int decimals, bool isSigned);

} // namespace qd::ui
