"""Where summaries are written at a forge."""

from typing import NamedTuple


class Place(NamedTuple):
    """A pull request at its forge: repository path and number, its own number, and its head commit."""

    path: str
    forge_id: int | None
    number: int
    head: str | None


class Remote(NamedTuple):
    """A written summary: its number at the forge, and the commit it is attached to, if any."""

    number: int
    head: str | None
