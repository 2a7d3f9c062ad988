-- Models: their versions with bytes and stages, runs of retraining, shadow predictions by day, drift, and which made a trade
CREATE TABLE models(
    id INTEGER PRIMARY KEY,
    model TEXT NOT NULL, -- "gbt_5m", "direction_predictor@BTC-USDT"
    number INTEGER NOT NULL,
    stage TEXT NOT NULL,
    stage_since INTEGER NOT NULL,
    trained INTEGER NOT NULL,
    knows INTEGER NOT NULL, -- the last moment that its training looked at
    -- AUC or R², out of sample, with its interval and n. NULL: undefined.
    quality REAL,
    quality_low REAL,
    quality_high REAL,
    quality_rows INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    flags TEXT NOT NULL,      -- detectors that failed, by '|'
    signable TEXT NOT NULL,   -- of them: those that a signature can lift
    signed_off TEXT NOT NULL, -- of those
    spans_regimes INTEGER NOT NULL,
    bytes_hash TEXT NOT NULL,
    feature_set TEXT NOT NULL,
    rows INTEGER NOT NULL,
    why TEXT NOT NULL,
    regime_shares TEXT NOT NULL, -- of its rows, by fifth of the reference's volatility, by '|'; '': unknown
    packed BLOB NOT NULL,        -- learning::packed(); kept when it retires
    UNIQUE(model, number)
);
CREATE INDEX models_by_hash ON models(bytes_hash);

-- NULL ended: it runs, or the program ended before it did.
CREATE TABLE retrain_runs(
    id INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    trigger TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER,
    outcome TEXT NOT NULL DEFAULT '',
    version TEXT NOT NULL DEFAULT '',
    why TEXT NOT NULL DEFAULT ''
);
CREATE INDEX retrain_runs_by_model ON retrain_runs(model, started);

-- What a version predicted in shadow against what came, by UTC day; losses are sums over the rows.
CREATE TABLE model_days(
    version TEXT NOT NULL, -- "gbt_5m 12"
    day INTEGER NOT NULL,  -- its first ms
    rows INTEGER NOT NULL,
    loss REAL NOT NULL,
    champion TEXT NOT NULL, -- '': there was none
    champion_loss REAL,     -- on the same rows
    PRIMARY KEY(version, day)
) WITHOUT ROWID;

CREATE TABLE model_drift(
    version TEXT NOT NULL,
    time INTEGER NOT NULL,
    feature TEXT NOT NULL,
    psi REAL,
    ks REAL,
    level TEXT NOT NULL,
    PRIMARY KEY(version, time, feature)
) WITHOUT ROWID;

-- Which version made an entry, and the row that it saw: 4-byte floats, little end first.
CREATE TABLE trade_models(
    instrument INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    decision INTEGER NOT NULL, -- stream number
    version TEXT NOT NULL,
    hash TEXT NOT NULL,
    prediction REAL NOT NULL,
    threshold REAL NOT NULL,
    row BLOB NOT NULL,
    PRIMARY KEY(instrument, strategy, decision)
) WITHOUT ROWID;
CREATE INDEX trade_models_by_version ON trade_models(version);
