#include "ui/widgets/data_table.h"

#include "ui/widgets/table_delegate.h"
#include "ui/window_memory.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <functional>

namespace qd::ui {

QVariant TableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) {
        return {};
    }
    const Column& head = column(section);
    switch (role) {
    case Qt::DisplayRole:
        return head.title;
    case Qt::ToolTipRole:
        return head.help.isEmpty() ? QVariant() : QVariant(head.help);
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(head.alignment | Qt::AlignVCenter);
    default:
        return {};
    }
}

DataTable::DataTable(const Theme& theme, WindowMemory& memory, const QString& key, TableModel& model, QWidget* parent)
    : QWidget(parent),
      theme_(theme),
      memory_(memory),
      key_(key),
      model_(model),
      filter_(new TableFilter(this)),
      view_(new QTableView(this)),
      box_(new QLineEdit(this)),
      empty_(new QLabel(view_)),
      menu_(new QToolButton(this))
{
    filter_->setSourceModel(&model);
    box_->setPlaceholderText(tr("Filter: words that a row must hold. Esc ends."));
    box_->setAccessibleName(tr("Filter"));
    box_->hide();
    connect(box_, &QLineEdit::textChanged, this, [this](const QString& text) {
        filter_->setWords(text);
        showEmptiness();
    });
    box_->installEventFilter(this);
    empty_->setAlignment(Qt::AlignCenter);
    empty_->setWordWrap(true);
    empty_->setAttribute(Qt::WA_TransparentForMouseEvents);
    buildView(model);
    buildMenu();

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(box_);
    layout->addWidget(view_, 1);
    setFocusProxy(view_);

    const auto restyle = [this] {
        view_->horizontalHeader()->setFont(theme_.font(FontRole::Caption));
        empty_->setFont(theme_.font(FontRole::Body));
        QPalette p = empty_->palette();
        p.setColor(QPalette::WindowText, theme_.color(Meaning::TextFaint));
        empty_->setPalette(p);
        view_->viewport()->update();
    };
    restyle();
    connect(&theme, &Theme::changed, this, restyle);
    // A model fills row by row; one fit for all of them.
    changed_.setSingleShot(true);
    changed_.setInterval(0);
    connect(&changed_, &QTimer::timeout, this, &DataTable::fitColumns);
    connect(&model, &TableModel::updated, this, [this] {
        if (changed_.isActive()) {
            changed_.stop();
            fitColumns();
        }
    });
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved}) {
        connect(filter_, signal, this, [this] {
            fitHeight();
            changed_.start();
            showEmptiness();
        });
    }
    filled_.setSingleShot(true);
    filled_.setInterval(0);
    connect(&filled_, &QTimer::timeout, this, &DataTable::sortAsShown);
    connect(filter_, &QAbstractItemModel::rowsInserted, this, [this](const QModelIndex&, int first, int last) {
        if (last - first + 1 == filter_->rowCount()) {
            filled_.start();
        }
    });
    grown_.setSingleShot(true);
    grown_.setInterval(1'000);
    connect(&grown_, &QTimer::timeout, this, &DataTable::fitOutgrown);
    connect(filter_, &QAbstractItemModel::dataChanged, this, [this] {
        if (!grown_.isActive() && isVisible()) {
            grown_.start();
        }
    });
    recall();
    showEmptiness();
}

void DataTable::buildView(TableModel& model)
{
    view_->setModel(filter_);
    view_->setItemDelegate(new TableDelegate(theme_, model, view_));
    view_->setShowGrid(false);
    view_->setFrameShape(QFrame::NoFrame);
    view_->setSelectionBehavior(QAbstractItemView::SelectRows);
    view_->setSelectionMode(QAbstractItemView::ExtendedSelection);
    view_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    view_->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    view_->setWordWrap(false);
    view_->setTabKeyNavigation(false);
    view_->setMouseTracking(true);
    view_->verticalHeader()->hide();
    view_->verticalHeader()->setMinimumSectionSize(20);
    view_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    setRowHeight(34);
    auto* header = view_->horizontalHeader();
    header->setHighlightSections(false);
    header->setMinimumSectionSize(36);
    header->setSectionsMovable(true);
    header->setSortIndicatorClearable(true);
    header->setSortIndicator(-1, Qt::DescendingOrder);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    view_->setSortingEnabled(true);
    filter_->sort(-1);
    view_->installEventFilter(this);
    view_->viewport()->installEventFilter(this);
    connect(header, &QHeaderView::customContextMenuRequested, menu_, [this] { menu_->showMenu(); });
    connect(header, &QHeaderView::sectionResized, this, [this](int, int from, int to) {
        // When rows move, Qt hides the hidden columns anew, which it tells as a change from or to zero.
        const bool isByHand = from > 0 && to > 0;
        if (isByHand && !isFitting_ && isVisible()) {
            isRecalled_ = true;
            remember();
        }
    });
    connect(header, &QHeaderView::sectionMoved, this, &DataTable::remember);
    connect(header, &QHeaderView::sortIndicatorChanged, this, &DataTable::remember);
    connect(view_, &QTableView::doubleClicked, this,
            [this](const QModelIndex& index) { Q_EMIT opened(filter_->mapToSource(index).row()); });
    connect(view_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this] { Q_EMIT currentRowChanged(currentRow()); });
}

