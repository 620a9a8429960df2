"""Defaults of backfills, whether a user, an App installation or a worker starts them."""

from datetime import timedelta

DEFAULT_SPAN = timedelta(days=365)

# Key of the step that lists the repositories; no repository hashes to it.
LISTING = b"\0" * 32
