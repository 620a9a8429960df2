"""Parts of periods in which the same factors hold, and how few of their days must be read. Pure.

Sums of teams and repositories are kept by week and month, so that days are dear. Of the parts of a bucket, the one with
the most days is the whole bucket less the others.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from service.queries.spend.reading import Amounts, Cell
from service.queries.spend.runs import Span, runs_of


class Segment(NamedTuple):
    """A part of a bucket (by its place from 1) in which the same factors hold."""

    bucket: int
    span: Span


@dataclass(slots=True)
class Plan:
    """What to read, and which segments follow: each is a whole bucket, which is read, less its other segments."""

    read: list[Segment] = field(default_factory=list)
    following: dict[Segment, Segment] = field(default_factory=dict)

    def complete(self, found: Iterable[tuple[Segment, Cell]]) -> list[tuple[Segment, Cell]]:
        """Return the cells of all segments from those that were read."""
        cells = list(found)
        known = [(segment, cell) for segment, cell in cells if segment not in self.following]
        others: defaultdict[tuple[int, tuple[str, ...]], list[Amounts]] = defaultdict(list)
        for segment, cell in known:
            others[segment.bucket, cell.groups].append(cell.now)
        for segment, cell in cells:
            if (left := self.following.get(segment)) is not None:
                known.append((left, cell._replace(now=_less(cell.now, others[left.bucket, cell.groups]))))
        return known


def plan_of(segments: Sequence[Segment]) -> Plan:
    """Return what to read of segments that are the whole of their buckets."""
    plan = Plan()
    by_bucket: defaultdict[int, list[Segment]] = defaultdict(list)
    for segment in segments:
        by_bucket[segment.bucket].append(segment)
    for bucket, parts in by_bucket.items():
        if len(parts) == 1:
            plan.read += parts
            continue
        dearest = max(parts, key=lambda each: _days(each.span))
        whole = Segment(bucket, Span(parts[0].span.first, parts[-1].span.last))
        plan.read += [*(each for each in parts if each is not dearest), whole]
        plan.following[whole] = dearest
    return plan


def _days(span: Span) -> int:
    """Return the number of days that are in no whole week or month of a period."""
    return sum((run.ends - run.begins).days for run in runs_of(span) if run.grain == "day")


def _less(whole: Amounts, parts: Iterable[Amounts]) -> Amounts:
    tokens, nano_usd = whole.tokens, whole.nano_usd
    for part in parts:
        tokens, nano_usd = tokens.minus(part.tokens), nano_usd - part.nano_usd
    return whole._replace(tokens=tokens, nano_usd=nano_usd)
