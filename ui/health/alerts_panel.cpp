#include "ui/health/alerts_panel.h"

#include "ui/command_desk.h"
#include "ui/tray.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"

#include <QCoreApplication>
#include <QMenu>
#include <QPushButton>

#include <algorithm>
#include <array>

namespace qd::ui {

using health::AlertState;

namespace {

QString tip(const char* source)
{
    return QCoreApplication::translate("alerts", source);
}

std::vector<Column> alertColumns()
{
    return {
        {.title = tip("When"), .kind = CellKind::Figure, .alignment = Qt::AlignLeft},
        {.title = tip("What")},
        {.title = tip("Why"), .isStretched = true},
        {.title = tip("Busiest then"), .help = tip("The processes that made the load when it opened."), .givesWay = 2},
        {.title = tip("Told by"), .help = tip("The channels that took it; the rest is on screen only."), .givesWay = 1},
        {.title = tip("Over"), .kind = CellKind::Figure, .help = tip("When its cause was gone."), .givesWay = 3},
        {.title = tip("Severity"),
         .kind = CellKind::Tag,
         .alignment = Qt::AlignRight,
         .help = tip("Error: told at once. Warning: on screen only. Info: told once a day."),
         .width = 96},
        {.title = tip("State"),
         .alignment = Qt::AlignRight,
         .help = tip("Open until its cause is gone; no data: nothing is known of it now."),
         .width = 108},
    };
}

console::Severity severityOf(const health::Alert& alert)
{
    switch (alert.telling) {
    case health::Telling::AtOnce:
        return console::Severity::Error;
    case health::Telling::OnceADay:
        return console::Severity::Info;
    case health::Telling::Never:
        break;
    }
    return console::Severity::Warning;
}

QString stateWord(const health::Alert& alert, base::UtcMs now)
{
    switch (health::stateOf(alert, now)) {
    case AlertState::Ok:
        return tip("Over");
    case AlertState::Pending:
        return tip("Pending");
    case AlertState::Firing:
        return tip("Open");
    case AlertState::Acknowledged:
        return tip("Acknowledged");
    case AlertState::Snoozed:
        return tip("Snoozed");
    case AlertState::NoData:
        return tip("No data");
    }
    return {};
}

/// Of the tag: quiet once it is over.
Meaning toneOf(const health::Alert& alert)
{
    if (alert.cleared) {
        return Meaning::TextMuted;
    }
    const auto severity = severityOf(alert);
    return severity == console::Severity::Error     ? Meaning::Loss
           : severity == console::Severity::Warning ? Meaning::Warning
                                                    : Meaning::TextMuted;
}

} // namespace

QString channelName(const std::string& channel)
{
    return channel == "desktop" ? tip("Desktop") : channel == "webhook" ? tip("Webhook") : tip("Heartbeat");
}

QString channelState(const console::AlertChannelRow& channel, const PageContext& context)
{
    if (!channel.isOn) {
        return channel.name == "desktop" ? tip("switched off") : tip("no address");
    }
    if (!channel.tried) {
        return tip("not tried yet");
    }
    const auto when = format::moment(*channel.tried, context.now(), context.zone);
    return channel.succeeded ? tip("arrived %1").arg(when)
                             : tip("failed %1 (%2)").arg(when, format::text(channel.detail));
}

AlertModel::AlertModel(const PageContext& context, QObject* parent)
    : RowModel(alertColumns(), parent),
      context_(context)
{
}

QVariant AlertModel::shown(const health::Alert& row, int column) const
{
    const auto now = context_.now();
    switch (column) {
    case What:
        return format::text(row.title);
    case Severity:
        return format::word(severityOf(row));
    case State:
        return stateWord(row, now);
    case Opened:
        return format::moment(row.opened, now, context_.zone);
    case Why:
        return format::text(row.detail);
    case Busiest:
        return format::text(row.suspects);
    case Told:
        return format::text(row.toldBy);
    default:
        return row.cleared ? format::moment(*row.cleared, now, context_.zone) : QString();
    }
}

QVariant AlertModel::sorted(const health::Alert& row, int column) const
{
    switch (column) {
    case Severity:
        return static_cast<int>(severityOf(row));
    case State:
        return static_cast<int>(health::stateOf(row, context_.now()));
    case Opened:
        return static_cast<qlonglong>(row.opened.value);
    case Ended:
        return row.cleared ? QVariant(static_cast<qlonglong>(row.cleared->value)) : QVariant();
    default:
        return shown(row, column);
    }
}

QVariant AlertModel::cell(const health::Alert& row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return shown(row, column);
    case SortRole:
        return sorted(row, column);
    case ToneRole:
        return column == Severity ? QVariant::fromValue(toneOf(row))
               : column == Why || column == Busiest || column == Told || column == Ended || row.cleared
                   ? QVariant::fromValue(Meaning::TextMuted)
                   : QVariant();
    case ExportRole:
        return column == Opened                 ? QVariant(format::text(base::isoText(row.opened)))
               : column == Ended && row.cleared ? QVariant(format::text(base::isoText(*row.cleared)))
                                                : QVariant();
    case Qt::ToolTipRole:
        if (column == Why && !row.suspects.empty()) { // that column gives way in a narrow window
            return format::text(row.detail) + QLatin1Char('\n') +
                   tr("Busiest then: %1").arg(format::text(row.suspects));
        }
        if (column == State && row.snoozedUntil && !row.cleared) {
            return tr("Silent until %1").arg(format::moment(*row.snoozedUntil, context_.now(), context_.zone));
        }
        return column == Opened                 ? QVariant(format::text(base::isoText(row.opened)))
               : column == Ended && row.cleared ? QVariant(format::text(base::isoText(*row.cleared)))
                                                : shown(row, column);
    default:
        return {};
    }
}

