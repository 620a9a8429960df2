"""POST /api/v1/billing-charges."""

from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from schema.database import Database
from tests.harness.organization import Organization
from tests.integration.service.api.conftest import Api

PATH = "billing-charges"


def charge(**values: Any) -> dict[str, Any]:
    basis = {
        "first_day": "2026-11-18",
        "provider": "anthropic",
        "model": "claude-sonnet-4-5",
        "kind": "output",
        "tokens": 1_000,
        "currency": "USD",
        "billed_cost": "0.0135",
        "list_cost": "0.015",
    }
    return {**basis, **values}


def bill(*charges: dict[str, Any], **values: Any) -> dict[str, Any]:
    basis = {"issuer": "CANARY issuer", "account": "CANARY-1", "period_start": "2026-11-01", "period_end": "2026-12-01"}
    return {**basis, "charges": list(charges), **values}


async def stored(database: Database, organization: Organization) -> list[asyncpg.Record]:
    async with database.organization(organization.organization_id) as tenant:
        rows: list[asyncpg.Record] = await tenant.connection.fetch(
            "SELECT * FROM billing_charge ORDER BY first_day, kind"
        )
        return rows


async def test_a_bill_is_stored_to_the_nano_without_its_account(
    api: Api, database: Database, organization: Organization
) -> None:
    reported = charge(currency="EUR", exchange_rate="1.0825", effective_cost="0.0130000005", last_day="2026-11-20")
    assert await api.post(PATH, {"items": [bill(reported)]}) == {"received": 1, "changed": 1, "charges": 1}
    (row,) = await stored(database, organization)
    assert (row["list_nano"], row["contracted_nano"], row["effective_nano"], row["billed_nano"]) == (
        15_000_000,
        13_000_000,
        13_000_000,
        13_500_000,
    )
    assert (row["currency"], row["exchange_rate"], row["tokens"]) == ("EUR", Decimal("1.0825"), 1_000)
    assert str(row["last_day"]) == "2026-11-20"


async def test_a_repeated_bill_in_any_order_changes_nothing(api: Api) -> None:
    charges = [charge(), charge(kind="cache_read"), charge(first_day="2026-11-19")]
    await api.post(PATH, {"items": [bill(*charges)]})
    again = await api.post(PATH, {"items": [bill(*reversed(charges))]})
    assert again == {"received": 1, "changed": 0, "charges": 0}


async def test_a_corrected_bill_replaces_its_period_as_a_whole(
    api: Api, database: Database, organization: Organization
) -> None:
    await api.post(PATH, {"items": [bill(charge(), charge(kind="cache_read"))]})
    await api.post(PATH, {"items": [bill(charge(), period_start="2026-10-01", period_end="2026-11-01")]})
    await api.post(PATH, {"items": [bill(charge(billed_cost="0.012"))]})
    rows = await stored(database, organization)
    assert sorted(row["billed_nano"] for row in rows) == [12_000_000, 13_500_000]
    await api.post(PATH, {"items": [bill()]})
    assert len(await stored(database, organization)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"billed_cost": "NaN"}, "items[1].charges[1]"),
        ({"billed_cost": "1e12"}, "items[1].charges[1]"),
        ({"billed_cost": "CANARY"}, "items[1].charges[1].billed_cost"),
        ({"exchange_rate": "0"}, "items[1].charges[1]"),
        ({"last_day": "2026-11-01"}, "items[1].charges[1]"),
        ({"first_day": "0001-01-01"}, "items[1].charges[1]"),
        ({"tokens": 10**30}, "items[1].charges[1].tokens"),
        ({"tokens": 5, "kind": "other"}, "items[1].charges[1]"),
        ({"kind": "CANARY"}, "items[1].charges[1].kind"),
        ({"currency": "euro"}, "items[1].charges[1].currency"),
        ({"model": "CANARY model"}, "items[1].charges[1].model"),
        ({}, "items[1].charges[1]"),
    ],
)
async def test_one_bad_charge_is_named_and_nothing_is_stored(
    change: dict[str, Any], field: str, api: Api, database: Database, organization: Organization
) -> None:
    items = [bill(charge(), account="CANARY-2"), bill(charge(), charge(**change))]
    problem = await api.post(PATH, {"items": items}, 400)
    assert problem["field"] == field
    assert "CANARY" not in str(problem)
    assert not await stored(database, organization)


async def test_two_bills_of_one_period_in_a_bulk_are_refused(api: Api) -> None:
    problem = await api.post(PATH, {"items": [bill(charge()), bill(charge())]}, 400)
    assert problem["field"] == "items[1]"


async def test_unknown_fields_are_dropped(api: Api, database: Database, organization: Organization) -> None:
    await api.post(PATH, {"items": [bill(charge(Tags="CANARY", ResourceId="CANARY"))]})
    assert len(await stored(database, organization)) == 1


async def test_organizations_have_bills_of_their_own(
    api: Api, other_api: Api, database: Database, other_organization: Organization
) -> None:
    await api.post(PATH, {"items": [bill(charge())]})
    assert not await stored(database, other_organization)
    assert (await other_api.post(PATH, {"items": [bill(charge())]}))["changed"] == 1


async def test_a_key_pinned_to_a_team_sends_no_bills(api: Api) -> None:
    await api.post("teams", {"name": "platform"}, 201)
    key = await api.post("keys", {"name": "pinned", "scopes": ["intake"], "team": "platform"}, 201)
    answer = await api.client.post(
        f"/api/v1/{PATH}", json={"items": [bill(charge())]}, headers={"Authorization": f"Bearer {key['key']}"}
    )
    assert answer.status_code == 403
