-- Blocks that could not be read, set aside with what is left of their bytes; one recorded input a kind, strategy and stream number
CREATE TABLE damaged_blocks(
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    is_tail INTEGER NOT NULL,
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
    why TEXT NOT NULL,
    set_aside_at INTEGER NOT NULL
);
CREATE INDEX damaged_blocks_by_series ON damaged_blocks(kind, series, first_key);

-- Between two switches at the same number there is no item: only the last one was ever in force.
DELETE FROM switch_inputs WHERE id NOT IN (SELECT max(id) FROM switch_inputs GROUP BY instrument, number, kind, strategy);
DROP INDEX switch_inputs_by_number;
CREATE UNIQUE INDEX switch_inputs_by_number ON switch_inputs(instrument, number, kind, strategy);
