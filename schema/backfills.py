"""How a backfill begins, whether a user, an installed App or a worker begins it."""

from datetime import timedelta

DEFAULT_SPAN = timedelta(days=365)

# The key of the step that lists the repositories; it is the hash of none.
LISTING = b"\0" * 32
