#include "ui/help/help_view.h"

#include "ui/help/help_pages.h"

#include <QAbstractTextDocumentLayout>
#include <QImage>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextTable>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr int pageWidthMargin = 26;

QTextCharFormat headingFormat(const Theme& theme, int level)
{
    QFont font = theme.font(level == 1 ? FontRole::Heading : FontRole::Strong);
    font.setPixelSize(level == 1 ? 21 : level == 2 ? 16 : 14);
    font.setWeight(QFont::DemiBold);
    QTextCharFormat format;
    format.setFont(font);
    format.setForeground(theme.color(Meaning::Text));
    return format;
}

} // namespace

HelpView::HelpView(const Theme& theme, QWidget* parent) : QTextBrowser(parent), theme_(theme)
{
    setAccessibleName(tr("Page of the help"));
    setOpenLinks(false);
    setFrameShape(QFrame::NoFrame);
    setUndoRedoEnabled(false);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    document()->setDocumentMargin(pageWidthMargin);
    connect(this, &QTextBrowser::anchorClicked, this, [this](const QUrl& url) { Q_EMIT linkAsked(url.toString()); });
    connect(&theme, &Theme::changed, this, [this] {
        const int at = verticalScrollBar()->value();
        showPage(markdown_);
        verticalScrollBar()->setValue(at);
    });
}

void HelpView::showPage(const QString& markdown)
{
    markdown_ = markdown;
    setExtraSelections({});
    QFont body = theme_.font(FontRole::Body);
    body.setPixelSize(14);
    document()->setDefaultFont(body);
    document()->setMarkdown(markdown, QTextDocument::MarkdownDialectGitHub);
    dress();
    moveCursor(QTextCursor::Start);
    verticalScrollBar()->setValue(0);
}

void HelpView::dress()
{
    QPalette colors = palette();
    colors.setColor(QPalette::Base, theme_.color(Meaning::Card));
    colors.setColor(QPalette::Text, mixed(theme_.color(Meaning::Text), theme_.color(Meaning::TextMuted), 0.25));
    colors.setColor(QPalette::Link, theme_.color(Meaning::Focus));
    setPalette(colors);
    dressBlocks();
    dressTables();
    fitPictures();
}

void HelpView::dressBlocks()
{
    for (auto block = document()->begin(); block.isValid(); block = block.next()) {
        QTextCursor cursor(block);
        auto form = block.blockFormat();
        const int level = form.headingLevel();
        const bool isInTable = cursor.currentTable() != nullptr;
        form.setLineHeight(isInTable ? 120 : 135, QTextBlockFormat::ProportionalHeight);
        form.setTopMargin(level == 1 ? 0 : level > 1 ? 18 : isInTable ? 3 : 4);
        form.setBottomMargin(level > 0 ? 6 : isInTable ? 3 : 6);
        cursor.setBlockFormat(form);
        if (level > 0) {
            cursor.select(QTextCursor::BlockUnderCursor);
            cursor.setCharFormat(headingFormat(theme_, level));
            continue;
        }
        for (auto part = block.begin(); !part.atEnd(); ++part) {
            const auto fragment = part.fragment();
            auto format = fragment.charFormat();
            if (format.isAnchor()) {
                format.setForeground(theme_.color(Meaning::Focus));
            } else if (format.fontFixedPitch()) {
                format.setFontFamilies(theme_.font(FontRole::Figure).families());
                format.setForeground(theme_.color(Meaning::Text));
                format.setBackground(theme_.color(Meaning::Raised));
            } else if (format.fontWeight() > QFont::Normal) {
                format.setForeground(theme_.color(Meaning::Text));
            } else {
                continue;
            }
            QTextCursor over(document());
            over.setPosition(fragment.position());
            over.setPosition(fragment.position() + fragment.length(), QTextCursor::KeepAnchor);
            over.setCharFormat(format);
        }
    }
}

void HelpView::dressTables()
{
    const auto frames = document()->rootFrame()->childFrames();
    for (auto* frame : frames) {
        if (auto* table = qobject_cast<QTextTable*>(frame)) {
            auto format = table->format();
            format.setBorder(1);
            format.setBorderCollapse(true);
            format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
            format.setBorderBrush(theme_.color(Meaning::Hairline));
            format.setCellPadding(5);
            format.setCellSpacing(0);
            table->setFormat(format);
        }
    }
}

/// No wider than the page, and never larger than they are.
void HelpView::fitPictures()
{
    const double room = viewport()->width() - 2.0 * pageWidthMargin;
    for (auto block = document()->begin(); block.isValid(); block = block.next()) {
        for (auto part = block.begin(); !part.atEnd(); ++part) {
            auto format = part.fragment().charFormat().toImageFormat();
            if (!format.isValid()) {
                continue;
            }
            const auto own = loadResource(QTextDocument::ImageResource, QUrl(format.name())).value<QImage>().width();
            const auto width = std::min<double>(own, room);
            if (own > 0 && room > 0 && format.width() != width) {
                format.setWidth(width);
                QTextCursor over(document());
                over.setPosition(part.fragment().position());
                over.setPosition(part.fragment().position() + part.fragment().length(), QTextCursor::KeepAnchor);
                over.setCharFormat(format);
                break; // the block's parts are others now; a block has one picture
            }
        }
    }
}

void HelpView::resizeEvent(QResizeEvent* event)
{
    QTextBrowser::resizeEvent(event);
    fitPictures();
}

bool HelpView::showSection(const QString& slug)
{
    for (auto block = document()->begin(); block.isValid(); block = block.next()) {
        if (block.blockFormat().headingLevel() > 0 && help::slug(block.text()) == slug) {
            const auto at = document()->documentLayout()->blockBoundingRect(block);
            setTextCursor(QTextCursor(block));
            verticalScrollBar()->setValue(static_cast<int>(at.top()) - 10);
            return true;
        }
    }
    return false;
}

int HelpView::mark(const QStringList& words)
{
    QList<ExtraSelection> marks;
    QTextCharFormat format;
    format.setBackground(mixed(theme_.color(Meaning::Card), theme_.color(Meaning::Warning), 0.30));
    for (const auto& word : words) {
        for (auto at = document()->find(word); !at.isNull(); at = document()->find(word, at)) {
            marks.append({at, format});
        }
    }
    setExtraSelections(marks);
    return static_cast<int>(marks.size());
}

QVariant HelpView::loadResource(int type, const QUrl& name)
{
    if (type != QTextDocument::ImageResource) {
        return QTextBrowser::loadResource(type, name);
    }
    return QImage(QStringLiteral(":/quarterdeck/help/") + name.path());
}

} // namespace qd::ui
