#include "ui/watch/watch_window.h"

#include "ui/help/help_window.h"
#include "ui/navigation_rail.h"
#include "ui/quarterdeck_style.h"
#include "ui/watch/watch_band.h"
#include "ui/watch/watch_pane.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/pill.h"

#include <QIcon>
#include <QJsonArray>
#include <QJsonDocument>
#include <QPainter>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>

namespace qd::ui {

using namespace std::chrono_literals;

namespace {

const QString geometryKey = QStringLiteral("window/geometry");
const QString pageKey = QStringLiteral("window/page");

struct EnginesPill {
    QString figure;
    Meaning tone;
};

/// How many run: one that is idle does not, and is no trouble either.
EnginesPill enginesOf(const QJsonObject& status)
{
    QStringList states;
    const auto engines = status.value(QLatin1String("engines")).toArray();
    for (const auto& engine : engines) {
        states << textIn(engine.toObject(), "state");
    }
    const auto in = [&states](const char* state) { return states.count(QLatin1String(state)); };
    const auto count = states.size();
    const auto runs = in("running");
    if (count == 0) {
        return {format::undefined(), Meaning::TextMuted};
    }
    if (const auto bad = in("struggling") + in("failed") + in("stopped"); bad > 0) {
        return {WatchWindow::tr("%1 of %2 not running").arg(bad).arg(count), Meaning::Loss};
    }
    if (runs == count) {
        return {WatchWindow::tr("all %1 run").arg(count), Meaning::Gain};
    }
    return {WatchWindow::tr("%1 of %2 run").arg(runs).arg(count), in("starting") > 0 ? Meaning::Focus
                                                                  : runs > 0         ? Meaning::Gain
                                                                                     : Meaning::TextMuted};
}

} // namespace

QStringList WatchWindow::pageNames()
{
    QStringList out;
    for (const auto& page : watchPages()) {
        out << page.name;
    }
    return out;
}

WatchWindow::WatchWindow(console::Watched& watched, const WatchOptions& options)
    : watched_(watched),
      look_(options.lookFile),
      memory_(options.settingsFile),
      appearance_(theme_, look_)
{
    if (options.theme) {
        theme_.setMode(*options.theme);
    }
    setWindowTitle(tr("Quarterdeck · watching"));
    setWindowIcon(QIcon(QStringLiteral(":/quarterdeck/icons/quarterdeck.svg")));
    setMinimumSize(1024, 640);
    setFocusPolicy(Qt::StrongFocus);
    restyle();
    connect(&theme_, &Theme::changed, this, &WatchWindow::restyle);
    band_ = new WatchBand(theme_);
    connect(band_->button(), &QPushButton::clicked, this, &WatchWindow::takeOverWished);
    buildPages();
    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(rail_);
    middle->addWidget(stack_, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(band_);
    layout->addWidget(buildHead());
    layout->addLayout(middle, 1);
    buildShortcuts();
    if (!options.size.isEmpty() || !restoreGeometry(memory_.value(geometryKey).toByteArray())) {
        resize(options.size.isEmpty() ? QSize(1600, 1000) : options.size);
    }
    if (!showPage(options.page) && !showPage(memory_.value(pageKey).toString())) {
        goTo(0);
    }
    setFocus(); // else the button that takes over would be what Enter presses
    look();
    timer_.setInterval(250ms);
    connect(&timer_, &QTimer::timeout, this, &WatchWindow::look);
    timer_.start();
}

WatchWindow::~WatchWindow() = default;

QWidget* WatchWindow::buildHead()
{
    auto* head = new QWidget;
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(pageMargin, 8, pageMargin, 8);
    row->setSpacing(8);
    for (auto** pill : {&feed_, &engines_, &equity_, &health_}) {
        *pill = new Pill(theme_);
        row->addWidget(*pill);
    }
    feed_->setTonedLabel(true);
    equity_->setHasDot(false);
    connect(engines_, &Pill::clicked, this, [this] { showPage(watchEngines().name); });
    engines_->setCursor(Qt::PointingHandCursor);
    engines_->setToolTip(tr("Each engine by its heartbeat"));
    for (auto* pill : {feed_, equity_, health_}) {
        pill->setFocusPolicy(Qt::NoFocus);
    }
    row->addStretch(1);
    answered_ = new TextLabel(theme_, FontRole::Caption, Meaning::TextMuted);
    row->addWidget(answered_);
    return head;
}

void WatchWindow::buildPages()
{
    rail_ = new NavigationRail(theme_, pageNames(), this);
    stack_ = new QStackedWidget;
    connect(rail_, &NavigationRail::chosen, this, &WatchWindow::goTo);
    for (const auto& page : watchPages()) {
        auto* pane = new WatchPane(theme_, memory_, page);
        connect(pane, &WatchPane::pathChanged, this, &WatchWindow::want);
        panes_.push_back(pane);
        auto* around = new QWidget;
        auto* layout = new QVBoxLayout(around);
        layout->setContentsMargins(pageMargin, 4, pageMargin, pageMargin);
        layout->addWidget(pane);
        stack_->addWidget(around);
    }
}

void WatchWindow::buildShortcuts()
{
    for (int i = 0; i < std::min(10, static_cast<int>(panes_.size())); ++i) {
        const QString key = QStringLiteral("Ctrl+") + QString::number((i + 1) % 10);
        connect(new QShortcut(QKeySequence(key), this), &QShortcut::activated, this, [this, i] { goTo(i); });
    }
    const auto add = [this](const char* key, auto slot) {
        connect(new QShortcut(QKeySequence(QLatin1String(key)), this), &QShortcut::activated, this, slot);
    };
    const auto step = [this](int by) {
        const int count = static_cast<int>(panes_.size());
        goTo((stack_->currentIndex() + by + count) % count);
    };
    add("F1", [this] {
        if (help_ == nullptr) {
            help_ = new HelpWindow(theme_, memory_, this);
        }
        help_->open(QStringLiteral("watching"));
    });
    add("Ctrl+PgDown", [step] { step(1); });
    add("Ctrl+PgUp", [step] { step(-1); });
    add("Ctrl+Shift+T", [this] { theme_.setMode(theme_.mode() == Mode::Dark ? Mode::Light : Mode::Dark); });
}

void WatchWindow::restyle()
{
    dressWindow(*this, theme_);
}

bool WatchWindow::showPage(const QString& name)
{
    const int page = rail_->indexOf(name);
    if (page >= 0) {
        goTo(page);
    }
    return page >= 0;
}

void WatchWindow::goTo(int index)
{
    stack_->setCurrentIndex(index);
    rail_->setCurrent(index);
    memory_.setValue(pageKey, pageNames().value(index));
    want();
}

void WatchWindow::want()
{
    const auto path = panes_[static_cast<std::size_t>(stack_->currentIndex())]->path();
    watched_.want(path == watchStatusPath ? std::string() : path);
    give();
}

void WatchWindow::look()
{
    seen_ = watched_.seen().get();
    if (!seen_) {
        return;
    }
    const auto words =
        watchWords(*seen_, std::chrono::steady_clock::now(), base::SystemClock().now(), appearance_.zone());
    isSilent_ = words.isAlarm;
    band_->tell(words);
    give();
    showHead();
}

/// To the page that is shown; the others catch up when they are.
void WatchWindow::give()
{
    if (!seen_) {
        return;
    }
    auto& pane = *panes_[static_cast<std::size_t>(stack_->currentIndex())];
    const WatchTime time{base::SystemClock().now(), appearance_.zone(), isSilent_};
    pane.take(pane.path() == watchStatusPath ? seen_->status : seen_->page, time);
}

void WatchWindow::showHead()
{
    const auto status = seen_->status.body
                            ? QJsonDocument::fromJson(QByteArray::fromStdString(*seen_->status.body)).object()
                            : QJsonObject();
    const auto paper = status.value(QLatin1String("paper")).toObject();
    const auto health = status.value(QLatin1String("health")).toObject();
    const auto feed = textIn(status.value(QLatin1String("ingest")).toObject(), "feed");
    const auto unknown = format::undefined();
    const auto old = [this](Meaning tone) { return isSilent_ ? Meaning::TextFaint : tone; }; // nobody knows now
    const auto name = textIn(status, "feed");
    setWindowTitle(name.isEmpty() ? tr("Quarterdeck · watching") : tr("Quarterdeck · watching %1").arg(name.toUpper()));
    const bool isDemo = name == QLatin1String("demo"); // amber for as long as it is on, as in the console's own window
    feed_->setState(name.isEmpty() ? tr("Feed")
                    : isDemo       ? tr("DEMO FEED")
                                   : name.toUpper(),
                    feed.isEmpty() ? unknown : feed,
                    old(feed == QLatin1String("online") && !isDemo ? Meaning::Gain : Meaning::Warning));
    const auto engines = isSilent_ ? EnginesPill{tr("no answer"), Meaning::Loss} : enginesOf(status);
    engines_->setState(tr("Engines"), engines.figure, engines.tone);
    const auto equity = paper.value(QLatin1String("equity"));
    equity_->setState(tr("Equity"), equity.isDouble() ? format::decimal(equity.toDouble(), 2) + tr(" USDT") : unknown,
                      old(Meaning::Focus));
    const auto score = health.value(QLatin1String("score"));
    health_->setState(
        tr("Health"),
        score.isDouble() ? format::decimal(score.toDouble(), 0) + QLatin1Char(' ') + textIn(health, "label") : unknown,
        old(textIn(health, "label") == QLatin1String("good") || textIn(health, "label") == QLatin1String("excellent")
                ? Meaning::Gain
                : Meaning::Warning));
    answered_->show(seen_->address.empty() || !seen_->status.body
                        ? QString()
                        : tr("%1 · answered %2")
                              .arg(format::text(seen_->address),
                                   format::moment(seen_->status.at, base::SystemClock().now(), appearance_.zone())));
}

void WatchWindow::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), theme_.color(Meaning::Background));
}

void WatchWindow::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (isVisible()) {
        memory_.setValue(geometryKey, saveGeometry());
    }
}

void WatchWindow::moveEvent(QMoveEvent* event)
{
    QWidget::moveEvent(event);
    if (isVisible()) {
        memory_.setValue(geometryKey, saveGeometry());
    }
}

void WatchWindow::closeEvent(QCloseEvent* event)
{
    QWidget::closeEvent(event);
    Q_EMIT closed();
}

} // namespace qd::ui
