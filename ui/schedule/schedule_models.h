// The tables of Schedule: jobs, runs of one, and what a run said. GUI thread; owned by the page.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/table_model.h"

#include <set>

namespace qd::ui {

/// "Succeeded", "Timed out"
[[nodiscard]] QString stateWord(governance::JobState state);
[[nodiscard]] Meaning toneOf(governance::JobState state);
/// "in 13 m" within a day, else the moment.
[[nodiscard]] QString nextText(base::UtcMs next, base::UtcMs now, format::Zone zone);

class JobsModel final : public RowModel<console::JobLine> {
    Q_OBJECT
public:
    enum ColumnId : int { Title, When, On, Next, Last, Took, Result, Action };
    JobsModel(const PageContext& context, QObject* parent);
    /// Names whose switch waits for its answer.
    void setPending(const std::set<std::string>& names);
    [[nodiscard]] int rowOf(const std::string& name) const;

protected:
    [[nodiscard]] QVariant cell(const console::JobLine& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const console::JobLine& a, const console::JobLine& b) const override;
    [[nodiscard]] bool isEqual(const console::JobLine& a, const console::JobLine& b) const override;

private:
    [[nodiscard]] QString shown(const console::JobLine& row, int column) const;
    [[nodiscard]] QVariant sorted(const console::JobLine& row, int column) const;
    [[nodiscard]] QString tip(const console::JobLine& row, int column) const;
    const PageContext context_;
    std::set<std::string> pending_;
};

class JobRunsModel final : public RowModel<governance::JobRunRow> {
    Q_OBJECT
public:
    enum ColumnId : int { Run, Began, Trigger, Took, State, Result };
    JobRunsModel(const PageContext& context, QObject* parent);
    [[nodiscard]] int rowOf(std::int64_t run) const;

protected:
    [[nodiscard]] QVariant cell(const governance::JobRunRow& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const governance::JobRunRow& a, const governance::JobRunRow& b) const override;
    [[nodiscard]] bool isEqual(const governance::JobRunRow& a, const governance::JobRunRow& b) const override;

private:
    const PageContext context_;
};

class JobLogModel final : public RowModel<governance::JobLogLine> {
    Q_OBJECT
public:
    enum ColumnId : int { Time, Text };
    JobLogModel(const PageContext& context, QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const governance::JobLogLine& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const governance::JobLogLine& a, const governance::JobLogLine& b) const override;
    [[nodiscard]] bool isEqual(const governance::JobLogLine& a, const governance::JobLogLine& b) const override;

private:
    const PageContext context_;
};

} // namespace qd::ui
