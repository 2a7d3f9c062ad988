-- Jobs, their runs and what these said
CREATE TABLE jobs(
    name TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    times TEXT NOT NULL,             -- "every 15 min", "daily 20:00", …; of an engine's own: words
    command TEXT NOT NULL DEFAULT '', -- for the shell; '': one of the console's own
    most INTEGER NOT NULL DEFAULT 0, -- ms that a run may take; 0: as long as it speaks
    is_paused INTEGER NOT NULL DEFAULT 0,
    anchor INTEGER NOT NULL,         -- its times until then are settled
    place INTEGER NOT NULL           -- in the list
) WITHOUT ROWID;

CREATE TABLE job_runs(
    id INTEGER PRIMARY KEY,
    job TEXT NOT NULL,
    trigger TEXT NOT NULL,
    state TEXT NOT NULL,
    staged INTEGER NOT NULL,
    begun INTEGER, -- NULL: it never did
    ended INTEGER, -- NULL: it waits or runs, or the program ended before it did
    beat INTEGER NOT NULL, -- the newest sign of life that was kept
    awake INTEGER NOT NULL DEFAULT 0, -- ms that it took, without those of sleep
    progress REAL, -- NULL: it tells none
    phase TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL DEFAULT ''
);
CREATE INDEX job_runs_by_job ON job_runs(job, id);
CREATE INDEX job_runs_open ON job_runs(ended) WHERE ended IS NULL;
CREATE INDEX job_runs_by_time ON job_runs(staged);

CREATE TABLE job_log(
    run INTEGER NOT NULL,
    line INTEGER NOT NULL,
    time INTEGER NOT NULL,
    is_error INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY(run, line)
) WITHOUT ROWID;
