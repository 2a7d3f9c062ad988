#include "golden/topics.h"

namespace qd::golden {

std::span<const Topic> indicatorTopics()
{
    return {};
}

} // namespace qd::golden
