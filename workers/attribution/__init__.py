"""The pure core of the ledger: which pull request earned which tokens. It reads no clock, database or network."""