void DataTable::setServed()
{
    isServed_ = true;
    filter_->setServed();
    sortAsShown();
}

void DataTable::setRowHeight(int height)
{
    view_->verticalHeader()->setDefaultSectionSize(height);
    fitHeight();
}

void DataTable::buildMenu()
{
    menu_->setText(QStringLiteral("⋯"));
    menu_->setAutoRaise(true);
    menu_->setPopupMode(QToolButton::InstantPopup);
    menu_->setAccessibleName(tr("Table menu"));
    menu_->setToolTip(tr("Columns, filter, copy, export"));
    auto* menu = new QMenu(menu_);
    menu_->setMenu(menu);
    connect(menu, &QMenu::aboutToShow, this, &DataTable::fillMenu);
}

void DataTable::fillMenu()
{
    QMenu* menu = menu_->menu();
    menu->clear();
    menu->addAction(tr("Filter…"), this, &DataTable::showFilter);
    menu->addAction(tr("Copy as text"), this, [this] { QApplication::clipboard()->setText(asTsv()); });
    menu->addAction(tr("Export as CSV…"), this, &DataTable::exportCsv);
    menu->addAction(tr("Given order"), this,
                    [this] { view_->horizontalHeader()->setSortIndicator(-1, Qt::DescendingOrder); });
    menu->addAction(tr("Fit columns"), this, [this] {
        isRecalled_ = false;
        fitColumns();
        remember();
    });
    menu->addSeparator();
    for (int column = 0; column < model_.columnCount(); ++column) {
        const QString title = model_.column(column).title;
        auto* action = menu->addAction(title.isEmpty() ? tr("Column %1").arg(column + 1) : title);
        action->setCheckable(true);
        action->setChecked(!view_->isColumnHidden(column));
        connect(action, &QAction::toggled, this, [this, column](bool isShown) {
            isFitting_ = true;
            narrowed_.erase(column);
            isShown ? static_cast<void>(kept_.insert(column)) : static_cast<void>(kept_.erase(column));
            view_->setColumnHidden(column, !isShown);
            isFitting_ = false;
            fitColumns();
            remember();
        });
    }
}

void DataTable::setEmptyText(const QString& sentence)
{
    empty_->setText(sentence);
    showEmptiness();
}

void DataTable::showEmptiness()
{
    const bool isEmpty = filter_->rowCount() == 0;
    empty_->setVisible(isEmpty);
    if (isEmpty && !box_->text().isEmpty() && model_.rowCount() > 0) {
        empty_->setToolTip(tr("No row holds these words."));
    }
    const int head = view_->horizontalHeader()->height();
    empty_->setGeometry(8, head, std::max(0, view_->width() - 16), std::max(0, view_->height() - head));
}

void DataTable::setVisibleRows(int least, int most)
{
    leastRows_ = least;
    mostRows_ = most;
    fitHeight();
}

void DataTable::fitHeight()
{
    if (mostRows_ <= 0) {
        return;
    }
    const int rows = std::clamp(filter_->rowCount(), leastRows_, mostRows_);
    const auto* head = view_->horizontalHeader();
    const int height =
        (head->isHidden() ? 0 : head->sizeHint().height()) + rows * view_->verticalHeader()->defaultSectionSize() + 2;
    if (view_->minimumHeight() != height) {
        view_->setFixedHeight(height);
    }
}

void DataTable::fitOutgrown()
{
    const auto* header = view_->horizontalHeader();
    for (int column = 0; column < model_.columnCount(); ++column) {
        if (!view_->isColumnHidden(column) && !model_.column(column).isStretched &&
            header->sectionSize(column) < widthFor(column)) {
            fitColumns();
            return;
        }
    }
}

