"""Changes of teams are stored by the service and recorded by a worker, in the order in which they were made."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from schema.database import Database
from schema.queue import Job
from tests.integration.service.api.conftest import REPOSITORY, Api, api, company, pull_request
from workers.context import WorkerContext
from workers.jobs.record_team_changes import record_team_changes
from workers.stores.upkeep.due_work import find_due

Drain = Callable[[], Awaitable[None]]
__all__ = ["api", "company"]  # fixtures


async def due(database: Database) -> set[Job]:
    async with database.operator() as connection:
        return {job for job, _ in await find_due(connection, timedelta())}


async def run(context: WorkerContext, company: Api) -> None:
    await record_team_changes(context, company.organization.organization_id)


async def waiting(database: Database, company: Api) -> list[dict[str, Any]]:
    async with database.organization(company.organization.organization_id) as tenant:
        rows = await tenant.fetch("SELECT * FROM team_change WHERE organization_id = $1 ORDER BY change_id")
    return [dict(row) for row in rows]


async def teams_of_merged(company: Api) -> set[str]:
    return {item["team"] for item in (await company.get("attributions", merged_from="2026-11-01T00:00:00Z"))["items"]}


async def test_a_change_is_shown_at_once_and_recorded_by_a_worker(
    company: Api, database: Database, worker_context: WorkerContext
) -> None:
    made = await company.post("teams", {"name": "web", "repositories": [REPOSITORY], "code_owners": ["@acme/web"]}, 201)
    assert (len(made["repositories"]), made["code_owners"]) == (1, 1)
    assert await teams_of_merged(company) == {"default"}
    assert Job.RECORD_TEAM_CHANGES in await due(database)
    await run(worker_context, company)
    assert await teams_of_merged(company) == {"web"}
    assert await waiting(database, company) == []
    assert Job.RECORD_TEAM_CHANGES not in await due(database)
    assert Job.SETTLE_DAYS in await due(database)
    (shown,) = [team for team in (await company.get("teams"))["items"] if team["name"] == "web"]
    assert shown == made


async def test_changes_of_one_repository_are_recorded_in_the_order_in_which_they_were_made(
    company: Api, worker_context: WorkerContext
) -> None:
    for name in ("web", "mobile", "data"):
        await company.post("teams", {"name": name, "repositories": [REPOSITORY]}, 201)
    await run(worker_context, company)
    assert await teams_of_merged(company) == {"data"}


async def test_recording_twice_changes_nothing_more(
    company: Api, database: Database, worker_context: WorkerContext, drain: Drain
) -> None:
    await company.post("teams", {"name": "web", "repositories": [REPOSITORY]}, 201)
    await run(worker_context, company)
    await drain()
    await company.post("teams", {"name": "web", "repositories": [REPOSITORY]})
    await run(worker_context, company)
    assert Job.SETTLE_DAYS not in await due(database)


async def test_a_repository_that_a_forge_reports_before_the_worker_comes_is_the_same_one(
    company: Api, worker_context: WorkerContext
) -> None:
    name = "github.com/octo-org/later"
    await company.post("teams", {"name": "web", "repositories": [name]}, 201)
    item = pull_request(8, repository=name, repository_id=88, state="merged", merged_at="2026-11-18T10:00:00Z")
    await company.import_items("pull-requests", item)
    await run(worker_context, company)
    (shown,) = (await company.get("attributions", forge="github", repository=name, number=8))["items"]
    assert shown["team"] == "web"


async def test_a_change_that_fails_waits_and_holds_up_no_other(
    company: Api, database: Database, worker_context: WorkerContext
) -> None:
    await company.post("teams", {"name": "web", "code_owners": ["@acme/web"]}, 201)
    await company.post("teams", {"name": "data", "repositories": [REPOSITORY]}, 201)
    async with database.organization(company.organization.organization_id) as tenant:
        await tenant.execute(
            "UPDATE team_change SET team_id = 0 WHERE organization_id = $1 AND kind = 'code_owner'"  # there is none
        )
    await company.post("teams", {"name": "mobile", "code_owners": ["@acme/web"]}, 201)
    await run(worker_context, company)
    first, second = await waiting(database, company)
    assert (first["attempts"], first["state"], first["failure"]) == (1, "waiting", "value_refused")
    assert (second["attempts"], second["failure"]) == (0, None)  # it comes after the first
    assert await teams_of_merged(company) == {"data"}


async def test_a_change_that_is_given_up_is_a_dead_letter(
    company: Api, database: Database, worker_context: WorkerContext
) -> None:
    await company.post("teams", {"name": "web", "repositories": [REPOSITORY]}, 201)
    async with database.organization(company.organization.organization_id) as tenant:
        await tenant.execute("UPDATE team_change SET team_id = 0, attempts = 1000 WHERE organization_id = $1")
    await run(worker_context, company)
    (letter,) = (await company.get("dead-letters"))["items"]
    assert (letter["kind"], letter["what"]) == ("team-change", "repository")
    (shown,) = [team for team in (await company.get("teams"))["items"] if team["name"] == "web"]
    assert shown["repositories"] == []


@pytest.mark.parametrize("has_past", [False, True])
async def test_a_removed_team_is_deleted_unless_something_was_merged_in_its_name(
    company: Api, worker_context: WorkerContext, has_past: bool
) -> None:
    reported: dict[str, Any] = {"name": "web", "repositories": [REPOSITORY]}
    made = await company.post("teams", reported | ({"effective_from": "2026-11-10"} if has_past else {}), 201)
    await run(worker_context, company)
    query = {"effective_from": "2026-11-15"} if has_past else {}
    path = f"/api/v1/teams/{made['id']}"
    await company.client.delete(path, params=query, headers=company.organization.headers)
    shown = {team["name"]: team["removed_at"] for team in (await company.get("teams"))["items"]}
    assert shown["web"] is not None
    await run(worker_context, company)
    names = {team["name"] for team in (await company.get("teams"))["items"]}
    assert names == ({"default", "web"} if has_past else {"default"})
