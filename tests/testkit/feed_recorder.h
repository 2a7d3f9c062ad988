// Keeps all that a MarketFeed tells, for tests of feeds. The feed's thread only.
#pragma once

#include "exchange/market_feed.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace qd::testkit {

struct FeedRecorder final : exchange::FeedListener {
    std::map<std::int64_t, std::vector<market::Tick>> ticks; // by instrument id
    std::int64_t tickCount = 0;
    std::map<std::int64_t, std::vector<market::Quote>> quotes;
    std::vector<market::Price> opens;
    std::vector<std::pair<base::InstrumentId, market::FundingRate>> fundings;
    std::vector<exchange::LinkState> states;
    std::string lastDetail;
    std::map<std::string, int> malformed;
    std::string lastSample;
    std::int64_t idles = 0;
    std::int64_t sinceIdle = 0;
    std::int64_t mostBetweenIdles = 0;

    void onTrades(base::InstrumentId instrument, std::span<const market::Tick> some, base::UtcMs) override
    {
        auto& all = ticks[instrument.value];
        all.insert(all.end(), some.begin(), some.end());
        tickCount += static_cast<std::int64_t>(some.size());
        sinceIdle += static_cast<std::int64_t>(some.size());
        mostBetweenIdles = std::max(mostBetweenIdles, sinceIdle);
    }
    void onQuote(base::InstrumentId instrument, const market::Quote& quote, market::Price open24h, base::UtcMs) override
    {
        quotes[instrument.value].push_back(quote);
        opens.push_back(open24h);
    }
    void onFunding(base::InstrumentId instrument, const market::FundingRate& rate, base::UtcMs) override
    {
        fundings.emplace_back(instrument, rate);
    }
    void onState(exchange::LinkState state, const std::string& detail) override
    {
        states.push_back(state);
        lastDetail = detail;
    }
    void onMalformed(std::string_view kind, std::string_view sample) override
    {
        ++malformed[std::string(kind)];
        lastSample = sample;
    }
    void onIdle() override
    {
        ++idles;
        sinceIdle = 0;
    }
};

} // namespace qd::testkit
