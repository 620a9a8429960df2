"""The digest of a week: shown by the API and the terminal, and sent once to each channel that wants it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from schema.database import Database
from schema.queue import Job
from schema.settings import Settings
from service.cli.main import main
from tests.harness.one_merge import EVENT, PULL_REQUEST
from tests.harness.organization import Organization
from tests.harness.receivers import WebReceiver, web_receiver
from tests.integration.workers.alerts import Alerts
from vocabulary.digest import last_full_week
from workers.context import WorkerContext
from workers.stores.upkeep.due_work import find_due

KEY = "0123456789abcdef0123456789abcdef"
MONDAY = last_full_week(datetime.now(UTC))
NOON = datetime.combine(MONDAY, time(12), UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The receivers of tests are on a private address, and speak plain HTTP."""
    return settings.model_copy(update={"allow_private_hosts": True})


@pytest.fixture
def receiver() -> Iterator[WebReceiver]:
    with web_receiver() as receiver:
        yield receiver


@pytest.fixture
async def alerts(
    client: httpx.AsyncClient,
    database: Database,
    organization: Organization,
    worker_context: WorkerContext,
    drain: Callable[[], Awaitable[None]],
) -> Alerts:
    """An organization that merged one pull request in the last full week."""
    opened, merged = (moment.isoformat() for moment in (NOON - timedelta(hours=4), NOON + timedelta(hours=4)))
    for path, item in (
        ("pull-requests", {**PULL_REQUEST, "opened_at": opened, "merged_at": merged}),
        ("token-events", {**EVENT, "occurred_at": NOON.isoformat()}),
    ):
        sent = await client.post(f"/api/v1/{path}", json={"items": [item]}, headers=organization.headers)
        assert sent.is_success, sent.text
    await drain()
    return Alerts(client, organization, database, worker_context)


async def is_due(alerts: Alerts) -> bool:
    async with alerts.database.operator() as connection:
        due = await find_due(connection, timedelta(), timedelta())
    return (Job.DELIVER_ALERTS, alerts.organization.organization_id) in due


async def week_passes(alerts: Alerts) -> None:
    await alerts.execute("UPDATE alert_channel SET digested_to = digested_to - 7 WHERE organization_id = $1")


async def test_a_channel_that_wants_it_gets_one_digest_a_week(alerts: Alerts, receiver: WebReceiver) -> None:
    added = await alerts.add("slack", url=receiver.url, digest=True)
    await alerts.add("teams", url=receiver.url)
    assert added["digest"]
    assert not await is_due(alerts)
    await week_passes(alerts)
    assert await is_due(alerts)
    await alerts.deliver()
    await alerts.deliver()
    assert not await is_due(alerts)
    assert await alerts.states() == [("digest", "delivered", None)]
    (request,) = receiver.requests
    shown = await alerts.ask("GET", "digest")
    assert shown["first_day"] == MONDAY.isoformat()
    for text in (shown["title"], shown["sentence"], *(fact["text"] for fact in shown["facts"]), shown["link"]):
        assert text in request.body.decode(), text
    assert "Nothing was spent before; spend rose $0.30" in shown["sentence"]
    facts = {fact["name"]: fact["text"] for fact in shown["facts"]}
    assert facts["Merged pull requests"] == "1 for $0.30"
    assert facts["Dearest"].startswith("a1_")
    assert facts["Certainty"] == "100 % of the tokens are linked to a pull request"


async def test_a_digest_is_tried_again_like_an_alert(alerts: Alerts) -> None:
    with web_receiver((500, {}, b"")) as receiver:
        await alerts.add("slack", url=receiver.url, digest=True)
        await week_passes(alerts)
        await alerts.deliver(retry_base=timedelta(hours=1))
        assert await alerts.states() == [("digest", "waiting", "channel_away")]
        await alerts.execute("UPDATE alert_delivery SET next_attempt_at = now() WHERE organization_id = $1")
        await alerts.deliver()
        assert await alerts.states() == [("digest", "delivered", None)]


async def test_a_digest_is_turned_on_and_off_and_refused_where_it_does_not_fit(
    alerts: Alerts, receiver: WebReceiver
) -> None:
    channel = await alerts.add("slack", url=receiver.url)
    path = f"alert-channels/{channel['id']}"
    assert (await alerts.ask("PATCH", path, {"digest": True}))["digest"]
    assert (await alerts.ask("PATCH", path, {"name": "finops"}))["digest"]
    assert not (await alerts.ask("PATCH", path, {"digest": False}))["digest"]
    await week_passes(alerts)
    assert not await is_due(alerts)
    refused: dict[str, Any] = {"kind": "pagerduty", "routing_key": KEY, "digest": True}
    problem = await alerts.ask("POST", "alert-channels", refused, 400)
    assert (problem["field"], problem["detail"]) == (
        "digest",
        "digest is sent to slack, teams, email only; read GET /api/v1/digest instead",
    )
    of_team = {"kind": "slack", "url": receiver.url, "name": "web", "team": "default", "digest": True}
    assert (await alerts.ask("POST", "alert-channels", of_team, 400))["field"] == "digest"
    await alerts.ask("PATCH", path, {"digest": True})
    assert (await alerts.ask("PATCH", path, {"team": "default"}, 400))["field"] == "digest"


async def test_the_terminal_shows_the_digest_and_sends_it_at_once(
    alerts: Alerts, receiver: WebReceiver, service_url: str
) -> None:
    channel = await alerts.add("teams", url=receiver.url)

    async def run(*words: str) -> str:
        arguments = ["digest", *words, "--url", service_url, "--key", alerts.organization.key]
        result = await asyncio.to_thread(CliRunner().invoke, main, arguments)
        assert result.exit_code == 0, result.output
        return result.output

    assert f"Week of {MONDAY.day}" in await run()
    assert (await run("--send", str(channel["id"]), "--dry-run")).endswith("nothing was sent (--dry-run)\n")
    assert await alerts.states() == []
    assert "queued as delivery" in await run("--send", str(channel["id"]))
    await alerts.deliver()
    assert await alerts.states() == [("digest", "delivered", None)]
    await alerts.ask("POST", "alert-channels/999/digest", {}, 404)
