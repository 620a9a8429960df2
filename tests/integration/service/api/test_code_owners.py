"""Handles in CODEOWNERS files mean teams, and beat whose the repository is."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from schema.database import Database
from tests.integration.service.api.conftest import PULL_REQUESTS, REPOSITORY, Api, pull_request

Drain = Callable[[], Awaitable[None]]


async def import_pull_request(api: Api, number: int, *owners: str) -> None:
    (known,) = [each for each in PULL_REQUESTS if each["number"] == number]
    opened = {"opened_at": "2026-11-10T10:00:00Z"} if number == 5 else {}
    item = pull_request(**known, **opened, code_owners=list(owners))
    await api.import_items("pull-requests", item)


async def teams(api: Api) -> dict[str, str]:
    """By the tokens that a merged pull request has; none of these have the same."""
    items = (await api.get("attributions", merged_from="2026-11-01T00:00:00Z"))["items"]
    return {item["tokens"]["total"]: item["team"] for item in items}


async def merges(api: Api, team: str) -> dict[str, int]:
    rows = (await api.get("metrics/tokens-per-pr", team=team, **{"from": "2026-11-02", "to": "2026-11-29"}))["items"]
    return {row["period_start"]: row["merged_pull_requests"] for row in rows if row["merged_pull_requests"]}


async def test_a_pull_request_is_the_team_s_whose_code_it_changed_most(company: Api, drain: Drain) -> None:
    await company.save_team({"name": "web", "code_owners": ["@Acme/Web"]}, 201)
    await import_pull_request(company, 1, "@acme/web", "@acme/other")
    await import_pull_request(company, 2, "@acme/nobody", "@acme/web")
    await import_pull_request(company, 5, "@acme/nobody")
    for _ in range(2):
        assert await teams(company) == {200: "web", 400: "web", 0: "default"}
        assert await merges(company, "web") == {"2026-11-16": 2}
        assert await merges(company, "default") == {"2026-11-09": 1}
        await drain()
    assert (await company.get("ledger"))["difference"]["total"] == 0


async def test_a_handle_mapped_later_moves_earlier_pull_requests(company: Api, drain: Drain) -> None:
    await import_pull_request(company, 5, "@acme/web")
    await drain()
    team = await company.save_team({"name": "web", "code_owners": ["@acme/web"]}, 201)
    assert team["code_owners"] == 1
    for _ in range(2):
        assert await merges(company, "web") == {"2026-11-09": 1}
        assert await merges(company, "default") == {"2026-11-16": 2}
        await drain()
    await company.save_team({"name": "mobile", "code_owners": ["@acme/web"]}, 201)
    assert await merges(company, "web") == {}
    await drain()
    assert await merges(company, "mobile") == {"2026-11-09": 1}
    shown = await company.save_team({"name": "mobile", "remove_code_owners": ["@acme/web"]})
    assert shown["code_owners"] == 0
    await drain()
    assert await merges(company, "default") == {"2026-11-09": 1, "2026-11-16": 2}


async def test_a_removed_team_leaves_its_code_to_its_heir(company: Api, drain: Drain) -> None:
    team = await company.save_team({"name": "web", "code_owners": ["@acme/web"]}, 201)
    await company.save_team({"name": "mobile"}, 201)
    await import_pull_request(company, 5, "@acme/web")
    path = f"/api/v1/teams/{team['id']}?into=mobile"
    answer = await company.client.delete(path, headers=company.organization.headers)
    assert answer.json()["code_owners"] == 1
    await drain()
    assert await merges(company, "mobile") == {"2026-11-09": 1}


async def test_an_owner_beats_the_repository_s_team(company: Api) -> None:
    await company.save_team({"name": "web", "repositories": [REPOSITORY]}, 201)
    await company.save_team({"name": "mobile", "code_owners": ["@acme/mobile"]}, 201)
    await import_pull_request(company, 1, "@acme/mobile")
    assert await teams(company) == {200: "mobile", 400: "web", 0: "web"}


@pytest.mark.parametrize("handle", ["@somebody", "acme/web", "@acme/", "@acme/web other", "who@example.com"])
async def test_a_handle_that_may_be_a_person_is_refused(api: Api, handle: str) -> None:
    assert (await api.post("teams", {"name": "web", "code_owners": [handle]}, 400))["field"] == "code_owners[0]"
    item = pull_request(1, state="open", code_owners=[handle])
    assert (await api.post("pull-requests", {"items": [item]}, 400))["field"] == "items[0].code_owners[0]"


async def test_a_handle_of_another_team_is_not_taken_from_this_one(api: Api) -> None:
    await api.save_team({"name": "web", "code_owners": ["@acme/web"]}, 201)
    reported: dict[str, Any] = {"name": "default", "remove_code_owners": ["@acme/web"]}
    assert (await api.post("teams", reported, 400))["field"] == "remove_code_owners[0]"


async def test_handles_are_kept_as_keyed_hashes_only(company: Api, database: Database) -> None:
    await company.save_team({"name": "web", "code_owners": ["@CANARY-org/web"]}, 201)
    await import_pull_request(company, 1, "@CANARY-org/web")
    async with database.organization(company.organization.organization_id) as tenant:
        owner = await tenant.connection.fetchval("SELECT owner FROM pull_request WHERE owner IS NOT NULL")
        assert owner == await tenant.connection.fetchval("SELECT owner FROM code_owner")
    assert len(owner) == 32
