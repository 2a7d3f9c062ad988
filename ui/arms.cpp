#include "ui/arms.h"

#include <algorithm>

namespace qd::ui {

namespace {

const std::string& strategyOf(const console::StrategyRow& row)
{
    return row.name;
}
const std::string& strategyOf(const console::EvaluationRow& row)
{
    return row.strategy;
}
const std::string& strategyOf(const console::PositionRow& row)
{
    return row.position.decision.strategy;
}
const std::string& strategyOf(const trading::ClosedTrade& trade)
{
    return trade.position.decision.strategy;
}

template <typename Rows>
bool hasArm(const Rows& rows)
{
    return std::ranges::any_of(rows, [](const auto& row) { return isArm(strategyOf(row)); });
}

template <typename Rows>
void drop(Rows& rows)
{
    std::erase_if(rows, [](const auto& row) { return isArm(strategyOf(row)); });
}

} // namespace

std::shared_ptr<const console::PaperSnapshot> withoutArms(std::shared_ptr<const console::PaperSnapshot> paper)
{
    if (!paper || !(hasArm(paper->strategies) || hasArm(paper->evaluations) || hasArm(paper->positions) ||
                    hasArm(paper->recent))) {
        return paper;
    }
    auto out = std::make_shared<console::PaperSnapshot>(*paper);
    drop(out->strategies);
    drop(out->evaluations);
    drop(out->positions);
    drop(out->recent);
    return out;
}

} // namespace qd::ui
