"""What hooks at a GitLab send, up to the tables: whoever hears of an event, and however often, it counts once."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import pytest

from schema.database import Database
from schema.settings import Settings
from tests.harness.applications import application
from tests.harness.bodies import Delivery
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github_state import Repository
from tests.harness.forges.gitlab import FakeGitlab
from tests.harness.forges.gitlab_state import deliveries, push, tag_push
from tests.harness.forges.histories import make_repository
from tests.harness.forges.hook_registrations import HookRegistrations
from tests.harness.listening import listening
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.forges.clients import Clients

Tables: TypeAlias = Callable[[], Awaitable[dict[str, list[Any]]]]
Act: TypeAlias = Callable[[], Awaitable[None]]


@pytest.fixture
def hooks(
    settings: Settings,
    organization: Organization,
    database: Database,
    worker_context: WorkerContext,
    clock: QuickClock,
) -> Iterator[HookRegistrations]:
    fake = FakeGitlab(clock)
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=6)}
    context = replace(worker_context, forges=Clients(allow_private=True, clock=clock))
    with fake.serve() as url, application(settings) as app, listening(app) as service:
        yield HookRegistrations(organization, database, fake, url, service, context)


def reported_of(shop: Repository) -> list[Delivery]:
    return [*deliveries(shop), push(shop), tag_push(shop, "v9.9.9")]


async def send(hooks: HookRegistrations, reported: list[Delivery]) -> list[int]:
    """Send deliveries to every hook that covers them; return how many hooks got each."""
    shop = hooks.fake.repositories["octo/shop"]
    answers = [hooks.fake.hooks.fire(shop, each) for each in reported]
    assert {status for each in answers for status in each} <= {202}
    await hooks.process()
    return [len(each) for each in answers]


async def register(hooks: HookRegistrations, **asked: Any) -> dict[str, Any]:
    shown = await hooks.register(backfill=False, **asked)
    assert shown["state"] == "registered", shown
    return shown


def without_arrival(stored: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """A tag that is pushed without its commits is as old as its delivery: instants of this test are all one."""
    now = datetime.now(UTC) - timedelta(hours=1)

    def dated(value: Any) -> Any:
        return "now" if isinstance(value, datetime) and value > now else value

    return {name: [tuple(dated(value) for value in row) for row in rows] for name, rows in stored.items()}


async def test_a_groups_and_a_projects_hook_that_both_fire_count_once(
    hooks: HookRegistrations, tables: Tables, forget: Act
) -> None:
    shop = hooks.fake.repositories["octo/shop"]
    reported = reported_of(shop)
    await register(hooks, scope="project", path="octo/shop")
    assert set(await send(hooks, reported)) == {1}
    expected = without_arrival(await tables())
    assert len(expected["pull_request"]) == 6
    # A second connection, of the group that the project is in.
    await forget()
    await register(hooks, scope="group", path="octo")
    assert set(await send(hooks, reported)) == {2}
    assert without_arrival(await tables()) == expected


async def test_two_hooks_of_one_connection_that_both_fire_count_once(
    hooks: HookRegistrations, tables: Tables, forget: Act
) -> None:
    shop = hooks.fake.repositories["octo/shop"]
    reported = reported_of(shop)
    await register(hooks, scope="project", path="octo/shop")
    await send(hooks, reported)
    expected = without_arrival(await tables())
    await forget()
    # Entered by hand at the group, with the same address and secret.
    [hook] = hooks.fake.hooks.at("project octo/shop")
    hooks.fake.hooks.hooks["group octo"] = {77: replace(hook, number=77, sent=[])}
    assert set(await send(hooks, reported)) == {2}
    assert without_arrival(await tables()) == expected


async def test_a_system_hook_sends_merge_requests_and_pushes(
    hooks: HookRegistrations, tables: Tables, forget: Act
) -> None:
    shop = hooks.fake.repositories["octo/shop"]
    reported = [each for each in reported_of(shop) if each.event in {"merge_request", "push", "tag_push"}]
    shown = await register(hooks, scope="project", path="octo/shop")
    await send(hooks, reported)
    expected = without_arrival(await tables())
    await forget()
    await hooks.ask("DELETE", f"connections/{shown['id']}", 204, params={"remove_hook": "true"})
    shown = await register(hooks, scope="system")
    assert (shown["signed"], shown["test"]) == (True, "arrived")
    [hook] = hooks.fake.hooks.at("system")
    on = {name for name, value in hook.shown().items() if name.endswith("_events") and value}
    assert on == {"merge_requests_events", "push_events", "repository_update_events", "tag_push_events"}
    assert set(await send(hooks, reported)) == {1}
    assert without_arrival(await tables()) == expected
