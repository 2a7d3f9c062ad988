#include "ui/journal/journal_export.h"

#include "ui/journal/journal_model.h"
#include "ui/questions.h"

namespace qd::ui {

void JournalExport::start(const QString& path, const console::AskJournal& filter)
{
    if (isRunning()) {
        return;
    }
    query_ = filter;
    query_.offset = 0;
    query_.limit = 1'000;
    written_ = 0;
    oldest_ = 0;
    file_ = std::make_unique<QSaveFile>(path);
    if (!file_->open(QIODevice::WriteOnly) || file_->write(journalCsvHeader().toUtf8()) < 0) {
        end(file_->errorString());
        return;
    }
    ask();
}

void JournalExport::ask()
{
    context_.questions.ask(query_, this, [this](const console::Answer& answer) { take(answer); });
}

void JournalExport::take(const console::Answer& answer)
{
    const auto* page = std::get_if<console::JournalPage>(&answer.value);
    if (answer.error || page == nullptr) {
        end(format::sentence(answer.error.value_or(base::Error{})));
        return;
    }
    QByteArray text;
    for (const auto& row : page->rows) {
        if (oldest_ == 0 || row.decision.id < oldest_) {
            text += journalCsv(row).toUtf8();
            oldest_ = row.decision.id;
            ++written_;
        }
    }
    query_.offset += page->rows.size();
    if (file_->write(text) < 0) {
        end(file_->errorString());
    } else if (!page->rows.empty() && query_.offset < page->total) {
        ask();
    } else {
        end(file_->commit() ? QString() : file_->errorString());
    }
}

void JournalExport::end(const QString& why)
{
    if (!why.isEmpty()) {
        file_->cancelWriting();
    }
    file_.reset();
    Q_EMIT ended(written_, why);
}

} // namespace qd::ui
