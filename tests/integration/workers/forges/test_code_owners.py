"""Owners of code are asked of forges on merge, and neither paths nor people are kept."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.harness.forges import gitlab_state
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.enrichments import Enrichments
from tests.harness.forges.github import TOKEN, FakeGithub
from tests.harness.forges.github_state import PullRequest, Repository
from tests.harness.forges.gitlab import TOKEN as GITLAB_TOKEN
from tests.harness.forges.gitlab import FakeGitlab
from tests.harness.webhooks import Forge
from workers.forge_access.access import Access
from workers.forge_access.listed import Listed
from workers.jobs.record_team_changes import record_team_changes

START = datetime(2026, 3, 2, tzinfo=UTC)
OWNERS = "* @CANARY-login\n/CANARY-web/ @acme/web @CANARY-login\n/CANARY-server/ @acme/server\n"
Act = Callable[[], Awaitable[None]]


def merged(number: int, *paths: str) -> PullRequest:
    at = START + timedelta(days=number)
    commits = [(f"{number}", at)]
    ended = at + timedelta(hours=2)
    return PullRequest(number, f"branch-{number}", at, commits, merged_at=ended, paths=list(paths))


def make_shop(place: str) -> Repository:
    web, server = [f"CANARY-web/{each}" for each in range(130)], [f"CANARY-server/{each}" for each in range(120)]
    pull_requests = [merged(1, *web[:1]), merged(2, "CANARY-else"), merged(3, *web, *server), merged(4, *server)]
    return Repository(1, "octo/shop", START, pull_requests=pull_requests, files={place: OWNERS})


async def teams(backfills: Backfills) -> list[str]:
    """Of the pull requests, the newest first."""
    backfills.client.headers.update(backfills.organization.headers)
    answer = await backfills.client.get("/api/v1/attributions", params={"merged_from": "2026-03-01T00:00:00Z"})
    return [item["team"] for item in answer.json()["items"]]


async def map_owner(backfills: Backfills, team: str, handle: str) -> None:
    headers = backfills.organization.headers
    body = {"name": team, "code_owners": [handle]}
    assert (await backfills.client.post("/api/v1/teams", json=body, headers=headers)).is_success
    await record_team_changes(backfills.context, backfills.organization.organization_id)


@pytest.mark.parametrize("place", [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"])
async def test_code_owners_are_read_from_github(
    backfills: Backfills,
    enrichments: Enrichments,
    github_server: tuple[FakeGithub, str],
    drain: Act,
    place: str,
) -> None:
    fake, url = github_server
    shop = make_shop(place)
    fake.repositories = {shop.path: shop}
    await map_owner(backfills, "web", "@Acme/Web")
    made = await backfills.connect("github", url, TOKEN)
    for each in shop.deliveries():
        await Forge(backfills.client, "github", made).deliver_payload(each.event, each.payload)
    await drain()
    assert {row["state"] for row in await enrichments.finish()} == {"processed"}
    assert await teams(backfills) == ["default", "web", "default", "web"]
    await map_owner(backfills, "server", "@acme/server")
    assert await teams(backfills) == ["server", "web", "default", "web"]
    await drain()


async def test_code_owners_are_read_from_gitlab(
    backfills: Backfills, enrichments: Enrichments, gitlab_server: tuple[FakeGitlab, str], drain: Act
) -> None:
    fake, url = gitlab_server
    shop = make_shop(".gitlab/CODEOWNERS")
    fake.repositories = {shop.path: shop}
    await map_owner(backfills, "web", "@acme/web")
    made = await backfills.connect("gitlab", url, GITLAB_TOKEN)
    for each in gitlab_state.deliveries(shop):
        await Forge(backfills.client, "gitlab", made).deliver_payload(each.event, each.payload)
    await drain()
    assert {row["state"] for row in await enrichments.finish()} == {"processed"}
    assert await teams(backfills) == ["default", "web", "default", "web"]


@pytest.mark.parametrize("forge", ["github", "gitlab"])
async def test_a_backfill_asks_whose_code_was_changed_where_a_handle_means_a_team(
    backfills: Backfills,
    github_server: tuple[FakeGithub, str],
    gitlab_server: tuple[FakeGitlab, str],
    drain: Act,
    forge: str,
) -> None:
    fake, url = github_server if forge == "github" else gitlab_server
    shop = make_shop("CODEOWNERS")
    fake.repositories = {shop.path: shop}
    await backfills.connect(forge, url, TOKEN if forge == "github" else GITLAB_TOKEN)
    await backfills.run(forge)
    assert await teams(backfills) == ["default"] * 4
    await map_owner(backfills, "web", "@acme/web")
    await backfills.run(forge)
    assert await teams(backfills) == ["default", "web", "default", "web"]
    await drain()


@pytest.mark.parametrize("forge", ["github", "gitlab"])
async def test_all_paths_are_read_however_many_pages_they_fill(
    backfills: Backfills, github_server: tuple[FakeGithub, str], gitlab_server: tuple[FakeGitlab, str], forge: str
) -> None:
    fake, url = github_server if forge == "github" else gitlab_server
    shop = make_shop("CODEOWNERS")
    fake.repositories = {shop.path: shop}
    token = TOKEN if forge == "github" else GITLAB_TOKEN
    client = backfills.context.forges.open(Access(uuid4(), forge, "example.org", url, token), START)
    found = await asyncio.to_thread(client.code.changed_paths, Listed(1, "octo/shop"), [1, 3])
    assert {number: set(paths) for number, paths in found.items()} == {
        each.number: set(each.paths) for each in shop.pull_requests if each.number in {1, 3}
    }


async def test_without_mapped_handles_or_owners_no_more_requests_are_sent(
    backfills: Backfills, enrichments: Enrichments, github_server: tuple[FakeGithub, str], drain: Act
) -> None:
    fake, url = github_server
    shop = make_shop("CODEOWNERS")
    fake.repositories = {shop.path: shop}
    made: dict[str, Any] = await backfills.connect("github", url, TOKEN)
    for each in shop.deliveries():
        await Forge(backfills.client, "github", made).deliver_payload(each.event, each.payload)
    await drain()
    fake.requests.clear()
    await enrichments.finish()
    assert len(fake.requests) == 1
    assert await teams(backfills) == ["default"] * 4
