-- The capital that the roster worked with at each point of its equity: gains are shares of that, and outlive a switch
ALTER TABLE equity ADD COLUMN capital INTEGER NOT NULL DEFAULT 1000000000000;
-- So far equity was 10,000 USDT and the gain. The capital is 1,000 USDT for each row that traded, at least 10,000.
UPDATE equity SET
    capital = max(capital, 100000000000 * (SELECT count(*) FROM (SELECT DISTINCT strategy, instrument FROM trades)));
UPDATE equity SET equity = equity - 1000000000000 + capital;
