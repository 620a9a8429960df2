"""In a repository that is no team's a pull request is of the team its author is in; of the author nothing stays."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.harness.bodies import Delivery
from tests.harness.forges import gitlab_state
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.enrichments import Enrichments
from tests.harness.forges.github import TOKEN, FakeGithub
from tests.harness.forges.github_state import PullRequest, Repository
from tests.harness.forges.github_teams import Team
from tests.harness.forges.gitlab import TOKEN as GITLAB_TOKEN
from tests.harness.forges.gitlab import FakeGitlab
from tests.harness.forges.gitlab_groups import Group, Member
from tests.harness.forges.team_syncs import TeamSyncs
from tests.harness.webhooks import Forge
from workers.jobs.repair import repair
from workers.stores.forge.repairs import renew_checks

Act = Callable[[], Awaitable[None]]

# Midnight, so that what happens some hours later is of the same day.
NOW = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
WEB = ("anna", "ben", "cleo")
SERVER = ("dora", "emil", "fay", "gus")
# By name and by number the same people, at either forge.
NUMBERS = {name: number for number, name in enumerate((*WEB, *SERVER, "solo", "else"), 101)}


def opened(number: int, author: str, days_ago: int, *, is_merged: bool = True) -> PullRequest:
    at = NOW - timedelta(days=days_ago)
    return PullRequest(
        number,
        f"branch-{number}",
        at,
        [(f"{number}", at)],
        merged_at=at + timedelta(hours=2) if is_merged else None,
        author=f"CANARY-{author}",
        author_number=NUMBERS[author],
    )


def shared() -> Repository:
    """Newest first by anna of web, dora of server, solo of a team of one, and somebody of no team."""
    reported = [opened(4, "anna", 1), opened(3, "dora", 2), opened(2, "solo", 3), opened(1, "else", 4)]
    return Repository(1, "octo/shared", NOW, reported, host="127.0.0.1")


async def connect(backfills: Backfills, fake: FakeGithub | FakeGitlab, url: str, repository: Repository) -> Any:
    """With the same teams at either forge, of which two maintain the repository or none holds it."""
    fake.repositories = {repository.path: repository}
    if isinstance(fake, FakeGithub):
        web, server, solo = (
            Team(number, slug, [f"CANARY-{each}" for each in people], {"octo/shared": "ADMIN"})
            for number, (slug, people) in enumerate({"web": WEB, "server": SERVER, "solo": ("solo",)}.items(), 11)
        )
        fake.teams.organizations = {"octo": [web, server, solo]}
        return await backfills.connect("github", url, TOKEN)
    fake.groups.listed = [
        Group(number, f"teams/{path}", [Member(NUMBERS[each]) for each in people])
        for number, (path, people) in enumerate({"web": WEB, "server": SERVER, "solo": ("solo",)}.items(), 11)
    ]
    return await backfills.connect("gitlab", url, GITLAB_TOKEN)


@pytest.fixture(params=["github", "gitlab"])
def forge(
    request: pytest.FixtureRequest, github_server: tuple[FakeGithub, str], gitlab_server: tuple[FakeGitlab, str]
) -> tuple[FakeGithub | FakeGitlab, str]:
    return github_server if request.param == "github" else gitlab_server


def deliveries(fake: FakeGithub | FakeGitlab, repository: Repository) -> list[Delivery]:
    return repository.deliveries() if isinstance(fake, FakeGithub) else gitlab_state.deliveries(repository)


async def test_a_merge_belongs_to_the_team_of_its_author(
    team_syncs: TeamSyncs,
    backfills: Backfills,
    enrichments: Enrichments,
    forge: tuple[FakeGithub | FakeGitlab, str],
    drain: Act,
    capfd: pytest.CaptureFixture[str],
) -> None:
    fake, url = forge
    repository = shared()
    made = await connect(backfills, fake, url, repository)
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    for each in deliveries(fake, repository):
        await Forge(backfills.client, made["forge"], made).deliver_payload(each.event, each.payload)
    await drain()
    assert await team_syncs.teams_of_pull_requests() == ["default"] * 4
    assert {row["state"] for row in await enrichments.finish()} == {"processed"}
    assert await team_syncs.teams_of_pull_requests() == ["web", "server", "default", "default"]
    await drain()
    said = capfd.readouterr()
    assert "CANARY" not in said.out + said.err


async def test_a_backfill_records_author_teams_with_one_more_request_per_page(
    team_syncs: TeamSyncs, backfills: Backfills, forge: tuple[FakeGithub | FakeGitlab, str], drain: Act
) -> None:
    fake, url = forge
    made = await connect(backfills, fake, url, shared())
    await backfills.run(made["forge"])
    plain = len(fake.requests)
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    fake.requests.clear()
    await backfills.run(made["forge"])
    assert await team_syncs.teams_of_pull_requests() == ["web", "server", "default", "default"]
    # Who is in which team is remembered from the look.
    pages = 2 if made["forge"] == "github" else 1
    assert len(fake.requests) <= plain + pages
    await drain()


async def test_an_open_pull_request_moves_to_the_team_of_its_author_at_night(
    team_syncs: TeamSyncs, backfills: Backfills, github_server: tuple[FakeGithub, str], drain: Act
) -> None:
    fake, url = github_server
    repository = Repository(1, "octo/shared", NOW, host="127.0.0.1")
    repository.pull_requests = [opened(2, "anna", 1, is_merged=False), opened(1, "dora", 2, is_merged=False)]
    made = await connect(backfills, fake, url, repository)
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    for each in repository.deliveries():
        await Forge(backfills.client, "github", made).deliver_payload(each.event, each.payload)
    await drain()
    organization_id = backfills.organization.organization_id
    async with backfills.database.organization(organization_id) as tenant:
        await renew_checks(tenant)
    await repair(backfills.context, organization_id)
    rows = await team_syncs.rows(
        "SELECT team.name FROM pull_request JOIN team ON team.team_id = author_team_id ORDER BY opened_at"
    )
    assert [row["name"] for row in rows] == ["server", "web"]
    await drain()


async def test_authors_are_not_requested_if_switched_off_or_the_repository_has_a_team(
    team_syncs: TeamSyncs, backfills: Backfills, github_server: tuple[FakeGithub, str], drain: Act
) -> None:
    fake, url = github_server
    made = await connect(backfills, fake, url, shared())
    await backfills.run()
    assert await team_syncs.rows("SELECT FROM pull_request WHERE author_team_id IS NOT NULL") == []
    await team_syncs.set("owners", repositories=["127.0.0.1/octo/shared"])
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    await backfills.run()
    assert await team_syncs.rows("SELECT FROM pull_request WHERE author_team_id IS NOT NULL") == []
    assert await team_syncs.teams_of_pull_requests() == ["owners"] * 4
    await drain()


async def test_code_owners_and_the_repositorys_team_go_before_the_authors(
    team_syncs: TeamSyncs, backfills: Backfills, github_server: tuple[FakeGithub, str], drain: Act
) -> None:
    fake, url = github_server
    repository = shared()
    repository.files = {"CODEOWNERS": "/api/ @octo/api"}
    repository.numbered(4).paths = ["api/CANARY"]  # type: ignore[union-attr] # it is there
    made = await connect(backfills, fake, url, repository)
    await team_syncs.set("api", code_owners=["@octo/api"])
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    await backfills.run()
    assert await team_syncs.teams_of_pull_requests() == ["api", "server", "default", "default"]
    day = (NOW - timedelta(days=2)).date().isoformat()
    await team_syncs.set("owners", repositories=["127.0.0.1/octo/shared"], effective_from=day)
    assert await team_syncs.teams_of_pull_requests() == ["api", "owners", "default", "default"]
    await team_syncs.set("owners", remove_repositories=["127.0.0.1/octo/shared"])
    assert await team_syncs.teams_of_pull_requests() == ["api", "server", "default", "default"]
    await drain()


async def test_a_merge_stays_with_the_team_of_its_author_at_that_time(
    team_syncs: TeamSyncs, backfills: Backfills, github_server: tuple[FakeGithub, str], drain: Act
) -> None:
    fake, url = github_server
    repository = shared()
    repository.pull_requests.append(opened(5, "anna", 0, is_merged=False))
    made = await connect(backfills, fake, url, repository)
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    await backfills.run()
    web, server, _ = fake.teams.organizations["octo"]
    web.people.remove("CANARY-anna")
    web.people += ["CANARY-hal"]
    server.people += ["CANARY-anna"]
    await team_syncs.run()
    repository.pull_requests[-1].merged_at = NOW
    await backfills.run()
    assert await team_syncs.teams_of_pull_requests() == ["server", "web", "server", "default", "default"]
    await backfills.run()
    assert (await team_syncs.teams_of_pull_requests())[:2] == ["server", "web"]
    await drain()


async def test_tokens_follow_a_pull_request_to_its_authors_team(
    team_syncs: TeamSyncs, backfills: Backfills, github_server: tuple[FakeGithub, str], drain: Act
) -> None:
    """Of the team and hour alone: they are shared by pull requests of the team, of which there are none at first."""
    fake, url = github_server
    repository = shared()
    made = await connect(backfills, fake, url, repository)
    await backfills.run()
    at = repository.pull_requests[0].opened_at
    event = {"event_id": "1", "occurred_at": at.isoformat(), "source": "test", "provider": "anthropic", "team": "web"}
    event |= {"model": "claude-sonnet-4-5", "tokens": {"input_uncached": 1000}}
    await team_syncs.ask("POST", "token-events", {"items": [event]})
    await drain()
    spent = "SELECT sum(input_uncached) AS tokens FROM attribution JOIN pull_request USING (artifact_id)"
    assert [row["tokens"] for row in await team_syncs.rows(spent)] == [None]
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    await backfills.run()
    await drain()
    (row,) = await team_syncs.rows(spent)
    assert row["tokens"] > 0


async def test_a_removed_team_leaves_what_its_authors_merged_to_the_one_that_takes_its_place(
    team_syncs: TeamSyncs, backfills: Backfills, github_server: tuple[FakeGithub, str], drain: Act
) -> None:
    fake, url = github_server
    made = await connect(backfills, fake, url, shared())
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    await backfills.run()
    await drain()
    ids = {each["name"]: each["id"] for each in await team_syncs.teams()}
    await team_syncs.ask("DELETE", f"teams/{ids['web']}?into=server")
    await team_syncs.record_changes()
    assert await team_syncs.teams_of_pull_requests() == ["server", "server", "default", "default"]
    await drain()


async def test_teams_that_may_not_be_read_any_more_hold_up_no_pull_request(
    team_syncs: TeamSyncs, backfills: Backfills, forge: tuple[FakeGithub | FakeGitlab, str], drain: Act
) -> None:
    fake, url = forge
    made = await connect(backfills, fake, url, shared())
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    team_syncs.context.memberships.forget_old(datetime.now(UTC) + timedelta(days=1))
    if isinstance(fake, FakeGithub):
        fake.teams.may_read = False
    else:
        fake.groups.may_read = False
    assert (await backfills.run(made["forge"]))["state"] == "done"
    assert await team_syncs.teams_of_pull_requests() == ["default"] * 4
    await drain()
