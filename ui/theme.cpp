#include "ui/theme.h"

#include <QFile>
#include <QFontDatabase>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cmath>

// Must be outside of any namespace: it calls a function that rcc made, which a static library would otherwise lose.
static void initResources()
{
    Q_INIT_RESOURCE(ui);
}

namespace qd::ui {

namespace {

constexpr std::array<const char*, meaningCount> meaningNames{
    "background", "rail",    "card",      "raised", "hairline", "text",         "textMuted",
    "textFaint",  "focus",   "gain",      "loss",   "warning",  "secondSeries", "selection",
    "hover",      "primary", "onPrimary", "track",  "knob",     "knobOff"};

base::Result<QColor> colorAt(const QJsonObject& object, const char* key)
{
    const QColor color(object.value(QLatin1String(key)).toString());
    if (!color.isValid()) {
        return base::fail(base::ErrorCode::Malformed, "theme", std::string("no colour for '") + key + "'");
    }
    return color;
}

base::Result<Colors> colorsOf(const QJsonObject& object)
{
    Colors out;
    for (std::size_t i = 0; i < meaningCount; ++i) {
        const auto color = colorAt(object, meaningNames[i]);
        if (!color) {
            return std::unexpected(color.error());
        }
        out[i] = *color;
    }
    return out;
}

base::Result<std::array<QColor, 2>> gainAndLoss(const QJsonObject& object)
{
    const auto gain = colorAt(object, "gain");
    const auto loss = colorAt(object, "loss");
    if (!gain || !loss) {
        return std::unexpected(gain ? loss.error() : gain.error());
    }
    return std::array{*gain, *loss};
}

double luminance(const QColor& color)
{
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

QFont made(const QStringList& families, double pixels, QFont::Weight weight)
{
    QFont font;
    font.setFamilies(families);
    font.setPixelSize(static_cast<int>(std::lround(pixels)));
    font.setWeight(weight);
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

} // namespace

QLatin1String name(Meaning meaning)
{
    return QLatin1String(meaningNames[static_cast<std::size_t>(meaning)]);
}

base::Result<ThemeFile> parseTheme(const QByteArray& json)
{
    QJsonParseError parse;
    const auto root = QJsonDocument::fromJson(json, &parse).object();
    if (parse.error != QJsonParseError::NoError) {
        return base::fail(base::ErrorCode::Malformed, "theme", parse.errorString().toStdString());
    }
    const auto swapped = root.value(QLatin1String("blueOrange")).toObject();
    const auto dark = colorsOf(root.value(QLatin1String("dark")).toObject());
    const auto light = colorsOf(root.value(QLatin1String("light")).toObject());
    const auto swappedDark = gainAndLoss(swapped.value(QLatin1String("dark")).toObject());
    const auto swappedLight = gainAndLoss(swapped.value(QLatin1String("light")).toObject());
    if (!dark || !light) {
        return std::unexpected(dark ? light.error() : dark.error());
    }
    if (!swappedDark || !swappedLight) {
        return std::unexpected(swappedDark ? swappedLight.error() : swappedDark.error());
    }
    return ThemeFile{*dark, *light, *swappedDark, *swappedLight};
}

QByteArray embeddedTheme()
{
    initResources();
    QFile file(QStringLiteral(":/quarterdeck/themes/quarterdeck.json"));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

double contrast(const QColor& a, const QColor& b)
{
    const auto [low, high] = std::minmax({luminance(a), luminance(b)});
    return (high + 0.05) / (low + 0.05);
}

QColor mixed(const QColor& under, const QColor& over, double share)
{
    const auto part = [share](int u, int o) { return static_cast<int>(std::lround(u + (o - u) * share)); };
    return {part(under.red(), over.red()), part(under.green(), over.green()), part(under.blue(), over.blue())};
}

Theme::Theme(const ThemeFile& file, QObject* parent) : QObject(parent), file_(file)
{
    const QStringList words{QStringLiteral("Inter"), QStringLiteral("Cantarell"), QStringLiteral("Noto Sans"),
                            QStringLiteral("DejaVu Sans"), QStringLiteral("sans-serif")};
    const QStringList figures{QStringLiteral("JetBrains Mono"), QStringLiteral("DejaVu Sans Mono"),
                              QStringLiteral("Liberation Mono"), QStringLiteral("monospace")};
    fonts_ = {made(words, 13, QFont::Normal),   made(words, 13, QFont::Medium),   made(words, 16, QFont::DemiBold),
              made(words, 12, QFont::DemiBold), made(words, 12, QFont::Normal),   made(figures, 13, QFont::Normal),
              made(figures, 12, QFont::Normal), made(figures, 24, QFont::Normal), made(figures, 20, QFont::Normal)};
    rebuild();
}

Theme::Theme(QObject* parent)
    : Theme(
          [] {
              auto file = parseTheme(embeddedTheme());
              if (!file) {
                  qFatal("the program's own theme is broken: %s", file.error().detail.c_str());
              }
              return *file;
          }(),
          parent)
{
}

void Theme::setMode(Mode mode)
{
    if (mode != mode_) {
        mode_ = mode;
        rebuild();
        Q_EMIT changed();
    }
}

void Theme::setBlueOrange(bool on)
{
    if (on != isBlueOrange_) {
        isBlueOrange_ = on;
        rebuild();
        Q_EMIT changed();
    }
}

void Theme::rebuild()
{
    colors_ = mode_ == Mode::Dark ? file_.dark : file_.light;
    if (isBlueOrange_) {
        const auto& pair = mode_ == Mode::Dark ? file_.blueOrangeDark : file_.blueOrangeLight;
        colors_[static_cast<std::size_t>(Meaning::Gain)] = pair[0];
        colors_[static_cast<std::size_t>(Meaning::Loss)] = pair[1];
    }
}

Meaning Theme::toneOf(double value) const
{
    return value > 0 ? Meaning::Gain : value < 0 ? Meaning::Loss : Meaning::Text;
}

QPalette Theme::palette() const
{
    QPalette p;
    const auto set = [&](QPalette::ColorRole role, Meaning meaning) { p.setColor(role, color(meaning)); };
    set(QPalette::Window, Meaning::Background);
    set(QPalette::WindowText, Meaning::Text);
    set(QPalette::Base, Meaning::Card);
    set(QPalette::AlternateBase, Meaning::Card);
    set(QPalette::Text, Meaning::Text);
    set(QPalette::PlaceholderText, Meaning::TextFaint);
    set(QPalette::Button, Meaning::Raised);
    set(QPalette::ButtonText, Meaning::Text);
    set(QPalette::BrightText, Meaning::Warning);
    set(QPalette::Highlight, Meaning::Selection);
    set(QPalette::HighlightedText, Meaning::Text);
    set(QPalette::Link, Meaning::Focus);
    set(QPalette::LinkVisited, Meaning::SecondSeries);
    set(QPalette::ToolTipBase, Meaning::Raised);
    set(QPalette::ToolTipText, Meaning::Text);
    set(QPalette::Light, Meaning::Raised);
    set(QPalette::Midlight, Meaning::Raised);
    set(QPalette::Mid, Meaning::Hairline);
    set(QPalette::Dark, Meaning::Hairline);
    set(QPalette::Shadow, Meaning::Rail);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        p.setColor(QPalette::Disabled, role, color(Meaning::TextFaint));
    }
    return p;
}

} // namespace qd::ui
