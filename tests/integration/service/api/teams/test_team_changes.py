"""/api/v1/teams: teams are changed and removed, and their property moves, from a day on if one is given."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any

import pytest

from schema.database import Database
from tests.integration.service.api.conftest import REPOSITORY, Api, pull_request, token_event

Drain = Callable[[], Awaitable[None]]
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}


async def named(api: Api, name: str) -> dict[str, Any]:
    (team,) = [team for team in (await api.get("teams"))["items"] if team["name"] == name]
    return dict(team)


async def remove(api: Api, team_id: int, status: int = 200, **query: Any) -> Any:
    path = f"/api/v1/teams/{team_id}"
    answer = await api.client.delete(path, params=query, headers=api.organization.headers)
    assert answer.status_code == status, answer.text
    await api.work(api.organization.organization_id)
    return answer.json()


async def teams_of_merged(api: Api) -> dict[str, str]:
    items = (await api.get("attributions", merged_from="2026-11-01T00:00:00Z"))["items"]
    return {item["merged_at"][:10]: item["team"] for item in items}


async def merges(api: Api, team: str) -> dict[str, int]:
    """Of weeks as they were summed, or read from the ledger where they are not yet."""
    rows = (await api.get("metrics/tokens-per-pr", team=team, **{"from": "2026-11-02", "to": "2026-11-29"}))["items"]
    return {row["period_start"]: row["merged_pull_requests"] for row in rows if row["merged_pull_requests"]}


async def settled(database: Database, api: Api) -> dict[date, datetime]:
    async with database.organization(api.organization.organization_id) as tenant:
        rows = await tenant.connection.fetch("SELECT day, settled_at FROM settlement")
    return {row["day"]: row["settled_at"] for row in rows}


async def test_from_a_day_on_a_repository_is_another_teams(company: Api, drain: Drain) -> None:
    await company.save_team({"name": "mobile"}, 201)
    reported = {"name": "web", "repositories": [REPOSITORY], "effective_from": "2026-11-15"}
    await company.save_team(reported, 201)
    for _ in range(2):
        assert await teams_of_merged(company) == {"2026-11-11": "default", "2026-11-18": "web"}
        assert await merges(company, "default") == {"2026-11-09": 1}
        assert await merges(company, "web") == {"2026-11-16": 2}
        assert await merges(company, "mobile") == {}
        await drain()
    assert (await company.get("ledger"))["difference"]["total"] == 0


async def test_a_late_fact_belongs_to_the_team_of_its_time(company: Api, drain: Drain) -> None:
    await company.save_team({"name": "web", "repositories": [REPOSITORY], "effective_from": "2026-11-15"}, 201)
    late = pull_request(7, state="merged", opened_at="2026-11-04T10:00:00Z", merged_at="2026-11-05T10:00:00Z")
    await company.import_items("pull-requests", late)
    for _ in range(2):
        assert await merges(company, "default") == {"2026-11-02": 1, "2026-11-09": 1}
        assert await merges(company, "web") == {"2026-11-16": 2}
        await drain()


async def test_a_later_change_replaces_only_changes_of_later_days(company: Api, drain: Drain) -> None:
    for name, day in (("web", "2026-11-10"), ("mobile", "2026-11-15"), ("data", "2026-11-17")):
        await company.save_team({"name": name, "repositories": [REPOSITORY], "effective_from": day}, 201)
    assert await teams_of_merged(company) == {"2026-11-11": "web", "2026-11-18": "data"}
    await company.save_team({"name": "mobile", "repositories": [REPOSITORY], "effective_from": "2026-11-12"})
    assert await teams_of_merged(company) == {"2026-11-11": "web", "2026-11-18": "mobile"}
    await company.save_team({"name": "web", "repositories": [REPOSITORY], "effective_from": "2026-11-12"})
    assert await teams_of_merged(company) == {"2026-11-11": "web", "2026-11-18": "web"}
    await company.save_team({"name": "default", "repositories": [REPOSITORY]})
    assert await teams_of_merged(company) == {"2026-11-11": "default", "2026-11-18": "default"}
    await drain()
    assert await merges(company, "default") == {"2026-11-09": 1, "2026-11-16": 2}


async def test_only_days_on_which_what_changed_hands_was_worked_on_are_settled_again(
    company: Api, database: Database, drain: Drain
) -> None:
    early = token_event("early", "five", 10, occurred_at="2026-11-11T09:00:00Z")
    await company.post("token-events", {"items": [early]})
    await drain()
    before = await settled(database, company)
    await company.save_team({"name": "web", "repositories": [REPOSITORY], "effective_from": "2026-11-15"}, 201)
    await drain()
    after = await settled(database, company)
    changed = {day for day, at in after.items() if at != before[day]}
    assert changed == {date(2026, 11, 18)}
    assert set(before) == {date(2026, 11, 11), date(2026, 11, 18)}


async def test_removed_repositories_go_to_the_default_team(company: Api, drain: Drain) -> None:
    await company.save_team({"name": "web", "repositories": [REPOSITORY], "telemetry_ids": ["w"]}, 201)
    reported = {"name": "web", "remove_repositories": [REPOSITORY], "remove_telemetry_ids": ["w"]}
    shown = await company.save_team(reported)
    assert (shown["repositories"], shown["telemetry_ids"]) == ([], [])
    await drain()
    assert await merges(company, "default") == {"2026-11-09": 1, "2026-11-16": 2}
    assert (await company.post("teams", reported, 400))["field"] == "remove_telemetry_ids[0]"
    del reported["remove_telemetry_ids"]
    assert (await company.post("teams", reported, 400))["field"] == "remove_repositories[0]"


async def test_a_renamed_team_keeps_its_telemetry_and_its_size_until_the_size_is_removed(api: Api) -> None:
    await api.save_team({"name": "web", "size": 7}, 201)
    shown = await api.save_team({"name": "web", "new_name": "storefront"})
    assert (shown["name"], shown["size"], shown["telemetry_ids"]) == ("storefront", 7, ["web"])
    await api.post("token-events", {"items": [token_event("one", None, 10, team="web")]})
    assert (await api.get("ledger", team="storefront"))["received"]["total"] == 20
    assert (await api.save_team({"name": "storefront", "size": None}))["size"] is None
    assert (await api.post("teams", {"name": "storefront", "new_name": "default"}, 409))["field"] == "new_name"
    assert (await named(api, "storefront"))["telemetry_ids"] == ["web"]


async def test_a_dry_run_shows_what_would_be_and_changes_nothing(company: Api) -> None:
    before = await company.get("teams")
    shown = await company.post("teams?dry_run=true", {"name": "web", "size": 9, "repositories": [REPOSITORY]})
    assert (shown["name"], shown["size"], len(shown["repositories"])) == ("web", 9, 1)
    assert await company.get("teams") == before
    await company.save_team({"name": "web", "repositories": [REPOSITORY]}, 201)
    before = await company.get("teams")
    assert (await remove(company, (await named(company, "web"))["id"], dry_run=True))["name"] == "default"
    assert await company.get("teams") == before


async def test_a_team_without_a_past_is_gone_when_it_is_removed_and_its_telemetry_goes_on(
    company: Api, drain: Drain
) -> None:
    reported = {"name": "web", "repositories": [REPOSITORY], "telemetry_ids": ["w"]}
    team = await company.save_team(reported, 201)
    await company.save_team({"name": "mobile"}, 201)
    heir = await remove(company, team["id"], into="mobile")
    assert (heir["name"], heir["telemetry_ids"], heir["repositories"]) == ("mobile", ["w", "web"], team["repositories"])
    assert [each["name"] for each in (await company.get("teams"))["items"]] == ["default", "mobile"]
    events = [token_event(each, None, 10, team=each) for each in ("w", "web")]
    await company.post("token-events", {"items": events})
    await drain()
    assert (await company.get("ledger", team="mobile", **NOVEMBER))["received"]["total"] == 40
    assert await merges(company, "mobile") == {"2026-11-09": 1, "2026-11-16": 2}
    await remove(company, team["id"], 404)


async def test_a_removed_team_keeps_its_earlier_tokens_and_merges(company: Api, drain: Drain) -> None:
    team = await company.save_team({"name": "web", "repositories": [REPOSITORY]}, 201)
    await company.post("token-events", {"items": [token_event("past", "one", 10, team="web")]})
    await drain()
    await remove(company, team["id"], effective_from="2026-11-15")
    for _ in range(2):
        assert await merges(company, "web") == {"2026-11-09": 1}
        assert await merges(company, "default") == {"2026-11-16": 2}
        await drain()
    assert (await company.get("ledger", team="web", **NOVEMBER))["received"]["total"] == 20
    assert (await named(company, "web"))["removed_at"]
    await company.post("token-events", {"items": [token_event("after", "one", 10, team="web")]})
    assert (await company.get("ledger", team="web", **NOVEMBER))["received"]["total"] == 20
    assert (await company.save_team({"name": "web"}))["removed_at"] is None


async def test_a_team_that_keys_are_pinned_to_stays_until_they_are_revoked(api: Api) -> None:
    team = await api.save_team({"name": "web"}, 201)
    await api.post("keys", {"name": "pinned", "scopes": ["read"], "team": "web"}, 201)
    assert "revoke them first" in (await remove(api, team["id"], 409))["detail"]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"into": "web"}, 400, "into"),
        ({"into": "nobody"}, 404, "into"),
        ({"effective_from": "2999-01-01"}, 400, "effective_from"),
    ],
)
async def test_a_removal_that_cannot_be_is_refused(api: Api, query: dict[str, str], status: int, field: str) -> None:
    team = await api.save_team({"name": "web"}, 201)
    assert (await remove(api, team["id"], status, **query))["field"] == field
    assert (await remove(api, (await named(api, "default"))["id"], 409))["field"] == "team_id"
    assert await named(api, "web") == team


@pytest.mark.parametrize(
    "change",
    [{"effective_from": "2999-01-01", "repositories": [REPOSITORY]}, {"effective_from": "2026-11-01", "size": 3}],
)
async def test_a_future_day_or_a_day_without_a_change_is_refused(api: Api, change: dict[str, Any]) -> None:
    assert (await api.post("teams", {"name": "web", **change}, 400))["field"] == "effective_from"
    assert [team["name"] for team in (await api.get("teams"))["items"]] == ["default"]


async def test_no_organization_removes_anothers_team(api: Api, other_api: Api) -> None:
    team = await api.save_team({"name": "web"}, 201)
    await remove(other_api, team["id"], 404)
    assert await named(api, "web") == team
