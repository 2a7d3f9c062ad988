-- The instruments that the operator picked, what else was chosen for this feed, and the UTC days of candles that were asked of REST whole
CREATE TABLE wanted_instruments(
    position INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE feed_choices(
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE candle_fills(
    instrument INTEGER NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY(instrument, day)
) WITHOUT ROWID;
