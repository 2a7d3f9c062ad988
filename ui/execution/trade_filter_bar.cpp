#include "ui/execution/trade_filter_bar.h"

#include "ui/execution/trade_figures.h"
#include "ui/widgets/pill.h"
#include "ui/window_memory.h"

#include <QComboBox>
#include <QDateEdit>
#include <QHBoxLayout>
#include <QScopedValueRollback>
#include <QTimeZone>

#include <array>

namespace qd::ui {

namespace {

constexpr std::array reasons{trading::ExitReason::Stop, trading::ExitReason::Target, trading::ExitReason::TimeLimit,
                             trading::ExitReason::Signal, trading::ExitReason::Archived};
constexpr std::array periodDays{0, 1, 7, 30, 90};
constexpr int ownPeriod = static_cast<int>(periodDays.size());

QString keyOf(const QString& name)
{
    return QStringLiteral("execution/filter.") + name;
}

QTimeZone zoneOf(format::Zone zone)
{
    return zone == format::Zone::Utc ? QTimeZone::utc() : QTimeZone::systemTimeZone();
}

/// The list under its first entry, which means all; the choice stays, also where the list does not have it.
void refill(QComboBox& box, const QStringList& names)
{
    const auto chosen = box.currentIndex() > 0 ? box.currentText() : QString();
    QStringList wanted{box.itemText(0)};
    wanted << names;
    if (!chosen.isEmpty() && !names.contains(chosen)) {
        wanted << chosen;
    }
    QStringList shown;
    for (int i = 0; i < box.count(); ++i) {
        shown << box.itemText(i);
    }
    if (shown != wanted) {
        box.clear();
        box.addItems(wanted);
        box.setCurrentIndex(std::max(0, static_cast<int>(chosen.isEmpty() ? 0 : wanted.indexOf(chosen))));
    }
}

} // namespace

TradeFilterBar::TradeFilterBar(const PageContext& context, const InstrumentBook& book, QWidget* parent)
    : QWidget(parent),
      context_(context),
      book_(book)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    strategy_ = addChoice(tr("Strategy"), QStringLiteral("strategy"), {tr("All strategies")});
    instrument_ = addChoice(tr("Instrument"), QStringLiteral("instrument"), {tr("All instruments")});
    result_ = addChoice(tr("Result"), QStringLiteral("result"), {tr("Won and lost"), tr("Won"), tr("Lost")});
    QStringList words{tr("Any exit")};
    for (const auto reason : reasons) {
        words << tr("By %1").arg(word(reason));
    }
    reason_ = addChoice(tr("Exit by"), QStringLiteral("reason"), words);
    period_ =
        addChoice(tr("Closed within"), QStringLiteral("period"),
                  {tr("All time"), tr("24 hours"), tr("7 days"), tr("30 days"), tr("90 days"), tr("From … to …")});
    from_ = addDay(tr("From"), QStringLiteral("from"));
    to_ = addDay(tr("To, inclusive"), QStringLiteral("to"));
    shadow_ = new PillButton(context.theme, tr("Shadow"), this);
    shadow_->setCheckable(true);
    shadow_->setToolTip(tr("Trades made while their strategy was off, too"));
    shadow_->setAccessibleDescription(shadow_->toolTip());
    shadow_->setChecked(context.memory.value(keyOf(QStringLiteral("shadow")), false).toBool());
    connect(shadow_, &QAbstractButton::toggled, this, [this](bool on) {
        context_.memory.setValue(keyOf(QStringLiteral("shadow")), on);
        chosen();
    });
    row->addWidget(shadow_);
    clear_ = new PillButton(context.theme, tr("Clear"), this);
    clear_->setToolTip(tr("All trades again"));
    connect(clear_, &QAbstractButton::clicked, this, &TradeFilterBar::clear);
    row->addWidget(clear_);
    row->addStretch(1);
    showPeriod();
}

QComboBox* TradeFilterBar::addChoice(const QString& name, const QString& key, const QStringList& texts)
{
    auto* box = new QComboBox(this);
    box->addItems(texts);
    box->setAccessibleName(name);
    box->setToolTip(name);
    box->setMaxVisibleItems(24);
    box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    const auto remembered = context_.memory.value(keyOf(key)).toString();
    if (!remembered.isEmpty()) {
        if (box->findText(remembered) < 0 && texts.size() == 1) {
            box->addItem(remembered); // its list is still to come
        }
        box->setCurrentIndex(std::max(0, box->findText(remembered)));
    }
    connect(box, &QComboBox::currentIndexChanged, this, [this, box, key](int index) {
        if (!isFilling_) {
            context_.memory.setValue(keyOf(key), index > 0 ? box->currentText() : QString());
            chosen();
        }
    });
    layout()->addWidget(box);
    return box;
}

