#include "exchange/blofin_messages.h"

#include "exchange/frame_json.h"

#include <QtCore/QStringEncoder>
#include <QtCore/QStringView>

namespace qd::exchange {

namespace {

using json::readWhole;
using json::scalarText;

constexpr std::string_view problemJson = "json";
constexpr std::string_view problemShape = "shape";
constexpr std::string_view problemScale = "scale";
constexpr std::string_view problemRange = "range";
constexpr std::string_view problemUnknown = "unknown-instrument";
constexpr std::string_view problemTooLarge = "too-large";
constexpr std::string_view fine; // no problem

// Instruments by name: open addressing, at most a quarter full.
class InstrumentTable {
public:
    void assign(std::span<const market::Instrument> instruments)
    {
        instruments_.assign(instruments.begin(), instruments.end());
        std::size_t size = 16;
        while (size < 4 * instruments_.size()) {
            size *= 2;
        }
        slots_.assign(size, 0);
        for (std::size_t i = 0; i < instruments_.size(); ++i) {
            auto slot = hash(instruments_[i].name) & (size - 1);
            while (slots_[slot] != 0) {
                slot = (slot + 1) & (size - 1);
            }
            slots_[slot] = static_cast<std::uint32_t>(i + 1);
        }
        newest_ = nullptr;
    }
    [[nodiscard]] const market::Instrument* find(std::string_view name)
    {
        if (newest_ != nullptr && newest_->name == name) { // trades come in runs of one instrument
            return newest_;
        }
        if (slots_.empty()) {
            return nullptr;
        }
        for (auto slot = hash(name) & (slots_.size() - 1); slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
            const auto& instrument = instruments_[slots_[slot] - 1];
            if (instrument.name == name) {
                newest_ = &instrument;
                return newest_;
            }
        }
        return nullptr;
    }

private:
    [[nodiscard]] static std::size_t hash(std::string_view name)
    {
        std::uint64_t h = 0xcbf29ce484222325;
        for (const char c : name) {
            h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
        }
        return static_cast<std::size_t>(h ^ (h >> 32));
    }

    std::vector<market::Instrument> instruments_;
    std::vector<std::uint32_t> slots_;
    const market::Instrument* newest_ = nullptr;
};

// A number on `scale`, at least `least` (1 where zero makes no sense).
[[gnu::always_inline]] inline std::string_view readSteps(std::string_view text, const base::Scale& scale,
                                                         std::int64_t least, std::int64_t& out)
{
    const char* at = text.data();
    const char* const end = at + text.size();
    ExactNumber number;
    if (!readPlain(at, end, number) || at != end || !plainSteps(number, scale, out)) [[unlikely]] {
        const auto steps = scale.parse(text);
        if (!steps) {
            return steps.error().code == base::ErrorCode::Malformed ? problemShape : problemScale;
        }
        out = *steps;
    }
    return out < least ? problemRange : fine;
}

std::string_view readTime(std::string_view text, base::UtcMs& out)
{
    if (!readWhole(text, out.value)) [[unlikely]] {
        return problemShape;
    }
    return out.value <= 0 || out.value >= latestTime ? problemRange : fine;
}

// A rate keeps 18 digits after the point: the exchange prints up to 20, and what is cut off is under 1e-12 of a USDT in
// a million.
bool readRate(std::string_view text, base::Decimal& out)
{
    constexpr std::size_t mostDecimals = 18;
    if (const auto point = text.find('.');
        point != std::string_view::npos && text.find_first_of("eE") == std::string_view::npos) {
        text = text.substr(0, point + 1 + mostDecimals);
    }
    const auto rate = base::parseDecimal(text);
    if (rate) {
        out = *rate;
    }
    return rate.has_value();
}

// A scalar field by name: as it stands, without quotes; empty where it is absent, null or no scalar. Fields are sought
// onwards from the last one found and then from the beginning, so the exchange's own order costs nothing. Sets isBroken
// where the JSON is; nothing of the document may be touched after that. Inlined by force: with the name known,
// comparing keys is a few instructions instead of a call.
[[gnu::always_inline]] inline std::string_view scalar(simdjson::ondemand::object& object, std::string_view name,
                                                      bool& isBroken)
{
    if (isBroken) [[unlikely]] {
        return {};
    }
    simdjson::ondemand::value value;
    const auto error = object.find_field_unordered(name).get(value);
    if (error == simdjson::SUCCESS) [[likely]] {
        return scalarText(value);
    }
    isBroken = error != simdjson::NO_SUCH_FIELD;
    return {};
}

// What no JSON text begins with.
bool isNoJson(const char* text, std::size_t size)
{
    const std::string_view all(text, size);
    const auto first = all.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos ||
           std::string_view("{[\"-0123456789tfn").find(all[first]) == std::string_view::npos;
}

// Walks an array of objects.
template <typename OnObject>
std::string_view eachObject(simdjson::ondemand::value value, OnObject&& onObject)
{
    simdjson::ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) {
        return problemShape;
    }
    for (auto element : array) {
        if (element.error() != simdjson::SUCCESS) {
            return problemJson;
        }
        simdjson::ondemand::object object;
        if (element.get_object().get(object) != simdjson::SUCCESS) {
            return problemShape;
        }
        if (const auto problem = onObject(object); !problem.empty()) [[unlikely]] {
            return problem;
        }
    }
    return fine;
}

} // namespace

