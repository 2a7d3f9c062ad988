// The answers are still to come: until then each says so.
#include "engines/model_queries.h"

namespace qd::engines {

namespace {
std::unexpected<base::Error> toCome()
{
    return base::fail(base::ErrorCode::Unsupported, "models", "this question cannot be answered yet");
}
} // namespace

base::Result<console::Models> modelAnswer(const DeskContext&, const console::AskModels&)
{
    return toCome();
}
base::Result<console::ModelDetail> modelAnswer(const DeskContext&, const console::AskModel&)
{
    return toCome();
}
base::Result<console::TradeModel> modelAnswer(const DeskContext&, const console::AskTradeModel&)
{
    return toCome();
}
base::Result<console::ModelBytes> modelAnswer(const DeskContext&, const console::AskModelBytes&)
{
    return toCome();
}

} // namespace qd::engines
