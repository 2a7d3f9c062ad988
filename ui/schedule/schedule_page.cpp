#include "ui/schedule/schedule_page.h"

#include "ui/command_desk.h"
#include "ui/patient_question.h"
#include "ui/schedule/command_dialog.h"
#include "ui/schedule/day_strip.h"
#include "ui/schedule/schedule_models.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/pill.h"

#include <QHeaderView>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr base::Millis patience{1'000};
constexpr std::uint32_t runsShown = 200;
constexpr int nextEveryMs = 1'000;
constexpr int compactBelow = 860; // of the page, where the lanes of the day are lower
constexpr int leastLower = 110;   // history and log
constexpr int leastRow = 22;
constexpr int mostRow = 38;

} // namespace

SchedulePage::SchedulePage(const PageContext& context, QWidget* parent)
    : Page(context, parent),
      jobs_(new JobsModel(context_, this)),
      runs_(new JobRunsModel(context_, this)),
      log_(new JobLogModel(context_, this)),
      stack_(new QStackedWidget(this))
{
    auto* all = new QWidget;
    auto* lower = new QSplitter;
    lower->setHandleWidth(cardGap);
    lower->setChildrenCollapsible(false);
    lower->addWidget(buildRuns());
    lower->addWidget(buildLog());
    lower->setStretchFactor(0, 1);
    lower->setStretchFactor(1, 1);
    auto* lines = new QVBoxLayout(all);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->setSpacing(cardGap);
    lower->setMinimumHeight(leastLower);
    lines->addWidget(buildJobs(), 1'000); // up to the height of its rows: fit()
    lines->addWidget(buildDay());
    lines->addWidget(lower, 1);
    auto* broken = new Card(context_.theme, tr("Jobs"));
    problem_ = new TextLabel(context_.theme, FontRole::Body, Meaning::Loss);
    problem_->setWordWrap(true);
    problem_->setAlignment(Qt::AlignCenter);
    broken->setContent(problem_);
    stack_->addWidget(all);
    stack_->addWidget(broken);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(pageMargin, pageMargin, pageMargin, pageMargin);
    layout->addWidget(stack_);
    runsQuestion_ = new PatientQuestion(
        context_, this, patience, [this] { return console::AskJobRuns{chosen_, runsShown}; },
        [this](const console::Answer& answer) { takeRuns(answer); });
    logQuestion_ = new PatientQuestion(
        context_, this, patience, [this] { return console::AskJobLog{chosenRun_}; },
        [this](const console::Answer& answer) { takeLog(answer); });
    // A table would take letters for a search; a line that is typed into still gets them.
    const auto key = [this](Qt::Key which, auto slot) {
        connect(new QShortcut(QKeySequence(which), this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut),
                &QShortcut::activated, this, slot);
    };
    key(Qt::Key_R, [this] { runOrCancel(); });
    key(Qt::Key_P, [this] {
        if (const auto* job = chosenJob()) {
            setPaused(*job);
        }
    });
    auto* clock = new QTimer(this); // what is next is told by how far it is
    connect(clock, &QTimer::timeout, this, [this] {
        if (isVisible()) {
            jobs_->repaintAll();
        }
    });
    clock->start(nextEveryMs);
    sayReading();
    showChosen();
    fit();
}

void SchedulePage::sayReading()
{
    runsTable_->setEmptyText(tr("Reading…"));
    logTable_->setEmptyText(tr("Reading…"));
}

// All jobs show without scrolling as far as the window allows: rows give way first, then the lanes of the day, and at
// last their names. Nothing gets a height that the window could not be made smaller than.
void SchedulePage::fit()
{
    const auto* view = jobsTable_->view();
    const int count = std::max(1, jobs_->rowCount());
    const int chrome = jobsCard_->sizeHint().height() - view->sizeHint().height() +
                       view->horizontalHeader()->sizeHint().height() + 2 * view->frameWidth();
    auto* dayCard = static_cast<Card*>(day_->parentWidget());
    auto* dayLayout = dayCard->layout();
    dayLayout->invalidate();
    dayLayout->activate();
    const int others = 2 * pageMargin + 2 * cardGap + chrome + leastLower;
    const int dayChrome = dayCard->sizeHint().height() - day_->sizeHint().height();
    day_->setRoom(height() < compactBelow ? std::optional(height() - others - dayChrome - count * leastRow)
                                          : std::nullopt);
    dayCard->setNote(day_->hasNames() ? tr("runs of the last 24 h; rings: what comes in the next 6")
                                      : tr("runs of the last 24 h; rings: what comes in the next 6; point at one for "
                                           "its job"));
    dayLayout->invalidate(); // else the card's hint is still of the strip as it was
    dayLayout->activate();
    const int rest = others + dayCard->sizeHint().height();
    const int row = std::clamp((height() - rest) / count, leastRow, mostRow);
    jobsTable_->setRowHeight(row);
    jobsCard_->setMaximumHeight(chrome + count * row);
}

void SchedulePage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    fit();
}

