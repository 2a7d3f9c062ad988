#include "base/error.h"

#include <array>
#include <utility>

namespace qd::base {

namespace {

struct Words {
    ErrorCode code;
    std::string_view name;
    std::string_view what;
    std::string_view todo;
};

constexpr std::array words{
    Words{ErrorCode::Malformed, "malformed", "it is not as it should be", "Correct it, then try again."},
    Words{ErrorCode::NotOnScale, "not-on-scale", "a number does not fit the instrument's tick or lot size",
          "Load the instrument's present sizes, then try again."},
    Words{ErrorCode::Overflow, "overflow", "a number is too large", "Check the units of the input."},
    Words{ErrorCode::NotFound, "not-found", "it does not exist", "Check the name."},
    Words{ErrorCode::AlreadyExists, "already-exists", "it exists already", "Choose another name."},
    Words{ErrorCode::Conflict, "conflict", "it cannot be done as things stand", "Nothing was changed."},
    Words{ErrorCode::OutOfRange, "out-of-range", "the value is outside its range", "Give a value inside the range."},
    Words{ErrorCode::Unsupported, "unsupported", "this is not supported", "See the help for what is."},
    Words{ErrorCode::Cancelled, "cancelled", "it was cancelled",
          "Nothing of it was kept; start it again when you like."},
    Words{ErrorCode::Timeout, "timeout", "there was no answer in time",
          "Check the connection; it is tried again by itself."},
    Words{ErrorCode::Network, "network", "the connection failed",
          "Check address and network; it is tried again by itself."},
    Words{ErrorCode::Refused, "refused", "the other side refused", "See the detail."},
    Words{ErrorCode::DiskFull, "disk-full", "the disk is full", "Free some space; nothing acknowledged was lost."},
    Words{ErrorCode::ReadOnly, "read-only", "it cannot be written", "Check the permissions of file and folder."},
    Words{ErrorCode::Busy, "busy", "another program is using it", "Close the other instance, or wait for it."},
    Words{ErrorCode::Damaged, "damaged", "it is damaged",
          "'quarterdeck verify' says what is damaged and how to mend it."},
    Words{ErrorCode::NewerDatabase, "newer-database", "it was written by a newer version",
          "Start the newer version; this one changed nothing."},
    Words{ErrorCode::Io, "io", "the system reported a fault", "See the detail."},
    Words{ErrorCode::Internal, "internal", "the program broke a promise of its own", "Please report it with the log."},
};

const Words& wordsOf(ErrorCode code)
{
    for (const auto& entry : words) {
        if (entry.code == code) {
            return entry;
        }
    }
    return words.back();
}

} // namespace

std::string_view name(ErrorCode code)
{
    return wordsOf(code).name;
}

std::string sentence(const Error& error)
{
    const auto& entry = wordsOf(error.code);
    std::string line = error.subject.empty() ? std::string("quarterdeck") : error.subject;
    line.append(": ").append(entry.what);
    if (!error.detail.empty()) {
        line.append(" (").append(error.detail).append(")");
    }
    return line.append(". ").append(entry.todo);
}

} // namespace qd::base
