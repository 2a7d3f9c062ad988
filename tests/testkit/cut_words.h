// Which words of what is shown do not have the room that they need: labels, buttons, heads and cells of tables. GUI
// thread.
#pragma once

#include "ui/widgets/data_table.h"
#include "ui/widgets/table_delegate.h"

#include <QAbstractButton>
#include <QHeaderView>
#include <QLabel>
#include <QScrollBar>
#include <QStringList>

namespace qd::testkit {

/// What is cut on this page, in words.
inline QStringList cutWords(QWidget& window)
{
    QStringList cut;
    for (auto* label : window.findChildren<QLabel*>()) {
        if (!label->isVisible() || label->text().isEmpty() ||
            label->sizePolicy().horizontalPolicy() == QSizePolicy::Ignored) {
            continue;
        }
        const QFontMetrics metrics(label->font());
        const auto needs = metrics.size(0, label->text()); // of all its lines
        const bool isCut = label->wordWrap() ? label->heightForWidth(label->width()) > label->height()
                                             : needs.width() > label->width() || needs.height() > label->height() + 1;
        if (isCut) {
            cut << QStringLiteral("label '%1' has %2x%3").arg(label->text()).arg(label->width()).arg(label->height());
        }
    }
    for (auto* button : window.findChildren<QAbstractButton*>()) {
        if (button->isVisible() && !button->text().isEmpty() && button->sizeHint().width() > button->width()) {
            cut << QStringLiteral("button '%1'").arg(button->text());
        }
    }
    for (auto* table : window.findChildren<ui::DataTable*>()) {
        if (!table->isVisible()) {
            continue;
        }
        auto* view = table->view();
        const auto* delegate = static_cast<const ui::TableDelegate*>(view->itemDelegate());
        const QFontMetrics heads(view->horizontalHeader()->font());
        for (int column = 0; column < table->proxy()->columnCount(); ++column) {
            const int width = view->columnWidth(column);
            const QString title = table->proxy()->headerData(column, Qt::Horizontal).toString();
            if (width > 0 && view->horizontalHeader()->isVisible() &&
                heads.horizontalAdvance(title) + 2 * ui::cellPadding > width) {
                cut << QStringLiteral("head '%1' has %2").arg(title).arg(width);
            }
            for (int row = 0; width > 0 && row < table->proxy()->rowCount(); ++row) {
                const auto index = table->proxy()->index(row, column);
                const auto kind = delegate->kindOf(index);
                if ((kind == ui::CellKind::Figure || kind == ui::CellKind::Tag || column == 0) &&
                    delegate->sizeHint({}, index).width() > width) {
                    cut << QStringLiteral("cell '%1' has %2").arg(index.data().toString()).arg(width);
                }
            }
        }
        if (view->horizontalScrollBar()->maximum() > 0) {
            cut << QStringLiteral("table with '%1' is wider than its place")
                       .arg(table->proxy()->headerData(0, Qt::Horizontal).toString());
        }
    }
    return cut;
}

} // namespace qd::testkit
