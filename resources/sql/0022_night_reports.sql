-- Night reports: one row a local day, its figures as JSON
CREATE TABLE night_reports(
    date TEXT PRIMARY KEY, -- local, "2025-06-22"
    began INTEGER NOT NULL,
    ended INTEGER NOT NULL, -- when it was made
    headline TEXT NOT NULL,
    figures TEXT NOT NULL
) WITHOUT ROWID;
