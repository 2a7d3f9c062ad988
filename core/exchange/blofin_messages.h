// BloFin's public protocol as values: frames of the WebSocket in, subscribe requests out. No I/O; one parser, one
// thread. Numbers come as strings or as numbers, exponents included, and are read from the token's own text, so they
// are exact. A frame is taken whole or refused whole: ParsedFrame::kind Malformed with a problem, never an exception.
// Source: BLOFIN.md §2. The REST bodies are in blofin_rest_messages.h.
#pragma once

#include "market/instrument.h"
#include "market/tick.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

class QStringView;

namespace qd::exchange {

inline constexpr std::size_t maxRequestBytes = 4096;          // a longer subscribe request is answered with error 60012
inline constexpr std::size_t maxFrameBytes = 4 * 1024 * 1024; // a longer frame is refused unread ("too-large")

enum class FrameKind : std::uint8_t {
    Trades,     // instrument, ticks
    Ticker,     // instrument, quote, open24h
    Funding,    // instrument, funding
    Other,      // a push of a channel that we do not use; channel says which
    Subscribed, // acknowledgement: channel, instrumentName
    Unsubscribed,
    Error, // code, message (unescaped: it echoes the request)
    Ping,  // bare text; to be answered with "pong"
    Pong,
    Malformed, // problem
};

/// One frame. Views and spans are valid until the parser's next call.
struct ParsedFrame {
    FrameKind kind = FrameKind::Malformed;
    base::InstrumentId instrument;
    std::span<const market::Tick> ticks;
    market::Quote quote;
    market::Price open24h;
    market::FundingRate funding;
    std::string_view channel;
    std::string_view instrumentName;
    std::string_view code;
    std::string_view message;
    std::string_view problem; // "json", "shape", "scale", "range", "unknown-instrument", "too-large"
};

class FrameParser {
public:
    FrameParser();
    ~FrameParser();
    FrameParser(FrameParser&&) noexcept;
    FrameParser& operator=(FrameParser&&) noexcept;

    /// The instruments whose trades, tickers and funding rates are understood; replaces those of before.
    void setInstruments(std::span<const market::Instrument> instruments);
    /// Allocates nothing once its buffers have grown to the size of the frames.
    [[nodiscard]] const ParsedFrame& parse(std::string_view utf8);
    [[nodiscard]] const ParsedFrame& parse(QStringView text);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// One (channel, instrument) to subscribe to.
struct Topic {
    std::string channel;
    std::string instrument;
    friend auto operator<=>(const Topic&, const Topic&) = default;
};

/// {"op":"subscribe","args":[…]}, compact.
[[nodiscard]] std::string requestText(std::string_view op, std::span<const Topic> topics);
/// Cuts `topics`, in order, into runs whose requests each stay under maxRequestBytes.
[[nodiscard]] std::vector<std::span<const Topic>> requestBatches(std::string_view op, std::span<const Topic> topics);

} // namespace qd::exchange
