#include "ui/health/storage_pane.h"

#include "ui/command_desk.h"
#include "ui/health/backup_model.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/progress_card.h"

#include <QFileDialog>
#include <QPushButton>
#include <QScrollArea>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr int factsWidth = 380;

QString days(double count)
{
    return count > 3'650 ? StoragePane::tr("more than 10 years")
                         : StoragePane::tr("about %1 days").arg(format::decimal(count, count < 10 ? 1 : 0));
}

} // namespace

StoragePane::StoragePane(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      backups_(new BackupModel(context, this)),
      table_(new DataTable(context.theme, context.memory, QStringLiteral("health.backups"), *backups_)),
      backupFacts_(new TextLabel(context.theme, FontRole::Body, Meaning::Text)),
      storeFacts_(new TextLabel(context.theme, FontRole::Body, Meaning::TextMuted)),
      staged_(new TextLabel(context.theme, FontRole::Body, Meaning::Warning)),
      progress_(new ProgressCard(context.theme, this)),
      backUp_(new QPushButton(tr("Back up now"), this)),
      choose_(new QPushButton(tr("Choose folder…"), this)),
      restore_(new QPushButton(tr("Restore…"), this)),
      restart_(new QPushButton(tr("Restart with it"), this)),
      drop_(new QPushButton(tr("Leave it"), this))
{
    askFolder = [this] {
        return QFileDialog::getExistingDirectory(window(), tr("Where shall backups go?"),
                                                 care_ ? format::text(care_->policy.folder) : QString());
    };
    askFile = [this] {
        return QFileDialog::getOpenFileName(window(), tr("Which backup?"),
                                            care_ ? format::text(care_->policy.folder) : QString(),
                                            tr("Databases (*.db);;All files (*)"));
    };
    setAccessibleName(tr("Backups and the store"));
    table_->setRowHeight(31);
    table_->view()->setAccessibleName(tr("Backups"));
    table_->view()->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setEmptyText(tr("No backup was made yet."));
    backUp_->setToolTip(tr("Copies the database while it goes on, restores the copy and compares it"));
    restore_->setToolTip(tr("Checks a backup and makes it ready; the database is changed at the next start only"));
    restart_->setToolTip(tr("Stops the engines, keeps the database of now beside the restored one, and starts again"));
    drop_->setToolTip(tr("Removes what was made ready; the database stays"));
    layOut();
    connect(backUp_, &QPushButton::clicked, this, &StoragePane::backUp);
    connect(choose_, &QPushButton::clicked, this, &StoragePane::chooseFolder);
    connect(restore_, &QPushButton::clicked, this, &StoragePane::restore);
    connect(restart_, &QPushButton::clicked, this, &StoragePane::restartWished);
    connect(drop_, &QPushButton::clicked, this,
            [this] { context_.commands.send(console::DropRestore{}, {tr("The restore was left"), {}, std::nullopt}); });
    connect(progress_, &ProgressCard::cancelled, this, [this] {
        context_.commands.send(console::CancelBackup{}, {tr("It is being cancelled"), {}, std::nullopt});
    });
    showState();
}

void StoragePane::layOut()
{
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(6);
    for (auto* button : {backUp_, restore_, choose_}) {
        button->setAutoDefault(false);
        buttons->addWidget(button);
    }
    buttons->addStretch(1);
    auto* ready = new QHBoxLayout;
    ready->setSpacing(6);
    ready->addWidget(restart_);
    ready->addWidget(drop_);
    ready->addStretch(1);
    auto* words = new QWidget;
    auto* facts = new QVBoxLayout(words);
    facts->setContentsMargins(0, 0, 6, 0);
    facts->setSpacing(8);
    for (auto* label : {backupFacts_, storeFacts_, staged_}) {
        label->setWordWrap(true);
    }
    progress_->setCancellable(true);
    progress_->hide();
    facts->addLayout(buttons);
    facts->addWidget(progress_);
    facts->addWidget(staged_);
    facts->addLayout(ready);
    facts->addWidget(backupFacts_);
    facts->addWidget(storeFacts_);
    facts->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidget(words);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFixedWidth(factsWidth);
    scroll->viewport()->setAutoFillBackground(false);
    words->setAutoFillBackground(false);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(cardPadding, 0, 0, 0);
    layout->setSpacing(cardGap);
    layout->addWidget(scroll);
    layout->addWidget(table_, 1);
}

void StoragePane::show(const console::CareSnapshot* care, const console::StoreSnapshot* store)
{
    if (care != nullptr) {
        care_ = *care;
        backups_->update(care->backups);
    }
    if (store != nullptr) {
        store_ = *store;
    }
    showState();
}

void StoragePane::restyle()
{
    backups_->repaintAll();
    showState();
}

QStringList StoragePane::backupFacts() const
{
    if (!care_) {
        return {tr("Backups are being looked at.")};
    }
    QStringList out;
    const auto& care = *care_;
    const auto good = std::ranges::find_if(care.backups, &health::BackupRow::isGood);
    if (good == care.backups.end()) {
        out << tr("There is no backup yet.");
    } else {
        out << tr("Last backup, restored and compared: %1, %2.")
                   .arg(format::moment(good->began, context_.now(), context_.zone), format::bytes(good->bytes));
    }
    if (care.policy.folder.empty()) {
        out << tr("No folder is chosen, so none is made by itself. Best is one on another disk.");
        return out;
    }
    const auto folder = format::text(care.policy.folder);
    if (!care.folderTrouble.empty()) {
        out << tr("%1 cannot be used: %2.").arg(folder, format::text(care.folderTrouble));
    } else {
        out << tr("They go to %1, %2 free.%3")
                   .arg(folder, format::bytes(care.folderFree),
                        care.isOnDatabasesDisk
                            ? QLatin1Char(' ') + tr("That is the database's own disk: both would be lost with it.")
                            : QString());
    }
    if (care.next) {
        out << (*care.next <= context_.now() + base::Millis{60'000}
                    ? tr("The next is due now.")
                    : tr("Next: %1, every %2.")
                          .arg(format::moment(*care.next, context_.now(), context_.zone),
                               format::duration(care.policy.every)));
    }
    out << tr("Kept are the newest %1, one a day of %2 days, and one a week of %3 weeks.")
               .arg(care.policy.keepRecent)
               .arg(care.policy.keepDaily)
               .arg(care.policy.keepWeekly);
    if (!care.detail.empty()) {
        out << format::text(care.detail);
    }
    return out;
}

QStringList StoragePane::storeFacts() const
{
    QStringList out;
    if (store_) {
        out << tr("Database %1, of it %2 in the write-ahead log.")
                   .arg(format::bytes(store_->bytes), format::bytes(store_->walBytes));
        out << (store_->longestReader ? tr("A reader has held the log back for at least %1.")
                                            .arg(format::duration(*store_->longestReader))
                                      : tr("No reader holds the log back."));
    }
    if (care_ && care_->bytesPerDay > 0) {
        out << tr("It grows by %1 a day; the disk is full in %2.")
                   .arg(format::bytes(static_cast<std::uint64_t>(care_->bytesPerDay)),
                        care_->daysUntilFull ? days(*care_->daysUntilFull) : format::undefined());
    }
    if (care_ && care_->freePageBytes > 0) {
        out << tr("%1 in it are free, and are given back when it is idle.").arg(format::bytes(care_->freePageBytes));
    }
    if (care_ && !care_->retention.empty()) {
        out << format::text(care_->retention) + QLatin1Char('.');
    }
    return out;
}

void StoragePane::showState()
{
    const bool isBusy = care_ && care_->isBusy;
    const bool hasFolder = care_ && !care_->policy.folder.empty();
    const bool isStaged = care_ && !care_->staged.empty();
    backupFacts_->show(backupFacts().join(QLatin1Char('\n')));
    storeFacts_->show(storeFacts().join(QLatin1Char('\n')));
    const bool hasTrouble = care_ && (!care_->folderTrouble.empty() || !care_->detail.empty());
    backupFacts_->setMeaning(hasTrouble ? Meaning::Warning : Meaning::Text);
    progress_->setVisible(isBusy);
    if (isBusy) {
        auto phase = format::text(care_->phase);
        phase[0] = phase[0].toUpper();
        progress_->setProgress(phase, format::percent(care_->done, 0), care_->done, tr("The engines go on meanwhile"));
    }
    staged_->setVisible(isStaged);
    restart_->setVisible(isStaged);
    drop_->setVisible(isStaged);
    if (isStaged) {
        staged_->show(tr("Checked and ready: %1. It takes the database's place when the console starts again; the one "
                         "of now is kept beside it.")
                          .arg(format::text(care_->staged)));
    }
    backUp_->setEnabled(care_ && !isBusy);
    backUp_->setText(hasFolder ? tr("Back up now") : tr("Back up now…"));
    restore_->setEnabled(care_ && !isBusy && !isStaged);
    choose_->setText(hasFolder ? tr("Change folder…") : tr("Choose folder…"));
}

void StoragePane::chooseFolder()
{
    if (const auto chosen = askFolder(); !chosen.isEmpty()) {
        context_.commands.setPolicy({{"backup.folder", chosen.toStdString()}}, tr("a place for backups was chosen"));
    }
}

void StoragePane::backUp()
{
    if (!care_ || care_->policy.folder.empty()) {
        chooseFolder(); // the first one is made as soon as there is a place
        return;
    }
    context_.commands.send(console::BackUpNow{}, {tr("The backup is made, restored and compared"), {}, std::nullopt});
}

void StoragePane::restore()
{
    if (const auto file = askFile(); !file.isEmpty()) {
        context_.commands.send(
            console::StageRestore{file.toStdString()},
            {tr("The backup is checked; it takes the database's place when the console starts again"),
             {},
             std::nullopt});
    }
}

QString StoragePane::facts() const
{
    return backupFacts_->text() + QLatin1Char('\n') + storeFacts_->text() +
           (staged_->isHidden() ? QString() : QLatin1Char('\n') + staged_->text());
}

QString StoragePane::note() const
{
    if (!care_) {
        return {};
    }
    const auto there = std::ranges::count_if(care_->backups,
                                             [](const health::BackupRow& row) { return row.isGood() && !row.removed; });
    return there == 1 ? tr("1 backup") : tr("%1 backups").arg(there);
}

} // namespace qd::ui
