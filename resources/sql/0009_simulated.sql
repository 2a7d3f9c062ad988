-- The simulated history that a database was given: what it is made of, so that one that was cut short is completed, and never made twice
CREATE TABLE simulated(
    id INTEGER PRIMARY KEY CHECK(id = 1),
    seed INTEGER NOT NULL,
    instruments TEXT NOT NULL,
    candles_from INTEGER NOT NULL,
    ticks_from INTEGER NOT NULL,
    until INTEGER NOT NULL,
    ticks INTEGER NOT NULL,
    trades INTEGER NOT NULL,
    is_complete INTEGER NOT NULL
);
