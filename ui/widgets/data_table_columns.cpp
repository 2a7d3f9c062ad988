// How wide the columns of a table are, and which give way where there is no room for all.
#include "ui/widgets/data_table.h"
#include "ui/widgets/table_delegate.h"

#include <QHeaderView>

#include <algorithm>
#include <functional>

namespace qd::ui {

namespace {

constexpr int longestText = 420;
constexpr int leastStretched = 96;
constexpr int leastSentence = 120;

/// Sentences are cut, the last of them first, before a figure is pushed out of sight: what a row is about stands at the
/// left. Whole they are in their tooltips. Returns how much of `excess` they gave.
int shortenSentences(const TableModel& model, const QTableView& view, int excess, std::vector<int>& widths)
{
    int given = 0;
    for (int column = model.columnCount() - 1; column > 0 && given < excess; --column) {
        const Column& of = model.column(column);
        auto& width = widths[static_cast<std::size_t>(column)];
        const bool isSentence = of.kind == CellKind::Text && of.width == 0 && !of.isStretched;
        if (isSentence && width > leastSentence && !view.isColumnHidden(column)) {
            const int less = std::min(excess - given, width - leastSentence);
            width -= less;
            given += less;
        }
    }
    return given;
}

} // namespace

int DataTable::widthFor(int column) const
{
    const Column& of = model_.column(column);
    if (of.width > 0) {
        return of.width;
    }
    const QFontMetrics metrics(theme_.font(FontRole::Caption));
    int width = metrics.horizontalAdvance(of.title) + 2 * cellPadding + 14; // room for the arrow of the sort
    const QStyleOptionViewItem option;
    for (int row = 0; row < std::min(filter_->rowCount(), 60); ++row) {
        const auto index = filter_->index(row, column);
        width = std::max(width, view_->itemDelegate()->sizeHint(option, index).width());
    }
    // One long sentence must not push the others out; it is whole in the tooltip.
    return of.kind == CellKind::Text && !of.isStretched ? std::min(width, longestText) : width;
}

// What has no room and may go is hidden, as long as that is so; what the operator chose is not touched.
void DataTable::giveWay(const std::vector<int>& widths)
{
    const auto needs = [&](int column) { // as fitColumns() gives it
        const int width = widths[static_cast<std::size_t>(column)];
        return model_.column(column).isStretched ? std::max(leastStretched, width) : width;
    };
    int wanted = 0;
    std::vector<int> movable;
    for (int column = 0; column < model_.columnCount(); ++column) {
        if (view_->isColumnHidden(column) && !narrowed_.contains(column)) {
            continue;
        }
        wanted += needs(column);
        if (model_.column(column).givesWay > 0 && !kept_.contains(column)) {
            movable.push_back(column);
        }
    }
    std::ranges::stable_sort(movable, std::greater<>(), [this](int column) { return model_.column(column).givesWay; });
    std::set<int> gone;
    for (const int column : movable) {
        if (wanted <= view_->viewport()->width()) {
            break;
        }
        wanted -= needs(column);
        gone.insert(column);
    }
    for (const int column : movable) {
        if (gone.contains(column) != view_->isColumnHidden(column)) {
            view_->setColumnHidden(column, gone.contains(column));
        }
    }
    narrowed_ = std::move(gone);
}

void DataTable::fitColumns()
{
    if (isRecalled_) {
        return;
    }
    if (isFitting_) { // a scroll bar came or went while columns changed: once more, with the new width
        isFitAgain_ = true;
        return;
    }
    isFitting_ = true;
    std::vector<int> widths;
    for (int column = 0; column < model_.columnCount(); ++column) {
        widths.push_back(widthFor(column)); // shapes the text of its cells: once for all
    }
    giveWay(widths);
    auto* header = view_->horizontalHeader();
    int wanted = 0;
    int shown = 0;
    int stretched = -1;
    for (int column = 0; column < model_.columnCount(); ++column) {
        if (!view_->isColumnHidden(column)) {
            auto& width = widths[static_cast<std::size_t>(column)];
            if (model_.column(column).isStretched) {
                stretched = column;
                width = std::max(leastStretched, width);
            }
            wanted += width;
            ++shown;
        }
    }
    const int givenFirst = stretched < 0 ? 0 : widths[static_cast<std::size_t>(stretched)] - leastStretched;
    wanted -= shortenSentences(model_, *view_, wanted - givenFirst - view_->viewport()->width(), widths);
    // What is left over goes to the stretched column, but for some air between the others.
    const int spare = view_->viewport()->width() - wanted;
    const int air = spare > 0 && stretched >= 0 && shown > 1 ? std::min(28, spare / 2 / (shown - 1)) : 0;
    const int rest = spare - air * (shown - 1);
    for (int column = 0; column < model_.columnCount(); ++column) {
        int width = widths[static_cast<std::size_t>(column)];
        if (spare > 0 && stretched < 0 && shown > 0) {
            width += spare / shown;
        } else if (column == stretched) {
            width = std::max(leastStretched, width + rest);
        } else {
            width += air;
        }
        if (!view_->isColumnHidden(column) && header->sectionSize(column) != width) {
            header->resizeSection(column, width);
        }
    }
    isFitting_ = false;
    if (std::exchange(isFitAgain_, false) && !isSecondFit_) {
        isSecondFit_ = true;
        fitColumns();
        isSecondFit_ = false;
    }
}

} // namespace qd::ui
