"""Changes that no webhook reported and no list of failed deliveries still holds are found in the forge's own lists."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import asyncpg
import pytest

from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github_state import Repository
from tests.harness.forges.gitlab import TOKEN as GITLAB_TOKEN
from tests.harness.forges.gitlab import FakeGitlab
from tests.harness.forges.histories import make_repository
from tests.harness.forges.repairs import Repairs

Tables: TypeAlias = Callable[[], Awaitable[dict[str, list[Any]]]]
Step: TypeAlias = Callable[[], Awaitable[None]]
Table: TypeAlias = Callable[[str], Awaitable[list[asyncpg.Record]]]


def push_tags(repository: Repository, names: list[str]) -> None:
    """Push many tags at once, of which a forge tells nothing."""
    repository.reported_at = datetime.now(UTC).replace(microsecond=0)
    old = repository.reported_at - timedelta(days=100)
    repository.tags += [(name, old + timedelta(minutes=number)) for number, name in enumerate(names)]


def queries(repairs: Repairs) -> int:
    return sum(each.endswith("/graphql") for each in repairs.fake.requests)


async def test_tags_that_were_pushed_together_are_found_and_what_is_known_is_not_found_again(
    repairs: Repairs, table: Table, drain: Step
) -> None:
    shop = make_repository(1, "octo/shop", pull_requests=4)
    repairs.fake.repositories = {shop.path: shop, "octo/site": make_repository(2, "octo/site", pull_requests=1)}
    made, hook = await repairs.connect()
    await repairs.send(hook, shop.deliveries())
    await drain()
    await repairs.work("releases")
    before = await table("release")
    found, _, recovered, _ = await repairs.counts(made, "releases")
    assert found == recovered > 0
    push_tags(shop, [f"v3.{number}.0" for number in range(5)])
    asked = queries(repairs)
    await repairs.work("releases")
    assert len(await table("release")) == len(before) + 5
    assert await repairs.counts(made, "releases") == (found + 5, 0, recovered + 5, 0)
    # Of the repository that did not change nothing was asked, and the list of both cost nothing.
    assert queries(repairs) == asked + 2
    await repairs.work("releases")
    assert await repairs.counts(made, "releases") == (found + 5, 0, recovered + 5, 0)
    assert repairs.fake.unchanged > 0


async def test_a_release_whose_webhook_was_lost_is_found_behind_its_tag(repairs: Repairs, table: Table) -> None:
    shop = make_repository(1, "octo/shop", pull_requests=1, releases=0)
    repairs.fake.repositories = {shop.path: shop}
    made, _ = await repairs.connect()
    push_tags(shop, ["v5.0.0"])
    await repairs.work("releases")
    shop.releases.append(("v5.0.0", shop.reported_at))
    await repairs.work("releases")
    states = {row["state"] for row in await table("release")}
    assert states == {"tag", "published"}
    assert (await repairs.counts(made, "releases"))[0] == len(shop.tags) + 1


async def test_pull_requests_whose_webhooks_are_lost_for_good_are_found_at_night(
    repairs: Repairs, tables: Tables, drain: Step, forget: Step
) -> None:
    shop = make_repository(1, "octo/shop", pull_requests=12, days=10)
    repairs.fake.repositories = {shop.path: shop}
    made, hook = await repairs.connect()
    await repairs.send(hook, shop.deliveries())
    await drain()
    undisturbed = (await tables())["pull_request"]
    await repairs.work("comparison")
    assert (await repairs.counts(made, "comparison"))[0] == 0
    await forget()
    await repairs.send(hook, shop.deliveries(), lost=2)
    await drain()
    disturbed = (await tables())["pull_request"]
    assert disturbed != undisturbed
    states = {row[0]: row[5] for row in disturbed}
    missed = sum(states.get(row[0]) != row[5] for row in undisturbed)
    await repairs.work("comparison")
    assert (await tables())["pull_request"] == undisturbed
    assert await repairs.counts(made, "comparison") == (missed, 0, missed, 0)
    await repairs.work("comparison")
    assert await repairs.counts(made, "comparison") == (missed, 0, missed, 0)
    shown = await repairs.shown(made, "comparison")
    assert shown["state"] == "healthy"
    assert datetime.fromisoformat(shown["next_at"]) - datetime.now(UTC) <= timedelta(days=1)


async def test_what_last_changed_before_two_weeks_is_left_to_backfills(repairs: Repairs, table: Table) -> None:
    shop = make_repository(1, "octo/shop", pull_requests=20, days=100)
    repairs.fake.repositories = {shop.path: shop}
    made, _ = await repairs.connect()
    await repairs.work("comparison")
    since = datetime.now(UTC) - timedelta(days=14)
    recent = sum(each.updated_at >= since for each in shop.pull_requests)
    assert 0 < recent < 20
    assert len(await table("pull_request")) == recent
    assert (await repairs.counts(made, "comparison"))[0] == recent


async def test_a_comparison_that_the_forge_interrupts_goes_on_with_the_repositories_that_are_left(
    repairs: Repairs, table: Table
) -> None:
    made_up = [make_repository(each, f"octo/r{each:03}", pull_requests=1, days=5) for each in range(1, 104)]
    repairs.fake.repositories = {each.path: each for each in made_up}
    made, _ = await repairs.connect()
    repairs.fake.after_pages[102] = lambda: repairs.fake.fail(403, headers={"retry-after": "60"})
    await repairs.work("comparison")
    assert (await repairs.shown(made, "comparison"))["state"] == "waiting"
    repairs.fake.clock.sleep(120)
    await repairs.work("comparison")
    assert (await repairs.shown(made, "comparison"))["state"] == "healthy"
    assert len(await table("pull_request")) == 103
    # Those of the first hundred were asked for once, of the rest two once more and one refused.
    assert queries(repairs) == 100 + 3 + 3


async def test_gitlab_is_compared_the_same_way(repairs: Repairs, clock: QuickClock, table: Table) -> None:
    shop = make_repository(1, "octo/shop", pull_requests=6, days=10)
    fake = FakeGitlab(clock)
    fake.repositories = {shop.path: shop}
    with fake.serve() as url:
        body = {"forge": "gitlab", "base_url": url, "token": GITLAB_TOKEN}
        answer = await repairs.client.post("/api/v1/connections", json=body, headers=repairs.organization.headers)
        made = answer.json()
        await repairs.work("comparison")
        push_tags(shop, ["v7.0.0", "v7.1.0", "v7.2.0", "v7.3.0"])
        await repairs.work("releases")
    assert len(await table("pull_request")) == 6
    assert (await repairs.counts(made, "comparison"))[0] == 6
    assert (await repairs.counts(made, "releases"))[0] == len(await table("release")) >= 4


@pytest.mark.parametrize("kind", ["comparison", "releases"])
async def test_one_repository_that_is_closed_once_it_was_listed_does_not_hold_up_the_others(
    repairs: Repairs, gitlab_server: tuple[FakeGitlab, str], table: Table, kind: str
) -> None:
    made_up = {f"octo/r{each}": make_repository(each, f"octo/r{each}", pull_requests=1, days=5) for each in range(1, 4)}
    fake, url = gitlab_server
    repairs.fake.repositories, fake.repositories = dict(made_up), dict(made_up)
    at_github, _ = await repairs.connect()
    body = {"forge": "gitlab", "base_url": url, "token": GITLAB_TOKEN}
    answer = await repairs.client.post("/api/v1/connections", json=body, headers=repairs.organization.headers)
    # Gone after the first of them was asked for.
    repairs.fake.after_pages[1] = lambda: repairs.fake.repositories.pop("octo/r2")
    fake.after_requests[2] = lambda: fake.repositories.pop("octo/r2")
    await repairs.work(kind)
    for made in (at_github, answer.json()):
        assert (await repairs.shown(made, kind))["state"] == "healthy"
    if kind == "comparison":
        assert len(await table("pull_request")) == 2 + 2
        assert len(fake.repositories) == len(repairs.fake.repositories) == 2


async def test_the_next_comparison_continues_after_a_kill_and_counts_nothing_twice(
    repairs: Repairs, table: Table
) -> None:
    made_up = [make_repository(each, f"octo/r{each:03}", pull_requests=1, days=5) for each in range(1, 103)]
    repairs.fake.repositories = {each.path: each for each in made_up}
    made, _ = await repairs.connect()
    looking = asyncio.create_task(repairs.work("comparison"))
    # It dies among those of the second page.
    while not looking.done() and queries(repairs) < 101:  # noqa: ASYNC110 - counted by another thread
        await asyncio.sleep(0.001)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    assert looking.cancelled()
    await repairs.work("comparison")
    assert (await repairs.shown(made, "comparison"))["state"] == "healthy"
    assert (await repairs.counts(made, "comparison"))[0] == len(await table("pull_request")) == 102
    # Those of the first hundred were asked for once.
    assert queries(repairs) <= 100 + 2 * 2
