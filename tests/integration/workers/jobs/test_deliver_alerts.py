"""Alerts reach chats, webhooks and PagerDuty: from the alert to the request, and to what the API says of it."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from schema.database import Database
from schema.queue import Job
from schema.settings import Settings
from tests.harness.applications import application
from tests.harness.organization import Organization
from tests.harness.receivers import WebReceiver, web_receiver
from tests.harness.service import serve
from tests.integration.workers.alerts import TODAY, Alerts
from workers.context import WorkerContext
from workers.stores.alerts.announcements import announce
from workers.stores.upkeep.due_work import find_due

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The receivers of tests are on a private address, and speak plain HTTP."""
    return settings.model_copy(update={"allow_private_hosts": True})


@pytest.fixture
async def alerts(
    settings: Settings, database: Database, organization: Organization, worker_context: WorkerContext
) -> Any:
    with application(settings) as app:
        async with serve(app) as client:
            found = Alerts(client, organization, database, worker_context)
            await found.set_up()
            yield found


@pytest.fixture
def receiver() -> Iterator[WebReceiver]:
    with web_receiver() as receiver:
        yield receiver


async def is_due(alerts: Alerts) -> bool:
    async with alerts.database.operator() as connection:
        due = await find_due(connection, timedelta(), timedelta())
    return (Job.DELIVER_ALERTS, alerts.organization.organization_id) in due


async def test_an_alert_reaches_every_channel_once(alerts: Alerts, receiver: WebReceiver) -> None:
    made = await alerts.add("webhook", url=receiver.url)
    await alerts.add("slack", url=receiver.url)
    await alerts.add("teams", url=receiver.url)
    await alerts.add("pagerduty", url=receiver.url, routing_key=KEY)
    assert not await is_due(alerts)
    alert_id = await alerts.raise_alert()
    assert await is_due(alerts)
    await alerts.deliver()
    await alerts.deliver()
    assert not await is_due(alerts)
    assert await alerts.states() == [("raised", "delivered", None)] * 4
    assert len(receiver.requests) == 4
    for request in receiver.requests:
        assert b"Spend of team web rose." in request.body
        assert b"https://shipledger.example.com/spend?team=web" in request.body
        assert b"CANARY" not in request.body
    (signed,) = [each for each in receiver.requests if each.headers["webhook-id"]]
    verified = Webhook(made["secret"]).verify(signed.body, dict(signed.headers))
    assert (verified["type"], verified["data"]["id"]) == ("alert.raised", alert_id)
    (trigger,) = [body for body in receiver.bodies if "routing_key" in body]
    assert trigger["dedup_key"].endswith(f"/alert/{alert_id}")
    shown = (await alerts.ask("GET", "alert-channels"))["items"]
    assert all(each["delivered_at"] and not each["waiting"] and not each["reason"] for each in shown)


async def test_a_channel_of_a_team_gets_alerts_of_this_team_only(alerts: Alerts, receiver: WebReceiver) -> None:
    await alerts.add("slack", name="web", url=receiver.url, team="web")
    await alerts.raise_alert(team_id=1001)
    await alerts.raise_alert(team_id=0, subject="model opus")
    mine = await alerts.raise_alert(team_id=1002)
    await alerts.deliver()
    assert [each["alert_id"] for each in await alerts.sent()] == [mine]


async def test_no_channel_learns_what_a_small_team_spent(alerts: Alerts, receiver: WebReceiver) -> None:
    await alerts.execute("UPDATE team SET size = 4 WHERE organization_id = $1 AND team_id = 1002")
    await alerts.execute(
        "INSERT INTO merged_week (organization_id, team_id, week, merged_pull_requests) "
        "VALUES ($1, 1001, '2026-11-02', 7)"
    )
    for kind in ("webhook", "slack", "teams"):
        await alerts.add(kind, url=receiver.url)
    await alerts.add("pagerduty", url=receiver.url, routing_key=KEY)
    await alerts.raise_alert()
    await alerts.deliver()
    assert len(receiver.requests) == 4
    for request in receiver.requests:
        assert b"Its figures are withheld, because the team has fewer than 5 people." in request.body
        assert b"250" not in request.body.replace(b"webhook", b"")
    # No pull request was merged in truth.
    await alerts.execute("DELETE FROM merged_week WHERE organization_id = $1")


async def test_a_failed_attempt_is_repeated_with_the_same_id(alerts: Alerts) -> None:
    with web_receiver((500, {}, b"CANARY"), (503, {}, b"")) as receiver:
        await alerts.add("webhook", url=receiver.url)
        await alerts.raise_alert()
        await alerts.deliver(retry_base=timedelta(hours=1))
        (waiting,) = await alerts.sent()
        assert (waiting["state"], waiting["attempts"], waiting["failure"]) == ("waiting", 1, "channel_away")
        assert waiting["reason"].startswith("The receiver does not answer. It answered: 500.")
        assert waiting["next_attempt_at"] > waiting["created_at"]
        assert not await is_due(alerts)
        await alerts.execute("UPDATE alert_delivery SET next_attempt_at = now() WHERE organization_id = $1")
        await alerts.deliver()
        assert await alerts.states() == [("raised", "delivered", None)]
        ids = [request.headers["webhook-id"] for request in receiver.requests]
        assert (len(ids), len(set(ids))) == (3, 1)


