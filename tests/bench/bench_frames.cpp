#include "bench/bench.h"
#include "exchange/blofin_messages.h"

#include <array>
#include <cstdio>
#include <limits>

namespace qd::bench {

void benchFrames(const std::string& tickFile, std::size_t count)
{
    auto ticks = loadTicks(tickFile, count);
    std::vector<std::string> frames;
    frames.reserve(ticks.size());
    for (const auto& tick : ticks) {
        frames.push_back(tradeFrame(tick));
        frames.back().reserve(frames.back().size() + 64); // as the floor pads its messages
    }
    exchange::FrameParser parser;
    auto instrument = benchInstrument();
    instrument.id = {1};
    parser.setInstruments(std::array{instrument});

    double best = std::numeric_limits<double>::max();
    for (int round = 0; round < 5; ++round) {
        const auto start = std::chrono::steady_clock::now();
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const auto& frame = parser.parse(frames[i]);
            wrong +=
                frame.kind != exchange::FrameKind::Trades || frame.ticks.size() != 1 || !(frame.ticks[0] == ticks[i])
                    ? 1
                    : 0;
        }
        best = std::min(best, secondsSince(start));
        if (wrong != 0) {
            throw std::runtime_error(std::to_string(wrong) + " frames were not parsed as what they are");
        }
    }
    std::printf("{\"frames\": %zu, \"ns_per_frame\": %.1f}\n", frames.size(),
                best / static_cast<double>(frames.size()) * 1e9);
}

} // namespace qd::bench
