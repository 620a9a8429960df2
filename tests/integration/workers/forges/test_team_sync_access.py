"""Who may read teams, what is said where nobody may, and that nobody in them is kept anywhere."""

import pytest

from service.diagnosis.finding import State
from service.diagnosis.team_syncs import check_team_syncs
from tests.harness.forges.acme import Acme, repository
from tests.harness.forges.app_set_up import AppSetUp
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.github import TOKEN, FakeGithub
from tests.harness.forges.gitlab import TOKEN as GITLAB_TOKEN
from tests.harness.forges.gitlab import FakeGitlab
from tests.harness.forges.gitlab_groups import Group, Member
from tests.harness.forges.team_syncs import TeamSyncs


@pytest.mark.parametrize("forge", ["github", "gitlab"])
async def test_a_token_that_may_not_read_teams_says_which_scope_it_needs(
    team_syncs: TeamSyncs,
    backfills: Backfills,
    github_server: tuple[FakeGithub, str],
    gitlab_server: tuple[FakeGitlab, str],
    forge: str,
) -> None:
    shop = repository(1, "octo/shop")
    if forge == "github":
        fake, url = github_server
        fake.teams.organizations, fake.teams.may_read = {"octo": []}, False
    else:
        fake, url = gitlab_server
        fake.groups.may_read = False
    fake.repositories = {shop.path: shop}
    made = await backfills.connect(forge, url, TOKEN if forge == "github" else GITLAB_TOKEN)
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    shown = await team_syncs.show()
    assert (shown["state"], shown["report"]) == ("refused", None)
    assert {"github": "read:org", "gitlab": "read_api"}[forge] in shown["reason"]
    if forge == "github":
        fake.teams.may_read = True
    else:
        fake.groups.may_read = True
    assert (await team_syncs.run())["state"] == "synced"


async def test_an_app_may_read_members_only_if_requested(team_syncs: TeamSyncs, app_set_up: AppSetUp) -> None:
    acme = Acme(app_set_up.fake, app_set_up.url)
    shop = acme.fake.repositories["octo/shop"]
    for asked in (False, True):
        app, _ = await app_set_up.registered(team_sync=asked)
        assert ("members" in app.manifest["default_permissions"]) is asked
        installation = acme.fake.apps.install(app, [shop])
        await app_set_up.send_installation(app, installation, "created")
        [made] = [each for each in (await team_syncs.ask("GET", "connections"))["items"] if not each["team_sync"]]
        await team_syncs.switch(made["id"])
        await team_syncs.work()
        items = (await team_syncs.ask("GET", "team-syncs"))["items"]
        [shown] = [each for each in items if each["connection"] == made["id"]]
        if not asked:
            assert shown["state"] == "refused"
            assert "Members: read-only" in shown["reason"]
            assert "create-app --team-sync" in shown["reason"]
    assert shown["state"] == "synced"
    assert await team_syncs.sizes() == {"default": None, "web": 3, "server": 2}


async def test_a_later_permission_or_token_is_used_at_once_and_doctor_reports_it_missing_before(
    team_syncs: TeamSyncs, app_set_up: AppSetUp
) -> None:
    acme = Acme(app_set_up.fake, app_set_up.url)
    app, _ = await app_set_up.registered()
    installation = acme.fake.apps.install(app, [acme.fake.repositories["octo/shop"]])
    await app_set_up.send_installation(app, installation, "created")
    [made] = (await team_syncs.ask("GET", "connections"))["items"]
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    async with team_syncs.database.operator() as connection:
        [found] = await check_team_syncs(connection)
    assert "Members: read-only" in str(found.remedy)
    app.manifest["default_permissions"]["members"] = "read"
    await team_syncs.work()
    assert (await team_syncs.show())["state"] == "refused", "not before its time"
    await app_set_up.send_installation(app, installation, "new_permissions_accepted")
    await team_syncs.work()
    assert (await team_syncs.show())["state"] == "synced"
    async with team_syncs.database.operator() as connection:
        [found] = await check_team_syncs(connection)
    assert found.state == State.OK
    acme.fake.teams.may_read = False
    assert (await team_syncs.run())["state"] == "refused"
    acme.fake.teams.may_read = True
    await team_syncs.ask("PUT", f"connections/{made['id']}/token", {"token": TOKEN})
    await team_syncs.work()
    assert (await team_syncs.show())["state"] == "synced"


async def test_a_connection_without_access_cannot_be_switched_on(team_syncs: TeamSyncs, backfills: Backfills) -> None:
    made = await backfills.connect("gitlab", "https://gitlab.example.com", None)
    refusal = await team_syncs.switch(made["id"], status=400)
    assert refusal["field"] == "enabled"
    assert "read_api" in refusal["detail"]
    await team_syncs.ask("POST", "team-syncs", {"dry_run": True}, 409)
    await team_syncs.switch(made["id"][:-1] + "x", status=404)


async def test_only_who_administers_sees_what_was_counted_of_all_teams(team_syncs: TeamSyncs, acme: Acme) -> None:
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    for reported in ({"team": "web"}, {}):
        made = await team_syncs.ask("POST", "keys", {"name": "reads", "scopes": ["read"], **reported}, 201)
        headers = {"Authorization": f"Bearer {made['key']}"}
        assert (await team_syncs.client.get("/api/v1/team-syncs", headers=headers)).status_code == 403


async def test_a_persons_account_has_no_teams(team_syncs: TeamSyncs, acme: Acme) -> None:
    acme.fake.teams.organizations = {}
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    shown = await team_syncs.show()
    assert (shown["state"], shown["report"]["teams"]) == ("synced", [])


@pytest.mark.parametrize("forge", ["github", "gitlab"])
async def test_team_members_are_never_in_tables_redis_or_cached_responses(
    team_syncs: TeamSyncs,
    backfills: Backfills,
    acme: Acme,
    gitlab_server: tuple[FakeGitlab, str],
    capfd: pytest.CaptureFixture[str],
    forge: str,
) -> None:
    """The harness looks through tables and Redis after every test; here it is logs and memory."""
    connection = acme.connection
    if forge == "gitlab":
        fake, url = gitlab_server
        fake.repositories = {"acme/web/shop": repository(1, "acme/web/shop")}
        fake.groups.listed = [Group(21, "acme/web", [Member(1), Member(2), Member(3)])]
        connection = (await backfills.connect("gitlab", url, GITLAB_TOKEN))["id"]
    await team_syncs.switch(connection)
    await team_syncs.work()
    said = capfd.readouterr()
    assert "CANARY" not in said.out + said.err
    for transport in team_syncs.context.forges._transports.values():
        kept = b"".join(answer.content for answer in transport._cache._answers.values())
        assert b"members" not in kept
        assert b"CANARY-username" not in kept
        assert b"CANARY-anna" not in kept
    known = team_syncs.context.memberships._known
    assert known
    assert "CANARY" not in repr(known)
    assert b"CANARY-anna" not in b"".join(
        person for _, teams in known.values() for team in teams for person in team.people
    )
