#include "ui/main_window.h"

#include "ui/attention.h"
#include "ui/execution/execution_page.h"
#include "ui/experiments/experiments_page.h"
#include "ui/health/health_page.h"
#include "ui/help/help_window.h"
#include "ui/journal/journal_page.h"
#include "ui/markets/markets_page.h"
#include "ui/models/model_book.h"
#include "ui/models/models_page.h"
#include "ui/navigation_rail.h"
#include "ui/overview/checklist_card.h"
#include "ui/overview/overview_page.h"
#include "ui/quarterdeck_style.h"
#include "ui/schedule/schedule_page.h"
#include "ui/settings/settings_page.h"
#include "ui/status_strip.h"
#include "ui/strategies/review_card.h"
#include "ui/strategies/strategies_page.h"
#include "ui/top_strip.h"
#include "ui/tray.h"
#include "ui/widgets/toast.h"

#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QIcon>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace qd::ui {

using namespace std::chrono_literals;

namespace {

const QString geometryKey = QStringLiteral("window/geometry");
const QString pageKey = QStringLiteral("window/page");

} // namespace

QStringList MainWindow::pageNames()
{
    return {QStringLiteral("Overview"),    QStringLiteral("Markets"),  QStringLiteral("Strategies"),
            QStringLiteral("Experiments"), QStringLiteral("Models"),   QStringLiteral("Execution"),
            QStringLiteral("Health"),      QStringLiteral("Schedule"), QStringLiteral("Journal"),
            QStringLiteral("Settings")};
}

