-- Policy values that differ from their defaults, and the journal of decisions
CREATE TABLE policy(
    name TEXT PRIMARY KEY,
    value REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE journal(
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    by TEXT NOT NULL,
    what TEXT NOT NULL,
    why TEXT NOT NULL,
    evidence TEXT NOT NULL,
    undo TEXT NOT NULL
);
CREATE INDEX journal_by_time ON journal(time);
