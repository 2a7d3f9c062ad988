// Writes all decisions that a filter lets through into a CSV file, page by page; whole or not at all. GUI thread; owned
// by the page.
#pragma once

#include "console/queries.h"
#include "ui/page.h"

#include <QSaveFile>

#include <memory>

namespace qd::ui {

class JournalExport final : public QObject {
    Q_OBJECT
public:
    JournalExport(const PageContext& context, QObject* parent) : QObject(parent), context_(context) {}
    /// Ignored while one runs.
    void start(const QString& path, const console::AskJournal& filter);
    [[nodiscard]] bool isRunning() const { return file_ != nullptr; }

Q_SIGNALS:
    /// `why` is empty when the file is there.
    void ended(quint64 written, const QString& why);

private:
    void ask();
    void take(const console::Answer& answer);
    void end(const QString& why);

    const PageContext context_;
    console::AskJournal query_;
    std::unique_ptr<QSaveFile> file_;
    std::uint64_t written_ = 0;
    std::int64_t oldest_ = 0; // id of the last row written: new decisions shift the pages, none is written twice
};

} // namespace qd::ui
