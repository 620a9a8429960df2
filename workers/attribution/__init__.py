"""The pure core of the ledger: attributes tokens to pull requests. It reads no clock, database or network."""
