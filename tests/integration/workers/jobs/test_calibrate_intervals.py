"""Which teams are calibrated, when, and what is kept of it."""

from collections.abc import Awaitable, Callable

import asyncpg

from schema.database import Database
from schema.queue import Job, Queue
from tests.harness.organization import Organization
from tests.integration.workers.stored_facts import StoredFacts
from vocabulary.intervals import Doubt
from workers.attribution.dispersion import Dispersion
from workers.attribution.interval_defaults import default_quantiles
from workers.attribution.methods import CURRENT
from workers.attribution.widening import widened
from workers.context import WorkerContext
from workers.jobs.calibrate_intervals import calibrate_intervals
from workers.jobs.fold_token_events import fold_token_events
from workers.jobs.settle_days import settle_days
from workers.stores.upkeep.due_work import find_due

Drain = Callable[[], Awaitable[None]]


async def calibrations(stored: StoredFacts) -> list[asyncpg.Record]:
    return await stored.fetch(
        "SELECT * FROM interval_calibration WHERE organization_id = $1 ORDER BY evidence, pull_requests"
    )


async def test_a_settled_team_without_links_has_the_errors_of_simulated_teams_that_split_as_it_does(
    stored: StoredFacts, drain: Drain
) -> None:
    await stored.pull_request(1, opened=4, ended=20)
    await stored.event("pooled", 4, 10_000)
    await stored.event("after the merge", 30, 10)
    await drain()
    rows = await calibrations(stored)
    reported = {"cohort": Dispersion(crowding=1.0, thin=0.0, closeness=0.0), "repository": None}
    for evidence in ("cohort", "repository"):
        found = [(row["pull_requests"], row["low"], row["high"]) for row in rows if row["evidence"] == evidence]
        default = default_quantiles(evidence, 0.0, reported[evidence])
        assert found == [tuple(each) for each in widened(default, (Doubt.EXPLORATION_ASSUMED,), 0.0)]
    assert {(row["measured"], row["method"]) for row in rows} == {(0, CURRENT.name)}
    assert {row["offset_tokens"] for row in rows} == {round(0.1 * (await stored.ledger())[await pooled(stored)])}


async def pooled(stored: StoredFacts) -> tuple[bytes, str]:
    (row,) = await stored.fetch("SELECT artifact_id FROM pull_request WHERE organization_id = $1")
    return bytes(row["artifact_id"]), "cohort"


async def test_a_team_is_calibrated_again_only_when_it_was_settled_since_and_some_time_has_passed(
    stored: StoredFacts, drain: Drain, worker_context: WorkerContext
) -> None:
    await stored.pull_request(1, opened=4, ended=20)
    await stored.event("one", 4)
    await drain()
    first = (await calibrations(stored))[0]["calibrated_at"]
    await stored.event("two", 4)
    await drain()
    assert (await calibrations(stored))[0]["calibrated_at"] == first, "too soon"
    await stored.execute(
        "UPDATE interval_calibration SET calibrated_at = now() - interval '1 day' WHERE organization_id = $1"
    )
    await drain()
    second = (await calibrations(stored))[0]["calibrated_at"]
    assert second > first
    await stored.execute("UPDATE settlement SET settled_at = now() - interval '3 days' WHERE organization_id = $1")
    await stored.execute(
        "UPDATE interval_calibration SET calibrated_at = now() - interval '2 days' WHERE organization_id = $1"
    )
    aged = (await calibrations(stored))[0]["calibrated_at"]
    await calibrate_intervals(worker_context, stored.organization.organization_id)
    assert (await calibrations(stored))[0]["calibrated_at"] == aged, "nothing was settled since"


async def test_settling_asks_for_calibration(stored: StoredFacts, worker_context: WorkerContext, queue: Queue) -> None:
    organization_id = stored.organization.organization_id
    await stored.event("one", 4)
    await fold_token_events(worker_context, organization_id)
    await settle_days(worker_context, organization_id)
    assert not await queue.wake(Job.CALIBRATE_INTERVALS, organization_id), "a wake-up is on its way already"


async def test_a_lost_wake_up_is_found_once_the_team_is_at_rest_so_that_two_runs_end_with_equal_intervals(
    stored: StoredFacts,
    other_organization: Organization,
    worker_context: WorkerContext,
    database: Database,
    drain: Drain,
) -> None:
    other = StoredFacts(database, other_organization, stored.start)
    for facts in (stored, other):
        await facts.pull_request(1, opened=4, ended=20)
        await facts.event("first", 4, 10_000)
    # One run is calibrated halfway, and too early to be calibrated again at its end; the other at its end alone.
    await drain()
    await other.execute("DELETE FROM interval_calibration WHERE organization_id = $1")
    for facts in (stored, other):
        await facts.event("second", 6, 90_000)
    await drain()
    assert await measured(stored) != await measured(other)
    assert await wakes(database, worker_context) == set()
    await stored.execute("UPDATE stale_calibration SET noted_at = now() - interval '1 hour' WHERE organization_id = $1")
    assert await wakes(database, worker_context) == {(Job.CALIBRATE_INTERVALS, stored.organization.organization_id)}
    await calibrate_intervals(worker_context, stored.organization.organization_id)
    assert await measured(stored) == await measured(other)
    assert await wakes(database, worker_context) == set()


async def measured(facts: StoredFacts) -> list[tuple[object, ...]]:
    rows = await calibrations(facts)
    names = ("evidence", "pull_requests", "low", "high", "offset_tokens", "measured", "method")
    return [tuple(row[name] for name in names) for row in rows]


async def wakes(database: Database, context: WorkerContext) -> set[tuple[Job, int]]:
    """Return what the sweep wakes, without jobs that are due every day."""
    async with database.operator() as connection:
        due = await find_due(connection, context.settings.refit_pause)
    return {(job, organization) for job, organization in due if job not in {Job.STUDY_EFFECTS, Job.WATCH_SPEND}}
