// A way for SQLite to write a file from its beginning to its end, and to read one so: pages that follow each other go
// to and come from the system 64 KB at a time. One by one, written ones cost it three times as much, as
// most file systems then keep the books of each page alone, and read ones twice. Only for a file that one connection
// writes without a journal or a log, or that several read, and that nobody else writes meanwhile: what is gathered is
// in the file when the connection has committed. Any thread, as SQLite itself.
#pragma once

namespace qd::storage {

/// Its name, for sqlite3_open_v2(); registered at the first call. Null if SQLite has no file system at all.
[[nodiscard]] const char* gatheredIo();

} // namespace qd::storage
