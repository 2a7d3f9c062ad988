#include "engines/night_json.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <concepts>
#include <type_traits>

namespace qd::engines {

using namespace governance;

namespace {

// What each part has, once for both ways.
template <typename Fields, typename Value>
void visit(Fields& f, Value& v)
    requires std::same_as<std::remove_const_t<Value>, NightGap>
{
    f("from", v.from)("to", v.to)("instruments", v.instruments)("causes", v.causes)("filled", v.filled)("open", v.open)(
        "lost", v.lost)("found", v.found);
}
template <typename Fields, typename Value>
void visit(Fields& f, Value& v)
    requires std::same_as<std::remove_const_t<Value>, NightJob>
{
    f("name", v.name)("title", v.title)("runs", v.runs)("failed", v.failed)("timed_out", v.timedOut)(
        "orphaned", v.orphaned)("cancelled", v.cancelled)("is_under_way", v.isUnderWay)("seconds", v.seconds)(
        "longest", v.longest)("trouble", v.trouble);
}
template <typename Fields, typename Value>
void visit(Fields& f, Value& v)
    requires std::same_as<std::remove_const_t<Value>, NightReviews>
{
    f("held", v.held)("abstained", v.abstained);
}
template <typename Fields, typename Value>
void visit(Fields& f, Value& v)
    requires std::same_as<std::remove_const_t<Value>, NightProposal>
{
    f("at", v.at)("rule", v.rule)("subject", v.subject)("reason", v.reason)("state", v.state)("note", v.note);
}
template <typename Fields, typename Value>
void visit(Fields& f, Value& v)
    requires std::same_as<std::remove_const_t<Value>, NightRetrain>
{
    f("started", v.started)("ended", v.ended)("model", v.model)("trigger", v.trigger)("outcome", v.outcome)(
        "version", v.version)("why", v.why);
}
template <typename Fields, typename Value>
void visit(Fields& f, Value& v)
    requires std::same_as<std::remove_const_t<Value>, NightAlert>
{
    f("opened", v.opened)("cleared", v.cleared)("is_new", v.isNew)("title", v.title)("detail", v.detail)("told_by",
                                                                                                         v.toldBy);
}
template <typename Fields, typename Value>
void visit(Fields& f, Value& v)
    requires std::same_as<std::remove_const_t<Value>, NightBackups>
{
    f("made", v.made)("failed", v.failed)("bytes", v.bytes)("why", v.why);
}
template <typename Fields, typename Value>
void visit(Fields& f, Value& v)
    requires std::same_as<std::remove_const_t<Value>, NightMemory>
{
    f("bytes", v.bytes)("since", v.since)("growth", v.growth)("machine_from", v.machineFrom)("machine_to", v.machineTo)(
        "machine_most", v.machineMost);
}
template <typename Fields, typename Value>
void visit(Fields& f, Value& v)
    requires std::same_as<std::remove_const_t<Value>, NightDatabase>
{
    f("bytes", v.bytes)("growth", v.growth)("free_bytes", v.freeBytes)("per_day", v.perDay)("days_left", v.daysLeft);
}
template <typename Fields, typename Value>
void visit(Fields& f, Value& v)
    requires std::same_as<std::remove_const_t<Value>, NightFigures>
{
    f("from", v.from)("to", v.to)("is_first", v.isFirst)("gaps", v.gaps)("jobs", v.jobs)("reviews", v.reviews)(
        "proposals", v.proposals)("retrains", v.retrains)("alerts", v.alerts)("backups", v.backups)("memory", v.memory)(
        "database", v.database);
}

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

class Writer {
public:
    template <typename T>
    Writer& operator()(const char* name, const T& value)
    {
        object_.insert(QLatin1String(name), json(value));
        return *this;
    }
    [[nodiscard]] const QJsonObject& object() const { return object_; }

private:
    static QJsonValue json(bool value) { return value; }
    static QJsonValue json(double value) { return value; }
    static QJsonValue json(std::uint32_t value) { return static_cast<qint64>(value); }
    static QJsonValue json(std::int64_t value) { return static_cast<qint64>(value); }
    static QJsonValue json(const std::string& value) { return text(value); }
    static QJsonValue json(UtcMs value) { return text(base::isoText(value)); }
    template <typename T>
    static QJsonValue json(const std::optional<T>& value)
    {
        return value ? json(*value) : QJsonValue();
    }
    template <typename T>
    static QJsonValue json(const std::vector<T>& values)
    {
        QJsonArray out;
        for (const auto& value : values) {
            out.append(json(value));
        }
        return out;
    }
    template <typename T>
        requires std::is_class_v<T>
    static QJsonValue json(const T& value)
    {
        Writer out;
        visit(out, value);
        return out.object();
    }
    QJsonObject object_;
};

class Reader {
public:
    explicit Reader(QJsonObject object) : object_(std::move(object)) {}
    template <typename T>
    Reader& operator()(const char* name, T& value)
    {
        if (const auto found = object_.constFind(QLatin1String(name)); found != object_.constEnd()) {
            read(*found, value);
        }
        return *this;
    }

private:
    static void read(const QJsonValue& json, bool& value) { value = json.toBool(value); }
    static void read(const QJsonValue& json, double& value) { value = json.toDouble(value); }
    static void read(const QJsonValue& json, std::uint32_t& value)
    {
        value = static_cast<std::uint32_t>(std::max<qint64>(0, json.toInteger(value)));
    }
    static void read(const QJsonValue& json, std::int64_t& value) { value = json.toInteger(value); }
    static void read(const QJsonValue& json, std::string& value) { value = json.toString(text(value)).toStdString(); }
    static void read(const QJsonValue& json, UtcMs& value)
    {
        value = base::parseUtc(json.toString().toStdString()).value_or(value);
    }
    template <typename T>
    static void read(const QJsonValue& json, std::optional<T>& value)
    {
        value.reset();
        if (!json.isNull()) {
            read(json, value.emplace());
        }
    }
    template <typename T>
    static void read(const QJsonValue& json, std::vector<T>& values)
    {
        values.clear();
        const auto array = json.toArray();
        for (const auto& one : array) {
            read(one, values.emplace_back());
        }
    }
    template <typename T>
        requires std::is_class_v<T>
    static void read(const QJsonValue& json, T& value)
    {
        Reader in(json.toObject());
        visit(in, value);
    }
    QJsonObject object_;
};

} // namespace

std::string nightJson(const NightFigures& night)
{
    Writer out;
    visit(out, night);
    return QJsonDocument(out.object()).toJson(QJsonDocument::Compact).toStdString();
}

base::Result<NightFigures> nightFrom(std::string_view json)
{
    const auto document = QJsonDocument::fromJson(QByteArray(json.data(), static_cast<qsizetype>(json.size())));
    if (!document.isObject()) {
        return base::fail(base::ErrorCode::Damaged, "night report", "its figures are no JSON object");
    }
    NightFigures out;
    Reader in(document.object());
    visit(in, out);
    return out;
}

} // namespace qd::engines
