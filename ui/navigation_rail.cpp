#include "ui/navigation_rail.h"

#include "ui/widgets/paint.h"

#include <QKeyEvent>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>

namespace qd::ui {

RailButton::RailButton(const Theme& theme, const QString& title, QWidget* parent)
    : QAbstractButton(parent),
      theme_(theme)
{
    setText(title);
    setCheckable(true);
    setAutoExclusive(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(title);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize RailButton::sizeHint() const
{
    return {QFontMetrics(theme_.font(FontRole::Body)).horizontalAdvance(text()) + 12 + 34, 34};
}

void RailButton::setCount(int count)
{
    if (count != count_) {
        count_ = count;
        setAccessibleName(count > 0 ? tr("%1, %n waiting", nullptr, count).arg(text()) : text());
        update();
    }
}

void RailButton::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    const QColor rail = theme_.color(Meaning::Rail);
    if (isChecked()) {
        paint::box(p, rect(), theme_.color(Meaning::Raised), theme_.color(Meaning::Hairline), 6);
        p.setRenderHint(QPainter::Antialiasing);
        p.setPen(Qt::NoPen);
        p.setBrush(theme_.color(Meaning::Focus));
        p.drawRoundedRect(QRectF(0, 4, 3, height() - 8), 1.5, 1.5);
    } else if (underMouse()) {
        const QColor hover = mixed(rail, theme_.color(Meaning::Raised), 0.6);
        paint::box(p, rect(), hover, hover, 6);
    }
    if (hasFocus()) {
        p.setRenderHint(QPainter::Antialiasing);
        p.setPen(QPen(theme_.color(Meaning::Focus), 1));
        p.setBrush(Qt::NoBrush);
        p.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    }
    p.setFont(theme_.font(FontRole::Body));
    p.setPen(theme_.color(isChecked() ? Meaning::Text : Meaning::TextMuted));
    p.drawText(rect().adjusted(12, 0, -34, 0), Qt::AlignLeft | Qt::AlignVCenter, text());
    if (count_ > 0) {
        p.setFont(theme_.font(FontRole::FigureSmall));
        p.setPen(theme_.color(Meaning::Warning));
        p.drawText(rect().adjusted(0, 0, -10, 0), Qt::AlignRight | Qt::AlignVCenter, QString::number(count_));
    }
}

NavigationRail::NavigationRail(const Theme& theme, const QStringList& titles, QWidget* parent)
    : QWidget(parent),
      theme_(theme)
{
    setFixedWidth(176);
    setAccessibleName(tr("Pages"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 10, 9, 10);
    layout->setSpacing(2);
    for (int i = 0; i < titles.size(); ++i) {
        auto* button = new RailButton(theme, titles[i], this);
        if (constexpr int withKey = 10; i < withKey) {
            button->setToolTip(QStringLiteral("Ctrl+") + QString::number((i + 1) % withKey));
        }
        buttons_.push_back(button);
        if (i + 1 == titles.size()) {
            layout->addStretch(1);
        }
        layout->addWidget(button);
        connect(button, &QAbstractButton::clicked, this, [this, i] { Q_EMIT chosen(i); });
    }
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void NavigationRail::setCurrent(int page)
{
    button(page)->setChecked(true);
}

int NavigationRail::indexOf(const QString& title) const
{
    const auto found = std::ranges::find_if(
        buttons_, [&](const RailButton* one) { return one->text().compare(title, Qt::CaseInsensitive) == 0; });
    return found == buttons_.end() ? -1 : static_cast<int>(found - buttons_.begin());
}

void NavigationRail::setCount(int page, int count)
{
    button(page)->setCount(count);
}

void NavigationRail::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    p.fillRect(rect(), theme_.color(Meaning::Rail));
    p.fillRect(QRect(width() - 1, 0, 1, height()), theme_.color(Meaning::Hairline));
}

void NavigationRail::keyPressEvent(QKeyEvent* event)
{
    const auto focused = std::find_if(buttons_.begin(), buttons_.end(), [](const auto* b) { return b->hasFocus(); });
    if (focused != buttons_.end() && (event->key() == Qt::Key_Down || event->key() == Qt::Key_Up)) {
        const auto size = static_cast<std::ptrdiff_t>(buttons_.size());
        const auto step = event->key() == Qt::Key_Down ? 1 : size - 1;
        buttons_[static_cast<std::size_t>((focused - buttons_.begin() + step) % size)]->setFocus();
        return;
    }
    QWidget::keyPressEvent(event);
}

} // namespace qd::ui
