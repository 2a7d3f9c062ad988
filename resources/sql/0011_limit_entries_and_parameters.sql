-- Entries by limit order, and parameters among the recorded inputs
ALTER TABLE positions ADD COLUMN limit_price INTEGER;
ALTER TABLE trades ADD COLUMN limit_price INTEGER;
ALTER TABLE signals ADD COLUMN limit_price INTEGER;
-- Two sets at one number both count: a changed length makes the strategy warm up anew.
ALTER TABLE switch_inputs ADD COLUMN parameters TEXT NOT NULL DEFAULT '';
DROP INDEX switch_inputs_by_number;
CREATE UNIQUE INDEX switch_inputs_by_number ON switch_inputs(instrument, number, kind, strategy, parameters);
