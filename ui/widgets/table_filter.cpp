// What a DataTable shows of its model, and in which order. See data_table.h.
#include "ui/widgets/data_table.h"

#include <algorithm>

namespace qd::ui {

TableFilter::TableFilter(QObject* parent) : QSortFilterProxyModel(parent)
{
    setSortRole(SortRole);
    setDynamicSortFilter(false); // nothing jumps: a sort happens when it is asked for
}

void TableFilter::setWords(const QString& text)
{
    words_ = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
}

void TableFilter::setServed()
{
    QSortFilterProxyModel::sort(-1);
    isServed_ = true;
}

void TableFilter::sort(int column, Qt::SortOrder order)
{
    isServed_ ? sourceModel()->sort(column, order) : QSortFilterProxyModel::sort(column, order);
}

bool TableFilter::filterAcceptsRow(int row, const QModelIndex& parent) const
{
    if (words_.isEmpty()) {
        return true;
    }
    QString all;
    for (int column = 0; column < sourceModel()->columnCount(parent); ++column) {
        const auto index = sourceModel()->index(row, column, parent);
        for (const int role : {int(Qt::DisplayRole), int(MutedRole), int(BelowRole)}) {
            all += index.data(role).toString() + QLatin1Char(' ');
        }
    }
    return std::all_of(words_.begin(), words_.end(),
                       [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
}

bool TableFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const
{
    const QVariant a = left.data(SortRole);
    const QVariant b = right.data(SortRole);
    if (a.isValid() != b.isValid()) {
        return !a.isValid(); // the undefined is less than any figure
    }
    return QSortFilterProxyModel::lessThan(left, right);
}

} // namespace qd::ui
