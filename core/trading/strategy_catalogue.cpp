#include "trading/strategy_catalogue.h"

#include "trading/strategies/catalogue_entries.h"

#include <algorithm>
#include <array>

namespace qd::trading {

namespace {

// What one has heard, the other has heard too.
void tell(Strategy& to, const Strategy& from)
{
    base::StateWriter heard;
    from.save(heard);
    base::StateReader reader(heard.bytes());
    to.restore(reader);
}

} // namespace

std::span<const StrategyInfo> strategyCatalogue()
{
    // clang-format off
    static const std::array all{
        mtfTrendAlign(),
        mtfMomentumConfirm(),
        mlGbt5m(),
        vwapReversion(),
        bbSqueeze(),
        supportResistance(),
        candlePatterns(),
        emaCrossover(),
        breakout(),
        momentum(),
        reversal(),
        rsiDivergence(),
        volumeMeanReversion(),
    };
    // clang-format on
    return all;
}

const StrategyInfo* findStrategy(std::string_view name)
{
    const auto all = strategyCatalogue();
    const auto found = std::ranges::find(all, name, &StrategyInfo::name);
    return found == all.end() ? nullptr : &*found;
}

bool runsOn(const StrategyInfo& info, std::string_view instrument)
{
    return info.instruments.empty() || std::ranges::find(info.instruments, instrument) != info.instruments.end();
}

bool mayAsk(std::string_view modelKey, std::string_view instrument)
{
    const auto family = familyOf(modelKey);
    const auto own = modelKey.substr(std::min(modelKey.size(), family.size() + 1)); // behind "@"
    return (own.empty() || own == instrument) &&
           std::ranges::any_of(strategyCatalogue(), [&](const StrategyInfo& info) {
               return info.model == family && runsOn(info, instrument);
           });
}

std::unique_ptr<Strategy> makeStrategy(const StrategyInfo& info, const ParameterSet& parameters)
{
    return info.make(parameters);
}

std::vector<StrategyRunner> makeRunners(const std::vector<std::string>& only, std::string_view instrument)
{
    std::vector<StrategyRunner> runners;
    for (const auto& info : strategyCatalogue()) {
        const bool isWanted = only.empty() || std::ranges::find(only, info.name) != only.end();
        if (isWanted && runsOn(info, instrument)) {
            ParameterSet parameters(info.name, info.parameters);
            auto strategy = makeStrategy(info, parameters);
            auto hash = parameters.hash();
            runners.push_back({&info, std::move(strategy), std::move(parameters), std::move(hash)});
        }
    }
    return runners;
}

StrategyRunner StrategyRunner::copy(std::shared_ptr<const ModelAtHand> model) const
{
    StrategyRunner other{info, makeStrategy(*info, parameters), parameters, parameterHash};
    other.strategy->useModel(std::move(model));
    tell(*other.strategy, *strategy);
    return other;
}

base::Result<void> StrategyRunner::setParameters(std::string_view text, std::shared_ptr<const ModelAtHand> model)
{
    auto changed = parameters;
    if (auto set = changed.setText(text); !set) {
        return set;
    }
    auto next = makeStrategy(*info, changed);
    next->useModel(std::move(model));
    if (changed.hasLengthsOf(parameters)) {
        tell(*next, *strategy);
    }
    strategy = std::move(next);
    parameterHash = changed.hash();
    parameters = std::move(changed);
    return {};
}

} // namespace qd::trading
