"""What providers charge against what telemetry saw, and what the ledger costs by it: pure, exact, in nano-USD."""