class FrameParser::Impl {
public:
    InstrumentTable instruments;
    ParsedFrame frame;

    const ParsedFrame& parse(std::string_view utf8)
    {
        if (utf8.size() > maxFrameBytes) {
            return refuse(problemTooLarge);
        }
        makeRoom(utf8.size());
        std::memcpy(buffer_.data(), utf8.data(), utf8.size());
        return parseBuffer(utf8.size());
    }
    const ParsedFrame& parse(QStringView text)
    {
        if (static_cast<std::size_t>(text.size()) > maxFrameBytes) {
            return refuse(problemTooLarge);
        }
        makeRoom(static_cast<std::size_t>(encoder_.requiredSpace(text.size())));
        const char* const end = encoder_.appendToBuffer(buffer_.data(), text);
        return parseBuffer(static_cast<std::size_t>(end - buffer_.data()));
    }

private:
    void makeRoom(std::size_t bytes)
    {
        if (buffer_.size() < bytes + simdjson::SIMDJSON_PADDING) {
            buffer_.resize(2 * bytes + simdjson::SIMDJSON_PADDING);
        }
    }
    const ParsedFrame& refuse(std::string_view problem)
    {
        frame = {};
        frame.problem = problem;
        return frame;
    }
    const ParsedFrame& parseBuffer(std::size_t size)
    {
        frame = {};
        ticks_.clear();
        isBroken_ = false;
        if (size == 4 && std::memcmp(buffer_.data(), "pong", 4) == 0) {
            frame.kind = FrameKind::Pong;
            return frame;
        }
        if (size == 4 && std::memcmp(buffer_.data(), "ping", 4) == 0) {
            frame.kind = FrameKind::Ping;
            return frame;
        }
        const auto problem = readDocument(size);
        return problem.empty() ? frame : refuse(problem);
    }

    std::string_view readDocument(std::size_t size);
    std::string_view readUncommon(std::size_t size);
    std::string_view readEnd(simdjson::ondemand::document& document, simdjson::ondemand::object& root);
    std::string_view readData(simdjson::ondemand::value value);
    std::string_view readTrade(simdjson::ondemand::object& object, const market::Instrument& instrument);
    std::string_view readTicker(simdjson::ondemand::object& object, const market::Instrument& instrument);
    std::string_view readFunding(simdjson::ondemand::object& object, const market::Instrument& instrument);
    std::string_view readEvent(std::string_view event);

    simdjson::ondemand::parser parser_;
    std::vector<char> buffer_;
    QStringEncoder encoder_{QStringConverter::Utf8};
    std::vector<market::Tick> ticks_;
    bool isBroken_ = false; // the JSON in work is
};

std::string_view FrameParser::Impl::readDocument(std::size_t size)
{
    simdjson::ondemand::document document;
    if (parser_.iterate(buffer_.data(), size, buffer_.size()).get(document) != simdjson::SUCCESS) {
        return problemJson;
    }
    simdjson::ondemand::object root;
    if (const auto error = document.get_object().get(root); error != simdjson::SUCCESS) {
        return error != simdjson::INCORRECT_TYPE || isNoJson(buffer_.data(), size) ? problemJson : problemShape;
    }
    simdjson::ondemand::object arg;
    if (root.find_field("arg").get_object().get(arg) == simdjson::SUCCESS) {
        frame.channel = scalar(arg, "channel", isBroken_);
        frame.instrumentName = scalar(arg, "instId", isBroken_);
        if (isBroken_) [[unlikely]] {
            return problemJson;
        }
        simdjson::ondemand::value data;
        if (root.find_field("data").get(data) == simdjson::SUCCESS) [[likely]] {
            const auto problem = readData(data);
            return problem.empty() ? readEnd(document, root) : problem;
        }
    }
    return readUncommon(size);
}

