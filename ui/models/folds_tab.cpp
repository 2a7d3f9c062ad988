#include "ui/models/folds_tab.h"

#include "ui/models/model_words.h"
#include "ui/widgets/card.h"
#include "ui/widgets/pill.h"

#include <cmath>

namespace qd::ui {

using Line = FigureChart::Line;

namespace {

Line lineOf(const learning::Lineage& lineage, const QString& name, double learning::KeptScore::* value,
            QColor ChartColors::* color)
{
    Line out{.name = name, .points = {}, .color = color, .isDashed = true};
    for (std::size_t i = 0; i < lineage.folds.size(); ++i) {
        if (const double at = lineage.folds[i].*value; std::isfinite(at)) {
            out.points.push_back({static_cast<double>(i + 1), at});
        }
    }
    return out;
}

QString foldNote(const learning::KeptScore& fold)
{
    return FoldsTab::tr("n %1").arg(format::count(fold.testRows));
}

} // namespace

std::vector<Line> foldLines(const learning::Lineage& lineage, bool ofLoss)
{
    const auto family = lineage.rule.family;
    auto main = ofLoss ? lineOf(lineage, FoldsTab::tr("model"), &learning::KeptScore::loss, &ChartColors::focus)
                       : lineOf(lineage, FoldsTab::tr("model"), &learning::KeptScore::quality, &ChartColors::focus);
    main.isDashed = false;
    main.isMain = true;
    for (auto& point : main.points) {
        const auto& fold = lineage.folds[static_cast<std::size_t>(point.x) - 1];
        point.note = foldNote(fold);
        if (!ofLoss && std::isfinite(fold.qualityLow) && std::isfinite(fold.qualityHigh)) {
            point.interval = Range{fold.qualityLow, fold.qualityHigh};
        }
    }
    if (ofLoss) {
        return {main,
                lineOf(lineage,
                       learning::isRegression(family) ? FoldsTab::tr("always the mean")
                                                      : FoldsTab::tr("always the majority"),
                       &learning::KeptScore::majorityLoss, &ChartColors::textSecond),
                lineOf(lineage, FoldsTab::tr("champion"), &learning::KeptScore::championLoss, &ChartColors::gain)};
    }
    Line chance{.name = learning::isRegression(family) ? FoldsTab::tr("always the mean") : FoldsTab::tr("chance"),
                .points = {},
                .color = &ChartColors::textSecond,
                .isDashed = true};
    for (const auto& point : main.points) {
        chance.points.push_back({point.x, learning::isRegression(family) ? 0 : 0.5});
    }
    return {main, chance,
            lineOf(lineage, FoldsTab::tr("simple rule"), &learning::KeptScore::ownQuality, &ChartColors::second)};
}

std::vector<Line> calibrationLines(const learning::Lineage& lineage)
{
    Line main{.name = FoldsTab::tr("model"), .points = {}, .color = &ChartColors::gain, .isMain = true};
    for (const auto& bin : lineage.calibration) {
        if (bin.count > 0 && std::isfinite(bin.prediction) && std::isfinite(bin.frequency)) {
            main.points.push_back(
                {bin.prediction, bin.frequency, {}, FoldsTab::tr("n %1").arg(format::count(bin.count))});
        }
    }
    if (main.points.empty()) {
        return {};
    }
    Line diagonal{.name = FoldsTab::tr("as said"),
                  .points = {{0, 0}, {1, 1}},
                  .color = &ChartColors::textSecond,
                  .isDashed = true};
    return {main, diagonal};
}

FoldsTab::FoldsTab(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      told_(new TextLabel(context.theme, FontRole::Body, Meaning::Text)),
      foldNote_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      calibrationNote_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted, tr("Calibration"))),
      quality_(new PillButton(context.theme, tr("AUC"), this)),
      loss_(new PillButton(context.theme, tr("Loss"), this)),
      folds_(new FigureChart(this)),
      calibration_(new FigureChart(this))
{
    told_->setWordWrap(true);
    foldNote_->setWordWrap(true);
    calibrationNote_->setWordWrap(true);
    for (auto* button : {quality_, loss_}) {
        button->setCheckable(true);
        connect(button, &QAbstractButton::clicked, this, [this, button] { setOfLoss(button == loss_); });
    }
    quality_->setAccessibleName(tr("Quality by fold"));
    loss_->setAccessibleName(tr("Loss by fold"));
    folds_->setTitle(tr("Walk-forward by fold"));
    calibration_->setTitle(tr("Calibration"));
    calibration_->setBounds(Range{0, 1}, Range{0, 1});
    const auto probability = [](double value) { return format::decimal(value, 2); };
    calibration_->setFormatters(probability, probability,
                                [](double value) { return tr("said %1").arg(format::decimal(value, 3)); });
    auto* left = new QVBoxLayout;
    left->setSpacing(4);
    auto* head = new QHBoxLayout;
    head->setSpacing(6);
    head->addWidget(foldNote_, 1);
    head->addWidget(quality_);
    head->addWidget(loss_);
    left->addLayout(head);
    left->addWidget(folds_, 1);
    auto* right = new QVBoxLayout;
    right->setSpacing(4);
    right->addWidget(calibrationNote_);
    right->addWidget(calibration_, 1);
    auto* charts = new QHBoxLayout;
    charts->setSpacing(16);
    charts->addLayout(left, 57);
    charts->addLayout(right, 43);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(told_);
    layout->addLayout(charts, 1);
    restyle();
}

