// What the exchange offers, as a table to choose from. GUI thread; owned by the dialog.
#pragma once

#include "ui/page.h"
#include "ui/widgets/table_model.h"

namespace qd::ui {

struct OfferRow {
    console::OfferedInstrument of;
    bool isChosen = false;
    bool wasChosen = false; // is in the feed now
    bool isLeaving = false;
};

class OfferModel final : public RowModel<OfferRow> {
    Q_OBJECT
public:
    enum ColumnId : int { Chosen, Name, Last, Change, Turnover, State };
    explicit OfferModel(QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const OfferRow& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const OfferRow& a, const OfferRow& b) const override { return a.of.name == b.of.name; }
    [[nodiscard]] bool isEqual(const OfferRow& a, const OfferRow& b) const override;
};

} // namespace qd::ui