QWidget* SchedulePage::buildJobs()
{
    jobsCard_ = new Card(context_.theme, tr("Jobs"));
    jobsTable_ = new DataTable(context_.theme, context_.memory, QStringLiteral("schedule.jobs"), *jobs_);
    jobsTable_->view()->setAccessibleName(tr("Jobs"));
    jobsTable_->view()->setSelectionMode(QAbstractItemView::SingleSelection);
    jobsTable_->setEmptyText(tr("Reading…"));
    auto* add = new QPushButton(tr("Add a command…"));
    add->setObjectName(QStringLiteral("add"));
    add->setToolTip(tr("An outside command that runs by the clock, with its output kept"));
    jobsCard_->addToHeader(add);
    jobsCard_->addToHeader(jobsTable_->menuButton());
    jobsCard_->setContent(jobsTable_);
    connect(add, &QPushButton::clicked, this, &SchedulePage::addCommand);
    connect(jobsTable_, &DataTable::currentRowChanged, this, [this](int row) {
        if (row >= 0) {
            choose(jobs_->row(row).name);
        }
    });
    connect(jobsTable_, &DataTable::switched, this, [this](int row) { setPaused(jobs_->row(row)); });
    connect(jobsTable_->view(), &QTableView::clicked, this, [this](const QModelIndex& index) {
        const auto source = jobsTable_->proxy()->mapToSource(index);
        if (source.isValid() && source.column() == JobsModel::Action) {
            choose(jobs_->row(source.row()).name);
            runOrCancel();
        }
    });
    return jobsCard_;
}

QWidget* SchedulePage::buildDay()
{
    auto* card = new Card(context_.theme, tr("The day"));
    day_ = new DayStrip(context_);
    card->setContent(day_);
    card->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(day_, &DayStrip::chosen, this, [this](const QString& job, qint64 run) {
        jobsTable_->selectRow(jobs_->rowOf(job.toStdString()));
        choose(job.toStdString());
        if (run > 0) {
            chooseRun(run);
        }
    });
    return card;
}

QWidget* SchedulePage::buildRuns()
{
    runsCard_ = new Card(context_.theme, tr("History"));
    runsTable_ = new DataTable(context_.theme, context_.memory, QStringLiteral("schedule.runs"), *runs_);
    runsTable_->setRowHeight(31);
    runsTable_->view()->setAccessibleName(tr("Runs"));
    run_ = new QPushButton(tr("Run now"));
    run_->setObjectName(QStringLiteral("run"));
    pause_ = new QPushButton(tr("Pause"));
    pause_->setObjectName(QStringLiteral("pause"));
    remove_ = new QPushButton(tr("Remove"));
    remove_->setObjectName(QStringLiteral("remove"));
    remove_->setToolTip(tr("The command runs no more; what it did stays in the history"));
    for (auto* button : {run_, pause_, remove_}) {
        runsCard_->addToHeader(button);
    }
    runsCard_->addToHeader(runsTable_->menuButton());
    runsCard_->setContent(runsTable_);
    connect(run_, &QPushButton::clicked, this, &SchedulePage::runOrCancel);
    connect(pause_, &QPushButton::clicked, this, [this] {
        if (const auto* job = chosenJob()) {
            setPaused(*job);
        }
    });
    connect(remove_, &QPushButton::clicked, this, &SchedulePage::removeCommand);
    const auto open = [this](int row) {
        if (row >= 0) {
            chooseRun(runs_->row(row).id);
        }
    };
    connect(runsTable_, &DataTable::currentRowChanged, this, open);
    connect(runsTable_, &DataTable::opened, this, open);
    return runsCard_;
}

