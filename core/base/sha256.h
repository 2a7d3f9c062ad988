// SHA-256 (FIPS 180-4), streaming, by OpenSSL's libcrypto. For ledger_hash and source hashes. Any thread, one an
// object.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace qd::base {

class Sha256 {
public:
    Sha256();
    void add(std::string_view bytes);
    /// 64 lower-case hex digits. Ends the stream; call once.
    [[nodiscard]] std::string hex();

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

[[nodiscard]] std::string sha256Hex(std::string_view bytes);
/// HMAC-SHA-256 (RFC 2104): 64 lower-case hex digits.
[[nodiscard]] std::string hmacSha256Hex(std::string_view key, std::string_view bytes);
/// `bytes` random ones of libcrypto's, as hex digits.
[[nodiscard]] std::string randomHex(std::size_t bytes);

} // namespace qd::base