async def test_a_receiver_that_is_away_is_tried_again_and_blocks_no_other(
    alerts: Alerts, receiver: WebReceiver
) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{reserved.getsockname()[1]}/"
        await alerts.add("slack", name="away", url=away)
        await alerts.add("slack", name="there", url=receiver.url)
        await alerts.raise_alert()
        await alerts.deliver(retry_base=timedelta(hours=1))
    assert await alerts.states() == [("raised", "waiting", "channel_away"), ("raised", "delivered", None)]
    (first, _) = await alerts.sent()
    assert "Last attempt: the connection was refused." in first["reason"]


async def test_a_limit_is_waited_for_and_counts_as_no_attempt(alerts: Alerts) -> None:
    with web_receiver((429, {"Retry-After": "3600"}, b"")) as receiver:
        await alerts.add("slack", url=receiver.url)
        await alerts.raise_alert()
        await alerts.deliver()
        (waiting,) = await alerts.sent()
        assert (waiting["state"], waiting["attempts"], waiting["failure"]) == ("waiting", 0, "channel_limited")
        assert not await is_due(alerts)


async def test_a_refusal_is_a_dead_letter_with_a_remedy_that_can_be_replayed(alerts: Alerts) -> None:
    with web_receiver((404, {}, b"no_service")) as receiver:
        await alerts.add("slack", url=receiver.url)
        await alerts.raise_alert()
        await alerts.deliver()
        (letter,) = (await alerts.ask("GET", "dead-letters"))["items"]
        assert (letter["kind"], letter["what"], letter["failure"]) == ("alert-delivery", "raised", "channel_refused")
        assert "404 no_service" in letter["explanation"]
        assert "shipledger alert-channel" in letter["remedy"]
        (channel,) = (await alerts.ask("GET", "alert-channels"))["items"]
        assert (channel["dead"], channel["failure"]) == (1, "channel_refused")
        await alerts.ask("POST", "dead-letters/replay", {"id": letter["id"]}, 202)
        await alerts.deliver()
        assert await alerts.states() == [("raised", "delivered", None)]


async def test_after_about_a_day_it_is_given_up(alerts: Alerts) -> None:
    with web_receiver(*[(500, {}, b"")] * 100) as receiver:
        await alerts.add("slack", url=receiver.url)
        await alerts.raise_alert()
        await alerts.deliver()
        assert await alerts.states() == [("raised", "dead", "channel_away")]
        assert len(receiver.requests) == 35


async def test_a_redirect_is_not_followed(alerts: Alerts, receiver: WebReceiver) -> None:
    with web_receiver((307, {"Location": receiver.url}, b"")) as redirecting:
        await alerts.add("slack", url=redirecting.url)
        await alerts.raise_alert()
        await alerts.deliver()
    assert await alerts.states() == [("raised", "dead", "channel_redirects")]
    assert receiver.requests == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_private_address_is_not_reached_unless_it_is_allowed(
    alerts: Alerts, receiver: WebReceiver, host: str
) -> None:
    await alerts.add("slack", url=receiver.url.replace("127.0.0.1", host))
    await alerts.raise_alert()
    await alerts.deliver(allow_private=False)
    assert await alerts.states() == [("raised", "dead", "private_address")]
    assert receiver.requests == []
    (sent,) = await alerts.sent()
    assert "SHIPLEDGER_ALLOW_PRIVATE_HOSTS=true" in sent["reason"]


async def test_those_that_follow_an_alert_learn_what_became_of_it(alerts: Alerts, receiver: WebReceiver) -> None:
    await alerts.add("pagerduty", url=receiver.url, routing_key=KEY)
    with web_receiver() as chat:
        await alerts.add("slack", url=chat.url)
        alert_id = await alerts.raise_alert()
        await alerts.deliver()
        await alerts.ask("POST", f"alerts/{alert_id}", {"state": "acknowledged"})
        await alerts.ask("POST", f"alerts/{alert_id}", {"state": "acknowledged"})
        await alerts.deliver()
        await alerts.ask("POST", f"alerts/{alert_id}", {"state": "resolved"})
        await alerts.deliver()
        assert len(chat.requests) == 1
    assert [body["event_action"] for body in receiver.bodies] == ["trigger", "acknowledge", "resolve"]
    assert len({body["dedup_key"] for body in receiver.bodies}) == 1


async def test_an_incident_is_resolved_only_after_it_was_triggered(alerts: Alerts) -> None:
    with web_receiver((500, {}, b"")) as receiver:
        await alerts.add("pagerduty", url=receiver.url, routing_key=KEY)
        alert_id = await alerts.raise_alert()
        await alerts.deliver(retry_base=timedelta(hours=1))
        await alerts.ask("POST", f"alerts/{alert_id}", {"state": "muted"})
        await alerts.deliver()
        assert len(receiver.requests) == 1
        await alerts.execute("UPDATE alert_delivery SET next_attempt_at = now() WHERE organization_id = $1")
        await alerts.deliver()
    assert [body["event_action"] for body in receiver.bodies] == ["trigger", "trigger", "resolve"]