QWidget* SchedulePage::buildLog()
{
    logCard_ = new Card(context_.theme, tr("Log"));
    logTable_ = new DataTable(context_.theme, context_.memory, QStringLiteral("schedule.log"), *log_);
    logTable_->setRowHeight(22);
    logTable_->view()->setAccessibleName(tr("Log"));
    state_ = new Pill(context_.theme);
    state_->setOutlined(true);
    state_->setHasDot(false);
    state_->setTonedLabel(true);
    state_->setFocusPolicy(Qt::NoFocus);
    logCard_->addToHeader(state_);
    logCard_->addToHeader(logTable_->menuButton());
    logCard_->setContent(logTable_);
    return logCard_;
}

const console::JobLine* SchedulePage::chosenJob() const
{
    const int row = jobs_->rowOf(chosen_);
    return row < 0 ? nullptr : &jobs_->row(row);
}

void SchedulePage::refresh(const Snapshots& snapshots, Changes changes)
{
    if (!changes.testFlag(Change::Jobs) || !snapshots.jobs) {
        return;
    }
    const auto& now = *snapshots.jobs;
    const bool isBroken = now.state == console::EngineState::Failed;
    stack_->setCurrentIndex(isBroken ? 1 : 0);
    problem_->show(isBroken ? format::text(now.detail) : QString());
    jobsCard_->setNote(
        tr("a job with no sign of life for %1 is ended and reported").arg(format::duration(now.heartbeat)));
    const auto before = jobs_->rowCount();
    jobs_->update(now.jobs);
    day_->show(snapshots.jobs);
    if (jobs_->rowCount() != before) {
        fit();
    }
    const auto isFailed = [](const console::JobLine& job) {
        return !job.isPaused && job.last && governance::isBad(job.last->state);
    };
    const auto failed = static_cast<int>(std::ranges::count_if(now.jobs, isFailed));
    if (std::exchange(failed_, failed) != failed) {
        Q_EMIT waitingChanged();
    }
    if (chosenJob() == nullptr && jobs_->rowCount() > 0) {
        jobsTable_->selectRow(0);
        choose(jobs_->row(0).name);
    }
    if (std::exchange(revision_, now.revision) != now.revision) {
        runsQuestion_->renew();
        if (chosenRun_ > 0) {
            logQuestion_->renew();
        }
    }
    showChosen();
}

void SchedulePage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    runsQuestion_->ask();
    if (chosenRun_ > 0) {
        logQuestion_->ask();
    }
}

void SchedulePage::restyle()
{
    jobs_->repaintAll();
    runs_->repaintAll();
    log_->repaintAll();
    day_->update();
}

void SchedulePage::choose(const std::string& job)
{
    if (job == chosen_) {
        return;
    }
    chosen_ = job;
    chosenRun_ = 0;
    runs_->update({});
    log_->update({});
    sayReading();
    showChosen();
    runsQuestion_->restart();
}

void SchedulePage::chooseRun(std::int64_t run)
{
    if (run == chosenRun_) {
        return;
    }
    chosenRun_ = run;
    log_->update({});
    logTable_->setEmptyText(tr("Reading…"));
    showChosen();
    logQuestion_->restart();
}

void SchedulePage::takeRuns(const console::Answer& answer)
{
    const auto* value = std::get_if<console::JobRuns>(&answer.value);
    if (answer.error || value == nullptr) {
        runsCard_->setNote(format::sentence(answer.error.value_or(base::Error{})));
        runsTable_->setEmptyText(tr("It cannot be read."));
        return;
    }
    runsCard_->setNote({});
    runsTable_->setEmptyText(tr("It has not run yet."));
    if (value->rows.empty()) {
        logTable_->setEmptyText(tr("What a run says will be listed here."));
    }
    const bool followed = chosenRun_ == 0 || (runs_->rowCount() > 0 && runs_->row(0).id == chosenRun_);
    runs_->update(value->rows);
    if (!value->rows.empty() && followed) { // the newest, until another is chosen
        chooseRun(value->rows.front().id);
        runsTable_->selectRow(0);
    }
    showChosen();
}

