"""The benchmark of tests/benchmarks/backfill, small: what it measures must hold at any size."""

import asyncio

import pytest

from tests.benchmarks.backfill.measure import measure


@pytest.mark.parametrize(("points", "owned"), [(5, False), (15, True)])
async def test_a_backfill_costs_few_requests_and_is_never_refused(points: int, owned: bool) -> None:
    measured = await asyncio.to_thread(measure, 300, points=points, owned=owned)
    assert measured.stored == measured.pull_requests == 300
    assert measured.requests_a_pull_request <= 0.2
    assert measured.refused == 0
    # More points than an hour has were waited for.
    assert measured.forge_seconds > 3600
