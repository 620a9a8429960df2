"""GET /api/v1/ledger."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from schema.database import Database
from tests.integration.service.api.conftest import DAY, Api, token_event

PARTS = ("merged", "in_flight", "abandoned", "overhead", "pending")


async def test_every_token_is_somewhere(company: Api) -> None:
    ledger = await company.get("ledger", **{"from": "2000-01-01", "to": "2100-01-01"})
    assert ledger["received"]["total"] == 2000
    assert [ledger[part]["total"] for part in PARTS] == [600, 600, 800, 0, 0]
    assert ledger["received"]["input_uncached"] == ledger["received"]["output_visible"] == 1000
    assert set(ledger["difference"].values()) == {0, "0.00"}
    assert float(ledger["received"]["cost_usd"]) > 0


async def test_unfolded_tokens_are_pending(api: Api, drain: Callable[[], Awaitable[None]]) -> None:
    await api.post("token-events", {"items": [token_event("waiting", None, 50)]})
    ledger = await api.get("ledger")
    assert (ledger["received"]["total"], ledger["pending"]["total"], ledger["difference"]["total"]) == (100, 100, 0)
    await drain()
    assert (await api.get("ledger"))["pending"]["total"] == 0


async def test_a_rollup_row_that_goes_missing_shows_as_a_difference(company: Api, database: Database) -> None:
    organization_id = company.organization.organization_id
    async with database.organization(organization_id) as tenant:
        taken = await tenant.fetch(
            "DELETE FROM spend_cut WHERE organization_id = $1 AND cut = 'fate' AND first = 'abandoned' RETURNING *"
        )
    assert taken
    ledger = await company.get("ledger")
    assert (ledger["abandoned"]["total"], ledger["difference"]["total"]) == (0, 800)
    async with database.organization(organization_id) as tenant:
        names = list(taken[0].keys())
        places = ", ".join(f"${index}" for index in range(1, len(names) + 1))
        for row in taken:
            await tenant.connection.execute(f"INSERT INTO spend_cut ({', '.join(names)}) VALUES ({places})", *row)
    assert (await company.get("ledger"))["difference"]["total"] == 0


async def test_tokens_that_a_correction_moves_to_another_kind_are_received_as_that_kind(
    company: Api, database: Database, drain: Callable[[], Awaitable[None]]
) -> None:
    before = await company.get("ledger")
    for moved in (7, -7):
        async with database.organization(company.organization.organization_id) as tenant:
            await tenant.execute(
                "UPDATE intake_total SET input_uncached = input_uncached - $2, cache_read = cache_read + $2"
                " WHERE organization_id = $1 AND day = '2026-11-18'",
                moved,
            )
        expected = before["difference"] | (
            {"input_uncached": -7, "cache_read": 7} if moved > 0 else {"input_uncached": 0, "cache_read": 0}
        )
        assert (await company.get("ledger"))["difference"] == expected
        await drain()
        assert (await company.get("ledger"))["difference"] == expected


async def test_a_period_counts_its_days_whole(company: Api) -> None:
    assert (await company.get("ledger", **{"from": DAY, "to": DAY}))["received"]["total"] == 2000
    assert (await company.get("ledger", **{"from": "2026-11-19"}))["received"]["total"] == 0
    ledger = await company.get("ledger", **{"from": f"{DAY}T23:00:00Z", "to": "2026-11-19T00:00:00Z"})
    assert (ledger["first_day"], ledger["last_day"], ledger["received"]["total"]) == (DAY, DAY, 2000)


async def test_a_team_sees_its_own_ledger(company: Api) -> None:
    await company.post("teams", {"name": "platform"}, 201)
    assert (await company.get("ledger", team="default"))["received"]["total"] == 2000
    assert (await company.get("ledger", team="platform"))["received"]["total"] == 0
    problem = await company.get("ledger", 404, team="nobody")
    assert problem["field"] == "team"


async def test_a_period_that_cannot_be_read_is_a_problem_that_says_how_to_write_it(api: Api) -> None:
    problem = await api.get("ledger", 400, **{"from": "yesterday"})
    assert (problem["field"], problem["status"]) == ("from", 400)
    assert "2026-11-22" in problem["detail"]
    assert (await api.get("ledger", 400, **{"from": DAY, "to": "2026-11-17"}))["field"] == "to"


async def test_another_organization_has_a_separate_ledger(company: Api, other_api: Api) -> None:
    assert (await other_api.get("ledger"))["received"]["total"] == 0
    assert (await company.get("ledger"))["received"]["total"] == 2000


NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}


@pytest.mark.parametrize("bucket", ["total", "day", "week", "month", "quarter"])
async def test_periods_and_teams_sum_to_the_ledger_in_every_cost(
    company: Api, drain: Callable[[], Awaitable[None]], bucket: str
) -> None:
    await company.post("token-events", {"items": [token_event("of blue", None, 55, team="blue")]})
    await drain()
    await company.post("token-events", {"items": [token_event("late", None, 5)]})
    for kind in ("list", "effective", "billed"):
        for group_by in ({}, {"group_by": "team"}):
            answer = await company.get("ledger", **NOVEMBER, bucket=bucket, cost_kind=kind, **group_by)
            assert answer["received"]["total"] == 2120
            for part in (*PARTS, "received", "difference", "superseded"):
                items = [item["parts"][part] for item in answer["items"]]
                assert sum(item["total"] for item in items) == answer[part]["total"], part
                assert sum(Decimal(item["cost_usd"]) for item in items) == Decimal(answer[part]["cost_usd"]), part
            assert all(("team" in item) == bool(group_by) for item in answer["items"])
    pages: list[Any] = []
    query: dict[str, Any] = {"bucket": bucket, "group_by": "team", "limit": 1, **NOVEMBER}
    while True:
        page = await company.get("ledger", **query)
        pages += page["items"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert pages == (await company.get("ledger", bucket=bucket, group_by="team", **NOVEMBER))["items"]


async def test_a_ledger_is_compared_with_an_earlier_one(company: Api) -> None:
    answer = await company.get("ledger", **{"from": "2026-11-25", "to": "2026-12-01"}, compare="previous", bucket="day")
    assert answer["compared_with"] == {"first_day": "2026-11-18", "last_day": "2026-11-24"}
    assert (answer["received"]["total"], answer["before"]["received"]["total"]) == (0, 2000)
    assert answer["change"]["merged"]["total"] == -600
    first = answer["items"][0]
    assert (first["period_start"], len(answer["items"])) == ("2026-11-25", 7)
    assert first["before"]["abandoned"]["total"] == 800
    assert first["change"]["abandoned"]["cost_usd"].startswith("-")


async def test_a_ledger_without_a_start_has_one_item_and_nothing_before_it(company: Api) -> None:
    (item,) = (await company.get("ledger"))["items"]
    assert (item["period_start"], item["parts"]["received"]["total"], item["before"]) == (None, 2000, None)
    for query in ({"bucket": "month"}, {"compare": "year"}):
        assert (await company.get("ledger", 400, **query))["field"] == "from"


async def test_a_ledger_by_something_else_than_teams_is_refused(api: Api) -> None:
    problem = await api.get("ledger", 400, group_by="model")
    assert problem["detail"] == "group_by must be team; spend by model is in GET /api/v1/spend"


async def test_small_teams_are_withheld_in_a_ledger_and_never_one_alone(
    company: Api, drain: Callable[[], Awaitable[None]]
) -> None:
    for name, size in (("tiny", 3), ("big", 9), ("huge", 12)):
        await company.post("teams", {"name": name, "size": size, "telemetry_ids": [name]}, 201)
    events = [token_event(name, None, tokens, team=name) for name, tokens in (("tiny", 1), ("big", 2), ("huge", 900))]
    await company.post("token-events", {"items": events})
    await drain()
    items = {item["team"]: item for item in (await company.get("ledger", **NOVEMBER, group_by="team"))["items"]}
    assert items["tiny"]["withheld_reason"] == "the team has fewer than 5 people"
    assert "computed" in items["big"]["withheld_reason"]
    assert items["tiny"]["parts"] is items["big"]["parts"] is None
    assert items["huge"]["parts"]["received"]["total"] == 1800
    alone = await company.get("ledger", **NOVEMBER, team="tiny", compare="previous")
    assert alone["withheld_reason"] == alone["items"][0]["withheld_reason"] == "the team has fewer than 5 people"
    assert alone["received"] is alone["difference"] is alone["change"] is alone["items"][0]["parts"] is None
    assert (await company.get("ledger", **NOVEMBER, team="huge"))["received"]["total"] == 1800
