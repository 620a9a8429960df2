"""Days whose tokens were shared by fitted rates are settled again when the days around them change, and only then."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import asyncpg

from tests.integration.workers.stored_facts import StoredFacts
from workers.attribution.methods import CURRENT
from workers.context import WorkerContext
from workers.jobs.fold_token_events import fold_token_events
from workers.jobs.settle_days import settle_days

Drain = Callable[[], Awaitable[None]]

DAY = 24
assert CURRENT.prior is not None, "without a fit no day depends on another"
FAR = (CURRENT.margin_days + 8) * DAY


async def two_pull_requests(stored: StoredFacts) -> tuple[bytes, bytes]:
    """Both worked on at the same hours of two days, so that only rates tell them apart."""
    first, second = await stored.pull_request(1, opened=9), await stored.pull_request(2, opened=9)
    for each in (first, second):
        await stored.execute(
            "INSERT INTO activity (organization_id, artifact_id, kind, reference, occurred_at)"
            " VALUES ($1, $2, 'commit', $2, $3)",
            each,
            stored.at(DAY + 9),
        )
    return first, second


async def settlements(stored: StoredFacts) -> list[asyncpg.Record]:
    return await stored.fetch("SELECT * FROM settlement WHERE organization_id = $1 ORDER BY day")


async def test_linked_tokens_of_a_neighbouring_day_change_how_a_day_is_shared(
    stored: StoredFacts, drain: Drain
) -> None:
    first, second = await two_pull_requests(stored)
    await stored.event("pooled", 8, 1_000_000)
    await drain()
    alike = await stored.ledger()
    assert alike[first, "cohort"] == alike[second, "cohort"]
    await stored.event("linked", DAY + 8, 5_000_000, artifact=first)
    await drain()
    informed = await stored.ledger()
    assert informed[first, "cohort"] > 1.2 * informed.get((second, "cohort"), 0)
    assert {row["state"] for row in await settlements(stored)} == {"processed"}


async def test_the_ledger_is_independent_of_the_order_of_days(stored: StoredFacts, drain: Drain) -> None:
    first, _ = await two_pull_requests(stored)
    await stored.event("linked", DAY + 8, 5_000_000, artifact=first)
    await drain()
    await stored.event("pooled", 8, 1_000_000)
    await drain()
    one_way = await stored.ledger()
    await stored.execute("UPDATE settlement SET state = 'waiting' WHERE organization_id = $1")
    await drain()
    assert await stored.ledger() == one_way


async def test_a_day_of_linked_tokens_alone_depends_on_no_other(stored: StoredFacts, drain: Drain) -> None:
    first, _ = await two_pull_requests(stored)
    await stored.event("linked", 8, artifact=first)
    await drain()
    (before,) = await settlements(stored)
    assert before["depends_from"] is None
    await stored.event("pooled", DAY + 8)
    await drain()
    assert (await settlements(stored))[0] == before


async def test_a_day_farther_away_than_the_fit_reaches_is_left_alone(stored: StoredFacts, drain: Drain) -> None:
    await two_pull_requests(stored)
    await stored.event("pooled", 8)
    await drain()
    (before,) = await settlements(stored)
    await stored.event("far", FAR + 7 * DAY)
    await drain()
    assert (await settlements(stored))[0] == before
    await stored.event("near", DAY + 8)
    await drain()
    assert (await settlements(stored))[0]["settled_at"] > before["settled_at"]


async def test_a_refit_waits_for_its_pause_while_nothing_is_pending(
    stored: StoredFacts, drain: Drain, worker_context: WorkerContext
) -> None:
    await two_pull_requests(stored)
    await stored.event("pooled", 8)
    await drain()
    (before,) = await settlements(stored)
    patient = replace(
        worker_context, settings=worker_context.settings.model_copy(update={"refit_pause": timedelta(hours=1)})
    )
    await stored.event("more", DAY + 8)
    await fold_token_events(patient, stored.organization.organization_id)
    await settle_days(patient, stored.organization.organization_id)
    waiting, settled = await settlements(stored)
    assert (waiting["state"], waiting["refit"], waiting["settled_at"]) == ("waiting", True, before["settled_at"])
    assert settled["state"] == "processed"
    await settle_days(worker_context, stored.organization.organization_id)
    assert (await settlements(stored))[0]["settled_at"] > before["settled_at"]
