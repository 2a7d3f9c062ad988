#include "trading/arm.h"

#include "base/sha256.h"

#include <charconv>

namespace qd::trading {

namespace {

constexpr std::string_view splitMark = "split|";
constexpr std::string_view pairedMark = "paired|";
constexpr std::string_view modelMark = "model:"; // no parameter has this name

} // namespace

std::string ledgerName(const ArmName& name)
{
    return name.strategy + "~" + std::to_string(name.experiment) + name.letter;
}

std::optional<ArmName> armName(std::string_view ledgerName)
{
    const auto mark = ledgerName.find('~');
    if (mark == std::string_view::npos || mark == 0 || ledgerName.size() < mark + 3) {
        return std::nullopt;
    }
    ArmName name{.strategy = std::string(ledgerName.substr(0, mark)), .letter = ledgerName.back()};
    const auto digits = ledgerName.substr(mark + 1, ledgerName.size() - mark - 2);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), name.experiment);
    const bool isRead = read.ec == std::errc{} && read.ptr == digits.data() + digits.size();
    const bool isLegal = name.experiment > 0 && (name.letter == 'a' || name.letter == 'b');
    return isRead && isLegal ? std::optional(std::move(name)) : std::nullopt;
}

bool isOfArm(const LedgerEvent& event)
{
    if (const auto* opened = std::get_if<OpenPosition>(&event)) {
        return isArm(opened->decision.strategy);
    }
    if (const auto* closed = std::get_if<ClosedTrade>(&event)) {
        return isArm(closed->position.decision.strategy);
    }
    if (const auto* signal = std::get_if<UntradedSignal>(&event)) {
        return isArm(signal->decision.strategy);
    }
    if (const auto* asked = std::get_if<ModelAsked>(&event)) {
        return isArm(asked->strategy);
    }
    return std::holds_alternative<ArmAsked>(event);
}

RecordedInput armStart(const ArmWish& wish, base::StreamNumber number)
{
    return {.number = number,
            .kind = InputKind::Arm,
            .strategy = ledgerName(wish.name),
            .enabled = true,
            .parameters = std::string(wish.isSplit ? splitMark : pairedMark) +
                          (wish.model ? std::string(modelMark) + text(*wish.model) + "|" : std::string()) +
                          wish.parameters};
}

RecordedInput armEnd(const ArmName& name, base::StreamNumber number)
{
    return {.number = number, .kind = InputKind::Arm, .strategy = ledgerName(name), .enabled = false};
}

base::Result<ArmWish> armWish(const RecordedInput& input)
{
    const std::string_view text = input.parameters;
    auto name = armName(input.strategy);
    const bool isSplit = text.starts_with(splitMark);
    if (!name || (!isSplit && !text.starts_with(pairedMark))) {
        return base::fail(base::ErrorCode::Malformed, input.strategy, "not an arm: " + input.parameters);
    }
    auto rest = text.substr((isSplit ? splitMark : pairedMark).size());
    std::optional<ModelName> model;
    if (rest.starts_with(modelMark)) {
        rest.remove_prefix(modelMark.size());
        const auto version = std::min(rest.find('|'), rest.size());
        const auto end = std::min(rest.find('|', version + 1), rest.size());
        auto named = modelName(rest.substr(0, end));
        if (!named) {
            return std::unexpected(named.error());
        }
        model = std::move(*named);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return ArmWish{std::move(*name), isSplit, std::string(rest), std::move(model)};
}

bool takesA(std::int64_t experiment, base::InstrumentId instrument, base::UtcMs decisionBar)
{
    const auto hex = base::sha256Hex("arm|" + std::to_string(experiment) + "|" + std::to_string(instrument.value) +
                                     "|" + std::to_string(decisionBar.value));
    return hex[0] < '8'; // the first bit
}

} // namespace qd::trading
