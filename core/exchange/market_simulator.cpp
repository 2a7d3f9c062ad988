#include "exchange/market_simulator.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <numbers>

namespace qd::exchange {

namespace {

// What a regime multiplies, and how long it lasts on average.
struct Regime {
    double volatility;
    double arrivals;
    double jumps;
    double spread;
    double meanSeconds;
};
constexpr std::array<Regime, 3> regimes{{
    {0.80, 0.6, 0.5, 0.7, 10'800}, // calm
    {1.00, 1.0, 1.0, 1.0, 14'400}, // ordinary
    {1.35, 2.2, 2.5, 1.8, 5'400},  // stormy
}};

constexpr double secondsPerYear = 365.25 * 86'400;
constexpr double factorVolatility = 0.42; // a year
constexpr double factorJumpsPerSecond = 4.0 / 86'400;
constexpr double ownJumpsPerSecond = 8.0 / 86'400;
constexpr double burstEverySeconds = 480; // on average; all instruments together
constexpr double burstSeconds = 8;
constexpr double burstArrivals = 10;
constexpr double excitement = 0.5;      // trades that a trade brings about on average (Hawkes, exponential kernel)
constexpr double calmingPerSecond = 1;  // rate at which that excitement fades
constexpr double sweepChance = 0.25;    // that a trade is followed by one more in the same instant
constexpr double instantSeconds = 0.02; // what a trade moves the price by even at no distance in time
constexpr double meanArrivals = 1.05 * 1.15 / (1 - sweepChance); // of regimes, bursts and sweeps together
constexpr double halfSpreadShare = 0.000'02;
constexpr double largestReturn = 0.25;
constexpr std::int64_t frozenPrice = 5; // at so few ticks a price stands still, so that none gets to zero

std::int64_t rounded(double x)
{
    return static_cast<std::int64_t>(std::llround(x));
}

double perRootSecond(double yearly)
{
    return yearly / std::sqrt(secondsPerYear);
}

} // namespace

SimulatorRandom::SimulatorRandom(std::uint64_t seed)
{
    for (auto& word : state_) { // splitmix64, as the generator's authors advise
        seed += 0x9e3779b97f4a7c15;
        auto z = seed;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        word = z ^ (z >> 31);
    }
}

std::uint64_t SimulatorRandom::bits()
{
    const auto out = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const auto t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return out;
}

double SimulatorRandom::uniform()
{
    return static_cast<double>((bits() >> 11) + 1) * 0x1p-53;
}

double SimulatorRandom::exponential()
{
    return -std::log(uniform());
}

double SimulatorRandom::shock()
{
    const auto word = bits();
    const double u = static_cast<double>((word >> 11) + 1) * 0x1p-53;
    const double size = -std::log(u) / std::numbers::sqrt2;
    return (word & 1) != 0 ? size : -size;
}

struct MarketSimulator::Book {
    std::uint32_t index = 0;
    std::int64_t price = 0;   // ticks
    double ownVolatility = 0; // per root second, without the factor's part
    double minuteMove = 0;    // one standard deviation of a minute: the measure of jumps
    double beta = 1;
    double baseRate = 1;
    double excess = 0; // Hawkes intensity above the base
    double movedAt = 0;
    double factorSeen = 0;
    double sizeInLots = 0; // × 1 / price in ticks: lots of a typical trade
    std::int64_t leastLots = 1;
    std::int64_t nextId = 0;
    bool lastWasBuy = true;
    market::Quote quote;
    std::int64_t minute = 0;     // since 1970, of the newest move; for the edge
    std::int64_t minuteOpen = 0; // price in ticks
    int direction = 0;           // of the minute before
};

MarketSimulator::MarketSimulator(std::uint64_t seed, base::UtcMs start, std::span<const market::Instrument> instruments)
    : random_(seed),
      start_(start)
{
    for (const auto& instrument : instruments) {
        addBook(instrument, marketCharacter(instrument));
    }
    begin();
}

MarketSimulator::MarketSimulator(std::uint64_t seed, base::UtcMs start, std::span<const market::Instrument> instruments,
                                 std::span<const MarketCharacter> characters, MarketTuning tuning)
    : random_(seed),
      start_(start),
      tuning_(tuning)
{
    for (std::size_t i = 0; i < instruments.size(); ++i) {
        addBook(instruments[i], i < characters.size() ? characters[i] : marketCharacter(instruments[i]));
    }
    begin();
}

MarketSimulator::MarketSimulator(MarketSimulator&&) noexcept = default;
MarketSimulator& MarketSimulator::operator=(MarketSimulator&&) noexcept = default;
MarketSimulator::~MarketSimulator() = default;

void MarketSimulator::addBook(const market::Instrument& instrument, const MarketCharacter& character)
{
    const double tick = instrument.tick.value(1);
    const double lotCoins = instrument.lot.value(1) * base::toDouble(instrument.contractValue);
    const double factorPart = character.beta * factorVolatility;
    const double total = character.yearlyVolatility * character.yearlyVolatility;
    Book book;
    book.index = static_cast<std::uint32_t>(books_.size());
    book.price = std::max<std::int64_t>(2 * frozenPrice, rounded(character.startPrice / tick));
    book.ownVolatility = perRootSecond(std::sqrt(std::max(total - factorPart * factorPart, total / 4)));
    book.minuteMove = perRootSecond(character.yearlyVolatility) * std::sqrt(60.0);
    book.beta = character.beta;
    book.baseRate = character.tradesPerSecond * tuning_.rate * (1 - excitement) / meanArrivals;
    book.sizeInLots = character.typicalNotional / (tick * lotCoins) / (tuning_.keepsVolume ? tuning_.rate : 1);
    book.leastLots = std::max<std::int64_t>(1, instrument.minSize.value);
    book.nextId = character.firstId > 0 ? character.firstId : start_.value * 1'000 + 1;
    books_.push_back(book);
}

void MarketSimulator::begin()
{
    regimeUntil_ = regimes[1].meanSeconds * random_.exponential();
    nextBurst_ = burstEverySeconds * random_.exponential();
    for (auto& book : books_) {
        timers_.push_back({random_.exponential() / (2 * book.baseRate), 2 * book.index});
        if (tuning_.quotes > 0) {
            timers_.push_back({random_.uniform(), 2 * book.index + 1});
        }
    }
    std::make_heap(timers_.begin(), timers_.end(), std::greater<>{});
}

void MarketSimulator::setRate(double rate)
{
    for (auto& book : books_) {
        book.baseRate *= rate / tuning_.rate;
        book.sizeInLots *= tuning_.keepsVolume ? tuning_.rate / rate : 1;
    }
    tuning_.rate = rate;
}

base::UtcMs MarketSimulator::timeOf(double at) const
{
    return start_ + base::Millis{static_cast<std::int64_t>(at * 1'000)};
}

base::UtcMs MarketSimulator::nextTime() const
{
    return timeOf(timers_.front().at);
}

SimulatedEvent MarketSimulator::next()
{
    while (true) {
        const auto timer = timers_.front();
        auto& book = books_[timer.what / 2];
        const bool isTrade = timer.what % 2 == 0;
        moveFactor(timer.at);
        SimulatedEvent event{.index = book.index, .isTrade = isTrade};
        bool hasChanged = true;
        if (isTrade) {
            event.tick = trade(book, timer.at);
            timers_.front().at = nextTradeTime(book, timer.at);
        } else {
            const auto before = book.quote;
            event.quote = quote(book, timer.at);
            hasChanged = event.quote.bid != before.bid || event.quote.ask != before.ask;
            // The exchange tells at most one a second.
            timers_.front().at = timer.at + (1 + 0.5 * random_.exponential()) / tuning_.quotes;
        }
        settleTop();
        if (hasChanged) {
            return event;
        }
    }
}

void MarketSimulator::settleTop()
{
    std::size_t at = 0;
    const auto moved = timers_[0];
    for (std::size_t child = 1; child < timers_.size(); child = 2 * at + 1) {
        if (child + 1 < timers_.size() && timers_[child] > timers_[child + 1]) {
            ++child;
        }
        if (!(moved > timers_[child])) {
            break;
        }
        timers_[at] = timers_[child];
        at = child;
    }
    timers_[at] = moved;
}

void MarketSimulator::moveFactor(double at)
{
    const double passed = at - factorAt_;
    factorAt_ = at;
    if (at >= regimeUntil_) {
        regime_ = regime_ != 1 ? 1 : random_.uniform() < 0.5 ? 0 : 2;
        regimeUntil_ = at + regimes[static_cast<std::size_t>(regime_)].meanSeconds * random_.exponential();
    }
    if (at >= nextBurst_) {
        burstUntil_ = at + burstSeconds * random_.exponential();
        nextBurst_ = burstUntil_ + burstEverySeconds * random_.exponential();
    }
    const auto& now = regimes[static_cast<std::size_t>(regime_)];
    factor_ += perRootSecond(factorVolatility) * now.volatility * std::sqrt(passed) * random_.shock();
    if (random_.uniform() < factorJumpsPerSecond * now.jumps * passed) {
        factor_ += jump() * perRootSecond(factorVolatility) * std::sqrt(60.0);
    }
}

// In standard deviations of a minute: two and a half and more, up or down alike.
double MarketSimulator::jump()
{
    const double size = 2.5 * (1 + random_.exponential());
    return (random_.bits() & 1) != 0 ? size : -size;
}

// What the edge adds from the newest move up to `at`. A minute in which nothing happened had no direction.
double MarketSimulator::drift(Book& book, double at) const
{
    const double perSecond = tuning_.edge / 60;
    const auto minute = timeOf(at).value / 60'000;
    if (minute == book.minute) {
        return book.direction * perSecond * (at - book.movedAt);
    }
    const double boundary = std::max(book.movedAt, static_cast<double>(minute * 60'000 - start_.value) / 1'000);
    const double before = book.direction * perSecond * (boundary - book.movedAt);
    const bool isNext = minute == book.minute + 1;
    book.direction = isNext ? (book.price > book.minuteOpen) - (book.price < book.minuteOpen) : 0;
    book.minute = minute;
    book.minuteOpen = book.price;
    return before + book.direction * perSecond * (at - boundary);
}

void MarketSimulator::movePrice(Book& book, double at)
{
    const auto& now = regimes[static_cast<std::size_t>(regime_)];
    const double passed = at - book.movedAt;
    double move = book.beta * (factor_ - book.factorSeen) + book.ownVolatility * now.volatility *
                                                                std::sqrt(passed + instantSeconds / tuning_.rate) *
                                                                random_.shock();
    if (random_.uniform() < ownJumpsPerSecond * now.jumps * passed) {
        move += jump() * book.minuteMove;
    }
    if (tuning_.edge != 0) {
        move += drift(book, at);
    }
    book.movedAt = at;
    book.factorSeen = factor_;
    if (book.price <= frozenPrice) {
        return;
    }
    // A simple return with mean zero, so the price itself is the martingale (no correction as for log returns); rounded
    // up as often as the part lost calls for, so it stays one on the grid.
    const double ticks = static_cast<double>(book.price) * std::clamp(move, -largestReturn, largestReturn);
    const auto step = static_cast<std::int64_t>(std::floor(ticks + 1 - random_.uniform()));
    book.price += step;
    if (step != 0) {
        book.lastWasBuy = step > 0;
    } else if (random_.uniform() > 0.7) {
        book.lastWasBuy = !book.lastWasBuy;
    }
}

market::Tick MarketSimulator::trade(Book& book, double at)
{
    movePrice(book, at);
    const double share = std::min(2'000.0, std::exp(0.9 * random_.shock()));
    const auto lots = std::max(book.leastLots, rounded(share * book.sizeInLots / static_cast<double>(book.price)));
    return {
        .id = book.nextId++, .time = timeOf(at), .price = {book.price}, .signedSize = book.lastWasBuy ? lots : -lots};
}

market::Quote MarketSimulator::quote(Book& book, double at)
{
    movePrice(book, at);
    const double wide = static_cast<double>(book.price) * 2 * halfSpreadShare *
                        regimes[static_cast<std::size_t>(regime_)].spread * (0.5 + random_.exponential());
    const auto spread = std::max<std::int64_t>(1, rounded(wide));
    // Around the newest price; an odd tick lies on the side that the last aggressor left.
    const auto under = std::min(book.price - 1, book.lastWasBuy ? spread - spread / 2 : spread / 2);
    const auto size = [&] {
        return market::Quantity{std::max(book.leastLots, rounded((0.5 + 4 * random_.exponential()) * book.sizeInLots /
                                                                 static_cast<double>(book.price)))};
    };
    const market::Price bid{book.price - under};
    book.quote = {
        .time = timeOf(at), .bid = bid, .ask = bid + market::Price{spread}, .bidSize = size(), .askSize = size()};
    return book.quote;
}

// Exact simulation of a Hawkes process with exponential kernel (Dassios and Zhao 2013): the next arrival is the earlier
// of one from the fading excess and one from the base.
double MarketSimulator::nextTradeTime(Book& book, double at)
{
    if (random_.uniform() < sweepChance) {
        return at;
    }
    const double arrivals =
        regimes[static_cast<std::size_t>(regime_)].arrivals * (at < burstUntil_ ? burstArrivals : 1);
    book.excess += excitement * calmingPerSecond;
    double wait = random_.exponential() / (book.baseRate * arrivals);
    const double left = 1 - calmingPerSecond * random_.exponential() / book.excess;
    if (left > 0) {
        wait = std::min(wait, -std::log(left) / calmingPerSecond);
    }
    book.excess *= std::exp(-calmingPerSecond * wait);
    return at + wait;
}

} // namespace qd::exchange
