#include "app/application.h"

#include "app/commands/api_arguments.h"
#include "app/commands/arguments.h"
#include "app/take_over.h"
#include "base/log.h"
#include "engines/desktop_notifier.h"
#include "engines/engine_host.h"
#include "engines/file_import.h"
#include "engines/owner_line.h"
#include "ui/first_start/first_start_dialog.h"
#include "ui/first_start/import_dialog.h"
#include "ui/format.h"
#include "ui/main_window.h"
#include "ui/quarterdeck_style.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QIcon>
#include <QLoggingCategory>
#include <QMessageBox>
#include <QTimer>

#include <atomic>
#include <cstdio>
#include <memory>
#include <utility>

namespace qd::app {

namespace {

const QString feedKey = QStringLiteral("feed");
// Instead of a feed's name: import a file once the engines have stopped, then show it.
constexpr const char* importFirst = "import, then imported";
constexpr qint64 tellToWaitAfterMs = 5'000; // for whoever waits for a picture

struct Wish {
    engines::HostOptions host;
    ui::UiOptions window;
    QString screenshot;
    double after = 8;
};

void addOptions(QCommandLineParser& parser)
{
    parser.addOptions(
        {{QStringLiteral("rest-url"), QStringLiteral("REST address of a feed given as ws://…"), QStringLiteral("URL")},
         {QStringLiteral("instruments"), QStringLiteral("Only these, e.g. BTC-USDT,ETH-USDT."), QStringLiteral("A,B")},
         {QStringLiteral("seed"), QStringLiteral("Seed of the demo market."), QStringLiteral("N"), QStringLiteral("1")},
         {QStringLiteral("page"),
          QStringLiteral("Open at this page: ") + ui::MainWindow::pageNames().join(QStringLiteral(", ")),
          QStringLiteral("NAME")},
         {QStringLiteral("screenshot"), QStringLiteral("Render the page, save it as PNG and quit."),
          QStringLiteral("F.png")},
         {QStringLiteral("after"),
          QStringLiteral("Seconds before the screenshot, from when the engines run. A first start makes the demo's "
                         "past before that (--history)."),
          QStringLiteral("S"), QStringLiteral("8")},
         {QStringLiteral("size"), QStringLiteral("Of the window, e.g. 1600x1000."), QStringLiteral("WxH")},
         {QStringLiteral("theme"), QStringLiteral("dark or light."), QStringLiteral("NAME")},
         {{QStringLiteral("v"), QStringLiteral("version")}, QStringLiteral("Print the version.")}});
    addHistoryOption(parser);
    addApiOptions(parser);
}

std::optional<QSize> sizeOf(const QString& text)
{
    const auto parts = text.split(QLatin1Char('x'));
    bool isWidth = false;
    bool isHeight = false;
    if (parts.size() != 2) {
        return std::nullopt;
    }
    const QSize size(parts[0].toInt(&isWidth), parts[1].toInt(&isHeight));
    const bool isGood = isWidth && isHeight && size.width() >= 640 && size.height() >= 400 && size.width() <= 7680 &&
                        size.height() <= 4320;
    return isGood ? std::optional(size) : std::nullopt;
}

/// An exit code if the options are wrong.
std::optional<int> read(const Arguments& given, const QCommandLineParser& parser, Wish& wish)
{
    wish.host = {.dataDir = given.dataDir(),
                 .feed = given.feed("demo"),
                 .restUrl = given.value("rest-url"),
                 .instruments = given.list("instruments"),
                 .demoSeed = parser.value(QStringLiteral("seed")).toULongLong(),
                 .version = QD_VERSION};
    if (const auto wrong = wrongFeed(wish.host.feed)) {
        return reportUsage(*wrong);
    }
    if (!given.number("seed", 0) || !given.number("after", 0)) {
        return reportUsage("--seed and --after want a number");
    }
    if (wish.host.feed.starts_with("ws") && wish.host.restUrl.empty()) {
        return reportUsage("A feed given as an address needs --rest-url too");
    }
    if (const auto wrong = readHistory(given, wish.host.demoHistory); !wrong.empty()) {
        return reportUsage(wrong);
    }
    if (const auto wrong = readApi(given, wish.host.api); !wrong.empty()) {
        return reportUsage(wrong);
    }
    if (given.isSet("screenshot") && !given.isSet("api-port")) {
        wish.host.api.reset(); // a picture is asked nothing
    }
    wish.window.settingsFile = QString::fromStdString((given.dataDir() / "window.ini").string());
    wish.window.page = parser.value(QStringLiteral("page"));
    if (given.isSet("theme")) {
        const auto theme = given.value("theme");
        if (theme != "dark" && theme != "light") {
            return reportUsage("--theme is dark or light");
        }
        wish.window.theme = theme == "dark" ? ui::Mode::Dark : ui::Mode::Light;
    }
    if (given.isSet("page") && !ui::MainWindow::pageNames().contains(wish.window.page, Qt::CaseInsensitive)) {
        return reportUsage("There is no page '" + given.value("page") + "'; there are " +
                           ui::MainWindow::pageNames().join(QStringLiteral(", ")).toStdString());
    }
    if (given.isSet("size")) {
        const auto size = sizeOf(parser.value(QStringLiteral("size")));
        if (!size) {
            return reportUsage("--size looks like 1600x1000");
        }
        wish.window.size = *size;
    }
    wish.screenshot = parser.value(QStringLiteral("screenshot"));
    wish.after = parser.value(QStringLiteral("after")).toDouble();
    return std::nullopt;
}

int takeScreenshot(ui::MainWindow& window, const Wish& wish)
{
    const auto picture = window.render(wish.window.size.isValid() ? wish.window.size : QSize(1600, 1000));
    if (!picture.save(wish.screenshot)) {
        return report({base::ErrorCode::Io, wish.screenshot.toStdString(), "the picture could not be written"});
    }
    return exitDone;
}

/// Asks for a file and imports it into imported.db. True if something is there to show now.
bool importFile(const Wish& wish)
{
    ui::ImportDialog dialog([&wish](const ui::ImportWish& what, const std::function<void(double)>& progress,
                                    const std::stop_token& stop) -> base::Result<QString> {
        engines::ImportOptions options{.database = engines::databaseOf(wish.host.dataDir, engines::importedFeed),
                                       .file = what.file.toStdString(),
                                       .instrument = what.instrument.toStdString(),
                                       .sizes =
                                           what.inContracts ? engines::SizeUnit::Contracts : engines::SizeUnit::Coins,
                                       .candles = timeframeNamed(what.timeframe.toStdString()),
                                       .progress = progress};
        const auto outcome = engines::importFile(options, stop);
        if (!outcome) {
            return std::unexpected(outcome.error());
        }
        return QString::number(outcome->rows);
    });
    return dialog.exec() == QDialog::Accepted;
}

/// The feed to begin with where none was named: the one of last time, else the operator's first choice. Empty: none,
/// end.
std::string firstFeed(const Wish& wish)
{
    const ui::WindowMemory memory(wish.window.settingsFile);
    if (const auto last = memory.value(feedKey).toString(); !last.isEmpty()) {
        return last.toStdString();
    }
    std::error_code ignored;
    for (const auto& file : std::filesystem::directory_iterator(wish.host.dataDir, ignored)) {
        if (file.path().extension() == ".db") {
            return "demo"; // not the first start
        }
    }
    for (;;) {
        ui::FirstStartDialog dialog;
        dialog.exec();
        switch (dialog.choice()) {
        case ui::FirstChoice::Demo:
            return "demo";
        case ui::FirstChoice::BloFin:
            return "blofin";
        case ui::FirstChoice::Import:
            if (importFile(wish)) {
                return engines::importedFeed;
            }
            break;
        case ui::FirstChoice::None:
            return {};
        }
    }
}

/// Whether what the start waits for is the making of the demo market's past.
bool makesItsPast(const console::Console& host)
{
    const auto store = host.store().get();
    return store && store->making.has_value();
}

/// One life of engines and window. What the operator wants next: another feed, or nothing.
struct Life {
    int code = exitDone;
    std::optional<std::string> nextFeed;
};

/// In the console's own looks: what happened and what to do; the technical part is one click away.
void tellCannotStart(const base::Error& error, const std::stop_token& stop)
{
    const ui::Theme theme;
    ui::dressApplication(theme);
    QMessageBox box(QMessageBox::NoIcon, QStringLiteral("Quarterdeck cannot start"), ui::format::sentence(error),
                    QMessageBox::Close);
    box.setDetailedText(ui::format::text(base::sentence(error)));
    box.setTextInteractionFlags(Qt::TextSelectableByMouse);
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, &box, [&] {
        if (stop.stop_requested()) {
            box.reject();
        }
    });
    poll.start(200);
    box.exec();
}

Life live(const Wish& wish, const std::stop_token& stop)
{
    Life life;
    auto look = wish.window;
    std::atomic<bool> isAskedToEnd{false};
    auto options = wish.host;
    options.stopAsked = [&isAskedToEnd] { isAskedToEnd = true; };
    constexpr std::int64_t none = -1;
    const auto clicked = std::make_shared<std::atomic<std::int64_t>>(none); // the alert whose notification was
    options.notifiers = [clicked] {
        auto out = engines::allNotifiers();
        for (auto& one : out) {
            if (one->channel() == "desktop") {
                one = std::make_unique<engines::DesktopNotifier>(engines::sessionBusAddress(),
                                                                 [clicked](std::int64_t alert) { *clicked = alert; });
            }
        }
        return out;
    };
    auto host = engines::EngineHost::start(options);
    if (!host && host.error().code == base::ErrorCode::Busy && wish.screenshot.isEmpty()) {
        const engines::OwnerLine other(engines::databaseOf(options.dataDir, options.feed));
        if (const auto owner = other.owner()) { // else it is told what is wrong
            QElapsedTimer open;
            open.start();
            if (!meetOwner(other, *owner, wish.window, stop)) {
                return life;
            }
            look.asked += std::chrono::milliseconds(open.elapsed());
            host = engines::EngineHost::start(options);
        }
    }
    if (!host) {
        life.code = report(host.error());
        if (wish.screenshot.isEmpty()) {
            tellCannotStart(host.error(), stop);
        }
        return life;
    }
    {
        ui::MainWindow window(**host, look);
        const auto changeTo = [&life](const std::string& feed) {
            life.nextFeed = feed;
            QApplication::quit();
        };
        QObject::connect(&window, &ui::MainWindow::feedWished, &window,
                         [changeTo](const QString& feed) { changeTo(feed.toStdString()); });
        QObject::connect(&window, &ui::MainWindow::importWished, &window, [&] {
            if (wish.host.feed == engines::importedFeed) {
                changeTo(importFirst); // its database is in use until these engines have stopped
            } else if (importFile(wish)) {
                changeTo(engines::importedFeed);
            }
        });
        window.show();
        QTimer poll;
        QObject::connect(&poll, &QTimer::timeout, [&] {
            if (stop.stop_requested() || isAskedToEnd) {
                QApplication::quit();
            }
            if (const auto alert = clicked->exchange(none); alert != none) {
                window.showAlert(alert);
            }
        });
        poll.start(200);
        // A picture is of the running console, not of the making of the demo's past.
        QTimer ready;
        QElapsedTimer waited;
        waited.start();
        bool isToldToWait = false;
        if (!wish.screenshot.isEmpty()) {
            QObject::connect(&ready, &QTimer::timeout, &window, [&] {
                if (!(*host)->isReady() && waited.elapsed() > tellToWaitAfterMs && !std::exchange(isToldToWait, true)) {
                    std::fputs(makesItsPast(**host)
                                   ? "quarterdeck: the demo's past is made first, which can take minutes; "
                                     "--history 0 leaves it out. The picture comes after it.\n"
                                   : "quarterdeck: what is stored is read first; the picture comes "
                                     "after it.\n",
                               stderr);
                }
                if ((*host)->isReady()) {
                    ready.stop();
                    QTimer::singleShot(static_cast<int>(wish.after * 1000), &window, [&] {
                        life.code = takeScreenshot(window, wish);
                        QApplication::exit(life.code);
                    });
                }
            });
            ready.start(50);
        }
        QApplication::setQuitOnLastWindowClosed(true);
        QApplication::exec();
        QApplication::setQuitOnLastWindowClosed(false);
    }
    (*host)->stop();
    return life;
}

void remember(const Wish& wish)
{
    ui::WindowMemory(wish.window.settingsFile).setValue(feedKey, QString::fromStdString(wish.host.feed));
}

} // namespace

