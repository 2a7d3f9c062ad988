// Writes every closed trade that passes a filter into a CSV file, oldest first, in the columns of `quarterdeck export
// trades`: page by page, so that it never waits and any number fits. The file appears when it is
// whole. GUI thread; owned by its card; one file at a time. Failures come by ended().
#pragma once

#include "ui/execution/instrument_book.h"

#include <QSaveFile>

#include <memory>
#include <set>
#include <tuple>

namespace qd::ui {

class TradeExport final : public QObject {
    Q_OBJECT
public:
    static constexpr std::uint32_t pageSize = 1'000;
    TradeExport(const PageContext& context, InstrumentBook& book, QObject* parent);

    void start(const QString& path, trading::TradeFilter filter);
    /// Leaves no file.
    void cancel();
    [[nodiscard]] bool isRunning() const { return file_ != nullptr; }
    [[nodiscard]] QString path() const { return path_; }

Q_SIGNALS:
    void progressed(quint64 written, quint64 total);
    /// An empty `why` means written.
    void ended(quint64 written, const QString& why);

private:
    using Key = std::tuple<base::InstrumentId, std::string, base::StreamNumber>;
    void ask();
    void take(const console::Answer& answer);
    void goOn();
    void end(const QString& why);

    const PageContext context_;
    InstrumentBook& book_;
    QString path_;
    std::unique_ptr<QSaveFile> file_;
    trading::TradeFilter filter_;
    std::uint64_t run_ = 0;
    std::uint64_t offset_ = 0;
    std::uint64_t total_ = 0;
    std::uint64_t written_ = 0;
    bool isPageHere_ = false; // and waits to be written
    bool isLast_ = false;
    std::vector<trading::ClosedTrade> waiting_; // until their instruments are known
    std::set<Key> seen_; // a trade that closes meanwhile may shift the pages: nothing is written twice
};

} // namespace qd::ui
