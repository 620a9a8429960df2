"""For how long what was told by metrics is remembered, which those who count and those who forget must agree on."""

from datetime import timedelta

# A cumulative series that is idle for longer is forgotten, and one that began before is never counted from its start.
SERIES = timedelta(days=90)