void FoldsTab::show(const console::ModelDetail& detail, const base::PolicyValues& policy)
{
    const double maxAuc = base::policyValue(policy, "leakage.max_auc");
    detail_ = detail;
    const auto family = detail.lineage.rule.family;
    const auto& record = detail.line.record;
    const auto worth = say::worth(family, record.quality, maxAuc);
    const QString words = say::worthWords(family, worth);
    QString told = say::quality(family, record.quality);
    if (worth == say::Worth::Suspect) {
        told += tr(": %1, as it reaches the limit of %2").arg(words, format::decimal(maxAuc, 2));
    } else if (!words.isEmpty()) {
        told += QStringLiteral(": ") + words;
    } else if (worth == say::Worth::Better) {
        told += learning::isRegression(family) ? tr(": better than the mean") : tr(": better than chance");
    }
    told_->setMeaning(worth == say::Worth::Suspect ? Meaning::Loss : Meaning::Text);
    told_->show(told + QLatin1Char('.'));
    quality_->setText(say::measure(family));
    const bool isRegression = learning::isRegression(family);
    calibration_->setEmptyText(isRegression
                                   ? tr("It says a volatility, not a probability: there is nothing to calibrate.")
                                   : tr("No fold gave probabilities to calibrate."));
    calibration_->setLines(calibrationLines(detail.lineage));
    const double error = detail.lineage.pooled.calibrationError;
    const auto few = [&](const char* name) {
        return static_cast<double>(detail.lineage.pooled.testRows) < base::policyValue(policy, name);
    };
    const bool isGrey = few("show.calibration_grey_rows");
    calibrationNote_->setMeaning(isGrey ? Meaning::TextFaint : Meaning::TextMuted);
    calibrationNote_->setToolTip(
        isGrey ? tr("Grey: of %1 predictions little can be said.").arg(format::count(detail.lineage.pooled.testRows))
               : QString());
    calibrationNote_->show(
        isRegression || !std::isfinite(error) || few("show.calibration_min_rows")
            ? tr("Calibration")
            : tr("Calibration: what it said, what came; mean error %1").arg(format::decimal(error, 3)));
    showFolds();
}

void FoldsTab::setOfLoss(bool ofLoss)
{
    ofLoss_ = ofLoss;
    showFolds();
}

void FoldsTab::showFolds()
{
    quality_->setChecked(!ofLoss_);
    loss_->setChecked(ofLoss_);
    if (!detail_) {
        return;
    }
    const auto& lineage = detail_->lineage;
    const QString what = ofLoss_ ? say::lossOf(lineage.rule.family) : say::measure(lineage.rule.family);
    foldNote_->show(ofLoss_ ? tr("Walk-forward %1 by fold; less is better").arg(what)
                            : tr("Walk-forward %1 by fold, with 95% interval").arg(what));
    std::vector<double> ticks;
    for (std::size_t i = 1; i <= lineage.folds.size(); ++i) {
        ticks.push_back(static_cast<double>(i));
    }
    folds_->setTicks(std::move(ticks));
    folds_->setFormatters(
        [](double x) { return x == 1 ? tr("fold 1") : QString::number(static_cast<int>(std::lround(x))); },
        [](double y) { return format::decimal(y, 3); },
        [folds = lineage.folds, zone = context_.zone](double x) {
            const auto at = static_cast<std::size_t>(std::lround(x));
            if (at < 1 || at > folds.size()) {
                return QString();
            }
            const auto& fold = folds[at - 1];
            return tr("fold %1, %2 to %3").arg(at).arg(format::day({fold.from}, zone), format::day({fold.to}, zone));
        });
    folds_->setEmptyText(tr("No fold had rows enough to judge it by."));
    folds_->setLines(foldLines(lineage, ofLoss_));
}

QString FoldsTab::told() const
{
    return told_->text();
}

void FoldsTab::restyle()
{
    for (auto* chart : {folds_, calibration_}) {
        chart->setColors(chartColors(context_.theme));
    }
    showFolds();
}

} // namespace qd::ui
