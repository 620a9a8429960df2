"""Short texts that may be stored in plain text: workflow tags, prompt templates, team ids."""

import re

MAXIMUM_LENGTH = 100

_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:+/#-]*")


def label(text: str | None) -> str:
    """Return a tag as sent, or "" if it is too long or holds other characters than `_LABEL` allows, such as @."""
    if not text:
        return ""
    cleaned = text.strip()
    return cleaned if len(cleaned) <= MAXIMUM_LENGTH and _LABEL.fullmatch(cleaned) else ""


def team_label(text: str | None) -> str | None:
    """Return a `team.id` as sent, in any script, or None if it is too long, unprintable or an e-mail address."""
    cleaned = (text or "").strip()
    usable = 0 < len(cleaned) <= MAXIMUM_LENGTH and "@" not in cleaned and cleaned.isprintable()
    return cleaned if usable else None
