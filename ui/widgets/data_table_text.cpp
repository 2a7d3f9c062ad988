// DataTable as text: for the clipboard and for files.
#include "ui/format.h"
#include "ui/widgets/data_table.h"

#include <QApplication>
#include <QFileDialog>
#include <QHeaderView>
#include <QLabel>
#include <QSaveFile>

namespace qd::ui {

QString DataTable::textOf(int proxyRow, int column) const
{
    const auto index = filter_->index(proxyRow, column);
    const QVariant own = index.data(ExportRole);
    if (own.isValid()) {
        return own.toString();
    }
    QString text = index.data(Qt::DisplayRole).toString();
    for (const int role : {int(MutedRole), int(BelowRole)}) {
        const QString more = index.data(role).toString();
        text += more.isEmpty() ? more : QLatin1Char(' ') + more;
    }
    return format::plain(text);
}

QString DataTable::asTsv() const
{
    QString out;
    const auto* header = view_->horizontalHeader();
    const auto line = [&](const auto& cell) {
        QStringList cells;
        for (int visual = 0; visual < header->count(); ++visual) {
            const int column = header->logicalIndex(visual);
            if (!view_->isColumnHidden(column)) {
                cells << cell(column).replace(QLatin1Char('\t'), QLatin1Char(' '));
            }
        }
        out += cells.join(QLatin1Char('\t')) + QLatin1Char('\n');
    };
    line([&](int column) { return model_.column(column).title; });
    for (const int row : chosenRows()) {
        line([&](int column) { return textOf(row, column); });
    }
    return out;
}

QString DataTable::asCsv() const
{
    QString out;
    const auto quoted = [](QString cell) {
        if (cell.contains(QLatin1Char(',')) || cell.contains(QLatin1Char('"')) || cell.contains(QLatin1Char('\n'))) {
            cell = QLatin1Char('"') + cell.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
        }
        return cell;
    };
    const auto line = [&](const auto& cell) {
        QStringList cells;
        for (int column = 0; column < model_.columnCount(); ++column) {
            if (model_.column(column).kind != CellKind::Spark) {
                cells << quoted(cell(column));
            }
        }
        out += cells.join(QLatin1Char(',')) + QLatin1Char('\n');
    };
    line([&](int column) { return model_.column(column).title; });
    for (const int row : chosenRows()) {
        line([&](int column) { return textOf(row, column); });
    }
    return out;
}

void DataTable::exportCsv()
{
    if (isServed_) {
        Q_EMIT exportWished();
        return;
    }
    const QString path = QFileDialog::getSaveFileName(this, tr("Export as CSV"), key_ + QStringLiteral(".csv"),
                                                      tr("Comma separated (*.csv)"));
    if (path.isEmpty()) {
        return;
    }
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(asCsv().toUtf8()) < 0 || !file.commit()) {
        empty_->setToolTip(file.errorString());
        QApplication::beep();
    }
}

} // namespace qd::ui
