// What every table of the window is made of: columns with a meaning, typed roles, rows updated in place. GUI thread.
// A model derives from RowModel<Row>, names its columns and answers cell(); update() takes the new rows and tells the
// view only what differs: no resets, so selection, scroll position and open editors survive.
#pragma once

#include "ui/theme.h"

#include <QAbstractTableModel>

#include <algorithm>
#include <vector>

namespace qd::ui {

/// A sparkline's values as a QVariant.
using SparkValues = std::vector<float>;

enum TableRole : int {
    SortRole = Qt::UserRole + 1, // the raw value: what sorts and what is exported
    KindRole,                    // CellKind, where a cell differs from its column
    ToneRole,                    // Meaning of the text or tag
    MutedRole,                   // second, quieter text after the first
    BelowRole,                   // a quieter second line under it: an interval, a state
    BelowToneRole,               // Meaning of that line, where it is not the quietest
    SparkRole,                   // SparkValues
    SwitchRole,                  // paint::SwitchState as int
    BarRole,                     // 0…1: how much of a Bar cell is filled
    ExportRole,                  // text for clipboard and CSV, where it is not the display text made plain
};

enum class CellKind : std::uint8_t { Text, Figure, Tag, Spark, Switch, Dot, Bar };

struct Column {
    QString title;
    CellKind kind = CellKind::Text;
    Qt::Alignment alignment = Qt::AlignLeft;
    QString help;  // tooltip of the head
    int width = 0; // 0: by head and content
    bool isStretched = false;
    bool isHidden = false; // at first; the column menu brings it
    int givesWay = 0;      // where the table is too narrow for all, the highest of these goes first; 0: never
};

class TableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    explicit TableModel(std::vector<Column> columns, QObject* parent = nullptr)
        : QAbstractTableModel(parent),
          columns_(std::move(columns))
    {
    }
    [[nodiscard]] const Column& column(int index) const { return columns_[static_cast<std::size_t>(index)]; }
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(columns_.size());
    }
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// False while a row has not come yet: it is left out of copies.
    [[nodiscard]] virtual bool isLoaded(int row) const
    {
        Q_UNUSED(row)
        return true;
    }

Q_SIGNALS:
    /// All rows of an update are in their places.
    void updated();

private:
    std::vector<Column> columns_;
};

template <typename Row>
class RowModel : public TableModel {
public:
    using TableModel::TableModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(rows_.size());
    }
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override
    {
        if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
            return {};
        }
        if (role == Qt::TextAlignmentRole) {
            return QVariant::fromValue(column(index.column()).alignment | Qt::AlignVCenter);
        }
        return cell(row(index.row()), index.column(), role);
    }
    [[nodiscard]] const Row& row(int index) const { return rows_[static_cast<std::size_t>(index)]; }
    [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }

    /// Makes the model show `next`, in that order.
    void update(std::vector<Row> next)
    {
        dropThoseNotIn(next);
        for (std::size_t i = 0; i < next.size(); ++i) {
            place(i, std::move(next[i]));
        }
        Q_EMIT updated();
    }

    /// Every cell may look different now (theme, zone, pending).
    void repaintAll()
    {
        if (!rows_.empty()) {
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        }
    }

protected:
    /// Qt::DisplayRole, Qt::ToolTipRole and the roles above; an empty QVariant where there is nothing.
    [[nodiscard]] virtual QVariant cell(const Row& row, int column, int role) const = 0;
    /// The same thing, perhaps with other values.
    [[nodiscard]] virtual bool isSame(const Row& a, const Row& b) const = 0;
    /// Nothing of what is shown differs.
    [[nodiscard]] virtual bool isEqual(const Row& a, const Row& b) const = 0;

private:
    void dropThoseNotIn(const std::vector<Row>& next)
    {
        for (std::size_t i = rows_.size(); i-- > 0;) {
            const bool isKept =
                (i < next.size() && isSame(rows_[i], next[i])) ||
                std::any_of(next.begin(), next.end(), [&](const Row& r) { return isSame(r, rows_[i]); });
            if (!isKept) {
                beginRemoveRows({}, static_cast<int>(i), static_cast<int>(i));
                rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(i));
                endRemoveRows();
            }
        }
    }
    void place(std::size_t at, Row&& next)
    {
        const auto begin = rows_.begin() + static_cast<std::ptrdiff_t>(std::min(at, rows_.size()));
        const auto found = std::find_if(begin, rows_.end(), [&](const Row& r) { return isSame(r, next); });
        const int i = static_cast<int>(at);
        if (found == rows_.end()) {
            beginInsertRows({}, i, i);
            rows_.insert(begin, std::move(next));
            endInsertRows();
            return;
        }
        if (found != begin) {
            const int from = static_cast<int>(found - rows_.begin());
            beginMoveRows({}, from, from, {}, i);
            std::rotate(begin, found, found + 1);
            endMoveRows();
        }
        const bool differs = !isEqual(rows_[at], next);
        rows_[at] = std::move(next);
        if (differs) {
            Q_EMIT dataChanged(index(i, 0), index(i, columnCount() - 1));
        }
    }

    std::vector<Row> rows_;
};

} // namespace qd::ui

Q_DECLARE_METATYPE(qd::ui::SparkValues)
Q_DECLARE_METATYPE(qd::ui::Meaning)
