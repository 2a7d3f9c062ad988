-- Funding rates as recorded: items of an instrument's stream. The rate is rate_mantissa × 10^rate_exponent.
CREATE TABLE funding_rates(
    instrument INTEGER NOT NULL,
    number INTEGER NOT NULL,
    settlement INTEGER NOT NULL,
    rate_mantissa INTEGER NOT NULL,
    rate_exponent INTEGER NOT NULL,
    PRIMARY KEY(instrument, number)
) WITHOUT ROWID;
