"""Reads a page of cells of spend: how a question is asked of the sums that workers keep."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import asyncpg

from schema.database import Tenant
from service.contracts.reconciliation import CostKind
from service.queries.spend.buckets import Bucket
from service.queries.spend.cells import AMOUNTS, GRAINS, by_head, dearest, of_team, shared
from service.queries.spend.known_days import single_sums
from service.queries.spend.runs import DAY, Run, Span, runs_of, runs_to_date
from vocabulary.spend_cuts import DIMENSIONS, OWNERS, cut_name
from vocabulary.tokens import TOKEN_KINDS, TokenCounts

_OWNERS = {
    "team": """
    SELECT team_id::text AS head, name, size FROM team WHERE organization_id = $1
""",
    "repository": """
    SELECT encode(artifact_id, 'hex') AS head, coalesce(label, 'a1_' || encode(artifact_id, 'hex')) AS name,
           NULL::int AS size
    FROM repository WHERE organization_id = $1
    UNION ALL SELECT '', '', NULL
""",
}
# Whole months that overlap the period or the one that it is compared with are enough to find what was used in it.
_USED = """
    SELECT DISTINCT cell.first AS head, cell.first AS name, NULL::int AS size
      FROM unnest($3::date[], $4::date[]) AS span (begins, ends)
     CROSS JOIN LATERAL (
           SELECT first FROM spend_cut
            WHERE organization_id = $1 AND cut = $2 AND owner = '' AND grain = 'month'
              AND period >= span.begins AND period <= span.ends OFFSET 0) AS cell
"""
_UNSETTLED = """
    SELECT EXISTS (SELECT FROM settlement WHERE organization_id = $1 AND state = 'waiting'
                   AND ($2::bigint IS NULL OR team_id = $2) AND day BETWEEN $3 AND $4)
        OR EXISTS (SELECT FROM stale_spend WHERE organization_id = $1 AND (artifact_id IS NOT NULL
                   OR ($2::bigint IS NULL OR team_id = $2) AND day BETWEEN $3 AND $4))
"""
# So many cells are all that there are.
MANY = 1_000_000
# A team without another dimension is summed over this one, which has the fewest rows.
_FEWEST = "fate"


# The fate and, of merged work, whether it was released and reverted; as a dimension, it stands for `fate` in cuts.
STAGE: Final = "stage"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the buckets, up to two dimensions in the order of DIMENSIONS, and of one team or of all."""

    buckets: Sequence[Bucket]
    dimensions: tuple[str, ...]
    cost_kind: CostKind = "list"
    team_id: int | None = None

    @property
    def is_compared(self) -> bool:
        """Return whether any bucket has an earlier one."""
        return any(bucket.before for bucket in self.buckets)

    @property
    def owner(self) -> str | None:
        """The dimension that owns the sums, if any: of a team or repository that is split further."""
        if self.team_id is not None:
            others = [each for each in self.dimensions if each != "team"]
            return "team" if len(others) < 2 else None  # noqa: PLR2004 - a team's sums have one more dimension
        return self.dimensions[0] if len(self.dimensions) > 1 and self.dimensions[0] in OWNERS else None

    @property
    def is_shared(self) -> bool:
        """Return whether the sums of all groups stand together, which is quick to read if many are wanted."""
        return self.team_id is None and self.owner is None

    @property
    def head(self) -> str | None:
        """The dimension whose members are read one by one, if any, because a page shows few of them."""
        if self.team_id is not None or not self.dimensions:
            return self.owner
        head = self.dimensions[0]
        return head if head in OWNERS or (len(self.dimensions) > 1 and head not in {"fate", STAGE}) else None


class Amounts(NamedTuple):
    """Tokens by kind, nano-USD, and requests; `duration_ms` is the sum over `timed_requests`."""

    tokens: TokenCounts = TokenCounts()
    nano_usd: int = 0
    requests: int = 0
    failed_requests: int = 0
    timed_requests: int = 0
    duration_ms: int = 0


NO_AMOUNTS: Final = Amounts()


# A row's bucket, or its cost if the dearest come first, and its groups.
Position = tuple[int, str, str]


class Cell(NamedTuple):
    """One group of a bucket (by its place from 1), now and in the earlier period; `groups` are in the question's order.

    `position` is its place in the list.
    """

    bucket: int
    groups: tuple[str, ...]
    now: Amounts
    before: Amounts
    position: Position


class Head(NamedTuple):
    """A member of a dimension in cuts, its name, and the people of a team if known."""

    head: str
    name: str
    size: int | None


async def read_cells(tenant: Tenant, question: Question, after: Position | None, limit: int) -> list[Cell]:
    """Return cells by bucket and names of groups."""
    if question.head is not None and not (question.is_shared and limit >= MANY):
        return await read_by_head(tenant, question, await find_heads(tenant, question, question.head), after, limit)
    position = after or (None, None, None)
    kind, names, compared = question.cost_kind, _two(question.dimensions), question.is_compared
    if question.team_id is not None:
        statement = of_team(kind, names, compared=compared)
        rows = await tenant.fetch(statement, *_runs(question.buckets, _days), question.team_id, *position, limit)
    else:
        statement = shared(kind, _cut(question.dimensions), names, compared=compared)
        rows = await tenant.fetch(statement, *_runs(question.buckets), *position, limit)
    return [_cell(row, question.dimensions) for row in rows]


