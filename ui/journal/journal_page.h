// Journal: every decision, newest first, with its reason, the figures of that moment, what happened next, and the way
// back. Filter by words, by whom and by time; export; notes. GUI thread; owned by the window.
#pragma once

#include "ui/page.h"

#include <QTimer>

class QComboBox;
class QDateEdit;
class QLineEdit;
class QSplitter;

namespace qd::ui {

class Card;
class DataTable;
class JournalDetail;
class JournalExport;
class JournalModel;
class PillButton;

class JournalPage final : public Page {
    Q_OBJECT
public:
    explicit JournalPage(const PageContext& context, QWidget* parent = nullptr);
    void restyle() override;
    void handle(const console::Event& event) override;
    /// A decision by its number.
    bool reveal(const QString& thing) override;
    void addNote();
    void exportTo(const QString& path);
    [[nodiscard]] JournalModel& model() { return *model_; }
    [[nodiscard]] JournalDetail& detail() { return *detail_; }
    [[nodiscard]] DataTable* table() { return table_; }
    [[nodiscard]] QLineEdit* words() { return words_; }
    [[nodiscard]] QComboBox* kinds() { return kind_; }

protected:
    void refresh(const Snapshots& snapshots, Changes changes) override;
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildFilter();
    void buildTable();
    QDateEdit* addDay(const QString& name);
    void applyFilter();
    void lookAround();
    void showChosen();
    void sayWhyEmpty();
    void renewSoon();
    void step(int by);
    [[nodiscard]] base::UtcMs startOf(const QDateEdit* day, int later) const;

    Card* card_;
    JournalModel* model_;
    DataTable* table_;
    JournalDetail* detail_;
    JournalExport* export_;
    QSplitter* splitter_;
    QLineEdit* words_ = nullptr;
    std::vector<PillButton*> by_;
    QComboBox* kind_ = nullptr;
    QComboBox* period_ = nullptr;
    QDateEdit* from_ = nullptr;
    QDateEdit* to_ = nullptr;
    QTimer soon_;  // what happens comes in bursts
    QTimer typed_; // words are asked for when the typing rests
    std::shared_ptr<const console::IngestSnapshot> ingest_;
    std::int64_t chosen_ = 0;
    std::uint64_t jobsRevision_ = 0;
    bool isStale_ = true;
};

} // namespace qd::ui
