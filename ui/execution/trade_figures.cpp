#include "ui/execution/trade_figures.h"

#include "base/int128.h"
#include "ui/format.h"

#include <QCoreApplication>

namespace qd::ui {

namespace {

QString tip(const char* source)
{
    return QCoreApplication::translate("execution", source);
}

double sign(market::Side side)
{
    return side == market::Side::Buy ? 1 : -1;
}

/// `side` of the fill; prices in half ticks.
std::optional<double> slippage(double side, double fill, std::int64_t decision)
{
    return decision > 0 ? std::optional(side * (fill - static_cast<double>(decision)) / static_cast<double>(decision))
                        : std::nullopt;
}

} // namespace

double priceReturn(const trading::ClosedTrade& trade)
{
    const auto& position = trade.position;
    const auto entry = static_cast<double>(position.entry.price.value);
    if (position.size.value == 0 || entry == 0) {
        return 0;
    }
    const double exit =
        static_cast<double>(trading::exitTicksTimesLots(trade)) / static_cast<double>(position.size.value);
    return sign(position.decision.side) * (exit - entry) / entry;
}

std::optional<double> entrySlippage(const trading::OpenPosition& position)
{
    return slippage(sign(position.decision.side), 2 * static_cast<double>(position.entry.price.value),
                    position.decision.decisionPriceHalfTicks);
}

std::optional<double> exitSlippage(const trading::ClosedTrade& trade)
{
    return slippage(-sign(trade.position.decision.side), 2 * static_cast<double>(trade.exit.price.value),
                    trade.exitDecisionHalfTicks.value_or(0));
}

std::optional<double> slippageOf(const trading::ClosedTrade& trade)
{
    const auto entry = entrySlippage(trade.position);
    const auto exit = exitSlippage(trade);
    return entry && exit ? std::optional(*entry + *exit) : std::nullopt;
}

double excursion(const trading::OpenPosition& position, base::Price price)
{
    const auto entry = static_cast<double>(position.entry.price.value);
    return entry == 0 ? 0 : sign(position.decision.side) * (static_cast<double>(price.value) - entry) / entry;
}

bool livesOnlyInOptimism(const trading::ClosedTrade& trade)
{
    return trade.optimistic.value > 0 && trade.net.value <= 0;
}

QString halfTickText(const market::Instrument& instrument, std::int64_t halfTicks)
{
    // Halves of a tick are exact on a scale that is ten times finer; whole ones keep the instrument's own decimals.
    if (halfTicks % 2 == 0) {
        return format::price(instrument, base::Price{halfTicks / 2});
    }
    const auto step = base::multiply(instrument.tick.step(), {5, -1});
    const auto finer = step ? base::Scale::ofStep(*step) : base::Result<base::Scale>(std::unexpected(step.error()));
    return finer ? format::grouped(format::text(finer->text(halfTicks))) : format::undefined();
}

QString word(trading::ExitReason reason)
{
    switch (reason) {
    case trading::ExitReason::Stop:
        return tip("stop");
    case trading::ExitReason::Target:
        return tip("target");
    case trading::ExitReason::TimeLimit:
        return tip("time limit");
    case trading::ExitReason::Signal:
        return tip("signal");
    case trading::ExitReason::Archived:
        return tip("by decision");
    }
    return format::undefined();
}

QString sentence(trading::ExitReason reason)
{
    switch (reason) {
    case trading::ExitReason::Stop:
        return tip("A print crossed its stop. It was filled at that print, gap included, not at the stop's own price.");
    case trading::ExitReason::Target:
        return tip("The market traded through its target, where its limit order rested.");
    case trading::ExitReason::TimeLimit:
        return tip("Its time limit was reached; it left at market.");
    case trading::ExitReason::Signal:
        return tip("Its strategy asked for the way out; it left at market.");
    case trading::ExitReason::Archived:
        return tip(
            "It was closed by hand, or its strategy was archived; it left at the next quote. The journal says which.");
    }
    return {};
}

QStringList marksOf(const trading::ClosedTrade& trade)
{
    QStringList out;
    if (trade.position.onCandles) {
        out << tip("candles");
    }
    if (trade.position.inShadow) {
        out << tip("shadow");
    }
    if (trade.position.hasGap) {
        out << tip("gap");
    }
    if (livesOnlyInOptimism(trade)) {
        out << tip("optimistic only");
    }
    return out;
}

QString marksHelp(const trading::ClosedTrade& trade)
{
    QStringList out;
    if (trade.position.onCandles) {
        out << tip("candles: made by a replay on candles; its fills are not made from ticks");
    }
    if (trade.position.inShadow) {
        out << tip("shadow: its strategy was switched off when it was entered; it does not count in the equity");
    }
    if (trade.position.hasGap) {
        out << tip("gap: trades may be missing while it was open");
    }
    if (livesOnlyInOptimism(trade)) {
        out << tip("optimistic only: it earns %1 USDT where every order is filled at its decision price, and %2 as "
                   "calibrated")
                   .arg(format::signedMoney(trade.optimistic), format::signedMoney(trade.net));
    }
    return out.join(QLatin1Char('\n'));
}

} // namespace qd::ui
