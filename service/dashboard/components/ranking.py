"""Ranking by what each cost at least, the low end of its interval. Pure.

The database orders by the figure itself. What costs less than the last of a page costs less at least, too: so the
dearest are read until that holds, and the ranking is exact.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Ranking(NamedTuple):
    """Artifact ids by rank. Only the first are ranked against all others unless it is exact."""

    artifact_ids: Sequence[bytes]
    has_more: bool
    is_exact: bool


def rank_page(
    costs: Sequence[tuple[bytes, int]], least: Mapping[bytes, float], *, read: int, most: int, skip: int, take: int
) -> Ranking | None:
    """Return a page of the dearest `read` artifacts; None if more, up to `most`, must be read for an exact ranking."""
    ordered = sorted(costs, key=lambda each: (-least[each[0]], -each[1], each[0]))
    is_all = len(costs) < read
    last = ordered[: skip + take][-1:]
    is_exact = is_all or (len(ordered) > skip + take and least[last[0][0]] >= min(cost for _, cost in costs))
    if not is_exact and read < most:
        return None
    shown = [artifact_id for artifact_id, _ in ordered[skip : skip + take]]
    return Ranking(shown, len(ordered) > skip + take, is_exact)
