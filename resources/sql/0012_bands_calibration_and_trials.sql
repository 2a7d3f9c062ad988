-- What the exit was decided at, results under the other rules of execution, learned costs, and what was tried
ALTER TABLE trades ADD COLUMN exit_half_ticks INTEGER;
ALTER TABLE trades ADD COLUMN optimistic INTEGER;
ALTER TABLE trades ADD COLUMN pessimistic INTEGER;
CREATE INDEX trades_by_row ON trades(strategy, instrument, exit_time);
CREATE INDEX signals_by_row ON signals(strategy, instrument, decided_time);
-- The newest of an instrument and side is in force. Basis points of the decision price; positive is a cost.
CREATE TABLE calibrations(
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    instrument INTEGER NOT NULL,
    side INTEGER NOT NULL,
    fills INTEGER NOT NULL,
    unusable INTEGER NOT NULL,
    status TEXT NOT NULL,
    mean_bps REAL,
    low_bps REAL,
    high_bps REAL,
    median_bps REAL,
    p95_bps REAL,
    prior_bps REAL NOT NULL,
    applied_bps REAL NOT NULL,
    stress_bps REAL NOT NULL
);
CREATE INDEX calibrations_by_row ON calibrations(instrument, side, id);
-- Every parameter set that could have been chosen; rows are only ever added.
CREATE TABLE trials(
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    parameter_hash TEXT NOT NULL,
    parameters TEXT NOT NULL,
    origin TEXT NOT NULL,
    tries INTEGER NOT NULL,
    from_time INTEGER,
    to_time INTEGER
);
CREATE INDEX trials_by_strategy ON trials(strategy, id);
