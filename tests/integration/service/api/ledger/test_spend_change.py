"""GET /api/v1/spend/change: why spend changed."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from schema.database import Database
from tests.integration.service.api.conftest import Api, token_event
from vocabulary.tokens import nano_usd

PERIOD = {"from": "2026-11-16", "to": "2026-11-22"}
TOKENS = {"input_uncached": 3_000, "cache_read": 40_000, "cache_write": 800, "output_visible": 400}
OPUS = "claude-opus-4-1"


def event(name: str, day: int, **values: Any) -> dict[str, Any]:
    occurred_at = f"2026-11-{day:02}T12:30:00Z"
    return {**token_event(name, None, 0), "occurred_at": occurred_at, "tokens": TOKENS, **values}


@pytest.fixture
async def spent(api: Api, drain: Callable[[], Awaitable[None]]) -> Api:
    """Ten requests in the week before; twenty in the week, eight of them of a dearer model, by another team."""
    for team in ("checkout", "web"):
        await api.save_team({"name": team, "telemetry_ids": [team], "size": 9}, 201)
    before = [event(f"before {number}", 9 + number % 7, team="checkout") for number in range(10)]
    after = [event(f"after {number}", 16 + number % 7, team="checkout") for number in range(12)]
    other = [event(f"web {number}", 17, team="web", model=OPUS) for number in range(8)]
    earlier = [event(f"earlier {number}", 10, team="web") for number in range(8)]
    await api.post("token-events", {"items": [*before, *after, *other, *earlier]})
    await drain()
    return api


def sums(causes: dict[str, str]) -> int:
    return sum(nano_usd(Decimal(usd)) for usd in causes.values())


async def test_the_causes_sum_to_the_change_in_total_and_by_team(spent: Api) -> None:
    shown = await spent.get("spend/change", **PERIOD)
    assert (shown["compared_first_day"], shown["compared_last_day"]) == ("2026-11-09", "2026-11-15")
    assert (shown["before"]["requests"], shown["after"]["requests"]) == (18, 20)
    assert shown["after"]["total"] == 20 * sum(TOKENS.values())
    change = nano_usd(Decimal(shown["change_usd"]))
    assert change == nano_usd(Decimal(shown["after"]["cost_usd"])) - nano_usd(Decimal(shown["before"]["cost_usd"]))
    assert sums(shown["causes"]) == change > 0
    for item in shown["items"]:
        assert sums(item["causes"]) == nano_usd(Decimal(item["change_usd"]))
    assert sum(nano_usd(Decimal(item["change_usd"])) for item in shown["items"]) == change


async def test_each_team_has_its_own_cause(spent: Api) -> None:
    shown = await spent.get("spend/change", **PERIOD)
    web, checkout = shown["items"]
    assert (web["team"], web["causes"]["model_mix_usd"]) == ("web", web["change_usd"])
    assert (checkout["team"], checkout["causes"]["volume_usd"]) == ("checkout", checkout["change_usd"])
    assert f"from claude-sonnet-4-5 to {OPUS}" in shown["sentence"]
    assert "more requests by checkout" in shown["sentence"]


async def test_one_team_and_another_comparison_can_be_asked_for(spent: Api) -> None:
    shown = await spent.get("spend/change", team="checkout", compare="2026-11-16..2026-11-22", **PERIOD)
    assert (shown["team"], shown["change_usd"]) == ("checkout", "0.00")
    assert shown["sentence"].startswith("Spend did not change: ")
    assert (await spent.get("spend/change", compare="year", **PERIOD))["before"]["requests"] == 0


async def test_small_teams_are_shown_together(spent: Api) -> None:
    await spent.save_team({"name": "web", "size": 2})
    shown = await spent.get("spend/change", **PERIOD)
    (together,) = shown["items"]
    assert (together["team"], together["teams"]) == (None, 2)
    assert "by checkout" not in shown["sentence"]


async def test_the_split_is_exact_without_prices_of_kinds(spent: Api, database: Database) -> None:
    async with database.organization(spent.organization.organization_id) as tenant:
        await tenant.execute("DELETE FROM event_price WHERE organization_id = $1")
    shown = await spent.get("spend/change", **PERIOD)
    assert sums(shown["causes"]) == nano_usd(Decimal(shown["change_usd"]))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"compare": "month"}, "compare"),
        ({"to": "2100-01-01"}, "to"),
        ({"team": "nobody"}, "team"),
        ({"by": "x"}, "by"),
    ],
)
async def test_a_question_that_is_not_understood_is_refused(api: Api, query: dict[str, str], field: str) -> None:
    assert (await api.get("spend/change", 404 if field == "team" else 400, **query))["field"] == field


async def test_nothing_is_seen_of_another_organization(
    spent: Api,  # noqa: ARG001 - only its data is wanted
    other_api: Api,
) -> None:
    shown = await other_api.get("spend/change", **PERIOD)
    assert (shown["sentence"], shown["items"]) == ("Nothing was spent in either period.", [])
