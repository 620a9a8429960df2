"""Cost of a backfill in a forge's rate limits, measured against a fake forge with the real limits."""
