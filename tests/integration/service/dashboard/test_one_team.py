"""Who may see one team gets its figures on every page, and nothing of another team by any address."""

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from schema.database import Database
from service.auth.roles import Role
from tests.harness.organization import Organization
from tests.harness.signing_in import sign_in

PERIOD = "period=2026-11-09..2026-11-29"
OTHER = "github.com/octo-org/elsewhere"
LISTS = (
    "/",
    "/spend",
    "/pull-requests",
    "/releases",
    "/compare/repository",
    "/compare/model",
    "/compare/workflow",
    "/teams/web",
    "/quality",
)
LINK = re.compile(r'href="(/[^"#?]*)')


@pytest.fixture
async def two_teams(company: httpx.AsyncClient, drain: Callable[[], Awaitable[None]]) -> httpx.AsyncClient:
    """The company with a second team, whose pull request has the number of one of web."""
    merged = {"state": "merged", "opened_at": "2026-11-16T08:00:00Z", "merged_at": "2026-11-18T18:00:00Z"}
    there = {"forge": "github", "repository": OTHER}
    release = {"tag": "v9", "state": "published", "released_at": "2026-11-19T20:00:00Z", "pull_requests": [1]}
    event = {
        "event_id": "elsewhere",
        "occurred_at": "2026-11-17T12:30:00Z",
        "source": "codex",
        "model": "secret-model",
        "team": "secret-team",
        "repository": OTHER,
        "branch": "b",
        "tokens": {"input_uncached": 900_000, "output_visible": 9},
    }
    for path, body in (
        ("teams", {"name": "secret-team", "repositories": [OTHER]}),
        ("pull-requests", {"items": [{**there, "number": 1, "head_branch": "b", **merged}]}),
        ("releases", {"items": [{**there, **release}]}),
        ("token-events", {"items": [event]}),
    ):
        answer = await company.post(f"/api/v1/{path}", json=body)
        assert answer.is_success, answer.text
    await drain()
    return company


async def team_ids(database: Database, organization: Organization) -> dict[str, int]:
    async with database.organization(organization.organization_id) as tenant:
        rows = await tenant.fetch("SELECT name, team_id FROM team WHERE organization_id = $1")
    return {row["name"]: row["team_id"] for row in rows}


async def test_each_page_shows_the_team_and_no_other(
    two_teams: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    teams = await team_ids(database, organization)
    await sign_in(two_teams, database, organization, Role.OWNER, teams["web"])
    for page in LISTS:
        for suffix in ("", ".csv", ".json"):
            path = "/overview" if page == "/" and suffix else page
            answer = await two_teams.get(f"{path}{suffix}?{PERIOD}")
            assert answer.status_code == 200, (path, answer.text)
            assert "secret" not in answer.text, path
            assert "codex" not in answer.text, path
    assert "4 pull requests" not in (await two_teams.get(f"/pull-requests?{PERIOD}")).text
    assert (await two_teams.get("/compare/team")).status_code == 403
    assert (await two_teams.get("/teams/secret-team")).status_code == 403
    assert len((await two_teams.get("/pull-requests.json?q=1")).json()["items"]) == 1


async def test_what_belongs_to_another_team_does_not_exist(
    two_teams: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    teams = await team_ids(database, organization)
    own = {"web": 2, "secret-team": 1}
    pull_requests = (await two_teams.get("/api/v1/attributions?state=merged")).json()["items"]
    releases = (await two_teams.get("/api/v1/releases")).json()["items"]
    assert {each["team"] for each in pull_requests} == set(own)
    for team, merged in own.items():
        await sign_in(two_teams, database, organization, Role.VIEWER, teams[team])
        for kind, items in (("pull-requests", pull_requests), ("releases", releases)):
            for item in items:
                status = 200 if item["team"] == team else 404
                assert (await two_teams.get(f"/{kind}/{item['artifact_id']}")).status_code == status
                assert (await two_teams.get(f"/{kind}/{item['artifact_id']}.json")).status_code == status
        assert len((await two_teams.get(f"/pull-requests.json?{PERIOD}")).json()["items"]) == merged


async def test_every_link_of_a_page_opens(
    two_teams: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    teams = await team_ids(database, organization)
    await sign_in(two_teams, database, organization, Role.OWNER, teams["web"])
    seen = {"/alerts", "/effect", *LISTS}
    for page in sorted(seen):
        text = (await two_teams.get(page if page in {"/alerts", "/effect"} else f"{page}?{PERIOD}")).text
        assert 'method="post"' not in text.replace('method="post" action="/sign-out"', ""), page
        for path in {*LINK.findall(text)} - seen:
            seen.add(path)
            answer = await two_teams.get(path)
            assert answer.status_code == 200, (page, path)