AlertsPanel::AlertsPanel(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      model_(new AlertModel(context, this)),
      table_(new DataTable(context.theme, context.memory, QStringLiteral("health.alerts"), *model_))
{
    table_->setRowHeight(31);
    table_->view()->setAccessibleName(tr("Alerts"));
    table_->setEmptyText(tr("No alert so far. What goes wrong appears here with its cause, and stays in the list."));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(table_, 1);
    layout->addWidget(buttons());
    connect(table_, &DataTable::currentRowChanged, this, &AlertsPanel::showButtons);
    connect(&context_.commands, &CommandDesk::pendingChanged, this, &AlertsPanel::showButtons);
    showButtons();
}

QWidget* AlertsPanel::buttons()
{
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    acknowledge_ = new QPushButton(tr("Acknowledge"));
    acknowledge_->setToolTip(tr("Seen: it is not told again, and goes when its cause is gone"));
    snooze_ = new QPushButton(tr("Snooze"));
    snooze_->setToolTip(tr("Silent for a while, and told again if it lasts"));
    test_ = new QPushButton(tr("Send a test"));
    test_->setToolTip(tr("By one of the channels, at once"));
    auto* hours = new QMenu(snooze_);
    for (const auto& [text, length] : {std::pair{tr("1 hour"), 1.0}, std::pair{tr("8 hours"), 8.0},
                                       std::pair{tr("1 day"), 24.0}, std::pair{tr("1 week"), 168.0}}) {
        connect(hours->addAction(text), &QAction::triggered, this, [this, length = length] { snooze(length); });
    }
    snooze_->setMenu(hours);
    auto* which = new QMenu(test_);
    for (const char* name : {"desktop", "webhook", "heartbeat"}) {
        connect(which->addAction(channelName(name)), &QAction::triggered, this,
                [this, name] { test(QString::fromLatin1(name)); });
    }
    auto* tray = which->addAction(tr("Tray icon"));
    tray->setEnabled(Tray::isAvailable());
    tray->setToolTip(Tray::isAvailable() ? QString() : tr("This desktop has no tray"));
    connect(tray, &QAction::triggered, this, &AlertsPanel::trayTestWished);
    test_->setMenu(which);
    connect(acknowledge_, &QPushButton::clicked, this, &AlertsPanel::acknowledge);
    channels_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
    channels_->setWordWrap(true);
    for (auto* button : {acknowledge_, snooze_, test_}) {
        layout->addWidget(button);
    }
    layout->addWidget(channels_, 1);
    return row;
}

void AlertsPanel::refresh(const console::HealthSnapshot& health)
{
    if (health.alerts == view_ || !health.alerts) {
        return;
    }
    view_ = health.alerts;
    auto rows = view_->open;
    std::ranges::reverse(rows); // newest first, like those that are over
    rows.insert(rows.end(), view_->past.begin(), view_->past.end());
    model_->update(std::move(rows));
    model_->repaintAll(); // a state may be another by the time alone: a snooze has ended
    QStringList told;
    for (const auto& channel : view_->channels) {
        told << tr("%1: %2").arg(channelName(channel.name), channelState(channel, context_));
    }
    if (view_->isQuiet) {
        told << tr("Quiet hours now");
    }
    channels_->show(told.join(QStringLiteral(" · ")));
    channels_->setToolTip(told.join(QLatin1Char('\n')) + QLatin1Char('\n') +
                          tr("Addresses, quiet hours and durations: Settings, Policy, alerts."));
    showButtons();
}

void AlertsPanel::restyle()
{
    model_->repaintAll();
}

QToolButton* AlertsPanel::menuButton()
{
    return table_->menuButton();
}

QString AlertsPanel::note() const
{
    if (!view_ || view_->open.empty()) {
        return tr("none open");
    }
    const auto errors = std::ranges::count(view_->open, console::Severity::Error, severityOf);
    const auto warnings = std::ranges::count(view_->open, console::Severity::Warning, severityOf);
    return tr("open: %1 · %2")
        .arg(errors == 1 ? tr("1 error") : tr("%1 errors").arg(errors),
             warnings == 1 ? tr("1 warning") : tr("%1 warnings").arg(warnings));
}

bool AlertsPanel::select(std::int64_t id)
{
    const auto& rows = model_->rows();
    const auto found = std::ranges::find(rows, id, &health::Alert::id);
    if (found == rows.end()) {
        return false;
    }
    table_->selectRow(static_cast<int>(found - rows.begin()));
    return true;
}

const health::Alert* AlertsPanel::current() const
{
    const auto at = table_->currentRow();
    return at >= 0 && at < static_cast<int>(model_->rows().size()) ? &model_->rows()[static_cast<std::size_t>(at)]
                                                                   : nullptr;
}

void AlertsPanel::showButtons()
{
    const auto* alert = current();
    const bool isFree = alert != nullptr && !alert->cleared && !context_.commands.isAlertPending(alert->id);
    acknowledge_->setEnabled(isFree && !alert->acknowledged);
    snooze_->setEnabled(isFree);
    const auto actions = test_->menu()->actions();
    constexpr std::array<const char*, 3> names{"desktop", "webhook", "heartbeat"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool isOn = view_ && std::ranges::any_of(view_->channels, [&](const auto& row) {
                              return row.name == names[i] && row.isOn;
                          });
        auto* action = actions[static_cast<int>(i)];
        action->setEnabled(isOn);
        action->setToolTip(isOn     ? QString()
                           : i == 0 ? tr("It is switched off: Settings, Policy")
                                    : tr("It has no address yet: Settings, Policy"));
    }
    test_->menu()->setToolTipsVisible(true);
}

void AlertsPanel::acknowledge()
{
    if (const auto* alert = current()) {
        context_.commands.acknowledgeAlert(alert->id, format::text(alert->title));
    }
}

void AlertsPanel::snooze(double hours)
{
    if (const auto* alert = current()) {
        context_.commands.snoozeAlert(alert->id, format::text(alert->title), hours);
    }
}

void AlertsPanel::test(const QString& channel)
{
    context_.commands.testAlerts(channel, channelName(channel.toStdString()));
}

} // namespace qd::ui
