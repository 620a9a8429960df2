"""Prices of token events, kept as they were when the events were counted."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schema.database import Database
from tests.integration.workers.stored_facts import StoredFacts
from vocabulary.tokens import TokenCounts
from workers.prices.listed import Sold, Used, list_price
from workers.prices.units import SIZELESS, UnitPrices, unit_prices
from workers.stores.tokens.event_prices import Priced, Slots, keep_prices

Drain = Callable[[], Awaitable[None]]
Keep = Callable[..., Awaitable[Slots]]

MODEL = "claude-sonnet-4-5"
HALF_HOUR = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SONNET = Priced(Sold("anthropic", MODEL), HALF_HOUR)
UNLISTED = Priced(Sold("nobody", "no-such-model"), HALF_HOUR + timedelta(hours=2))


@pytest.fixture
def keep(database: Database, stored: StoredFacts) -> Keep:
    async def keep(*needed: Priced) -> Slots:
        organization_id = stored.organization.organization_id
        async with database.organization(organization_id) as tenant:
            return await keep_prices(tenant, set(needed))

    return keep


async def kept(stored: StoredFacts) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await stored.fetch(
        "SELECT * FROM event_price WHERE organization_id = $1 ORDER BY provider, model, begins_at, from_input"
    )
    return rows


async def test_a_listed_model_is_kept_by_tiers_and_one_that_is_not_as_unlisted(keep: Keep, stored: StoredFacts) -> None:
    assert await keep(SONNET, UNLISTED) == Slots(SONNET[-1], UNLISTED[-1])
    *listed, unlisted = await kept(stored)
    assert [tuple(row[name] for name in UnitPrices._fields) for row in listed] == [
        tuple(each) for each in unit_prices(*SONNET)
    ]
    assert len(listed) == 2
    assert [row["is_listed"] for row in (*listed, unlisted)] == [True, True, False]
    assert (unlisted["from_input"], unlisted["to_input"], unlisted["input_uncached"]) == (0, SIZELESS, 0)


async def test_a_price_that_is_kept_stays_what_it_was_and_one_in_use_is_kept_longer(
    keep: Keep, stored: StoredFacts
) -> None:
    await keep(SONNET)
    await stored.execute(
        "UPDATE event_price SET input_uncached = 7, used_at = now() - interval '2 hours' WHERE organization_id = $1"
    )
    before = await kept(stored)
    await keep(SONNET, SONNET._replace(begins_at=HALF_HOUR + timedelta(minutes=30)))
    rows = await kept(stored)
    assert [row["input_uncached"] for row in rows] == [7, 7, 3_000_000, 6_000_000]
    assert all(after["used_at"] > earlier["used_at"] for after, earlier in zip(rows, before, strict=False))


async def test_events_cost_by_their_own_size_what_the_list_asks(stored: StoredFacts, drain: Drain) -> None:
    sizes = [1, 200_000, 200_001, 333_333]
    for size in sizes:
        await stored.event(f"of {size}", 9.6, size)
    await drain()
    windows = await stored.fetch("SELECT * FROM token_window WHERE organization_id = $1 ORDER BY size_from")
    small, small_too, large, larger = (
        list_price(Used(TokenCounts(size)), Sold("anthropic", MODEL), HALF_HOUR) or 0 for size in sizes
    )
    assert [(row["size_from"], row["cost_nano_usd"], row["unpriced_tokens"]) for row in windows] == [
        (0, small + small_too, 0),
        (200_001, large + larger, 0),
    ]


async def test_events_move_between_windows_at_the_cost_that_they_were_counted_with(
    stored: StoredFacts, drain: Drain
) -> None:
    await stored.event("event", 9.6, session="session")
    await drain()
    await stored.execute("UPDATE event_price SET input_uncached = 5000 WHERE organization_id = $1")
    await stored.execute("UPDATE token_window SET cost_nano_usd = 5000 WHERE organization_id = $1")
    await stored.evidence("session", 9.5, branch=stored.name("branch"))
    await drain()
    (window,) = await stored.fetch("SELECT * FROM token_window WHERE organization_id = $1")
    assert (window["branch"], window["requests"], window["cost_nano_usd"]) == (stored.name("branch"), 1, 5000)


async def test_tokens_of_a_model_that_is_not_listed_cost_nothing_and_count_as_unpriced(
    stored: StoredFacts, drain: Drain
) -> None:
    await stored.event("unlisted", 9.6, model="no-such-model")
    await stored.event("listed", 9.6)
    await drain()
    windows = await stored.fetch("SELECT * FROM token_window WHERE organization_id = $1 ORDER BY model")
    assert [(row["cost_nano_usd"], row["unpriced_tokens"]) for row in windows] == [(3_000_000, 0), (0, 1000)]
