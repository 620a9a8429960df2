"""Groups of GitLab are teams where somebody wants it."""

from collections.abc import Awaitable, Callable

from tests.harness.forges.acme import merged, repository
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.gitlab import TOKEN as GITLAB_TOKEN
from tests.harness.forges.gitlab import FakeGitlab
from tests.harness.forges.gitlab_groups import Group, Member
from tests.harness.forges.team_syncs import TeamSyncs

Act = Callable[[], Awaitable[None]]


async def test_groups_within_groups_count_inherited_members_and_have_the_projects_that_lie_in_them(
    team_syncs: TeamSyncs, backfills: Backfills, gitlab_server: tuple[FakeGitlab, str], drain: Act
) -> None:
    fake, url = gitlab_server
    projects = [repository(1, "acme/web/shop", [merged(1, 3)]), repository(2, "acme/tools", [merged(1, 9)])]
    fake.repositories = {each.path: each for each in projects}
    others = [Member(91, state="blocked"), Member(92, access=5), Member(93, is_awaiting=True)]
    others.append(Member(94, "group_21_bot_0a1b"))
    fake.groups.listed = [
        Group(20, "acme", [Member(1), Member(2)]),
        Group(21, "acme/web", [Member(3), Member(4), *others]),
        Group(22, "acme/web/mobile", [Member(5)]),
    ]
    made = await backfills.connect("gitlab", url, GITLAB_TOKEN)
    await backfills.run("gitlab")
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    assert await team_syncs.sizes() == {"default": None, "acme": 2, "web": 4, "mobile": 5}
    assert await team_syncs.repositories() == {"acme": 1, "web": 1}
    assert await team_syncs.teams_of_pull_requests() == ["web", "acme"]
    fake.groups.listed[1].members.pop(0)
    await team_syncs.run()
    assert await team_syncs.sizes() == {"default": None, "acme": 2, "web": 3, "mobile": 4}
    await drain()


async def test_groups_with_the_same_name_are_distinguished_by_path(
    team_syncs: TeamSyncs, backfills: Backfills, gitlab_server: tuple[FakeGitlab, str]
) -> None:
    fake, url = gitlab_server
    fake.repositories = {"acme/web/shop": repository(1, "acme/web/shop")}
    fake.groups.listed = [Group(21, "acme/web", [Member(1)]), Group(31, "beta/web", [Member(2), Member(3)])]
    made = await backfills.connect("gitlab", url, GITLAB_TOKEN)
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    assert await team_syncs.sizes() == {"default": None, "web": 1, "beta/web": 2}
