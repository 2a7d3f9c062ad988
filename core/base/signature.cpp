#include "base/signature.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>

namespace qd::base {

namespace {

struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeDigest {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Digest = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

constexpr std::size_t signatureBytes = 64;

const unsigned char* bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::unexpected<Error> failed(ErrorCode code, const std::string& what)
{
    std::array<char, 256> why{};
    const auto error = ERR_get_error();
    ERR_error_string_n(error, why.data(), why.size());
    ERR_clear_error();
    return fail(code, "signature", what + (error == 0 ? "" : std::string(": ") + why.data()));
}

Bio reading(std::string_view text)
{
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// No pass phrase is ever asked for: a program without a terminal would wait for ever.
int noPassPhrase(char*, int, int, void*)
{
    return -1;
}

Result<std::string> written(const Bio& bio, int isDone, const std::string& what)
{
    char* data = nullptr;
    const auto size = bio ? BIO_get_mem_data(bio.get(), &data) : 0;
    if (isDone != 1 || size <= 0) {
        return failed(ErrorCode::Internal, what);
    }
    return std::string(data, static_cast<std::size_t>(size));
}

} // namespace

void SigningKey::Free::operator()(evp_pkey_st* key) const
{
    EVP_PKEY_free(key);
}

Result<SigningKey> SigningKey::generate()
{
    auto* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    if (key == nullptr) {
        return failed(ErrorCode::Internal, "no key could be made");
    }
    return SigningKey(key);
}

Result<SigningKey> SigningKey::fromPem(std::string_view pem)
{
    const auto bio = reading(pem);
    SigningKey key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassPhrase, nullptr) : nullptr);
    if (!key.key_ || EVP_PKEY_get_id(key.key_.get()) != EVP_PKEY_ED25519) {
        return failed(ErrorCode::Malformed, "no private Ed25519 key");
    }
    return key;
}

Result<std::string> SigningKey::privatePem() const
{
    const Bio bio(BIO_new(BIO_s_secmem()));
    return written(bio,
                   bio ? PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) : 0,
                   "the private key could not be written");
}

Result<std::string> SigningKey::publicPem() const
{
    const Bio bio(BIO_new(BIO_s_mem()));
    return written(bio, bio ? PEM_write_bio_PUBKEY(bio.get(), key_.get()) : 0, "the public key could not be written");
}

Result<std::string> SigningKey::sign(std::string_view bytes) const
{
    const Digest digest(EVP_MD_CTX_new());
    std::string signature(signatureBytes, '\0');
    std::size_t size = signature.size();
    if (!digest || EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
        EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytesOf(bytes),
                       bytes.size()) != 1 ||
        size != signatureBytes) {
        return failed(ErrorCode::Internal, "signing failed");
    }
    return signature;
}

Result<void> verifySignature(std::string_view bytes, std::string_view signature, std::string_view publicPem)
{
    const auto bio = reading(publicPem);
    const std::unique_ptr<EVP_PKEY, FreeKey> key(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, noPassPhrase, nullptr)
                                                     : nullptr);
    if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) {
        return failed(ErrorCode::Malformed, "no public Ed25519 key");
    }
    const Digest digest(EVP_MD_CTX_new());
    if (!digest || EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, key.get()) != 1) {
        return failed(ErrorCode::Internal, "verifying could not begin");
    }
    if (EVP_DigestVerify(digest.get(), bytesOf(signature), signature.size(), bytesOf(bytes), bytes.size()) != 1) {
        return failed(ErrorCode::Damaged, "it is not the signature of these bytes by this key");
    }
    return {};
}

} // namespace qd::base
