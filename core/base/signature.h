// Ed25519 signatures by OpenSSL's libcrypto, and keys as PEM, so that what is signed here can be verified with openssl
// alone: openssl pkeyutl -verify -pubin -inkey PUBLIC.pem -rawin -in FILE -sigfile FILE.sig. Where a key lies, and with
// which rights, is an adapter's. Any thread, one an object.
#pragma once

#include "base/error.h"

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace qd::base {

class SigningKey {
public:
    /// A new one; Internal where the system gives no random numbers.
    [[nodiscard]] static Result<SigningKey> generate();
    /// Malformed for a PEM that holds no private Ed25519 key.
    [[nodiscard]] static Result<SigningKey> fromPem(std::string_view pem);

    [[nodiscard]] Result<std::string> privatePem() const; // to a file of mode 0600 only
    [[nodiscard]] Result<std::string> publicPem() const;
    /// The 64 bytes of the signature.
    [[nodiscard]] Result<std::string> sign(std::string_view bytes) const;

private:
    struct Free {
        void operator()(evp_pkey_st* key) const;
    };
    explicit SigningKey(evp_pkey_st* key) : key_(key) {}
    std::unique_ptr<evp_pkey_st, Free> key_;
};

/// Damaged where `signature` is not that of these bytes by this key; Malformed for a PEM that holds no public Ed25519
/// key.
[[nodiscard]] Result<void> verifySignature(std::string_view bytes, std::string_view signature,
                                           std::string_view publicPem);

} // namespace qd::base
