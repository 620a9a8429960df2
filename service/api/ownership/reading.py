"""Reads what was spent by period and group, with the overhead, energy and carbon of each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from schema.database import Tenant
from service.api.ledger.lone_rows import Place, withhold_teams
from service.api.ownership.parts import Book
from service.api.ownership.segments import Segment, plan_of
from service.api.ownership.sums import Spent, Sums, add_families, reads_of
from service.queries.spend.buckets import Bucket
from service.queries.spend.reading import MANY, Cell, Question, find_heads, read_by_head, read_cells
from service.queries.spend.runs import DAY, Span
from service.queries.spend.withheld import Compared, withhold
from vocabulary.spend_cuts import DIMENSIONS


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, of which days, by which factors, and which teams a comparison withholds."""

    question: Question
    span: Span
    book: Book
    compared: Compared | None

    @property
    def dimension(self) -> str:
        """The dimension to split by; empty for none."""
        return next(iter(self.question.dimensions), "")

    @property
    def withholds(self) -> bool:
        """Whether any team may be withheld, so that all rows of a bucket must be known."""
        return self.compared is not None and bool(self.compared.reasons)


async def read_whole(tenant: Tenant, asked: Asked) -> Sums:
    """Return the sums of the whole period."""
    question = replace(asked.question, buckets=[Bucket(asked.span)], dimensions=())
    whole = replace(asked, question=question)
    cells = await read_cells(tenant, question, None, 1)
    sums = await add_parts(tenant, whole, cells)
    return sums.get((1, ""), Sums())


class Rows(NamedTuple):
    """Sums ordered by bucket and name, and the cells of spend that they were made of."""

    sums: dict[Place, Sums]
    cells: list[Cell]


async def read_rows(tenant: Tenant, asked: Asked, after: Place | None, limit: int) -> Rows:
    """Return at least `limit` rows after a place, if there are as many."""
    if asked.withholds:
        return await _whole_buckets(tenant, asked, after, limit)
    position = (after[0], after[1], "") if after else None
    cells = await read_cells(tenant, asked.question, position, limit)
    return Rows(await add_parts(tenant, asked, cells), cells)


async def _whole_buckets(tenant: Tenant, asked: Asked, after: Place | None, limit: int) -> Rows:
    """Return all rows of some buckets: first of one, then of ever more."""
    found: dict[Place, Sums] = {}
    known: list[Cell] = []
    begins, number, last = after[0] if after else 1, 1, len(asked.question.buckets)
    while begins <= last and sum(after is None or place > after for place in found) < limit:
        places = range(begins, min(begins + number, last + 1))
        part = replace(asked.question, buckets=asked.question.buckets[places.start - 1 : places.stop - 1])
        cells = await read_cells(tenant, part, None, MANY)
        moved = [cell._replace(bucket=cell.bucket + places.start - 1) for cell in cells]
        found |= await add_parts(tenant, asked, moved)
        known += moved
        begins, number = places.stop, number * 2
    return Rows(found, known)


async def add_parts(tenant: Tenant, asked: Asked, cells: Sequence[Cell]) -> dict[Place, Sums]:
    """Return the sums of cells, which are those of the question, with what the factors add to each."""
    rows = {
        (cell.bucket, _named(cell, asked.question.dimensions, asked.dimension)): Sums(
            cell.now.tokens, cell.now.nano_usd
        )
        for cell in cells
    }
    if not rows:
        return rows
    for scope, families in reads_of(asked.book).items():
        segments = _segments(asked, sorted({bucket for bucket, _ in rows}), families)
        is_whole = not scope and len(segments) == len({each.bucket for each in segments})
        dimensions = tuple(name for name in DIMENSIONS if name in {asked.dimension, scope})
        if is_whole:
            first_days = {each.bucket: each.span.first for each in segments}
            found = [(Segment(cell.bucket, Span(first_days[cell.bucket], asked.span.last)), cell) for cell in cells]
        else:
            found = await _read(tenant, asked, segments, dimensions, {name for _, name in rows})
        for segment, cell in found:
            place = (segment.bucket, _named(cell, dimensions, asked.dimension))
            if place in rows:
                spent = Spent(segment.span.first, _named(cell, dimensions, scope), cell.now)
                add_families(rows[place], spent, asked.book, families, scope)
    return dict(sorted(rows.items()))


def _segments(asked: Asked, places: Sequence[int], families: Collection[str]) -> list[Segment]:
    """Return the parts of buckets in which the factors of these families stay the same."""
    found = []
    for place in places:
        span = asked.question.buckets[place - 1].span
        begins = [span.first, *asked.book.changes(*span, families)]
        ends = [*(day - DAY for day in begins[1:]), span.last]
        found += [Segment(place, Span(first, last)) for first, last in zip(begins, ends, strict=True)]
    return found


async def _read(
    tenant: Tenant, asked: Asked, segments: Sequence[Segment], dimensions: tuple[str, ...], names: Collection[str]
) -> list[tuple[Segment, Cell]]:
    """Return the cells of each segment; of teams and repositories only those that are named."""
    question = replace(asked.question, dimensions=dimensions)
    if question.head is None or question.head != asked.dimension or (question.is_shared and asked.withholds):
        buckets = [Bucket(each.span) for each in segments]
        cells = await read_cells(tenant, replace(question, buckets=buckets), None, MANY)
        return [(segments[cell.bucket - 1], cell) for cell in cells]
    heads = [each for each in await find_heads(tenant, question, question.head) if each.name in names]
    plan = plan_of(segments)
    buckets = [Bucket(each.span) for each in plan.read]
    cells = await read_by_head(tenant, replace(question, buckets=buckets), heads, None, MANY)
    return plan.complete([(plan.read[cell.bucket - 1], cell) for cell in cells])


def _named(cell: Cell, dimensions: Sequence[str], name: str) -> str:
    return cell.groups[dimensions.index(name)] if name else ""


async def read_withheld(tenant: Tenant, asked: Asked, rows: Rows) -> dict[Place, str]:
    """Return which rows of whole buckets are withheld in a comparison between teams, with reasons."""
    if asked.compared is None or not asked.withholds or not rows.sums:
        return {}
    first, last = min(rows.sums)[0], max(rows.sums)[0]
    part = replace(asked.question, buckets=asked.question.buckets[first - 1 : last])
    cells = [cell._replace(bucket=cell.bucket - first + 1) for cell in rows.cells]
    of_spend = await withhold(tenant, part, asked.compared, cells)
    spent = {(bucket + first - 1, groups[0]): reason for (bucket, groups), reason in of_spend.items()}
    figures = {
        place: (each.nano_usd, each.tokens.total, *each.money.values(), *each.energy, *each.carbon)
        for place, each in rows.sums.items()
    }
    return withhold_teams(figures, asked.compared.reasons, spent)
