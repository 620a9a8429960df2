"""How far a look at all repositories came, and what it looks at: pure."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

# GitLab tells of a project's activity once an hour, and clocks differ.
ACTIVITY_LAG = timedelta(hours=1)

# In which night's hours, UTC, lists are compared; each connection has a time of its own within them.
NIGHT_BEGINS = timedelta(hours=1)
NIGHT = timedelta(hours=3)


class Progress(msgspec.Struct, frozen=True):
    """Everything before `read_to` was looked at; since `begun_at` a look is under way, and goes on at `page`."""

    read_to: datetime | None = None
    begun_at: datetime | None = None
    page: str | None = None


def read_progress(cursor: str | None) -> Progress:
    """As it was written."""
    return msgspec.json.decode(cursor, type=Progress) if cursor else Progress()


def write_progress(progress: Progress) -> str:
    """To be read again."""
    return msgspec.json.encode(progress).decode()


def may_have_news(changed_at: datetime | None, read_to: datetime | None) -> bool:
    """Whether a repository that last changed at an instant may tell something since it was looked at."""
    return changed_at is None or read_to is None or changed_at >= read_to - ACTIVITY_LAG


def until_night(now: datetime, subject_id: UUID) -> timedelta:
    """How long until the next night's time of a connection."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + NIGHT_BEGINS + NIGHT * (subject_id.int % 1000 / 1000)
    return (at if at > now else at + timedelta(days=1)) - now