QDateEdit* TradeFilterBar::addDay(const QString& name, const QString& key)
{
    const auto today = QDateTime::fromMSecsSinceEpoch(context_.now().value, zoneOf(context_.zone)).date();
    auto* day = new QDateEdit(today, this);
    day->setDisplayFormat(QStringLiteral("d MMM yyyy"));
    day->setCalendarPopup(true);
    day->setAccessibleName(name);
    day->setToolTip(name);
    const auto remembered = context_.memory.value(keyOf(key)).toDate();
    if (remembered.isValid()) {
        day->setDate(remembered);
    }
    connect(day, &QDateEdit::dateChanged, this, [this, key](QDate date) {
        context_.memory.setValue(keyOf(key), date);
        chosen();
    });
    layout()->addWidget(day);
    return day;
}

void TradeFilterBar::chosen()
{
    if (!isFilling_) {
        showPeriod();
        Q_EMIT changed();
    }
}

void TradeFilterBar::showPeriod()
{
    const bool isOwn = period_->currentIndex() == ownPeriod;
    from_->setVisible(isOwn);
    to_->setVisible(isOwn);
    clear_->setVisible(!words().isEmpty());
}

void TradeFilterBar::setStrategies(const QStringList& names)
{
    const QScopedValueRollback filling(isFilling_, true);
    refill(*strategy_, names);
}

void TradeFilterBar::showInstruments()
{
    const auto before = filter().instrument;
    {
        const QScopedValueRollback filling(isFilling_, true);
        QStringList names;
        for (const auto& [name, id] : book_.listed()) {
            names << name;
        }
        refill(*instrument_, names);
    }
    if (filter().instrument != before) {
        Q_EMIT changed(); // the one that was remembered is known now
    }
}

base::UtcMs TradeFilterBar::startOf(const QDateEdit* day, int later) const
{
    return {day->date().addDays(later).startOfDay(zoneOf(context_.zone)).toMSecsSinceEpoch()};
}

trading::TradeFilter TradeFilterBar::filter() const
{
    trading::TradeFilter out;
    if (strategy_->currentIndex() > 0) {
        out.strategy = strategy_->currentText().toStdString();
    }
    if (instrument_->currentIndex() > 0) {
        const auto found = std::ranges::find(book_.listed(), instrument_->currentText(),
                                             &std::pair<QString, base::InstrumentId>::first);
        // One that is not known yet: of none, until it is.
        out.instrument = found != book_.listed().end() ? found->second : base::InstrumentId{-1};
    }
    if (reason_->currentIndex() > 0) {
        out.reason = reasons[static_cast<std::size_t>(reason_->currentIndex() - 1)];
    }
    out.result = static_cast<trading::TradeResult>(result_->currentIndex());
    out.withShadow = shadow_->isChecked();
    if (const int period = period_->currentIndex(); period == ownPeriod) {
        out.from = startOf(from_, 0);
        out.to = startOf(to_, 1) - base::Millis{1};
    } else if (period > 0) {
        // By whole minutes: the same choice is the same question.
        out.from = base::bucketStart(context_.now(), base::Millis{60'000}) -
                   periodDays[static_cast<std::size_t>(period)] * base::oneDay;
    }
    return out;
}

QString TradeFilterBar::words() const
{
    QStringList out;
    for (const auto* box : {strategy_, instrument_, result_, reason_}) {
        if (box->currentIndex() > 0) {
            out << (box == result_ || box == reason_ ? box->currentText().toLower() : box->currentText());
        }
    }
    if (period_->currentIndex() == ownPeriod) {
        out << tr("%1 to %2").arg(from_->text(), to_->text());
    } else if (period_->currentIndex() > 0) {
        out << tr("last %1").arg(period_->currentText());
    }
    if (shadow_->isChecked()) {
        out << tr("shadow too");
    }
    return out.join(QStringLiteral(", "));
}

void TradeFilterBar::choose(const QString& strategy, const QString& instrument)
{
    {
        const QScopedValueRollback filling(isFilling_, true);
        for (const auto& [box, name, key] : {std::tuple{strategy_, strategy, QStringLiteral("strategy")},
                                             std::tuple{instrument_, instrument, QStringLiteral("instrument")}}) {
            if (!name.isEmpty() && box->findText(name) < 0) {
                box->addItem(name);
            }
            box->setCurrentIndex(name.isEmpty() ? 0 : box->findText(name));
            context_.memory.setValue(keyOf(key), name);
        }
    }
    chosen();
}

void TradeFilterBar::clear()
{
    {
        const QScopedValueRollback filling(isFilling_, true);
        for (auto* box : {strategy_, instrument_, result_, reason_, period_}) {
            box->setCurrentIndex(0);
        }
        shadow_->setChecked(false);
        for (const auto* key : {"strategy", "instrument", "result", "reason", "period"}) {
            context_.memory.setValue(keyOf(QLatin1String(key)), QString());
        }
    }
    chosen();
}

void TradeFilterBar::focus()
{
    strategy_->setFocus(Qt::ShortcutFocusReason);
}

} // namespace qd::ui
