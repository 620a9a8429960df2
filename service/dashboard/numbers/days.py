"""Days and instants as people read them. Pure; days are UTC."""

from datetime import date, datetime

EN_DASH = "\N{EN DASH}"


def day_text(day: date) -> str:
    """Return a day: `7 Sep`."""
    return f"{day.day} {day:%b}"


def full_day_text(day: date) -> str:
    """Return a day with its year: `7 Sep 2026`."""
    return f"{day_text(day)} {day.year}"


def span_text(first: date, last: date) -> str:
    """Return a range of days: `7 Sep - 29 Nov 2026`."""
    if first == last:
        return full_day_text(first)
    begins = day_text(first) if first.year == last.year else full_day_text(first)
    return f"{begins} {EN_DASH} {full_day_text(last)}"


def instant_text(instant: datetime) -> str:
    """Return an instant in UTC, which the script of a page changes to the viewer's time zone: `26 Nov, 12:04 UTC`."""
    return f"{day_text(instant.date())}, {instant:%H:%M} UTC"


def ago_text(then: datetime, now: datetime) -> str:
    """Return how long ago an instant was: `3 min ago`, `6 days ago`."""
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "hour")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'s' * (number > 1)} ago"
    return f"{seconds // 60} min ago" if seconds >= 60 else "just now"  # noqa: PLR2004 - a minute
