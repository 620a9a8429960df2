"""Teams are counted at forges where somebody wants it; who is in them is never kept."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from schema.queue import Job
from service.diagnosis.finding import State
from service.diagnosis.team_syncs import check_team_syncs
from tests.harness.forges.app_set_up import AppSetUp
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.github import TOKEN, FakeGithub
from tests.harness.forges.github_state import PullRequest, Repository
from tests.harness.forges.github_teams import Team
from tests.harness.forges.gitlab import TOKEN as GITLAB_TOKEN
from tests.harness.forges.gitlab import FakeGitlab
from tests.harness.forges.gitlab_groups import Group, Member
from tests.harness.forges.team_syncs import TeamSyncs
from workers.stores.waiting import find_due

Act = Callable[[], Awaitable[None]]

NOW = datetime.now(UTC).replace(microsecond=0)


def people(*names: str) -> list[str]:
    return [f"CANARY-{name}" for name in names]


def merged(number: int, days_ago: int) -> PullRequest:
    at = NOW - timedelta(days=days_ago)
    return PullRequest(number, f"branch-{number}", at, [(f"{number}", at)], merged_at=at + timedelta(hours=2))


def repository(number: int, path: str, pull_requests: Sequence[PullRequest] = ()) -> Repository:
    return Repository(number, path, NOW, list(pull_requests), host="127.0.0.1")


@dataclass
class Acme:
    """Shop is maintained by web; api by web and server; infra by nobody."""

    fake: FakeGithub
    url: str
    web: Team = field(default_factory=lambda: Team(11, "web", people("anna", "ben", "cleo")))
    server: Team = field(default_factory=lambda: Team(12, "server", people("ben", "dora")))
    connection: str = ""

    def __post_init__(self) -> None:
        made = [repository(number, f"octo/{name}") for number, name in enumerate(("shop", "api", "infra"), 1)]
        made[0].pull_requests = [merged(1, 40), merged(2, 20)]
        made[1].pull_requests, made[2].pull_requests = [merged(1, 50)], [merged(1, 60)]
        self.fake.repositories = {each.path: each for each in made}
        self.web.repositories = {"octo/shop": "ADMIN", "octo/api": "MAINTAIN", "octo/infra": "WRITE"}
        self.server.repositories = {"octo/api": "ADMIN", "octo/shop": "WRITE"}
        self.fake.teams.organizations = {"octo": [self.web, self.server]}


@pytest.fixture
async def acme(github_server: tuple[FakeGithub, str], backfills: Backfills) -> Acme:
    """Backfilled, so that its repositories are known."""
    acme = Acme(*github_server)
    acme.connection = (await backfills.connect("github", acme.url, TOKEN))["id"]
    await backfills.run()
    return acme


async def test_nothing_is_counted_unless_somebody_switches_it_on(team_syncs: TeamSyncs, acme: Acme) -> None:
    acme.fake.asked.clear()
    await team_syncs.work()
    assert acme.fake.asked == []
    assert (await team_syncs.ask("GET", "team-syncs"))["items"] == []
    assert await team_syncs.sizes() == {"default": None}
    refusal = await team_syncs.ask("POST", "team-syncs", {}, 409)
    assert "shipledger teams sync on" in refusal["detail"]


async def test_teams_get_sizes_and_the_repositories_that_they_alone_maintain(
    team_syncs: TeamSyncs, acme: Acme, drain: Act
) -> None:
    await team_syncs.switch(acme.connection)
    assert (await team_syncs.show())["state"] == "running"
    await team_syncs.work()
    shown = await team_syncs.show()
    assert (shown["state"], shown["reason"], shown["enabled"]) == ("synced", None, True)
    assert await team_syncs.sizes() == {"default": None, "web": 3, "server": 2}
    assert await team_syncs.repositories() == {"web": 1}
    counts = shown["report"]["repositories"]
    assert {name: count for name, count in counts.items() if count} == {"given": 1, "shared": 1, "unowned": 1}
    assert await team_syncs.teams_of_pull_requests() == ["web", "web", "default", "default"]
    [connection] = (await team_syncs.ask("GET", "connections"))["items"]
    assert connection["team_sync"]
    await drain()


async def test_a_dry_run_tells_what_would_be_and_writes_nothing_even_before_it_is_switched_on(
    team_syncs: TeamSyncs, acme: Acme
) -> None:
    shown = await team_syncs.dry_run()
    assert (shown["state"], shown["enabled"], shown["report"]) == ("off", False, None)
    told = shown["dry_run"]
    assert [(each["name"], each["people"], each["is_new"]) for each in told["teams"]] == [
        ("server", 2, True),
        ("web", 3, True),
    ]
    assert told["repositories"]["given"] == 1
    assert await team_syncs.sizes() == {"default": None}
    assert await team_syncs.rows("SELECT FROM forge_team") == []
    assert await team_syncs.rows("SELECT FROM repository WHERE team_id IS NOT NULL") == []
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    assert (await team_syncs.show())["report"]["repositories"] == told["repositories"]


async def test_a_dry_run_of_what_is_on_does_not_bring_the_next_look_forward(team_syncs: TeamSyncs, acme: Acme) -> None:
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    acme.web.people += people("emil")
    shown = await team_syncs.dry_run()
    assert [each["people"] for each in shown["dry_run"]["teams"]] == [2, 4]
    assert (await team_syncs.sizes())["web"] == 3


async def test_who_leaves_or_comes_changes_the_size_the_next_day(team_syncs: TeamSyncs, acme: Acme) -> None:
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    acme.web.people = people("anna", "ben")
    acme.server.people += people("emil", "fay")
    async with team_syncs.database.operator() as connection:
        assert Job.SYNC_TEAMS not in {job for job, _ in await find_due(connection, timedelta())}
    await team_syncs.next_day()
    async with team_syncs.database.operator() as connection:
        assert Job.SYNC_TEAMS in {job for job, _ in await find_due(connection, timedelta())}
    await team_syncs.work()
    assert await team_syncs.sizes() == {"default": None, "web": 2, "server": 4}


async def test_what_was_told_by_hand_stays(team_syncs: TeamSyncs, acme: Acme) -> None:
    await team_syncs.set("web", size=9)
    await team_syncs.set("mobile", repositories=["127.0.0.1/octo/shop"])
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    shown = await team_syncs.show()
    assert (await team_syncs.sizes())["web"] == 9
    assert await team_syncs.repositories() == {"mobile": 1}
    assert shown["report"]["repositories"]["by_hand"] == 1
    assert {each["name"]: each["by_hand"] for each in shown["report"]["teams"]} == {"server": False, "web": True}
    # What is given back by hand is nobody's by hand.
    await team_syncs.set("mobile", remove_repositories=["127.0.0.1/octo/shop"])
    await team_syncs.set("web", size=None)
    await team_syncs.run()
    assert (await team_syncs.sizes())["web"] == 3
    assert (await team_syncs.repositories()) == {"default": 1}


async def test_a_team_is_found_by_its_handle_in_code_owners_then_by_what_agents_call_it(
    team_syncs: TeamSyncs, acme: Acme
) -> None:
    await team_syncs.set("storefront", code_owners=["@octo/web"])
    await team_syncs.set("platform", telemetry_ids=["server"])
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    assert await team_syncs.sizes() == {"default": None, "storefront": 3, "platform": 2}


async def test_teams_within_teams_count_all_and_the_outer_one_has_the_repositories(
    team_syncs: TeamSyncs, acme: Acme
) -> None:
    inner = Team(13, "web-mobile", people("gus", "hal"), {"octo/infra": "ADMIN"}, within=acme.web)
    acme.fake.teams.organizations["octo"].append(inner)
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    assert await team_syncs.sizes() == {"default": None, "web": 5, "server": 2, "web-mobile": 2}
    assert await team_syncs.repositories() == {"web": 1, "web-mobile": 1}


async def test_all_pages_of_teams_members_and_repositories_are_read(team_syncs: TeamSyncs, acme: Acme) -> None:
    many = [repository(100 + each, f"octo/many-{each}") for each in range(120)]
    acme.fake.repositories |= {each.path: each for each in many}
    acme.web.people = people(*(f"p{each}" for each in range(230)))
    acme.web.repositories = {each.path: "ADMIN" for each in many} | {"octo/shop": "ADMIN"}
    teams = [Team(1000 + each, f"team-{each}", people("anna")) for each in range(30)]
    acme.fake.teams.organizations["octo"] += teams
    await team_syncs.switch(acme.connection)
    acme.fake.asked.clear()
    await team_syncs.work()
    sizes = await team_syncs.sizes()
    assert (sizes["web"], len(sizes)) == (230, 33)
    assert await team_syncs.repositories() == {"web": 1, "server": 1}
    # Two pages of repositories, two of teams, two more of members and repositories.
    assert len(acme.fake.asked) == 6


async def test_another_owner_at_the_forge_is_another_team_from_that_day_on(
    team_syncs: TeamSyncs, acme: Acme, backfills: Backfills, drain: Act
) -> None:
    opened_at = NOW - timedelta(days=2)
    started = PullRequest(3, "branch-3", opened_at, [("3", opened_at)])
    acme.fake.repositories["octo/shop"].pull_requests.append(started)
    await backfills.run()
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    event = {"event_id": "1", "occurred_at": NOW.isoformat(), "source": "test", "provider": "anthropic"}
    event |= {"model": "claude-sonnet-4-5", "team": "web", "tokens": {"input_uncached": 1000}}
    await team_syncs.ask("POST", "token-events", {"items": [event]})
    await drain()
    acme.web.repositories["octo/shop"], acme.server.repositories["octo/shop"] = "WRITE", "ADMIN"
    shown = await team_syncs.run()
    assert shown["report"]["repositories"]["moved"] == 1
    waiting = await team_syncs.rows("SELECT DISTINCT day FROM settlement WHERE state = 'waiting'")
    assert [row["day"] for row in waiting] == [NOW.date()]
    started.merged_at = NOW
    await backfills.run()
    # What was merged before stays, what is merged from now on is the other's.
    assert await team_syncs.teams_of_pull_requests() == ["server", "web", "web", "default", "default"]
    await drain()
    acme.web.repositories["octo/shop"] = "ADMIN"
    shown = await team_syncs.run()
    assert shown["report"]["repositories"] | {"taken_back": 1, "shared": 2} == shown["report"]["repositories"]
    assert (await team_syncs.teams_of_pull_requests())[0] == "default"
    await drain()


async def test_a_team_that_is_gone_is_of_unknown_size_and_has_no_repository_any_more(
    team_syncs: TeamSyncs, acme: Acme
) -> None:
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    acme.fake.teams.organizations["octo"].remove(acme.web)
    shown = await team_syncs.run()
    assert shown["report"]["gone"] == 1
    assert await team_syncs.sizes() == {"default": None, "web": None, "server": 2}
    # The server's team is the only one of the api now; of the shop there is none.
    assert await team_syncs.repositories() == {"server": 1, "default": 1}


async def test_teams_that_are_left_out_and_teams_over_the_limit_are_told_and_not_made(
    team_syncs: TeamSyncs, acme: Acme
) -> None:
    await team_syncs.switch(acme.connection, left_out=["@Octo/Web"])
    await team_syncs.work()
    shown = await team_syncs.show()
    assert (shown["left_out"], shown["report"]["left_out"]) == (1, 1)
    assert await team_syncs.sizes() == {"default": None, "server": 2}
    # Without web the api is maintained by one team.
    assert await team_syncs.repositories() == {"server": 1}


async def test_a_removed_team_counts_to_the_one_that_took_its_place(team_syncs: TeamSyncs, acme: Acme) -> None:
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    ids = {each["name"]: each["id"] for each in await team_syncs.teams()}
    await team_syncs.ask("DELETE", f"teams/{ids['server']}?into=web")
    await team_syncs.run()
    # Ben is in both, and one person.
    assert await team_syncs.sizes() == {"default": None, "web": 4}


async def test_switched_off_teams_keep_what_they_have(team_syncs: TeamSyncs, acme: Acme) -> None:
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    await team_syncs.switch(acme.connection, enabled=False)
    acme.web.people = []
    await team_syncs.next_day()
    await team_syncs.work()
    assert (await team_syncs.show())["state"] == "off"
    assert (await team_syncs.sizes())["web"] == 3
    assert await team_syncs.rows("SELECT FROM forge_team") == []


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


async def test_an_app_may_read_members_only_where_that_was_asked_for(
    team_syncs: TeamSyncs, app_set_up: AppSetUp
) -> None:
    acme = Acme(app_set_up.fake, app_set_up.url)
    shop = acme.fake.repositories["octo/shop"]
    for asked in (False, True):
        app, _ = await app_set_up.registered(team_sync=asked)
        assert ("members" in app.manifest["default_permissions"]) is asked
        installation = acme.fake.apps.install(app, [shop])
        await app_set_up.tell_of(app, installation, "created")
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


async def test_a_permission_or_a_token_that_is_given_later_is_used_at_once_and_doctor_says_what_is_missing_till_then(
    team_syncs: TeamSyncs, app_set_up: AppSetUp
) -> None:
    acme = Acme(app_set_up.fake, app_set_up.url)
    app, _ = await app_set_up.registered()
    installation = acme.fake.apps.install(app, [acme.fake.repositories["octo/shop"]])
    await app_set_up.tell_of(app, installation, "created")
    [made] = (await team_syncs.ask("GET", "connections"))["items"]
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    async with team_syncs.database.operator() as connection:
        [found] = await check_team_syncs(connection)
    assert "Members: read-only" in str(found.remedy)
    app.manifest["default_permissions"]["members"] = "read"
    await team_syncs.work()
    assert (await team_syncs.show())["state"] == "refused", "not before its time"
    await app_set_up.tell_of(app, installation, "new_permissions_accepted")
    await team_syncs.work()
    assert (await team_syncs.show())["state"] == "synced"
    async with team_syncs.database.operator() as connection:
        [found] = await check_team_syncs(connection)
    assert found.state == State.OK
    acme.fake.teams.may_read = False
    assert (await team_syncs.run())["state"] == "refused"
    acme.fake.teams.may_read = True
    await team_syncs.ask("PUT", f"connections/{made['id']}/token", {"token": TOKEN}, 204)
    await team_syncs.work()
    assert (await team_syncs.show())["state"] == "synced"


async def test_a_connection_that_cannot_ask_cannot_be_switched_on(team_syncs: TeamSyncs, backfills: Backfills) -> None:
    made = await backfills.connect("gitlab", "https://gitlab.example.com", None)
    refusal = await team_syncs.switch(made["id"], status=400)
    assert refusal["field"] == "enabled"
    assert "read_api" in refusal["detail"]
    await team_syncs.ask("POST", "team-syncs", {"dry_run": True}, 409)
    await team_syncs.switch(made["id"][:-1] + "x", status=404)


async def test_a_persons_account_has_no_teams(team_syncs: TeamSyncs, acme: Acme) -> None:
    acme.fake.teams.organizations = {}
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    shown = await team_syncs.show()
    assert (shown["state"], shown["report"]["teams"]) == ("synced", [])


async def test_groups_within_groups_count_inherited_members_and_have_the_projects_that_lie_in_them(
    team_syncs: TeamSyncs, backfills: Backfills, gitlab_server: tuple[FakeGitlab, str], drain: Act
) -> None:
    fake, url = gitlab_server
    projects = [repository(1, "acme/web/shop", [merged(1, 3)]), repository(2, "acme/tools", [merged(1, 9)])]
    fake.repositories = {each.path: each for each in projects}
    machines = [Member(90, "group_21_bot_0a1b"), Member(91, state="blocked"), Member(92, access=5)]
    fake.groups.listed = [
        Group(20, "acme", [Member(1), Member(2)]),
        Group(21, "acme/web", [Member(3), Member(4), *machines]),
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


async def test_groups_of_one_name_are_told_apart_by_their_path(
    team_syncs: TeamSyncs, backfills: Backfills, gitlab_server: tuple[FakeGitlab, str]
) -> None:
    fake, url = gitlab_server
    fake.repositories = {"acme/web/shop": repository(1, "acme/web/shop")}
    fake.groups.listed = [Group(21, "acme/web", [Member(1)]), Group(31, "beta/web", [Member(2), Member(3)])]
    made = await backfills.connect("gitlab", url, GITLAB_TOKEN)
    await team_syncs.switch(made["id"])
    await team_syncs.work()
    assert await team_syncs.sizes() == {"default": None, "web": 1, "beta/web": 2}


@pytest.mark.parametrize("forge", ["github", "gitlab"])
async def test_nobody_in_a_team_is_in_a_table_in_redis_or_in_the_memory_of_answers(
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
    for line in team_syncs.context.forges._lines.values():
        kept = b"".join(answer.content for answer in line._remembered._answers.values())
        assert b"members" not in kept
        assert b"CANARY-username" not in kept
        assert b"CANARY-anna" not in kept
    known = team_syncs.context.memberships._known
    assert known
    assert "CANARY" not in repr(known)
    assert b"CANARY-anna" not in b"".join(
        person for _, teams in known.values() for team in teams for person in team.people
    )
