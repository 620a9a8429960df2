"""What GitHub could not deliver and is asked to send again, over real HTTP, from the failure to the tables."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeAlias

import asyncpg
import pytest

from schema.database import Database
from schema.queue import Job
from tests.harness.bodies import Delivery
from tests.harness.forges.app_set_up import AppSetUp
from tests.harness.forges.histories import make_repository
from tests.harness.forges.repairs import Repairs
from workers.stores.upkeep.due_work import find_due

Tables: TypeAlias = Callable[[], Awaitable[dict[str, list[Any]]]]
Step: TypeAlias = Callable[[], Awaitable[None]]
Table: TypeAlias = Callable[[str], Awaitable[list[asyncpg.Record]]]

SHOP = make_repository(1, "octo/shop", pull_requests=4)


@pytest.fixture(autouse=True)
def shop(repairs: Repairs) -> None:
    repairs.fake.repositories = {SHOP.path: SHOP}


async def test_deliveries_missed_in_an_outage_are_redelivered_and_the_tables_end_the_same(
    repairs: Repairs, tables: Tables, drain: Step, forget: Step, table: Table
) -> None:
    reported = SHOP.deliveries()
    made, hook = await repairs.connect()
    await repairs.send(hook, reported)
    await drain()
    undisturbed = await tables()
    await forget()
    hook.attempts.clear()

    await repairs.send(hook, reported, lost=3)
    lost = len(reported[::3])
    await drain()
    assert await tables() != undisturbed
    await repairs.work("deliveries")
    assert await repairs.counts(made) == (lost, lost, 0, lost)
    await repairs.work("deliveries")
    assert await repairs.counts(made) == (lost, lost, lost, 0)
    assert len(await table("delivery")) == len(reported)
    await drain()
    assert await tables() == undisturbed
    shown = await repairs.shown(made)
    assert (shown["state"], shown["reason"]) == ("healthy", None)
    assert shown["last_success_at"] is not None


async def test_a_delivery_that_succeeded_once_under_its_guid_is_never_redelivered(repairs: Repairs) -> None:
    made, hook = await repairs.connect()
    first, second, third, *_ = SHOP.deliveries()
    await repairs.send(hook, [first])
    await repairs.send(hook, [second], lost=1)
    # Somebody asks by hand: of the one that arrived in vain, of the other with success.
    hook.is_cut_off = True
    await asyncio.to_thread(hook.send_again, 1)
    hook.is_cut_off = False
    await asyncio.to_thread(hook.send_again, 2)
    before = len(hook.attempts)
    await repairs.work("deliveries")
    assert len(hook.attempts) == before
    assert await repairs.counts(made) == (0, 0, 0, 0)
    # Neither when only the end of the list is read.
    await repairs.send(hook, [third])
    repairs.fake.clock.sleep(3600)
    await repairs.send(hook, [third])
    await repairs.work("deliveries")
    hook.is_cut_off = True
    await asyncio.to_thread(hook.send_again, 1)
    hook.is_cut_off = False
    before = len(hook.attempts)
    await repairs.work("deliveries")
    assert len(hook.attempts) == before
    assert await repairs.counts(made) == (0, 0, 0, 0)


async def test_redeliveries_back_off_while_the_service_stays_unreachable(repairs: Repairs) -> None:
    made, hook = await repairs.connect()
    hook.is_cut_off = True
    await asyncio.to_thread(hook.send, SHOP.deliveries()[0])
    for _ in range(5):
        await repairs.work("deliveries")
    assert len(hook.attempts) == 2
    assert await repairs.counts(made) == (1, 1, 0, 1)
    hook.is_cut_off = False
    repairs.fake.clock.sleep(timedelta(minutes=6).total_seconds())
    await repairs.work("deliveries")
    await repairs.work("deliveries")
    assert await repairs.counts(made) == (1, 2, 1, 0)


async def test_what_the_forge_no_longer_sends_again_is_left_to_others(repairs: Repairs) -> None:
    made, hook = await repairs.connect()
    await repairs.send(hook, SHOP.deliveries()[:2], lost=1)
    repairs.fake.clock.sleep(timedelta(days=8).total_seconds())
    await repairs.send(hook, SHOP.deliveries()[2:3])
    await repairs.work("deliveries")
    assert len(hook.attempts) == 3
    assert await repairs.counts(made) == (0, 0, 0, 0)


async def test_hooks_of_organizations_and_repositories_are_found_by_their_address(repairs: Repairs) -> None:
    made, hook = await repairs.connect("orgs/octo")
    second = repairs.hook(made, "repos/octo/shop")
    foreign, elsewhere = await repairs.connect("repos/octo/shop", token=None)
    reported = SHOP.deliveries()
    await repairs.send(hook, reported[:1], lost=1)
    await repairs.send(second, reported[1:2], lost=1)
    await repairs.send(elsewhere, reported[2:3], lost=1)
    await repairs.work("deliveries")
    assert [len(each.attempts) for each in (hook, second, elsewhere)] == [2, 2, 1]
    answer = await repairs.client.get(f"/api/v1/connections/{foreign['id']}", headers=repairs.organization.headers)
    assert answer.json()["repairs"] == []


async def test_long_lists_are_read_page_by_page_and_from_where_they_were_read_last(repairs: Repairs) -> None:
    made, hook = await repairs.connect()
    ping = Delivery("ping", {"zen": "CANARY-zen", "repository": SHOP.payload()})
    await repairs.send(hook, [ping] * 118)
    repairs.fake.clock.sleep(1800)
    await repairs.send(hook, [ping] * 2, lost=1)
    await repairs.work("deliveries")
    assert await repairs.counts(made) == (2, 2, 0, 2)
    repairs.fake.clock.sleep(1800)
    await repairs.send(hook, [ping])
    await repairs.work("deliveries")
    pages = sum(each.endswith("/hooks/1/deliveries") for each in repairs.fake.requests)
    assert pages == 2 + 1
    assert await repairs.counts(made) == (2, 2, 2, 0)


async def test_a_refused_token_is_reported_and_a_new_one_is_tried_at_once(repairs: Repairs, database: Database) -> None:
    made, hook = await repairs.connect(token="ghp_CANARY_wrong")
    await repairs.send(hook, SHOP.deliveries()[:1], lost=1)
    await repairs.work("deliveries")
    shown = await repairs.shown(made)
    assert shown["state"] == "refused"
    assert "refuses the access token. It answered: 401 Bad credentials." in shown["reason"]
    async with database.operator() as connection:
        assert Job.REPAIR not in {job for job, _ in await find_due(connection, timedelta())}
    token = {"token": "github_pat_CANARY_token"}
    path = f"/api/v1/connections/{made['id']}/token"
    answer = await repairs.client.put(path, json=token, headers=repairs.organization.headers)
    assert answer.status_code == 200
    async with database.operator() as connection:
        assert Job.REPAIR in {job for job, _ in await find_due(connection, timedelta())}
    await repairs.work("deliveries")
    assert (await repairs.shown(made))["state"] == "healthy"
    assert len(hook.attempts) == 2


async def test_a_hook_that_the_token_cannot_administer_is_reported(repairs: Repairs) -> None:
    made, _ = await repairs.connect()
    repairs.fake.hooks.clear()
    await repairs.work("deliveries")
    shown = await repairs.shown(made)
    assert shown["state"] == "refused"
    assert "sees no webhook that sends to this connection" in shown["reason"]


async def test_a_forge_at_its_limit_is_left_alone_until_it_allows_more(repairs: Repairs, table: Table) -> None:
    made, hook = await repairs.connect()
    await repairs.send(hook, SHOP.deliveries()[:1], lost=1)
    repairs.fake.fail(403, headers={"retry-after": "900"})
    await repairs.work("deliveries")
    assert (await repairs.shown(made))["state"] == "waiting"
    (check,) = [each for each in await table("repair_check") if each["kind"] == "deliveries"]
    assert check["next_attempt_at"] - repairs.fake.clock.now() > timedelta(minutes=10)
    repairs.fake.clock.sleep(1000)
    await repairs.work("deliveries")
    assert len(hook.attempts) == 2


async def test_an_app_has_its_failed_deliveries_sent_again_those_of_its_installation_included(
    repairs: Repairs, app_set_up: AppSetUp, service_url: str, table: Table, drain: Step
) -> None:
    app, _ = await app_set_up.registered()
    hook = repairs.fake.apps.hook_to(app, f"{service_url}/webhooks/github")
    installation = repairs.fake.apps.install(app, [SHOP])
    created = Delivery("installation", repairs.fake.apps.payload(app, installation, "created", repositories=[]))
    pulls = [
        Delivery(each.event, {**each.payload, "installation": {"id": installation.number}})
        for each in SHOP.deliveries()
    ]
    await repairs.send(hook, [created], lost=1)
    await repairs.send(hook, pulls[:3])
    for _ in range(3):
        await repairs.work("deliveries")
        repairs.fake.clock.sleep(3600)
    (connection,) = await table("connection")
    answer = await repairs.client.get("/api/v1/connections", headers=repairs.organization.headers)
    (shown,) = answer.json()["items"]
    (check,) = [each for each in shown["repairs"] if each["kind"] == "deliveries"]
    assert check["github_app"] == shown["github_app"]
    assert check["missing"] == 0
    assert check["found"] == check["recovered"] >= 1
    assert connection["installation_id"] == installation.number
    await drain()
    assert len(await table("pull_request")) >= 1


async def test_a_repository_that_closes_to_the_token_does_not_hold_up_the_others(
    repairs: Repairs,
) -> None:
    made, closed = await repairs.connect("repos/octo/shop")
    second = repairs.hook(made, "orgs/octo")
    reported = SHOP.deliveries()
    await repairs.send(closed, reported[:1])
    await repairs.send(second, reported[1:2])
    await repairs.work("deliveries")
    assert (await repairs.shown(made))["state"] == "healthy"
    await repairs.send(closed, reported[2:3], lost=1)
    await repairs.send(second, reported[3:4], lost=1)
    closed.owner = "repos/octo/hidden"
    await repairs.work("deliveries")
    assert (len(closed.attempts), len(second.attempts)) == (2, 3)
    assert await repairs.counts(made) == (1, 1, 0, 1)
    # Open again, it is read from its beginning once hooks are looked for anew.
    closed.owner = "repos/octo/shop"
    path = {"forge": "github"}
    await repairs.client.post("/api/v1/repairs", json=path, headers=repairs.organization.headers)
    await repairs.work("deliveries")
    await repairs.work("deliveries")
    assert await repairs.counts(made) == (2, 2, 2, 0)


async def test_the_next_worker_continues_after_a_kill_and_requests_nothing_twice(repairs: Repairs) -> None:
    made, hook = await repairs.connect()
    await repairs.send(hook, SHOP.deliveries()[:6], lost=2)
    looking = asyncio.create_task(repairs.work("deliveries"))
    # It dies with the answer to its second request to send again under way.
    while not looking.done() and len(hook.attempts) < 6 + 2:  # noqa: ASYNC110 - counted by another thread
        await asyncio.sleep(0.001)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    assert looking.cancelled()
    await asyncio.sleep(0.2)
    assert (await repairs.counts(made))[3] > 0
    for _ in range(2):
        await repairs.work("deliveries")
    found, _, recovered, missing = await repairs.counts(made)
    assert (found, recovered, missing) == (3, 3, 0)
    tried = Counter(each.guid for each in hook.attempts)
    assert sorted(tried.values()) == [1, 1, 1, 2, 2, 2]


async def test_deliveries_beyond_the_limit_of_one_check_are_requested_by_the_next_checks_at_once(
    repairs: Repairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.jobs.repairs.deliveries.MAX_RESENDS", 2)
    made, hook = await repairs.connect()
    await repairs.send(hook, SHOP.deliveries()[:5], lost=1)
    await repairs.work("deliveries")
    assert (await repairs.counts(made))[:2] == (5, 5)
    assert len(hook.attempts) == 10


async def test_a_hook_recreated_elsewhere_is_found_at_the_next_check(repairs: Repairs) -> None:
    made, hook = await repairs.connect()
    await repairs.send(hook, SHOP.deliveries()[:1])
    await repairs.work("deliveries")
    del repairs.fake.hooks[hook.number]
    other = repairs.hook(made, "orgs/octo")
    other.number = 77
    repairs.fake.hooks[77] = repairs.fake.hooks.pop(hook.number)
    await repairs.send(other, SHOP.deliveries()[1:2], lost=1)
    await repairs.work("deliveries")
    assert (await repairs.shown(made))["state"] == "refused"
    await repairs.work("deliveries")
    assert (await repairs.shown(made))["state"] == "healthy"
    assert len(other.attempts) == 2
