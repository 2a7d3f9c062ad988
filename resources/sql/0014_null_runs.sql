-- The noise null of each strategy: the newest row of one is shown
CREATE TABLE null_runs(
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    parameter_hash TEXT NOT NULL,
    way TEXT NOT NULL,
    from_time INTEGER NOT NULL,
    to_time INTEGER NOT NULL,
    instruments INTEGER NOT NULL,
    seeds INTEGER NOT NULL,
    trades INTEGER NOT NULL,
    -- Expectancies are shares of the notional. NULL: it did not trade.
    real REAL,
    runs INTEGER NOT NULL,
    median REAL NOT NULL,
    p95 REAL NOT NULL,
    share REAL NOT NULL,
    -- 4-byte floats, little end first, in growing order: one a run that traded.
    expectancies BLOB NOT NULL
);
CREATE INDEX null_runs_by_strategy ON null_runs(strategy, id);
