#include "app/take_over.h"

#include "engines/owner_line.h"
#include "storage/writer_lock.h"
#include "ui/format.h"
#include "ui/quarterdeck_style.h"
#include "ui/settings/appearance.h"
#include "ui/window_memory.h"

#include <QElapsedTimer>
#include <QMessageBox>
#include <QProgressDialog>
#include <QPushButton>
#include <QTimer>

namespace qd::app {

namespace {

constexpr int endsWithin = 120'000; // ms: it finishes its queues and saves its state

QString whatItDoes(const engines::Owner& owner)
{
    QStringList lines{owner.isReady
                          ? QStringLiteral("It runs on the feed %1.").arg(ui::format::text(owner.feed))
                          : QStringLiteral("It is starting on the feed %1.").arg(ui::format::text(owner.feed))};
    for (const auto& engine : owner.engines) {
        if (engine.state == console::EngineState::Failed || engine.state == console::EngineState::Struggling) {
            lines << QStringLiteral("%1 is %2: %3.")
                         .arg(ui::format::text(engine.name), ui::format::word(engine.state).toLower(),
                              ui::format::text(engine.detail));
        }
    }
    if (owner.apiPort != 0) {
        lines << QStringLiteral("It shows itself, to look at, on http://127.0.0.1:%1").arg(owner.apiPort);
    }
    lines << QStringLiteral("Taking over ends it cleanly and opens this window on its database. Nothing is lost; the "
                            "seconds in between are a row of the gap ledger.");
    return lines.join(QLatin1Char('\n'));
}

bool isWished(const engines::Owner& owner, ui::format::Zone zone, const std::stop_token& stop)
{
    const auto since = ui::format::moment(owner.since, base::SystemClock().now(), zone).toStdString();
    QMessageBox box(QMessageBox::NoIcon, QStringLiteral("Quarterdeck"),
                    QStringLiteral("This database belongs to %1.").arg(ui::format::text(owner.sentence(since))));
    box.setInformativeText(whatItDoes(owner));
    box.setTextInteractionFlags(Qt::TextSelectableByMouse);
    const auto* take = box.addButton(QStringLiteral("&Take over"), QMessageBox::AcceptRole);
    box.setDefaultButton(box.addButton(QMessageBox::Close));
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, &box, [&] {
        if (stop.stop_requested()) {
            box.reject();
        }
    });
    poll.start(200);
    box.exec();
    return box.clickedButton() == take;
}

/// False where it does not end in time, or the operator gives up waiting.
bool waitUntilFree(const std::filesystem::path& database, const std::stop_token& stop)
{
    QProgressDialog wait(QStringLiteral("The other console finishes what it has begun …"), QStringLiteral("Give up"), 0,
                         0);
    wait.setMinimumDuration(0);
    wait.setWindowModality(Qt::ApplicationModal);
    wait.show();
    bool isFree = false;
    QElapsedTimer since;
    since.start();
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, &wait, [&] {
        isFree = storage::WriterLock::take(database).has_value(); // and let go of at once
        if (isFree || stop.stop_requested() || since.hasExpired(endsWithin)) {
            wait.done(0);
        }
    });
    poll.start(100);
    wait.exec();
    return isFree;
}

void tellFailed(const QString& what)
{
    QMessageBox(QMessageBox::NoIcon, QStringLiteral("Quarterdeck"), what, QMessageBox::Close).exec();
}

} // namespace

bool takeOver(const engines::HostOptions& options, const std::stop_token& stop)
{
    const auto database = engines::databaseOf(options.dataDir, options.feed);
    const engines::OwnerLine line(database);
    const auto owner = line.owner();
    if (!owner) {
        return false;
    }
    ui::Theme theme;
    ui::WindowMemory memory(QString::fromStdString((options.dataDir / "window.ini").string()));
    const ui::Appearance look(theme, memory); // as the window that would open
    ui::dressApplication(theme);
    if (!isWished(*owner, look.zone(), stop)) {
        return false;
    }
    if (const auto asked = line.askToStop(); !asked) {
        tellFailed(ui::format::sentence(asked.error()));
        return false;
    }
    if (waitUntilFree(database, stop)) {
        return true;
    }
    if (!stop.stop_requested()) {
        tellFailed(
            QStringLiteral("The other console has not ended yet (process %1). It goes on ending; start this window "
                           "again in a moment.")
                .arg(owner->process));
    }
    return false;
}

} // namespace qd::app
