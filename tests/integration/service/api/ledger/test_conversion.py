"""GET /api/v1/metrics/conversion."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from tests.integration.service.api.conftest import DAY, REPOSITORY, Api, token_event

Drain = Callable[[], Awaitable[None]]
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}
RELEASE = {
    "forge": "github",
    "repository": REPOSITORY,
    "tag": "v1.0.0",
    "state": "published",
    "released_at": f"{DAY}T20:00:00Z",
    "pull_requests": [1],
}


async def rows(api: Api, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await api.get("metrics/conversion", **{**NOVEMBER, **query}, **cursor)
        items += answer["items"]
        if answer["next_cursor"] is None:
            return items
        cursor = {"cursor": answer["next_cursor"]}


async def test_shares_are_sums_divided_by_sums(company: Api, drain: Drain) -> None:
    await company.import_items("releases", RELEASE)
    await drain()
    ledger = await company.get("ledger", **NOVEMBER)
    shipped = (await company.get("releases", repository=REPOSITORY, tag="v1.0.0"))["items"][0]
    (row,) = await rows(company)
    assert row["cost_usd"] == ledger["received"]["cost_usd"]
    assert row["merged_cost_usd"] == ledger["merged"]["cost_usd"]
    assert row["of_tokens"]["merged"] == ledger["merged"]["total"] / ledger["received"]["total"]
    assert row["of_tokens"]["released"] == shipped["tokens"]["total"] / ledger["merged"]["total"]
    assert row["of_cost"]["reverted"] == 0
    for dimension in ("model", "team", "repository", "feature"):
        of_team = await rows(company, team="default", group_by=dimension)
        released = sum(Decimal(each["released_cost_usd"]) for each in of_team)
        assert released == Decimal(row["released_cost_usd"]) > 0, dimension


async def test_groups_and_pages_make_the_whole(company: Api) -> None:
    (whole,) = await rows(company)
    for dimension in ("team", "repository", "model", "provider", "workflow", "feature"):
        items = await rows(company, group_by=dimension)
        for name in ("cost_usd", "merged_cost_usd", "released_cost_usd", "reverted_cost_usd"):
            assert sum(Decimal(row[name]) for row in items) == Decimal(whole[name]), dimension
        assert await rows(company, group_by=dimension, limit=1) == items
    weeks = await rows(company, bucket="week", team="default")
    assert sum(Decimal(row["cost_usd"]) for row in weeks) == Decimal(whole["cost_usd"])


async def test_small_teams_are_withheld(company: Api, drain: Drain) -> None:
    for name, size in (("tiny", 3), ("big", 9), ("huge", 12)):
        await company.post("teams", {"name": name, "size": size, "telemetry_ids": [name]}, 201)
    events = [token_event(name, None, 10, team=name) for name in ("tiny", "big", "huge")]
    await company.post("token-events", {"items": events})
    await drain()
    withheld = {row["team"]: row["withheld_reason"] for row in await rows(company, group_by="team")}
    assert withheld["tiny"] is not None
    assert len([reason for reason in withheld.values() if reason]) > 1, "never a single one"


async def test_a_dimension_that_is_unknown_is_refused(api: Api) -> None:
    answer = await api.get("metrics/conversion", 400, group_by="fate")
    assert "team, repository, model, provider, workflow, feature" in answer["detail"]