MainWindow::MainWindow(console::Console& console, const UiOptions& options)
    : console_(console),
      memory_(options.settingsFile),
      appearance_(theme_, memory_),
      desk_(console),
      questions_(console),
      pump_(console),
      startTimes_(options.asked)
{
    if (options.theme) {
        theme_.setMode(*options.theme);
    }
    const auto info = console.info();
    const QString feed = info.feed.starts_with("ws") ? format::text(info.feed) : format::text(info.feed).toUpper();
    setWindowTitle(info.feed == "demo" ? tr("Quarterdeck · DEMO")
                   : info.isSimulated  ? tr("Quarterdeck · %1 · SIMULATED").arg(feed)
                                       : tr("Quarterdeck · %1 · PAPER").arg(feed));
    setWindowIcon(QIcon(QStringLiteral(":/quarterdeck/icons/quarterdeck.svg")));
    setMinimumSize(1024, 640);
    setFocusPolicy(Qt::StrongFocus);
    setFocus(); // else the first pill would look chosen
    restyle();

    const PageContext context{
        console_, theme_, desk_, questions_, memory_, appearance_.zone(), [] { return base::SystemClock().now(); }};
    top_ = new TopStrip(context, this);
    status_ = new StatusStrip(context, this);
    tray_ = new Tray(this);
    connect(tray_, &Tray::clicked, this, [this] {
        showAlert(0);
        if (tray_->isAlarmed()) {
            showPage(QStringLiteral("Health"));
        } else if (hasNightNews()) {
            readNight();
        }
    });
    buildPages(context);
    buildBook();
    buildFrame();
    buildShortcuts();
    connectDesk();
    connect(&theme_, &Theme::changed, this, &MainWindow::restyle);
    connect(&appearance_, &Appearance::zoneChanged, this, [this] {
        top_->tick();
        std::for_each(pages_.begin(), pages_.end(), [](Page* page) { page->restyle(); });
    });
    connect(&pump_, &SnapshotPump::changed, this, &MainWindow::deliver);
    connect(&pump_, &SnapshotPump::happened, this, &MainWindow::handle);
    connect(&pump_, &SnapshotPump::pulled, &questions_, &Questions::pull);
    second_.setInterval(1s);
    connect(&second_, &QTimer::timeout, this, [this] {
        top_->tick();
        showWaiting();
    });

    if (!options.size.isEmpty() || !restoreGeometry(memory_.value(geometryKey).toByteArray())) {
        resize(options.size.isEmpty() ? QSize(1600, 1000) : options.size);
    }
    if (!showPage(options.page) && !showPage(memory_.value(pageKey).toString())) {
        goTo(0);
    }
    pump_.pump();
    pump_.start();
    second_.start();
    showWaiting();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildPages(const PageContext& context)
{
    stack_ = new QStackedWidget(this);
    auto* settings = new SettingsPage(context, appearance_);
    connect(settings, &SettingsPage::feedWished, this, &MainWindow::feedWished);
    connect(settings, &SettingsPage::importWished, this, &MainWindow::importWished);
    overview_ = new OverviewPage(context);
    markets_ = new MarketsPage(context);
    strategies_ = new StrategiesPage(context);
    experiments_ = new ExperimentsPage(context);
    journal_ = new JournalPage(context);
    models_ = new ModelsPage(context);
    health_ = new HealthPage(context);
    connect(health_, &HealthPage::trayTestWished, tray_, &Tray::test);
    connect(health_, &HealthPage::restartWished, this,
            [this] { Q_EMIT feedWished(format::text(console_.info().feed)); });
    // clang-format off
    pages_ = {overview_, markets_, strategies_, experiments_, models_,
              new ExecutionPage(context), health_, new SchedulePage(context), journal_, settings};
    // clang-format on
    const auto names = pageNames();
    for (std::size_t i = 0; i < pages_.size(); ++i) {
        pages_[i]->setObjectName(names[static_cast<qsizetype>(i)]);
        pages_[i]->setAccessibleName(names[static_cast<qsizetype>(i)]);
        stack_->addWidget(pages_[i]);
        connect(pages_[i], &Page::waitingChanged, this, &MainWindow::showWaiting);
        connect(pages_[i], &Page::wantsPage, this, &MainWindow::lead);
    }
}

void MainWindow::buildBook()
{
    book_ = new ModelBook(questions_, this);
    connect(book_, &ModelBook::changed, &pump_, &SnapshotPump::setModels);
    connect(book_, &ModelBook::failed, models_, &ModelsPage::tellFailure);
    connect(&desk_, &CommandDesk::finished, book_, [this](const Request& request) {
        if (request.isOfModels() || request.decision != 0) { // an undo may be one of theirs
            book_->renew();
        }
    });
}

void MainWindow::buildFrame()
{
    rail_ = new NavigationRail(theme_, pageNames(), this);
    connect(rail_, &NavigationRail::chosen, this, &MainWindow::goTo);
    connect(top_, &TopStrip::pageAsked, this, &MainWindow::showPage);
    connect(top_, &TopStrip::paletteAsked, this, &MainWindow::openPalette);
    connect(top_, &TopStrip::helpAsked, this, [this] { openHelp(); });
    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(rail_);
    middle->addWidget(stack_, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(top_);
    layout->addLayout(middle, 1);
    layout->addWidget(status_);
    palette_ = new CommandPalette(theme_, this);
    toast_ = new Toast(theme_, this);
}

void MainWindow::buildShortcuts()
{
    for (int i = 0; i < static_cast<int>(pages_.size()); ++i) {
        const QString key = QStringLiteral("Ctrl+") + QString::number((i + 1) % 10);
        connect(new QShortcut(QKeySequence(key), this), &QShortcut::activated, this, [this, i] { goTo(i); });
    }
    const auto add = [this](const QString& key, auto slot) {
        connect(new QShortcut(QKeySequence(key), this), &QShortcut::activated, this, slot);
    };
    add(QStringLiteral("F1"), [this] { openHelp(); });
    add(QStringLiteral("Ctrl+Q"), [this] { close(); });
    add(QStringLiteral("Ctrl+K"), [this] { openPalette(); });
    add(QStringLiteral("Ctrl+I"), [this] { chooseInstruments(); });
    add(QStringLiteral("Ctrl+N"), [this] { newExperiment(); });
    add(QStringLiteral("Ctrl+Shift+N"), [this] { journal_->addNote(); });
    add(QStringLiteral("Ctrl+Shift+R"), [this] { strategies_->review().dryRun(); });
    add(QStringLiteral("Ctrl+Shift+P"), [this] { pauseEntries(); });
    add(QStringLiteral("Ctrl+Shift+T"), [this] { appearance_.toggleMode(); });
}

void MainWindow::connectDesk()
{
    connect(&desk_, &CommandDesk::finished, this, [this](const Request& request) {
        if (!request.canBeTakenBack()) {
            const bool isSoAlready = request.isJournalled && request.decisions.empty();
            toast_->tell(isSoAlready ? tr("Nothing was to be changed: %1").arg(request.what) : request.what,
                         Meaning::Gain);
            return;
        }
        toast_->tell(request.what, Meaning::Gain, tr("Undo"), [this, request] { desk_.takeBack(request); });
    });
    connect(&desk_, &CommandDesk::journalUndoWished, this, &MainWindow::undoByJournal);
    connect(&desk_, &CommandDesk::doneInPart, this, [this](const Request& request, const base::Error& error) {
        toast_->tell(tr("Done in part: %1").arg(format::text(error.detail)), Meaning::Warning, tr("Undo"),
                     [this, request] { desk_.takeBack(request); });
    });
    connect(&desk_, &CommandDesk::failed, this, [this](const Request& request, const base::Error& error) {
        // A rule's own words say more than the kind of the error.
        const bool isRule = error.code == base::ErrorCode::Conflict || error.code == base::ErrorCode::OutOfRange ||
                            request.isOfModels();
        const QString why = isRule && !error.detail.empty()
                                ? tr("%1: %2").arg(format::text(error.subject), format::text(error.detail))
                                : format::sentence(error);
        toast_->tell(tr("Not done: %1. %2").arg(request.what, why), Meaning::Loss, tr("Copy details"),
                     [error] { QApplication::clipboard()->setText(format::text(base::sentence(error))); });
    });
}

void MainWindow::restyle()
{
    dressWindow(*this, theme_);
    std::for_each(pages_.begin(), pages_.end(), [](Page* page) { page->restyle(); });
}

bool MainWindow::showPage(const QString& name)
{
    const int page = rail_->indexOf(name);
    if (page >= 0) {
        goTo(page);
    }
    return page >= 0;
}

void MainWindow::lead(const QString& page, const QString& thing)
{
    if (showPage(page) && !thing.isEmpty()) {
        pages_[static_cast<std::size_t>(stack_->currentIndex())]->reveal(thing);
    }
}

QString MainWindow::currentPage() const
{
    return pageNames().value(stack_->currentIndex());
}

void MainWindow::goTo(int index)
{
    stack_->setCurrentIndex(index);
    rail_->setCurrent(index);
    memory_.setValue(pageKey, currentPage());
}

void MainWindow::deliver(const Snapshots& snapshots, Changes changes)
{
    book_->follow(snapshots.learning);
    top_->refresh(snapshots, changes);
    status_->refresh(snapshots, changes);
    if ((changes & Change::Health) && snapshots.health && snapshots.health->alerts) {
        tray_->show(*snapshots.health->alerts);
    }
    if (help_ != nullptr && snapshots.paper) {
        help_->setPolicy(snapshots.paper->policy);
    }
    for (auto* page : pages_) {
        page->deliver(snapshots, changes);
    }
    startTimes_.look(snapshots);
}

void MainWindow::handle(const console::Event& event)
{
    if (const auto* done = std::get_if<console::CommandDone>(&event)) {
        desk_.answer(*done);
    }
    status_->handle(event, pump_.newest());
    for (auto* page : pages_) {
        page->handle(event);
    }
}

void MainWindow::showWaiting()
{
    const auto waiting = attention(pump_.newest());
    const auto names = pageNames();
    for (int i = 0; i < names.size(); ++i) {
        const auto there =
            std::count_if(waiting.begin(), waiting.end(), [&](const auto& a) { return a.page == names[i]; });
        const int own = pages_[static_cast<std::size_t>(i)]->waiting();
        rail_->setCount(i, i == 0 ? static_cast<int>(waiting.size()) + own : static_cast<int>(there) + own);
    }
}

void MainWindow::chooseInstruments()
{
    if (console_.info().feed != "imported") {
        showPage(QStringLiteral("Markets"));
        markets_->chooseInstruments();
    }
}

void MainWindow::newExperiment()
{
    showPage(QStringLiteral("Experiments"));
    experiments_->create({});
}

void MainWindow::showAlert(std::int64_t alert)
{
    if (isMinimized() || !isVisible()) {
        showNormal();
    }
    raise();
    activateWindow();
    const auto& health = pump_.newest().health;
    if (alert == 0 || !health || !health->alerts) {
        return;
    }
    const auto isIt = [alert](const health::Alert& one) { return one.id == alert && one.cause == "night"; };
    if (std::ranges::any_of(health->alerts->open, isIt) || std::ranges::any_of(health->alerts->past, isIt)) {
        readNight();
        return;
    }
    lead(QStringLiteral("Health"), QStringLiteral("alert %1").arg(alert));
}

void MainWindow::readNight()
{
    lead(QStringLiteral("Overview"), QStringLiteral("Night"));
}

// The morning's notification is there, and nobody has put it away.
bool MainWindow::hasNightNews() const
{
    const auto& health = pump_.newest().health;
    return health && health->alerts && std::ranges::any_of(health->alerts->open, [&](const health::Alert& alert) {
               return alert.cause == "night" &&
                      std::ranges::find(health->alerts->waiting, alert.id) != health->alerts->waiting.end();
           });
}

void MainWindow::openPalette()
{
    palette_->open(paletteEntries());
}

std::vector<PaletteEntry> MainWindow::paletteEntries()
{
    std::vector<PaletteEntry> out;
    const auto names = pageNames();
    for (int i = 0; i < names.size(); ++i) {
        out.push_back(
            {tr("Page"), names[i], QStringLiteral("Ctrl+") + QString::number((i + 1) % 10), [this, i] { goTo(i); }});
    }
    const auto& newest = pump_.newest();
    if (newest.paper) {
        for (const auto& row : newest.paper->strategies) {
            const QString name = format::text(row.name);
            const bool isOn = row.isEnabled;
            out.push_back({tr("Strategy"), name, isOn ? tr("is on") : tr("is off"),
                           [this, name] { lead(QStringLiteral("Strategies"), name); }});
            out.push_back({tr("Strategy"), isOn ? tr("Switch %1 off").arg(name) : tr("Switch %1 on").arg(name),
                           isOn ? tr("is on") : tr("is off"),
                           [this, name, isOn] { desk_.setStrategyEnabled(name, !isOn); }});
        }
    }
    if (newest.ingest) {
        for (const auto& row : newest.ingest->instruments) {
            const QString name = format::text(row.instrument.name);
            out.push_back({tr("Instrument"), name, format::price(row.instrument, row.last),
                           [this, name] { lead(QStringLiteral("Markets"), name); }});
        }
    }
    const bool isDark = theme_.mode() == Mode::Dark;
    const bool isUtc = appearance_.zone() == format::Zone::Utc;
    const bool isSwapped = theme_.isBlueOrange();
    out.push_back({tr("Action"), isDark ? tr("Use the light theme") : tr("Use the dark theme"),
                   QStringLiteral("Ctrl+Shift+T"), [this] { appearance_.toggleMode(); }});
    out.push_back({tr("Action"),
                   isSwapped ? tr("Gain and loss in green and red") : tr("Gain and loss in blue and orange"),
                   {},
                   [this, isSwapped] { appearance_.setBlueOrange(!isSwapped); }});
    out.push_back({tr("Action"), isUtc ? tr("Clocks in this machine's zone") : tr("Clocks in UTC"), {}, [this, isUtc] {
                       appearance_.setZone(isUtc ? format::Zone::Local : format::Zone::Utc);
                   }});
    if (console_.info().feed != "imported") {
        out.push_back({tr("Action"), tr("Add or remove instruments…"), QStringLiteral("Ctrl+I"),
                       [this] { chooseInstruments(); }});
    }
    if (newest.ingest) {
        for (const auto& row : newest.ingest->instruments) {
            const QString name = format::text(row.instrument.name);
            out.push_back({tr("Action"), row.isLeaving ? tr("Keep %1").arg(name) : tr("Remove %1").arg(name),
                           row.isLeaving ? tr("is leaving") : QString(),
                           [this, name, isLeaving = row.isLeaving] {
                               isLeaving ? desk_.changeInstruments({name}, {}) : desk_.changeInstruments({}, {name});
                           },
                           !row.isLeaving});
        }
        if (const auto& history = newest.ingest->history; history && history->state != console::HistoryState::Done) {
            const bool isCancelled = history->state == console::HistoryState::Cancelled;
            out.push_back({tr("Action"),
                           isCancelled ? tr("Go on fetching candles") : tr("Stop fetching candles"),
                           {},
                           [this, isCancelled] { desk_.setHistoryCancelled(!isCancelled); }});
        }
    }
    out.push_back({tr("Action"), tr("Reconnect the feed now"), {}, [this] {
                       desk_.send(console::ReconnectNow{}, {tr("The feed was asked to reconnect"), {}, std::nullopt});
                   }});
    for (const auto& [feed, words] :
         {std::pair{"demo", tr("Change to the demo feed")}, std::pair{"blofin", tr("Change to the BloFin feed")},
          std::pair{"imported", tr("Change to the imported data")}}) {
        if (console_.info().feed != feed) {
            out.push_back({tr("Action"), words, {}, [this, feed] { Q_EMIT feedWished(QString::fromLatin1(feed)); }});
        }
    }
    auto& steps = overview_->checklist();
    if (steps.isPutAway()) {
        out.push_back({tr("Action"), tr("Show the first steps again"), {}, [this, &steps] {
                           steps.setPutAway(false);
                           goTo(0);
                       }});
    }
    out.push_back({tr("Action"), tr("Read the night report"), {}, [this] { readNight(); }});
    out.push_back({tr("Action"), tr("Import recorded data…"), {}, [this] { Q_EMIT importWished(); }});
    out.push_back({tr("Action"), tr("Close the window"), {}, [this] { close(); }});
    addDecisions(out);
    addHelp(out);
    return out;
}

QPixmap MainWindow::render(QSize size)
{
    if (!isVisible()) {
        setAttribute(Qt::WA_DontShowOnScreen);
        show();
    }
    resize(size);
    pump_.pump();
    showWaiting();
    QCoreApplication::sendPostedEvents(); // layouts of what the pump just changed
    return grab();
}

bool MainWindow::event(QEvent* event)
{
    if (event->type() != QEvent::UpdateRequest) {
        return QWidget::event(event);
    }
    QElapsedTimer painting;
    painting.start();
    const bool isHandled = QWidget::event(event);
    pump_.notePaint(static_cast<double>(painting.nsecsElapsed()) / 1e6);
    startTimes_.painted();
    if (!std::exchange(isPainted_, true)) {
        pump_.start(); // fonts were loaded and all was laid out: what was not on the screen yet cannot have stalled
    }
    return isHandled;
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    toast_->place();
    memory_.setValue(geometryKey, saveGeometry());
}

void MainWindow::moveEvent(QMoveEvent* event)
{
    QWidget::moveEvent(event);
    memory_.setValue(geometryKey, saveGeometry());
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    memory_.setValue(geometryKey, saveGeometry());
    memory_.flush();
    QWidget::closeEvent(event);
}

} // namespace qd::ui
