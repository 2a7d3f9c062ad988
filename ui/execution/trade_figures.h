// What is read off one closed trade: returns, slippage of each side, excursions, marks, and the words for them. Pure.
// GUI thread (translations). Shares of the price; a cost is positive. Source: PRODUCT.md, Words.
#pragma once

#include "market/instrument.h"
#include "trading/closed_trade.h"

#include <QString>
#include <QStringList>

#include <optional>

namespace qd::ui {

/// From the entry's price to the average exit, in the trade's direction, before costs.
[[nodiscard]] double priceReturn(const trading::ClosedTrade& trade);
/// How much worse the fill was than what was decided at. Empty where no decision price is known.
[[nodiscard]] std::optional<double> entrySlippage(const trading::OpenPosition& position);
[[nodiscard]] std::optional<double> exitSlippage(const trading::ClosedTrade& trade);
/// Both sides; empty where one of them is not known.
[[nodiscard]] std::optional<double> slippageOf(const trading::ClosedTrade& trade);
/// How far `price` is from the entry, in the position's direction.
[[nodiscard]] double excursion(const trading::OpenPosition& position, base::Price price);
/// It earns only where every order is filled at its decision price.
[[nodiscard]] bool livesOnlyInOptimism(const trading::ClosedTrade& trade);

/// "64 120.45": twice ticks, exactly.
[[nodiscard]] QString halfTickText(const market::Instrument& instrument, std::int64_t halfTicks);
/// "time limit"
[[nodiscard]] QString word(trading::ExitReason reason);
/// "A print crossed the stop; it was filled there, not at the stop's own price."
[[nodiscard]] QString sentence(trading::ExitReason reason);
/// "candles", "shadow", "gap", "optimistic only".
[[nodiscard]] QStringList marksOf(const trading::ClosedTrade& trade);
[[nodiscard]] QString marksHelp(const trading::ClosedTrade& trade);

} // namespace qd::ui
