#include "ui/questions.h"

namespace qd::ui {

console::QueryId Questions::ask(console::Query query, QObject* owner, OnAnswer answered, OnProgress progress)
{
    const auto id = console_.ask(std::move(query));
    asked_[id] = {owner, std::move(answered), std::move(progress)};
    return id;
}

void Questions::pull()
{
    for (const auto& event : console_.takeAnswers()) {
        if (const auto* progress = std::get_if<console::QueryProgress>(&event)) {
            const auto found = asked_.find(progress->id);
            if (found != asked_.end() && found->second.owner && found->second.progress) {
                found->second.progress(*progress);
            }
        } else if (const auto* answer = std::get_if<console::Answer>(&event)) {
            const auto found = asked_.extract(answer->id);
            if (!found.empty() && found.mapped().owner && found.mapped().answered) {
                found.mapped().answered(*answer);
            }
        }
    }
}

} // namespace qd::ui
