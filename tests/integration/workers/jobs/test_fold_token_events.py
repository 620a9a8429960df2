import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from schema.queue import Job, Queue
from schema.settings import Settings
from tests.integration.workers.stored_facts import SHOP, StoredFacts
from workers.context import WorkerContext
from workers.jobs import fold_token_events as job
from workers.jobs.fold_token_events import fold_token_events

Drain = Callable[[], Awaitable[None]]

# Its price in nano-USD is beyond 64 bits.
TOO_MANY_TOKENS = 2**60


@pytest.fixture
def fold(worker_context: WorkerContext, stored: StoredFacts) -> Drain:
    return lambda: fold_token_events(worker_context, stored.organization.organization_id)


async def test_events_of_one_hour_and_kind_share_a_window_and_are_priced(stored: StoredFacts, fold: Drain) -> None:
    for number in range(3):
        await stored.event(f"e{number}", 9 + number / 4, 1000)
    await fold()
    (window,) = await stored.fetch("SELECT * FROM token_window WHERE organization_id = $1")
    assert (window["requests"], window["input_uncached"], window["unpriced_tokens"]) == (3, 3000, 0)
    assert window["cost_nano_usd"] == 3000 * 3000
    assert (window["hour"], window["model_family"]) == (stored.at(9), "claude-sonnet")
    batches = await stored.fetch("SELECT state FROM intake_batch WHERE organization_id = $1")
    assert [batch["state"] for batch in batches] == ["processed"] * 3


async def test_an_unknown_model_costs_nothing_and_is_counted_as_unpriced(stored: StoredFacts, fold: Drain) -> None:
    await stored.event("e", 9, 700, model="no-such-model")
    await fold()
    (window,) = await stored.fetch("SELECT * FROM token_window WHERE organization_id = $1")
    assert (window["cost_nano_usd"], window["unpriced_tokens"]) == (0, 700)


async def test_folding_twice_counts_once(stored: StoredFacts, fold: Drain) -> None:
    await stored.event("e", 9)
    await fold()
    await fold()
    assert await stored.windows() == [(1, 1000)]


async def test_more_events_than_a_batch_are_all_counted(
    stored: StoredFacts, fold: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "BATCH", 4)
    for number in range(9):
        await stored.event(f"e{number}", 9, session="s")
    await fold()
    assert await stored.windows() == [(9, 9000)]


async def test_folding_wakes_the_settlement_once_there_is_something_to_settle(
    stored: StoredFacts, fold: Drain, queue: Queue
) -> None:
    organization_id = stored.organization.organization_id
    await fold()
    assert await queue.wake(Job.SETTLE_DAYS, organization_id), "nothing was folded, so nothing was woken"
    await queue.begun(Job.SETTLE_DAYS, organization_id)
    await stored.event("e", 9)
    await fold()
    assert not await queue.wake(Job.SETTLE_DAYS, organization_id), "a wake-up is on its way already"


async def test_a_sessions_commit_links_the_tokens_before_it(stored: StoredFacts, drain: Drain) -> None:
    first = await stored.pull_request(1, opened=20, commits=("c1",))
    second = await stored.pull_request(2, opened=20, commits=("c2",))
    for hour in (9, 10, 11):
        await stored.event(f"e{hour}", hour, session="s")
    commit = stored.organization.hasher.commit
    await stored.evidence("s", 9.5, commit=commit("c1"))
    await stored.evidence("s", 11.5, commit=commit("c2"))
    await drain()
    assert await stored.ledger() == {(first, "commit"): 1000, (second, "commit"): 2000}


