"""What the list of releases shows, as read: the input of its page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from service.contracts.release import ReleaseShown
from service.queries.artifacts.release_lists import ReleasesSum

ROWS: Final = 20
NO_RELEASES = ReleasesSum(0, 0, 0)


@dataclass(frozen=True, slots=True)
class ReleasesFacts:
    """The rows of a page, and sums of all that match. `moving` are the ids of tags that move and ship nothing.

    `waiting_nano_usd` is the spend of the period that is merged and in no release; None where it is not known.
    """

    shown: Sequence[ReleaseShown] = ()
    moving: Collection[str] = ()
    has_more: bool = False
    is_exact: bool = True
    sums: ReleasesSum = NO_RELEASES
    sums_before: ReleasesSum | None = None
    waiting_nano_usd: int | None = None
    withheld: str = ""
