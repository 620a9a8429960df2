"""What the series of a group add, whose parts stand within a total or beside it. Pure.

A total and its parts may arrive in different exports, so sums over the life of the group are compared, not the growth
of one export. Parts within their total add nothing to it, and whatever they exceed it by counts: the total may still
come. Where the emitter is not known, parts stand beside their total from the first export on that reports both and
leaves the sum of the parts larger: counters of one export are read at one time.

What was counted never decreases, and counted tokens never change their kind. So a part that arrives after its total
finds its tokens counted as fresh input or visible output; kinds catch up with later growth.
"""

from collections.abc import Mapping
from typing import NamedTuple

from service.telemetry.measured.tallies import cut
from service.telemetry.reading.normalised import Part
from vocabulary.tokens import TokenCounts

READ = (Part.READ_OF_INPUT, Part.READ_BY_NUMBERS)
WRITTEN = (Part.WRITTEN_OF_INPUT, Part.WRITTEN_BY_NUMBERS)
THOUGHT = (Part.REASONING_OF_OUTPUT, Part.REASONING_BY_NUMBERS)


class NestedGrowth(NamedTuple):
    """Totals and parts that the series of a group have reported, which of the parts stand beside, and what counted."""

    total_input: int = 0
    read: int = 0
    written: int = 0
    total_output: int = 0
    thought: int = 0
    cache_is_beside: bool = False
    reasoning_is_beside: bool = False
    counted: TokenCounts = TokenCounts()


def grow_nested(known: NestedGrowth, parts: Mapping[Part, int]) -> tuple[NestedGrowth, TokenCounts]:
    """Return the group after the growth of its series in one export, and the tokens that this adds."""
    total_input, total_output = parts.get(Part.INPUT, 0), parts.get(Part.OUTPUT, 0)
    sums = known._replace(
        total_input=known.total_input + total_input,
        read=known.read + _sum(parts, READ),
        written=known.written + _sum(parts, WRITTEN),
        total_output=known.total_output + total_output,
        thought=known.thought + _sum(parts, THOUGHT),
    )
    cached = parts.get(Part.READ_BY_NUMBERS, 0) + parts.get(Part.WRITTEN_BY_NUMBERS, 0)
    grown = sums._replace(
        cache_is_beside=known.cache_is_beside
        or (min(total_input, cached) > 0 and sums.read + sums.written > sums.total_input),
        reasoning_is_beside=known.reasoning_is_beside
        or (min(total_output, parts.get(Part.REASONING_BY_NUMBERS, 0)) > 0 and sums.thought > sums.total_output),
    )
    nested = _uncounted(_disjoint(grown), known.counted)
    beside = TokenCounts(
        0, parts.get(Part.CACHE_READ, 0), parts.get(Part.CACHE_WRITE, 0), 0, parts.get(Part.REASONING, 0)
    )
    return grown._replace(counted=known.counted.plus(nested)), nested.plus(beside)


def _sum(parts: Mapping[Part, int], names: tuple[Part, ...]) -> int:
    return sum(parts.get(name, 0) for name in names)


def _disjoint(group: NestedGrowth) -> TokenCounts:
    """Return the kinds of everything that a group has reported."""
    cached = 0 if group.cache_is_beside else group.read + group.written
    thought = 0 if group.reasoning_is_beside else group.thought
    return TokenCounts(
        max(group.total_input - cached, 0),
        group.read,
        group.written,
        max(group.total_output - thought, 0),
        group.thought,
    )


def _uncounted(wanted: TokenCounts, counted: TokenCounts) -> TokenCounts:
    """Return what is missing of the wanted tokens; kinds only as far as sums of input and output allow."""
    missing = TokenCounts(*(max(each, 0) for each in wanted.minus(counted)))
    return cut(missing, sum(wanted[:3]) - sum(counted[:3]), sum(wanted[3:]) - sum(counted[3:]))
