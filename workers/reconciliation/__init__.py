"""Reconciles provider charges with telemetry, and prices the ledger accordingly. Pure, exact, in nano-USD."""
