// Values of the snapshots as JSON: money in USDT, times as ISO 8601 UTC, undefined as null with the reason beside it.
// Pure. Any thread. Internal to the API's own files.
#pragma once

#include "base/units.h"
#include "engines/api_routes.h"
#include "statistics/intervals.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace qd::engines {

[[nodiscard]] inline QString jsonString(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

/// An object that is put together field by field.
class JsonFields {
public:
    JsonFields& add(const char* name, const QJsonValue& value)
    {
        object_.insert(QLatin1String(name), value);
        return *this;
    }
    JsonFields& add(const char* name, const QJsonObject& value) { return add(name, QJsonValue(value)); }
    JsonFields& add(const char* name, const QJsonArray& value) { return add(name, QJsonValue(value)); }
    JsonFields& add(const char* name, bool value) { return add(name, QJsonValue(value)); }
    JsonFields& add(const char* name, double value) { return add(name, QJsonValue(value)); } // NaN becomes null
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    JsonFields& add(const char* name, T value)
    {
        return add(name, QJsonValue(static_cast<qint64>(value)));
    }
    JsonFields& add(const char* name, std::string_view value) { return add(name, QJsonValue(jsonString(value))); }
    JsonFields& add(const char* name, const std::string& value) { return add(name, std::string_view(value)); }
    JsonFields& add(const char* name, const char* value) { return add(name, std::string_view(value)); }
    JsonFields& add(const char* name, base::Money value) { return add(name, base::toUsdt(value)); }
    /// 0 is "never", and null.
    JsonFields& add(const char* name, base::UtcMs value)
    {
        return value.value == 0 ? add(name, QJsonValue()) : add(name, base::isoText(value));
    }
    template <typename T>
    JsonFields& add(const char* name, const std::optional<T>& value)
    {
        return value ? add(name, *value) : add(name, QJsonValue());
    }
    JsonFields& add(const char* name, const statistics::Measure& value)
    {
        if (value) {
            return add(name, *value);
        }
        undefined_.insert(QLatin1String(name), jsonString(statistics::name(value.error())));
        return add(name, QJsonValue());
    }
    JsonFields& add(const char* name, const statistics::Defined<statistics::Interval>& value)
    {
        return value ? add(name, QJsonArray{value->lower, value->upper}) : add(name, QJsonValue());
    }
    /// With "undefined": {field: reason} where a figure has no value.
    [[nodiscard]] QJsonObject take()
    {
        if (!undefined_.isEmpty()) {
            object_.insert(QStringLiteral("undefined"), undefined_);
        }
        return std::move(object_);
    }

private:
    QJsonObject object_;
    QJsonObject undefined_;
};

[[nodiscard]] inline double secondsOf(base::Millis time)
{
    return static_cast<double>(time.count()) / 1'000;
}

[[nodiscard]] inline ApiAnswer jsonAnswer(const QJsonObject& object, int status = 200)
{
    return {.status = status, .body = QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString() + '\n'};
}

/// "idle", "running" …, "offline", "online" …: the API's words.
[[nodiscard]] std::string_view apiWord(console::EngineState state);
[[nodiscard]] std::string_view apiWord(console::FeedState state);
[[nodiscard]] std::string_view apiWord(console::HealthLabel label);
/// Every engine as its heartbeat shows it now: running, but without a beat for `silentAfter`, is struggling.
[[nodiscard]] std::vector<console::ServiceRow> servicesNow(const ApiContext& context);

/// "BTC-USDT", or "#7" of one that the feed has no more.
[[nodiscard]] std::string instrumentName(const console::IngestSnapshot* ingest, base::InstrumentId id);
[[nodiscard]] const market::Instrument* findInstrument(const console::IngestSnapshot* ingest, base::InstrumentId id);
[[nodiscard]] std::optional<base::InstrumentId> instrumentNamed(const console::IngestSnapshot* ingest,
                                                                std::string_view name);

} // namespace qd::engines
