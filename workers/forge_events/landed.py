"""Reads which pull requests the commits of a push brought, by their messages."""

from collections.abc import Mapping

from vocabulary.forge import Forge
from vocabulary.merge_messages import Message, read_numbers
from workers.forge_events.model import LandedFacts


def landed_facts(forge: Forge, messages: Mapping[str, str | None]) -> tuple[LandedFacts, ...]:
    """Return the commits, by their SHA, with the numbers in their messages."""
    return tuple(LandedFacts(sha, _numbers(forge, sha, message)) for sha, message in messages.items())


def _numbers(forge: Forge, sha: str, message: str | None) -> tuple[int, ...]:
    subject, _, body = (message or "").partition("\n")
    return tuple(dict.fromkeys(each.number for each in read_numbers(forge, Message(sha, subject, body))))
