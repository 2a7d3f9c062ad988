// What is known of a version, told as facts; and of two, side by side. See detail_models.h.
#include "ui/models/detail_models.h"
#include "ui/models/model_words.h"

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

QString figure(double value, int decimals)
{
    return std::isfinite(value) ? format::decimal(value, decimals) : format::undefined();
}

QString plainNumber(double value)
{
    return QString::number(value, 'g', 6);
}

QString shortHash(const std::string& hash)
{
    return hash.empty() ? format::undefined() : format::text(hash.substr(0, 12)) + QStringLiteral("…");
}

class Facts {
public:
    Facts(const console::ModelDetail& detail, base::UtcMs now, format::Zone zone)
        : of_(detail.lineage),
          record_(detail.line.record),
          detail_(detail),
          now_(now),
          zone_(zone)
    {
    }
    std::vector<ModelFact> take() { return std::move(out_); }
    void identity();
    void data();
    void label();
    void parameters();

private:
    void say(const char* group, const QString& name, const QString& value, const QString& help = {})
    {
        out_.push_back({.group = FactsModel::tr(group), .name = name, .value = value, .help = help});
    }
    void hash(const char* group, const QString& name, const std::string& value)
    {
        say(group, name, shortHash(value), format::text(value));
    }
    [[nodiscard]] QString moment(std::int64_t ms) const { return format::moment({ms}, now_, zone_); }

    const learning::Lineage& of_;
    const governance::ModelRecord& record_;
    const console::ModelDetail& detail_;
    const base::UtcMs now_;
    const format::Zone zone_;
    std::vector<ModelFact> out_;
};

void Facts::identity()
{
    const auto tr = [](const char* text) { return FactsModel::tr(text); };
    say("Version", tr("Trained"), moment(record_.trained.value));
    say("Version", tr("Because"), of_.reason.empty() ? format::undefined() : format::text(of_.reason),
        format::text(of_.reason));
    say("Version", tr("Stage"),
        tr("%1 since %2").arg(say::stage(record_.stage), format::moment(record_.stageSince, now_, zone_)));
    say("Version", tr("What became of it"),
        detail_.line.why.empty() ? format::undefined() : format::text(detail_.line.why),
        format::text(detail_.line.why));
    say("Version", tr("Audit"), say::verdict(of_.verdict));
    say("Version", tr("Signal"), of_.hasSignal ? tr("yes") : tr("none found"));
    say("Version", tr("Closed trades that it decided"), format::count(detail_.trades));
    hash("Version", tr("Hash of its bytes"), record_.bytesHash);
    say("Version", tr("Library"), tr("XGBoost %1").arg(format::text(of_.library)));
}

void Facts::data()
{
    const auto tr = [](const char* text) { return FactsModel::tr(text); };
    QStringList instruments;
    for (const auto& name : of_.instruments) {
        instruments << format::text(name);
    }
    say("Data", tr("Features"),
        tr("%1, set %2").arg(format::text(learning::name(of_.source)), format::text(of_.featureSet)));
    hash("Data", tr("Hash of the feature set"), of_.featureHash);
    say("Data", tr("Instruments"),
        tr("%1").arg(instruments.size()) + QStringLiteral(": ") + instruments.join(QStringLiteral(", ")),
        instruments.join(QLatin1Char('\n')));
    say("Data", tr("From"), moment(of_.from), tr("The first row's moment"));
    say("Data", tr("To"), moment(of_.to), tr("The last moment that a label looks at"));
    say("Data", tr("Rows"), format::count(of_.rows));
    const auto& lost = of_.losses;
    for (const auto& [name, count] :
         {std::pair{tr("left out: lack warm-up"), lost.warmUp}, std::pair{tr("left out: touch a gap"), lost.gap},
          std::pair{tr("left out: label crosses a gap"), lost.labelGap},
          std::pair{tr("left out: label beyond the data"), lost.labelEdge},
          std::pair{tr("left out: no label"), lost.undefined}, std::pair{tr("left out: thinned"), lost.thinned}}) {
        say("Data", name, format::count(count));
    }
    hash("Data", tr("Hash of the rows"), of_.dataHash);
}

void Facts::label()
{
    const auto tr = [](const char* text) { return FactsModel::tr(text); };
    const auto& rule = of_.rule;
    say("Label", tr("Horizon"), format::duration(rule.horizon));
    if (rule.family == learning::Family::Gbt5m) {
        say("Label", tr("Stop, target"),
            tr("%1 and %2 ATR(%3)").arg(plainNumber(rule.stopAtr), plainNumber(rule.targetAtr)).arg(rule.atr));
        say("Label", tr("Costs of a round trip"), format::percent(rule.roundTripCost, 2));
    }
    if (!rule.distances.empty()) {
        QStringList distances;
        for (const double distance : rule.distances) {
            distances << plainNumber(distance);
        }
        say("Label", tr("Distances"), tr("%1 ATR").arg(distances.join(QStringLiteral(", "))));
    }
    say("Label", tr("A row every"), rule.stride == 1 ? tr("candle of 5m") : tr("%1 candles of 5m").arg(rule.stride));
    if (!learning::isRegression(rule.family)) {
        say("Label", tr("Threshold"), figure(of_.threshold, 3), tr("It says yes from this probability on"));
    }
}

