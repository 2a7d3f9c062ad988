// Answers about models, from what is stored: the registry, one version whole, which one made a trade, its bytes. Query
// desk's threads.
#pragma once

#include "console/queries.h"
#include "engines/query_desk.h"

namespace qd::engines {

/// NotFound for a version that is not there.
[[nodiscard]] base::Result<console::Models> modelAnswer(const DeskContext& context, const console::AskModels& query);
[[nodiscard]] base::Result<console::ModelDetail> modelAnswer(const DeskContext& context,
                                                             const console::AskModel& query);
/// Its version is empty where no model decided the trade.
[[nodiscard]] base::Result<console::TradeModel> modelAnswer(const DeskContext& context,
                                                            const console::AskTradeModel& query);
[[nodiscard]] base::Result<console::ModelBytes> modelAnswer(const DeskContext& context,
                                                            const console::AskModelBytes& query);

} // namespace qd::engines
