"""A backfill of GitHub, from the request to the tables, against a GitHub that keeps state and limits."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any, TypeAlias

import pytest

from schema.database import Database
from schema.failures import Failure
from schema.queue import Job
from service.failures import EXPLANATIONS, failure_sentence
from tests.harness.bodies import Delivery
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.github import FakeGithub
from tests.harness.forges.histories import make_repository
from tests.harness.organization import Organization
from tests.harness.webhooks import Forge
from workers.context import WorkerContext
from workers.forges.transport import MOST_PULL_REQUESTS
from workers.stores.upkeep.due_work import find_due

Tables: TypeAlias = Callable[[], Awaitable[dict[str, list[Any]]]]
Forget: TypeAlias = Callable[[], Awaitable[None]]
Drain: TypeAlias = Callable[[], Awaitable[None]]
Server: TypeAlias = tuple[FakeGithub, str]


async def test_pull_requests_commits_reviews_and_releases_are_fetched(
    backfills: Backfills, github_server: Server, tables: Tables
) -> None:
    fake, url = github_server
    shop = make_repository(1, "octo/shop", pull_requests=120)
    fake.repositories = {each.path: each for each in (shop, make_repository(2, "octo/site", pull_requests=3, seed=2))}
    await backfills.connect("github", url)
    shown = await backfills.run()
    assert (shown["state"], shown["failures"]) == ("done", {})
    assert (shown["repositories"], shown["finished_repositories"]) == (2, 2)
    assert shown["pull_requests"] == shown["expected_pull_requests"] == 123
    stored = await tables()
    assert len(stored["pull_request"]) == 123
    assert {row[5] for row in stored["pull_request"]} == {"open", "merged", "abandoned"}
    assert sum(row[1] == "review" for row in stored["activity"]) == sum(
        len(each.reviews) for repository in fake.repositories.values() for each in repository.pull_requests
    )
    commits = sum(len(each.commits) for repository in fake.repositories.values() for each in repository.pull_requests)
    assert sum(row[1] == "commit" for row in stored["activity"]) == commits
    assert len(stored["release"]) == 8
    assert stored["release_pull_request"]
    assert shown["requests"] == len(fake.requests)
    assert fake.refused == []


async def test_webhooks_and_a_backfill_end_in_the_same_rows_in_any_order(
    backfills: Backfills, github_server: Server, tables: Tables, forget: Forget, drain: Drain
) -> None:
    fake, url = github_server
    shop = make_repository(1, "octo/shop", pull_requests=30)
    fake.repositories = {shop.path: shop}
    made = await backfills.connect("github", url)
    forge = Forge(backfills.client, "github", made)
    reported = shop.deliveries()

    async def deliver(deliveries: Sequence[Delivery]) -> None:
        for each in deliveries:
            await forge.deliver_payload(each.event, each.payload)
        await drain()

    await deliver(reported)
    by_webhooks = await tables()
    await backfills.run()
    expected = await tables()
    assert len(expected["pull_request"]) == 30
    assert len(by_webhooks["activity"]) < len(expected["activity"])
    for seed in range(2):
        shuffled = Random(seed).sample(reported, len(reported))
        middle = len(reported) // 2
        for before in (0, middle):
            await forget()
            await deliver(shuffled[:before])
            await backfills.run()
            await deliver(shuffled[before:])
            assert await tables() == expected


async def test_a_backfill_alone_records_what_webhooks_report_about_pull_requests(
    backfills: Backfills, github_server: Server, tables: Tables, forget: Forget, drain: Drain
) -> None:
    fake, url = github_server
    shop = make_repository(1, "octo/shop", pull_requests=30)
    fake.repositories = {shop.path: shop}
    forge = Forge(backfills.client, "github", await backfills.connect("github", url))
    for each in shop.deliveries():
        await forge.deliver_payload(each.event, each.payload)
    await drain()
    by_webhooks = await tables()
    await forget()
    await backfills.run()
    by_backfill = await tables()
    for table in ("pull_request", "repository", "pull_request_title"):
        assert by_backfill[table] == by_webhooks[table]
    # Only webhooks report pushes, and only the backfill reports commits from before the opening.
    reviews, others = [
        {row for row in known["activity"] if row[1] in {"review", "open", "merge"}}
        for known in (by_backfill, by_webhooks)
    ]
    assert reviews == others


async def test_a_killed_worker_loses_no_page(backfills: Backfills, github_server: Server, tables: Tables) -> None:
    fake, url = github_server
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=160)}
    await backfills.connect("github", url)
    begun = await backfills.begin("github")
    work = asyncio.create_task(backfills.work())
    loop = asyncio.get_running_loop()
    # In the midst of the second page, while its answer is under way.
    fake.after_pages[2] = lambda: loop.call_soon_threadsafe(work.cancel)
    with pytest.raises(asyncio.CancelledError):
        await work
    killed = await backfills.show(begun)
    assert (killed["state"], killed["pull_requests"]) == ("running", MOST_PULL_REQUESTS)
    # Nobody else takes up the page that was under way before the lease of the killed one ends.
    await backfills.work()
    assert (await backfills.show(begun))["pull_requests"] == killed["pull_requests"]
    await backfills.end_leases()
    shown = await backfills.finish(begun)
    assert shown["pull_requests"] == 160
    assert len((await tables())["pull_request"]) == 160
    # The list, four pages, three rests, what came meanwhile, releases, tags, and the page that was cut off again.
    assert len(fake.requests) == shown["requests"] <= 12


async def test_changes_during_pagination_are_not_missed(
    backfills: Backfills, github_server: Server, tables: Tables
) -> None:
    fake, url = github_server
    shop = make_repository(1, "octo/shop", pull_requests=120)
    fake.repositories = {"octo/shop": shop}
    await backfills.connect("github", url)
    begun = await backfills.begin("github")
    fake.after_pages[1] = lambda: oldest.reviews.append((99, backfills.clock.now().replace(microsecond=0)))
    oldest = min(shop.pull_requests, key=lambda each: each.updated_at)
    await backfills.finish(begun)
    stored = await tables()
    assert len(stored["pull_request"]) == 120
    assert sum(row[1] == "review" for row in stored["activity"]) == sum(
        len(each.reviews) for each in shop.pull_requests
    )


async def test_an_hour_s_budget_is_used_up_without_one_refusal(backfills: Backfills, github_server: Server) -> None:
    fake, url = github_server
    fake.budgets["graphql"].limit = 3
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=260)}
    await backfills.connect("github", url)
    begun = await backfills.begin("github")
    await backfills.work()
    waiting = await backfills.show(begun)
    assert waiting["state"] == "waiting"
    assert waiting["continues_at"] is not None
    shown = await backfills.finish(begun)
    assert (shown["state"], shown["pull_requests"]) == ("done", 260)
    assert fake.refused == []


async def test_no_request_is_refused_twice(backfills: Backfills, github_server: Server) -> None:
    fake, url = github_server
    fake.budgets["graphql"].a_minute = 4
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=260)}
    await backfills.connect("github", url)
    shown = await backfills.run()
    assert shown["pull_requests"] == 260
    assert set(fake.refused) == {"secondary"}
    # Each refusal was waited for: the request after it was let through.
    assert fake.refused_in_a_row == 1


async def test_a_token_used_by_others_too_is_refused_once_and_waited_for(
    backfills: Backfills, github_server: Server
) -> None:
    fake, url = github_server
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=160)}
    fake.after_pages[1] = lambda: fake.budgets["graphql"].spend(5000)
    await backfills.connect("github", url)
    shown = await backfills.run()
    assert shown["pull_requests"] == 160
    assert fake.refused == ["primary"]


async def test_only_requested_repositories_and_dates_are_fetched(
    backfills: Backfills, github_server: Server, tables: Tables
) -> None:
    fake, url = github_server
    shop = make_repository(1, "octo/shop", pull_requests=60)
    fake.repositories = {each.path: each for each in (shop, make_repository(2, "octo/site", pull_requests=5))}
    await backfills.connect("github", url)
    since = sorted(each.updated_at for each in shop.pull_requests)[30]
    shown = await backfills.run(repository="Octo/Shop".lower(), since=since.isoformat())
    assert (shown["repositories"], shown["pull_requests"]) == (1, 30)
    assert len((await tables())["pull_request"]) == 30


async def test_a_dry_run_counts_and_stores_nothing(backfills: Backfills, github_server: Server, tables: Tables) -> None:
    fake, url = github_server
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=60)}
    await backfills.connect("github", url)
    shown = await backfills.run(dry_run=True)
    assert (shown["state"], shown["expected_pull_requests"], shown["pull_requests"]) == ("done", 60, 0)
    assert not any((await tables()).values())


@pytest.mark.parametrize("status", [500, 503])
async def test_a_forge_that_is_unreachable_for_a_while_is_retried(
    backfills: Backfills, github_server: Server, status: int
) -> None:
    fake, url = github_server
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=5)}
    fake.fail(status, times=12)
    await backfills.connect("github", url)
    shown = await backfills.run()
    assert (shown["state"], shown["pull_requests"]) == ("done", 5)
    assert len(fake.requests) < 12 + 8


async def test_a_refused_token_ends_it_with_the_reason_and_no_word_of_the_forge(
    backfills: Backfills, github_server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    _, url = github_server
    await backfills.connect("github", url, token="another")
    shown = await backfills.run()
    assert (shown["state"], shown["failures"]) == (
        "failed",
        {failure_sentence(f"{Failure.TOKEN_REFUSED}: 401 Bad credentials"): 1},
    )
    _, url = github_server
    missing = await backfills.connect("github", url)
    shown = await backfills.run(repository="canary/gone", connection=missing["id"])
    assert shown["failures"] == {failure_sentence(f"{Failure.NOT_FOUND}: 404 Not Found"): 1}
    reported = "".join(capsys.readouterr())
    assert "backfill_step_given_up" in reported
    assert "CANARY" not in reported
    assert "canary" not in reported


async def test_a_forge_on_a_private_network_is_not_contacted(
    backfills: Backfills, github_server: Server, worker_context: WorkerContext
) -> None:
    fake, url = github_server
    await backfills.connect("github", url)
    backfills.context = worker_context
    shown = await backfills.run()
    assert (shown["state"], shown["failures"]) == ("failed", {EXPLANATIONS[Failure.PRIVATE_ADDRESS].sentence: 1})
    assert fake.requests == []


async def test_a_connection_without_a_token_sends_no_requests(backfills: Backfills, github_server: Server) -> None:
    _, url = github_server
    await backfills.connect("github", url, token=None)
    answer = await backfills.begin("github", status=409)
    assert "token" in answer["detail"]


async def test_pages_become_smaller_if_github_cannot_answer_large_ones(
    backfills: Backfills, github_server: Server
) -> None:
    fake, url = github_server
    fake.most_at_once = 15
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=60)}
    await backfills.connect("github", url)
    shown = await backfills.run()
    assert (shown["state"], shown["failures"], shown["pull_requests"]) == ("done", {}, 60)


async def test_a_step_is_due_once_until_its_lease_or_its_pause_ends(
    backfills: Backfills, github_server: Server, database: Database
) -> None:
    fake, url = github_server
    fake.fail(429, headers={"retry-after": "1000"})
    await backfills.connect("github", url)

    async def due() -> set[Job]:
        async with database.operator() as connection:
            return {job for job, _ in await find_due(connection, timedelta()) if job is Job.BACKFILL}

    assert await due() == set()
    begun = await backfills.begin("github")
    assert await due() == {Job.BACKFILL}
    await backfills.work()
    assert (await backfills.show(begun))["state"] == "waiting"
    assert await due() == set()


async def test_backfills_are_those_of_the_organization_alone(
    backfills: Backfills, github_server: Server, other_organization: Organization
) -> None:
    _, url = github_server
    connection = await backfills.connect("github", url)
    begun = await backfills.begin("github")
    client, headers = backfills.client, other_organization.headers
    assert (await client.get("/api/v1/backfills", headers=headers)).json()["items"] == []
    assert (await client.get(f"/api/v1/backfills/{begun['id']}", headers=headers)).status_code == 404
    body = {"forge": "github", "connection": connection["id"]}
    assert (await client.post("/api/v1/backfills", json=body, headers=headers)).status_code == 404
    [shown] = (await client.get("/api/v1/backfills", headers=backfills.organization.headers)).json()["items"]
    assert shown["id"] == begun["id"]
    future = await client.post(
        "/api/v1/backfills",
        json={"forge": "github", "since": "2999-01-01T00:00:00Z"},
        headers=backfills.organization.headers,
    )
    assert (future.status_code, future.json()["field"]) == (400, "since")


async def test_a_long_backfill_gives_others_their_turn_and_asks_for_its_next(
    backfills: Backfills, github_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.fair_queue.TURN", timedelta(microseconds=1))
    fake, url = github_server
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=60)}
    await backfills.connect("github", url)
    begun = await backfills.begin("github")
    await backfills.context.queue.begun(Job.BACKFILL, backfills.organization.organization_id)
    await backfills.work()
    assert len(fake.requests) <= 1
    # It has asked by itself already.
    assert not await backfills.context.queue.wake(Job.BACKFILL, backfills.organization.organization_id)
    monkeypatch.undo()
    assert (await backfills.finish(begun))["pull_requests"] == 60
