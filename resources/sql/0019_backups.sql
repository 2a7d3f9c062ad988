-- Backups that were made, proven, rotated away, or came to nothing; and in a backup what it is one of
CREATE TABLE backups(
    id INTEGER PRIMARY KEY,
    began INTEGER NOT NULL,
    took_ms INTEGER NOT NULL,
    by TEXT NOT NULL,
    file TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    -- What was restored and compared, in words. '': it is not proven, and error says why.
    proof TEXT NOT NULL,
    error TEXT NOT NULL,
    removed INTEGER
);

-- One row in a backup, none in a database that is in use: what it is a backup of, and the hash of all other tables.
CREATE TABLE backup_origin(
    id INTEGER PRIMARY KEY CHECK(id = 1),
    database TEXT NOT NULL,
    made INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    hash TEXT NOT NULL
);
