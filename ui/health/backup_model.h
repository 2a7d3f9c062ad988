// The table of Health › Storage: backups that were made, and what came of each, newest first. GUI thread.
#pragma once

#include "ui/page.h"
#include "ui/widgets/table_model.h"

namespace qd::ui {

class BackupModel final : public RowModel<health::BackupRow> {
    Q_OBJECT
public:
    enum ColumnId : int { When, By, Size, Took, Result, File };
    BackupModel(const PageContext& context, QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const health::BackupRow& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const health::BackupRow& a, const health::BackupRow& b) const override;
    [[nodiscard]] bool isEqual(const health::BackupRow& a, const health::BackupRow& b) const override;

private:
    [[nodiscard]] QString shown(const health::BackupRow& row, int column) const;
    const PageContext context_;
};

} // namespace qd::ui