async def test_a_snoozed_alert_is_sent_again_once_its_last_day_is_over(alerts: Alerts, receiver: WebReceiver) -> None:
    await alerts.add("slack", url=receiver.url)
    alert_id = await alerts.raise_alert()
    await alerts.deliver()
    await alerts.ask("POST", f"alerts/{alert_id}", {"state": "snoozed", "snoozed_to": TODAY.isoformat()})
    await alerts.deliver()
    assert len(receiver.requests) == 1
    assert not await is_due(alerts)
    assert await alerts.execute(
        "SELECT announce_at = ((now() AT TIME ZONE 'UTC')::date + 1)::timestamp AT TIME ZONE 'UTC' FROM alert"
        " WHERE organization_id = $1"
    )
    await alerts.execute("UPDATE alert SET announce_at = now() WHERE organization_id = $1")
    assert await is_due(alerts)
    await alerts.deliver()
    assert [each["event"] for each in await alerts.sent()] == ["raised", "reminded"]
    shown = await alerts.ask("GET", f"alerts/{alert_id}")
    assert (shown["state"], shown["snoozed_to"]) == ("open", None)


@pytest.mark.parametrize(
    ("mute", "sent"),
    [
        ({"rule": "rise"}, ["budget"]),
        ({"team": "web"}, ["team checkout"]),
        ({"rule": "rise", "team": "checkout"}, ["team web", "budget"]),
        ({"rule": "budget", "muted_to": TODAY.isoformat()}, ["team web", "team checkout"]),
    ],
)
async def test_muted_rules_and_teams_are_listed_and_not_sent(
    alerts: Alerts, receiver: WebReceiver, mute: dict[str, Any], sent: list[str]
) -> None:
    await alerts.add("slack", url=receiver.url)
    made = await alerts.ask("POST", "alert-mutes", mute, 201)
    assert {name: made[name] for name in mute} == mute
    ids = {
        "team web": await alerts.raise_alert(),
        "team checkout": await alerts.raise_alert(subject="team checkout", team_id=1001),
        "budget": await alerts.raise_alert("budget", "month 80 %"),
    }
    await alerts.deliver()
    assert [each["alert_id"] for each in await alerts.sent()] == [ids[name] for name in sent]
    assert len((await alerts.ask("GET", "alerts?state=open"))["items"]) == 3


async def test_a_mute_ends_with_its_last_day_or_when_it_is_removed(alerts: Alerts, receiver: WebReceiver) -> None:
    await alerts.add("slack", url=receiver.url)
    await alerts.ask("POST", "alert-mutes", {"team": "web", "muted_to": TODAY.isoformat()}, 201)
    await alerts.execute("UPDATE alert_mute SET muted_to = muted_to - 1 WHERE organization_id = $1")
    made = await alerts.ask("POST", "alert-mutes", {"rule": "rise"}, 201)
    assert [each["id"] for each in (await alerts.ask("GET", "alert-mutes"))["items"]] == [made["id"]]
    await alerts.ask("DELETE", f"alert-mutes/{made['id']}", status=204)
    await alerts.raise_alert()
    await alerts.deliver()
    assert await alerts.states() == [("raised", "delivered", None)]


async def test_alerts_of_before_a_channel_was_added_are_not_sent_to_it(alerts: Alerts, receiver: WebReceiver) -> None:
    await alerts.raise_alert()
    await alerts.deliver()
    await alerts.add("slack", url=receiver.url)
    await alerts.deliver()
    assert await alerts.sent() == []


async def test_alerts_go_to_channels_of_their_own_organization(
    alerts: Alerts, other_organization: Organization, receiver: WebReceiver
) -> None:
    other = Alerts(alerts.client, other_organization, alerts.database, alerts.context)
    await other.add("slack", url=receiver.url)
    await alerts.raise_alert()
    await alerts.deliver()
    await other.deliver()
    assert receiver.requests == []


async def test_a_channel_sealed_with_another_key_says_so(alerts: Alerts, receiver: WebReceiver) -> None:
    await alerts.add("slack", url=receiver.url)
    await alerts.execute(
        "UPDATE alert_channel SET sealed_settings = '\\x00'::bytea || sealed_settings WHERE organization_id = $1"
    )
    await alerts.raise_alert()
    await alerts.deliver(retry_base=timedelta(hours=1))
    assert await alerts.states() == [("raised", "waiting", "other_secret_key")]


async def test_a_removed_channel_gets_nothing_more(alerts: Alerts, receiver: WebReceiver) -> None:
    made = await alerts.add("slack", url=receiver.url)
    await alerts.raise_alert()
    async with alerts.database.organization(alerts.organization.organization_id) as tenant:
        assert await announce(tenant)
    await alerts.ask("DELETE", f"alert-channels/{made['id']}", status=204)
    await alerts.deliver()
    assert receiver.requests == []
    assert await alerts.execute("SELECT count(*) FROM alert_channel WHERE organization_id = $1") == 0
