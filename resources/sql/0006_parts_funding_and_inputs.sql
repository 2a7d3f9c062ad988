-- Targets that fill in parts, funding charged so far, trades of a replay on candles; pauses and archiving among the recorded inputs
ALTER TABLE positions ADD COLUMN parts_size INTEGER NOT NULL DEFAULT 0;
ALTER TABLE positions ADD COLUMN parts_worth INTEGER NOT NULL DEFAULT 0;
ALTER TABLE positions ADD COLUMN parts_fees INTEGER NOT NULL DEFAULT 0;
ALTER TABLE positions ADD COLUMN funding_so_far INTEGER NOT NULL DEFAULT 0;
ALTER TABLE positions ADD COLUMN on_candles INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trades ADD COLUMN parts_size INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trades ADD COLUMN parts_worth INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trades ADD COLUMN parts_fees INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trades ADD COLUMN funding_so_far INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trades ADD COLUMN on_candles INTEGER NOT NULL DEFAULT 0;
-- strategy, trading, close-all: trading/recorded_input.h
ALTER TABLE switch_inputs ADD COLUMN kind TEXT NOT NULL DEFAULT 'strategy';
