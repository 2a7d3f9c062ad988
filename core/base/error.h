// Errors are values with two faces: what happened (detail, for the log) and, by code and subject, what to do
// (ui/format and app/messages turn these into the operator's sentence). Any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace qd::base {

enum class ErrorCode : std::uint8_t {
    Malformed,  // text or bytes that are not what they claim to be
    NotOnScale, // a number that the instrument's tick or lot size cannot express exactly
    Overflow,   // a number outside the range of its type
    NotFound,
    AlreadyExists,
    Conflict, // the request does not fit what is there (another source, another state)
    OutOfRange,
    Unsupported,
    Cancelled,
    Timeout,
    Network, // the other end could not be reached or broke off
    Refused, // the other end answered with an error
    DiskFull,
    ReadOnly,
    Busy,          // another process owns it
    Damaged,       // checksum or structure is wrong
    NewerDatabase, // written by a newer program; nothing was touched
    Io,            // any other failure of file or system
    Internal,      // a broken promise of our own
};

[[nodiscard]] std::string_view name(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string subject; // what it happened to: an instrument, a file, an address
    std::string detail;  // for the log: what exactly was seen

    friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string subject, std::string detail)
{
    return std::unexpected(Error{code, std::move(subject), std::move(detail)});
}

/// One line: what, why, and what to do next. The command line prints it as it stands.
[[nodiscard]] std::string sentence(const Error& error);

} // namespace qd::base
