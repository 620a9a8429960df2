"""Reads what was spent by period and group, with the overhead, energy and carbon of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from schema.database import Tenant
from schema.vocabulary.spend_cuts import DIMENSIONS
from service.api.ledger.lone_rows import Place, withhold_teams
from service.api.ownership.parts import Book
from service.api.ownership.sums import Spent, Sums, add_families, reads_of
from service.queries.spend.buckets import Bucket
from service.queries.spend.reading import Cell, Question, read_cells
from service.queries.spend.runs import DAY, Span
from service.queries.spend.withheld import Compared, withhold

MANY = 1_000_000


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


class Segment(NamedTuple):
    """A part of a bucket (by its place from 1) in which the same factors hold."""

    bucket: int
    span: Span


async def read_sums(tenant: Tenant, asked: Asked, places: range, dimension: str) -> dict[Place, Sums]:
    """Return the sums of the buckets at some places by the members of a dimension, ordered by both."""
    segments = [
        Segment(place, span) for place in places for span in _cut(asked.question.buckets[place - 1].span, asked.book)
    ]
    found: dict[Place, Sums] = {}
    for number, (scope, families) in enumerate(reads_of(asked.book).items()):
        dimensions = tuple(name for name in DIMENSIONS if name in {dimension, scope})
        buckets = [Bucket(each.span) for each in segments]
        question = replace(asked.question, buckets=buckets, dimensions=dimensions)
        for cell in await read_cells(tenant, question, None, MANY):
            segment = segments[cell.bucket - 1]
            group, member = _named(cell, dimensions, dimension), _named(cell, dimensions, scope)
            sums = found.setdefault((segment.bucket, group), Sums())
            if not number:
                sums.tokens, sums.nano_usd = sums.tokens.plus(cell.now.tokens), sums.nano_usd + cell.now.nano_usd
            add_families(sums, Spent(segment.span.first, member, cell.now), asked.book, families, scope)
    return dict(sorted(found.items()))


def _cut(span: Span, book: Book) -> list[Span]:
    """Return the parts of a period in which the same factors hold."""
    begins = [span.first, *book.changes(*span)]
    return [
        Span(first, last) for first, last in zip(begins, [*(day - DAY for day in begins[1:]), span.last], strict=True)
    ]


def _named(cell: Cell, dimensions: Sequence[str], name: str) -> str:
    return cell.groups[dimensions.index(name)] if name else ""


async def read_withheld(tenant: Tenant, asked: Asked, places: range, rows: dict[Place, Sums]) -> dict[Place, str]:
    """Return which rows of a comparison between teams are withheld, with reasons."""
    if asked.compared is None or not asked.compared.reasons:
        return {}
    buckets = asked.question.buckets[places.start - 1 : places.stop - 1]
    part = replace(asked.question, buckets=buckets, dimensions=("team",))
    of_spend = await withhold(tenant, part, asked.compared, await read_cells(tenant, part, None, MANY))
    spent = {(bucket + places.start - 1, groups[0]): reason for (bucket, groups), reason in of_spend.items()}
    figures = {
        place: (each.nano_usd, each.tokens.total, *each.money.values(), *each.energy, *each.carbon)
        for place, each in rows.items()
    }
    return withhold_teams(figures, asked.compared.reasons, spent)
