#include "ui/models/hint_line.h"

#include "ui/format.h"
#include "ui/patient_question.h"
#include "ui/widgets/card.h"

#include "learning/labels.h"

#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace qd::ui {

namespace {

constexpr base::Millis patience{60'000};
constexpr std::size_t mostNamed = 4; // the others are in the tooltip

/// "fill_predictor 4"; just the family where it is not among those that were asked.
QString versionOf(const console::ModelHints& hints, learning::Family family)
{
    const auto found =
        std::ranges::find_if(hints.versions, [&](const auto& one) { return one.starts_with(learning::name(family)); });
    return found == hints.versions.end() ? format::text(learning::name(family)) : format::text(*found);
}

struct Said {
    QString instrument;
    double value = 0;
};

/// Of the instruments that the model says something of, highest first.
std::vector<Said> saidOf(const console::ModelHints& hints, std::optional<double> console::InstrumentHint::* what)
{
    std::vector<Said> out;
    for (const auto& row : hints.rows) {
        if (row.*what) {
            out.push_back({format::text(row.name), *(row.*what)});
        }
    }
    std::ranges::stable_sort(out, std::ranges::greater{}, &Said::value);
    return out;
}

/// The first ones in a row, and all of them in lines.
HintWords listed(const std::vector<Said>& said, const std::function<QString(double)>& figure)
{
    QStringList all;
    for (const auto& one : said) {
        all << one.instrument + QLatin1Char(' ') + figure(one.value);
    }
    const auto named = all.mid(0, mostNamed).join(QStringLiteral(", "));
    return {said.size() > mostNamed ? HintLine::tr("%1 and %2 more").arg(named).arg(said.size() - mostNamed) : named,
            all.join(QLatin1Char('\n'))};
}

QString fifth(double percentile)
{
    const auto figure = format::decimal(percentile, 0);
    return percentile >= 80  ? HintLine::tr("%1 (wildest fifth)").arg(figure)
           : percentile < 20 ? HintLine::tr("%1 (calmest fifth)").arg(figure)
                             : figure;
}

} // namespace

HintWords fillHint(const console::ModelHints& hints)
{
    const auto said = saidOf(hints, &console::InstrumentHint::fills);
    if (said.empty()) {
        return {};
    }
    auto words = listed(said, [](double value) { return format::percent(value, 0); });
    words.sentence =
        HintLine::tr("%1 says of a limit order %2 ATR away that it fills within its patience: %3. A hint, "
                     "which decides nothing.")
            .arg(versionOf(hints, learning::Family::Fill), format::decimal(hints.fillDistance, 1), words.sentence);
    return words;
}

HintWords volatilityHint(const console::ModelHints& hints)
{
    const auto said = saidOf(hints, &console::InstrumentHint::volatilityPercentile);
    if (said.empty()) {
        return {};
    }
    auto words = listed(said, fifth);
    words.sentence = HintLine::tr("Volatility of the next hour by %1, percentile of each one's own history: %2. A size "
                                  "that risks the same shrinks as it grows. A hint, which decides nothing.")
                         .arg(versionOf(hints, learning::Family::Volatility), words.sentence);
    return words;
}

HintLine::HintLine(const PageContext& context, Words words, QWidget* parent)
    : QWidget(parent),
      words_(std::move(words)),
      label_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted, {}, this))
{
    label_->setWordWrap(true);
    label_->hide();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(label_);
    question_ = new PatientQuestion(
        context, this, patience, [] { return console::AskModelHints{}; },
        [this](const console::Answer& answer) { take(answer); });
}

QString HintLine::sentence() const
{
    return label_->isHidden() ? QString() : label_->text();
}

void HintLine::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    question_->ask();
}

void HintLine::take(const console::Answer& answer)
{
    question_->renew(); // after its patience, while it is seen
    const auto* hints = std::get_if<console::ModelHints>(&answer.value);
    if (answer.error || hints == nullptr) {
        return; // what was said stays until there is news
    }
    const auto words = words_(*hints);
    label_->show(words.sentence);
    label_->setToolTip(words.all);
    label_->setVisible(!words.sentence.isEmpty());
}

} // namespace qd::ui
