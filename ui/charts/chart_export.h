// What every chart offers on a right click: copy as picture, export as CSV. GUI thread. A file that cannot be written
// is told in a box, with the reason of the system.
#pragma once

#include <QMenu>
#include <QPixmap>
#include <QString>

#include <functional>

namespace qd::ui {

struct ChartExport {
    QString fileName;                 // proposed, without path: "BTC-USDT 5m.csv"
    std::function<QPixmap()> picture; // of the chart as it is seen
    std::function<QString()> csv;
    std::function<void()> reset; // of zoom and pan; empty: it has none
};

/// A menu of `parent` with these actions; the caller shows it.
[[nodiscard]] QMenu* chartMenu(QWidget* parent, const ChartExport& what);
void copyPicture(const ChartExport& what);
/// Empty if it was written; otherwise why not.
[[nodiscard]] QString writeCsv(const QString& path, const QString& csv);

} // namespace qd::ui
