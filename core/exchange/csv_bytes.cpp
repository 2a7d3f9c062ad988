#include "exchange/csv_bytes.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <zlib.h>

namespace qd::exchange {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t packedSize = 64 * 1024;

} // namespace

void CsvBytes::EndInflate::operator()(z_stream_s* stream) const
{
    (void)inflateEnd(stream);
    delete stream;
}

Result<CsvBytes> CsvBytes::open(const std::string& path)
{
    CsvBytes bytes;
    bytes.path_ = path;
    bytes.file_.reset(std::fopen(path.c_str(), "rb"));
    if (!bytes.file_) {
        const auto code = errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Io;
        return fail(code, path, std::string("cannot be opened: ") + std::strerror(errno));
    }
    bytes.packed_.resize(packedSize);
    if (std::fseek(bytes.file_.get(), 0, SEEK_END) == 0) {
        bytes.fileSize_ = std::ftell(bytes.file_.get());
        std::rewind(bytes.file_.get());
    }
    std::array<unsigned char, 2> magic{};
    const auto got = std::fread(magic.data(), 1, magic.size(), bytes.file_.get());
    if (std::ferror(bytes.file_.get()) != 0) {
        return fail(ErrorCode::Io, path, std::string("cannot be read: ") + std::strerror(errno));
    }
    std::rewind(bytes.file_.get());
    if (got == magic.size() && magic[0] == 0x1f && magic[1] == 0x8b) {
        auto stream = std::make_unique<z_stream>();
        if (inflateInit2(stream.get(), 15 + 16) != Z_OK) {
            return fail(ErrorCode::Internal, path, "zlib does not start");
        }
        bytes.inflate_.reset(stream.release());
    }
    return bytes;
}

Result<std::size_t> CsvBytes::fill(char* to, std::size_t room)
{
    return inflate_ ? inflateTo(to, room) : readRaw(to, room);
}

Result<std::size_t> CsvBytes::readRaw(char* to, std::size_t room)
{
    const auto got = std::fread(to, 1, room, file_.get());
    if (got < room && std::ferror(file_.get()) != 0) {
        return fail(ErrorCode::Io, path_, std::string("cannot be read: ") + std::strerror(errno));
    }
    fileRead_ += static_cast<std::int64_t>(got);
    return got;
}

Result<std::size_t> CsvBytes::inflateTo(char* to, std::size_t room)
{
    auto& stream = *inflate_;
    stream.next_out = reinterpret_cast<Bytef*>(to);
    stream.avail_out = static_cast<uInt>(room);
    while (stream.avail_out > 0) {
        if (stream.avail_in == 0) {
            const auto got = readRaw(packed_.data(), packed_.size());
            if (!got) {
                return std::unexpected(got.error());
            }
            if (*got == 0) {
                if (!memberEnded_) {
                    return fail(ErrorCode::Damaged, path_, "the gzip stream is cut short");
                }
                break;
            }
            stream.next_in = reinterpret_cast<Bytef*>(packed_.data());
            stream.avail_in = static_cast<uInt>(*got);
        }
        if (memberEnded_) {
            (void)inflateReset(&stream);
            memberEnded_ = false;
        }
        const int status = ::inflate(&stream, Z_NO_FLUSH);
        memberEnded_ = status == Z_STREAM_END;
        if (status != Z_OK && status != Z_STREAM_END) {
            return fail(ErrorCode::Damaged, path_,
                        std::string("the gzip stream is broken: ") + (stream.msg != nullptr ? stream.msg : "unknown"));
        }
    }
    return room - stream.avail_out;
}

} // namespace qd::exchange
