#include "exchange/loopback_log.h"

#include <cerrno>
#include <cstring>

namespace qd::exchange {

std::string_view name(TradeFate fate)
{
    constexpr std::array<std::string_view, 4> names{"pushed", "lost", "late", "unasked"};
    return names[static_cast<std::size_t>(fate)];
}

base::Result<LoopbackLog> LoopbackLog::open(const std::string& path)
{
    LoopbackLog log;
    log.file_.reset(std::fopen(path.c_str(), "w"));
    if (!log.file_) {
        return base::fail(base::ErrorCode::Io, path, std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
    }
    log.line_ = "instrument,trade_id,ts_ms,price,size,side,fate\n";
    log.isGood_ = std::fputs(log.line_.c_str(), log.file_.get()) >= 0;
    log.isFlushed_ = false;
    log.flush();
    return log;
}

void LoopbackLog::add(const MadeTrade& made)
{
    const auto& tick = made.tick;
    line_.assign(made.instrument.name).append(",").append(std::to_string(tick.id)).append(",");
    line_.append(std::to_string(tick.time.value)).append(",").append(made.instrument.priceText(tick.price));
    line_.append(",").append(made.instrument.sizeText(tick.size()));
    line_.append(tick.signedSize > 0 ? ",buy," : ",sell,").append(name(made.fate)).append("\n");
    isGood_ = std::fputs(line_.c_str(), file_.get()) >= 0 && isGood_;
    isFlushed_ = false;
}

void LoopbackLog::flush()
{
    if (!isFlushed_) {
        isGood_ = std::fflush(file_.get()) == 0 && isGood_;
        isFlushed_ = true;
    }
}

} // namespace qd::exchange
