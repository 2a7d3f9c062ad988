#include "app/commands/decisions.h"

#include "engines/unreadable_parameters.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <cstdio>

namespace qd::app {

std::unique_ptr<Decisions> openDecisions(const Arguments& given, bool changes, int& code)
{
    const auto file = given.existingDatabase();
    if (!file) {
        code = reportMissing(file.error());
        return nullptr;
    }
    using Mode = storage::Database::Mode;
    auto out = std::make_unique<Decisions>();
    auto opened = storage::Database::open(*file, changes ? Mode::ReadWrite : Mode::ReadOnly);
    if (!opened && changes && opened.error().code == base::ErrorCode::Busy) {
        out->owner.emplace(*file);
        if (const auto owner = out->owner->owner(); !owner) {
            code = report({base::ErrorCode::Busy, file->string(), engines::whyOwned(*file, owner.error())});
            return nullptr;
        }
        opened = storage::Database::open(*file, Mode::ReadOnly);
    }
    if (!opened) {
        code = report(opened.error());
        return nullptr;
    }
    if (changes && !out->owner) {
        if (const auto fallen = engines::settleUnreadable(*opened, out->clock.now()); !fallen) {
            code = report(fallen.error());
            return nullptr;
        } else {
            for (const auto& what : *fallen) {
                std::fprintf(stderr, "%s\n", what.c_str());
            }
        }
    }
    out->database = std::make_unique<storage::Database>(std::move(*opened));
    out->desk = std::make_unique<engines::GovernanceDesk>(engines::offlineDesk(*out->database, out->clock));
    return out;
}

base::Error whyNotOpened(const std::filesystem::path& database, base::Error error)
{
    if (error.code == base::ErrorCode::Busy) {
        if (const auto owner = engines::OwnerLine(database).owner(); !owner) {
            error.detail = engines::whyOwned(database, owner.error());
        }
    }
    return error;
}

std::optional<int> doneByOwner(const Arguments& given, const console::Command& command)
{
    const auto file = given.existingDatabase();
    if (!file || !engines::OwnerLine(*file).owner()) {
        return std::nullopt;
    }
    const auto sent = engines::OwnerLine(*file).send(command);
    return sent ? exitDone : report(sent.error());
}

QString jsonText(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

void printJson(const QJsonObject& object)
{
    std::printf("%s\n", QJsonDocument(object).toJson(QJsonDocument::Compact).constData());
}

int printDone(const Arguments& given, const std::string& what)
{
    if (given.wantsJson()) {
        printJson({{QStringLiteral("done"), jsonText(what)}});
    } else {
        std::printf("%s\n", what.c_str());
    }
    return exitDone;
}

QJsonObject jsonOf(const governance::Figure& figure)
{
    const bool hasInterval = figure.confidence > 0 && figure.interval.has_value();
    return {{QStringLiteral("name"), jsonText(figure.name)},
            {QStringLiteral("value"), figure.value ? QJsonValue(*figure.value) : QJsonValue()},
            {QStringLiteral("interval"),
             hasInterval ? QJsonValue(QJsonArray{figure.interval->lower, figure.interval->upper}) : QJsonValue()},
            {QStringLiteral("n"), static_cast<qint64>(figure.n)},
            {QStringLiteral("of"), jsonText(figure.of)},
            {QStringLiteral("limit"), figure.limit ? QJsonValue(*figure.limit) : QJsonValue()},
            {QStringLiteral("text"), jsonText(governance::text(figure))}};
}

} // namespace qd::app