async def read_dearest(tenant: Tenant, question: Question, after: Position | None, limit: int) -> list[Cell]:
    """Return the cells of a single bucket, dearest first; not for questions with an owner or of a team."""
    names, compared = _two(question.dimensions), question.is_compared
    statement = dearest(question.cost_kind, _cut(question.dimensions), names, compared=compared)
    rows = await tenant.fetch(statement, *_runs(question.buckets), *(after or (None, None, None)), limit)
    cells = [_cell(row, question.dimensions) for row in rows]
    return [each._replace(position=(each.now.nano_usd, *each.position[1:])) for each in cells]


async def find_heads(tenant: Tenant, question: Question, dimension: str) -> list[Head]:
    """Return the members of a dimension, or the question's team alone, by name."""
    if dimension in _OWNERS:
        found = [Head(**row) for row in await tenant.fetch(_OWNERS[dimension])]
    else:
        sides = [
            [bucket.span for bucket in question.buckets],
            [each.before for each in question.buckets if each.before],
        ]
        begins = [min(span.first for span in side).replace(day=1) for side in sides if side]
        ends = [max(span.last for span in side) for side in sides if side]
        found = [Head(**row) for row in await tenant.fetch(_USED, dimension, begins, ends)]
    if question.team_id is not None:
        found = [each for each in found if each.head == str(question.team_id)]
    return sorted(found, key=lambda each: (each.name, each.head))


async def read_by_head(
    tenant: Tenant, question: Question, heads: Sequence[Head], after: Position | None, limit: int
) -> list[Cell]:
    """Return the cells of some members of a dimension, by bucket, name of the member and of the other group."""
    kind = question.head or "team"
    others = [each for each in question.dimensions if each != kind]
    other = others[0] if others else ""
    # A team alone has no sums of its own; they are those by this dimension, which has the fewest rows.
    cut = _cut((kind, other or _FEWEST) if question.owner else question.dimensions)
    position: tuple[int | None, int | None, str | None] = (None, None, None)
    if after is not None:
        # Places count from 1 in SQL.
        position = (after[0], bisect_left(heads, after[1], key=lambda each: each.name) + 1, after[2])
    runs = _runs(question.buckets, _owned if question.owner else await single_sums(tenant))
    rows = await tenant.fetch(
        by_head(question.cost_kind, cut, other, question.owner, compared=question.is_compared),
        *runs,
        [each.head for each in heads],
        [each.name for each in heads],
        *position,
        limit,
    )
    return [_cell(row, question.dimensions, has_head=kind in question.dimensions) for row in rows]


def _two(dimensions: tuple[str, ...]) -> tuple[str, str]:
    """Return up to two dimensions, and empty ones for the others."""
    first, second = (*dimensions, "", "")[:2]
    return first, second


def _cut(dimensions: tuple[str, ...]) -> str:
    """Return the name of the cut by these dimensions, in any order."""
    named = {"fate" if each == STAGE else each for each in dimensions}
    return cut_name(tuple(each for each in DIMENSIONS if each in named))


def _days(span: Span) -> list[Run]:
    """Return a period as one run of days."""
    return [Run("day", span.first, span.last + DAY)]


def _owned(span: Span) -> list[Run]:
    """Return the runs of a period of an owner, whose days are several rows each."""
    return runs_of(span, day_cost=8)


def _runs(
    buckets: Sequence[Bucket], cut: Callable[[Span], list[Run]] = runs_to_date
) -> tuple[list[int], list[int], list[int], list[object], list[object], list[bool], list[int]]:
    """Return the first and last place of each bucket's runs, and the runs: grains, bounds, whether before, signs."""
    firsts: list[int] = []
    lasts: list[int] = []
    runs: list[tuple[int, object, object, bool, int]] = []
    for bucket in buckets:
        firsts.append(len(runs) + 1)
        for span in filter(None, bucket):
            runs += [
                (GRAINS.index(run.grain), run.begins, run.ends, span is bucket.before, run.sign) for run in cut(span)
            ]
        lasts.append(len(runs))
    grains, begins, ends, is_before, signs = map(list, zip(*runs, strict=True)) if runs else ([], [], [], [], [])
    return firsts, lasts, grains, begins, ends, is_before, signs


def _cell(row: asyncpg.Record, dimensions: tuple[str, ...], *, has_head: bool = True) -> Cell:
    values = (row["first"], row["second"]) if has_head else (row["second"],)
    position = (row["bucket"], row["first"], row["second"])
    # The amounts of both periods come last, which is quicker to read than one name after another.
    now, before = _amounts(row[-2 * len(AMOUNTS) : -len(AMOUNTS)]), _amounts(row[-len(AMOUNTS) :])
    return Cell(position[0], values[: len(dimensions)], now, before, position)


def _amounts(values: Sequence[int]) -> Amounts:
    if not any(values):
        return NO_AMOUNTS
    number = len(TOKEN_KINDS)
    return Amounts(TokenCounts(*values[:number]), *values[number:])


async def read_total(tenant: Tenant, question: Question, span: Bucket) -> tuple[Amounts, Amounts]:
    """Return the sums of the whole period, and of the earlier one."""
    whole = Question([span], (), question.cost_kind, question.team_id)
    for cell in await read_cells(tenant, whole, None, 1):
        return cell.now, cell.before
    return Amounts(), Amounts()


async def is_settled(tenant: Tenant, team_id: int | None, span: Span) -> bool:
    """Return whether all days of a period are settled and rolled up."""
    return not await tenant.fetchval(_UNSETTLED, team_id, *span)
