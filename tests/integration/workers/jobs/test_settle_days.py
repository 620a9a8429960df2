import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from schema.database import Database
from tests.integration.workers.stored_facts import SHOP, StoredFacts
from workers.attribution.methods import ACTIVITY
from workers.context import WorkerContext
from workers.jobs.settle_days import settle_days
from workers.stores.ledger import attributions
from workers.stores.ledger.invalidate_days import invalidate_by_evidence, invalidate_days

Drain = Callable[[], Awaitable[None]]


@pytest.fixture(autouse=True)
def settled_by_activity_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The method whose shares can be computed by hand."""
    monkeypatch.setattr("workers.jobs.settle_days.CURRENT", ACTIVITY)


@pytest.fixture
def settle(worker_context: WorkerContext, stored: StoredFacts) -> Drain:
    return lambda: settle_days(worker_context, stored.organization.organization_id)


async def other_team(stored: StoredFacts) -> int:
    (row,) = await stored.fetch("INSERT INTO team (organization_id, name) VALUES ($1, 'other') RETURNING team_id")
    return int(str(row["team_id"]))


async def test_every_kind_of_evidence_reaches_the_ledger(stored: StoredFacts, drain: Drain) -> None:
    hasher = stored.organization.hasher
    shop = hasher.repository_by_name(SHOP)
    pull_request = await stored.pull_request(1, opened=10, branch="fix", commits=("c",))
    await stored.event("artifact", 9, 1, artifact=pull_request)
    await stored.event("number", 9, 10, number=hasher.number(1), repository=shop)
    await stored.event("commit", 9, 100, commit=hasher.commit("c"))
    await stored.event("branch", 9, 1000, branch=hasher.branch("fix"), repository=shop)
    await stored.event("repository", 9, 10_000, repository=shop)
    await stored.event("cohort", 9, 100_000)
    await stored.event("overhead", 200 * 24, 1_000_000)
    await drain()
    assert await stored.ledger() == {
        (pull_request, "artifact"): 11,
        (pull_request, "commit"): 100,
        (pull_request, "branch"): 1000,
        (pull_request, "repository"): 8000,
        (pull_request, "cohort"): 80_000,
        (b"", "overhead"): 2000 + 20_000 + 1_000_000,
    }
    rollup = await stored.fetch(
        "SELECT evidence, sum(input_uncached)::bigint AS tokens, sum(cost_nano_usd)::bigint AS cost"
        " FROM attribution_rollup WHERE organization_id = $1 GROUP BY evidence"
    )
    assert {row["evidence"]: (row["tokens"], row["cost"]) for row in rollup}["commit"] == (100, 100 * 3000)
    (settled, *_) = await stored.fetch("SELECT * FROM settlement WHERE organization_id = $1 ORDER BY day")
    assert (settled["state"], settled["method"], settled["input_uncached"]) == (
        "processed",
        "activity-kernel-1",
        111_111,
    )


async def test_the_organizations_exploratory_share_is_used(stored: StoredFacts, drain: Drain) -> None:
    await stored.execute("UPDATE organization SET exploratory_share = 0.5 WHERE organization_id = $1")
    pull_request = await stored.pull_request(1, opened=10)
    await stored.event("e", 9)
    await drain()
    assert await stored.ledger() == {(pull_request, "cohort"): 500, (b"", "overhead"): 500}


async def test_a_late_event_settles_its_day_again(stored: StoredFacts, drain: Drain) -> None:
    pull_request = await stored.pull_request(1, opened=10)
    await stored.event("e1", 9)
    await stored.event("e2", 33)
    await drain()
    before = await stored.fetch("SELECT day, settled_at FROM settlement WHERE organization_id = $1 ORDER BY day")
    await stored.event("late", 9)
    await drain()
    after = await stored.fetch("SELECT day, settled_at FROM settlement WHERE organization_id = $1 ORDER BY day")
    assert (await stored.ledger())[pull_request, "cohort"] == 800 * 3
    assert after[0]["settled_at"] > before[0]["settled_at"]
    assert after[1] == before[1], "a day that nothing happened to is left alone"


async def test_a_pull_request_reported_later_earns_the_tokens_of_its_life(stored: StoredFacts, drain: Drain) -> None:
    await stored.event("e", 9)
    await drain()
    assert await stored.ledger() == {(b"", "overhead"): 1000}
    pull_request = await stored.pull_request(1, opened=25)
    async with stored.database.organization(stored.organization.organization_id) as tenant:
        day = stored.at(25).date()
        assert await invalidate_days(tenant, from_day=day, to_day=day)
    await drain()
    assert await stored.ledger() == {(pull_request, "cohort"): 800, (b"", "overhead"): 200}


async def test_days_out_of_reach_and_other_teams_are_not_marked(stored: StoredFacts, drain: Drain) -> None:
    organization_id = stored.organization.organization_id
    await stored.event("e", 9)
    await drain()
    async with stored.database.organization(organization_id) as tenant:
        far, near = stored.at(48).date(), stored.at(24).date()
        assert not await invalidate_days(tenant, from_day=far, to_day=far)
        assert not await invalidate_days(tenant, from_day=near, to_day=near, team_ids=[2**40])
        assert await invalidate_days(tenant, from_day=near, to_day=near)
    await drain()


async def test_a_commit_reported_months_later_finds_its_windows(stored: StoredFacts, drain: Drain) -> None:
    organization_id, hasher = stored.organization.organization_id, stored.organization.hasher
    await stored.event("e", 9, commit=hasher.commit("c"))
    await drain()
    pull_request = await stored.pull_request(1, opened=90 * 24, commits=("c",))
    async with stored.database.organization(organization_id) as tenant:
        assert not await invalidate_by_evidence(tenant, commits=[hasher.commit("unknown")])
        assert await invalidate_by_evidence(tenant, commits=[hasher.commit("c")])
    await drain()
    assert await stored.ledger() == {(pull_request, "commit"): 1000}


@pytest.mark.parametrize("kind", ["branches", "numbers", "artifacts"])
async def test_windows_are_found_by_each_kind_of_evidence(stored: StoredFacts, drain: Drain, kind: str) -> None:
    organization_id = stored.organization.organization_id
    column = {"branches": "branch", "numbers": "number", "artifacts": "artifact"}[kind]
    await stored.event("e", 9, **{column: stored.name("x")})
    await drain()
    async with stored.database.organization(organization_id) as tenant:
        assert await invalidate_by_evidence(tenant, **{kind: [stored.name("x")]})
    await drain()


async def test_another_teams_pull_requests_earn_linked_tokens_but_no_share_of_the_rest(
    stored: StoredFacts, drain: Drain
) -> None:
    pull_request = await stored.pull_request(1, opened=10, team_id=await other_team(stored), commits=("c",))
    await stored.event("linked", 9, 300, commit=stored.organization.hasher.commit("c"))
    await stored.event("cohort", 9, 1000)
    await drain()
    assert await stored.ledger() == {(pull_request, "commit"): 300, (b"", "overhead"): 1000}


async def test_a_pull_request_opened_later_earns_the_hours_before_its_first_commits(
    stored: StoredFacts, drain: Drain
) -> None:
    pull_request = await stored.pull_request(1, opened=20 * 24)
    await stored.execute(
        "INSERT INTO activity (organization_id, artifact_id, kind, reference, occurred_at)"
        " VALUES ($1, $2, 'commit', $3, $4)",
        pull_request,
        stored.name("c"),
        stored.at(10),
    )
    await stored.event("e", 9)
    await drain()
    assert (await stored.ledger())[pull_request, "cohort"] == 800


async def test_open_work_is_not_forgotten_until_it_has_slept_a_month(stored: StoredFacts, drain: Drain) -> None:
    pull_request = await stored.pull_request(1, opened=0)
    await stored.event("e1", 20 * 24)
    await stored.event("e2", 40 * 24)
    await drain()
    assert await stored.ledger() == {(pull_request, "cohort"): 800, (b"", "overhead"): 1200}


async def test_two_settlements_at_once_write_each_day_once(stored: StoredFacts, drain: Drain, settle: Drain) -> None:
    pull_request = await stored.pull_request(1, opened=10)
    for day in range(6):
        await stored.event(f"e{day}", 9 + 24 * day)
    await drain()
    await stored.execute("UPDATE settlement SET state = 'waiting' WHERE organization_id = $1")
    await asyncio.gather(*(settle() for _ in range(3)))
    assert (await stored.ledger())[pull_request, "cohort"] == 800 * 6
    assert not await stored.fetch("SELECT 1 FROM settlement WHERE organization_id = $1 AND state <> 'processed'")


async def test_facts_that_change_while_a_day_is_settled_settle_it_once_more(
    stored: StoredFacts, drain: Drain, settle: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization_id = stored.organization.organization_id
    await stored.event("e", 9)
    reached, marked = asyncio.Event(), asyncio.Event()
    write = attributions.replace

    async def wait_before_writing(*arguments: object) -> None:
        reached.set()
        # The marking transaction cannot commit while the day is held: it only has to be on its way.
        await asyncio.sleep(0.2)
        await write(*arguments)  # type: ignore[arg-type] # handed through as they came

    async def change_facts() -> None:
        await reached.wait()
        await stored.pull_request(1, opened=10)
        async with stored.database.organization(organization_id) as tenant:
            day = stored.at(10).date()
            await invalidate_days(tenant, from_day=day, to_day=day)
        marked.set()

    with monkeypatch.context() as patched:
        patched.setattr(attributions, "replace", wait_before_writing)
        await asyncio.gather(drain(), change_facts())
    assert marked.is_set()
    await settle()
    assert (b"", "overhead") in (ledger := await stored.ledger())
    assert ledger[b"", "overhead"] == 200


async def test_a_day_that_cannot_be_settled_backs_off_and_holds_up_no_other(
    stored: StoredFacts, drain: Drain, settle: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored.event("bad", 9)
    await stored.event("good", 33)
    write = attributions.replace

    async def fail_the_first_day(*given: Any) -> None:
        *_, days, _ = given
        if stored.at(9).date() in days:
            raise ValueError
        await write(*given)

    with monkeypatch.context() as patched:
        patched.setattr(attributions, "replace", fail_the_first_day)
        await drain()
    bad, good = await stored.fetch("SELECT * FROM settlement WHERE organization_id = $1 ORDER BY day")
    assert (bad["state"], bad["attempts"], bad["failure"]) == ("waiting", 1, "unexpected")
    assert (good["state"], good["input_uncached"]) == ("processed", 1000)
    await stored.execute("UPDATE settlement SET next_attempt_at = now() WHERE organization_id = $1")
    await settle()
    assert sum((await stored.ledger()).values()) == 2000


async def test_a_settlement_sees_only_its_own_organization(
    stored: StoredFacts, drain: Drain, other_organization: object, database: Database
) -> None:
    other = StoredFacts(database, other_organization, stored.start)  # type: ignore[arg-type] # the fixture of conftest
    await other.pull_request(1, opened=10)
    await stored.event("e", 9)
    await drain()
    assert await stored.ledger() == {(b"", "overhead"): 1000}
