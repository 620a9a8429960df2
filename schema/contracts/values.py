"""Types of values that several contracts share, with their limits."""

from datetime import UTC, datetime
from typing import Annotated, TypeAlias

from msgspec import Meta

Instant: TypeAlias = Annotated[datetime, Meta(tz=True, description="RFC 3339 time with a UTC offset")]
Number: TypeAlias = Annotated[int, Meta(ge=1, le=2**53)]
ForgeId: TypeAlias = Annotated[int, Meta(ge=1, le=2**53, description="The forge's numeric id of the repository")]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=1000)]
# Text on one line: PostgreSQL refuses NUL, and lists show no line breaks.
Title: TypeAlias = Annotated[
    str, Meta(pattern=r"^[^\x00-\x1F\x7F]*[^\s\x00-\x1F\x7F][^\x00-\x1F\x7F]*$", max_length=200)
]
# A handle without a slash could be a person's.
TeamHandle: TypeAlias = Annotated[
    str, Meta(pattern=r"^@[^\s@/\x00]+(?:/[^\s@/\x00]+)+$", max_length=300, description="Team handle, as @org/team")
]
Revision: TypeAlias = Annotated[str, Meta(pattern=r"^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$", description="Full SHA")]

# Between these, any UTC offset stays inside Python's calendar.
EARLIEST = datetime(1, 1, 3, tzinfo=UTC)
LATEST = datetime(9999, 12, 29, tzinfo=UTC)


def check_calendar(*instants: datetime | None) -> None:
    """Raise ValueError for a time that cannot be converted to UTC."""
    for instant in instants:
        if instant is not None and not EARLIEST <= instant <= LATEST:
            raise ValueError(f"has a time that is not between {EARLIEST.date()} and {LATEST.date()}")
