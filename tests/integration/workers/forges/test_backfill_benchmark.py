"""The benchmark of tests/benchmarks/backfill, small: what it measures must hold at any size."""

import asyncio

from tests.benchmarks.backfill.measure import measure


async def test_a_backfill_costs_few_requests_and_is_never_refused() -> None:
    measured = await asyncio.to_thread(measure, 300, points=5)
    assert measured.stored == measured.pull_requests == 300
    assert measured.requests_a_pull_request <= 0.2
    assert measured.refused == 0
    # More points than an hour has were waited for.
    assert measured.forge_seconds > 3600
