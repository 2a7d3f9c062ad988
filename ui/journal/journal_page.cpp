#include "ui/journal/journal_page.h"

#include "ui/command_desk.h"
#include "ui/decision_words.h"
#include "ui/journal/journal_detail.h"
#include "ui/journal/journal_export.h"
#include "ui/journal/journal_model.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/pill.h"

#include <QComboBox>
#include <QDateEdit>
#include <QFileDialog>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QShortcut>
#include <QSplitter>
#include <QTimeZone>
#include <QToolButton>

namespace qd::ui {

using namespace std::chrono_literals;

namespace {

constexpr std::array periodDays{0, 1, 7, 30, 90};
constexpr int ownPeriod = static_cast<int>(periodDays.size());
constexpr int besideFrom = 1'240;

QTimeZone zoneOf(format::Zone zone)
{
    return zone == format::Zone::Utc ? QTimeZone::utc() : QTimeZone::systemTimeZone();
}

} // namespace

JournalPage::JournalPage(const PageContext& context, QWidget* parent)
    : Page(context, parent),
      card_(new Card(context_.theme, tr("Decisions"), this)),
      model_(new JournalModel(context_, this)),
      table_(new DataTable(context_.theme, context_.memory, QStringLiteral("journal.decisions"), *model_, card_)),
      detail_(new JournalDetail(context_, this)),
      export_(new JournalExport(context_, this)),
      splitter_(new QSplitter(this))
{
    buildTable();
    auto* content = new QWidget;
    auto* lines = new QVBoxLayout(content);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->setSpacing(8);
    lines->addWidget(buildFilter());
    lines->addWidget(table_, 1);
    card_->setContent(content);
    auto* note = new QPushButton(tr("Add a note…"), card_);
    auto* file = new QPushButton(tr("Export…"), card_);
    file->setToolTip(tr("All decisions that the filter lets through, as CSV"));
    card_->addToHeader(note);
    card_->addToHeader(file);
    card_->addToHeader(table_->menuButton());
    splitter_->addWidget(card_);
    splitter_->addWidget(detail_);
    splitter_->setHandleWidth(cardGap);
    splitter_->setChildrenCollapsible(false);
    splitter_->setStretchFactor(0, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(pageMargin, pageMargin, pageMargin, pageMargin);
    layout->addWidget(splitter_);
    for (auto* timer : {&soon_, &typed_}) {
        timer->setSingleShot(true);
        timer->setInterval(timer == &soon_ ? 400ms : 200ms);
    }
    connect(note, &QPushButton::clicked, this, &JournalPage::addNote);
    connect(file, &QPushButton::clicked, this, [this] {
        const auto path = QFileDialog::getSaveFileName(window(), tr("Export the journal"),
                                                       QStringLiteral("journal.csv"), tr("CSV (*.csv)"));
        if (!path.isEmpty()) {
            exportTo(path);
        }
    });
    connect(export_, &JournalExport::ended, this, [this](quint64 written, const QString& why) {
        card_->setNote(why.isEmpty() ? tr("%1 decisions exported").arg(format::count(written))
                                     : tr("not exported: %1").arg(why));
    });
    // A table would take letters for a search; a line that is typed into still gets them.
    const auto key = [this](Qt::Key which, auto slot) {
        connect(new QShortcut(QKeySequence(which), this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut),
                &QShortcut::activated, this, slot);
    };
    key(Qt::Key_U, [this] { detail_->undo(); });
    key(Qt::Key_J, [this] { step(1); });
    key(Qt::Key_K, [this] { step(-1); });
    connect(&soon_, &QTimer::timeout, this, [this] { model_->renew(); });
    connect(&typed_, &QTimer::timeout, this, &JournalPage::applyFilter);
    connect(detail_, &JournalDetail::wantsPage, this, &JournalPage::wantsPage);
    connect(detail_, &JournalDetail::wantsDecision, this, [this](qint64 id) { reveal(QString::number(id)); });
}

void JournalPage::buildTable()
{
    table_->setRowHeight(34);
    table_->setServed();
    table_->view()->setAccessibleName(tr("Decisions"));
    table_->view()->setSelectionMode(QAbstractItemView::ExtendedSelection);
    sayWhyEmpty();
    connect(table_, &DataTable::filterWished, this, [this] {
        words_->setFocus(Qt::ShortcutFocusReason);
        words_->selectAll();
    });
    connect(table_, &DataTable::exportWished, this, [this] {
        const auto path = QFileDialog::getSaveFileName(window(), tr("Export the journal"),
                                                       QStringLiteral("journal.csv"), tr("CSV (*.csv)"));
        if (!path.isEmpty()) {
            exportTo(path);
        }
    });
    connect(table_, &DataTable::currentRowChanged, this, [this](int row) {
        if (const auto* at = model_->at(row)) {
            chosen_ = at->decision.id;
        }
        showChosen();
    });
    connect(table_, &DataTable::opened, this, [this] { detail_->undoButton()->setFocus(Qt::TabFocusReason); });
    connect(table_->view()->verticalScrollBar(), &QScrollBar::valueChanged, this, &JournalPage::lookAround);
    connect(model_, &JournalModel::arrived, this, [this] {
        sayWhyEmpty();
        const auto total = static_cast<std::uint64_t>(model_->rowCount());
        card_->setTitle(tr("Decisions — %1: who, what, why, and what the figures were").arg(format::count(total)));
        const int at = model_->rowOf(chosen_);
        if (at >= 0 && table_->currentRow() != at) {
            table_->selectRow(at);
        } else if (at < 0 && model_->rowCount() > 0 && table_->currentRow() < 0) {
            table_->selectRow(0);
        }
        showChosen();
        lookAround();
    });
    connect(model_, &JournalModel::failed, this, [this](const base::Error& error) {
        card_->setNote(format::sentence(error));
        if (!model_->isKnown()) {
            table_->setEmptyText(tr("The journal cannot be read."));
        }
    });
}

QWidget* JournalPage::buildFilter()
{
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    words_ = new QLineEdit(bar);
    words_->setPlaceholderText(tr("Decision, reason or evidence"));
    words_->setAccessibleName(tr("Filter by words"));
    words_->setClearButtonEnabled(true);
    words_->setMinimumWidth(150);
    words_->setMaximumWidth(340);
    words_->setToolTip(words_->placeholderText());
    row->addWidget(words_, 3);
    for (const auto& text : {tr("All"), tr("Operator"), tr("Policy")}) {
        auto* button = new PillButton(context_.theme, text, bar);
        button->setCheckable(true);
        button->setAccessibleName(tr("Decided by: %1").arg(text));
        connect(button, &QAbstractButton::clicked, this, [this, button] {
            for (auto* one : by_) {
                one->setChecked(one == button);
            }
            applyFilter();
        });
        by_.push_back(button);
        row->addWidget(button);
    }
    by_.front()->setChecked(true);
    kind_ = new QComboBox(bar);
    kind_->addItem(tr("All kinds"));
    for (int i = 0; i <= static_cast<int>(governance::lastDecisionKind); ++i) {
        kind_->addItem(say::kind(static_cast<governance::DecisionKind>(i)), i);
    }
    kind_->setMaxVisibleItems(kind_->count());
    kind_->setAccessibleName(tr("Kind of decision"));
    row->addWidget(kind_);
    connect(kind_, &QComboBox::currentIndexChanged, this, &JournalPage::applyFilter);
    period_ = new QComboBox(bar);
    period_->addItems({tr("All time"), tr("24 hours"), tr("7 days"), tr("30 days"), tr("90 days"), tr("From … to …")});
    period_->setAccessibleName(tr("Decided within"));
    row->addWidget(period_);
    from_ = addDay(tr("From"));
    to_ = addDay(tr("To, inclusive"));
    row->addWidget(from_);
    row->addWidget(to_);
    row->addStretch(1);
    connect(words_, &QLineEdit::textChanged, &typed_, qOverload<>(&QTimer::start));
    connect(words_, &QLineEdit::returnPressed, this, &JournalPage::applyFilter);
    connect(period_, &QComboBox::currentIndexChanged, this, [this](int index) {
        from_->setVisible(index == ownPeriod);
        to_->setVisible(index == ownPeriod);
        applyFilter();
    });
    return bar;
}

QDateEdit* JournalPage::addDay(const QString& name)
{
    auto* day = new QDateEdit(QDateTime::fromMSecsSinceEpoch(context_.now().value, zoneOf(context_.zone)).date());
    day->setDisplayFormat(QStringLiteral("d MMM yyyy"));
    day->setCalendarPopup(true);
    day->setAccessibleName(name);
    day->setToolTip(name);
    day->hide();
    connect(day, &QDateEdit::dateChanged, this, &JournalPage::applyFilter);
    return day;
}

base::UtcMs JournalPage::startOf(const QDateEdit* day, int later) const
{
    return {day->date().addDays(later).startOfDay(zoneOf(context_.zone)).toMSecsSinceEpoch()};
}

void JournalPage::applyFilter()
{
    typed_.stop();
    console::AskJournal filter;
    filter.text = words_->text().trimmed().toStdString();
    filter.by = by_[1]->isChecked() ? "operator" : by_[2]->isChecked() ? "policy" : "";
    if (const auto kind = kind_->currentData(); kind.isValid()) {
        filter.kind = static_cast<governance::DecisionKind>(kind.toInt());
    }
    if (const int period = period_->currentIndex(); period == ownPeriod) {
        filter.from = startOf(from_, 0);
        filter.to = startOf(to_, 1) - base::Millis{1};
    } else if (period > 0) {
        filter.from = context_.now() - periodDays[static_cast<std::size_t>(period)] * base::oneDay;
    }
    card_->setNote({});
    isStale_ = false;
    model_->setFilter(filter);
    sayWhyEmpty();
}

// Nothing is said to be missing before the database has answered.
void JournalPage::sayWhyEmpty()
{
    const auto& filter = model_->filter();
    const bool isAll = filter.text.empty() && filter.by.empty() && !filter.kind && !filter.from;
    table_->setEmptyText(!model_->isKnown() ? tr("Reading…")
                         : isAll ? tr("Every decision, yours and the policy's, is listed here with its reason and the "
                                      "figures of that moment. The first comes with a switch on Strategies, or with "
                                      "the nightly review.")
                                 : tr("No decision passes this filter."));
}

void JournalPage::lookAround()
{
    const auto* view = table_->view();
    const int first = view->rowAt(0);
    const int last = view->rowAt(view->viewport()->height() - 1);
    model_->want(first < 0 ? 0 : first, last < 0 ? model_->rowCount() - 1 : last);
}

void JournalPage::showChosen()
{
    detail_->show(model_->at(table_->currentRow()), ingest_.get());
}

void JournalPage::renewSoon()
{
    isStale_ = true;
    if (isVisible()) {
        isStale_ = false;
        soon_.start();
    }
}

void JournalPage::handle(const console::Event& event)
{
    if (std::holds_alternative<console::CommandDone>(event)) {
        renewSoon();
    }
}

void JournalPage::refresh(const Snapshots& snapshots, Changes changes)
{
    ingest_ = snapshots.ingest;
    // A job may have decided something, as the calibration of execution does.
    const bool hasRun = changes.testFlag(Change::Jobs) && snapshots.jobs &&
                        std::exchange(jobsRevision_, snapshots.jobs->revision) != snapshots.jobs->revision;
    if (changes.testFlag(Change::Governance) || hasRun) {
        renewSoon();
    }
}

void JournalPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    if (!model_->isKnown()) {
        soon_.stop();
        applyFilter();
    } else if (isStale_) {
        renewSoon();
    }
}

void JournalPage::step(int by)
{
    table_->selectRow(std::clamp(table_->currentRow() + by, 0, std::max(0, model_->rowCount() - 1)));
}

void JournalPage::addNote()
{
    auto* dialog = new ReasonDialog(
        context_.theme,
        {tr("Add a note"), tr("A line in the journal that changes nothing: what you saw, what you expect."), tr("Add")},
        [this](const QString& text) {
            Request request;
            request.what = tr("The note is in the journal");
            context_.commands.send(console::AddNote{text.toStdString()}, std::move(request));
        },
        window());
    dialog->open();
}

void JournalPage::exportTo(const QString& path)
{
    card_->setNote(tr("exporting…"));
    export_->start(path, model_->filter());
}

bool JournalPage::reveal(const QString& thing)
{
    bool isNumber = false;
    const auto id = thing.toLongLong(&isNumber);
    if (!isNumber) {
        return false;
    }
    chosen_ = id;
    const int row = model_->rowOf(id);
    if (row >= 0) {
        table_->view()->clearSelection();
        table_->selectRow(row);
    }
    return row >= 0;
}

void JournalPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    const auto orientation = width() >= besideFrom ? Qt::Horizontal : Qt::Vertical;
    if (splitter_->orientation() != orientation || splitter_->sizes().value(1) == 0) {
        splitter_->setOrientation(orientation);
        splitter_->setSizes(orientation == Qt::Horizontal ? QList<int>{1'060, 320} : QList<int>{380, 280});
    }
    lookAround();
}

void JournalPage::restyle()
{
    model_->repaintAll();
    showChosen();
}

} // namespace qd::ui
