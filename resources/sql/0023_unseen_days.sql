-- Archive days unseen when parameters were chosen: what replaying them gave, and that they were looked for, if in vain
CREATE TABLE unseen_looks(
    parameter_hash TEXT PRIMARY KEY,
    time INTEGER NOT NULL -- of the review that it followed
) WITHOUT ROWID;

CREATE TABLE unseen_days(
    parameter_hash TEXT NOT NULL,
    day INTEGER NOT NULL, -- UTC, since 1970-01-01
    value REAL NOT NULL, -- net over the strategy's capital
    PRIMARY KEY(parameter_hash, day)
) WITHOUT ROWID;
