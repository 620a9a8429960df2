"""Rows about connections to forges: deliveries, backfills, enrichments, hooks, repairs, summaries."""
