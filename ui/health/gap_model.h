// The table of Health › Gaps: the gap ledger, newest first. GUI thread.
#pragma once

#include "ui/page.h"
#include "ui/widgets/table_model.h"

namespace qd::ui {

class GapModel final : public RowModel<console::GapLine> {
    Q_OBJECT
public:
    enum ColumnId : int { Instrument, From, To, Length, Cause, Found, Missing, Measure };
    GapModel(const PageContext& context, QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const console::GapLine& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const console::GapLine& a, const console::GapLine& b) const override;
    [[nodiscard]] bool isEqual(const console::GapLine& a, const console::GapLine& b) const override;

private:
    [[nodiscard]] QString shown(const console::GapLine& row, int column) const;
    const PageContext context_;
};

} // namespace qd::ui
