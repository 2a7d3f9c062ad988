#include "ui/charts/chart_export.h"

#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QMessageBox>
#include <QSaveFile>

namespace qd::ui {

namespace {

void askAndWrite(QWidget* parent, const ChartExport& what)
{
    const auto path = QFileDialog::getSaveFileName(parent, QObject::tr("Export as CSV"), what.fileName,
                                                   QObject::tr("CSV files (*.csv)"));
    if (path.isEmpty()) {
        return;
    }
    if (const auto failure = writeCsv(path, what.csv()); !failure.isEmpty()) {
        QMessageBox::warning(parent, QObject::tr("Export"),
                             QObject::tr("The file was not written: %1. Choose another folder.").arg(failure));
    }
}

} // namespace

QMenu* chartMenu(QWidget* parent, const ChartExport& what)
{
    auto* menu = new QMenu(parent);
    menu->addAction(QObject::tr("Copy as picture"), parent, [what] { copyPicture(what); })
        ->setShortcut(QKeySequence::Copy);
    menu->addAction(QObject::tr("Export as CSV…"), parent, [parent, what] { askAndWrite(parent, what); });
    if (what.reset) {
        menu->addSeparator();
        menu->addAction(QObject::tr("Reset zoom"), parent, what.reset);
    }
    return menu;
}

void copyPicture(const ChartExport& what)
{
    QGuiApplication::clipboard()->setPixmap(what.picture());
}

QString writeCsv(const QString& path, const QString& csv)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        return file.errorString();
    }
    const auto bytes = csv.toUtf8();
    return file.write(bytes) == bytes.size() && file.commit() ? QString() : file.errorString();
}

} // namespace qd::ui
