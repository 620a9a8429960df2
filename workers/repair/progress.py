"""Progress of a check over all repositories, and what it looks at. Pure."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

# GitLab updates a project's activity time once per hour, and clocks differ.
ACTIVITY_LAG = timedelta(hours=1)

# Lists are compared in these hours of the night (UTC), at a different time for each connection.
NIGHT_BEGINS = timedelta(hours=1)
NIGHT = timedelta(hours=3)


class Progress(msgspec.Struct, frozen=True):
    """Everything before `read_to` was checked; a check begun at `begun_at` continues at `page`."""

    read_to: datetime | None = None
    begun_at: datetime | None = None
    page: str | None = None


def read_progress(cursor: str | None) -> Progress:
    """Decode a cursor."""
    return msgspec.json.decode(cursor, type=Progress) if cursor else Progress()


def write_progress(progress: Progress) -> str:
    """Encode a cursor."""
    return msgspec.json.encode(progress).decode()


def may_have_news(changed_at: datetime | None, read_to: datetime | None) -> bool:
    """Return whether a repository that last changed at an instant may have news since the last check."""
    return changed_at is None or read_to is None or changed_at >= read_to - ACTIVITY_LAG


def until_night(now: datetime, subject_id: UUID) -> timedelta:
    """Return the time until a connection's next nightly check."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + NIGHT_BEGINS + NIGHT * (subject_id.int % 1000 / 1000)
    return (at if at > now else at + timedelta(days=1)) - now
