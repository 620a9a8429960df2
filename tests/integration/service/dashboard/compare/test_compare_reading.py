"""Comparisons add up to the figures of the REST endpoints, and withhold as they do."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import httpx

from schema.database import Database
from service.dashboard.compare.facts import Compared, CompareFacts, sum_up
from service.dashboard.compare.reading import read_comparison
from service.dashboard.shell.opening import Opened
from service.dashboard.view.view import read_view
from service.queries.ledger.calibrations import read_calibrations
from service.queries.teams.comparisons import Thresholds
from service.queries.teams.teams import find_team
from service.queries.upkeep.freshness import read_freshness
from tests.harness.organization import Organization
from vocabulary.tokens import NANO_USD

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PARAMETERS = ("period", "compare", "team", "price", "sort")
PERIOD = {"from": "2026-08-31", "to": "2026-11-22"}


@asynccontextmanager
async def opened(
    database: Database, organization: Organization, least: Thresholds, **query: str
) -> AsyncIterator[Opened]:
    view = read_view("/compare/team", query.items(), PARAMETERS, NOW.date())
    async with database.organization(organization.organization_id) as tenant:
        team_id = await find_team(tenant, view.team) if view.team else None
        freshness, calibrations = await read_freshness(tenant), await read_calibrations(tenant)
        yield Opened(tenant, view, team_id, least, freshness, NOW, "", "http://here", calibrations)


async def facts_of(
    database: Database,
    organization: Organization,
    dimension: Compared,
    least: Thresholds = Thresholds(5, 1),  # noqa: B008 - a value that never changes
    **query: str,
) -> CompareFacts:
    async with opened(database, organization, least, **query) as page:
        return await read_comparison(page, dimension, is_compared=True)


async def test_teams_and_repositories_add_up_to_the_metric(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    asked = {**PERIOD, "bucket": "total", "group_by": "team"}
    [row] = (await company.get("/api/v1/metrics/tokens-per-pr", params=asked)).json()["items"]
    spent = (await company.get("/api/v1/spend", params={**PERIOD, "bucket": "total"})).json()["total"]["figures"]
    for dimension in ("team", "repository"):
        facts = await facts_of(database, organization, dimension)
        whole = sum_up("All", facts.groups)
        assert whole.merged.pull_requests == row["merged_pull_requests"] == 2
        assert whole.merged.tokens == row["tokens"]["total"] == whole.evidence.tokens
        assert whole.merged.nano_usd == int(Decimal(row["cost_usd"]) * NANO_USD)
        assert whole.spent == facts.fated.spent == int(Decimal(spent["cost_usd"]) * NANO_USD)
        assert sum(each.shipped or 0 for each in facts.groups) == facts.fated.shipped > 0
        assert facts.is_settled


async def test_weeks_of_a_team_hold_what_it_merged(
    company: httpx.AsyncClient,  # noqa: ARG001 - only its data is wanted
    database: Database,
    organization: Organization,
) -> None:
    [web] = (await facts_of(database, organization, "team")).groups
    assert [week is None for week in web.weeks] == [*([True] * 10), False, False]
    assert web.name == "web"
    for query in ({}, {"team": "web"}):
        by_name = {each.name: each for each in (await facts_of(database, organization, "repository", **query)).groups}
        merged = [each for each in by_name.values() if each.merged.pull_requests]
        assert merged
        for each in merged:
            assert [week is None for week in each.weeks][:10] == [True] * 10
            assert any(week is not None for week in each.weeks[10:])


async def test_a_small_team_is_withheld_and_the_next_smallest_joins_it(
    company: httpx.AsyncClient,
    database: Database,
    organization: Organization,
    drain: Callable[[], Awaitable[None]],
) -> None:
    await company.post("/api/v1/teams", json={"name": "web", "size": 3})
    assert (await facts_of(database, organization, "team")).reasons == {}, "it is the only one"
    events = [
        {
            "event_id": f"of-{team}",
            "occurred_at": "2026-11-17T12:30:00Z",
            "source": "claude-code",
            "model": "claude-sonnet-4-5",
            "team": team,
            "tokens": {"input_uncached": 100},
        }
        for team in ("mobile", "search")
    ]
    await company.post("/api/v1/token-events", json={"items": events})
    await drain()
    facts = await facts_of(database, organization, "team")
    assert len(facts.groups) == 3
    assert len(facts.reasons) == 2, "one more than the small team"
    assert facts.reasons["web"] == Thresholds().too_few_people
    assert (await facts_of(database, organization, "repository", team="web")).withheld == Thresholds().too_few_people
    async with opened(database, organization, Thresholds(3, 1)) as page:
        assert (await read_comparison(page, "team", is_compared=True)).reasons == {}


async def test_an_organization_sees_nothing_of_another(
    company: httpx.AsyncClient,  # noqa: ARG001 - only its data is wanted
    database: Database,
    other_organization: Organization,
) -> None:
    for dimension in ("team", "repository"):
        assert (await facts_of(database, other_organization, dimension)).groups == []
