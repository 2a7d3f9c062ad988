// A table with all that UI.md asks of one: sort (a third click gives the given order back), filter box (/ or Ctrl+F),
// column menu, copy as TSV (Ctrl+C), export as CSV, keyboard, widths and sort remembered. GUI thread; parent owns; the
// model is the caller's and outlives it.
#pragma once

#include "ui/widgets/table_model.h"

#include <QSortFilterProxyModel>
#include <QTableView>
#include <QTimer>
#include <QWidget>

#include <set>

class QLabel;
class QLineEdit;
class QMenu;
class QToolButton;

namespace qd::ui {

class WindowMemory;

/// Sorts by SortRole; rows that hold every word of the filter in any column stay.
class TableFilter final : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit TableFilter(QObject* parent = nullptr);
    void setWords(const QString& text);
    /// The source sorts itself.
    void setServed();
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    QStringList words_;
    bool isServed_ = false;
};

class DataTable final : public QWidget {
    Q_OBJECT
public:
    /// `key` names it in the window's memory, e.g. "overview.top".
    DataTable(const Theme& theme, WindowMemory& memory, const QString& key, TableModel& model,
              QWidget* parent = nullptr);

    [[nodiscard]] QTableView* view() { return view_; }
    [[nodiscard]] QSortFilterProxyModel* proxy() { return filter_; }
    /// The "⋯" button with columns, copy and export; put it into the card's header.
    [[nodiscard]] QToolButton* menuButton() { return menu_; }
    /// Shown over the empty table.
    void setEmptyText(const QString& sentence);
    /// Asks for this many rows and not more, so that a small table does not take the page.
    void setVisibleRows(int least, int most);
    void setRowHeight(int height);
    /// The model holds a part only and sorts by itself; filter and export are asked of the owner.
    void setServed();

    /// The selection, or all shown rows if nothing is selected; with a head line.
    [[nodiscard]] QString asTsv() const;
    [[nodiscard]] QString asCsv() const;
    /// Row in the source model; -1 if none is current.
    [[nodiscard]] int currentRow() const;
    void selectRow(int sourceRow);

Q_SIGNALS:
    /// Double click or Enter; a row of the source model.
    void opened(int sourceRow);
    /// Click on a Switch cell, or Space with one in the current row; a row of the source model.
    void switched(int sourceRow);
    void currentRowChanged(int sourceRow);
    /// Of a served table.
    void filterWished();
    void exportWished();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void buildView(TableModel& model);
    void buildMenu();
    void fillMenu();
    void remember();
    void recall();
    void fitColumns();
    void giveWay(const std::vector<int>& widths);
    void fitOutgrown();
    void sortAsShown();
    void fitHeight();
    void showEmptiness();
    void toggleCurrent();
    void exportCsv();
    void showFilter();
    [[nodiscard]] QList<int> chosenRows() const;
    [[nodiscard]] QString textOf(int proxyRow, int column) const;
    [[nodiscard]] int widthFor(int column) const;

    const Theme& theme_;
    WindowMemory& memory_;
    const QString key_;
    TableModel& model_;
    TableFilter* filter_;
    QTableView* view_;
    QLineEdit* box_;
    QLabel* empty_;
    QToolButton* menu_;
    int leastRows_ = 0;
    int mostRows_ = 0;
    std::set<int> narrowed_; // columns that gave way, and come back with the room
    std::set<int> kept_;     // that the operator brought back himself
    bool isServed_ = false;
    bool isRecalled_ = false; // widths come from the memory
    QTimer changed_;          // rows came or went: the columns are fitted once for all of them
    QTimer grown_;            // figures may have outgrown their columns
    QTimer filled_;           // the first rows came: a remembered sort is done now, and rows do not jump afterwards
    bool isFitAgain_ = false;
    bool isSecondFit_ = false;
    bool isFitting_ = false; // widths change by us, not by the operator
};

} // namespace qd::ui
