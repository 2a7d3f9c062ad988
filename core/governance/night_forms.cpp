// The night report's document as text, Markdown and HTML.
#include "governance/night_document.h"
#include "governance/night_parts.h"

#include <algorithm>
#include <numeric>

namespace qd::governance {

namespace {

/// In one line, whatever a reason holds.
std::string flat(std::string_view text)
{
    std::string out(text);
    std::ranges::replace_if(out, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    return out;
}

} // namespace

std::string firstSentence(const std::string& reason)
{
    constexpr std::size_t most = 120; // bytes; a sentence that is longer ends at a word
    auto end = std::min(reason.find('\n'), reason.size());
    for (const auto* mark : {". ", "; "}) {
        end = std::min(end, reason.find(mark));
    }
    if (end > most) {
        end = std::min(reason.rfind(' ', most), most);
    }
    while (end > 0 && end < reason.size() && (static_cast<unsigned char>(reason[end]) & 0xC0U) == 0x80U) {
        --end; // within a letter
    }
    const bool isAll = end + 1 >= reason.size(); // what is left is its full stop
    return isAll ? flat(reason) : flat(reason.substr(0, end)) + " …";
}

namespace {

/// Letters, not bytes: UTF-8's further bytes begin with 10.
std::size_t width(std::string_view text)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void setTextRow(std::string& out, const std::vector<std::string>& cells, const NightTable& table,
                const std::vector<std::size_t>& widths)
{
    std::string line = " ";
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string gap(widths[i] - width(cells[i]), ' ');
        line += " " + (table.isFigure[i] ? gap + cells[i] : cells[i] + gap) + " ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
}

std::string cellText(const NightTable& table, const std::vector<NightLine>& row, std::size_t column)
{
    return table.reasons == column ? firstSentence(row[column].text) : flat(row[column].text);
}

std::vector<std::string> cellsOf(const NightTable& table, const std::vector<NightLine>& row)
{
    std::vector<std::string> out;
    for (std::size_t i = 0; i < row.size(); ++i) {
        out.push_back(cellText(table, row, i));
    }
    return out;
}

/// What a table of text has no width for stands whole under it.
void setCutReasons(std::string& out, const NightTable& table)
{
    if (!table.reasons) {
        return;
    }
    constexpr std::size_t named = 1; // the column of what the reason is for
    for (const auto& row : table.rows) {
        const auto& reason = row[*table.reasons].text;
        if (firstSentence(reason) != flat(reason)) {
            out += "  " + flat(row[named].text) + ": " + flat(reason) + "\n";
        }
    }
}

void setTextTable(std::string& out, const NightTable& table)
{
    if (table.rows.empty()) {
        return;
    }
    std::vector<std::size_t> widths;
    for (const auto& head : table.heads) {
        widths.push_back(width(head));
    }
    for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width(cellText(table, row, i)));
        }
    }
    out += "\n";
    setTextRow(out, table.heads, table, widths);
    for (const auto& row : table.rows) {
        setTextRow(out, cellsOf(table, row), table, widths);
    }
    setCutReasons(out, table);
}

std::string inMarkdown(std::string_view text)
{
    std::string out;
    for (const char c : flat(text)) {
        if (std::string_view("\\`*_[]<>|#~&").contains(c)) {
            out += '\\';
        }
        out += c;
    }
    return out;
}

std::string inHtml(std::string_view text)
{
    std::string out;
    for (const char c : flat(text)) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string_view className(NightTone tone)
{
    switch (tone) {
    case NightTone::Muted:
        return "muted";
    case NightTone::Good:
        return "good";
    case NightTone::Warning:
        return "warning";
    case NightTone::Bad:
        return "bad";
    case NightTone::Plain:
        break;
    }
    return "plain";
}

void setHtmlLines(std::string& out, const std::vector<NightLine>& lines)
{
    for (const auto& line : lines) {
        out.append("<p class=\"").append(className(line.tone)).append("\">").append(inHtml(line.text)).append("</p>\n");
    }
}

void setHtmlTable(std::string& out, const NightTable& table)
{
    if (table.rows.empty()) {
        return;
    }
    const auto side = [&](std::size_t column) {
        return table.isFigure[column] ? " align=\"right\"" : " align=\"left\"";
    };
    out += "<table cellspacing=\"0\" cellpadding=\"5\">\n<tr>";
    for (std::size_t i = 0; i < table.heads.size(); ++i) {
        out.append("<th").append(side(i)).append(">").append(inHtml(table.heads[i])).append("</th>");
    }
    out += "</tr>\n";
    for (const auto& row : table.rows) {
        out += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            out.append("<td").append(side(i)).append(" class=\"").append(className(row[i].tone)).append("\">");
            out.append(inHtml(row[i].text)).append("</td>"); // whole: a cell breaks its lines
        }
        out += "</tr>\n";
    }
    out += "</table>\n";
}

