-- Nightly reviews, their proposals and what became of them, what was signed off, and nights of sensitivity
CREATE TABLE reviews(
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL, -- newest exchange time that it knew
    held_at INTEGER NOT NULL,
    is_nightly INTEGER NOT NULL,
    abstains INTEGER NOT NULL,
    gap_share REAL NOT NULL,
    held BLOB NOT NULL
);

CREATE TABLE proposals(
    id INTEGER PRIMARY KEY,
    review INTEGER NOT NULL,
    rule TEXT NOT NULL,
    strategy TEXT NOT NULL,
    instrument INTEGER,
    parameter_hash TEXT NOT NULL,
    body BLOB NOT NULL,
    state TEXT NOT NULL DEFAULT 'open',
    note TEXT NOT NULL DEFAULT '',
    -- Of the journal, where it was applied or dismissed.
    decision INTEGER
);
CREATE INDEX proposals_by_review ON proposals(review);
CREATE INDEX proposals_by_decision ON proposals(decision);

CREATE TABLE sign_offs(
    parameter_hash TEXT NOT NULL,
    test TEXT NOT NULL,
    time INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY(parameter_hash, test)
) WITHOUT ROWID;

CREATE TABLE sensitivity_nights(
    id INTEGER PRIMARY KEY,
    strategy TEXT NOT NULL,
    parameter_hash TEXT NOT NULL,
    time INTEGER NOT NULL,
    from_time INTEGER NOT NULL,
    runs BLOB NOT NULL -- the unchanged one first
);
CREATE INDEX sensitivity_nights_by_hash ON sensitivity_nights(strategy, parameter_hash, time);
