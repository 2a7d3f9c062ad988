#include "ui/help/help_pages.h"

#include "base/policy.h"
#include "ui/format.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>

// Outside of any namespace; a static library would lose the resources without.
static void initHelp()
{
    Q_INIT_RESOURCE(help);
}

namespace qd::ui::help {

namespace {

const QString folder = QStringLiteral(":/quarterdeck/help/");
const QString firstSteps = QStringLiteral("first-steps");

/// As they are listed; what is not named here follows by name.
const QStringList order{firstSteps,
                        QStringLiteral("overview"),
                        QStringLiteral("markets"),
                        QStringLiteral("strategies"),
                        QStringLiteral("review"),
                        QStringLiteral("gates"),
                        QStringLiteral("experiments"),
                        QStringLiteral("models"),
                        QStringLiteral("execution"),
                        QStringLiteral("health"),
                        QStringLiteral("schedule"),
                        QStringLiteral("journal"),
                        QStringLiteral("settings"),
                        QStringLiteral("data"),
                        QStringLiteral("keyboard"),
                        QStringLiteral("command-line")};

QString percent(double share)
{
    return format::text(base::policyNumber(std::round(share * 1e10) / 1e8)) + QLatin1Char('%');
}

QString minuteOfDay(double minutes)
{
    const auto all = static_cast<int>(minutes);
    return QStringLiteral("%1:%2").arg(all / 60, 2, 10, QLatin1Char('0')).arg(all % 60, 2, 10, QLatin1Char('0'));
}

const QRegularExpression& placeholder()
{
    static const QRegularExpression pattern(QStringLiteral(R"(\{\{([a-z_0-9.]+)\}\})"));
    return pattern;
}

/// Without the marks of Markdown, in one line.
QString plain(QString markdown)
{
    static const QRegularExpression pictures(QStringLiteral(R"(!\[([^\]]*)\]\([^)]*\))"));
    static const QRegularExpression links(QStringLiteral(R"(\[([^\]]*)\]\([^)]*\))"));
    static const QRegularExpression rules(QStringLiteral(R"(\|[ :|-]*-[ :|-]*\|)"));
    static const QRegularExpression marks(QStringLiteral(R"([*`|]|^[-#>]+ )"), QRegularExpression::MultilineOption);
    markdown.remove(pictures);
    markdown.replace(links, QStringLiteral("\\1"));
    markdown.remove(rules);
    markdown.replace(marks, QStringLiteral(" "));
    return markdown.simplified();
}

bool holdsAll(const QString& text, const QStringList& words)
{
    return std::ranges::all_of(words, [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
}

QString around(const QString& text, const QStringList& words)
{
    constexpr qsizetype before = 30;
    constexpr qsizetype length = 110;
    qsizetype at = text.size();
    for (const auto& word : words) {
        const auto found = text.indexOf(word, 0, Qt::CaseInsensitive);
        at = found >= 0 ? std::min(at, found) : at;
    }
    auto from = at == text.size() || at <= before ? 0 : text.indexOf(QLatin1Char(' '), at - before) + 1;
    from = from > at ? at : from;
    const auto part = text.mid(from, length);
    return (from > 0 ? QStringLiteral("… ") : QString()) + part.trimmed() +
           (from + length < text.size() ? QStringLiteral(" …") : QString());
}

} // namespace

QStringList pageIds()
{
    initHelp();
    QStringList out = QDir(folder).entryList({QStringLiteral("*.md")}, QDir::Files, QDir::Name);
    for (auto& name : out) {
        name.chop(3);
    }
    std::ranges::stable_sort(out, {}, [](const QString& id) {
        const auto at = order.indexOf(id);
        return at < 0 ? order.size() : at;
    });
    return out;
}

QString pageFor(const QString& windowPage)
{
    const auto id = windowPage.toLower();
    return pageIds().contains(id) ? id : firstSteps;
}

QString source(const QString& id)
{
    initHelp();
    QFile file(folder + id + QStringLiteral(".md"));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QString title(const QString& id)
{
    const auto line = source(id).section(QLatin1Char('\n'), 0, 0);
    return line.startsWith(QLatin1String("# ")) ? line.mid(2).trimmed() : id;
}

QString policyWord(const QString& name, const console::PolicyView& policy)
{
    const auto key = name.toStdString();
    const auto entries = base::policyEntries();
    const auto entry = std::ranges::find(entries, key, &base::PolicyEntry::name);
    if (entry == entries.end()) {
        const auto texts = base::policyTexts();
        const auto words = std::ranges::find(texts, key, &base::PolicyText::name);
        if (words == texts.end()) {
            return {};
        }
        const auto found = policy.texts.find(key);
        const auto value = format::text(found == policy.texts.end() ? std::string(words->standard) : found->second);
        return value.isEmpty() ? QStringLiteral("none") : value;
    }
    const double value = base::policyValue(policy.numbers, key);
    return entry->unit.starts_with("share")      ? percent(value)
           : entry->unit == "minutes of the day" ? minuteOfDay(value)
           : entry->unit == "switch"             ? QString(value != 0 ? QStringLiteral("on") : QStringLiteral("off"))
                                                 : format::grouped(format::text(base::policyNumber(value)));
}

QString filled(const QString& markdown, const console::PolicyView& policy)
{
    QString out;
    qsizetype done = 0;
    for (auto all = placeholder().globalMatch(markdown); all.hasNext();) {
        const auto match = all.next();
        const auto word = policyWord(match.captured(1), policy);
        out += markdown.mid(done, match.capturedStart() - done) + (word.isEmpty() ? match.captured() : word);
        done = match.capturedEnd();
    }
    return out + markdown.mid(done);
}

QString slug(const QString& heading)
{
    static const QRegularExpression others(QStringLiteral("[^a-z0-9]+"));
    QString out = heading.toLower();
    out.replace(others, QStringLiteral("-"));
    while (out.endsWith(QLatin1Char('-'))) {
        out.chop(1);
    }
    return out;
}

std::vector<Section> sections(const QString& id, const console::PolicyView& policy)
{
    std::vector<Section> out;
    const auto pageTitle = title(id);
    QString heading;
    QString body;
    const auto add = [&] {
        out.push_back({id, pageTitle, heading, plain(body)});
        body.clear();
    };
    const auto lines = filled(source(id), policy).split(QLatin1Char('\n'));
    for (const auto& line : lines) {
        if (line.startsWith(QLatin1String("## ")) || line.startsWith(QLatin1String("### "))) {
            add();
            heading = line.section(QLatin1Char(' '), 1).trimmed();
        } else if (!line.startsWith(QLatin1String("# "))) {
            body += line + QLatin1Char('\n');
        }
    }
    add();
    return out;
}

std::vector<Hit> search(const QString& typed, const console::PolicyView& policy)
{
    const auto words = typed.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    std::vector<std::pair<int, Hit>> found;
    const auto ids = words.isEmpty() ? QStringList() : pageIds();
    for (const auto& id : ids) {
        const auto parts = sections(id, policy);
        for (const auto& part : parts) {
            if (!holdsAll(part.pageTitle + QLatin1Char(' ') + part.heading + QLatin1Char(' ') + part.text, words)) {
                continue;
            }
            const bool isPage = part.heading.isEmpty() && holdsAll(part.pageTitle, words);
            const bool isHeading = holdsAll(part.pageTitle + QLatin1Char(' ') + part.heading, words);
            const bool isWhole = holdsAll(part.text + QLatin1Char(' ') + part.heading, words);
            // A page's title alone must not bring up each of its sections.
            if (isPage || isWhole) {
                found.emplace_back(isPage ? 0 : isHeading ? 1 : 2, Hit{part, around(part.text, words)});
            }
        }
    }
    std::ranges::stable_sort(found, {}, [](const auto& one) { return one.first; });
    std::vector<Hit> out;
    for (auto& [rank, hit] : found) {
        out.push_back(std::move(hit));
    }
    return out;
}

} // namespace qd::ui::help
