"""The forms of alerts do what the API does, and only for who may change settings."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from schema.database import Database
from service.auth.roles import Role
from tests.harness.organization import Organization
from tests.harness.signing_in import of_a_form, sign_in
from tests.integration.service.dashboard.alerts.test_alerts_reading import add
from workers.statistics.leading_causes import Candidate

LATER = str(datetime.now(UTC).date() + timedelta(days=5))


@pytest.fixture
async def signed_in(client: httpx.AsyncClient, database: Database, organization: Organization) -> httpx.AsyncClient:
    """Sign an administrator in to an organization without figures."""
    client.headers.update(organization.headers)
    await sign_in(client, database, organization, Role.ADMIN)
    return client


async def post(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    return await client.post(path, data=fields, headers=of_a_form(client))


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"state": "acknowledged"}, "acknowledged"),
        ({"state": "muted"}, "muted"),
        ({"state": "snoozed", "snoozed_to": LATER}, "snoozed"),
    ],
)
async def test_an_alert_is_answered(
    signed_in: httpx.AsyncClient, database: Database, organization: Organization, fields: dict[str, str], state: str
) -> None:
    alert_id = await add(database, organization, "rise", Candidate("team", "web"))
    answer = await post(signed_in, f"/alerts/{alert_id}", **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/alerts/{alert_id}")
    shown = (await signed_in.get(f"/api/v1/alerts/{alert_id}")).json()
    assert shown["state"] == state
    assert "Open again" in (await signed_in.get(f"/alerts/{alert_id}")).text


async def test_a_snooze_without_a_day_is_explained(
    signed_in: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    alert_id = await add(database, organization, "rise", Candidate("team", "web"))
    answer = await post(signed_in, f"/alerts/{alert_id}", state="snoozed")
    assert answer.status_code == 400
    assert "snoozed_to" in answer.text.lower()
    assert (await post(signed_in, "/alerts/99", state="muted")).status_code == 404


async def test_a_channel_is_tested_at_once(signed_in: httpx.AsyncClient) -> None:
    body = {"kind": "webhook", "url": "https://hooks.example.com/in"}
    made = (await signed_in.post("/api/v1/alert-channels", json=body)).json()
    assert "Send a test" in (await signed_in.get("/alerts")).text
    assert (await post(signed_in, f"/alerts/channels/{made['id']}/test")).status_code == 303
    [sent] = (await signed_in.get("/api/v1/alert-deliveries")).json()["items"]
    assert (sent["event"], sent["alert_id"]) == ("test", None)
    assert (await post(signed_in, "/alerts/channels/99/test")).status_code == 404


async def test_a_rule_is_muted_and_sent_again(signed_in: httpx.AsyncClient) -> None:
    assert (await post(signed_in, "/alerts/mutes", rule="rise", team="", muted_to=LATER)).status_code == 303
    [muted] = (await signed_in.get("/api/v1/alert-mutes")).json()["items"]
    assert (muted["rule"], muted["team"], muted["muted_to"]) == ("rise", None, LATER)
    assert "rises of spend of all teams" in (await signed_in.get("/alerts")).text
    assert (await post(signed_in, f"/alerts/mutes/{muted['id']}/remove")).status_code == 303
    assert (await signed_in.get("/api/v1/alert-mutes")).json()["items"] == []
    assert (await post(signed_in, "/alerts/mutes", rule="")).status_code == 400


async def test_a_budget_is_set_and_removed(signed_in: httpx.AsyncClient) -> None:
    assert (await post(signed_in, "/alerts/budgets", period="month", team="", usd="2000")).status_code == 303
    [budget] = (await signed_in.get("/api/v1/budgets")).json()["items"]
    assert (budget["period"], budget["usd"], budget["team"]) == ("month", "2000.00", None)
    assert "All teams, this month" in (await signed_in.get("/alerts")).text
    assert (await post(signed_in, "/alerts/budgets", period="month", usd="")).status_code == 303
    assert (await signed_in.get("/api/v1/budgets")).json()["items"] == []


async def test_who_only_looks_is_shown_commands(
    signed_in: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await add(database, organization, "rise", Candidate("team", "web"))
    assert "Snooze until then" in (await signed_in.get("/alerts")).text
    await sign_in(signed_in, database, organization, Role.VIEWER)
    text = (await signed_in.get("/alerts")).text
    assert "Snooze until then" not in text
    assert "shipledger alerts acknowledge" in text
