"""What the page of a pull request shows, as read: the input of its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.contracts.attribution import AttributionShown
from service.dashboard.components.costs import direct_share
from service.queries.artifacts.one_pull_request import DaySpend, Settled, ShippedBy
from vocabulary.intervals import RELIABLE_SHARE

NOT_SETTLED = Settled(None, 0)


@dataclass(frozen=True, slots=True)
class OneFacts:
    """A pull request, its days, its releases, and the nano-USD of peers of its size, ascending.

    `repository` is the label of its repository, None where labels are off. Peers are of all teams, or of the viewer's
    `own_team`.
    """

    shown: AttributionShown
    opened_at: datetime
    closed_at: datetime | None = None
    repository: str | None = None
    reverted_by_label: str | None = None
    days: Sequence[DaySpend] = ()
    releases: Sequence[ShippedBy] = ()
    settled: Settled = NOT_SETTLED
    peers: Sequence[int] = ()
    own_team: str = ""

    @property
    def is_estimate(self) -> bool:
        """Whether too little is linked for a single figure."""
        return bool(self.shown.tokens.total) and direct_share(self.shown) < RELIABLE_SHARE
