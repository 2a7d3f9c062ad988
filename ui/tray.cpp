#include "ui/tray.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <QPainter>
#include <QSystemTrayIcon>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr int size = 64;

QIcon withDot(const QIcon& plain)
{
    QPixmap picture = plain.pixmap(size, size);
    if (picture.isNull()) { // no reader of SVG is installed
        return plain;
    }
    QPainter p(&picture);
    p.setRenderHint(QPainter::Antialiasing);
    const Theme theme;
    p.setPen(QPen(theme.color(Meaning::Card), 4));
    p.setBrush(theme.color(Meaning::Loss));
    p.drawEllipse(QRectF(size * 0.52, size * 0.04, size * 0.44, size * 0.44));
    return QIcon(picture);
}

} // namespace

Tray::Tray(QObject* parent)
    : QObject(parent),
      calm_(QStringLiteral(":/quarterdeck/icons/quarterdeck.svg")),
      alarmed_(withDot(calm_)),
      words_(tr("Quarterdeck: no alert waits"))
{
    constexpr int testMs = 10'000;
    test_.setSingleShot(true);
    test_.setInterval(testMs);
    connect(&test_, &QTimer::timeout, this, &Tray::paint);
    if (!isAvailable()) {
        return;
    }
    icon_ = new QSystemTrayIcon(calm_, this);
    icon_->setToolTip(words_);
    connect(icon_, &QSystemTrayIcon::activated, this, &Tray::clicked);
    icon_->show();
}

void Tray::show(const console::AlertsView& alerts)
{
    QStringList titles;
    for (const auto& alert : alerts.open) {
        if (alert.telling != health::Telling::OnceADay &&
            std::ranges::find(alerts.waiting, alert.id) != alerts.waiting.end()) {
            titles << format::text(alert.title);
        }
    }
    const auto words =
        titles.isEmpty() ? tr("Quarterdeck: no alert waits")
        : titles.size() == 1
            ? tr("Quarterdeck: %1").arg(titles.first())
            : tr("Quarterdeck: %1 alerts wait: %2").arg(titles.size()).arg(titles.join(QStringLiteral(", ")));
    if (words == words_) {
        return;
    }
    words_ = words;
    isAlarmed_ = !titles.isEmpty();
    paint();
}

void Tray::test()
{
    test_.start();
    paint();
}

bool Tray::isAvailable()
{
    return QSystemTrayIcon::isSystemTrayAvailable();
}

QString Tray::words() const
{
    return test_.isActive() ? tr("Quarterdeck: a test of this icon; nothing is wrong") : words_;
}

void Tray::paint()
{
    if (icon_ != nullptr) {
        icon_->setIcon(isAlarmed_ || test_.isActive() ? alarmed_ : calm_);
        icon_->setToolTip(words());
    }
}

} // namespace qd::ui
