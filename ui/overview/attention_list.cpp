#include "ui/overview/attention_list.h"

#include "ui/widgets/card.h"
#include "ui/widgets/paint.h"

#include <QKeyEvent>
#include <QPainter>
#include <QPushButton>

#include <algorithm>

namespace qd::ui {

namespace {

/// The outline of one item, with a bar in the colour of its gravity; it takes the focus.
class Outline final : public QWidget {
public:
    Outline(const Theme& theme, Meaning tone) : theme_(theme), tone_(tone) { setFocusPolicy(Qt::StrongFocus); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter p(this);
        const auto card = theme_.color(Meaning::Card);
        const auto focus = theme_.color(Meaning::Focus);
        paint::box(p, rect(), hasFocus() ? mixed(card, focus, 0.08) : card,
                   hasFocus() ? focus : theme_.color(Meaning::Hairline), 6);
        p.setRenderHint(QPainter::Antialiasing);
        p.setPen(Qt::NoPen);
        p.setBrush(theme_.color(tone_));
        p.drawRoundedRect(QRectF(0, 8, 3, height() - 16), 1.5, 1.5);
    }
    void focusInEvent(QFocusEvent* event) override
    {
        QWidget::focusInEvent(event);
        update();
    }
    void focusOutEvent(QFocusEvent* event) override
    {
        QWidget::focusOutEvent(event);
        update();
    }

private:
    const Theme& theme_;
    const Meaning tone_;
};

bool isDecision(const Attention& item)
{
    return item.kind != AttentionKind::Trouble && item.kind != AttentionKind::Alert;
}

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

void AttentionList::setItems(const std::vector<Attention>& items, const std::set<QString>& pending)
{
    if (isBuilt_ && items == items_ && pending == pending_) {
        return;
    }
    items_ = items;
    pending_ = pending;
    std::erase_if(decided_,
                  [&](const QString& key) { return std::ranges::find(items_, key, &Attention::key) == items_.end(); });
    rebuild();
}

void AttentionList::setWords(const QString& words)
{
    words_ = words;
    rebuild();
}

std::vector<Attention> AttentionList::chosen() const
{
    std::vector<Attention> out;
    const auto words = words_.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    std::ranges::copy_if(items_, std::back_inserter(out), [&](const Attention& item) {
        const QString all = item.title + QLatin1Char(' ') + item.text;
        return std::ranges::all_of(words, [&](const QString& w) { return all.contains(w, Qt::CaseInsensitive); });
    });
    return out;
}

// The same rows: scroll, focus and a button that is held down stay.
void AttentionList::redraw(std::vector<Attention> now)
{
    const int at = focused();
    for (std::size_t i = 0; i < now.size(); ++i) {
        auto& drawn = boxes_[i];
        auto worded = shown_[i];
        worded.text = now[i].text;
        const bool isPending = pending_.contains(now[i].key);
        if (worded == now[i] && drawn.isPending == isPending && drawn.isUnfolded == unfolded_.contains(now[i].key)) {
            if (shown_[i].text != now[i].text) {
                drawn.text->show(now[i].text);
                drawn.outline->setAccessibleName(now[i].title + QStringLiteral(". ") + now[i].text);
            }
            continue;
        }
        const auto fresh = box(now[i]);
        delete layout_->replaceWidget(drawn.outline, fresh.outline, Qt::FindDirectChildrenOnly);
        fresh.outline->show();
        QWidget::setTabOrder(drawn.outline, fresh.outline);
        if (static_cast<int>(i) == at) {
            fresh.outline->setFocus(Qt::OtherFocusReason);
        }
        delete drawn.outline;
        drawn = fresh;
    }
    shown_ = std::move(now);
}

void AttentionList::rebuild()
{
    auto now = chosen();
    const auto hasDecision = [](const std::vector<Attention>& rows) { return std::ranges::any_of(rows, isDecision); };
    if (isBuilt_ && !now.empty() && std::ranges::equal(now, shown_, {}, &Attention::key, &Attention::key) &&
        hasDecision(now) == hasDecision(shown_)) {
        redraw(std::move(now));
        return;
    }
    isBuilt_ = true;
    const int at = focused();
    const QString key = at >= 0 ? shown_[static_cast<std::size_t>(at)].key : QString();
    shown_ = std::move(now);
    boxes_.clear();
    while (auto* item = layout_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    if (shown_.empty()) {
        showCalm();
        if (at >= 0) { // U and / go on working
            setFocus(Qt::OtherFocusReason);
        }
        return;
    }
    for (const auto& item : shown_) {
        boxes_.push_back(box(item));
        layout_->addWidget(boxes_.back().outline);
        boxes_.back().outline->show();
    }
    if (hasDecision(shown_)) {
        auto* keys = new TextLabel(theme_, FontRole::Caption, Meaning::TextFaint,
                                   tr("J K next, previous · A apply · D dismiss · E evidence · Space switch · U undo"));
        keys->setWordWrap(true);
        layout_->addWidget(keys);
        keys->QWidget::show();
    }
    layout_->addStretch(1);
    if (at >= 0) { // the row that had it, else what took its place
        const auto found = std::ranges::find(shown_, key, &Attention::key);
        focusOn(found != shown_.end() ? static_cast<int>(found - shown_.begin())
                                      : std::min(at, static_cast<int>(shown_.size()) - 1));
    }
}

int AttentionList::focused() const
{
    // Also while a dialog asks why: the window remembers who had it.
    const auto found = std::ranges::find(boxes_, window()->focusWidget(), &Box::outline);
    return found == boxes_.end() ? -1 : static_cast<int>(found - boxes_.begin());
}

void AttentionList::focusOn(int at)
{
    auto* box = boxes_[static_cast<std::size_t>(at)].outline;
    box->setFocus(Qt::TabFocusReason);
    ensureWidgetVisible(box, 0, 8);
}

void AttentionList::step(int by)
{
    if (boxes_.empty()) {
        return;
    }
    const int size = static_cast<int>(boxes_.size());
    const int at = focused();
    focusOn(at < 0 ? 0 : (at + by + size) % size);
}

void AttentionList::goOn(int from)
{
    const int size = static_cast<int>(boxes_.size());
    for (int i = 1; i < size; ++i) {
        const int at = (from + i) % size;
        const auto& item = shown_[static_cast<std::size_t>(at)];
        if (isDecision(item) && !pending_.contains(item.key) && !decided_.contains(item.key)) {
            focusOn(at);
            return;
        }
    }
}

void AttentionList::showCalm()
{
    auto* calm = new TextLabel(theme_, FontRole::Strong, Meaning::Text, tr("Nothing needs you"));
    auto* why =
        new TextLabel(theme_, FontRole::Caption, Meaning::TextMuted,
                      tr("Feed, engines, archive and probes are watched; what goes wrong appears here, and what "
                         "the review proposes."));
    layout_->addStretch(2);
    for (auto* line : {calm, why}) {
        line->setAlignment(Qt::AlignCenter);
        line->setWordWrap(true);
        layout_->addWidget(line);
        line->QWidget::show();
    }
    layout_->addStretch(3);
}

AttentionList::Box AttentionList::box(const Attention& item)
{
    const Meaning tone = item.severity == console::Severity::Error ? Meaning::Loss
                         : isDecision(item)                        ? Meaning::Focus
                                                                   : Meaning::Warning;
    const bool isPending = pending_.contains(item.key);
    auto* outline = new Outline(theme_, tone);
    outline->setAccessibleName(item.title + QStringLiteral(". ") + item.text);
    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    auto* title = new TextLabel(theme_, FontRole::Strong, Meaning::Text, item.title);
    title->setWordWrap(true);
    auto* text = new TextLabel(theme_, FontRole::Caption, Meaning::TextMuted, item.text);
    text->setWordWrap(true);
    for (auto* label : {title, text}) {
        label->setMinimumWidth(60); // wraps; else a long name would push the button out
    }
    words->addWidget(title);
    words->addWidget(text);
    if (unfolded_.contains(item.key) && !item.evidence.isEmpty()) {
        auto* evidence = new TextLabel(theme_, FontRole::Caption, Meaning::Text, item.evidence);
        evidence->setWordWrap(true);
        words->addWidget(evidence);
    }
    auto* open = new QPushButton(isPending ? tr("Pending") : isDecision(item) ? tr("Review") : tr("Open"));
    open->setAccessibleName(tr("Open: %1").arg(item.title));
    open->setFocusPolicy(Qt::NoFocus); // the box has it
    connect(open, &QPushButton::clicked, this, [this, key = item.key] {
        if (const auto found = std::ranges::find(shown_, key, &Attention::key); found != shown_.end()) {
            const Attention now = *found; // a copy: what follows may rebuild
            Q_EMIT opened(now);
        }
    });
    auto* layout = new QHBoxLayout(outline);
    layout->setContentsMargins(13, 9, 11, 9);
    layout->setSpacing(10);
    layout->addLayout(words, 1);
    layout->addWidget(open, 0, Qt::AlignVCenter);
    return {outline, text, isPending, unfolded_.contains(item.key)};
}

void AttentionList::keyPressEvent(QKeyEvent* event)
{
    const int at = focused();
    if (event->key() == Qt::Key_J || event->key() == Qt::Key_K) {
        step(event->key() == Qt::Key_J ? 1 : -1);
        return;
    }
    if (event->key() == Qt::Key_U) {
        Q_EMIT undoWished();
        return;
    }
    if (event->key() == Qt::Key_Slash) {
        Q_EMIT filterWished();
        return;
    }
    if (at < 0) {
        QScrollArea::keyPressEvent(event);
        return;
    }
    const Attention item = shown_[static_cast<std::size_t>(at)]; // a copy: what follows may rebuild
    const bool can = (isDecision(item) || item.kind == AttentionKind::Alert) && !pending_.contains(item.key);
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        Q_EMIT opened(item);
        break;
    case Qt::Key_A:
    case Qt::Key_D:
        if (can) {
            decided_.insert(item.key);
            goOn(at);
            event->key() == Qt::Key_A ? Q_EMIT applied(item) : Q_EMIT dismissed(item);
        }
        break;
    case Qt::Key_Space:
        item.strategy.isEmpty() ? Q_EMIT opened(item) : Q_EMIT switchWished(item);
        break;
    case Qt::Key_E:
        unfolded_.contains(item.key) ? static_cast<void>(unfolded_.erase(item.key))
                                     : static_cast<void>(unfolded_.insert(item.key));
        rebuild();
        break;
    default:
        QScrollArea::keyPressEvent(event);
    }
}

} // namespace qd::ui
