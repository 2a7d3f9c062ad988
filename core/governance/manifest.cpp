#include "governance/manifest.h"

#include "base/sha256.h"

#include <array>
#include <charconv>
#include <cmath>

namespace qd::governance {

namespace {

// Writes JSON; keys are the caller's, in order.
class JsonText {
public:
    void open(char bracket)
    {
        comma();
        out_ += bracket;
        isFirst_ = true;
    }
    void close(char bracket)
    {
        out_ += bracket;
        isFirst_ = false;
    }
    void key(std::string_view name)
    {
        comma();
        quoted(name);
        out_ += ':';
        isFirst_ = true; // its value needs no comma
    }
    void value(std::string_view text)
    {
        comma();
        quoted(text);
    }
    void value(double number)
    {
        comma();
        std::array<char, 400> digits{};
        isHole_ = isHole_ || !std::isfinite(number);
        out_.append(digits.data(),
                    std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed).ptr);
    }
    void value(std::int64_t number)
    {
        comma();
        out_ += std::to_string(number);
    }
    void value(bool is)
    {
        comma();
        out_ += is ? "true" : "false";
    }
    void null()
    {
        comma();
        out_ += "null";
    }
    template <typename T>
    void field(std::string_view name, const T& content)
    {
        key(name);
        value(content);
    }
    void field(std::string_view name, const statistics::Measure& measure)
    {
        key(name);
        measure ? value(*measure) : null();
    }
    bool hasHole() const { return isHole_; }
    std::string take() { return std::move(out_); }

private:
    void comma()
    {
        out_ += isFirst_ ? "" : ",";
        isFirst_ = false;
    }
    void quoted(std::string_view text)
    {
        constexpr std::string_view hex = "0123456789abcdef";
        out_ += '"';
        for (const char c : text) {
            const auto code = static_cast<unsigned char>(c);
            if (c == '"' || c == '\\') {
                out_ += '\\';
                out_ += c;
            } else if (code < 0x20) {
                out_.append("\\u00").append(1, hex[code >> 4U]).append(1, hex[code & 15U]);
            } else {
                out_ += c;
            }
        }
        out_ += '"';
    }

    std::string out_;
    bool isFirst_ = true;
    bool isHole_ = false;
};

void write(JsonText& json, const Figure& figure)
{
    json.open('{');
    if (figure.confidence > 0 && figure.interval) {
        json.field("confidence", figure.confidence);
        json.field("high", figure.interval->upper);
        json.field("limit",
                   figure.limit ? statistics::Measure(*figure.limit) : std::unexpected(statistics::Undefined::TooFew));
        json.field("low", figure.interval->lower);
    } else {
        json.field("limit",
                   figure.limit ? statistics::Measure(*figure.limit) : std::unexpected(statistics::Undefined::TooFew));
    }
    json.field("n", static_cast<std::int64_t>(figure.n));
    json.field("name", std::string_view(figure.name));
    json.field("of", std::string_view(figure.of));
    json.field("value", figure.value);
    json.close('}');
}

void write(JsonText& json, const Checklist& checklist)
{
    json.open('[');
    for (const auto& gate : checklist.gates) {
        json.open('{');
        json.key("figure");
        write(json, gate.figure);
        json.field("gate", name(gate.gate));
        json.field("state", name(gate.state));
        json.close('}');
    }
    json.close(']');
}

void write(JsonText& json, const std::vector<std::string>& texts)
{
    json.open('[');
    for (const auto& text : texts) {
        json.value(std::string_view(text));
    }
    json.close(']');
}

template <typename Values>
void writeMap(JsonText& json, const Values& values)
{
    json.open('{');
    for (const auto& [name, value] : values) {
        json.key(name);
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, double>) {
            json.value(value);
        } else {
            json.value(std::string_view(value));
        }
    }
    json.close('}');
}

} // namespace

base::Result<std::string> manifestText(const Manifest& manifest)
{
    const auto& row = manifest.row;
    if (row.stage != Stage::Ready) {
        return base::fail(base::ErrorCode::Conflict, row.strategy,
                          "it is " + std::string(name(row.stage)) + ", not ready: there is no manifest of it");
    }
    JsonText json;
    json.open('{');
    json.field("build", std::string_view(manifest.build));
    json.key("costs");
    writeMap(json, manifest.costs);
    json.field("feed", std::string_view(manifest.feed));
    json.field("format", std::string_view("quarterdeck-manifest-1"));
    json.key("gates");
    write(json, manifest.checklist);
    json.key("instruments");
    write(json, manifest.instruments);
    json.field("ledger_hash", std::string_view(manifest.ledgerHash));
    json.field("made", std::string_view(base::isoText(manifest.made)));
    json.key("models");
    writeMap(json, manifest.models);
    json.field("parameter_hash", std::string_view(row.parameterHash));
    json.key("parameters");
    writeMap(json, manifest.parameters);
    json.field("passed_red", row.passedRed);
    json.field("policy_hash", std::string_view(manifest.policyHash));
    json.field("real_money", false);
    json.field("record_since", std::string_view(base::isoText(row.recordSince)));
    json.field("red_reason", std::string_view(manifest.redReason));
    json.field("strategy", std::string_view(row.strategy));
    json.key("timeframes");
    write(json, manifest.timeframes);
    json.close('}');
    if (json.hasHole()) {
        return base::fail(base::ErrorCode::Malformed, row.strategy, "a parameter or cost is not a number");
    }
    return json.take() + "\n";
}

std::string policyHash(const base::PolicyValues& values)
{
    base::PolicyValues all = values;
    for (const auto& entry : base::policyEntries()) {
        all.try_emplace(std::string(entry.name), entry.standard);
    }
    JsonText json;
    writeMap(json, all);
    return base::sha256Hex(json.take());
}

} // namespace qd::governance
