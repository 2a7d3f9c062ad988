#include "ui/widgets/table_delegate.h"

#include "ui/widgets/paint.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace qd::ui {

TableDelegate::TableDelegate(const Theme& theme, const TableModel& model, QObject* parent)
    : QStyledItemDelegate(parent),
      theme_(theme),
      model_(model)
{
}

CellKind TableDelegate::kindOf(const QModelIndex& index) const
{
    const QVariant own = index.data(KindRole);
    return own.isValid() ? static_cast<CellKind>(own.toInt()) : model_.column(index.column()).kind;
}

QFont TableDelegate::fontOf(CellKind kind) const
{
    return theme_.font(kind == CellKind::Figure ? FontRole::Figure : FontRole::Body);
}

QFont TableDelegate::fontBelow(CellKind kind) const
{
    QFont font = theme_.font(kind == CellKind::Figure ? FontRole::FigureSmall : FontRole::Caption);
    font.setPixelSize(11);
    return font;
}

QSize TableDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const
{
    const auto kind = kindOf(index);
    const QString text = index.data(Qt::DisplayRole).toString();
    double width = 0;
    switch (kind) {
    case CellKind::Tag:
        width = paint::tagSize(text, theme_).width();
        break;
    case CellKind::Spark:
    case CellKind::Bar:
        width = 92;
        break;
    case CellKind::Switch:
        width = paint::switchSize.width();
        break;
    case CellKind::Dot:
    case CellKind::Text:
    case CellKind::Figure: {
        const QFontMetricsF metrics(fontOf(kind));
        const QString muted = index.data(MutedRole).toString();
        width = metrics.horizontalAdvance(text) + (muted.isEmpty() ? 0 : metrics.horizontalAdvance(muted) + 6) +
                (kind == CellKind::Dot ? 16 : 0);
        if (const QString below = index.data(BelowRole).toString(); !below.isEmpty()) {
            width = std::max(width, QFontMetricsF(fontBelow(kind)).horizontalAdvance(below));
        }
    }
    }
    return {static_cast<int>(std::ceil(width)) + 2 * cellPadding, 34};
}

QRectF TableDelegate::paintBelow(QPainter& p, const QRectF& cell, Qt::Alignment side, const QModelIndex& index) const
{
    const QString below = index.data(BelowRole).toString();
    if (below.isEmpty()) {
        return cell;
    }
    const QFont font = fontBelow(kindOf(index));
    const QVariant tone = index.data(BelowToneRole);
    const double middle = cell.center().y() + 1;
    const QRectF lower(cell.left(), middle, cell.width(), 15);
    p.setFont(font);
    p.setPen(theme_.color(tone.isValid() ? tone.value<Meaning>() : Meaning::TextFaint));
    p.drawText(lower, int(side) | Qt::TextSingleLine,
               QFontMetricsF(font).elidedText(below, Qt::ElideRight, lower.width() + 1));
    return {cell.left(), middle - 18, cell.width(), 18};
}

