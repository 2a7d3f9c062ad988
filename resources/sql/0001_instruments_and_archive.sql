-- Instruments, and the archive of ticks, quotes and candles as blocks of compressed columns
CREATE TABLE instruments(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    tick_step TEXT NOT NULL,
    lot_step TEXT NOT NULL,
    contract_value TEXT NOT NULL,
    min_size INTEGER NOT NULL
);

-- The key is the trade id of a tick, the stream number of a quote, the start of a candle. Everything but the scales and the
-- data is in one covering index, so that finding the blocks of a range and summing them up never reads a block.
CREATE TABLE tick_blocks(
    id INTEGER PRIMARY KEY,
    instrument INTEGER NOT NULL,
    first_key INTEGER NOT NULL,
    last_key INTEGER NOT NULL,
    min_time INTEGER NOT NULL,
    max_time INTEGER NOT NULL,
    first_number INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    tick_step TEXT NOT NULL,
    lot_step TEXT NOT NULL,
    data BLOB NOT NULL,
    UNIQUE(instrument, first_key)
);
CREATE INDEX tick_blocks_heads ON tick_blocks(instrument, first_key, last_key, min_time, max_time, first_number, last_number, count, bytes);

CREATE TABLE tick_tails(
    id INTEGER PRIMARY KEY,
    instrument INTEGER NOT NULL,
    first_key INTEGER NOT NULL,
    last_key INTEGER NOT NULL,
    min_time INTEGER NOT NULL,
    max_time INTEGER NOT NULL,
    first_number INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    tick_step TEXT NOT NULL,
    lot_step TEXT NOT NULL,
    data BLOB NOT NULL,
    UNIQUE(instrument, first_key)
);

CREATE TABLE quote_blocks(
    id INTEGER PRIMARY KEY,
    instrument INTEGER NOT NULL,
    first_key INTEGER NOT NULL,
    last_key INTEGER NOT NULL,
    min_time INTEGER NOT NULL,
    max_time INTEGER NOT NULL,
    first_number INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    tick_step TEXT NOT NULL,
    lot_step TEXT NOT NULL,
    data BLOB NOT NULL,
    UNIQUE(instrument, first_key)
);
CREATE INDEX quote_blocks_heads ON quote_blocks(instrument, first_key, last_key, min_time, max_time, first_number, last_number, count, bytes);

CREATE TABLE quote_tails(
    id INTEGER PRIMARY KEY,
    instrument INTEGER NOT NULL,
    first_key INTEGER NOT NULL,
    last_key INTEGER NOT NULL,
    min_time INTEGER NOT NULL,
    max_time INTEGER NOT NULL,
    first_number INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    tick_step TEXT NOT NULL,
    lot_step TEXT NOT NULL,
    data BLOB NOT NULL,
    UNIQUE(instrument, first_key)
);

CREATE TABLE candle_series(
    id INTEGER PRIMARY KEY,
    instrument INTEGER NOT NULL,
    timeframe TEXT NOT NULL,
    UNIQUE(instrument, timeframe)
);

CREATE TABLE candle_blocks(
    id INTEGER PRIMARY KEY,
    series INTEGER NOT NULL,
    first_key INTEGER NOT NULL,
    last_key INTEGER NOT NULL,
    min_time INTEGER NOT NULL,
    max_time INTEGER NOT NULL,
    first_number INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    tick_step TEXT NOT NULL,
    lot_step TEXT NOT NULL,
    data BLOB NOT NULL,
    UNIQUE(series, first_key)
);
CREATE INDEX candle_blocks_heads ON candle_blocks(series, first_key, last_key, min_time, max_time, first_number, last_number, count, bytes);

CREATE TABLE candle_tails(
    id INTEGER PRIMARY KEY,
    series INTEGER NOT NULL,
    first_key INTEGER NOT NULL,
    last_key INTEGER NOT NULL,
    min_time INTEGER NOT NULL,
    max_time INTEGER NOT NULL,
    first_number INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    tick_step TEXT NOT NULL,
    lot_step TEXT NOT NULL,
    data BLOB NOT NULL,
    UNIQUE(series, first_key)
);
