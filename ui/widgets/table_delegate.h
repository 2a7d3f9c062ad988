// Paints the cells of every table: words, figures, tags, sparklines, bars, switches, dots, with one hairline under
// each row. GUI thread; owned by the table.
#pragma once

#include "ui/widgets/table_model.h"

#include <QStyledItemDelegate>

namespace qd::ui {

inline constexpr int cellPadding = 8;

class TableDelegate final : public QStyledItemDelegate {
    Q_OBJECT
public:
    TableDelegate(const Theme& theme, const TableModel& model, QObject* parent);

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] CellKind kindOf(const QModelIndex& index) const;
    /// -1: none.
    void setHoveredRow(int row) { hoveredRow_ = row; }

private:
    void paintText(QPainter& p, const QRectF& cell, CellKind kind, const QModelIndex& index) const;
    /// The second line, in the lower half of `cell`; the first keeps the upper.
    QRectF paintBelow(QPainter& p, const QRectF& cell, Qt::Alignment side, const QModelIndex& index) const;
    [[nodiscard]] QFont fontOf(CellKind kind) const;
    [[nodiscard]] QFont fontBelow(CellKind kind) const;

    const Theme& theme_;
    const TableModel& model_;
    int hoveredRow_ = -1;
};

} // namespace qd::ui