int runWindow(int argc, char** argv)
{
    const auto stop = stopOnSignal();
    Arguments given(
        QStringLiteral("[SUBCOMMAND] [options]"),
        QStringLiteral("Quarterdeck: the operations console for crypto strategy pipelines. Without a subcommand "
                       "the window opens, on the demo feed."));
    addOptions(given.parser());
    QStringList words;
    for (int i = 1; i < argc; ++i) {
        words.append(QString::fromLocal8Bit(argv[i]));
    }
    Wish wish;
    if (auto end = given.parse(words)) {
        return *end;
    }
    if (given.isSet("version")) {
        std::printf("quarterdeck %s\n", QD_VERSION);
        return exitDone;
    }
    if (auto end = read(given, given.parser(), wish)) {
        return *end;
    }
    const bool hasDisplay = qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY") ||
                            qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
    if (!hasDisplay) {
        if (wish.screenshot.isEmpty()) {
            std::fputs(
                "quarterdeck: there is no display for a window. Use 'quarterdeck run --headless', or set DISPLAY.\n",
                stderr);
            return exitFailed;
        }
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    QApplication application(argc, argv);
    QApplication::setDesktopFileName(QStringLiteral("org.quarterdeck.Quarterdeck")); // its icon and name in the dock
    QApplication::setQuitOnLastWindowClosed(false); // only the console's own window ends the program, not a dialog
    if (!given.hasFeed() && wish.screenshot.isEmpty()) {
        QElapsedTimer open;
        open.start();
        wish.host.feed = firstFeed(wish);
        wish.window.asked = std::chrono::milliseconds(open.elapsed());
        if (wish.host.feed.empty()) {
            return exitDone;
        }
    }
    if (wish.screenshot.isEmpty()) {
        base::setLogLevel(base::LogLevel::Info); // a desktop keeps it in its journal
    }
    for (;;) {
        if (!given.hasFeed() && wish.screenshot.isEmpty()) {
            remember(wish);
        }
        const auto life = live(wish, stop);
        if (!life.nextFeed) {
            return life.code;
        }
        if (*life.nextFeed == importFirst) {
            importFile(wish);
        } else if (*life.nextFeed != wish.host.feed) { // the same once more keeps how it was called
            wish.host.feed = *life.nextFeed;
            wish.host.restUrl.clear();
            wish.host.instruments.clear();
        }
        wish.window.page.clear(); // the one that was open
        wish.window.asked = {};
    }
}

} // namespace qd::app
