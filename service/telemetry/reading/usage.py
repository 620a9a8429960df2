"""Split token usage, as emitters nest it, into disjoint kinds."""

from enum import StrEnum
from typing import NamedTuple

from vocabulary.tokens import TokenCounts


class Nesting(StrEnum):
    """Whether a part is counted within its whole or beside it; `by_numbers` if only the numbers can tell."""

    WITHIN = "within"
    BESIDE = "beside"
    BY_NUMBERS = "by_numbers"


class Usage(NamedTuple):
    """Usage as an emitter reports it. A total of 0 was not reported."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0
    total: int = 0


def split(usage: Usage, cache: Nesting = Nesting.BY_NUMBERS, reasoning: Nesting = Nesting.BY_NUMBERS) -> TokenCounts:
    """Split reported usage.

    A part larger than its whole stands beside it, whatever is known about the emitter. Where nothing is known, the
    layout that sums up to the reported total is right; without one, a part that fits into its whole is within it.
    """
    inputs = _shares(usage.input, usage.cache_read + usage.cache_write, cache)
    if cache is Nesting.BY_NUMBERS and usage.cache_read and usage.cache_write and usage.cache_read <= usage.input:
        # Some emitters leave only the writes out; that takes a total to be seen.
        inputs.append(usage.cache_read)
    layouts = [(cached, thought) for cached in inputs for thought in _shares(usage.output, usage.reasoning, reasoning)]
    cached, thought = next((each for each in layouts if _sums_up(usage, cache, *each)), layouts[0])
    return TokenCounts(
        usage.input - cached, usage.cache_read, usage.cache_write, usage.output - thought, usage.reasoning
    )


def _shares(whole: int, part: int, nesting: Nesting) -> list[int]:
    """Return how many tokens of a part the whole may include, most likely first."""
    if nesting is Nesting.BESIDE or part > whole:
        return [0]
    return [part, 0] if part and nesting is Nesting.BY_NUMBERS else [part]


def _sums_up(usage: Usage, cache: Nesting, cached: int, thought: int) -> bool:
    """Return whether a layout gives the reported total; an emitter that leaves the cache out may do so there, too."""
    if not usage.total:
        return False
    beside = usage.cache_read + usage.cache_write - cached
    missing = usage.total - usage.input - usage.output - (usage.reasoning - thought)
    return missing == beside or (missing == 0 and cache is Nesting.BESIDE)
