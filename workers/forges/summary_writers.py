"""Where a summary is written at a forge, whichever it is."""

from typing import NamedTuple, Protocol

from workers.summaries.text import SummaryText


class Place(NamedTuple):
    """A pull request at its forge: repository by path and number, its own number, and its head commit."""

    path: str
    forge_id: int | None
    number: int
    head: str | None


class Remote(NamedTuple):
    """What was written: the forge's number of it, and the commit that it is shown at, if it is shown at one."""

    number: int
    head: str | None


class SummaryWriter(Protocol):
    """Blocking; call it from a thread. Raises ForgeError, of which TryLaterError says when to come back."""

    def write(self, place: Place, name: str, remote: Remote | None, text: SummaryText) -> Remote:
        """Edit what is there, which is found by `name` where `remote` does not tell; make it when there is none."""

    def is_current(self, place: Place, remote: Remote | None) -> bool:
        """Whether what was written is where it should be seen now."""