void DataTable::remember()
{
    memory_.setValue(QStringLiteral("tables/") + key_, view_->horizontalHeader()->saveState());
    memory_.setValue(QStringLiteral("tables/") + key_ + QStringLiteral(".widths"), isRecalled_);
    QStringList narrowed; // hidden in the state above, though nobody chose so
    for (const int column : narrowed_) {
        narrowed << QString::number(column);
    }
    memory_.setValue(QStringLiteral("tables/") + key_ + QStringLiteral(".narrowed"), narrowed);
}

void DataTable::recall()
{
    for (int column = 0; column < model_.columnCount(); ++column) {
        view_->setColumnHidden(column, model_.column(column).isHidden);
    }
    const QSignalBlocker quiet(view_->horizontalHeader());
    const QByteArray state = memory_.value(QStringLiteral("tables/") + key_).toByteArray();
    if (!state.isEmpty() && view_->horizontalHeader()->restoreState(state)) {
        isRecalled_ = memory_.value(QStringLiteral("tables/") + key_ + QStringLiteral(".widths")).toBool();
        const auto narrowed =
            memory_.value(QStringLiteral("tables/") + key_ + QStringLiteral(".narrowed")).toStringList();
        for (const auto& column : narrowed) {
            view_->setColumnHidden(column.toInt(), false); // until there is no room again
        }
        sortAsShown();
    }
}

void DataTable::sortAsShown()
{
    const auto* header = view_->horizontalHeader();
    filter_->sort(header->sortIndicatorSection(), header->sortIndicatorOrder());
}

QList<int> DataTable::chosenRows() const
{
    QList<int> rows;
    for (const auto& index : view_->selectionModel()->selectedRows()) {
        rows << index.row();
    }
    if (rows.isEmpty()) {
        for (int row = 0; row < filter_->rowCount(); ++row) {
            rows << row;
        }
    }
    rows.removeIf([this](int row) { return !model_.isLoaded(filter_->mapToSource(filter_->index(row, 0)).row()); });
    std::sort(rows.begin(), rows.end());
    return rows;
}

int DataTable::currentRow() const
{
    const auto index = view_->currentIndex();
    return index.isValid() ? filter_->mapToSource(index).row() : -1;
}

void DataTable::selectRow(int sourceRow)
{
    const auto index = filter_->mapFromSource(model_.index(sourceRow, 0));
    if (index.isValid()) {
        view_->setCurrentIndex(index);
    }
}

void DataTable::showFilter()
{
    if (isServed_) {
        Q_EMIT filterWished();
        return;
    }
    box_->show();
    box_->setFocus();
    box_->selectAll();
}

void DataTable::toggleCurrent()
{
    const int row = currentRow();
    for (int column = 0; row >= 0 && column < model_.columnCount(); ++column) {
        if (model_.column(column).kind == CellKind::Switch) {
            Q_EMIT switched(row);
            return;
        }
    }
}

bool DataTable::eventFilter(QObject* watched, QEvent* event)
{
    auto* delegate = static_cast<TableDelegate*>(view_->itemDelegate());
    if (watched == view_->viewport()) {
        if (event->type() == QEvent::Resize) {
            fitColumns();
            showEmptiness();
        }
        if (event->type() == QEvent::MouseMove || event->type() == QEvent::Leave) {
            const int row = event->type() == QEvent::Leave
                                ? -1
                                : view_->indexAt(static_cast<QMouseEvent*>(event)->position().toPoint()).row();
            delegate->setHoveredRow(row);
            view_->viewport()->update();
        } else if (event->type() == QEvent::MouseButtonRelease) {
            const auto index = view_->indexAt(static_cast<QMouseEvent*>(event)->position().toPoint());
            if (index.isValid() && delegate->kindOf(index) == CellKind::Switch) {
                Q_EMIT switched(filter_->mapToSource(index).row());
            }
        }
        return false;
    }
    if (event->type() != QEvent::KeyPress) {
        return false;
    }
    auto* key = static_cast<QKeyEvent*>(event);
    if (watched == box_) {
        if (key->key() == Qt::Key_Escape) {
            box_->clear();
            box_->hide();
            view_->setFocus();
            return true;
        }
        return false;
    }
    if (key->key() == Qt::Key_Slash || key->matches(QKeySequence::Find)) {
        showFilter();
    } else if (key->matches(QKeySequence::Copy)) {
        QApplication::clipboard()->setText(asTsv());
    } else if (key->key() == Qt::Key_Space) {
        toggleCurrent();
    } else if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
        if (currentRow() >= 0) {
            Q_EMIT opened(currentRow());
        }
    } else {
        return false;
    }
    return true;
}

} // namespace qd::ui
