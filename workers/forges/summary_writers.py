"""The interface that writes summaries at a forge."""

from typing import Protocol

from workers.summaries.places import Place, Remote
from workers.summaries.text import SummaryText


class SummaryWriter(Protocol):
    """Blocking; call it from a thread. Methods raise ForgeError; TryLaterError carries the time to retry."""

    def write(self, place: Place, name: str, remote: Remote | None, text: SummaryText) -> Remote:
        """Edit the existing summary, found by `name` if `remote` is None, or create it."""

    def is_current(self, place: Place, remote: Remote | None) -> bool:
        """Return whether the summary is attached to the current head."""
