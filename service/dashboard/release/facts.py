"""What the page of a release shows, as read: the input of its page."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.contracts.attribution import AttributionShown
from service.contracts.release import ReleaseShown
from service.queries.artifacts.one_release import OtherRelease, Reverted, WeekSpend


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """A release, what was spent on what it ships by week, its dearest pull requests, and what came back.

    `fixes` are the releases that this one fixed; `repository` is None where labels are off.
    """

    shown: ReleaseShown
    is_moving: bool = False
    repository: str | None = None
    before: OtherRelease | None = None
    weeks: Sequence[WeekSpend] = ()
    dearest: Sequence[AttributionShown] = ()
    reverted: Sequence[Reverted] = ()
    fixed_by: Sequence[OtherRelease] = ()
    fixes: Sequence[OtherRelease] = ()

    @property
    def is_estimate(self) -> bool:
        """Whether too little is linked, and too few pull requests are summed, for a single figure."""
        return bool(self.shown.tokens.total) and not self.shown.reliable
