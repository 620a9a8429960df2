"""Channels of alerts in the API: added, listed without their secrets, tested and removed."""

from typing import Any

import httpx
import msgspec
import pytest

from schema.database import Database
from schema.encryption import Vault
from schema.key_ring import KeyRing
from tests.conftest import MASTER_SECRET
from tests.harness.organization import Organization
from tests.integration.workers.alerts import Alerts
from workers.context import WorkerContext

SECRETS = {
    "slack": {"url": "https://hooks.slack.com/services/CANARY-secret"},
    "teams": {"url": "https://example.com:443/workflows?sig=CANARY-secret"},
    "webhook": {"url": "https://hooks.example.com/CANARY-secret"},
    "pagerduty": {"routing_key": "CANARY0secret0CANARY0secret0CAN0"},
    "email": {
        "smtp_host": "smtp.example.com",
        "sender": "CANARY@example.com",
        "recipients": ["CANARY.jane@example.com"],
        "user": "CANARY-user",
        "password": "CANARY-password",
    },
}


@pytest.fixture
async def alerts(
    client: httpx.AsyncClient, database: Database, organization: Organization, worker_context: WorkerContext
) -> Alerts:
    found = Alerts(client, organization, database, worker_context)
    await found.set_up()
    return found


async def test_channels_are_listed_without_what_unlocks_them(alerts: Alerts) -> None:
    for kind, fields in SECRETS.items():
        made = await alerts.add(kind, **fields)
        assert "CANARY" not in str(made)
        assert (made["secret"] is not None) is (kind == "webhook")
    shown = await alerts.ask("GET", "alert-channels")
    assert "CANARY" not in str(shown)
    assert [(each["kind"], each["name"], each["host"], each["secret"]) for each in shown["items"]] == [
        ("slack", "slack", "hooks.slack.com", None),
        ("teams", "teams", "example.com", None),
        ("webhook", "webhook", "hooks.example.com", None),
        ("pagerduty", "pagerduty", "events.pagerduty.com", None),
        ("email", "email", "smtp.example.com", None),
    ]


async def test_what_unlocks_a_channel_is_stored_encrypted_for_its_organization(
    alerts: Alerts, other_organization: Organization
) -> None:
    await alerts.add("slack", **SECRETS["slack"])
    sealed = await alerts.execute("SELECT sealed_settings FROM alert_channel WHERE organization_id = $1")
    vault = Vault(KeyRing.of(MASTER_SECRET), "alert-channel")
    assert b"CANARY" in vault.open(alerts.organization.organization_id, sealed)
    assert b"CANARY" not in sealed
    other = Alerts(alerts.client, other_organization, alerts.database, alerts.context)
    assert (await other.ask("GET", "alert-channels"))["items"] == []
    await other.ask("DELETE", "alert-channels/1", status=404)
    await other.ask("POST", "alert-channels/1/test", {}, 404)
    await other.ask("GET", "alert-deliveries/1", status=404)


async def test_two_channels_need_two_names(alerts: Alerts) -> None:
    await alerts.add("slack", **SECRETS["slack"])
    problem = await alerts.ask("POST", "alert-channels", {"kind": "slack", **SECRETS["slack"]}, 409)
    assert problem["detail"] == "name must be another one; a channel is already named slack"
    made = await alerts.add("slack", name="finops", team="web", **SECRETS["slack"])
    assert (made["name"], made["team"]) == ("finops", "web")


async def test_a_change_keeps_what_it_leaves_out(alerts: Alerts) -> None:
    made = await alerts.add("email", team="web", **SECRETS["email"])
    path = f"alert-channels/{made['id']}"
    changed = await alerts.ask("PATCH", path, {"name": "on call", "team": None, "encryption": "tls"}, 200)
    assert (changed["name"], changed["team"], changed["host"]) == ("on call", None, "smtp.example.com")
    sealed = await alerts.execute("SELECT sealed_settings FROM alert_channel WHERE organization_id = $1")
    vault = Vault(KeyRing.of(MASTER_SECRET), "alert-channel")
    kept = msgspec.json.decode(vault.open(alerts.organization.organization_id, sealed))
    assert kept == {**SECRETS["email"], "encryption": "tls", "smtp_port": 465}
    await alerts.ask("PATCH", path, {"user": None, "password": None, "smtp_host": "mail.example.com"}, 200)
    (shown,) = (await alerts.ask("GET", "alert-channels"))["items"]
    assert (shown["host"], "CANARY" in str(shown)) == ("mail.example.com", False)


async def test_a_signing_secret_is_replaced_by_a_given_or_a_generated_one(alerts: Alerts) -> None:
    made = await alerts.add("webhook", **SECRETS["webhook"])
    path = f"alert-channels/{made['id']}"
    assert (await alerts.ask("PATCH", path, {"name": "bot"}, 200))["secret"] is None
    rotated = (await alerts.ask("PATCH", path, {"secret": None}, 200))["secret"]
    assert rotated not in {None, made["secret"]}
    assert (await alerts.ask("PATCH", path, {"secret": made["secret"]}, 200))["secret"] is None


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, None),
        ({"kind": "teams"}, 400, None),
        ({"routing_key": "CANARY0secret0CANARY0secret0CAN0"}, 400, "routing_key"),
        ({"url": None}, 400, "url"),
        ({"team": "nobody"}, 404, "team"),
        ({"name": "other"}, 409, "name"),
    ],
)
async def test_a_change_that_is_not_understood_changes_nothing(
    alerts: Alerts, body: dict[str, Any], status: int, field: str | None
) -> None:
    made = await alerts.add("slack", **SECRETS["slack"])
    await alerts.add("slack", name="other", **SECRETS["slack"])
    problem = await alerts.ask("PATCH", f"alert-channels/{made['id']}", body, status)
    assert field is None or problem["field"] == field
    assert "CANARY" not in str(problem)
    assert (await alerts.ask("GET", "alert-channels"))["items"][0]["name"] == "slack"


