// Recorded trades of the folder that QD_SHARED names, as ticks. A test that needs it and does not find it skips, saying
// so.
#pragma once

#include "base/decimal.h"
#include "market/tick.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

namespace qd::testkit {

/// The file's path, or empty where the shared folder or the file is missing.
inline std::string sharedFile(const std::string& name)
{
    const char* folder = std::getenv("QD_SHARED");
    const auto path = std::filesystem::path(folder ? folder : "") / name;
    return folder && std::filesystem::exists(path) ? path.string() : std::string();
}

inline std::string inflated(const std::string& path)
{
    gzFile file = gzopen(path.c_str(), "rb");
    if (!file) {
        throw std::runtime_error("cannot open " + path);
    }
    std::string text;
    std::vector<char> buffer(1 << 16);
    for (int got = 0; (got = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0;) {
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    gzclose(file);
    return text;
}

/// Rows "ts_ms,price,size,side" with a header; ids are ts_ms · 2^20 + rank within the millisecond.
inline std::vector<market::Tick> readTrades(const std::string& path, const base::Scale& tickSize,
                                            const base::Scale& lotSize)
{
    const auto text = inflated(path);
    std::string_view rest(text);
    const auto cut = [&rest](char end) {
        const auto at = rest.find(end);
        const auto field = rest.substr(0, at);
        rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
        return field;
    };
    (void)cut('\n');
    std::vector<market::Tick> ticks;
    while (!rest.empty()) {
        market::Tick tick;
        tick.time = {std::stoll(std::string(cut(',')))};
        tick.price = {tickSize.parse(cut(',')).value()};
        const auto lots = lotSize.parse(cut(',')).value();
        tick.signedSize = cut('\n').starts_with("buy") ? lots : -lots;
        const bool isSameMs = !ticks.empty() && ticks.back().time == tick.time;
        tick.id = isSameMs ? ticks.back().id + 1 : tick.time.value << 20;
        ticks.push_back(tick);
    }
    return ticks;
}

} // namespace qd::testkit
