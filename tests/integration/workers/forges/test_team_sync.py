"""Teams are counted at GitHub where somebody wants it, and get the repositories that they alone maintain."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from schema.queue import Job
from tests.harness.forges.acme import NOW, Acme, merged, people, repository
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.github import TOKEN
from tests.harness.forges.github_state import PullRequest
from tests.harness.forges.github_teams import Team
from tests.harness.forges.team_syncs import TeamSyncs
from workers.stores.upkeep.due_work import find_due

Act = Callable[[], Awaitable[None]]


async def test_nothing_is_counted_unless_switched_on(team_syncs: TeamSyncs, acme: Acme) -> None:
    acme.fake.requests.clear()
    await team_syncs.work()
    assert acme.fake.requests == []
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
    assert {name: count for name, count in counts.items() if count} == {"assigned": 1, "shared": 1, "unowned": 1}
    assert await team_syncs.teams_of_pull_requests() == ["web", "web", "default", "default"]
    [connection] = (await team_syncs.ask("GET", "connections"))["items"]
    assert connection["team_sync"]
    await drain()


async def test_a_dry_run_shows_changes_and_writes_nothing_even_before_sync_is_switched_on(
    team_syncs: TeamSyncs, acme: Acme
) -> None:
    shown = await team_syncs.dry_run()
    assert (shown["state"], shown["enabled"], shown["report"]) == ("off", False, None)
    reported = shown["dry_run"]
    assert [(each["name"], each["people"], each["is_new"]) for each in reported["teams"]] == [
        ("server", 2, True),
        ("web", 3, True),
    ]
    assert reported["repositories"]["assigned"] == 1
    assert await team_syncs.sizes() == {"default": None}
    assert await team_syncs.rows("SELECT FROM forge_team") == []
    assert await team_syncs.rows("SELECT FROM repository WHERE team_id IS NOT NULL") == []
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    assert (await team_syncs.show())["report"]["repositories"] == reported["repositories"]


async def test_a_dry_run_of_what_is_on_does_not_bring_the_next_look_forward(team_syncs: TeamSyncs, acme: Acme) -> None:
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    acme.web.people += people("emil")
    shown = await team_syncs.dry_run()
    assert [each["people"] for each in shown["dry_run"]["teams"]] == [2, 4]
    assert (await team_syncs.sizes())["web"] == 3


async def test_joining_and_leaving_members_change_the_size_the_next_day(team_syncs: TeamSyncs, acme: Acme) -> None:
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


async def test_a_backfill_that_makes_repositories_known_has_them_given_to_their_teams_at_once(
    team_syncs: TeamSyncs, acme: Acme, backfills: Backfills
) -> None:
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    new = repository(9, "octo/new", [merged(1, 5)])
    acme.fake.repositories[new.path] = new
    acme.web.repositories[new.path] = "ADMIN"
    await team_syncs.work()
    assert await team_syncs.repositories() == {"web": 1}
    await backfills.run()
    await team_syncs.work()
    assert await team_syncs.repositories() == {"web": 2}


async def test_values_set_by_hand_stay(team_syncs: TeamSyncs, acme: Acme) -> None:
    await team_syncs.set("web", size=9)
    await team_syncs.set("mobile", repositories=["127.0.0.1/octo/shop"])
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    shown = await team_syncs.show()
    assert (await team_syncs.sizes())["web"] == 9
    assert await team_syncs.repositories() == {"mobile": 1}
    assert shown["report"]["repositories"]["set_manually"] == 1
    assert {each["name"]: each["set_manually"] for each in shown["report"]["teams"]} == {"server": False, "web": True}
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
    acme.fake.requests.clear()
    await team_syncs.work()
    sizes = await team_syncs.sizes()
    assert (sizes["web"], len(sizes)) == (230, 33)
    assert await team_syncs.repositories() == {"web": 1, "server": 1}
    # Two pages of repositories, two of teams, two more of members and repositories.
    assert len(acme.fake.requests) == 6


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
    assert shown["report"]["repositories"]["reassigned"] == 1
    waiting = await team_syncs.rows("SELECT DISTINCT day FROM settlement WHERE state = 'waiting'")
    assert [row["day"] for row in waiting] == [NOW.date()]
    started.merged_at = NOW
    await backfills.run()
    # What was merged before stays, what is merged from now on is the other's.
    assert await team_syncs.teams_of_pull_requests() == ["server", "web", "web", "default", "default"]
    await drain()
    acme.web.repositories["octo/shop"] = "ADMIN"
    shown = await team_syncs.run()
    assert shown["report"]["repositories"] | {"returned": 1, "shared": 2} == shown["report"]["repositories"]
    assert (await team_syncs.teams_of_pull_requests())[0] == "default"
    await drain()


async def test_a_team_that_is_gone_is_of_unknown_size_and_has_no_repository_any_more(
    team_syncs: TeamSyncs, acme: Acme
) -> None:
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    acme.fake.teams.organizations["octo"].remove(acme.web)
    shown = await team_syncs.run()
    assert shown["report"]["deleted_at_forge"] == 1
    assert await team_syncs.sizes() == {"default": None, "web": None, "server": 2}
    # The server's team is the only one of the api now; of the shop there is none.
    assert await team_syncs.repositories() == {"server": 1, "default": 1}


async def test_left_out_teams_are_reported_and_not_created(team_syncs: TeamSyncs, acme: Acme) -> None:
    await team_syncs.switch(acme.connection, excluded=["@Octo/Web"])
    await team_syncs.work()
    shown = await team_syncs.show()
    assert (shown["excluded"], shown["report"]["excluded"]) == (1, 1)
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


async def test_teams_beyond_the_limit_are_reported_and_not_created(team_syncs: TeamSyncs, acme: Acme) -> None:
    settings = team_syncs.context.settings.model_copy(update={"team_limit": 2})
    team_syncs.context = replace(team_syncs.context, settings=settings)
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    assert (await team_syncs.show())["report"]["over_limit"] == 1
    assert await team_syncs.sizes() == {"default": None, "server": 2}


async def test_teams_in_two_connections_are_counted_by_the_first(
    team_syncs: TeamSyncs, acme: Acme, backfills: Backfills
) -> None:
    other = (await backfills.connect("github", acme.url, None))["id"]
    await team_syncs.ask("PUT", f"connections/{other}/token", {"token": TOKEN})
    await team_syncs.switch(acme.connection)
    await team_syncs.work()
    await team_syncs.switch(other)
    await team_syncs.work()
    shown = {each["connection"]: each for each in (await team_syncs.ask("GET", "team-syncs"))["items"]}
    assert (shown[other]["report"]["of_other_connections"], shown[other]["report"]["teams"]) == (2, [])
    assert await team_syncs.sizes() == {"default": None, "web": 3, "server": 2}