async def test_a_commit_reported_later_moves_counted_tokens(stored: StoredFacts, drain: Drain) -> None:
    pull_request = await stored.pull_request(1, opened=20, commits=("c",))
    await stored.event("e1", 9, session="s")
    await stored.event("e2", 9, 10, model="no-such-model", session="s")
    await stored.event("e3", 9, 300, session="another")
    await drain()
    assert (pull_request, "commit") not in await stored.ledger()

    await stored.evidence("s", 9.5, commit=stored.organization.hasher.commit("c"))
    await drain()
    ledger = await stored.ledger()
    assert ledger[pull_request, "commit"] == 1010
    assert sum(ledger.values()) == 1310
    assert sorted(await stored.windows()) == [(1, 10), (1, 300), (1, 1000)], "windows left empty are gone"
    unpriced = await stored.fetch("SELECT sum(unpriced_tokens) AS tokens FROM token_window WHERE organization_id = $1")
    assert unpriced[0]["tokens"] == 10


async def test_an_event_that_names_its_branch_late_links_the_rest_of_its_session(
    stored: StoredFacts, drain: Drain
) -> None:
    hasher = stored.organization.hasher
    pull_request = await stored.pull_request(1, opened=20, branch="fix")
    await stored.event("e1", 9, session="s")
    await drain()
    known = {"branch": hasher.branch("fix"), "repository": hasher.repository_by_name(SHOP)}
    await stored.event("e2", 10, session="s", **known)
    await drain()
    assert await stored.ledger() == {(pull_request, "branch"): 2000}


async def test_two_folds_at_once_count_every_event_once(
    stored: StoredFacts, fold: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "BATCH", 5)
    for number in range(40):
        await stored.event(f"e{number}", number % 3, session=f"s{number % 7}")
        if number % 10 == 0:
            await stored.evidence(f"s{number % 7}", number, branch=stored.name("fix"))
    await asyncio.gather(*(fold() for _ in range(4)))
    assert sum(requests for requests, _ in await stored.windows()) == 40
    assert sum(tokens for _, tokens in await stored.windows()) == 40_000
    assert not await stored.fetch("SELECT 1 FROM intake_batch WHERE organization_id = $1 AND state <> 'processed'")


async def test_an_event_that_cannot_be_counted_does_not_hold_up_its_neighbours(
    stored: StoredFacts, fold: Drain
) -> None:
    for number in range(6):
        await stored.event(f"e{number}", 9, session="s")
    await stored.event("poison", 9, TOO_MANY_TOKENS, session="s")
    await stored.evidence("s", 10, branch=stored.name("fix"))
    await fold()
    assert await stored.windows() == [(6, 6000)]
    (poison,) = await stored.fetch(
        "SELECT * FROM intake_batch JOIN token_event USING (organization_id, batch_id, received_at)"
        " WHERE organization_id = $1 AND state = 'waiting'"
    )
    assert (poison["event_id"], poison["attempts"]) == (stored.name("poison"), 1)
    assert poison["failure"] == "value_refused"
    assert timedelta(seconds=1) < poison["next_attempt_at"] - poison["received_at"] < timedelta(seconds=60)


async def test_an_event_that_never_can_be_counted_ends_as_a_dead_letter(
    stored: StoredFacts, fold: Drain, settings: Settings
) -> None:
    await stored.event("poison", 9, TOO_MANY_TOKENS)
    for _ in range(settings.retry_limit):
        await stored.execute("UPDATE intake_batch SET next_attempt_at = now() WHERE organization_id = $1")
        await fold()
    (poison,) = await stored.fetch("SELECT * FROM intake_batch WHERE organization_id = $1")
    assert (poison["state"], poison["attempts"]) == ("dead", settings.retry_limit)
    await stored.execute("UPDATE intake_batch SET next_attempt_at = now() WHERE organization_id = $1")
    await fold()
    (again,) = await stored.fetch("SELECT * FROM intake_batch WHERE organization_id = $1")
    assert again["attempts"] == settings.retry_limit


async def test_a_fold_that_is_cut_off_leaves_everything_waiting(
    stored: StoredFacts, fold: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored.event("e", 9)

    async def cut_off(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr("workers.stores.ledger.settlements.mark_days", cut_off)
        with pytest.raises(asyncio.CancelledError):
            await fold()
    assert await stored.windows() == []
    await fold()
    assert await stored.windows() == [(1, 1000)]
