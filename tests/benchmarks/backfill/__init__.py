"""What a backfill costs of a forge's limits, measured against a forge that has the real ones."""
