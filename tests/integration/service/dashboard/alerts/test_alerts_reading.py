"""The pages of alerts show what the endpoints list, and every alert's address opens."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from schema.database import Database
from tests.harness.organization import Organization
from vocabulary.tokens import NANO_USD
from workers.alert_rules.words import link
from workers.statistics.leading_causes import Candidate

_ADD = """
    INSERT INTO alert (organization_id, kind, subject, team_id, began_on, found_on, usual_nano_usd, spent_nano_usd,
                       sentence, link, before)
    VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, $8, 0.5) RETURNING alert_id
"""
BEGAN, FOUND = date(2026, 11, 16), date(2026, 11, 18)


async def add(
    database: Database, organization: Organization, kind: str, subject: Candidate, address: str | None = None
) -> int:
    """Store an alert as the worker would; returns its id."""
    async with database.organization(organization.organization_id) as tenant:
        alert_id: int = await tenant.fetchval(
            _ADD,
            kind,
            " ".join(subject).strip(),
            0,
            BEGAN,
            FOUND,
            f"Something about {subject.value or 'everything'}.",
            link(subject, BEGAN, FOUND) if address is None else address,
        )
    return alert_id


async def test_open_alerts_are_shown_with_their_days(
    signed_in: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await add(database, organization, "rise", Candidate("team", "web"))
    text = (await signed_in.get("/alerts")).text
    assert "1 alert needs a look" in text
    assert "Something about web." in text
    asked = {"from": "2026-11-17", "to": "2026-11-17", "team": "web"}
    total = (await signed_in.get("/api/v1/spend", params=asked)).json()["total"]["figures"]["cost_usd"]
    assert int(Decimal(total) * NANO_USD) > 0
    assert f"${Decimal(total):.2f}" in text
    rows = (await signed_in.get("/alerts.json")).json()["items"]
    assert [row["subject"] for row in rows] == ["team web"]


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("rise", Candidate("organization", "")),
        ("rise", Candidate("model", "claude-sonnet-4-5")),
        ("linked_share", Candidate("team", "web")),
        ("policy", Candidate("provider", "anthropic")),
        ("policy", Candidate("region", "eu")),
        ("input_growth", Candidate("prompt", "support@7")),
        ("silence", Candidate("team", "removed")),
    ],
)
async def test_every_alert_opens_and_so_does_its_spend(
    signed_in: httpx.AsyncClient, database: Database, organization: Organization, kind: str, subject: Candidate
) -> None:
    alert_id = await add(database, organization, kind, subject)
    answer = await signed_in.get(f"/alerts/{alert_id}")
    assert answer.status_code == 200
    assert "Something about" in answer.text
    assert [row["kind"] for row in (await signed_in.get(f"/alerts/{alert_id}.json")).json()["items"]] == [kind]
    linked = (await signed_in.get(f"/api/v1/alerts/{alert_id}")).json()["link"]
    assert (await signed_in.get(linked)).status_code == (404 if subject.value == "removed" else 200)


async def test_a_budget_of_days_to_come_opens(
    signed_in: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    later = datetime.now(UTC).date() + timedelta(days=9)
    address = f"/spend?period={BEGAN}..{later}"
    alert_id = await add(database, organization, "budget", Candidate("", ""), address)
    assert (await signed_in.get(f"/alerts/{alert_id}")).status_code == 200
    assert (await signed_in.get("/alerts")).status_code == 200


async def test_an_unknown_alert_is_explained(signed_in: httpx.AsyncClient) -> None:
    for number in (99, 2**63, "first"):
        answer = await signed_in.get(f"/alerts/{number}")
        assert answer.status_code == 404
        assert "This alert does not exist" in answer.text


async def test_an_organization_sees_no_alert_of_another(
    signed_in: httpx.AsyncClient, database: Database, other_organization: Organization
) -> None:
    alert_id = await add(database, other_organization, "rise", Candidate("team", "web"))
    assert (await signed_in.get(f"/alerts/{alert_id}")).status_code == 404
    assert "Something about" not in (await signed_in.get("/alerts")).text
