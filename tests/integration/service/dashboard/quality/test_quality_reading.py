"""The facts of data quality are those of coverage and ledger, without a scan of single rows."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import httpx

from schema.database import Database
from schema.work_rows import WorkKind
from service.dashboard.quality.facts import QualityFacts
from service.dashboard.quality.reading import read_quality
from service.dashboard.shell.opening import Opened
from service.dashboard.view.view import read_view
from service.queries.ledger.calibrations import read_calibrations
from service.queries.teams.comparisons import Thresholds
from service.queries.teams.teams import find_team
from service.queries.upkeep.freshness import read_freshness
from tests.harness.organization import Organization

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PERIOD = {"from": "2026-08-31", "to": "2026-11-22"}


async def facts_of(database: Database, organization: Organization, **query: str) -> QualityFacts:
    view = read_view("/quality", query.items(), ("period", "compare", "team"), NOW.date())
    async with database.organization(organization.organization_id) as tenant:
        team_id = await find_team(tenant, view.team) if view.team else None
        freshness, calibrations = await read_freshness(tenant), await read_calibrations(tenant)
        page = Opened(tenant, view, team_id, Thresholds(), freshness, NOW, "", "http://here", calibrations)
        return await read_quality(page, is_compared=True)


async def test_the_ledger_and_the_links_are_those_of_the_endpoints(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    facts = await facts_of(database, organization)
    ledger = (await company.get("/api/v1/ledger", params=PERIOD)).json()
    assert (facts.tokens, facts.difference) == (ledger["received"]["total"], 0)
    evidence = (await company.get("/api/v1/coverage", params=PERIOD)).json()["evidence"]
    assert {kind: tokens / facts.tokens for kind, tokens in facts.linked.items()} == {
        kind: share for kind, share in evidence.items() if share
    }
    assert sum(sum(each.values()) for each in facts.links) == facts.tokens
    assert facts.unpriced == {}
    assert (facts.teams, facts.withheld_teams) == (await one_team(database, organization), {})


async def one_team(database: Database, organization: Organization) -> list[object]:
    """Return the team alone, which is not compared with any other."""
    [team] = (await facts_of(database, organization)).teams
    assert team.team == "web"
    assert 0 < team.share <= 1
    return [team]


async def test_the_last_requests_say_who_was_heard_and_what_they_name(
    company: httpx.AsyncClient, database: Database, organization: Organization, drain: Callable[[], Awaitable[None]]
) -> None:
    event = {
        "event_id": "elsewhere",
        "occurred_at": "2026-11-17T12:30:00Z",
        "source": "codex",
        "model": "gpt-5",
        "team": "web",
        "repository": "github.com/octo-org/other-repo",
        "tokens": {"input_uncached": 77},
    }
    await company.post("/api/v1/token-events", json={"items": [event]})
    await drain()
    facts = await facts_of(database, organization)
    by_source = {each.source: each for each in facts.requests}
    assert {name: each.requests for name, each in by_source.items()} == {"claude-code": 5, "codex": 1, "": 6}
    assert (by_source["claude-code"].with_branch, by_source["codex"].with_repository) == (4, 1)
    assert (facts.repositories.named, facts.repositories.unknown, facts.repositories.tokens) == (2, 1, 77)
    assert set(facts.known) == {"claude-code", "codex"}
    assert facts.layers["codex"] == "agent"


async def test_tokens_that_are_not_folded_yet_are_on_their_way_and_no_defect(
    company: httpx.AsyncClient, database: Database, organization: Organization, drain: Callable[[], Awaitable[None]]
) -> None:
    event = {
        "event_id": "late",
        "occurred_at": "2026-11-17T12:30:00Z",
        "source": "claude-code",
        "model": "claude-sonnet-4-5",
        "team": "web",
        "tokens": {"input_uncached": 77},
    }
    await company.post("/api/v1/token-events", json={"items": [event]})
    facts = await facts_of(database, organization)
    assert (facts.is_settled, facts.difference, facts.received - facts.tokens) == (False, None, 77)
    await drain()
    facts = await facts_of(database, organization)
    assert (facts.is_settled, facts.difference) == (True, 0)


async def test_lost_tokens_are_a_difference(
    company: httpx.AsyncClient,  # noqa: ARG001 - only its data is wanted
    database: Database,
    organization: Organization,
) -> None:
    change = "UPDATE intake_total SET input_uncached = input_uncached + $2 WHERE organization_id = $1"
    for lost in (5, -5):
        async with database.organization(organization.organization_id) as tenant:
            await tenant.execute(f"{change} AND day = '2026-11-17'", lost)
        assert (await facts_of(database, organization)).difference == max(lost, 0)


async def test_dead_letters_and_silent_forges_are_counted(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await company.post("/api/v1/connections", json={"forge": "github"})
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute("UPDATE settlement SET state = 'dead' WHERE organization_id = $1 AND day = '2026-11-10'")
    facts = await facts_of(database, organization)
    assert facts.dead == {WorkKind.SETTLEMENT: 1}
    assert [(each.name, each.at) for each in facts.forges] == [("GitHub", None)]
    assert len(facts.limits) == 1


async def test_a_small_team_beside_others_is_withheld(
    company: httpx.AsyncClient, database: Database, organization: Organization, drain: Callable[[], Awaitable[None]]
) -> None:
    await company.post("/api/v1/teams", json={"name": "web", "size": 3})
    event = {
        "event_id": "mobile",
        "occurred_at": "2026-11-17T12:30:00Z",
        "source": "codex",
        "model": "gpt-5",
        "team": "mobile",
        "tokens": {"input_uncached": 100},
    }
    await company.post("/api/v1/token-events", json={"items": [event]})
    await drain()
    assert (await facts_of(database, organization, team="web")).withheld == Thresholds().too_few_people
    assert (await facts_of(database, organization)).teams == []


async def test_an_organization_sees_nothing_of_another(
    company: httpx.AsyncClient,  # noqa: ARG001 - only its data is wanted
    database: Database,
    other_organization: Organization,
) -> None:
    facts = await facts_of(database, other_organization)
    assert (facts.tokens, facts.requests, facts.known, facts.teams) == (0, [], {}, [])


async def test_the_page_opens_and_has_a_table(signed_in: httpx.AsyncClient) -> None:
    assert "Good enough for" in (await signed_in.get("/quality")).text
    rows = (await signed_in.get("/quality.json?team=web&compare=none")).json()["items"]
    assert set(rows[0]) >= {"first_day", "commit_tokens", "cohort_tokens"}
    assert (await signed_in.get("/quality?unit=tokens")).status_code == 400
