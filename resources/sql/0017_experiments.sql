-- Experiments: what was fixed before their first observation, their verdict, their course, and how often arms were asked
CREATE TABLE experiments(
    id INTEGER PRIMARY KEY, -- also in the names of its arms: breakout~4b
    created INTEGER NOT NULL,
    subject TEXT NOT NULL,
    design TEXT NOT NULL,
    comparison TEXT NOT NULL,
    a TEXT NOT NULL,
    b TEXT NOT NULL,
    a_parameters TEXT NOT NULL,
    b_parameters TEXT NOT NULL,
    begins INTEGER NOT NULL,
    block_days INTEGER NOT NULL,
    -- Gates, inference and costs as they were: "ab.alpha=…|paper.notional=…".
    policy TEXT NOT NULL,
    reason TEXT NOT NULL,
    extended_days INTEGER NOT NULL DEFAULT 0,
    -- The verdict that later data may not take back.
    latch TEXT,
    latched_at INTEGER,
    -- NULL: it runs.
    ended INTEGER,
    outcome TEXT NOT NULL DEFAULT '',
    why TEXT NOT NULL DEFAULT ''
);

-- A − B with its interval, a block or a trade, as it stood after each night.
CREATE TABLE experiment_course(
    experiment INTEGER NOT NULL,
    time INTEGER NOT NULL,
    mean REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    PRIMARY KEY(experiment, time)
) WITHOUT ROWID;

-- Decision bars of a UTC day at which an arm's rule was asked: the sample-ratio test of a split.
CREATE TABLE arm_asked(
    arm TEXT NOT NULL,
    instrument INTEGER NOT NULL,
    day INTEGER NOT NULL,
    bars INTEGER NOT NULL,
    PRIMARY KEY(arm, instrument, day)
) WITHOUT ROWID;
