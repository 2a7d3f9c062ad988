-- Alerts, open and past, and the channels that tell of them. Written by the store, never changed by hand.
CREATE TABLE alerts(
    id INTEGER PRIMARY KEY,
    cause TEXT NOT NULL,
    rule TEXT NOT NULL,
    title TEXT NOT NULL,
    detail TEXT NOT NULL,
    -- What made the load when it opened.
    suspects TEXT NOT NULL,
    -- 0 at once, 1 once a day, 2 on screen only
    telling INTEGER NOT NULL,
    opened INTEGER NOT NULL,
    told INTEGER,
    told_by TEXT NOT NULL,
    acknowledged INTEGER,
    snoozed INTEGER,
    snoozed_until INTEGER,
    -- NULL: it is open.
    cleared INTEGER,
    end_told INTEGER NOT NULL
);
CREATE INDEX alerts_by_end ON alerts(cleared);
CREATE TABLE alert_channels(
    name TEXT PRIMARY KEY,
    -- The newest try of any kind, whether it succeeded, and why not.
    tried INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    detail TEXT NOT NULL,
    -- The newest test, by the operator or of the day, that arrived.
    proven INTEGER
);
-- What the service saw newest, as `quarterdeck health --json` prints it; one row.
CREATE TABLE health_now(
    id INTEGER PRIMARY KEY CHECK(id=1),
    time INTEGER NOT NULL,
    json TEXT NOT NULL
);
-- The probes' values of the last 24 h, at most one a 30 s each.
CREATE TABLE health_history(
    time INTEGER NOT NULL,
    probe TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY(time, probe)
) WITHOUT ROWID;
