// The arms of experiments on one instrument: rows behind the roster's. They are asked after it, and nothing that they
// do reaches its rows.
#include "trading/instrument_pipeline.h"
#include "trading/trade_book.h"

#include <algorithm>

namespace qd::trading {

base::Result<void> InstrumentPipeline::applyArm(const RecordedInput& input)
{
    const auto known = std::ranges::find(arms_, input.strategy, &ArmRow::ledgerName);
    if (!input.enabled) {
        if (known != arms_.end()) {
            known->isEnding = true;
            freezeCharges();
        }
        return {};
    }
    auto wish = armWish(input);
    if (!wish || known != arms_.end()) { // twice where a start repeats what the saved state covers
        return wish ? base::Result<void>{} : std::unexpected(wish.error());
    }
    // Both arms begin with what is charged at this moment, the second as the first.
    const auto other = std::ranges::find_if(arms_, [&](const ArmRow& arm) {
        return arm.wish.name.strategy == wish->name.strategy && arm.wish.name.experiment == wish->name.experiment;
    });
    auto started = startArm(*wish, other != arms_.end() ? other->charge : broker_.charge());
    freezeCharges();
    return started;
}

// It has heard what the strategy's own row has heard, as far as its lengths are the same: see StrategyRunner.
base::Result<void> InstrumentPipeline::startArm(const ArmWish& wish, const ExecutionCharge& charge)
{
    const auto own =
        std::ranges::find(runners_, wish.name.strategy, [](const StrategyRunner& runner) { return runner.info->name; });
    if (own == runners_.end()) {
        return {}; // it does not run here
    }
    if (wish.model && familyOf(wish.model->version) != own->info->model) {
        return base::fail(base::ErrorCode::Unsupported, ledgerName(wish.name),
                          "it asks no model like " + wish.model->version);
    }
    auto model = wish.model ? modelAtHand(*wish.model, library_.get(), rows_.get()) : modelOf(*own->info);
    auto runner = own->copy(model);
    if (auto set = runner.setParameters(wish.parameters, model); !set) {
        return set;
    }
    arms_.push_back({.ledgerName = ledgerName(wish.name),
                     .wish = wish,
                     .runner = std::move(runner),
                     .model = std::move(model),
                     .charge = charge});
    broker_.addRow({arms_.back().ledgerName, arms_.back().runner.parameterHash});
    return {};
}

// Of the arms, and of a strategy that has one that runs: in a pair its own row is A.
void InstrumentPipeline::freezeCharges()
{
    for (std::size_t row = 0; row < runners_.size(); ++row) {
        const auto arm = std::ranges::find_if(arms_, [&](const ArmRow& one) {
            return one.wish.name.strategy == runners_[row].info->name && !one.wish.isSplit && !one.isEnding;
        });
        broker_.freezeCharge(row, arm == arms_.end() ? std::nullopt : std::optional(arm->charge));
    }
    for (std::size_t i = 0; i < arms_.size(); ++i) {
        broker_.freezeCharge(runners_.size() + i, arms_[i].charge);
    }
}

std::map<std::string, std::string> InstrumentPipeline::arms() const
{
    std::map<std::string, std::string> out;
    for (const auto& arm : arms_) {
        if (!arm.isEnding) {
            out.emplace(arm.ledgerName, armStart(arm.wish, {}).parameters);
        }
    }
    return out;
}

void InstrumentPipeline::askArms(const market::Tick& tick, StreamNumber number, LedgerEvents& out)
{
    for (auto i = arms_.size(); i-- > 0;) {
        const auto row = runners_.size() + i;
        if (arms_[i].isEnding && broker_.isIdle(row)) {
            tellAsked(arms_[i], out);
            broker_.removeRow(row);
            arms_.erase(arms_.begin() + static_cast<std::ptrdiff_t>(i));
            heard_.erase(heard_.begin() + static_cast<std::ptrdiff_t>(row));
        }
    }
    for (std::size_t i = 0; i < arms_.size(); ++i) {
        auto& arm = arms_[i];
        const auto row = runners_.size() + i;
        const auto bar = heard_[row].bar;
        if (!bar) {
            continue;
        }
        // Whose decision it is not may still end what it has open: exits belong to the arm that entered.
        if ((takes(arm, *bar, out) && !arm.isEnding) || broker_.own(row)) {
            decide(arm.runner, row, arm.model.get(), tick, number, out);
        }
    }
}

// Whether the decision of this bar is the arm's; of a split it is counted.
bool InstrumentPipeline::takes(ArmRow& arm, UtcMs bar, LedgerEvents& out) const
{
    if (!arm.wish.isSplit) {
        return true;
    }
    if (const auto day = dayOf(bar); day != arm.day) {
        tellAsked(arm, out);
        arm.day = day;
    }
    const bool isItsOwn = takesA(arm.wish.name.experiment, instrument_.id, bar) == (arm.wish.name.letter == 'a');
    if (isItsOwn && !arm.isEnding) {
        ++arm.asked;
    }
    return isItsOwn;
}

void InstrumentPipeline::tellAsked(ArmRow& arm, LedgerEvents& out) const
{
    if (arm.asked > 0) {
        out.emplace_back(ArmAsked{instrument_.id, arm.ledgerName, arm.day, arm.asked});
    }
    arm.asked = 0;
}

void InstrumentPipeline::saveArms(base::StateWriter& a) const
{
    if (arms_.empty()) {
        return; // a state without arms is as it was before there were any
    }
    a(static_cast<std::uint64_t>(arms_.size()));
    for (const auto& arm : arms_) {
        auto parameters = arm.wish;
        parameters.parameters = arm.runner.parameters.text();
        a(arm.ledgerName, armStart(parameters, {}).parameters, arm.isEnding, arm.day, arm.asked);
        arm.runner.strategy->save(a);
    }
    for (const auto& arm : arms_) {
        a(arm.charge);
    }
}

// After the broker's rows, which hold theirs, and the runners. Damaged for what saveArms() did not write.
base::Result<void> InstrumentPipeline::restoreArms(base::StateReader& a)
{
    const auto damaged = base::fail(base::ErrorCode::Damaged, instrument_.name, "the arms in the saved state");
    if (!a.isComplete()) {
        std::uint64_t count = 0;
        a(count);
        for (std::uint64_t i = 0; i < count && !a.failed(); ++i) {
            RecordedInput input{.kind = InputKind::Arm};
            bool isEnding = false;
            std::int64_t day = 0;
            std::uint64_t asked = 0;
            a(input.strategy, input.parameters, isEnding, day, asked);
            const auto wish = armWish(input);
            if (a.failed() || !wish || !startArm(*wish, broker_.charge()) || arms_.size() != i + 1) {
                return damaged;
            }
            auto& arm = arms_.back();
            arm.isEnding = isEnding;
            arm.day = day;
            arm.asked = asked;
            arm.runner.strategy->restore(a);
        }
        if (a.isComplete()) { // of before arms had a charge of their own
            return base::fail(base::ErrorCode::Unsupported, instrument_.name, "not a saved state of this version");
        }
        for (auto& arm : arms_) {
            a(arm.charge);
        }
    }
    freezeCharges();
    return broker_.rowCount() == runners_.size() + arms_.size() ? base::Result<void>{} : damaged;
}

} // namespace qd::trading
