"""The interface that writes summaries at a forge."""

from typing import NamedTuple, Protocol

from workers.summaries.text import SummaryText


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


class SummaryWriter(Protocol):
    """Blocking; call it from a thread. Methods raise ForgeError; TryLaterError carries the time to retry."""

    def write(self, place: Place, name: str, remote: Remote | None, text: SummaryText) -> Remote:
        """Edit the existing summary, found by `name` if `remote` is None, or create it."""

    def is_current(self, place: Place, remote: Remote | None) -> bool:
        """Return whether the summary is attached to the current head."""
