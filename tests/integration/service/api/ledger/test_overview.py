"""GET /api/v1/overview: what was spent, what it shipped, and the dearest pull request."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import combinations_with_replacement
from typing import Any

from schema.database import Database, Tenant
from service.queries.ledger.overview import Dearest, read_merged
from tests.integration.service.api.conftest import DAY, REPOSITORY, Api, pull_request, token_event

Drain = Callable[[], Awaitable[None]]
FIRST = date(2026, 11, 2)
# On which days, from the first one on, tokens were spent on each pull request, and how many.
WORK = {1: {0: 10}, 2: {0: 5, 1: 5, 6: 90}, 3: {2: 30, 3: 30}, 4: {1: 40, 9: 1}, 5: {4: 60}, 6: {3: 20, 4: 20, 5: 20}}
OPEN = 6


async def test_the_sums_are_those_of_the_ledger(company: Api) -> None:
    shown, ledger = await company.get("overview"), await company.get("ledger")
    assert {part: shown[part] for part in ("received", "merged", "pending")} == {
        part: ledger[part] for part in ("received", "merged", "pending")
    }


async def test_merged_pull_requests_with_tokens_are_counted_and_the_dearest_is_named(company: Api) -> None:
    shown = await company.get("overview")
    (second,) = (await company.get("attributions", repository=REPOSITORY, number=2))["items"]
    assert (shown["merged_pull_requests"], shown["known_pull_requests"]) == (2, 5)
    assert shown["dearest"] == {
        "artifact_id": second["artifact_id"],
        "label": None,
        "cost_usd": second["cost_usd"],
    }


async def test_a_period_and_a_team_limit_it(company: Api) -> None:
    before = await company.get("overview", to="2026-11-17")
    assert (before["received"]["total"], before["merged_pull_requests"], before["dearest"]) == (0, 0, None)
    same = await company.get("overview", team="default", **{"from": DAY, "to": DAY})
    assert (same["team"], same["merged_pull_requests"]) == ("default", 2)
    assert (await company.get("overview", 404, team="nobody"))["field"] == "team"


async def test_nothing_is_seen_of_another_organization(
    company: Api,  # noqa: ARG001 - only its data is wanted
    other_api: Api,
) -> None:
    shown = await other_api.get("overview")
    assert (shown["received"]["total"], shown["known_pull_requests"], shown["dearest"]) == (0, 0, None)


def life(number: int, **values: Any) -> dict[str, Any]:
    ended = {"state": "merged", "merged_at": "2026-11-20T18:00:00Z"} if number != OPEN else {"state": "open"}
    return pull_request(number, **{"head_branch": f"b{number}", "opened_at": "2026-11-01T08:00:00Z", **ended, **values})


def work(number: int, day: int, tokens: int, **values: Any) -> dict[str, Any]:
    at = f"{FIRST + timedelta(days=day)}T12:00:00Z"
    return token_event(f"{number} {day} {values}", f"b{number}", tokens, occurred_at=at, **values)


async def counted(tenant: Tenant, first: date | None, last: date | None) -> tuple[int, list[int]]:
    """The number of merged pull requests with tokens in a period and their costs, dearest first, from the ledger."""
    rows = await tenant.fetch(
        "SELECT sum(cost_nano_usd)::bigint AS nano_usd FROM attribution_rollup AS spent"
        " JOIN pull_request USING (organization_id, artifact_id)"
        " WHERE organization_id = $1 AND state = 'merged' AND day BETWEEN $2 AND $3"
        " GROUP BY artifact_id ORDER BY 1 DESC",
        first or date.min,
        last or date.max,
    )
    return len(rows), [row["nano_usd"] for row in rows]


async def check_every_period(api: Api, database: Database) -> None:
    """Compare every period with the ledger, of all teams and of one."""
    days: list[date | None] = [FIRST + timedelta(days=day) for day in range(-1, 12)]
    periods = [(None, None), *((None, day) for day in days), *((day, None) for day in days)]
    async with database.organization(api.organization.organization_id) as tenant:
        for first, last in [*periods, *combinations_with_replacement(days, 2)]:
            number, costs = await counted(tenant, first, last)
            for team_id in (None, api.organization.default_team_id):
                found = await read_merged(tenant, team_id=team_id, first_day=first, last_day=last)
                assert (found.number, found.known) == (number, len(WORK)), (first, last, team_id)
                assert (found.dearest or Dearest(0, b"")).nano_usd == (costs[0] if costs else 0), (first, last, team_id)


async def test_every_period_counts_what_the_ledger_holds_at_once_and_after_the_roll_up(
    api: Api, database: Database, drain: Drain
) -> None:
    await api.import_items("pull-requests", *(life(number) for number in WORK))
    events = [work(number, day, tokens) for number, days in WORK.items() for day, tokens in days.items()]
    await api.post("token-events", {"items": events})
    await drain()
    await check_every_period(api, database)
    # The last one is merged, and another one is not: notes wait.
    await api.import_items(
        "pull-requests",
        life(OPEN, state="merged", merged_at="2026-11-21T18:00:00Z"),
        life(5, state="abandoned", merged_at=None, closed_at="2026-11-22T18:00:00Z"),
    )
    async with database.organization(api.organization.organization_id) as tenant:
        assert await tenant.fetchval("SELECT count(*) FROM stale_spend WHERE organization_id = $1")
    await check_every_period(api, database)
    await drain()
    await check_every_period(api, database)
    await api.post("token-events", {"items": [work(1, 8, 500, model="claude-opus-4-1"), work(4, 5, 7)]})
    await drain()
    await check_every_period(api, database)
