"""Reads a page of cells of spend: how a question is asked of the sums that workers keep."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import asyncpg

from schema.database import Tenant
from schema.vocabulary.spend_cuts import DIMENSIONS, OWNERS, cut_name
from schema.vocabulary.tokens import TokenCounts
from service.contracts.reconciliation import CostKind
from service.queries.spend.buckets import Bucket
from service.queries.spend.cells import AMOUNTS, DEAREST, OF_TEAM, OWNED, SHARED
from service.queries.spend.runs import Span, runs_of

_OWNERS = {
    "team": """
    SELECT team_id::text AS owner, name, size FROM team WHERE organization_id = $1
""",
    "repository": """
    SELECT encode(artifact_id, 'hex') AS owner, coalesce(label, 'a1_' || encode(artifact_id, 'hex')) AS name,
           NULL::int AS size
    FROM repository WHERE organization_id = $1
    UNION ALL SELECT '', '', NULL
""",
}
_UNSETTLED = """
    SELECT EXISTS (SELECT FROM settlement WHERE organization_id = $1 AND state = 'waiting'
                   AND ($2::bigint IS NULL OR team_id = $2) AND day BETWEEN $3 AND $4)
        OR EXISTS (SELECT FROM stale_spend WHERE organization_id = $1 AND (artifact_id IS NOT NULL
                   OR ($2::bigint IS NULL OR team_id = $2) AND day BETWEEN $3 AND $4))
"""
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
        """The dimension whose members are read one by one, if any."""
        if self.team_id is not None:
            others = [each for each in self.dimensions if each != "team"]
            return "team" if len(others) < 2 else None  # noqa: PLR2004 - a team's sums have one more dimension
        return self.dimensions[0] if len(self.dimensions) > 1 and self.dimensions[0] in OWNERS else None


class Amounts(NamedTuple):
    """Tokens by kind, nano-USD, and requests; `duration_ms` is the sum over `timed_requests`."""

    tokens: TokenCounts = TokenCounts()
    nano_usd: int = 0
    requests: int = 0
    failed_requests: int = 0
    timed_requests: int = 0
    duration_ms: int = 0


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


class Owner(NamedTuple):
    """A team or repository in cuts, its name, and the people of a team if known."""

    owner: str
    name: str
    size: int | None


async def read_cells(tenant: Tenant, question: Question, after: Position | None, limit: int) -> list[Cell]:
    """Return cells by bucket and names of groups."""
    if (owner := question.owner) is not None:
        return await read_owned(tenant, question, await find_owners(tenant, question, owner), after, limit)
    scope = (question.cost_kind, *_runs(question.buckets))
    names = (*question.dimensions, "", "")[:2]
    position = after or (None, None, None)
    if question.team_id is not None:
        rows = await tenant.fetch(OF_TEAM[question.is_compared], *scope, question.team_id, *names, *position, limit)
    else:
        rows = await tenant.fetch(
            SHARED[question.is_compared], *scope, _cut(question.dimensions), *names, *position, limit
        )
    return [_cell(row, question.dimensions) for row in rows]


async def read_dearest(tenant: Tenant, question: Question, after: Position | None, limit: int) -> list[Cell]:
    """Return the cells of a single bucket, dearest first; not for questions with an owner or of a team."""
    names = (*question.dimensions, "", "")[:2]
    scope = (question.cost_kind, *_runs(question.buckets), _cut(question.dimensions), *names)
    rows = await tenant.fetch(DEAREST[question.is_compared], *scope, *(after or (None, None, None)), limit)
    cells = [_cell(row, question.dimensions) for row in rows]
    return [each._replace(position=(each.now.nano_usd, *each.position[1:])) for each in cells]


async def find_owners(tenant: Tenant, question: Question, owner: str) -> list[Owner]:
    """Return the members of a dimension, or the question's team alone, by name."""
    found = [Owner(**row) for row in await tenant.fetch(_OWNERS[owner])]
    if question.team_id is not None:
        found = [each for each in found if each.owner == str(question.team_id)]
    return sorted(found, key=lambda each: (each.name, each.owner))


async def read_owned(
    tenant: Tenant, question: Question, owners: Sequence[Owner], after: Position | None, limit: int
) -> list[Cell]:
    """Return the cells of some teams or repositories, by bucket, name of the owner and of the other group."""
    kind = question.owner or "team"
    others = [each for each in question.dimensions if each != kind]
    other = others[0] if others else ""
    cut = _cut((kind, other or _FEWEST))
    position: tuple[int | None, int | None, str | None] = (None, None, None)
    if after is not None:
        # Places count from 1 in SQL.
        position = (after[0], bisect_left(owners, after[1], key=lambda each: each.name) + 1, after[2])
    rows = await tenant.fetch(
        OWNED[kind, question.is_compared],
        question.cost_kind,
        *_runs(question.buckets),
        cut,
        other,
        [each.owner for each in owners],
        [each.name for each in owners],
        *position,
        limit,
    )
    return [_cell(row, question.dimensions, is_owned=kind in question.dimensions) for row in rows]


def _cut(dimensions: tuple[str, ...]) -> str:
    """Return the name of the cut by these dimensions, in any order."""
    named = {"fate" if each == STAGE else each for each in dimensions}
    return cut_name(tuple(each for each in DIMENSIONS if each in named))


def _runs(buckets: Sequence[Bucket]) -> tuple[list[int], list[int], list[str], list[object], list[object], list[bool]]:
    """Return the first and last place of each bucket's runs, and the runs: grains, bounds, and whether before."""
    firsts: list[int] = []
    lasts: list[int] = []
    runs: list[tuple[str, object, object, bool]] = []
    for bucket in buckets:
        firsts.append(len(runs) + 1)
        runs += [(*run, False) for run in runs_of(bucket.span)]
        runs += [(*run, True) for run in runs_of(bucket.before)] if bucket.before else []
        lasts.append(len(runs))
    grains, begins, ends, is_before = (list(column) for column in zip(*runs, strict=True))
    return firsts, lasts, grains, begins, ends, is_before


def _cell(row: asyncpg.Record, dimensions: tuple[str, ...], *, is_owned: bool = True) -> Cell:
    values = (row["first"], row["second"]) if is_owned else (row["second"],)
    position = (row["bucket"], row["first"], row["second"])
    return Cell(position[0], values[: len(dimensions)], _amounts(row, ""), _amounts(row, "before_"), position)


def _amounts(row: asyncpg.Record, prefix: str) -> Amounts:
    *kinds, nano_usd, requests, failed, timed, duration = (row[f"{prefix}{name}"] for name in AMOUNTS)
    return Amounts(TokenCounts(*kinds), nano_usd, requests, failed, timed, duration)


async def read_total(tenant: Tenant, question: Question, span: Bucket) -> tuple[Amounts, Amounts]:
    """Return the sums of the whole period, and of the earlier one."""
    whole = Question([span], (), question.cost_kind, question.team_id)
    for cell in await read_cells(tenant, whole, None, 1):
        return cell.now, cell.before
    return Amounts(), Amounts()


async def is_settled(tenant: Tenant, team_id: int | None, span: Span) -> bool:
    """Return whether all days of a period are settled and rolled up."""
    return not await tenant.fetchval(_UNSETTLED, team_id, *span)
