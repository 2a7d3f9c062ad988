#include "engines/retention_run.h"

#include "storage/policy_store.h"

#include <algorithm>
#include <cmath>

namespace qd::engines {

using base::Result;

health::RetentionRule retentionRule(const base::PolicyValues& policy, base::UtcMs now)
{
    const auto days = static_cast<std::int64_t>(std::llround(base::policyValue(policy, "ticks.keep_days")));
    if (days <= 0) {
        return {.way = health::OldTicks::Keep, .keepDays = 0, .now = now};
    }
    const auto replayed = static_cast<std::int64_t>(std::ceil(base::policyValue(policy, "sensitivity.days")));
    return {.way = base::policyValue(policy, "ticks.thin") != 0 ? health::OldTicks::Thin : health::OldTicks::Drop,
            .keepDays = std::max(days, replayed + 1),
            .now = now};
}

Result<health::RetentionPreview> retentionPreview(const DeskContext& context, const console::AskRetention& query)
{
    auto values = storage::PolicyStore(context.database).values();
    if (!values) {
        return std::unexpected(values.error());
    }
    if (auto legal = base::checkPolicyValue("ticks.keep_days", query.keepDays); !legal) {
        return std::unexpected(legal.error());
    }
    (*values)["ticks.keep_days"] = query.keepDays;
    (*values)["ticks.thin"] = query.thin ? 1 : 0;
    auto plan = storage::planRetention(context.database, retentionRule(*values, context.clock.now()));
    return plan ? Result<health::RetentionPreview>(std::move(plan->preview)) : std::unexpected(plan.error());
}

Result<health::RetentionPreview> runRetention(storage::Database& database, const health::RetentionRule& rule,
                                              const RetentionHands& hands)
{
    auto plan = storage::planRetention(database, rule);
    if (!plan) {
        return std::unexpected(plan.error());
    }
    std::pair<base::InstrumentId, base::UtcMs> kept; // the newest day whose minutes are all there
    for (std::size_t i = 0; i < plan->goes.size(); ++i) {
        auto& piece = plan->goes[i];
        if (!hands.goesOn(static_cast<double>(i) / static_cast<double>(plan->goes.size()))) {
            return base::fail(base::ErrorCode::Cancelled, "retention of ticks", "it was stopped; it goes on next time");
        }
        for (const auto day : piece.days) {
            if (rule.way != health::OldTicks::Thin) {
                break;
            }
            if (kept.first == piece.instrument && day <= kept.second) {
                continue; // a day of a busy instrument is in many pieces
            }
            auto minutes = storage::unkeptMinutes(database, piece.instrument, day);
            auto stored = minutes && !minutes->empty() ? hands.keepMinutes(piece.instrument, day, std::move(*minutes))
                          : minutes                    ? Result<void>{}
                                                       : std::unexpected(minutes.error());
            if (!stored) {
                return std::unexpected(stored.error());
            }
            kept = {piece.instrument, day};
        }
        if (auto dropped = hands.drop(std::move(piece)); !dropped) {
            return std::unexpected(dropped.error());
        }
    }
    return std::move(plan->preview);
}

} // namespace qd::engines
