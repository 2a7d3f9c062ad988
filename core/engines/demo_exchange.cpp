#include "engines/demo_exchange.h"

#include "exchange/default_instruments.h"
#include "exchange/loopback_exchange.h"

#include <QEventLoop>
#include <QTimer>

#include <algorithm>

namespace qd::engines {

namespace {

// More than that is not run through at full speed: the market begins anew now, after a gap.
constexpr base::Millis mostCaughtUp{36 * 3'600'000};

exchange::LoopbackOptions loopbackOptions(const DemoOptions& options, base::UtcMs now)
{
    exchange::LoopbackOptions out;
    out.seed = options.seed;
    for (const auto& instrument : exchange::defaultInstruments()) {
        if (options.instruments.empty() ||
            std::ranges::find(options.instruments, instrument.name) != options.instruments.end()) {
            out.instruments.push_back(instrument);
        }
    }
    base::UtcMs last{INT64_MIN};
    for (const auto& stream : options.streams) {
        last = std::max(last, stream.archive.ticks > 0 ? stream.archive.lastTime : last);
        if (stream.lastPrice.value > 0) {
            out.startPrices[stream.instrument.name] = stream.instrument.priceValue(stream.lastPrice);
        }
    }
    // Nobody has been away yet: the market goes on where its made past ends, with the very next trade ids.
    if (options.historyEnd && last <= *options.historyEnd && now - *options.historyEnd < mostCaughtUp) {
        out.startAt = *options.historyEnd;
        for (const auto& stream : options.streams) {
            if (stream.archive.ticks > 0) {
                out.firstIds[stream.instrument.name] = stream.archive.lastId + 1;
            }
        }
    }
    return out;
}

} // namespace

void runDemoExchange(const DemoOptions& options, Heartbeat& pulse, const base::Clock& clock,
                     const std::stop_token& stop, const std::function<void(base::Result<FeedAddress>)>& ready)
{
    pulse.start(clock.now());
    QEventLoop loop; // first: it gives this thread the event dispatcher that timers and sockets need
    auto settings = loopbackOptions(options, clock.now());
    // A market that starts anew at the same seed would repeat itself; the past that is archived makes it another one.
    for (const auto& stream : options.streams) {
        settings.seed = settings.seed * 0x9E3779B97F4A7C15ULL + static_cast<std::uint64_t>(stream.archive.lastId);
    }
    if (settings.instruments.empty()) {
        pulse.state = console::EngineState::Failed;
        ready(base::fail(base::ErrorCode::NotFound, "demo exchange",
                         "it has none of the instruments that were asked for"));
        return;
    }
    exchange::LoopbackExchange exchange(std::move(settings));
    if (auto listening = exchange.listen(); !listening) {
        pulse.state = console::EngineState::Failed;
        ready(std::unexpected(listening.error()));
        return;
    }
    ready(FeedAddress{"ws://127.0.0.1:" + std::to_string(exchange.wsPort()) + "/ws/public",
                      "http://127.0.0.1:" + std::to_string(exchange.restPort())});
    pulse.state = console::EngineState::Running;
    QTimer beat;
    QObject::connect(&beat, &QTimer::timeout, [&] { pulse.beat(clock.now()); });
    beat.start(500);
    const std::stop_callback quit(
        stop, [&loop] { QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection); });
    if (!stop.stop_requested()) {
        loop.exec();
    }
    pulse.state = console::EngineState::Stopped;
}

} // namespace qd::engines
