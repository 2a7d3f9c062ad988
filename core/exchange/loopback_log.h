// The honest book: every trade that the loopback exchange made, as CSV, whatever it told its clients. Columns:
// instrument,trade_id,ts_ms,price,size,side,fate (the export's columns between the instrument and what befell it).
// One thread. Fails: open() Io; good() turns false where the file takes no more.
#pragma once

#include "base/error.h"
#include "exchange/loopback_exchange.h"

#include <cstdio>
#include <memory>
#include <string>

namespace qd::exchange {

class LoopbackLog {
public:
    [[nodiscard]] static base::Result<LoopbackLog> open(const std::string& path);
    void add(const MadeTrade& made);
    /// Hands what was added to the system.
    void flush();
    [[nodiscard]] bool good() const { return isGood_; }

private:
    struct Closer {
        void operator()(std::FILE* file) const { (void)std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Closer> file_;
    std::string line_;
    bool isGood_ = true;
    bool isFlushed_ = true;
};

} // namespace qd::exchange