async def test_a_test_answers_the_id_of_its_delivery_which_shows_what_came_of_it(alerts: Alerts) -> None:
    made = await alerts.add("webhook", url="https://127.0.0.1:1/CANARY")
    test = await alerts.ask("POST", f"alert-channels/{made['id']}/test", {}, 202)
    assert (test["event"], test["state"], test["alert_id"], test["channel"]) == ("test", "waiting", None, "webhook")
    await alerts.deliver(allow_private=False)
    shown = await alerts.ask("GET", f"alert-deliveries/{test['id']}")
    assert (shown["state"], shown["failure"], shown["next_attempt_at"]) == ("failed", "private_address", None)
    assert (await alerts.ask("GET", "dead-letters"))["items"] == []
    (channel,) = (await alerts.ask("GET", "alert-channels"))["items"]
    assert channel["reason"] == shown["reason"]


async def test_deliveries_are_listed_in_pages_by_channel_and_alert(alerts: Alerts) -> None:
    ids = [(await alerts.add("slack", name=name, **SECRETS["slack"]))["id"] for name in ("a", "b")]
    alert_id = await alerts.raise_alert()
    await alerts.deliver(allow_private=False)
    await alerts.ask("POST", f"alert-channels/{ids[0]}/test", {}, 202)
    page = await alerts.ask("GET", "alert-deliveries?limit=2")
    assert len(page["items"]) == 2
    rest = await alerts.ask("GET", f"alert-deliveries?limit=2&cursor={page['next_cursor']}")
    assert (len(rest["items"]), rest["next_cursor"]) == (1, None)
    assert len(await alerts.sent(channel_id=ids[0])) == 2
    assert len(await alerts.sent(alert_id=alert_id)) == 2
    assert len(await alerts.sent(alert_id=alert_id, channel_id=ids[1])) == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"kind": "slack"}, 400, "url"),
        ({"kind": "slack", "url": "http://127.0.0.1/"}, 400, "url"),
        ({"kind": "slack", **SECRETS["slack"], "team": "nobody"}, 404, "team"),
        ({"kind": "email", **SECRETS["slack"]}, 400, "smtp_host"),
        ({"kind": "email", **SECRETS["email"], "recipients": ["CANARY"]}, 400, "recipients"),
        ({"kind": "carrier-pigeon"}, 400, None),
        ({"kind": "slack", **SECRETS["slack"], "name": "jane@example.com"}, 400, None),
        ({"kind": "pagerduty", "routing_key": "CANARY"}, 400, None),
    ],
)
async def test_a_bad_channel_is_one_error_that_repeats_no_secret(
    alerts: Alerts, body: dict[str, Any], status: int, field: str | None
) -> None:
    problem = await alerts.ask("POST", "alert-channels", body, status)
    assert field is None or problem["field"] == field
    assert "CANARY" not in str(problem)
    assert (await alerts.ask("GET", "alert-channels"))["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("DELETE", "alert-channels/99", None, 404, "channel_id"),
        ("PATCH", "alert-channels/99", {"name": "x"}, 404, "channel_id"),
        ("POST", "alert-channels/99/test", {}, 404, "channel_id"),
        ("DELETE", f"alert-channels/{2**64}", None, 404, "channel_id"),
        ("GET", "alert-deliveries/99", None, 404, "delivery_id"),
        ("GET", "alert-deliveries?alert_id=0", None, 400, "alert_id"),
        ("DELETE", "alert-mutes/99", None, 404, "mute_id"),
        ("POST", "alert-mutes", {}, 400, "rule"),
        ("POST", "alert-mutes", {"rule": "nosuch"}, 400, None),
        ("POST", "alert-mutes", {"team": "nobody"}, 404, "team"),
        ("POST", "alert-mutes", {"team": "\0"}, 404, "team"),
        ("POST", "alert-channels", {"kind": "slack", **SECRETS["slack"], "team": "\0"}, 404, "team"),
        ("POST", "alert-mutes", {"rule": "rise", "muted_to": "2020-01-01"}, 400, "muted_to"),
        ("GET", "alerts/99", None, 404, "alert_id"),
        ("POST", "alerts/99", {"state": "resolved"}, 404, "alert_id"),
        ("POST", "alerts/99", {"state": "snoozed", "snoozed_to": "2020-01-01"}, 400, "snoozed_to"),
        ("POST", "alerts/99", {"state": "snoozed", "snoozed_to": "9999-12-31"}, 400, "snoozed_to"),
    ],
)
async def test_what_does_not_exist_or_is_out_of_range_is_named(
    alerts: Alerts, method: str, path: str, body: Any, status: int, field: str | None
) -> None:
    problem = await alerts.ask(method, path, body, status)
    assert field is None or problem["field"] == field


async def test_a_key_of_a_team_reads_its_alerts_and_no_channels(alerts: Alerts) -> None:
    mine, other = await alerts.raise_alert(), await alerts.raise_alert(subject="team checkout", team_id=1001)
    made = await alerts.ask("POST", "keys", {"name": "web", "scopes": ["read"], "team": "web"}, 201)
    headers = {"Authorization": f"Bearer {made['key']}"}
    for path, status in (
        (f"alerts/{mine}", 200),
        (f"alerts/{other}", 404),
        ("alert-channels", 403),
        ("alert-deliveries", 403),
        ("alert-mutes", 403),
    ):
        assert (await alerts.client.get(f"/api/v1/{path}", headers=headers)).status_code == status, path
