"""What GitLab could not deliver and is asked to send again, over real HTTP, from the failure to the tables."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import asyncpg
import pytest

from tests.harness.bodies import Delivery
from tests.harness.forges.github_state import Repository
from tests.harness.forges.gitlab import FakeGitlab
from tests.harness.forges.gitlab_hooks import Hook
from tests.harness.forges.gitlab_repairs import GitlabRepairs
from tests.harness.forges.gitlab_state import deliveries
from tests.harness.forges.histories import make_repository
from tests.harness.forges.repairs import Repairs
from workers.jobs.register_hooks import register_hooks
from workers.jobs.repair import repair

Tables: TypeAlias = Callable[[], Awaitable[dict[str, list[Any]]]]
Step: TypeAlias = Callable[[], Awaitable[None]]
Table: TypeAlias = Callable[[str], Awaitable[list[asyncpg.Record]]]


@pytest.fixture
def lab(repairs: Repairs, gitlab_server: tuple[FakeGitlab, str]) -> GitlabRepairs:
    return GitlabRepairs(repairs, *gitlab_server)


@pytest.fixture
def shop(lab: GitlabRepairs) -> Repository:
    """Its merge requests are known by webhooks alone: what the lists hold has no part in what is repaired."""
    reported = make_repository(1, "octo/shop", pull_requests=4, days=200)
    lab.fake.repositories = {reported.path: Repository(1, reported.path, reported.reported_at)}
    return reported


def tries(hook: Hook) -> Counter[str]:
    """How often each delivery was tried."""
    return Counter(each.key for each in hook.sent)


async def test_what_an_outage_swallowed_is_sent_again_within_the_limit_and_the_tables_end_as_if_nothing_had_been(
    lab: GitlabRepairs, shop: Repository, tables: Tables, drain: Step, forget: Step, table: Table
) -> None:
    reported = deliveries(shop)
    made, hook = await lab.register(shop)
    await lab.send(hook, reported)
    await drain()
    undisturbed = await tables()
    await forget()
    hook.sent.clear()

    await lab.send(hook, reported, lost=2)
    lost = len(reported[::2])
    assert lost > 5
    await drain()
    assert await tables() != undisturbed
    await lab.repairs.work("deliveries")
    assert await lab.repairs.counts(made) == (lost, 5, 5, lost - 5)
    shown = await lab.repairs.shown(made)
    assert datetime.fromisoformat(shown["next_at"]) - datetime.now(UTC) <= timedelta(minutes=1)
    # Whoever asks sooner gets no more: the limit is by the minute.
    await lab.repairs.work("deliveries")
    assert (await lab.repairs.counts(made))[1] == 5
    while (await lab.repairs.counts(made))[3]:
        await lab.pass_minute()
        await lab.repairs.work("deliveries")
    assert await lab.repairs.counts(made) == (lost, lost, lost, 0)
    assert lab.fake.hooks.refused_resends == 0
    await drain()
    assert len(await table("delivery")) == len(reported)
    assert await tables() == undisturbed
    shown = await lab.repairs.shown(made)
    assert (shown["state"], shown["reason"]) == ("healthy", None)


async def test_an_event_that_arrived_once_under_its_key_is_never_resent(lab: GitlabRepairs, shop: Repository) -> None:
    made, hook = await lab.register(shop, "group")
    first, second, third, *_ = deliveries(shop)
    await lab.send(hook, [first])
    await lab.send(hook, [second], lost=1)
    # Somebody asks by hand: of the one that arrived in vain, of the other with success.
    hook.is_cut_off = True
    await asyncio.to_thread(hook.send_again, hook.sent[0])
    hook.is_cut_off = False
    await asyncio.to_thread(hook.send_again, hook.sent[1])
    await lab.repairs.work("deliveries")
    assert set(tries(hook).values()) == {2}
    assert await lab.repairs.counts(made) == (0, 0, 0, 0)
    # One that is known to be missing arrives without us.
    hook.is_cut_off = True
    await asyncio.to_thread(hook.send, third, "")
    await lab.repairs.work("deliveries")
    assert await lab.repairs.counts(made) == (1, 1, 0, 1)
    hook.is_cut_off = False
    await asyncio.to_thread(hook.send_again, hook.sent[-1])
    await lab.repairs.work("deliveries")
    assert await lab.repairs.counts(made) == (1, 1, 1, 0)


async def test_while_the_service_stays_away_gitlab_is_not_led_to_switch_the_hook_off(
    lab: GitlabRepairs, shop: Repository
) -> None:
    made, hook = await lab.register(shop)
    await lab.send(hook, deliveries(shop)[:6], lost=2)
    hook.is_cut_off = True
    for _ in range(4):
        await lab.repairs.work("deliveries")
    # Two failures in a row end a look, and each is asked for again only after a while.
    assert len(hook.sent) == 6 + 3
    assert hook.alert_status == "executable"
    assert await lab.repairs.counts(made) == (3, 3, 0, 3)
    hook.is_cut_off = False
    lab.fake.clock.sleep(400)
    await lab.repairs.work("deliveries")
    assert await lab.repairs.counts(made) == (3, 6, 3, 0)


async def test_the_list_is_read_from_where_it_was_read_last(lab: GitlabRepairs, shop: Repository) -> None:
    made, hook = await lab.register(shop)
    lab.fake.hooks.resends_a_minute = 0
    lab.repairs.context.settings.gitlab_resends_a_minute = 0
    reported = (deliveries(shop) * 9)[:90]
    await lab.send(hook, reported, lost=2)
    await lab.repairs.work("deliveries")
    assert await lab.repairs.counts(made) == (45, 45, 45, 0)

    def pages() -> int:
        return sum(each.endswith("/events") for each in lab.fake.requests)

    before = pages()
    await lab.send(hook, reported[:2], lost=2)
    await lab.repairs.work("deliveries")
    assert await lab.repairs.counts(made) == (46, 46, 46, 0)
    assert pages() == before + 2


async def test_what_is_too_large_for_gitlab_to_keep_or_not_understood_here_is_left_alone(
    lab: GitlabRepairs, shop: Repository
) -> None:
    made, hook = await lab.register(shop)
    event = deliveries(shop)[0]
    await lab.send(hook, [Delivery(event.event, {"oversize": True}), Delivery("issue", event.payload)], lost=1)
    await lab.repairs.work("deliveries")
    assert await lab.repairs.counts(made) == (0, 0, 0, 0)
    assert len(hook.sent) == 2


async def test_a_hook_that_gitlab_gave_up_on_is_called_again_and_what_was_never_sent_is_found_in_the_lists(
    lab: GitlabRepairs, table: Table
) -> None:
    shop = make_repository(1, "octo/shop", pull_requests=6, days=10)
    lab.fake.repositories = {shop.path: shop}
    made, hook = await lab.register(shop)
    reported = deliveries(shop)
    await lab.send(hook, reported[:4], lost=1)
    assert hook.alert_status == "temporarily_disabled"
    assert lab.fake.hooks.fire(shop, reported[4]) == []
    hook.is_cut_off = True
    await lab.repairs.work("deliveries")
    shown = await lab.repairs.shown(made)
    assert (shown["state"], shown["missing"]) == ("failing", 4)
    assert "disabled the webhook" in shown["reason"]
    await register_hooks(lab.repairs.context, lab.repairs.organization.organization_id)
    assert (hook.alert_status, len(hook.sent)) == ("temporarily_disabled", 4 + 1)
    # The cause is gone.
    hook.is_cut_off = False
    await lab.repairs.work("deliveries")
    await register_hooks(lab.repairs.context, lab.repairs.organization.organization_id)
    assert hook.alert_status == "executable"
    await repair(lab.repairs.context, lab.repairs.organization.organization_id)
    # The test that failed is in the list, too.
    assert await lab.repairs.counts(made) == (5, 5, 5, 0)
    assert len(await table("pull_request")) == 6
    assert (await lab.repairs.counts(made, "comparison"))[0] > 0
    assert (await lab.repairs.shown(made))["hooks_repaired"] == 1


async def test_a_hook_made_by_hand_is_found_by_its_address_and_called_again_too(
    lab: GitlabRepairs, shop: Repository
) -> None:
    made = await lab.connect()
    reported = deliveries(shop)
    hook = lab.hook(made, "project octo/shop")
    lab.fake.repositories["octo/shop"].pull_requests = shop.pull_requests
    await lab.send(hook, reported[:4], lost=1)
    hook.is_cut_off = True
    await lab.repairs.work("deliveries")
    assert (hook.alert_status, (await lab.repairs.shown(made))["state"]) == ("temporarily_disabled", "failing")
    hook.is_cut_off = False
    await lab.repairs.work("deliveries")
    assert hook.alert_status == "executable"
    assert await lab.repairs.counts(made) == (5, 5, 5, 0)
    assert (await lab.repairs.shown(made))["hooks_repaired"] == 1


async def test_a_project_that_closes_to_the_token_does_not_hold_up_the_others(
    lab: GitlabRepairs, shop: Repository
) -> None:
    lab.fake.repositories["octo/site"] = Repository(2, "octo/site", shop.reported_at)
    made = await lab.connect()
    closed, hook = lab.hook(made, "project octo/site"), lab.hook(made, "project octo/shop")
    await lab.repairs.work("deliveries")
    del lab.fake.repositories["octo/site"]
    reported = deliveries(shop)
    await lab.send(closed, reported[:1], lost=1)
    await lab.send(hook, reported[1:2], lost=1)
    await lab.repairs.work("deliveries")
    assert (len(closed.sent), len(hook.sent)) == (1, 2)
    assert await lab.repairs.counts(made) == (1, 1, 1, 0)
    assert (await lab.repairs.shown(made))["state"] == "healthy"


@pytest.mark.parametrize("scope", ["project", "system"])
async def test_a_gitlab_without_a_list_of_failed_deliveries_is_reported_once_and_rarely_asked_again(
    lab: GitlabRepairs, shop: Repository, scope: str
) -> None:
    made, _ = await lab.register(shop, scope)
    lab.fake.hooks.offers_events = False
    await lab.repairs.work("deliveries")
    shown = await lab.repairs.shown(made)
    assert shown["state"] == "not_offered"
    assert "17.3" in shown["reason"]
    assert datetime.fromisoformat(shown["next_at"]) - datetime.now(UTC) > timedelta(minutes=50)
    await lab.repairs.work("comparison")
    assert (await lab.repairs.shown(made, "comparison"))["state"] == "healthy"


async def test_a_token_without_the_rights_is_reported(lab: GitlabRepairs, shop: Repository) -> None:
    made, _ = await lab.register(shop)
    lab.fake.hooks.is_maintainer = False
    await lab.repairs.work("deliveries")
    shown = await lab.repairs.shown(made)
    assert shown["state"] == "refused"
    assert "the scope api" in shown["reason"]


async def test_a_limit_that_others_used_up_puts_the_rest_off(lab: GitlabRepairs, shop: Repository) -> None:
    made, hook = await lab.register(shop)
    await lab.send(hook, deliveries(shop)[:6], lost=2)
    lab.fake.hooks.resends_a_minute = 1
    await lab.repairs.work("deliveries")
    assert (await lab.repairs.shown(made))["state"] == "waiting"
    assert await lab.repairs.counts(made) == (3, 1, 1, 2)
    lab.fake.hooks.limits.clear()
    lab.fake.hooks.resends_a_minute = 5
    await lab.pass_minute()
    await lab.repairs.work("deliveries")
    assert await lab.repairs.counts(made) == (3, 3, 3, 0)
    assert set(tries(hook).values()) == {1, 2}


async def test_the_next_worker_continues_after_a_kill_and_requests_nothing_twice(
    lab: GitlabRepairs, shop: Repository
) -> None:
    made, hook = await lab.register(shop)
    await lab.send(hook, deliveries(shop)[:6], lost=2)
    looking = asyncio.create_task(lab.repairs.work("deliveries"))
    # It dies with the answer to its second request to send again under way.
    while not looking.done() and len(hook.sent) < 6 + 2:  # noqa: ASYNC110 - counted by another thread
        await asyncio.sleep(0.001)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    assert looking.cancelled()
    await asyncio.sleep(0.2)
    assert (await lab.repairs.counts(made))[3] > 0
    await lab.pass_minute()
    await lab.repairs.work("deliveries")
    found, _, recovered, missing = await lab.repairs.counts(made)
    assert (found, recovered, missing) == (3, 3, 0)
    assert sorted(tries(hook).values()) == [1, 1, 1, 2, 2, 2]
