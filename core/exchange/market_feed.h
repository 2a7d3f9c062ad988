// What ingest hears from an exchange, whichever it is. A feed lives on the ingest thread (Qt event loop) and calls its
// listener there. Prices and sizes are already whole ticks and lots of the instrument; what does not fit is malformed.
#pragma once

#include "base/error.h"
#include "market/instrument.h"
#include "market/tick.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::exchange {

enum class LinkState : std::uint8_t { Closed, Connecting, Subscribing, Subscribed };

class FeedListener {
public:
    virtual ~FeedListener() = default;
    virtual void onTrades(base::InstrumentId instrument, std::span<const market::Tick> ticks, base::UtcMs received) = 0;
    /// open24h: price, for the change of the day; {0} where the exchange gives none.
    virtual void onQuote(base::InstrumentId instrument, const market::Quote& quote, market::Price open24h,
                         base::UtcMs received) = 0;
    /// The rate of the coming settlement as it is known now.
    virtual void onFunding(base::InstrumentId instrument, const market::FundingRate& rate, base::UtcMs received) = 0;
    virtual void onState(LinkState state, const std::string& detail) = 0;
    /// kind: "json", "shape", "scale", "unknown-instrument", "exchange-error" …; sample: at most 200 bytes of the
    /// frame.
    virtual void onMalformed(std::string_view kind, std::string_view sample) = 0;
    /// The socket has no further frame at hand: time to pass on what came.
    virtual void onIdle() = 0;
};

class MarketFeed {
public:
    virtual ~MarketFeed() = default;
    /// Subscribes to trades, tickers and funding rates of these and keeps the connection: pings, reconnects with
    /// back-off and jitter.
    virtual void start(std::vector<market::Instrument> instruments, FeedListener& listener) = 0;
    /// From now on these; what is connected already is told of the difference alone. At least one.
    virtual void change(std::vector<market::Instrument> instruments) = 0;
    virtual void reconnectNow() = 0;
    /// After this the listener is not called again.
    virtual void stop() = 0;
};

} // namespace qd::exchange
