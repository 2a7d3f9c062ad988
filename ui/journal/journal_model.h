// Decisions of any number, newest first: the pages that are looked at are held, the others asked for as the view
// scrolls. Answers to an older wish are dropped. Nothing in it can be edited. GUI thread; owned by its page.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/table_model.h"

#include <map>

namespace qd::ui {

class JournalModel final : public TableModel {
    Q_OBJECT
public:
    enum ColumnId : int { When, By, Kind, What, Why, Evidence, Undone };
    static constexpr std::uint32_t pageSize = 200;

    JournalModel(const PageContext& context, QObject* parent);

    /// Offset and limit are the model's own.
    void setFilter(const console::AskJournal& filter);
    [[nodiscard]] const console::AskJournal& filter() const { return filter_; }
    /// The rows that are looked at.
    void want(int first, int last);
    /// The same again; rows stay until the new ones are here.
    void renew();
    void repaintAll();

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] bool isLoaded(int row) const override { return at(row) != nullptr; }
    /// Null while it is not here.
    [[nodiscard]] const console::JournalRow* at(int row) const;
    [[nodiscard]] int rowOf(std::int64_t decision) const;
    [[nodiscard]] bool isKnown() const { return isKnown_; }

Q_SIGNALS:
    void arrived();
    void failed(const qd::base::Error& error);

private:
    void ask(std::size_t page);
    void askForWanted();
    void take(std::uint64_t generation, std::size_t page, const console::Answer& answer);
    void setTotal(int total);
    [[nodiscard]] QVariant shown(const console::JournalRow& row, int column) const;
    [[nodiscard]] QString undoText(const console::JournalRow& row) const;

    const PageContext context_;
    console::AskJournal filter_;
    std::uint64_t generation_ = 0;
    std::map<std::size_t, std::vector<console::JournalRow>> pages_;
    std::vector<std::size_t> asked_;
    int total_ = 0;
    int first_ = 0;
    int last_ = 0;
    bool isRenewing_ = false;
    bool isKnown_ = false;
};

/// What a decision went by as short lines, "PF: 0.62"; sentences stay as they are.
[[nodiscard]] QString evidenceLines(const QString& evidence);
/// The head and one line of the journal as CSV, plain ASCII but for what was typed.
[[nodiscard]] QString journalCsvHeader();
[[nodiscard]] QString journalCsv(const console::JournalRow& row);

} // namespace qd::ui
