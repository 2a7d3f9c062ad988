#include "exchange/csv_lines.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <zlib.h>

namespace qd::exchange {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t packedSize = 64 * 1024;
constexpr std::size_t textSize = 256 * 1024;
constexpr std::size_t longestLine = 4096;

} // namespace

void CsvLines::EndInflate::operator()(z_stream_s* stream) const
{
    (void)inflateEnd(stream);
    delete stream;
}

Result<CsvLines> CsvLines::open(const std::string& path, bool withHash, CsvWatch watch)
{
    CsvLines lines;
    lines.path_ = path;
    lines.watch_ = std::move(watch);
    lines.file_.reset(std::fopen(path.c_str(), "rb"));
    if (!lines.file_) {
        const auto code = errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Io;
        return fail(code, path, std::string("cannot be opened: ") + std::strerror(errno));
    }
    lines.packed_.resize(packedSize);
    lines.text_.resize(textSize + longestLine);
    if (std::fseek(lines.file_.get(), 0, SEEK_END) == 0) {
        lines.fileSize_ = std::ftell(lines.file_.get());
        std::rewind(lines.file_.get());
    }
    std::array<unsigned char, 2> magic{};
    const auto got = std::fread(magic.data(), 1, magic.size(), lines.file_.get());
    if (std::ferror(lines.file_.get()) != 0) {
        return fail(ErrorCode::Io, path, std::string("cannot be read: ") + std::strerror(errno));
    }
    std::rewind(lines.file_.get());
    if (got == magic.size() && magic[0] == 0x1f && magic[1] == 0x8b) {
        auto stream = std::make_unique<z_stream>();
        if (inflateInit2(stream.get(), 15 + 16) != Z_OK) {
            return fail(ErrorCode::Internal, path, "zlib does not start");
        }
        lines.inflate_.reset(stream.release());
    }
    if (withHash) {
        lines.hash_.emplace();
    }
    return lines;
}

Result<std::string_view> CsvLines::next()
{
    if (watch_.stop.stop_requested()) {
        return fail(ErrorCode::Cancelled, path_, "stopped while reading");
    }
    while (true) {
        std::memmove(text_.data(), text_.data() + carryFrom_, carrySize_);
        carryFrom_ = 0;
        if (atEnd_) {
            return std::string_view(text_.data(), std::exchange(carrySize_, 0));
        }
        const auto got = fill(text_.data() + carrySize_, textSize);
        if (!got) {
            return std::unexpected(got.error());
        }
        tellProgress();
        const std::string_view fresh(text_.data() + carrySize_, *got);
        bytes_ += static_cast<std::int64_t>(*got);
        if (hash_) {
            hash_->add(fresh);
        }
        atEnd_ = *got == 0;
        const auto end = fresh.rfind('\n');
        if (end == std::string_view::npos) {
            carrySize_ += *got;
            if (carrySize_ > longestLine) {
                return fail(ErrorCode::Malformed, path_, "a line is longer than 4096 bytes: this is not such a CSV");
            }
            continue;
        }
        const auto whole = carrySize_ + end + 1;
        carryFrom_ = whole;
        carrySize_ = carrySize_ + *got - whole;
        if (carrySize_ > longestLine) {
            return fail(ErrorCode::Malformed, path_, "a line is longer than 4096 bytes: this is not such a CSV");
        }
        return std::string_view(text_.data(), whole);
    }
}

Result<std::size_t> CsvLines::fill(char* to, std::size_t room)
{
    return inflate_ ? inflateTo(to, room) : readRaw(to, room);
}

Result<std::size_t> CsvLines::readRaw(char* to, std::size_t room)
{
    const auto got = std::fread(to, 1, room, file_.get());
    if (got < room && std::ferror(file_.get()) != 0) {
        return fail(ErrorCode::Io, path_, std::string("cannot be read: ") + std::strerror(errno));
    }
    fileRead_ += static_cast<std::int64_t>(got);
    return got;
}

Result<std::size_t> CsvLines::inflateTo(char* to, std::size_t room)
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

void CsvLines::tellProgress()
{
    const auto percent =
        fileSize_ > 0 ? static_cast<int>(std::min<std::int64_t>(100, fileRead_ * 100 / fileSize_)) : 100;
    if (watch_.progress && percent > toldPercent_) {
        toldPercent_ = percent;
        watch_.progress(percent / 100.0);
    }
}

} // namespace qd::exchange
