"""GET /api/v1/metrics/tokens-per-pr of one team by whole weeks, which are summed beforehand."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from schema.database import Database
from schema.received_weeks import NOT_SUMMED
from tests.integration.service.api.conftest import REPOSITORY, Api, pull_request, token_event

PATH = "metrics/tokens-per-pr"
WEEKS = {"from": "2026-11-02", "to": "2026-11-29"}
Drain = Callable[[], Awaitable[None]]


async def summed(api: Api, team: str = "default", **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.get(PATH, team=team, **{**WEEKS, **query}))["items"]
    return items


async def live(api: Api) -> list[dict[str, Any]]:
    """The same weeks of every team, which are read from the ledger itself."""
    items: list[dict[str, Any]] = (await api.get(PATH, **WEEKS))["items"]
    return items


async def notes(database: Database, api: Api) -> int:
    async with database.organization(api.organization.organization_id) as tenant:
        found: int = await tenant.connection.fetchval("SELECT count(*) FROM stale_week")
    return found


async def unsummed_days(database: Database, api: Api) -> int:
    async with database.organization(api.organization.organization_id) as tenant:
        found: int = await tenant.connection.fetchval(f"SELECT count(*) FROM intake_total WHERE {NOT_SUMMED}")
    return found


async def merged(api: Api, team: str = "default") -> dict[str, int]:
    return {row["period_start"]: row["merged_pull_requests"] for row in await summed(api, team)}


async def test_the_sums_are_what_the_ledger_says(company: Api, database: Database) -> None:
    assert await notes(database, company) == 0
    rows = await summed(company)
    assert rows == await live(company)
    assert [(row["merged_pull_requests"], row["tokens"]["total"]) for row in rows] == [(1, 0), (2, 600)]


async def test_sums_are_read_unless_something_is_noted_of_them(company: Api, database: Database) -> None:
    organization_id = company.organization.organization_id
    async with database.organization(organization_id) as tenant:
        await tenant.connection.execute("UPDATE merged_week SET merged_pull_requests = 7 WHERE week = '2026-11-16'")
    assert await merged(company) == {"2026-11-09": 1, "2026-11-16": 7}
    async with database.organization(organization_id) as tenant:
        await tenant.execute(
            "INSERT INTO stale_week (organization_id, team_id, week) SELECT $1, team_id, '2026-11-16' FROM team"
        )
    assert await merged(company) == {"2026-11-09": 1, "2026-11-16": 2}


async def test_a_merge_counts_at_once_and_after_it_is_summed(company: Api, database: Database, drain: Drain) -> None:
    new = pull_request(6, state="merged", merged_at="2026-11-20T10:00:00Z")
    await company.import_items("pull-requests", new)
    assert await notes(database, company) > 0
    assert await merged(company) == {"2026-11-09": 1, "2026-11-16": 3}
    await drain()
    assert await notes(database, company) == 0
    assert await merged(company) == {"2026-11-09": 1, "2026-11-16": 3}


async def test_a_merge_reported_for_another_week_moves_there(company: Api, drain: Drain) -> None:
    reported = pull_request(5, state="merged", opened_at="2026-11-10T10:00:00Z", merged_at="2026-11-04T10:00:00Z")
    earlier = {**reported, "opened_at": "2026-11-03T10:00:00Z"}
    await company.import_items("pull-requests", earlier)
    assert await merged(company) == {"2026-11-02": 1, "2026-11-16": 2}
    await drain()
    assert await merged(company) == {"2026-11-02": 1, "2026-11-16": 2}
    assert await summed(company) == await live(company)


async def test_a_merge_taken_back_is_gone(company: Api, drain: Drain) -> None:
    reopened = pull_request(2, state="open", updated_at="2026-11-21T10:00:00Z")
    await company.import_items("pull-requests", reopened)
    assert (await merged(company))["2026-11-16"] == 1
    await drain()
    rows = await summed(company)
    assert rows == await live(company)
    assert rows[-1]["tokens"]["total"] == 200


async def test_late_tokens_are_added_to_the_week_of_their_merge(company: Api, drain: Drain) -> None:
    await company.post("token-events", {"items": [token_event("late", "two", 50)]})
    await drain()
    rows = await summed(company)
    assert rows == await live(company)
    assert rows[-1]["tokens"]["total"] == 700


async def test_what_arrives_counts_at_once_and_after_it_is_summed(
    company: Api, database: Database, drain: Drain
) -> None:
    """Tokens of a week that has a sum, of one that has none, and a failed request, which brings a week without any."""
    before = await summed(company)
    await company.post(
        "token-events",
        {
            "items": [
                token_event("more", "two", 50),
                {**token_event("first", "two", 70), "occurred_at": "2026-11-04T10:00:00Z"},
                {**token_event("failed", "two", 0), "occurred_at": "2026-11-24T10:00:00Z", "failed": True},
            ]
        },
    )
    at_once = await summed(company)
    assert at_once == await live(company)
    assert await unsummed_days(database, company) == 3
    await drain()
    assert await unsummed_days(database, company) == 0
    rows = await summed(company)
    assert rows == await live(company)
    assert [row["period_start"] for row in rows] == [row["period_start"] for row in at_once]
    assert len(rows) == len(before) + 2


async def test_sums_of_what_arrived_are_read_and_not_its_days(company: Api, database: Database) -> None:
    """As if 2 tokens more had arrived each day, that the sums should hold and do not; and those taken back."""
    assert await unsummed_days(database, company) == 0
    before = await summed(company)
    for tokens in (2, -2):
        async with database.organization(company.organization.organization_id) as tenant:
            await tenant.connection.execute(
                "UPDATE intake_total SET input_uncached = input_uncached + $1, summed_tokens = summed_tokens + $1",
                tokens,
            )
        assert await summed(company) == before


async def test_a_repository_given_away_takes_its_weeks_with_it(company: Api, drain: Drain) -> None:
    await company.save_team({"name": "platform", "repositories": [REPOSITORY]}, 201)
    for _ in range(2):
        assert await merged(company, "platform") == {"2026-11-09": 1, "2026-11-16": 2}
        assert sum(number or 0 for number in (await merged(company)).values()) == 0
        await drain()


async def test_a_team_known_to_be_small_is_withheld_beside_others(company: Api, drain: Drain) -> None:
    await company.post("teams", {"name": "default", "size": 4})
    assert (await summed(company))[-1]["tokens"]["total"] == 600
    await company.post("teams", {"name": "platform", "size": 9}, 201)
    assert (await summed(company))[-1]["tokens"]["total"] == 600, "a team without data is none to compare with"
    await company.post("token-events", {"items": [token_event("other", None, 10, team="platform")]})
    await drain()
    row = (await summed(company))[-1]
    assert row["tokens"] is row["merged_pull_requests"] is None
    assert (row["size"], row["withheld_reason"]) == (4, "the team has fewer than 5 people")


async def test_pages_and_parts_of_weeks_are_answered_too(company: Api) -> None:
    first = await company.get(PATH, team="default", limit=1, **WEEKS)
    assert first["items"] == (await summed(company))[:1]
    second = await company.get(PATH, team="default", cursor=first["next_cursor"], **WEEKS)
    assert second["items"] == (await summed(company))[1:]
    part = await summed(company, **{"from": "2026-11-18T16:00:00Z", "to": "2026-11-18"})
    assert [row["merged_pull_requests"] for row in part] == [2]


@pytest.mark.parametrize(("team", "status"), [("platform", 200), ("default", 403), ("nobody", 404)])
async def test_a_pinned_key_sees_the_weeks_of_its_team_only(company: Api, team: str, status: int) -> None:
    await company.save_team({"name": "platform", "repositories": [REPOSITORY]}, 201)
    made = await company.post("keys", {"name": "pinned", "scopes": ["read"], "team": "platform"}, 201)
    headers = {"Authorization": f"Bearer {made['key']}"}
    answer = await company.client.get(f"/api/v1/{PATH}", params={"team": team, **WEEKS}, headers=headers)
    assert answer.status_code == status


async def test_a_team_of_the_same_name_elsewhere_has_weeks_of_its_own(company: Api, other_api: Api) -> None:
    assert await summed(company)
    assert await summed(other_api) == []
