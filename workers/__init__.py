"""Background jobs: fold token events into windows, settle the ledger, and fetch facts from forges."""