void TableDelegate::paintText(QPainter& p, const QRectF& cell, CellKind kind, const QModelIndex& index) const
{
    const bool isRight = model_.column(index.column()).alignment & Qt::AlignRight;
    const Qt::Alignment side = (isRight ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter;
    QRectF room = paintBelow(p, cell, side, index);
    const QVariant tone = index.data(ToneRole);
    const QColor color = theme_.color(tone.isValid() ? tone.value<Meaning>() : Meaning::Text);
    if (kind == CellKind::Dot) {
        p.setRenderHint(QPainter::Antialiasing);
        p.setPen(Qt::NoPen);
        p.setBrush(color);
        p.drawEllipse(QRectF(room.left(), room.center().y() - 4, 8, 8));
        room.setLeft(room.left() + 16);
    }
    const QFont font = fontOf(kind);
    const QFontMetricsF metrics(font);
    p.setFont(font);
    const QString text = index.data(Qt::DisplayRole).toString();
    const QString muted = index.data(MutedRole).toString();
    const double mutedWidth = muted.isEmpty() ? 0 : metrics.horizontalAdvance(muted) + 6;
    QRectF first = room;
    QRectF second = room;
    if (isRight) {
        first.setRight(room.right() - mutedWidth);
    } else {
        first.setWidth(std::min(metrics.horizontalAdvance(text) + 1, std::max(0.0, room.width() - mutedWidth)));
        second.setLeft(first.right() + 6);
    }
    p.setPen(kind == CellKind::Dot ? theme_.color(Meaning::Text) : color);
    p.drawText(first, int(side) | Qt::TextSingleLine, metrics.elidedText(text, Qt::ElideRight, first.width() + 1));
    if (!muted.isEmpty()) {
        p.setPen(theme_.color(Meaning::TextFaint));
        p.drawText(second, int(side) | Qt::TextSingleLine, muted);
    }
}

void TableDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QPainter& p = *painter;
    p.save();
    const bool isSelected = option.state & QStyle::State_Selected;
    if (isSelected || index.row() == hoveredRow_) {
        p.fillRect(option.rect, theme_.color(isSelected ? Meaning::Selection : Meaning::Hover));
    }
    p.fillRect(QRectF(option.rect.left(), option.rect.bottom(), option.rect.width(), 1),
               mixed(theme_.color(Meaning::Card), theme_.color(Meaning::Hairline), 0.75));

    const QRectF cell = QRectF(option.rect).adjusted(cellPadding, 0, -cellPadding, -1);
    const Qt::Alignment alignment = model_.column(index.column()).alignment;
    switch (const auto kind = kindOf(index)) {
    case CellKind::Tag: {
        const QString text = index.data(Qt::DisplayRole).toString();
        const QVariant tone = index.data(ToneRole);
        if (!text.isEmpty()) {
            paint::tag(p, cell, alignment, text,
                       theme_.color(tone.isValid() ? tone.value<Meaning>() : Meaning::TextMuted), theme_);
        }
        break;
    }
    case CellKind::Spark: {
        const QVariant tone = index.data(ToneRole);
        QRectF room = cell.adjusted(0, 5, 0, -5);
        if (room.width() > 90) {
            room.setLeft(room.right() - 90);
        }
        paint::spark(p, room, index.data(SparkRole).value<SparkValues>(),
                     theme_.color(tone.isValid() ? tone.value<Meaning>() : Meaning::Focus));
        break;
    }
    case CellKind::Bar: {
        const QVariant tone = index.data(ToneRole);
        const QRectF whole(cell.left(), std::round(cell.center().y()) - 3, cell.width(), 6);
        const double share = std::clamp(index.data(BarRole).toDouble(), 0.0, 1.0);
        p.setRenderHint(QPainter::Antialiasing);
        p.setPen(Qt::NoPen);
        p.setBrush(theme_.color(Meaning::Track));
        p.drawRoundedRect(whole, 3, 3);
        p.setBrush(theme_.color(tone.isValid() ? tone.value<Meaning>() : Meaning::Focus));
        p.drawRoundedRect(QRectF(whole.topLeft(), QSizeF(whole.width() * share, whole.height())), 3, 3);
        break;
    }
    case CellKind::Switch: {
        const QSizeF size = paint::switchSize;
        const double x = alignment & Qt::AlignRight ? cell.right() - size.width() : cell.left();
        const QRectF body(QPointF(x, std::round(cell.center().y() - size.height() / 2)), size);
        paint::toggle(p, body, static_cast<paint::SwitchState>(index.data(SwitchRole).toInt()), theme_);
        break;
    }
    case CellKind::Text:
    case CellKind::Figure:
    case CellKind::Dot:
        paintText(p, cell, kind, index);
        break;
    }
    if (option.state & QStyle::State_HasFocus) {
        p.setPen(QPen(theme_.color(Meaning::Focus), 1));
        p.setBrush(Qt::NoBrush);
        p.drawRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -1.5));
    }
    p.restore();
}

} // namespace qd::ui
