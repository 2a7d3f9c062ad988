#include "app/take_over.h"

#include "base/log.h"
#include "base/worker_thread.h"
#include "engines/api_client.h"
#include "engines/owner_watch.h"
#include "storage/writer_lock.h"
#include "ui/format.h"
#include "ui/quarterdeck_style.h"
#include "ui/settings/appearance.h"
#include "ui/watch/watch_window.h"
#include "ui/window_memory.h"

#include <QDir>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFileInfo>
#include <QMessageBox>
#include <QProgressDialog>
#include <QPushButton>
#include <QTimer>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>

namespace qd::app {

using namespace std::chrono_literals;

namespace {

constexpr auto endsWithin = 120s; // it finishes its queues and saves its state
constexpr int look = 100;         // ms between two looks of the window at a thread that waits

/// In words: what watching needs and does not have. Empty where it can be watched.
QString whyNotWatched(const engines::Owner& owner)
{
    if (!owner.hasApi) {
        return QStringLiteral("It runs without its HTTP API, so it cannot be watched. To watch it, start it again with "
                              "--api-port 8888 (as a service: in ~/.config/quarterdeck/headless.conf).");
    }
    return {};
}

QString whatTakingOverDoes()
{
    return QStringLiteral("Taking over ends it cleanly and opens this window on its database. Nothing is lost; the "
                          "seconds in between are a row of the gap ledger.");
}

QString whatItDoes(const engines::Owner& owner)
{
    QStringList lines{owner.isReady ? QStringLiteral("It runs on the feed %1.").arg(ui::format::text(owner.feed))
                                    : QStringLiteral("It is starting on the feed %1%2.")
                                          .arg(ui::format::text(owner.feed),
                                               owner.doing.empty() ? QString() : ui::format::text(": " + owner.doing))};
    for (const auto& engine : owner.engines) {
        if (engine.state == console::EngineState::Failed || engine.state == console::EngineState::Struggling) {
            lines << QStringLiteral("%1 is %2: %3.")
                         .arg(ui::format::text(engine.name), ui::format::word(engine.state).toLower(),
                              ui::format::text(engine.detail));
        }
    }
    if (const auto why = whyNotWatched(owner); !why.isEmpty()) {
        lines << why;
    } else {
        lines << QStringLiteral("Watching shows what it does and changes nothing.%1")
                     .arg(owner.apiPort == 0 ? QString()
                                             : QStringLiteral(" A browser shows it, too, on %1")
                                                   .arg(ui::format::text(engines::urlOf(owner.apiDoor()))));
    }
    lines << whatTakingOverDoes();
    return lines.join(QLatin1Char('\n'));
}

void tellFailed(const QString& what)
{
    QMessageBox box(QMessageBox::NoIcon, QStringLiteral("Quarterdeck"), what, QMessageBox::Close);
    box.setTextInteractionFlags(Qt::TextSelectableByMouse);
    box.exec();
}

/// Opens it until it is answered; a signal to the program rejects it.
void ask(QMessageBox& box, const std::stop_token& stop)
{
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, &box, [&] {
        if (stop.stop_requested()) {
            box.reject();
        }
    });
    poll.start(look);
    box.exec();
}

QString whoOwns(bool isHeadless, std::int64_t process)
{
    return (isHeadless ? QStringLiteral("the headless instance (process %1)")
                       : QStringLiteral("the console with a window (process %1)"))
        .arg(process);
}

/// A click beside the tables ends what runs there: once more. `seen`: who owns it now, not who did at first.
bool isMeant(const console::WatchSnapshot& seen, const std::stop_token& stop)
{
    QMessageBox box(QMessageBox::NoIcon, QStringLiteral("Quarterdeck"),
                    QStringLiteral("Take over from %1?").arg(whoOwns(seen.isHeadless, seen.process)));
    box.setInformativeText(whatTakingOverDoes());
    const auto* takes = box.addButton(QStringLiteral("&Take over"), QMessageBox::AcceptRole);
    auto* stays = box.addButton(QStringLiteral("&Go on watching"), QMessageBox::RejectRole);
    box.setDefaultButton(stays);
    box.setEscapeButton(stays);
    ask(box, stop);
    return box.clickedButton() == takes;
}

/// Takes its lock and lets go of it at once; Busy while somebody has it.
std::optional<base::Error> whyNotFree(const std::filesystem::path& database)
{
    const auto lock = storage::WriterLock::take(database);
    return lock ? std::nullopt : std::optional(lock.error());
}

/// Where nobody owned it a moment ago. Nobody is asked to end, since a service may have been started anew meanwhile;
/// that is told.
bool isFreeNow(const engines::OwnerLine& line)
{
    const auto why = whyNotFree(line.database());
    if (why) {
        tellFailed(why->code == base::ErrorCode::Busy
                       ? QStringLiteral("Another console has this data: it starts just now, or is about to end. This "
                                        "window goes on watching; look again in a moment.")
                       : ui::format::sentence(*why));
    }
    return !why;
}

/// Ends the owner and waits for its lock, on a thread of its own: neither answer is there at once.
class Ending {
public:
    enum class State : std::uint8_t { Waits, Free, Failed };

