// SHA-256 (FIPS 180-4), streaming. For ledger_hash and source hashes; std only, so that pure rooms may use it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace qd::base {

class Sha256 {
public:
    Sha256();
    void add(std::string_view bytes);
    /// 64 lower-case hex digits. Ends the stream; call once.
    [[nodiscard]] std::string hex();

private:
    void compress(const unsigned char* block);

    std::array<std::uint32_t, 8> state_{};
    std::array<unsigned char, 64> pending_{};
    std::size_t pendingSize_ = 0;
    std::uint64_t total_ = 0;
};

[[nodiscard]] std::string sha256Hex(std::string_view bytes);

} // namespace qd::base
