// The tables of Health: services by their heartbeat, and what happened. GUI thread.
#pragma once

#include "ui/page.h"
#include "ui/widgets/table_model.h"

namespace qd::ui {

class ServiceModel final : public RowModel<console::ServiceRow> {
    Q_OBJECT
public:
    enum ColumnId : int { Name, State, Uptime, Beat, Restarts, Detail };
    explicit ServiceModel(QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const console::ServiceRow& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const console::ServiceRow& a, const console::ServiceRow& b) const override;
    [[nodiscard]] bool isEqual(const console::ServiceRow& a, const console::ServiceRow& b) const override;
};

/// One line of what happened; `serial` tells equal lines apart.
struct NoticeRow {
    std::uint64_t serial = 0;
    base::UtcMs time;
    console::Severity severity = console::Severity::Info;
    QString what;
    QString detail;
};

/// Newest first, at most 500 kept.
class NoticeModel final : public RowModel<NoticeRow> {
    Q_OBJECT
public:
    enum ColumnId : int { When, What, Cause, Gravity };
    NoticeModel(const PageContext& context, QObject* parent);
    void add(NoticeRow row);
    [[nodiscard]] int count(console::Severity severity) const;

protected:
    [[nodiscard]] QVariant cell(const NoticeRow& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const NoticeRow& a, const NoticeRow& b) const override { return a.serial == b.serial; }
    [[nodiscard]] bool isEqual(const NoticeRow& a, const NoticeRow& b) const override { return a.serial == b.serial; }

private:
    const PageContext context_;
    std::uint64_t next_ = 1;
};

} // namespace qd::ui
