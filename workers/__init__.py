"""Background work: turns what arrived into token windows, the ledger and what the forges know."""
