// One trade told: facts for the list beside its chart, lines and marks for the chart. Pure but for translations; GUI
// thread. Prices in the instrument's own decimals, money in USDT, times in the given zone.
#pragma once

#include "console/queries.h"
#include "ui/charts/candle_painter.h"
#include "ui/format.h"
#include "ui/theme.h"

#include <optional>
#include <vector>

namespace qd::ui {

/// A closed trade, or a position that is still open.
struct TradeStory {
    trading::OpenPosition position;
    std::optional<trading::ClosedTrade> closed;
    std::optional<market::Price> last; // of an open position
    base::Money unrealised;            // likewise, after the entry fee
    market::Instrument instrument;
    base::UtcMs now;                            // in the time of its market
    std::optional<console::TradeModel> model{}; // that decided it, once it is known; of strategies that ask one
};

struct Fact {
    QString name; // empty: the value is a sentence over the whole width
    QString value;
    QString help;
    Meaning tone = Meaning::Text;
    bool isHead = false; // a heading; no value
    QString link{};      // a version on Models, where the value leads to
};
[[nodiscard]] std::vector<Fact> factsOf(const TradeStory& story, format::Zone zone);
/// "breakout · ETH-USDT · Long"
[[nodiscard]] QString titleOf(const TradeStory& story);
/// The facts as lines of "name: value", for the clipboard.
[[nodiscard]] QString textOf(const TradeStory& story, format::Zone zone);

[[nodiscard]] std::vector<PriceLevel> levelsOf(const TradeStory& story);
[[nodiscard]] std::vector<MomentLine> momentsOf(const TradeStory& story);
/// Entry and exit as on Markets.
[[nodiscard]] std::vector<console::TradeMark> tradeMarksOf(const TradeStory& story);

} // namespace qd::ui
