"""Short texts that may be stored in clear: workflow tags, prompt templates, team ids. Anything odd is refused."""

import re

MAXIMUM_LENGTH = 100

_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:+/#-]*")


def label(text: str | None) -> str:
    """A tag as sent, or nothing if it is too long, a mail address, or holds more than letters and digits."""
    if not text:
        return ""
    cleaned = text.strip()
    return cleaned if len(cleaned) <= MAXIMUM_LENGTH and _LABEL.fullmatch(cleaned) else ""


def team_label(text: str | None) -> str | None:
    """A `team.id` as sent, in any script, or None when it cannot be one: a mail address, too long, not printable."""
    cleaned = (text or "").strip()
    usable = 0 < len(cleaned) <= MAXIMUM_LENGTH and "@" not in cleaned and cleaned.isprintable()
    return cleaned if usable else None
