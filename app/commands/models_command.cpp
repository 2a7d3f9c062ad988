#include "app/commands/decisions.h"
#include "engines/model_queries.h"
#include "engines/whole_file.h"
#include "storage/model_store.h"

#include <QJsonArray>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>

namespace qd::app {

namespace {

using base::ErrorCode;
using base::Result;
using console::ModelDetail;
using console::ModelLine;
using governance::ModelStage;

QJsonValue jsonOf(const std::optional<double>& value)
{
    return value && std::isfinite(*value) ? QJsonValue(*value) : QJsonValue();
}

std::optional<double> numberOf(const statistics::Measure& measure)
{
    return measure ? std::optional(*measure) : std::nullopt;
}

std::string nameOf(const ModelLine& line)
{
    return governance::versionName(line.record.name.key, line.record.name.number);
}

std::string flagsText(const governance::ModelRecord& record)
{
    std::string out;
    for (const auto flag : record.flags) {
        out.append(out.empty() ? "" : ", ").append(learning::name(flag));
        out.append(record.signedOff.contains(flag)  ? " (signed off)"
                   : record.signable.contains(flag) ? " (wants a signature)"
                                                    : " (never)");
    }
    return out;
}

std::string notesOf(const ModelLine& line)
{
    std::string out = flagsText(line.record);
    const auto add = [&](std::string_view note) { out.append(out.empty() ? "" : "; ").append(note); };
    if (line.isExpired) {
        add("expired");
    }
    if (!line.record.spansRegimes) {
        add("regime-limited");
    }
    return out;
}

std::string qualityText(const statistics::Estimate& quality)
{
    std::array<char, 64> out{};
    if (!quality.value) {
        return "-";
    }
    if (quality.interval) {
        std::snprintf(out.data(), out.size(), "%.3f [%.3f, %.3f]", *quality.value, quality.interval->lower,
                      quality.interval->upper);
    } else {
        std::snprintf(out.data(), out.size(), "%.3f", *quality.value);
    }
    return out.data();
}

std::string dayText(base::UtcMs time)
{
    return base::isoText(time).substr(0, 10);
}

QJsonObject jsonOf(const ModelLine& line)
{
    const auto& record = line.record;
    QJsonArray flags;
    for (const auto flag : record.flags) {
        flags.append(QJsonObject{{QStringLiteral("detector"), jsonText(learning::name(flag))},
                                 {QStringLiteral("signable"), record.signable.contains(flag)},
                                 {QStringLiteral("signed_off"), record.signedOff.contains(flag)}});
    }
    const auto& interval = record.quality.interval;
    return {{QStringLiteral("version"), jsonText(nameOf(line))},
            {QStringLiteral("model"), jsonText(governance::text(record.name.key))},
            {QStringLiteral("stage"), jsonText(governance::name(record.stage))},
            {QStringLiteral("stage_since"), jsonText(base::isoText(record.stageSince))},
            {QStringLiteral("trained"), jsonText(base::isoText(record.trained))},
            {QStringLiteral("knows"), jsonText(base::isoText(record.knows))},
            {QStringLiteral("quality"), jsonOf(numberOf(record.quality.value))},
            {QStringLiteral("low"), jsonOf(interval ? std::optional(interval->lower) : std::nullopt)},
            {QStringLiteral("high"), jsonOf(interval ? std::optional(interval->upper) : std::nullopt)},
            {QStringLiteral("rows"), static_cast<qint64>(record.rows)},
            {QStringLiteral("verdict"), jsonText(learning::name(record.verdict))},
            {QStringLiteral("flags"), flags},
            {QStringLiteral("spans_regimes"), record.spansRegimes},
            {QStringLiteral("expired"), line.isExpired},
            {QStringLiteral("features"), jsonText(record.featureSet)},
            {QStringLiteral("bytes_hash"), jsonText(record.bytesHash)},
            {QStringLiteral("why"), jsonText(line.why)}};
}

QJsonObject jsonOf(const ModelDetail& model)
{
    auto out = jsonOf(model.line);
    QJsonArray importance;
    for (const auto& feature : model.importance) {
        importance.append(QJsonObject{{QStringLiteral("feature"), jsonText(feature.feature)},
                                      {QStringLiteral("meaning"), jsonText(feature.meaning)},
                                      {QStringLiteral("share"), feature.gain}});
    }
    QJsonArray drift;
    for (const auto& feature : model.drift) {
        drift.append(QJsonObject{{QStringLiteral("feature"), jsonText(feature.feature)},
                                 {QStringLiteral("psi"), jsonOf(feature.psi)},
                                 {QStringLiteral("ks"), jsonOf(feature.ks)},
                                 {QStringLiteral("level"), jsonText(storage::word(feature.level))}});
    }
    QJsonArray shadow;
    for (const auto& day : model.shadow) {
        shadow.append(QJsonObject{{QStringLiteral("day"), jsonText(dayText(day.day))},
                                  {QStringLiteral("rows"), static_cast<qint64>(day.rows)},
                                  {QStringLiteral("loss"), day.loss},
                                  {QStringLiteral("champion"), jsonOf(day.champion)}});
    }
    QJsonArray audit;
    for (const auto& finding : model.lineage.audit) {
        audit.append(QJsonObject{{QStringLiteral("detector"), jsonText(learning::name(finding.detector))},
                                 {QStringLiteral("level"), jsonText(learning::name(finding.level))},
                                 {QStringLiteral("evidence"), jsonText(finding.evidence)}});
    }
    out[QStringLiteral("library")] = jsonText(model.lineage.library);
    out[QStringLiteral("data_hash")] = jsonText(model.lineage.dataHash);
    out[QStringLiteral("reason")] = jsonText(model.lineage.reason);
    out[QStringLiteral("threshold")] = model.lineage.threshold;
    out[QStringLiteral("trees")] = static_cast<qint64>(model.lineage.trees);
    out[QStringLiteral("from")] = jsonText(base::isoText({model.lineage.from}));
    out[QStringLiteral("to")] = jsonText(base::isoText({model.lineage.to}));
    out[QStringLiteral("trades")] = static_cast<qint64>(model.trades);
    out[QStringLiteral("audit")] = audit;
    out[QStringLiteral("importance")] = importance;
    out[QStringLiteral("drift")] = drift;
    out[QStringLiteral("shadow")] = shadow;
    return out;
}

void printLine(const ModelLine& line)
{
    const auto& record = line.record;
    std::printf("  %-38s %-11s since %s  %-22s %9llu rows  %s\n", nameOf(line).c_str(),
                std::string(governance::name(record.stage)).c_str(), dayText(record.stageSince).c_str(),
                qualityText(record.quality).c_str(), static_cast<unsigned long long>(record.rows),
                notesOf(line).c_str());
}

void printModels(const console::Models& models)
{
    for (const auto& family : models.families) {
        std::printf("%s%s\n  %s\n  training: %s%s\n", governance::text(family.key).c_str(),
                    family.hasConverged ? " (converged)" : "", family.purpose.c_str(), family.due.isDue ? "due: " : "",
                    family.due.why.c_str());
        for (const auto& line : models.rows) {
            if (line.record.name.key == family.key) {
                printLine(line);
            }
        }
    }
    const auto isStray = [&](const ModelLine& line) {
        return std::ranges::find(models.families, line.record.name.key, &console::ModelFamily::key) ==
               models.families.end();
    };
    if (std::ranges::any_of(models.rows, isStray)) {
        std::printf("of instruments that are no more\n");
        for (const auto& line : models.rows) {
            if (isStray(line)) {
                printLine(line);
            }
        }
    }
}

void printWhole(const ModelDetail& model)
{
    const auto& lineage = model.lineage;
    printLine(model.line);
    std::printf("  %s\n", model.line.why.c_str());
    std::printf("  trained on %llu rows, %s to %s, features %s, %u trees, XGBoost %s\n  because %s\n",
                static_cast<unsigned long long>(lineage.rows), dayText({lineage.from}).c_str(),
                dayText({lineage.to}).c_str(), lineage.featureSet.c_str(), lineage.trees, lineage.library.c_str(),
                lineage.reason.c_str());
    std::printf("  %llu closed trades were decided by it; %zu days in shadow\n",
                static_cast<unsigned long long>(model.trades), model.shadow.size());
    for (const auto& finding : lineage.audit) {
        std::printf("  audit %-15s %-5s %s\n", std::string(learning::name(finding.detector)).c_str(),
                    std::string(learning::name(finding.level)).c_str(), finding.evidence.c_str());
    }
    constexpr std::size_t shown = 10;
    for (std::size_t i = 0; i < std::min(shown, model.importance.size()); ++i) {
        const auto& feature = model.importance[i];
        std::printf("  %5.1f%%  %-26s %s\n", 100 * feature.gain, feature.feature.c_str(), feature.meaning.c_str());
    }
    for (std::size_t i = 0; i < std::min(shown, model.drift.size()); ++i) {
        const auto& feature = model.drift[i];
        std::printf("  drift  %-26s PSI %.3f  %s\n", feature.feature.c_str(), feature.psi.value_or(NAN),
                    std::string(storage::word(feature.level)).c_str());
    }
}

void printBeside(const ModelDetail& a, const ModelDetail& b)
{
    const auto row = [](const char* what, const std::string& left, const std::string& right) {
        std::printf("  %-22s %-34s %s\n", what, left.c_str(), right.c_str());
    };
    const auto each = [&](const char* what, auto of) { row(what, of(a), of(b)); };
    const auto number = [](double value) {
        std::array<char, 32> out{};
        std::snprintf(out.data(), out.size(), std::isfinite(value) ? "%.4f" : "-", value);
        return std::string(out.data());
    };
    const auto shadowLoss = [&](const ModelDetail& m) {
        double rows = 0;
        double loss = 0;
        for (const auto& day : m.shadow) {
            rows += static_cast<double>(day.rows);
            loss += day.loss * static_cast<double>(day.rows);
        }
        return rows > 0 ? number(loss / rows) + " on " + std::to_string(static_cast<long long>(rows)) + " rows"
                        : std::string("-");
    };
    each("version", [](const ModelDetail& m) { return nameOf(m.line); });
    each("stage", [](const ModelDetail& m) { return std::string(governance::name(m.line.record.stage)); });
    each("trained", [](const ModelDetail& m) { return dayText(m.line.record.trained); });
    each("rows", [](const ModelDetail& m) { return std::to_string(m.lineage.rows); });
    each("from", [](const ModelDetail& m) { return dayText({m.lineage.from}); });
    each("to", [](const ModelDetail& m) { return dayText({m.lineage.to}); });
    each("features", [](const ModelDetail& m) { return m.lineage.featureSet; });
    each("trees", [](const ModelDetail& m) { return std::to_string(m.lineage.trees); });
    each("quality", [](const ModelDetail& m) { return qualityText(m.line.record.quality); });
    each("loss", [&](const ModelDetail& m) { return number(m.lineage.pooled.loss); });
    each("loss of majority", [&](const ModelDetail& m) { return number(m.lineage.pooled.majorityLoss); });
    each("calibration error", [&](const ModelDetail& m) { return number(m.lineage.pooled.calibrationError); });
    each("threshold", [&](const ModelDetail& m) { return number(m.lineage.threshold); });
    each("audit", [](const ModelDetail& m) { return std::string(learning::name(m.line.record.verdict)); });
    each("notes", [](const ModelDetail& m) { return notesOf(m.line); });
    each("loss in shadow", shadowLoss);
    each("trades", [](const ModelDetail& m) { return std::to_string(m.trades); });
}

/// Takes "gbt_5m 12", given as one word or as two, off the front.
Result<std::string> takeVersion(QStringList& words)
{
    if (words.isEmpty()) {
        return base::fail(ErrorCode::Malformed, "models", "a version is wanted, such as: gbt_5m 12");
    }
    auto text = words.takeFirst();
    if (!text.contains(QLatin1Char(' ')) && !words.isEmpty()) {
        text += QLatin1Char(' ') + words.takeFirst();
    }
    const auto name = governance::versionOf(text.toStdString());
    return name ? Result<std::string>(text.toStdString()) : std::unexpected(name.error());
}

/// What the words ask for.
struct Asked {
    std::string verb;
    std::vector<std::string> versions;
    std::optional<learning::Detector> detector;
    std::filesystem::path file;
};

Result<Asked> askedOf(QStringList words)
{
    Asked out{.verb = words.isEmpty() ? "list" : words.takeFirst().toStdString()};
    const std::size_t wanted = out.verb == "compare" ? 2 : out.verb == "list" || out.verb == "import" ? 0 : 1;
    constexpr std::array verbs{"list", "show", "compare", "promote", "retire", "sign-off", "export", "import"};
    if (std::ranges::find(verbs, out.verb) == verbs.end()) {
        return base::fail(ErrorCode::Malformed, "models",
                          "wants list, show, compare, promote, retire, sign-off, export or import");
    }
    while (out.versions.size() < wanted) {
        auto version = takeVersion(words);
        if (!version) {
            return std::unexpected(version.error());
        }
        out.versions.push_back(std::move(*version));
    }
    if (out.verb == "sign-off") {
        const auto detector = governance::detectorOf(words.join(QLatin1Char(' ')).toStdString());
        if (!detector) {
            return base::fail(ErrorCode::Malformed, "models",
                              "sign-off wants a detector: single feature, future shift, permutation or too good");
        }
        out.detector = *detector;
        words.clear();
    } else if (out.verb == "export" || out.verb == "import") {
        if (words.isEmpty()) {
            return base::fail(ErrorCode::Malformed, "models", out.verb + " wants a file");
        }
        out.file = words.takeFirst().toStdString();
    }
    if (!words.isEmpty()) {
        return base::fail(ErrorCode::Malformed, "models",
                          out.verb + " does not know what to do with '" + words.front().toStdString() + "'");
    }
    return out;
}

Result<std::string> bytesOf(const std::filesystem::path& file)
{
    auto out = engines::wholeFile(file);
    return out ? Result<std::string>(std::move(*out))
               : base::fail(ErrorCode::NotFound, file.string(), "it cannot be read");
}

/// Whole or not at all: a file that is there already is not written over.
Result<void> writeBytes(const std::filesystem::path& file, const std::string& bytes)
{
    if (std::filesystem::exists(file)) {
        return base::fail(ErrorCode::AlreadyExists, file.string(), "it is there already; name another file");
    }
    auto part = file;
    part += ".part";
    std::ofstream out(part, std::ios::binary);
    out << bytes;
    out.close();
    std::error_code failed;
    if (out) {
        std::filesystem::rename(part, file, failed);
    }
    if (!out || failed) {
        std::error_code ignored;
        std::filesystem::remove(part, ignored);
        return base::fail(ErrorCode::Io, file.string(), "it cannot be written");
    }
    return {};
}

int look(const Arguments& given, const Asked& asked, const Decisions& decisions)
{
    const auto policy = base::defaultPaperPolicy();
    const engines::DeskContext context{.database = *decisions.database,
                                       .policy = policy,
                                       .clock = decisions.clock,
                                       .stop = {},
                                       .progress = [](double, const std::string&) {}};
    if (asked.verb == "list") {
        const auto models = engines::modelAnswer(context, console::AskModels{});
        if (!models) {
            return report(models.error());
        }
        if (!given.wantsJson()) {
            printModels(*models);
            return exitDone;
        }
        QJsonArray families;
        for (const auto& family : models->families) {
            families.append(QJsonObject{{QStringLiteral("model"), jsonText(governance::text(family.key))},
                                        {QStringLiteral("purpose"), jsonText(family.purpose)},
                                        {QStringLiteral("converged"), family.hasConverged},
                                        {QStringLiteral("due"), family.due.isDue},
                                        {QStringLiteral("why"), jsonText(family.due.why)}});
        }
        QJsonArray rows;
        for (const auto& line : models->rows) {
            rows.append(jsonOf(line));
        }
        printJson({{QStringLiteral("models"), families}, {QStringLiteral("versions"), rows}});
        return exitDone;
    }
    std::vector<ModelDetail> models;
    for (const auto& version : asked.versions) {
        auto model = engines::modelAnswer(context, console::AskModel{version});
        if (!model) {
            return report(model.error());
        }
        models.push_back(std::move(*model));
    }
    if (given.wantsJson()) {
        QJsonArray rows;
        std::ranges::for_each(models, [&](const ModelDetail& model) { rows.append(jsonOf(model)); });
        printJson({{QStringLiteral("versions"), rows}});
    } else if (models.size() == 2) {
        printBeside(models[0], models[1]);
    } else {
        printWhole(models.front());
    }
    return exitDone;
}

/// The name of the new version.
Result<std::string> imported(const console::ImportModel& wish, Decisions& decisions)
{
    if (!decisions.owner) {
        return engines::offlineModels(*decisions.database, decisions.clock).importVersion(wish);
    }
    const auto version = learning::unpacked(wish.bytes);
    const auto sent = version ? decisions.owner->send(wish) : std::unexpected(version.error());
    if (!sent) {
        return std::unexpected(sent.error());
    }
    const auto name = storage::ModelStore(*decisions.database).byHash(version->bytesHash);
    if (!name || !*name) {
        return name ? base::fail(ErrorCode::NotFound, "models", "the console imported it, and it is not there")
                    : Result<std::string>(std::unexpected(name.error()));
    }
    return **name;
}

Result<std::string> decide(const Arguments& given, const Asked& asked, Decisions& decisions)
{
    const auto reason = given.value("reason");
    const auto& owner = decisions.owner;
    if (asked.verb == "import") {
        const auto bytes = bytesOf(asked.file);
        const auto name = bytes ? imported({*bytes, reason}, decisions) : std::unexpected(bytes.error());
        if (!name) {
            return name;
        }
        const auto stored = storage::ModelStore(*decisions.database).find(*name);
        return *name + " " + (stored && *stored ? (*stored)->why : std::string("imported"));
    }
    const auto& version = asked.versions.front();
    const auto stage = asked.verb == "promote" ? ModelStage::Champion : ModelStage::Retired;
    auto desk = engines::offlineModels(*decisions.database, decisions.clock);
    Result<void> done;
    if (asked.verb == "sign-off") {
        const console::SignOffModel wish{version, *asked.detector, reason};
        done = owner ? owner->send(wish) : engines::outcome(desk.signOff(wish));
    } else {
        const console::SetModelStage wish{version, stage, reason};
        done = owner ? owner->send(wish) : engines::outcome(desk.setStage(wish));
    }
    if (!done) {
        return std::unexpected(done.error());
    }
    const auto stored = storage::ModelStore(*decisions.database).find(version);
    const auto now = stored && *stored ? std::string(governance::name((*stored)->record.stage)) : std::string();
    return version + " is " + now;
}

int exportBytes(const Asked& asked, const Decisions& decisions)
{
    const auto bytes = storage::ModelStore(*decisions.database).packed(asked.versions.front());
    if (!bytes) {
        return report(bytes.error());
    }
    const auto written = writeBytes(asked.file, *bytes);
    if (!written) {
        return report(written.error());
    }
    std::printf("%s: %zu bytes in %s\n", asked.versions.front().c_str(), bytes->size(), asked.file.c_str());
    return exitDone;
}

} // namespace

int modelsCommand(const QStringList& arguments)
{
    Arguments given(
        QStringLiteral("models [list|show V|compare V1 V2|promote V|retire V|sign-off V DETECTOR|export V FILE|import "
                       "FILE] [--reason TEXT]"),
        QStringLiteral("The registry of models. A version is named as gbt_5m 12. Beside a console that "
                       "runs it decides what changes."));
    given.parser().addOptions({{QStringLiteral("reason"),
                                QStringLiteral("Why, for the journal: for a promotion that no "
                                               "experiment won, and a signature."),
                                QStringLiteral("TEXT")}});
    given.parser().addPositionalArgument(
        QStringLiteral("verb"), QStringLiteral("list, show, compare, promote, retire, sign-off, export, import"));
    given.parser().addPositionalArgument(QStringLiteral("what"), QStringLiteral("A version, a detector, a file."));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto asked = askedOf(given.parser().positionalArguments());
    if (!asked) {
        return reportUsage(asked.error().subject + ": " + asked.error().detail);
    }
    const bool changes =
        asked->verb == "promote" || asked->verb == "retire" || asked->verb == "sign-off" || asked->verb == "import";
    int code = exitDone;
    const auto decisions = openDecisions(given, changes, code);
    if (!decisions) {
        return code;
    }
    if (asked->verb == "export") {
        return exportBytes(*asked, *decisions);
    }
    if (!changes) {
        return look(given, *asked, *decisions);
    }
    const auto done = decide(given, *asked, *decisions);
    if (!done) {
        return report(done.error());
    }
    if (given.wantsJson()) {
        printJson({{QStringLiteral("done"), jsonText(*done)}});
    } else {
        std::printf("%s\n", done->c_str());
    }
    return exitDone;
}

} // namespace qd::app
