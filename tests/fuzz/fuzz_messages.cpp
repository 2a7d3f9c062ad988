// BloFin's frames and REST bodies: nothing crashes, and a frame is taken whole or refused whole.
#include "exchange/blofin_messages.h"
#include "exchange/blofin_rest_messages.h"
#include "fuzz/fuzz.h"

#include <array>

namespace qd::fuzz {

namespace {

market::Instrument bitcoin()
{
    market::Instrument instrument;
    instrument.id = {7};
    instrument.name = "BTC-USDT";
    instrument.tick = base::Scale::ofDecimals(1);
    instrument.lot = base::Scale::ofDecimals(1);
    instrument.contractValue = {1, -3};
    return instrument;
}

} // namespace

std::vector<std::string> seeds()
{
    return {
        R"({"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"1401","price":"30000.0","size":"0.1","side":"sell","ts":"1696118400240"}]})",
        R"({"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","last":"41729.4","lastSize":"1","askPrice":"41729.4","askSize":"13","bidPrice":"41729.3","bidSize":"88","high24h":"44290","open24h":"43000","low24h":"41040","volCurrency24h":"19000","vol24h":"19000000","ts":"1702281010512"}]})",
        R"({"event":"subscribe","arg":{"channel":"trades","instId":"BTC-USDT"}})",
        R"({"event":"error","code":"60012","msg":"Invalid request"})",
        "ping",
        "pong",
        R"({"code":"0","msg":"success","data":[{"instId":"BTC-USDT","contractValue":"0.001","minSize":"0.1","lotSize":"0.1","tickSize":"0.1","state":"live"}]})",
        R"({"code":"0","msg":"success","data":[{"tradeId":"5","instId":"BTC-USDT","price":"35000","size":"1","side":"sell","ts":"1697365197000"}]})",
        R"({"code":"0","msg":"success","data":[["1697356800000","36900","36950.1","36900","36900","2","0.002","73.8","1"]]})",
        R"({"code":"152001","msg":"Parameter error","data":null})",
    };
}

void feed(std::string_view input)
{
    static exchange::FrameParser parser = [] {
        exchange::FrameParser made;
        made.setInstruments(std::array{bitcoin()});
        return made;
    }();
    const auto& frame = parser.parse(input);
    if (frame.kind == exchange::FrameKind::Trades) {
        expect(frame.instrument == base::InstrumentId{7}, "trades are of an instrument that we know");
        for (const auto& tick : frame.ticks) {
            expect(tick.price.value > 0 && tick.signedSize != 0, "a trade has a price and a size");
        }
    }
    if (frame.kind == exchange::FrameKind::Malformed) {
        expect(!frame.problem.empty(), "what is refused says why");
    }
    const auto instruments = exchange::parseInstruments(input);
    if (instruments) {
        for (const auto& instrument : *instruments) {
            expect(!instrument.name.empty() && instrument.tick.step().mantissa > 0,
                   "an instrument has a name and a tick size");
        }
    }
    (void)exchange::parseTrades(input, bitcoin());
    (void)exchange::parseCandles(input, bitcoin());
    (void)exchange::parseTickers(input);
}

} // namespace qd::fuzz
