"""What a comparison shows, as read: the input of its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from service.dashboard.overview.facts import UNKNOWN, Evidence, TokenRange
from service.queries.spend.merged_sums import MergedSum

Compared: TypeAlias = Literal["team", "repository"]
NOTHING_MERGED = MergedSum()
# More are in the files, not on the page.
MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Group:
    """A team or repository: what it spent (nano-USD) and merged, now and before; `weeks` are nano-USD each, by slot.

    `shipped` is the part of its spend that is on merged pull requests, None where it was not read.
    """

    name: str
    spent: int = 0
    spent_before: int = 0
    merged: MergedSum = NOTHING_MERGED
    merged_before: MergedSum = NOTHING_MERGED
    evidence: Evidence = UNKNOWN
    people: int | None = None
    team: str = ""
    weeks: Sequence[float | None] = ()
    shipped: int | None = None

    @property
    def each(self) -> float | None:
        """The cost of a merged pull request."""
        return self.merged.nano_usd / self.merged.pull_requests if self.merged.pull_requests else None

    @property
    def each_before(self) -> float | None:
        """The same of the earlier period."""
        before = self.merged_before
        return before.nano_usd / before.pull_requests if before.pull_requests else None

    @property
    def ends(self) -> tuple[float, float] | None:
        """The interval of the cost of a merged pull request."""
        interval = self.evidence.interval
        if self.each is None or interval is None or not self.evidence.tokens:
            return None
        return self.each * interval.low / self.evidence.tokens, self.each * interval.high / self.evidence.tokens

    @property
    def least(self) -> float:
        """What a merged pull request costs at least, by which a comparison ranks."""
        return self.ends[0] if self.ends else self.each or 0.0

    @property
    def tokens_each(self) -> float | None:
        """Tokens of a merged pull request."""
        return self.merged.tokens / self.merged.pull_requests if self.merged.pull_requests else None


class Fated(NamedTuple):
    """All spend, and the part of it on merged pull requests."""

    spent: int
    shipped: int


NO_SPEND = Fated(0, 0)


@dataclass(frozen=True, slots=True)
class CompareFacts:
    """All groups in order, and why some are withheld; `withheld` is about the team that the page is limited to."""

    dimension: Compared
    groups: Sequence[Group] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    fated: Fated = NO_SPEND
    is_settled: bool = True
    withheld: str = ""


def sum_up(name: str, groups: Sequence[Group]) -> Group:
    """Return groups as one; its interval is unknown where one of theirs is."""
    return Group(
        name,
        sum(each.spent for each in groups),
        sum(each.spent_before for each in groups),
        _merged([each.merged for each in groups]),
        _merged([each.merged_before for each in groups]),
        _evidence([each.evidence for each in groups if each.evidence.tokens]),
    )


def _merged(sums: Sequence[MergedSum]) -> MergedSum:
    # Not zip(*sums), which takes long to pass thousands of arguments.
    return MergedSum(*(sum(each[place] for each in sums) for place in range(len(NOTHING_MERGED))))


def _evidence(parts: Sequence[Evidence]) -> Evidence:
    intervals = [each.interval for each in parts if each.interval is not None]
    whole = TokenRange(sum(each.low for each in intervals), sum(each.high for each in intervals))
    return Evidence(
        sum(each.tokens for each in parts),
        sum(each.direct for each in parts),
        whole if parts and len(intervals) == len(parts) else None,
    )