void SchedulePage::takeLog(const console::Answer& answer)
{
    const auto* value = std::get_if<console::JobLog>(&answer.value);
    if (answer.error || value == nullptr) {
        logCard_->setNote(format::sentence(answer.error.value_or(base::Error{})));
        logTable_->setEmptyText(tr("It cannot be read."));
        return;
    }
    logCard_->setNote({});
    const int row = runs_->rowOf(chosenRun_);
    const auto* run = row >= 0 ? &runs_->row(row) : nullptr;
    logTable_->setEmptyText(run != nullptr && run->state < governance::JobState::Running
                                ? tr("It has not begun yet.")
                                : tr("Its log is not kept any more."));
    log_->update(value->lines);
    showChosen();
}

void SchedulePage::showChosen()
{
    const auto* job = chosenJob();
    const bool isUnderWay = job != nullptr && job->now;
    runsCard_->setTitle(job == nullptr ? tr("History") : tr("%1: history").arg(format::text(job->title)));
    run_->setText(isUnderWay ? tr("Cancel") : tr("Run now"));
    run_->setEnabled(job != nullptr && (isUnderWay || job->cannotRun.empty()));
    run_->setToolTip(job != nullptr && !isUnderWay && !job->cannotRun.empty() ? format::text(job->cannotRun) : tr("R"));
    pause_->setText(job != nullptr && job->isPaused ? tr("Resume") : tr("Pause"));
    pause_->setEnabled(job != nullptr && job->canPause);
    pause_->setToolTip(tr("P"));
    remove_->setVisible(job != nullptr && !job->command.empty());
    const int row = runs_->rowOf(chosenRun_);
    logCard_->setTitle(chosenRun_ == 0 ? tr("Log") : tr("Log of run %1").arg(chosenRun_));
    state_->setVisible(row >= 0);
    if (row >= 0) {
        state_->setState(stateWord(runs_->row(row).state), {}, toneOf(runs_->row(row).state));
    }
}

void SchedulePage::send(console::Command command, const QString& what, const std::string& job)
{
    const auto waits = [&](const auto& item) { return item.second == job; };
    if (std::ranges::any_of(pending_, waits)) {
        return; // until it is answered
    }
    Request request;
    request.what = what;
    pending_[context_.commands.send(std::move(command), std::move(request))] = job;
    std::set<std::string> names;
    for (const auto& [id, name] : pending_) {
        names.insert(name);
    }
    jobs_->setPending(names);
}

void SchedulePage::handle(const console::Event& event)
{
    const auto* done = std::get_if<console::CommandDone>(&event);
    if (done == nullptr || pending_.erase(done->id) == 0) {
        return;
    }
    std::set<std::string> names;
    for (const auto& [id, name] : pending_) {
        names.insert(name);
    }
    jobs_->setPending(names);
    runsQuestion_->hurry();
}

void SchedulePage::runOrCancel()
{
    const auto* job = chosenJob();
    if (job == nullptr) {
        return;
    }
    const auto title = format::text(job->title);
    if (job->now) {
        send(console::CancelJob{job->name}, tr("%1 is cancelled").arg(title), job->name);
    } else if (job->cannotRun.empty()) {
        chosenRun_ = 0; // its new run is followed
        send(console::RunJob{job->name}, tr("%1 is going to run").arg(title), job->name);
    }
}

void SchedulePage::setPaused(const console::JobLine& job)
{
    if (job.canPause) {
        const auto title = format::text(job.title);
        send(console::SetJobPaused{job.name, !job.isPaused},
             job.isPaused ? tr("%1 runs by itself again").arg(title) : tr("%1 is paused").arg(title), job.name);
    }
}

void SchedulePage::addCommand()
{
    const auto isTaken = [this](const std::string& name) { return jobs_->rowOf(name) >= 0; };
    auto* dialog = new CommandDialog(context_.theme, isTaken, window());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        const auto wish = dialog->wish();
        send(wish, tr("%1 is among the jobs").arg(format::text(wish.name)), wish.name);
    });
    dialog->open();
}

void SchedulePage::removeCommand()
{
    const auto* job = chosenJob();
    if (job != nullptr && !job->command.empty()) {
        send(console::RemoveJob{job->name}, tr("%1 is removed").arg(format::text(job->title)), job->name);
    }
}

bool SchedulePage::reveal(const QString& thing)
{
    bool isNumber = false;
    const auto run = thing.toLongLong(&isNumber);
    if (isNumber) {
        chooseRun(run);
        return true;
    }
    const int row = jobs_->rowOf(thing.toStdString());
    if (row >= 0) {
        jobsTable_->selectRow(row);
        choose(thing.toStdString());
    }
    return row >= 0;
}

} // namespace qd::ui
