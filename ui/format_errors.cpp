// format::sentence: the one place where an error's code becomes what the operator reads.
#include "ui/format.h"

#include <QCoreApplication>

namespace qd::ui::format {

namespace {

QString tr(const char* source)
{
    return QCoreApplication::translate("errors", source);
}

/// %1 is the subject.
QString pattern(base::ErrorCode code)
{
    switch (code) {
    case base::ErrorCode::Malformed:
        return tr("%1 is not what it claims to be and was refused. Check where it comes from.");
    case base::ErrorCode::NotOnScale:
        return tr("%1: a number does not fit the instrument's tick or lot size. Nothing was rounded and nothing kept.");
    case base::ErrorCode::Overflow:
        return tr("%1: a number is too large to be kept exactly. Nothing was changed.");
    case base::ErrorCode::NotFound:
        return tr("%1 was not found. It may have been removed; nothing was changed.");
    case base::ErrorCode::AlreadyExists:
        return tr("%1 is already there. Nothing was changed.");
    case base::ErrorCode::Conflict:
        return tr("%1 has changed meanwhile, or another source covers it. Look at it again, then repeat.");
    case base::ErrorCode::OutOfRange:
        return tr("%1 is outside of its permitted range. Nothing was changed.");
    case base::ErrorCode::Unsupported:
        return tr("%1 cannot be done by this version.");
    case base::ErrorCode::Cancelled:
        return tr("%1 was cancelled. Nothing was changed.");
    case base::ErrorCode::Timeout:
        return tr("%1 did not answer in time. It is tried again by itself; if it stays so, look at Health.");
    case base::ErrorCode::Network:
        return tr("%1 cannot be reached. No new prices come in meanwhile; the connection is tried again by itself.");
    case base::ErrorCode::Refused:
        return tr("%1 refused the request. See the details; repeating it unchanged will not help.");
    case base::ErrorCode::DiskFull:
        return tr("The disk is full (%1). Trading is paused; free some space and it goes on by itself.");
    case base::ErrorCode::ReadOnly:
        return tr("%1 may not be written. Trading is paused; give the program the right to write there.");
    case base::ErrorCode::Busy:
        return tr("%1 is in use by another process. Close that one, or wait for it, then repeat.");
    case base::ErrorCode::Damaged:
        return tr("%1 is damaged and was left as it is. Restore it from a backup.");
    case base::ErrorCode::NewerDatabase:
        return tr("%1 was written by a newer Quarterdeck. Nothing was touched; use that version.");
    case base::ErrorCode::Io:
        return tr("%1 could not be read or written. Check the disk and its rights, then repeat.");
    case base::ErrorCode::Internal:
        return tr(
            "%1: the program broke a promise of its own. Trading goes on where it can; please report the details.");
    }
    return tr("%1 failed.");
}

} // namespace

QString sentence(const base::Error& error)
{
    QString subject = text(error.subject);
    if (subject.isEmpty()) {
        subject = tr("The request");
    }
    QString line = pattern(error.code).arg(subject);
    line[0] = line[0].toUpper();
    return line;
}

} // namespace qd::ui::format
