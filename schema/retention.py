"""Limits on how long telemetry is kept, for settings, intake and deletion."""

from datetime import timedelta

# Raw token events are deleted after this time even if their windows are not validated.
LONGEST_EVENT_RETENTION = timedelta(days=7)
# A cumulative series that is idle for longer is deleted, and an unknown series that began earlier adds no tokens.
SERIES_RETENTION = timedelta(days=90)
# An import of a request that telemetry reported earlier counts again; agents delete their transcripts sooner.
REQUEST_RETENTION = timedelta(days=90)