// Nothing may follow but fields that we do not know.
std::string_view FrameParser::Impl::readEnd(simdjson::ondemand::document& document, simdjson::ondemand::object& root)
{
    simdjson::ondemand::value value;
    const bool isWhole = root.find_field("").get(value) == simdjson::NO_SUCH_FIELD &&
                         document.current_location().error() != simdjson::SUCCESS;
    return isWhole ? fine : problemJson;
}

// Events, and pushes whose data stand before their arg.
std::string_view FrameParser::Impl::readUncommon(std::size_t size)
{
    frame = {};
    ticks_.clear();
    std::string_view event;
    bool hasData = false;
    simdjson::ondemand::document document; // anew: one that met an error must not be rewound
    if (parser_.iterate(buffer_.data(), size, buffer_.size()).get(document) != simdjson::SUCCESS) {
        return problemJson;
    }
    for (auto field : document.get_object()) {
        std::string_view key;
        simdjson::ondemand::value value;
        if (field.unescaped_key().get(key) != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS) {
            return problemJson;
        }
        if (key == "arg") {
            simdjson::ondemand::object arg;
            if (value.get_object().get(arg) != simdjson::SUCCESS) {
                return problemShape;
            }
            frame.channel = scalar(arg, "channel", isBroken_);
            frame.instrumentName = scalar(arg, "instId", isBroken_);
            if (isBroken_) {
                return problemJson;
            }
        } else if (key == "event") {
            event = scalarText(value);
        } else if (key == "code") {
            frame.code = scalarText(value);
        } else if (key == "msg") {
            if (std::string_view text; value.get_string().get(text) == simdjson::SUCCESS) {
                frame.message = text;
            }
        } else if (key == "data") {
            hasData = true;
        }
    }
    if (document.current_location().error() == simdjson::SUCCESS) {
        return problemJson;
    }
    if (!event.empty()) {
        return readEvent(event);
    }
    if (!hasData || frame.channel.empty()) {
        return problemShape;
    }
    document.rewind();
    simdjson::ondemand::value data;
    return document["data"].get(data) == simdjson::SUCCESS ? readData(data) : problemJson;
}

std::string_view FrameParser::Impl::readEvent(std::string_view event)
{
    if (event == "error") {
        frame.kind = FrameKind::Error;
        return fine;
    }
    const bool isSubscribe = event == "subscribe";
    if (!isSubscribe && event != "unsubscribe") {
        frame.kind = FrameKind::Other;
        return fine;
    }
    frame.kind = isSubscribe ? FrameKind::Subscribed : FrameKind::Unsubscribed;
    return frame.channel.empty() ? problemShape : fine;
}

std::string_view FrameParser::Impl::readData(simdjson::ondemand::value value)
{
    const bool isTrades = frame.channel == "trades";
    const bool isFunding = frame.channel == "funding-rate";
    if (!isTrades && !isFunding && frame.channel != "tickers") {
        frame.kind = FrameKind::Other;
        return frame.channel.empty() ? problemShape : fine;
    }
    const auto* const instrument = instruments.find(frame.instrumentName);
    if (instrument == nullptr) {
        return frame.instrumentName.empty() ? problemShape : problemUnknown;
    }
    frame.instrument = instrument->id;
    frame.kind = isTrades ? FrameKind::Trades : FrameKind::Other; // a ticker that tells a quote makes it Ticker
    const auto problem = eachObject(value, [&](simdjson::ondemand::object& object) {
        const auto its = isTrades    ? readTrade(object, *instrument)
                         : isFunding ? readFunding(object, *instrument)
                                     : readTicker(object, *instrument);
        return isBroken_ ? problemJson : its;
    });
    frame.ticks = ticks_;
    return problem;
}

std::string_view FrameParser::Impl::readTrade(simdjson::ondemand::object& object, const market::Instrument& instrument)
{
    market::Tick tick;
    const auto name = scalar(object, "instId", isBroken_);
    if (!name.empty() && name != instrument.name) [[unlikely]] {
        return problemShape;
    }
    if (!readWhole(scalar(object, "tradeId", isBroken_), tick.id)) [[unlikely]] {
        return problemShape;
    }
    if (const auto problem = readSteps(scalar(object, "price", isBroken_), instrument.tick, 1, tick.price.value);
        !problem.empty()) [[unlikely]] {
        return problem;
    }
    if (const auto problem = readSteps(scalar(object, "size", isBroken_), instrument.lot, 1, tick.signedSize);
        !problem.empty()) [[unlikely]] {
        return problem;
    }
    const auto side = scalar(object, "side", isBroken_);
    if (side == "sell") {
        tick.signedSize = -tick.signedSize;
    } else if (side != "buy") [[unlikely]] {
        return problemShape;
    }
    ticks_.push_back(tick);
    if (tick.id < 0) [[unlikely]] {
        return problemRange;
    }
    return readTime(scalar(object, "ts", isBroken_), ticks_.back().time);
}

