"""What the list of pull requests shows, as read: the input of its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.contracts.attribution import AttributionShown
from service.queries.artifacts.pull_request_lists import Held
from service.queries.ledger.percentiles import Step
from service.queries.spend.merged_sums import MergedSum


class Search(StrEnum):
    """What a search found: nothing, pull requests of any state and time, or repositories that limit the list."""

    NOTHING = "nothing"
    PULL_REQUESTS = "pull requests"
    REPOSITORIES = "repositories"


@dataclass(frozen=True, slots=True)
class ListFacts:
    """The rows of a page, and sums of all that match. `merged` is of the period, `held` of open ones; None if unknown.

    `steps` are the costs of merged ones that are linked well enough; `ended` is the spend on abandoned ones.
    """

    shown: Sequence[AttributionShown] = ()
    has_more: bool = False
    is_exact: bool = True
    search: Search | None = None
    merged: MergedSum | None = None
    merged_before: MergedSum | None = None
    linked_share: float | None = None
    steps: Sequence[Step] = ()
    held: Held | None = None
    ended_nano_usd: int | None = None
    withheld: str = ""
    has_any: bool = True
