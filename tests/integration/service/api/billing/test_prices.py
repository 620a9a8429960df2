"""/api/v1/prices: what an organization negotiated is paid instead of the list price, from its day on."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from schema.database import Database
from schema.queue import Job
from tests.integration.service.api.conftest import Api, token_event
from workers.stores.upkeep.due_work import find_due

Drain = Callable[[], Awaitable[None]]
MODEL = "claude-sonnet-4-5"


def price(**values: Any) -> dict[str, Any]:
    return {"model": MODEL, "kind": "input_uncached", "usd": "2", "first_day": "2026-11-01", **values}


async def cost(api: Api) -> str:
    return (await api.get("ledger"))["received"]["cost_usd"]


async def set_prices(api: Api, *items: dict[str, Any]) -> dict[str, int]:
    receipt: dict[str, int] = await api.post("prices", {"items": list(items)})
    return receipt


async def test_tokens_that_were_counted_already_are_priced_again(api: Api, drain: Drain) -> None:
    await api.post("token-events", {"items": [token_event("one", None, 100_000)]})
    await drain()
    assert await cost(api) == "1.80"
    assert await set_prices(api, price(), price(kind="output", usd="10")) == {"received": 2, "changed": 2}
    await drain()
    assert await cost(api) == "1.20"
    ledger = await api.get("ledger")
    assert set(ledger["difference"].values()) == {0, "0.00"}


async def test_tokens_that_come_later_cost_the_contract_price_from_its_day_on(api: Api, drain: Drain) -> None:
    await set_prices(api, price(first_day="2026-11-18", last_day="2026-11-18"))
    events = [token_event(day, None, 100_000, occurred_at=f"2026-11-{day}T12:00:00Z") for day in ("17", "18", "19")]
    for event in events:
        event["tokens"] = {"input_uncached": 100_000}
    await api.post("token-events", {"items": events})
    await drain()
    assert await cost(api) == "0.80"


async def test_a_price_taken_back_leaves_the_list_price(api: Api, drain: Drain) -> None:
    await api.post("token-events", {"items": [token_event("one", None, 100_000)]})
    await set_prices(api, price())
    await drain()
    assert await cost(api) == "1.70"
    (shown,) = (await api.get("prices"))["items"]
    answer = await api.client.delete(f"/api/v1/prices/{shown['id']}", headers=api.organization.headers)
    assert answer.status_code == 204
    await drain()
    assert await cost(api) == "1.80"


async def test_a_model_that_no_list_has_is_priced_by_the_contract(api: Api, drain: Drain) -> None:
    await api.post("token-events", {"items": [token_event("one", None, 50_000, model="our-own-model")]})
    await drain()
    assert (await api.get("coverage"))["priced_share"] == 0
    await set_prices(api, price(model="our-own-model", usd="1"), price(model="our-own-model", kind="output", usd="3"))
    await drain()
    assert await cost(api) == "0.20"
    assert (await api.get("coverage"))["priced_share"] == 1


async def test_the_same_price_sent_again_changes_nothing(api: Api, database: Database) -> None:
    assert (await set_prices(api, price()))["changed"] == 1
    async with database.organization(api.organization.organization_id) as tenant:
        await tenant.execute("DELETE FROM stale_price WHERE organization_id = $1")
    assert (await set_prices(api, price(usd="2.00")))["changed"] == 0
    async with database.operator() as connection:
        assert Job.REPRICE_WINDOWS not in {job for job, _ in await find_due(connection, timedelta())}


async def test_prices_are_shown_as_set_and_only_to_their_organization(api: Api, other_api: Api) -> None:
    await set_prices(api, price(model="Claude Sonnet 4.5".replace(" ", "-"), usd="2.125", service_tier="Batch"))
    (shown,) = (await api.get("prices"))["items"]
    assert {name: shown[name] for name in ("model", "kind", "usd", "first_day", "last_day", "service_tier")} == {
        "model": "claude-sonnet-4-5",
        "kind": "input_uncached",
        "usd": "2.125",
        "first_day": "2026-11-01",
        "last_day": None,
        "service_tier": "batch",
    }
    assert (await other_api.get("prices"))["items"] == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"usd": "-1"}, "usd"),
        ({"usd": "0.0000001"}, "usd"),
        ({"kind": "coffee"}, "kind"),
        ({"last_day": "2026-10-01"}, "last_day"),
        ({"model": ""}, "model"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_price_that_cannot_be_is_refused_with_its_field(api: Api, change: dict[str, str], word: str) -> None:
    problem = await api.post("prices", {"items": [price(), price(**change)]}, 400)
    assert "items[1]" in str(problem)
    assert word in str(problem)
    assert (await api.get("prices"))["items"] == []
