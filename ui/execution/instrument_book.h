// Every instrument that a stored trade may name, those that have left the feed too: what ingest shows, and for the
// others one question to the desk. GUI thread; owned by a page.
#pragma once

#include "ui/page.h"

#include <map>
#include <set>

namespace qd::ui {

class InstrumentBook final : public QObject {
    Q_OBJECT
public:
    explicit InstrumentBook(const PageContext& context, QObject* parent = nullptr) : QObject(parent), context_(context)
    {
    }

    /// True if one was not known before, or is another now.
    bool learn(const console::IngestSnapshot& ingest);
    /// Asks for the instrument of this trade once, unless it is known; learned() comes with it.
    void want(const trading::ClosedTrade& trade);
    [[nodiscard]] const market::Instrument* find(base::InstrumentId id) const;
    /// By name; those of the feed now, in its order.
    [[nodiscard]] const std::vector<std::pair<QString, base::InstrumentId>>& listed() const { return listed_; }
    /// "instrument 7" while it is not known.
    [[nodiscard]] QString nameOf(base::InstrumentId id) const;

Q_SIGNALS:
    void learned();
    /// What want() asked for did not come.
    void notFound(const qd::base::Error& error);

private:
    const PageContext context_;
    std::map<base::InstrumentId, market::Instrument> known_;
    std::vector<std::pair<QString, base::InstrumentId>> listed_;
    std::set<base::InstrumentId> asked_;
};

} // namespace qd::ui