    explicit Ending(engines::OwnerLine line)
        : line_(std::move(line)),
          thread_(
              "take over", [this](const std::stop_token& stop) { run(stop); },
              [this](const std::string& what) {
                  end({State::Failed, base::Error{base::ErrorCode::Internal, "take over", what}});
              })
    {
    }
    [[nodiscard]] State state()
    {
        const std::scoped_lock lock(mutex_);
        return end_.state;
    }
    /// Whether the owner has said that it ends, or has begun to by itself.
    [[nodiscard]] bool isAsked()
    {
        const std::scoped_lock lock(mutex_);
        return isAsked_;
    }
    /// Why it failed; empty where it was asked and has not ended in time.
    [[nodiscard]] std::optional<base::Error> error()
    {
        const std::scoped_lock lock(mutex_);
        return end_.error;
    }

private:
    struct End {
        State state = State::Waits;
        std::optional<base::Error> error{};
    };
    void end(End how)
    {
        const std::scoped_lock lock(mutex_);
        end_ = std::move(how);
    }
    void run(const std::stop_token& stop)
    {
        const auto asked = line_.askToStop(stop);
        if (!asked && asked.error().code != base::ErrorCode::NotFound) { // else it has ended by itself
            end({State::Failed, asked.error()});
            return;
        }
        {
            const std::scoped_lock lock(mutex_);
            isAsked_ = true;
        }
        std::mutex mutex;
        std::condition_variable_any rest;
        const auto until = std::chrono::steady_clock::now() + endsWithin;
        while (!stop.stop_requested() && std::chrono::steady_clock::now() < until) {
            const auto why = whyNotFree(line_.database());
            if (!why || why->code != base::ErrorCode::Busy) { // else waiting does not help
                end(why ? End{State::Failed, why} : End{State::Free});
                return;
            }
            std::unique_lock lock(mutex);
            (void)rest.wait_for(lock, stop, 100ms, [] { return false; });
        }
        end({State::Failed});
    }

    const engines::OwnerLine line_;
    std::mutex mutex_;
    End end_;                   // guarded by mutex_
    bool isAsked_ = false;      // guarded by mutex_
    base::WorkerThread thread_; // the last: it uses all of the above
};

} // namespace

OwnedChoice chooseOnOwned(const engines::Owner& owner, ui::format::Zone zone, const std::stop_token& stop)
{
    const auto since = ui::format::moment(owner.since, base::SystemClock().now(), zone).toStdString();
    QMessageBox box(QMessageBox::NoIcon, QStringLiteral("Quarterdeck"),
                    QStringLiteral("This database belongs to %1.").arg(ui::format::text(owner.sentence(since))));
    box.setInformativeText(whatItDoes(owner));
    box.setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* watches = box.addButton(QStringLiteral("&Watch it (read only)"), QMessageBox::AcceptRole);
    const auto* takes = box.addButton(QStringLiteral("&Take over"), QMessageBox::AcceptRole);
    auto* quits = box.addButton(QStringLiteral("&Quit"), QMessageBox::RejectRole);
    watches->setEnabled(owner.hasApi);
    watches->setToolTip(whyNotWatched(owner));
    box.setDefaultButton(owner.hasApi ? watches : quits); // neither ends anything
    box.setEscapeButton(quits);
    ask(box, stop);
    return box.clickedButton() == watches ? OwnedChoice::Watch
           : box.clickedButton() == takes ? OwnedChoice::TakeOver
                                          : OwnedChoice::Quit;
}