void Facts::parameters()
{
    const auto tr = [](const char* text) { return FactsModel::tr(text); };
    const auto& p = of_.parameters;
    say("Parameters", tr("Trees"), format::count(of_.trees), tr("Median of what early stopping kept, fold by fold"));
    say("Parameters", tr("Trees at most"), format::count(p.rounds));
    say("Parameters", tr("Depth"), format::count(p.depth));
    say("Parameters", tr("Learning rate"), plainNumber(p.eta));
    say("Parameters", tr("Bins"), format::count(p.bins));
    say("Parameters", QStringLiteral("lambda"), plainNumber(p.lambda));
    say("Parameters", QStringLiteral("alpha"), plainNumber(p.alpha));
    say("Parameters", QStringLiteral("gamma"), plainNumber(p.gamma));
    say("Parameters", tr("Least weight of a child"), plainNumber(p.minChildWeight));
    say("Parameters", tr("Rows a tree"), format::percent(p.subsample, 0));
    say("Parameters", tr("Columns a tree"), format::percent(p.columnSample, 0));
    say("Parameters", tr("Patience"), tr("%1 trees").arg(p.patience));
    say("Parameters", tr("Seed"), QString::number(p.seed));
    say("Parameters", tr("Threads"), QString::number(p.threads));
}

ModelFact beside(const QString& name, double a, double b, int decimals, bool isMoreBetter)
{
    ModelFact out{
        .group = FactsModel::tr("Figures"), .name = name, .value = figure(a, decimals), .other = figure(b, decimals)};
    if (std::isfinite(a) && std::isfinite(b) && out.differs()) {
        out.isBetter = (a > b) == isMoreBetter;
        out.isWorse = !out.isBetter;
    }
    return out;
}

std::vector<ModelFact> figuresBeside(const console::ModelDetail& a, const console::ModelDetail& b)
{
    const auto tr = [](const char* text) { return FactsModel::tr(text); };
    const auto family = a.line.record.name.key.family;
    const auto& x = a.lineage.pooled;
    const auto& y = b.lineage.pooled;
    std::vector<ModelFact> out;
    out.push_back(beside(say::measure(family), x.quality, y.quality, 3, true));
    out.back().help =
        say::quality(family, a.line.record.quality) + QLatin1Char('\n') + say::quality(family, b.line.record.quality);
    const auto interval = [](const learning::KeptScore& s) {
        return figure(s.qualityLow, 3) + QStringLiteral(" … ") + figure(s.qualityHigh, 3);
    };
    out.push_back(
        {.group = tr("Figures"), .name = tr("its interval, 95%"), .value = interval(x), .other = interval(y)});
    out.push_back(beside(tr("Loss (%1)").arg(say::lossOf(family)), x.loss, y.loss, 4, false));
    out.push_back(beside(tr("loss of the majority on the same rows"), x.majorityLoss, y.majorityLoss, 4, false));
    out.back().isBetter = out.back().isWorse = false; // of the rows, not of the model
    if (!learning::isRegression(family)) {
        out.push_back(beside(tr("Accuracy"), x.accuracy, y.accuracy, 3, true));
        out.push_back(beside(tr("Calibration error"), x.calibrationError, y.calibrationError, 3, false));
    }
    out.push_back({.group = tr("Figures"),
                   .name = tr("Test rows"),
                   .value = format::count(x.testRows),
                   .other = format::count(y.testRows)});
    out.push_back({.group = tr("Figures"),
                   .name = tr("Spans calm and storm"),
                   .value = a.lineage.spansRegimes ? tr("yes") : tr("no"),
                   .other = b.lineage.spansRegimes ? tr("yes") : tr("no")});
    return out;
}

} // namespace

std::vector<ModelFact> lineageFacts(const console::ModelDetail& detail, base::UtcMs now, format::Zone zone)
{
    Facts facts(detail, now, zone);
    facts.identity();
    facts.data();
    facts.label();
    facts.parameters();
    return facts.take();
}

std::vector<ModelFact> compared(const console::ModelDetail& a, const console::ModelDetail& b, base::UtcMs now,
                                format::Zone zone)
{
    auto out = figuresBeside(a, b);
    const auto others = lineageFacts(b, now, zone);
    auto facts = lineageFacts(a, now, zone);
    for (auto& fact : facts) {
        const auto found = std::ranges::find_if(
            others, [&](const ModelFact& o) { return o.group == fact.group && o.name == fact.name; });
        fact.other = found == others.end() ? format::undefined() : found->value;
        if (found != others.end() && !found->help.isEmpty() && found->help != fact.help) {
            fact.help += QLatin1Char('\n') + found->help;
        }
        if (fact.differs()) {
            out.push_back(std::move(fact));
        }
    }
    return out;
}

} // namespace qd::ui
