"""GET /api/v1/spend."""

import itertools
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.service.api.billing.test_billing_charges import bill
from tests.integration.service.api.billing.test_reconciliation import CHARGES
from tests.integration.service.api.conftest import Api, token_event
from vocabulary.spend_cuts import DIMENSIONS

Drain = Callable[[], Awaitable[None]]
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}
GROUPS = ["", *DIMENSIONS, *(",".join(pair) for pair in itertools.combinations(DIMENSIONS, 2))]


async def rows(api: Api, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await api.get("spend", **{**NOVEMBER, **query}, **cursor)
        items += answer["items"]
        if answer["next_cursor"] is None:
            return items
        cursor = {"cursor": answer["next_cursor"]}


def tokens(items: list[dict[str, Any]], *names: str) -> dict[Any, int]:
    return {tuple(row[name] for name in names): row["figures"]["tokens"]["total"] for row in items}


def sums(items: list[dict[str, Any]], part: str = "figures") -> tuple[int, Decimal, int]:
    return (
        sum(row[part]["tokens"]["total"] for row in items),
        sum((Decimal(row[part]["cost_usd"]) for row in items), Decimal(0)),
        sum(row[part]["requests"] for row in items),
    )


async def test_spend_is_by_what_became_of_it_and_equals_the_ledger(company: Api) -> None:
    items = await rows(company, group_by="fate")
    ledger = await company.get("ledger", **NOVEMBER)
    assert tokens(items, "fate") == {
        (part,): ledger[part]["total"]
        for part in ("abandoned", "in_flight", "merged", "overhead")
        if ledger[part]["total"]
    }
    answer = await company.get("spend", **NOVEMBER)
    assert answer["settled"]
    assert answer["total"]["figures"]["cost_usd"] == ledger["received"]["cost_usd"]
    assert (answer["total"]["before"], answer["total"]["change"], answer["compared_with"]) == (None, None, None)


@pytest.mark.parametrize("bucket", ["total", "day", "week", "month", "quarter"])
async def test_every_grouping_sums_to_the_same_total(company: Api, bucket: str) -> None:
    total = (await company.get("spend", **NOVEMBER))["total"]["figures"]
    whole = (total["tokens"]["total"], Decimal(total["cost_usd"]), total["requests"])
    for group_by in GROUPS:
        items = await rows(company, bucket=bucket, **({"group_by": group_by} if group_by else {}))
        assert sums(items) == whole, group_by
        names = [name for name in group_by.split(",") if name]
        keys = [(row["period_start"], *(row[name] for name in names)) for row in items]
        assert len(set(keys)) == len(keys), group_by


@pytest.mark.parametrize(
    ("first", "last"), [("2026-10-05", "2026-11-19"), ("2026-11-03", "2026-11-28"), ("2026-09-30", "2026-11-02")]
)
async def test_any_period_holds_its_days_and_no_other(company: Api, drain: Drain, first: str, last: str) -> None:
    days = ("09-29", "09-30", "10-04", "10-05", "10-31", "11-02", "11-03", "11-19", "11-20", "11-28", "11-29")
    events = [
        token_event(f"on {day}", None, 2**place, occurred_at=f"2026-{day}T12:00:00Z") for place, day in enumerate(days)
    ]
    await company.post("token-events", {"items": events})
    await drain()
    received = (await company.get("ledger", **{"from": first, "to": last}))["received"]["total"]
    for group_by in GROUPS:
        query = {"from": first, "to": last, **({"group_by": group_by} if group_by else {})}
        assert sums(await rows(company, **query))[0] == received, group_by


@pytest.mark.parametrize("group_by", ["model,fate", "team,model", "repository,workflow", "repository"])
async def test_pages_make_the_whole(company: Api, group_by: str) -> None:
    for query in ({"bucket": "week"}, {"bucket": "total"}):
        assert await rows(company, group_by=group_by, limit=1, **query) == await rows(
            company, group_by=group_by, **query
        )


async def test_the_dearest_come_first_in_pages(company: Api) -> None:
    items = await rows(company, group_by="model,fate", sort="cost", limit=1)
    costs = [Decimal(row["figures"]["cost_usd"]) for row in items]
    assert costs == sorted(costs, reverse=True)
    assert sorted(tokens(items, "model", "fate").items()) == sorted(
        tokens(await rows(company, group_by="model,fate"), "model", "fate").items()
    )


async def test_all_cost_kinds_come_from_the_bills(company: Api, drain: Drain) -> None:
    await company.post("billing-charges", {"items": [bill(*CHARGES)]})
    await drain()
    for kind in ("list", "effective", "billed"):
        ledger = await company.get("ledger", **NOVEMBER, cost_kind=kind)
        for group_by in ("model", "team,evidence", "prompt_version"):
            items = await rows(company, group_by=group_by, cost_kind=kind)
            assert sums(items)[1] == Decimal(ledger["received"]["cost_usd"]), (kind, group_by)


async def test_a_period_is_compared_with_the_one_before_and_with_last_year(company: Api, drain: Drain) -> None:
    earlier = token_event("last year", None, 70, occurred_at="2025-11-19T12:00:00Z", model="claude-haiku-4-5")
    october = token_event("october", None, 30, occurred_at="2026-10-20T12:00:00Z")
    await company.post("token-events", {"items": [earlier, october]})
    await drain()
    answer = await company.get("spend", **NOVEMBER, compare="year", group_by="model")
    assert answer["compared_with"] == {"first_day": "2025-11-01", "last_day": "2025-11-30"}
    haiku = next(row for row in answer["items"] if row["model"] == "claude-haiku-4-5")
    assert (haiku["figures"]["tokens"]["total"], haiku["before"]["tokens"]["total"]) == (0, 140)
    assert (haiku["change"]["tokens"], haiku["change"]["requests"], haiku["change"]["cost_ratio"]) == (-140, -1, -1.0)
    assert sums(answer["items"], "before")[0] == answer["total"]["before"]["tokens"]["total"] == 140
    before = await company.get("spend", **NOVEMBER, compare="previous", bucket="week")
    assert before["compared_with"] == {"first_day": "2026-10-01", "last_day": "2026-10-31"}
    assert sums(before["items"], "before")[0] == before["total"]["before"]["tokens"]["total"] == 60


async def test_a_team_is_read_alone_by_any_dimensions(company: Api, drain: Drain) -> None:
    await company.post("teams", {"name": "blue", "telemetry_ids": ["blue"]}, 201)
    await company.post("token-events", {"items": [token_event("of blue", None, 55, team="blue")]})
    await drain()
    for group_by in GROUPS:
        query = {"group_by": group_by} if group_by else {}
        assert sums(await rows(company, team="blue", **query))[0] == 110, group_by
    by_team = await rows(company, group_by="team,model")
    assert tokens(await rows(company, team="blue", group_by="team,model"), "team", "model") == {
        key: value for key, value in tokens(by_team, "team", "model").items() if key[0] == "blue"
    }


async def test_requests_and_durations_are_shown(company: Api, drain: Drain) -> None:
    events = [
        token_event("slow", "one", 10, duration_ms=300, workflow="review"),
        token_event("quick", "one", 10, duration_ms=100, workflow="review"),
        token_event("failed", "one", 10, failed=True, workflow="review"),
    ]
    await company.post("token-events", {"items": events})
    await drain()
    (row,) = [each for each in await rows(company, group_by="workflow") if each["workflow"] == "review"]
    figures = row["figures"]
    assert (figures["requests"], figures["failed_requests"], figures["mean_duration_ms"]) == (3, 1, 200.0)


async def test_small_teams_are_withheld_and_never_one_alone(company: Api, drain: Drain) -> None:
    for name, size in (("tiny", 3), ("big", 9), ("huge", 12)):
        await company.post("teams", {"name": name, "size": size, "telemetry_ids": [name]}, 201)
    events = [
        token_event("tiny", None, 10, team="tiny", model="claude-opus-4-1"),
        token_event("big", None, 20, team="big", model="claude-opus-4-1"),
        token_event("huge", None, 30, team="huge", model="claude-opus-4-1"),
        token_event("huge haiku", None, 30, team="huge", model="claude-haiku-4-5"),
    ]
    await company.post("token-events", {"items": events})
    await drain()
    for group_by in ("team", "team,model"):
        items = await rows(company, group_by=group_by)
        reasons = {(row["team"], row.get("model")): row["withheld_reason"] for row in items}
        opus = "claude-opus-4-1" if "model" in group_by else None
        assert reasons["tiny", opus] == "the team has fewer than 5 people"
        assert "computed" in reasons["big", opus]
        assert reasons["huge", opus] is None
        assert all(row["figures"] is None for row in items if row["withheld_reason"])
    assert reasons["huge", "claude-haiku-4-5"] is None
    answer = await company.get("spend", **NOVEMBER, team="tiny", group_by="model")
    assert (answer["total"], {row["figures"] is None for row in answer["items"]}) == (None, {True})
    shown = await company.get("spend", **NOVEMBER, team="big")
    assert shown["total"]["figures"]["tokens"]["total"] == 40


async def test_repositories_are_artifacts_without_labels(company: Api) -> None:
    names = {row["repository"] for row in await rows(company, group_by="repository")}
    assert {name[:3] for name in names} == {"a1_"}


async def test_days_that_are_not_settled_are_said(company: Api) -> None:
    await company.post("token-events", {"items": [token_event("late", None, 5)]})
    from_ledger = await company.get("ledger", **NOVEMBER)
    answer = await company.get("spend", **NOVEMBER)
    assert from_ledger["pending"]["total"] > 0
    assert (
        answer["total"]["figures"]["tokens"]["total"]
        == from_ledger["received"]["total"] - from_ledger["pending"]["total"]
    )


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ({"group_by": "colour"}, "group_by", "team, repository, model, provider"),
        ({"group_by": "team,model,fate"}, "group_by", "at most two"),
        ({"group_by": "team,team"}, "group_by", "at most two"),
        ({"bucket": "hour"}, "bucket", "total, day, week, month, quarter"),
        ({"compare": "last"}, "compare", "previous, year"),
        ({"sort": "name"}, "sort", "period, cost"),
        ({"sort": "cost", "bucket": "week"}, "sort", "bucket is total"),
        ({"sort": "cost", "group_by": "team,model"}, "sort", "must be period"),
        ({"from": "2026-11-30", "to": "2026-11-01"}, "to", "later than from"),
        ({"from": "1990-01-01", "bucket": "day"}, "bucket", "at most 1,100 periods"),
        ({"from": "0001-01-01", "to": "0001-01-31", "compare": "year"}, "from", "too far"),
        ({"cost_kind": "free"}, "cost_kind", "list, effective, billed"),
        ({"repository": "x"}, "repository", "not a parameter"),
        ({"cursor": "bm90IG91cnM"}, "cursor", "does not belong"),
    ],
)
async def test_a_question_that_is_not_understood_is_refused(
    api: Api, query: dict[str, str], field: str, words: str
) -> None:
    answer = await api.get("spend", 400, **query)
    (problem,) = answer.get("errors", [answer])
    assert problem["field"] == field
    assert words in problem["detail"]
