#include "ui/overview/attention_list.h"

#include "ui/widgets/card.h"
#include "ui/widgets/paint.h"

#include <QKeyEvent>
#include <QPainter>
#include <QPushButton>

#include <algorithm>

namespace qd::ui {

namespace {

/// The outline of one item, with a bar in the colour of its gravity.
class Outline final : public QWidget {
public:
    Outline(const Theme& theme, Meaning tone) : theme_(theme), tone_(tone) {}

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter p(this);
        paint::box(p, rect(), theme_.color(Meaning::Card), theme_.color(Meaning::Hairline), 6);
        p.setRenderHint(QPainter::Antialiasing);
        p.setPen(Qt::NoPen);
        p.setBrush(theme_.color(tone_));
        p.drawRoundedRect(QRectF(0, 8, 3, height() - 16), 1.5, 1.5);
    }

private:
    const Theme& theme_;
    const Meaning tone_;
};

} // namespace

AttentionList::AttentionList(const Theme& theme, QWidget* parent) : QScrollArea(parent), theme_(theme)
{
    auto* content = new QWidget;
    layout_ = new QVBoxLayout(content);
    layout_->setContentsMargins(0, 0, 0, 0);
    layout_->setSpacing(8);
    setWidget(content);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
    setItems({});
}

void AttentionList::setItems(const std::vector<Attention>& items)
{
    if (isBuilt_ && items == items_) {
        return;
    }
    isBuilt_ = true;
    items_ = items;
    buttons_.clear();
    while (auto* item = layout_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    if (items_.empty()) {
        showCalm();
        return;
    }
    for (const auto& item : items_) {
        auto* added = box(item);
        layout_->addWidget(added);
        added->show();
    }
    layout_->addStretch(1);
}

void AttentionList::showCalm()
{
    auto* calm = new TextLabel(theme_, FontRole::Strong, Meaning::Text, tr("Nothing needs you"));
    auto* why = new TextLabel(theme_, FontRole::Caption, Meaning::TextMuted,
                              tr("Feed, engines, archive and probes are watched; what goes wrong appears here."));
    layout_->addStretch(2);
    for (auto* line : {calm, why}) {
        line->setAlignment(Qt::AlignCenter);
        line->setWordWrap(true);
        layout_->addWidget(line);
        line->QWidget::show();
    }
    layout_->addStretch(3);
}

QWidget* AttentionList::box(const Attention& item)
{
    const Meaning tone = item.severity == console::Severity::Error ? Meaning::Loss : Meaning::Warning;
    auto* outline = new Outline(theme_, tone);
    outline->setAccessibleName(item.title + QStringLiteral(". ") + item.text);
    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    auto* title = new TextLabel(theme_, FontRole::Strong, Meaning::Text, item.title);
    title->setWordWrap(true);
    auto* text = new TextLabel(theme_, FontRole::Caption, Meaning::TextMuted, item.text);
    text->setWordWrap(true);
    words->addWidget(title);
    words->addWidget(text);
    auto* open = new QPushButton(tr("Open"));
    open->setAccessibleName(tr("Open: %1").arg(item.title));
    connect(open, &QPushButton::clicked, this, [this, page = item.page] { Q_EMIT opened(page); });
    buttons_.push_back(open);
    auto* layout = new QHBoxLayout(outline);
    layout->setContentsMargins(13, 9, 11, 9);
    layout->setSpacing(10);
    layout->addLayout(words, 1);
    layout->addWidget(open, 0, Qt::AlignVCenter);
    return outline;
}

void AttentionList::keyPressEvent(QKeyEvent* event)
{
    const bool isNext = event->key() == Qt::Key_J;
    if ((!isNext && event->key() != Qt::Key_K) || buttons_.empty()) {
        QScrollArea::keyPressEvent(event);
        return;
    }
    const auto focused = std::find_if(buttons_.begin(), buttons_.end(), [](const auto* b) { return b->hasFocus(); });
    const auto size = static_cast<std::ptrdiff_t>(buttons_.size());
    std::ptrdiff_t at = 0;
    if (focused != buttons_.end()) {
        at = (focused - buttons_.begin() + (isNext ? 1 : size - 1)) % size;
    }
    buttons_[static_cast<std::size_t>(at)]->setFocus(Qt::TabFocusReason);
    ensureWidgetVisible(buttons_[static_cast<std::size_t>(at)]);
}

} // namespace qd::ui
