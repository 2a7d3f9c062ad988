// The fields of a JSON body, read strictly, and errors as JSON.
#include "engines/command_json.h"

#include <algorithm>
#include <utility>

namespace qd::engines {

using base::ErrorCode;
using base::Result;

namespace {

QString jsonText(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

} // namespace

Result<void> checkNames(const QJsonObject& body, std::initializer_list<const char*> names)
{
    const auto keys = body.keys();
    for (const auto& key : keys) {
        if (std::ranges::none_of(names, [&](const char* name) { return key == QLatin1String(name); })) {
            std::string all;
            for (const auto* name : names) {
                if (std::string_view(name) != "command") { // which its sender does not type
                    all += std::string(all.empty() ? "" : ", ") + name;
                }
            }
            return base::fail(ErrorCode::Malformed, "body",
                              all.empty() ? "it takes an empty object" : "it takes these fields alone: " + all);
        }
    }
    return {};
}

Result<std::string> textOf(const QJsonObject& body, const char* name, qsizetype most)
{
    const auto value = body.value(QLatin1String(name));
    if (value.isUndefined() || value.isNull()) {
        return std::string();
    }
    if (!value.isString()) {
        return base::fail(ErrorCode::Malformed, name, "it is a text");
    }
    if (value.toString().size() > most) {
        return base::fail(ErrorCode::OutOfRange, name,
                          most == longestText ? "at most 1,000 characters" : "it is too long");
    }
    return value.toString().toStdString();
}

Result<std::string> neededText(const QJsonObject& body, const char* name)
{
    auto text = textOf(body, name);
    return text && text->empty() ? base::fail(ErrorCode::Malformed, name, "it is needed") : text;
}

Result<std::int64_t> wholeOf(const QJsonObject& body, const char* name, std::int64_t least)
{
    constexpr double most = 1e15;
    const auto value = body.value(QLatin1String(name));
    const double number = value.toDouble(0);
    const bool isWhole = value.isDouble() && number >= static_cast<double>(least) && number <= most &&
                         number == static_cast<double>(value.toInteger());
    return isWhole ? Result<std::int64_t>(value.toInteger())
                   : base::fail(ErrorCode::Malformed, name, "a whole number from " + std::to_string(least) + " on");
}

QJsonObject jsonOf(const base::Error& error)
{
    return {{QStringLiteral("code"), jsonText(base::name(error.code))},
            {QStringLiteral("subject"), jsonText(error.subject)},
            {QStringLiteral("detail"), jsonText(error.detail)}};
}

base::Error errorOf(const QJsonObject& json)
{
    const auto text = [&](const char* name) { return json.value(QLatin1String(name)).toString().toStdString(); };
    auto code = ErrorCode::Malformed; // the first of them
    while (code != ErrorCode::Internal && base::name(code) != text("code")) {
        code = static_cast<ErrorCode>(std::to_underlying(code) + 1);
    }
    return {code, text("subject"), text("detail")};
}

} // namespace qd::engines
