"""GET /api/v1/metrics/tokens-per-pr."""

import itertools
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from service.api.ledger import metrics
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


DIMENSIONS = ("team", "repository", "model", "workflow", "feature", "evidence")
GROUPS = [*DIMENSIONS, *(",".join(pair) for pair in itertools.combinations(DIMENSIONS, 2))]


@pytest.mark.parametrize("bucket", ["total", "day", "week", "month", "quarter"])
async def test_every_cut_sums_to_the_same_tokens_and_dollars(company: Api, bucket: str) -> None:
    ledger = await company.get("ledger", **NOVEMBER)
    for group_by in GROUPS:
        cut = await rows(company, group_by=group_by, bucket=bucket)
        assert sum(row["tokens"]["total"] for row in cut) == 600, group_by
        assert sum(Decimal(row["cost_usd"]) for row in cut) == Decimal(ledger["merged"]["cost_usd"]), group_by
        names = group_by.split(",")
        keys = [(row["period_start"], *(row[name] for name in names)) for row in cut]
        assert sorted(set(keys)) == keys, group_by
        assert all("size" not in row for row in cut if "team" not in names)
        if {"team", "repository", "feature"}.issuperset(names):
            assert sum(row["merged_pull_requests"] for row in cut) == 3, group_by


async def test_pages_of_two_dimensions_make_the_whole(company: Api) -> None:
    whole = await rows(company, group_by="model,evidence")
    found, query = [], {"group_by": "evidence,model", "limit": 1, **NOVEMBER}
    while True:
        page = await company.get(PATH, **query)
        found += page["items"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert found == whole
    assert len(whole) > 1


async def test_a_period_is_compared_with_the_one_before(company: Api) -> None:
    answer = await company.get(PATH, **{"from": "2026-11-16", "to": "2026-11-22"}, compare="previous", bucket="total")
    assert answer["compared_with"] == {"first_day": "2026-11-09", "last_day": "2026-11-15"}
    (row,) = answer["items"]
    assert (row["period_start"], row["merged_pull_requests"]) == ("2026-11-16", 2)
    assert (row["before"]["merged_pull_requests"], row["before"]["tokens"]["total"]) == (1, 0)
    assert (row["change"]["merged_pull_requests"], row["change"]["tokens"]) == (1, 600)
    assert row["change"]["cost_usd"] == row["cost_usd"]
    assert row["change"]["tokens_per_merged_pr_ratio"] is None
    year = await company.get(PATH, **NOVEMBER, compare="year", bucket="month", group_by="model")
    assert year["compared_with"] == {"first_day": "2025-11-01", "last_day": "2025-11-30"}
    assert {item["before"]["tokens"]["total"] for item in year["items"]} == {0}


async def test_the_days_of_a_longer_earlier_month_all_count(company: Api) -> None:
    days = await rows(company, **{"from": "2026-11-01", "to": "2026-11-30"}, compare="previous", bucket="day")
    december = await company.get(
        PATH, **{"from": "2026-12-01", "to": "2026-12-31"}, compare="previous", bucket="day", group_by="model"
    )
    assert {row["before"]["tokens"]["total"] for row in days} == {0}
    assert sum(row["before"]["tokens"]["total"] for row in december["items"]) == 600
    assert sum(row["change"]["tokens"] for row in december["items"]) == -600


@pytest.mark.parametrize("group_by", ["provider", "fate", "model,model", "team,model,workflow", "nonsense"])
async def test_a_cut_that_makes_no_sense_is_refused_with_the_allowed_ones(api: Api, group_by: str) -> None:
    problem = await api.get(PATH, 400, group_by=group_by)
    assert problem["field"] == "group_by"
    if group_by in {"provider", "fate"}:
        assert "team, repository, model, workflow, feature, evidence" in problem["detail"]
        assert "GET /api/v1/spend" in problem["detail"]


async def test_a_small_team_is_withheld_by_every_dimension_when_asked_for(company: Api, drain: Drain) -> None:
    other = token_event("other", None, 10, team="platform", repository="github.com/octo-org/elsewhere")
    await company.post("token-events", {"items": [other]})
    await drain()
    await company.post("teams", {"name": "default", "size": 4})
    for group_by in ("model", "team,model"):
        cut = await rows(company, group_by=group_by, team="default", compare="previous")
        assert {(row["tokens"], row["before"], row["change"]) for row in cut} == {(None, None, None)}


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


@pytest.mark.parametrize("bucket", ["total", "day", "week", "month"])
async def test_of_many_teams_a_page_is_read_with_the_same_figures(
    company: Api, drain: Drain, monkeypatch: pytest.MonkeyPatch, bucket: str
) -> None:
    for number, (team, size) in enumerate({"blue": 3, "green": 9, "red": 40}.items()):
        await company.post("teams", {"name": team, "size": size}, 201)
        events = [token_event(f"{team} {day}", None, 7 + number, team=team) for day in range(2)]
        await company.post("token-events", {"items": events})
    await drain()
    for group_by in ("team", "team,model"):
        every = await rows(company, bucket=bucket, group_by=group_by)
        assert {row["withheld_reason"] is None for row in every} == {True, False}
        with monkeypatch.context() as patch:
            patch.setattr(metrics, "MANY_TEAMS", 0)
            for limit in (1, 3, 100):
                found: list[dict[str, Any]] = []
                query = {**NOVEMBER, "bucket": bucket, "group_by": group_by, "limit": limit}
                while True:
                    page = await company.get(PATH, **query)
                    found += page["items"]
                    if page["next_cursor"] is None:
                        break
                    query["cursor"] = page["next_cursor"]
                assert found == every


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
