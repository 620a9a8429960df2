"""GET /api/v1/metrics/tokens-per-pr."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.integration.service.api.conftest import DAY, Api, pull_request, token_event

PATH = "metrics/tokens-per-pr"
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}
Drain = Callable[[], Awaitable[None]]


async def rows(api: Api, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.get(PATH, **{**NOVEMBER, **query}))["items"]
    return items


async def test_a_week_divides_the_sum_by_the_number(company: Api) -> None:
    earlier, row = await rows(company)
    assert (row["period_start"], row["team"], row["size"]) == ("2026-11-16", "default", None)
    assert (row["merged_pull_requests"], row["tokens"]["total"]) == (2, 600)
    assert row["tokens_per_merged_pr"] == 300
    assert row["fully_loaded_tokens_per_merged_pr"] == 1000
    assert float(row["cost_per_merged_pr_usd"]) * 2 == float(row["cost_usd"]) > 0
    assert row["withheld_reason"] is None
    assert "model" not in row
    assert (earlier["period_start"], earlier["merged_pull_requests"], earlier["tokens_per_merged_pr"]) == (
        "2026-11-09",
        1,
        0,
    )


async def test_buckets_begin_where_they_should(company: Api) -> None:
    starts = {
        bucket: [row["period_start"] for row in await rows(company, bucket=bucket)]
        for bucket in ("day", "week", "month", "quarter")
    }
    assert starts == {
        "day": ["2026-11-11", DAY],
        "week": ["2026-11-09", "2026-11-16"],
        "month": ["2026-11-01"],
        "quarter": ["2026-10-01"],
    }
    (month,) = await rows(company, bucket="month")
    assert (month["merged_pull_requests"], month["tokens_per_merged_pr"]) == (3, 200)


async def test_every_cut_sums_to_the_same_tokens(company: Api) -> None:
    for dimension in ("team", "model", "repository", "workflow", "evidence", "feature"):
        cut = await rows(company, group_by=dimension)
        assert sum(row["tokens"]["total"] for row in cut) == 600, dimension
        assert all(dimension in row for row in cut)
        assert all("size" not in row for row in cut if dimension != "team")


async def test_a_cut_by_model_shares_the_merges_of_its_period(company: Api) -> None:
    by_model = {row["model"]: row for row in await rows(company, group_by="model")}
    assert {name: row["tokens"]["total"] for name, row in by_model.items()} == {
        "claude-opus-4-1": 400,
        "claude-sonnet-4-5": 200,
    }
    assert {row["merged_pull_requests"] for row in by_model.values()} == {2}
    assert sum(row["tokens_per_merged_pr"] for row in by_model.values()) == 300


async def test_where_nothing_was_merged_a_ratio_is_null(company: Api) -> None:
    late = token_event("late", None, 10, occurred_at="2026-11-25T10:00:00Z")
    await company.post("token-events", {"items": [late]})
    row = (await rows(company))[-1]
    assert (row["period_start"], row["merged_pull_requests"], row["tokens"]["total"]) == ("2026-11-23", 0, 0)
    assert (
        row["tokens_per_merged_pr"] is row["fully_loaded_tokens_per_merged_pr"] is row["cost_per_merged_pr_usd"] is None
    )


async def test_a_team_known_to_be_small_is_not_compared(company: Api, drain: Drain) -> None:
    await company.post("teams", {"name": "default", "size": 4})
    assert (await rows(company))[-1]["tokens"]["total"] == 600
    await company.post("teams", {"name": "platform", "size": 9}, 201)
    assert (await rows(company))[-1]["tokens"]["total"] == 600, "a team without data is none to compare with"
    other = token_event("other", None, 10, team="platform", repository="github.com/octo-org/elsewhere")
    await company.post("token-events", {"items": [other]})
    await drain()
    row = [each for each in await rows(company) if each["team"] == "default"][-1]
    assert row["tokens"] is row["merged_pull_requests"] is row["cost_usd"] is None
    assert "5 people" in row["withheld_reason"]
    await company.post("teams", {"name": "default", "size": 5})
    assert [each for each in await rows(company) if each["team"] == "default"][-1]["tokens"]["total"] == 600


async def test_a_walk_by_cursor_meets_every_period_once(company: Api) -> None:
    first = await company.get(PATH, limit=1, **NOVEMBER)
    second = await company.get(PATH, limit=1, cursor=first["next_cursor"], **NOVEMBER)
    assert second["next_cursor"] is None
    assert [*first["items"], *second["items"]] == await rows(company)


async def test_the_period_is_optional(company: Api) -> None:
    assert isinstance((await company.get(PATH))["items"], list)
    problem = await company.get(PATH, 400, bucket="year")
    assert problem["field"] == "bucket"


async def test_another_organization_has_no_figures(company: Api, other_api: Api) -> None:
    assert await rows(company)
    for dimension in ("team", "model", "repository", "workflow", "evidence"):
        assert await rows(other_api, group_by=dimension) == []


async def test_a_team_that_merged_little_is_not_compared_but_shown_when_asked_for(company: Api) -> None:
    elsewhere = "github.com/octo-org/elsewhere"
    await company.post("teams", {"name": "platform", "repositories": [elsewhere]}, 201)
    merged = {"state": "merged", "merged_at": f"{DAY}T15:00:00Z", "repository": elsewhere}
    items = [pull_request(number, **merged) for number in range(1, 21)]
    await company.import_items("pull-requests", *items[:-1])
    withheld = [row["withheld_reason"] for row in await rows(company)]
    assert set(withheld) == {"the team merged fewer than 20 pull requests in this period"}
    await company.import_items("pull-requests", *items[-1:])
    shown = {(row["team"], row["merged_pull_requests"]) for row in await rows(company)}
    assert shown == {("default", None), ("platform", None)}, "alone, the default team could be computed from the total"
    third = "github.com/octo-org/third"
    await company.post("teams", {"name": "data", "repositories": [third]}, 201)
    more = [pull_request(number, **{**merged, "repository": third}) for number in range(1, 31)]
    await company.import_items("pull-requests", *more)
    shown = {(row["team"], row["merged_pull_requests"]) for row in await rows(company)}
    assert shown == {("default", None), ("platform", None), ("data", 30)}
    for query in ({}, {"bucket": "month"}):
        alone = await rows(company, team="default", **query)
        assert sum(row["merged_pull_requests"] for row in alone) == 3
