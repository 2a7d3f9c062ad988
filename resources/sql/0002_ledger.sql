-- The ledger: open positions, closed trades, signals that did not trade, equity
-- Prices in ticks and sizes in lots of the scales beside them, money in 1e-8 USDT, times in UTC ms.
CREATE TABLE positions(
    instrument INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    decided_number INTEGER NOT NULL,
    parameter_hash TEXT NOT NULL,
    side INTEGER NOT NULL,
    decided_time INTEGER NOT NULL,
    decided_half_ticks INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    target INTEGER NOT NULL,
    why TEXT NOT NULL,
    tick_step TEXT NOT NULL,
    lot_step TEXT NOT NULL,
    size INTEGER NOT NULL,
    entry_time INTEGER NOT NULL,
    entry_number INTEGER NOT NULL,
    entry_price INTEGER NOT NULL,
    entry_fee INTEGER NOT NULL,
    time_limit INTEGER NOT NULL,
    best INTEGER NOT NULL,
    worst INTEGER NOT NULL,
    has_gap INTEGER NOT NULL,
    in_shadow INTEGER NOT NULL,
    PRIMARY KEY(instrument, strategy, decided_number)
) WITHOUT ROWID;

CREATE TABLE trades(
    id INTEGER PRIMARY KEY,
    instrument INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    decided_number INTEGER NOT NULL,
    parameter_hash TEXT NOT NULL,
    side INTEGER NOT NULL,
    decided_time INTEGER NOT NULL,
    decided_half_ticks INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    target INTEGER NOT NULL,
    why TEXT NOT NULL,
    tick_step TEXT NOT NULL,
    lot_step TEXT NOT NULL,
    size INTEGER NOT NULL,
    entry_time INTEGER NOT NULL,
    entry_number INTEGER NOT NULL,
    entry_price INTEGER NOT NULL,
    entry_fee INTEGER NOT NULL,
    time_limit INTEGER NOT NULL,
    best INTEGER NOT NULL,
    worst INTEGER NOT NULL,
    has_gap INTEGER NOT NULL,
    in_shadow INTEGER NOT NULL,
    exit_time INTEGER NOT NULL,
    exit_number INTEGER NOT NULL,
    exit_price INTEGER NOT NULL,
    exit_fee INTEGER NOT NULL,
    reason TEXT NOT NULL,
    gross INTEGER NOT NULL,
    fees INTEGER NOT NULL,
    funding INTEGER NOT NULL,
    net INTEGER NOT NULL,
    UNIQUE(instrument, strategy, decided_number)
);
CREATE INDEX trades_by_exit ON trades(exit_time);

CREATE TABLE signals(
    id INTEGER PRIMARY KEY,
    instrument INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    decided_number INTEGER NOT NULL,
    parameter_hash TEXT NOT NULL,
    side INTEGER NOT NULL,
    decided_time INTEGER NOT NULL,
    decided_half_ticks INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    target INTEGER NOT NULL,
    why TEXT NOT NULL,
    tick_step TEXT NOT NULL,
    lot_step TEXT NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE(instrument, strategy, decided_number)
);
CREATE INDEX signals_by_decision ON signals(decided_time);

CREATE TABLE equity(
    time INTEGER PRIMARY KEY,
    equity INTEGER NOT NULL
);