std::string_view FrameParser::Impl::readTicker(simdjson::ondemand::object& object, const market::Instrument& instrument)
{
    market::Quote quote;
    market::Price open;
    std::string_view problem;
    const auto read = [&](std::string_view name, const base::Scale& scale, std::int64_t& out) {
        const auto text = scalar(object, name, isBroken_);
        if (!text.empty() && problem.empty()) { // "" and null: absent
            problem = readSteps(text, scale, 0, out);
        }
    };
    const auto name = scalar(object, "instId", isBroken_);
    read("askPrice", instrument.tick, quote.ask.value);
    read("askSize", instrument.lot, quote.askSize.value);
    read("bidPrice", instrument.tick, quote.bid.value);
    read("bidSize", instrument.lot, quote.bidSize.value);
    read("open24h", instrument.tick, open.value);
    if (!problem.empty()) {
        return problem;
    }
    if (!name.empty() && name != instrument.name) {
        return problemShape;
    }
    problem = readTime(scalar(object, "ts", isBroken_), quote.time);
    if (problem.empty() && quote.bid.value > 0 && quote.ask.value > 0) {
        frame.kind = FrameKind::Ticker;
        frame.quote = quote;
        frame.open24h = open;
    }
    return problem;
}

std::string_view FrameParser::Impl::readFunding(simdjson::ondemand::object& object,
                                                const market::Instrument& instrument)
{
    market::FundingRate funding;
    const auto rate = scalar(object, "fundingRate", isBroken_);
    if (!readRate(rate, funding.rate)) {
        return problemShape;
    }
    const auto problem = readTime(scalar(object, "fundingTime", isBroken_), funding.settlement);
    const auto name = scalar(object, "instId", isBroken_);
    if (!name.empty() && name != instrument.name) {
        return problemShape;
    }
    if (problem.empty()) {
        frame.kind = FrameKind::Funding;
        frame.funding = funding;
    }
    return problem;
}

FrameParser::FrameParser() : impl_(std::make_unique<Impl>()) {}
FrameParser::~FrameParser() = default;
FrameParser::FrameParser(FrameParser&&) noexcept = default;
FrameParser& FrameParser::operator=(FrameParser&&) noexcept = default;

void FrameParser::setInstruments(std::span<const market::Instrument> instruments)
{
    impl_->instruments.assign(instruments);
}

const ParsedFrame& FrameParser::parse(std::string_view utf8)
{
    return impl_->parse(utf8);
}
const ParsedFrame& FrameParser::parse(QStringView text)
{
    return impl_->parse(text);
}

namespace {

std::string topicText(const Topic& topic)
{
    return R"({"channel":")" + topic.channel + R"(","instId":")" + topic.instrument + R"("})";
}

std::string requestHead(std::string_view op)
{
    return R"({"op":")" + std::string(op) + R"(","args":[)";
}

} // namespace

std::string requestText(std::string_view op, std::span<const Topic> topics)
{
    auto text = requestHead(op);
    for (const auto& topic : topics) {
        text += &topic == topics.data() ? "" : ",";
        text += topicText(topic);
    }
    return text + "]}";
}

std::vector<std::span<const Topic>> requestBatches(std::string_view op, std::span<const Topic> topics)
{
    std::vector<std::span<const Topic>> batches;
    const auto frameBytes = requestHead(op).size() + 2;
    std::size_t first = 0;
    std::size_t bytes = frameBytes;
    for (std::size_t i = 0; i < topics.size(); ++i) {
        const auto more = topicText(topics[i]).size() + 1;
        if (i > first && bytes + more > maxRequestBytes) { // counts one comma too many, so a batch stays under, not at
            batches.push_back(topics.subspan(first, i - first));
            first = i;
            bytes = frameBytes;
        }
        bytes += more;
    }
    if (first < topics.size()) {
        batches.push_back(topics.subspan(first));
    }
    return batches;
}

} // namespace qd::exchange
