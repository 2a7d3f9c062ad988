#include "ui/markets/offer_model.h"

#include "ui/widgets/paint.h"

#include <QCoreApplication>

namespace qd::ui {

namespace {

QString tip(const char* source)
{
    return QCoreApplication::translate("offer", source);
}

std::vector<Column> columns()
{
    return {{.title = tip("In the feed"),
             .kind = CellKind::Switch,
             .help = tip("Space or a click changes it."),
             .width = 92},
            {.title = tip("Instrument"), .isStretched = true},
            {.title = tip("Last, USDT"),
             .kind = CellKind::Figure,
             .alignment = Qt::AlignRight,
             .help = tip("Price of the newest trade, in USDT."),
             .width = 110},
            {.title = tip("24 h"),
             .kind = CellKind::Figure,
             .alignment = Qt::AlignRight,
             .help = tip("Change of the price in 24 hours, in percent."),
             .width = 78},
            {.title = tip("Volume, USDT"),
             .kind = CellKind::Figure,
             .alignment = Qt::AlignRight,
             .help = tip("Turnover of the last 24 hours, in USDT."),
             .width = 120},
            {.title = tip("Change"), .help = tip("What Apply would do."), .width = 110}};
}

QString stateOf(const OfferRow& row)
{
    return row.isChosen && !row.wasChosen   ? (row.isLeaving ? tip("is kept") : tip("is added"))
           : !row.isChosen && row.wasChosen ? tip("is removed")
           : row.isLeaving                  ? tip("leaving")
                                            : QString();
}

} // namespace

OfferModel::OfferModel(QObject* parent) : RowModel(columns(), parent) {}

QVariant OfferModel::cell(const OfferRow& row, int column, int role) const
{
    const auto& of = row.of;
    switch (role) {
    case Qt::DisplayRole:
        switch (column) {
        case Chosen:
            return {};
        case Name:
            return format::text(of.name);
        case Last:
            return of.last ? format::decimal(*of.last, of.instrument.tick.decimals()) : format::undefined();
        case Change:
            return of.change24h ? format::signedPercent(*of.change24h, 1) : format::undefined();
        case Turnover:
            return of.turnover24h ? format::decimal(*of.turnover24h, 0) : format::undefined();
        default:
            return stateOf(row);
        }
    case SortRole:
        return column == Chosen     ? QVariant(row.isChosen ? 0 : 1)
               : column == Name     ? QVariant(format::text(of.name))
               : column == Last     ? (of.last ? QVariant(*of.last) : QVariant())
               : column == Change   ? (of.change24h ? QVariant(*of.change24h) : QVariant())
               : column == Turnover ? (of.turnover24h ? QVariant(*of.turnover24h) : QVariant())
                                    : QVariant(stateOf(row));
    case SwitchRole:
        return static_cast<int>(row.isChosen ? paint::SwitchState::On : paint::SwitchState::Off);
    case ToneRole:
        if (column == Change && of.change24h) {
            return QVariant::fromValue(*of.change24h > 0   ? Meaning::Gain
                                       : *of.change24h < 0 ? Meaning::Loss
                                                           : Meaning::Text);
        }
        return column == State
                   ? QVariant::fromValue(row.isChosen != row.wasChosen ? Meaning::Warning : Meaning::TextMuted)
                   : QVariant();
    case MutedRole:
        return column == Name && of.isDefault ? QVariant(tip("default")) : QVariant();
    case Qt::AccessibleTextRole:
        return column == Chosen ? QVariant(row.isChosen ? tip("in the feed") : tip("not in the feed")) : QVariant();
    default:
        return {};
    }
}

bool OfferModel::isEqual(const OfferRow& a, const OfferRow& b) const
{
    return a.isChosen == b.isChosen && a.wasChosen == b.wasChosen && a.isLeaving == b.isLeaving &&
           a.of.last == b.of.last && a.of.turnover24h == b.of.turnover24h && a.of.change24h == b.of.change24h;
}

} // namespace qd::ui
