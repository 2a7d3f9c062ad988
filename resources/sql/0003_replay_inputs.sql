-- What a restart and a replay need besides ticks: saved state, switches, gaps, imported sources
CREATE TABLE pipeline_states(
    instrument INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    state BLOB NOT NULL
);

CREATE TABLE switches(
    strategy TEXT PRIMARY KEY,
    enabled INTEGER NOT NULL,
    since INTEGER NOT NULL,
    by TEXT NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE switch_inputs(
    id INTEGER PRIMARY KEY,
    instrument INTEGER NOT NULL,
    number INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    enabled INTEGER NOT NULL
);
CREATE INDEX switch_inputs_by_number ON switch_inputs(instrument, number);

CREATE TABLE gaps(
    instrument INTEGER NOT NULL,
    number INTEGER NOT NULL,
    from_time INTEGER NOT NULL,
    to_time INTEGER NOT NULL,
    cause TEXT NOT NULL,
    PRIMARY KEY(instrument, number)
) WITHOUT ROWID;

CREATE TABLE import_sources(
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    kind TEXT NOT NULL,
    instrument INTEGER NOT NULL,
    first_time INTEGER NOT NULL,
    last_time INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    imported_at INTEGER NOT NULL,
    UNIQUE(instrument, kind, hash)
);