std::string styleOf(const NightColors& colors)
{
    const auto rule = [](const char* what, const std::string& color) {
        return std::string(what) + " { color: " + color + "; }\n";
    };
    return "body { background-color: " + colors.background + "; color: " + colors.text +
           "; font-family: Inter, sans-serif; }\n"
           "h1 { font-size: large; }\nh2 { font-size: medium; margin-top: 18px; }\n"
           "p { margin-top: 3px; margin-bottom: 3px; }\ntable { margin-top: 6px; border-collapse: collapse; }\n"
           "td { vertical-align: top; border-bottom: 1px solid " +
           colors.line + "; }\nth { font-weight: normal; border-bottom: 1px solid " + colors.line +
           "; color: " + colors.muted + "; }\n" + rule(".plain", colors.text) + rule(".muted", colors.muted) +
           rule(".good", colors.good) + rule(".warning", colors.warning) + rule(".bad", colors.bad);
}

} // namespace

std::string asText(const NightDocument& document)
{
    std::string out = document.title + "\n" + flat(document.span) + "\n\n" + flat(document.headline.text) + "\n";
    for (const auto& section : document.sections) {
        out += "\n" + section.title + "\n" + std::string(width(section.title), '-') + "\n";
        for (const auto& line : section.lines) {
            out += flat(line.text) + "\n";
        }
        setTextTable(out, section.table);
        for (const auto& line : section.after) {
            out += flat(line.text) + "\n";
        }
    }
    return out;
}

std::string asMarkdown(const NightDocument& document)
{
    std::string out = "# " + inMarkdown(document.title) + "\n\n" + inMarkdown(document.span) + "\n\n**" +
                      inMarkdown(document.headline.text) + "**\n";
    const auto setRow = [&](const std::vector<std::string>& cells) {
        for (const auto& cell : cells) {
            out += "| " + inMarkdown(cell) + " ";
        }
        out += "|\n";
    };
    for (const auto& section : document.sections) {
        out += "\n## " + inMarkdown(section.title) + "\n";
        for (const auto& line : section.lines) {
            out += "\n" + inMarkdown(line.text) + "\n";
        }
        if (!section.table.rows.empty()) {
            out += "\n";
            setRow(section.table.heads);
            for (const bool isFigure : section.table.isFigure) {
                out += isFigure ? "| ---: " : "| --- ";
            }
            out += "|\n";
            for (const auto& row : section.table.rows) {
                std::vector<std::string> cells(row.size());
                std::ranges::transform(row, cells.begin(), &NightLine::text);
                setRow(cells);
            }
        }
        for (const auto& line : section.after) {
            out += "\n" + inMarkdown(line.text) + "\n";
        }
    }
    return out;
}

std::string asHtml(const NightDocument& document, const NightColors& colors)
{
    std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>" +
                      inHtml(document.title) + ", " + inHtml(document.span) + "</title>\n<style>\n" + styleOf(colors) +
                      "</style>\n</head>\n<body>\n<h1>" + inHtml(document.title) + "</h1>\n";
    setHtmlLines(out, {{document.span, NightTone::Muted}});
    out.append("<p class=\"").append(className(document.headline.tone)).append("\"><b>");
    out.append(inHtml(document.headline.text)).append("</b></p>\n");
    for (const auto& section : document.sections) {
        out += "<h2>" + inHtml(section.title) + "</h2>\n";
        setHtmlLines(out, section.lines);
        setHtmlTable(out, section.table);
        setHtmlLines(out, section.after);
    }
    return out + "</body>\n</html>\n";
}

} // namespace qd::governance
