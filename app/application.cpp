#include "app/application.h"

#include "app/commands/arguments.h"
#include "base/log.h"
#include "engines/engine_host.h"
#include "ui/main_window.h"

#include <QApplication>
#include <QIcon>
#include <QLoggingCategory>
#include <QMessageBox>
#include <QTimer>

#include <cstdio>

namespace qd::app {

namespace {

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
         {QStringLiteral("page"), QStringLiteral("Open at this page."), QStringLiteral("NAME")},
         {QStringLiteral("screenshot"), QStringLiteral("Render the page, save it as PNG and quit."), QStringLiteral("F.png")},
         {QStringLiteral("after"), QStringLiteral("Seconds before the screenshot."), QStringLiteral("S"), QStringLiteral("8")},
         {QStringLiteral("size"), QStringLiteral("Of the window, e.g. 1600x1000."), QStringLiteral("WxH")},
         {QStringLiteral("theme"), QStringLiteral("dark or light."), QStringLiteral("NAME")},
         {{QStringLiteral("v"), QStringLiteral("version")}, QStringLiteral("Print the version.")}});
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
    if (wish.host.feed.starts_with("ws") && wish.host.restUrl.empty()) {
        return reportUsage("A feed given as an address needs --rest-url too");
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

}  // namespace

int runWindow(int argc, char** argv)
{
    const auto stop = stopOnSignal();
    Arguments given(QStringLiteral("[run|import|export|replay|verify|exchange] [options]"),
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
            std::fputs("quarterdeck: there is no display for a window. Use 'quarterdeck run --headless', or set DISPLAY.\n", stderr);
            return exitFailed;
        }
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    QApplication application(argc, argv);
    auto host = engines::EngineHost::start(std::move(wish.host));
    if (!host) {
        report(host.error());
        if (wish.screenshot.isEmpty()) {
            QMessageBox::critical(nullptr, QStringLiteral("Quarterdeck cannot start"),
                                  QString::fromStdString(base::sentence(host.error())));
        }
        return exitFailed;
    }
    int code = exitDone;
    {
        ui::MainWindow window(**host, wish.window);
        window.show();
        QTimer poll;
        QObject::connect(&poll, &QTimer::timeout, [&] {
            if (stop.stop_requested()) {
                QApplication::quit();
            }
        });
        poll.start(200);
        if (!wish.screenshot.isEmpty()) {
            QTimer::singleShot(static_cast<int>(wish.after * 1000), &window, [&] {
                code = takeScreenshot(window, wish);
                QApplication::exit(code);
            });
        }
        QApplication::exec();
    }
    (*host)->stop();
    return code;
}

}  // namespace qd::app
