#include "ui/models/model_words.h"

#include <QCoreApplication>

#include <algorithm>

namespace qd::ui::say {

using governance::ModelStage;
using learning::Detector;
using learning::Family;

namespace {

QString tr(const char* source)
{
    return QCoreApplication::translate("models", source);
}

bool isFlag(const learning::AuditFinding& finding)
{
    return finding.level == learning::LeakLevel::Fail || !finding.isRun;
}

} // namespace

QString stage(ModelStage stage)
{
    switch (stage) {
    case ModelStage::Challenger:
        return tr("Challenger");
    case ModelStage::Champion:
        return tr("Champion");
    case ModelStage::Shadow:
        return tr("Shadow");
    case ModelStage::Quarantined:
        return tr("Quarantined");
    case ModelStage::Retired:
        return tr("Retired");
    }
    return {};
}

Meaning tone(ModelStage stage)
{
    switch (stage) {
    case ModelStage::Challenger:
        return Meaning::Focus;
    case ModelStage::Champion:
        return Meaning::Gain;
    case ModelStage::Quarantined:
        return Meaning::Loss;
    case ModelStage::Retired:
        return Meaning::TextFaint;
    case ModelStage::Shadow:
        break;
    }
    return Meaning::TextMuted;
}

QString measure(Family family)
{
    return learning::isRegression(family) ? tr("R²") : tr("AUC");
}

QString lossOf(Family family)
{
    return learning::isRegression(family) ? tr("squared error") : tr("log loss");
}

Worth worth(Family family, const statistics::Estimate& quality, double maxAuc)
{
    const bool isRegression = learning::isRegression(family);
    if (!quality.value) {
        return Worth::Undefined;
    }
    if (!isRegression && *quality.value >= maxAuc) {
        return Worth::Suspect;
    }
    return quality.interval && quality.interval->lower > (isRegression ? 0 : 0.5) ? Worth::Better : Worth::Chance;
}

QString worthWords(Family family, Worth worth)
{
    switch (worth) {
    case Worth::Undefined:
    case Worth::Better:
        break;
    case Worth::Chance:
        return learning::isRegression(family) ? tr("no better than the mean") : tr("no better than chance");
    case Worth::Suspect:
        return tr("suspected leak");
    }
    return {};
}

Meaning tone(Worth worth)
{
    return worth == Worth::Suspect ? Meaning::Loss : worth == Worth::Better ? Meaning::Text : Meaning::TextMuted;
}

QString quality(Family family, const statistics::Estimate& quality)
{
    if (!quality.value) {
        return tr("%1 undefined: %2").arg(measure(family), format::text(statistics::sentence(quality.value.error())));
    }
    QString out = measure(family) + QLatin1Char(' ') + format::decimal(*quality.value, 3);
    if (quality.interval) {
        out += tr(" (95%: %1 to %2)")
                   .arg(format::decimal(quality.interval->lower, 3), format::decimal(quality.interval->upper, 3));
    }
    return out + tr(", n %1").arg(format::count(quality.n));
}

QString detector(Detector detector)
{
    switch (detector) {
    case Detector::SingleFeature:
        return tr("No single feature tells it all");
    case Detector::FutureShift:
        return tr("Features tell as much a bar earlier");
    case Detector::Truncation:
        return tr("Features unchanged on a shorter history");
    case Detector::Permutation:
        return tr("Permuted labels teach nothing");
    case Detector::Overlap:
        return tr("No row in both train and test");
    case Detector::TooGood:
        return tr("Not too good to be true");
    }
    return {};
}

QString verdict(learning::AuditVerdict verdict)
{
    switch (verdict) {
    case learning::AuditVerdict::Clean:
        return tr("Clean");
    case learning::AuditVerdict::WantsSignature:
        return tr("Wants a signature");
    case learning::AuditVerdict::Quarantined:
        return tr("Quarantined");
    }
    return {};
}

std::vector<GateLine> auditLines(const console::ModelDetail& detail)
{
    const bool isHopeless = !neverSigned(detail).empty();
    std::vector<GateLine> out;
    for (const auto& finding : detail.lineage.audit) {
        const bool isSigned = detail.line.record.signedOff.contains(finding.detector);
        const bool isWarning = finding.level == learning::LeakLevel::Warn;
        GateLine line;
        line.state = isFlag(finding) ? governance::GateState::Failed
                     : isWarning     ? governance::GateState::Waiting
                                     : governance::GateState::Passed;
        line.title = say::detector(finding.detector);
        line.note = format::text(finding.evidence);
        line.isWarning = isWarning;
        line.figure = !finding.isRun    ? tr("not run")
                      : isFlag(finding) ? tr("fails")
                      : isWarning       ? tr("warns")
                                        : tr("ok");
        line.limit = !isFlag(finding)                          ? QString()
                     : isSigned                                ? tr("signed off")
                     : finding.canBeSignedOff && finding.isRun ? (isHopeless ? QString() : tr("wants a signature"))
                                                               : tr("never signed off");
        line.help = format::text(finding.evidence);
        out.push_back(std::move(line));
    }
    return out;
}

std::vector<Detector> neverSigned(const console::ModelDetail& detail)
{
    std::vector<Detector> out;
    for (const auto& finding : detail.lineage.audit) {
        if (isFlag(finding) && !(finding.canBeSignedOff && finding.isRun)) {
            out.push_back(finding.detector);
        }
    }
    return out;
}

std::vector<Detector> toSignOff(const console::ModelDetail& detail)
{
    std::vector<Detector> out;
    if (!neverSigned(detail).empty()) {
        return out;
    }
    for (const auto& finding : detail.lineage.audit) {
        if (isFlag(finding) && finding.canBeSignedOff && finding.isRun &&
            !detail.line.record.signedOff.contains(finding.detector)) {
            out.push_back(finding.detector);
        }
    }
    return out;
}

QString level(learning::DriftLevel level)
{
    switch (level) {
    case learning::DriftLevel::Unknown:
        return tr("Unknown");
    case learning::DriftLevel::Stable:
        return tr("Stable");
    case learning::DriftLevel::Watch:
        return tr("Watch");
    case learning::DriftLevel::Drift:
        return tr("Drift");
    }
    return {};
}

Meaning tone(learning::DriftLevel level)
{
    switch (level) {
    case learning::DriftLevel::Stable:
        return Meaning::Gain;
    case learning::DriftLevel::Watch:
        return Meaning::Warning;
    case learning::DriftLevel::Drift:
        return Meaning::Loss;
    case learning::DriftLevel::Unknown:
        break;
    }
    return Meaning::TextFaint;
}

QString step(const console::RetrainProgress& progress)
{
    return progress.phase == "fold" && progress.folds > 0 ? tr("fold %1 of %2").arg(progress.fold).arg(progress.folds)
                                                          : format::text(progress.phase);
}

QString details(const console::RetrainProgress& progress)
{
    QStringList out;
    if (!progress.waits.empty()) {
        out << tr("waits: %1").arg(format::text(progress.waits));
    }
    if (progress.trees > 0) {
        out << tr("%1 of %2 trees").arg(format::count(progress.tree), format::count(progress.trees));
    }
    if (progress.loss) {
        out << tr("loss %1").arg(format::decimal(*progress.loss, 4));
    }
    if (progress.left && progress.waits.empty()) {
        out << tr("%1 left").arg(format::duration(*progress.left));
    }
    return out.join(QStringLiteral(" · "));
}

Meaning tone(const console::RetrainOutcome& outcome)
{
    return outcome.what.ends_with("challenger") || outcome.what == "first champion" ? Meaning::Gain
           : outcome.what == "quarantined"                                          ? Meaning::Warning
           : outcome.isFailure && outcome.what != "cancelled"                       ? Meaning::Loss
                                                                                    : Meaning::TextMuted;
}

QString due(const governance::RetrainDue& due)
{
    const QString why = format::text(due.why);
    return due.isDue ? (why.isEmpty() ? tr("a training is due") : tr("due: %1").arg(why)) : why;
}

} // namespace qd::ui::say
