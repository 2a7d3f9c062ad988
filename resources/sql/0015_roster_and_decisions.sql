-- The roster, policy values that are words, and what each decision of the journal changed
-- Those that ever had another stage, record or parameters than they began with.
CREATE TABLE roster(
    strategy TEXT PRIMARY KEY,
    stage TEXT NOT NULL,
    stage_since INTEGER NOT NULL,
    parameter_hash TEXT NOT NULL,
    parameters TEXT NOT NULL,
    record_since INTEGER NOT NULL,
    passed_red INTEGER NOT NULL
) WITHOUT ROWID;

-- Switches that were ever thrown: of a strategy (instrument 0), or on one of its instruments.
CREATE TABLE roster_switches(
    strategy TEXT NOT NULL,
    instrument INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    since INTEGER NOT NULL,
    by TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY(strategy, instrument)
) WITHOUT ROWID;
INSERT INTO roster_switches SELECT strategy, 0, enabled, since, by, reason FROM switches;
DROP TABLE switches;

CREATE TABLE policy_texts(
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- governance/decision.h writes and reads the changes; rows of before this have none, and keep their text of undo.
ALTER TABLE journal ADD COLUMN changes TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN undoes INTEGER;
CREATE INDEX journal_by_undone ON journal(undoes) WHERE undoes IS NOT NULL;