QString waitingText(const QString& who, bool isAsked, std::chrono::seconds waited)
{
    if (!isAsked) {
        return QStringLiteral("Asking %1 to end … %2 s").arg(who).arg(waited.count());
    }
    return QStringLiteral(
               "Waiting for %1 to end … %2 s\nIt finishes what has come in and saves its state; at most %3 s "
               "are waited.\nCancel ends the waiting; the other goes on ending.")
        .arg(who)
        .arg(waited.count())
        .arg(endsWithin.count());
}

bool takeOver(const engines::OwnerLine& line, const std::stop_token& stop, const TakeOverWait& wait)
{
    Ending ending(line);
    QElapsedTimer since;
    since.start();
    const auto words = [&] {
        const auto waited =
            std::chrono::duration_cast<std::chrono::seconds>(std::chrono::milliseconds(since.elapsed()));
        return waitingText(wait.who, ending.isAsked(), waited);
    };
    QProgressDialog dialog(words(), QStringLiteral("&Cancel"), 0, 0, wait.parent);
    dialog.setWindowTitle(QStringLiteral("Quarterdeck"));
    dialog.setMinimumDuration(0);
    dialog.setWindowModality(Qt::ApplicationModal);
    dialog.show();
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, &dialog, [&] {
        if (ending.state() != Ending::State::Waits || stop.stop_requested()) {
            dialog.done(0);
        } else {
            dialog.setLabelText(words());
        }
    });
    poll.start(look);
    dialog.exec();
    const auto state = ending.state();
    if (state == Ending::State::Free || stop.stop_requested()) {
        return state == Ending::State::Free;
    }
    const auto error = ending.error();
    if (error && error->code == base::ErrorCode::Timeout) {
        tellFailed(
            QStringLiteral("The other console does not answer: it hangs, and nothing was changed. End its process "
                           "('quarterdeck doctor' names it), then open this window again."));
    } else if (error) {
        tellFailed(ui::format::sentence(*error));
    } else if (ending.isAsked()) {
        tellFailed(QStringLiteral("The other console has not ended yet. It goes on ending; look again in a moment."));
    } else {
        tellFailed(QStringLiteral("The other console has not said yet whether it ends. It may still do so; look again "
                                  "in a moment."));
    }
    return false;
}

bool watch(const engines::OwnerLine& line, const engines::Owner& owner, const ui::UiOptions& options,
           const std::stop_token& stop)
{
    engines::OwnerWatch watched(line, owner);
    const QFileInfo look(options.settingsFile);
    ui::WatchWindow window(
        watched,
        {.lookFile = options.settingsFile,
         .settingsFile = options.settingsFile.isEmpty() ? QString() : look.dir().filePath(QStringLiteral("watch.ini")),
         .page = options.page,
         .theme = options.theme,
         .size = options.size});
    bool isFree = false;
    bool isTaking = false; // its dialogs run an event loop of their own
    QEventLoop loop;
    QObject::connect(&window, &ui::WatchWindow::closed, &loop, &QEventLoop::quit);
    QObject::connect(&window, &ui::WatchWindow::takeOverWished, &loop, [&] {
        if (isTaking) {
            return;
        }
        isTaking = true;
        const auto seen = watched.seen().get();
        const bool hasEnded = seen->trouble == console::WatchTrouble::NobodyOwns; // a few seconds ago
        isFree = hasEnded ? isFreeNow(line)
                          : isMeant(*seen, stop) &&
                                takeOver(line, stop, {whoOwns(seen->isHeadless, seen->process), &window});
        isTaking = false;
        if (isFree) {
            loop.quit();
        }
    });
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, &loop, [&] {
        if (stop.stop_requested()) {
            loop.quit();
        }
    });
    poll.start(200);
    window.show();
    loop.exec();
    return isFree;
}

bool meetOwner(const engines::OwnerLine& line, const engines::Owner& owner, const ui::UiOptions& options,
               const std::stop_token& stop)
{
    ui::Theme theme;
    ui::WindowMemory memory(options.settingsFile);
    const ui::Appearance look(theme, memory); // as the window that would open
    ui::dressApplication(theme);
    switch (chooseOnOwned(owner, look.zone(), stop)) {
    case OwnedChoice::Watch:
        return watch(line, owner, options, stop);
    case OwnedChoice::TakeOver:
        return takeOver(line, stop, {whoOwns(owner.isHeadless, owner.process), nullptr});
    case OwnedChoice::Quit:
        break;
    }
    return false;
}

} // namespace qd::app
