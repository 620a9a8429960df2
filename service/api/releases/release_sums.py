"""Sums of releases by period and up to two dimensions, for `GET /api/v1/releases`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, NamedTuple, TypeAlias

from litestar.params import QueryParameter

from schema.database import Tenant
from service.api.amounts import tokens_each, tokens_shown, usd_each
from service.api.grouping import read_buckets, read_dimensions, read_span
from service.api.periods import DAY
from service.contracts.reconciliation import CostKind
from service.contracts.release import ReleaseChange, ReleaseFigures, ReleaseSum, ReleaseSums
from service.contracts.spend.groups import DaySpan
from service.queries.ledger.release_sums import OF_RELEASES, Group, ReleaseDimension, read_release_sums
from service.queries.ledger.release_sums import ReleaseSums as Sums
from service.queries.ledger.releases import WantedReleases
from service.queries.ledger.spend import Spend
from service.queries.spend.buckets import Bucket, Comparison, SpendBucket
from service.queries.spend.withheld import read_withheld_teams
from service.queries.teams.comparisons import Thresholds, withheld_cells
from vocabulary.spend_cuts import DIMENSIONS
from vocabulary.tokens import usd_text

ALLOWED = tuple(name for name in DIMENSIONS if name in set(ReleaseDimension))
GroupBy: TypeAlias = Annotated[
    str | None, QueryParameter(description=f"Sum by up to two of {', '.join(ALLOWED)}, separated by a comma")
]
SumBucket: TypeAlias = Annotated[SpendBucket | None, QueryParameter(description="Sum by periods of this length")]


class AskedSums(NamedTuple):
    """The whole period and its buckets with earlier ones, and what to group by."""

    whole: Bucket
    buckets: Sequence[Bucket]
    dimensions: tuple[ReleaseDimension, ...]

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """The beginning of the period, and its exclusive end."""
        first, last = self.whole.span
        return datetime.combine(first, time(), UTC), datetime.combine(last + DAY, time(), UTC)


def read_sums_question(
    start: str | None,
    end: str | None,
    bucket: SpendBucket | None,
    group_by: str | None,
    compare: Comparison | None,
    today: date,
) -> AskedSums | None:
    """Return what to sum; None if no sums are asked for. Raises BadInputError."""
    if bucket is None and group_by is None and compare is None:
        return None
    length = bucket or SpendBucket.TOTAL
    whole, buckets = read_buckets(read_span(start, end, length, today), length, compare)
    dimensions = tuple(ReleaseDimension(name) for name in read_dimensions(group_by, ALLOWED))
    return AskedSums(whole, buckets, dimensions)


async def read_sums(
    tenant: Tenant, asked: AskedSums, wanted: WantedReleases, cost_kind: CostKind, thresholds: Thresholds
) -> ReleaseSums:
    """Return the sums of the requested releases."""
    spans = ([part.span for part in asked.buckets], [part.before for part in asked.buckets if part.before])
    scope = (wanted.team_id, wanted.repository_id)
    now, before = [await read_release_sums(tenant, each, asked.dimensions, cost_kind, *scope) for each in spans]
    teams: dict[str, str] = {}
    if ReleaseDimension.TEAM in asked.dimensions and wanted.team_id is None:
        teams = await read_withheld_teams(tenant, asked.whole, thresholds)
    earlier = asked.whole.before
    return ReleaseSums(
        first_day=asked.whole.span.first,
        last_day=asked.whole.span.last,
        compared_with=DaySpan(first_day=earlier.first, last_day=earlier.last) if earlier else None,
        rows=build_sums(asked, now, before if earlier else None, teams),
    )


def build_sums(asked: AskedSums, now: Sums, before: Sums | None, teams: Mapping[str, str]) -> list[ReleaseSum]:
    """Return a row for each period and group; `teams` are withheld teams with reasons, and then come first. Pure."""
    dimensions = asked.dimensions
    groups = set().union(*(_groups(each, dimensions) for each in (now, before) if each))
    spent = {((each.bucket, each.second), each.first): _spent(now, each).tokens.total for each in groups}
    withheld = withheld_cells(spent, teams) if ReleaseDimension.TEAM in dimensions else {}
    rows = []
    for group in sorted(groups):
        reason = withheld.get(((group.bucket, group.second), group.first))
        names: dict[str, Any] = {name.value: value for name, value in zip(dimensions, group[1:], strict=False)}
        shown: dict[str, Any] = {"figures": None, "before": None, "change": None}
        if reason is None:
            shown = {"figures": figures_of(now, group, dimensions), **compared(now, before, group, dimensions)}
        start = asked.buckets[group.bucket - 1].span.first
        rows.append(ReleaseSum(period_start=start, withheld_reason=reason, **names, **shown))
    return rows


def figures_of(sums: Sums, group: Group, dimensions: Sequence[ReleaseDimension]) -> ReleaseFigures:
    """Return the figures of a group."""
    releases, pull_requests = _numbers(sums, group, dimensions)
    spent = _spent(sums, group)
    return ReleaseFigures(
        releases=releases,
        pull_requests=pull_requests,
        tokens=tokens_shown(spent.tokens),
        tokens_per_release=tokens_each(spent.tokens.total, releases),
        cost_usd=usd_text(spent.nano_usd),
        cost_per_release_usd=usd_each(spent.nano_usd, releases),
    )


def compared(
    now: Sums, before: Sums | None, group: Group, dimensions: Sequence[ReleaseDimension]
) -> dict[str, ReleaseFigures | ReleaseChange | None]:
    """Return the figures of the earlier period and the change, both None without a comparison."""
    if before is None:
        return {"before": None, "change": None}
    releases, pull_requests = _numbers(now, group, dimensions)
    releases_before, pull_requests_before = _numbers(before, group, dimensions)
    spent, earlier = _spent(now, group), _spent(before, group)
    divisor = releases * earlier.nano_usd
    return {
        "before": figures_of(before, group, dimensions),
        "change": ReleaseChange(
            releases=releases - releases_before,
            pull_requests=pull_requests - pull_requests_before,
            tokens=spent.tokens.total - earlier.tokens.total,
            cost_usd=usd_text(spent.nano_usd - earlier.nano_usd),
            cost_per_release_ratio=spent.nano_usd * releases_before / divisor - 1 if divisor else None,
        ),
    }


def _groups(sums: Sums, dimensions: Sequence[ReleaseDimension]) -> set[Group]:
    return set(sums.spent) | (set(sums.releases) if OF_RELEASES.issuperset(dimensions) else set())


def _spent(sums: Sums, group: Group) -> Spend:
    return sums.spent.get(group, Spend())


def _numbers(sums: Sums, group: Group, dimensions: Sequence[ReleaseDimension]) -> tuple[int, int]:
    """Return the numbers of releases and of pull requests, which groups of tokens share."""
    names = zip(dimensions, group[1:], strict=False)
    counted = Group(group.bucket, *(value if name in OF_RELEASES else "" for name, value in names))
    return sums.releases.get(counted, 0), sums.pull_requests.get(counted, 0)
