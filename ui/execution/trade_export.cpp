#include "ui/execution/trade_export.h"

#include "trading/trading_pipeline.h"
#include "ui/questions.h"

#include <algorithm>

namespace qd::ui {

TradeExport::TradeExport(const PageContext& context, InstrumentBook& book, QObject* parent)
    : QObject(parent),
      context_(context),
      book_(book)
{
    connect(&book, &InstrumentBook::learned, this, &TradeExport::goOn);
    connect(&book, &InstrumentBook::notFound, this, [this](const base::Error& error) {
        if (isRunning() && isPageHere_) {
            end(tr("an instrument could not be looked up: %1").arg(format::sentence(error)));
        }
    });
}

void TradeExport::start(const QString& path, trading::TradeFilter filter)
{
    if (isRunning()) {
        return;
    }
    path_ = path;
    filter_ = std::move(filter);
    ++run_;
    offset_ = total_ = written_ = 0;
    isPageHere_ = false;
    seen_.clear();
    waiting_.clear();
    file_ = std::make_unique<QSaveFile>(path);
    const auto header = trading::tradeCsvHeader() + '\n';
    if (!file_->open(QIODevice::WriteOnly) || file_->write(header.data(), static_cast<qint64>(header.size())) < 0) {
        end(file_->errorString());
        return;
    }
    ask();
}

void TradeExport::ask()
{
    const console::AskTrades query{.filter = filter_,
                                   .order = trading::TradeOrder::Exit,
                                   .isDescending = false,
                                   .offset = offset_,
                                   .limit = pageSize};
    context_.questions.ask(query, this, [this, run = run_](const console::Answer& answer) {
        if (run == run_ && isRunning()) {
            take(answer);
        }
    });
}

void TradeExport::take(const console::Answer& answer)
{
    const auto* page = std::get_if<console::TradesPage>(&answer.value);
    if (answer.error || page == nullptr) {
        end(format::sentence(answer.error.value_or(base::Error{})));
        return;
    }
    total_ = page->total;
    offset_ += page->rows.size();
    isLast_ = page->rows.empty() || offset_ >= total_;
    waiting_ = page->rows;
    isPageHere_ = true;
    std::ranges::for_each(waiting_, [this](const auto& trade) { book_.want(trade); });
    goOn();
}

/// Writes what waits, if all its instruments are known, and asks for more.
void TradeExport::goOn()
{
    const auto isKnown = [this](const auto& trade) {
        return book_.find(trade.position.decision.instrument) != nullptr;
    };
    if (!isRunning() || !isPageHere_ || !std::ranges::all_of(waiting_, isKnown)) {
        return;
    }
    isPageHere_ = false;
    std::string text;
    for (const auto& trade : std::exchange(waiting_, {})) {
        const auto& d = trade.position.decision;
        if (seen_.emplace(d.instrument, d.strategy, d.number).second) {
            text += trading::tradeCsv(trade, *book_.find(d.instrument)) + '\n';
            ++written_;
        }
    }
    if (file_->write(text.data(), static_cast<qint64>(text.size())) < 0) {
        end(file_->errorString());
        return;
    }
    Q_EMIT progressed(written_, std::max(written_, total_));
    if (isLast_) {
        end(file_->commit() ? QString() : file_->errorString());
    } else {
        ask();
    }
}

void TradeExport::cancel()
{
    if (isRunning()) {
        end(tr("stopped; no file was written"));
    }
}

void TradeExport::end(const QString& why)
{
    if (!why.isEmpty()) {
        file_->cancelWriting();
    }
    file_.reset();
    waiting_.clear();
    seen_.clear();
    Q_EMIT ended(written_, why);
}

} // namespace qd::ui
