"""The overview's facts are those of the REST endpoints."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx

from schema.database import Database
from service.dashboard.components.fates import FATES
from service.dashboard.overview.facts import OverviewFacts
from service.dashboard.overview.reading import read_overview
from service.dashboard.shell.opening import Opened
from service.dashboard.view.view import read_view
from service.queries.ledger.calibrations import read_calibrations
from service.queries.teams.comparisons import Thresholds
from service.queries.teams.teams import find_team
from service.queries.upkeep.freshness import read_freshness
from tests.harness.organization import Organization
from vocabulary.tokens import NANO_USD

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PARAMETERS = ("period", "compare", "team", "unit", "price")
PERIOD = {"from": "2026-08-31", "to": "2026-11-22"}


@asynccontextmanager
async def opened(database: Database, organization: Organization, **query: str) -> AsyncIterator[Opened]:
    view = read_view("/", query.items(), PARAMETERS, NOW.date())
    async with database.organization(organization.organization_id) as tenant:
        team_id = await find_team(tenant, view.team) if view.team else None
        freshness, calibrations = await read_freshness(tenant), await read_calibrations(tenant)
        yield Opened(tenant, view, team_id, Thresholds(), freshness, NOW, "", "http://here", calibrations)


async def facts_of(database: Database, organization: Organization, **query: str) -> OverviewFacts:
    async with opened(database, organization, **query) as page:
        return await read_overview(page, is_compared=True)


async def test_spend_and_its_fate_by_week_are_those_of_the_endpoint(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    facts = await facts_of(database, organization)
    asked = {**PERIOD, "group_by": "fate", "bucket": "week"}
    rows = (await company.get("/api/v1/spend", params=asked)).json()["items"]
    reported = {
        (date.fromisoformat(row["period_start"]), row["fate"]): (
            row["figures"]["tokens"]["total"],
            int(Decimal(row["figures"]["cost_usd"]) * NANO_USD),
        )
        for row in rows
    }
    async with opened(database, organization) as page:
        slots = page.view.period.slots
    shown = {
        (slot.span.first, fate): (fates[fate].tokens.total, fates[fate].nano_usd)
        for slot, fates in zip(slots, facts.fates, strict=True)
        for fate in FATES
        if fates[fate].tokens.total
    }
    assert shown == reported
    assert len({week for week, _ in shown}) == 2


async def test_merges_are_those_of_the_metric(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    facts = await facts_of(database, organization)
    asked = {**PERIOD, "bucket": "total", "group_by": "team"}
    [row] = (await company.get("/api/v1/metrics/tokens-per-pr", params=asked)).json()["items"]
    assert sum(each.pull_requests for each in facts.merged) == row["merged_pull_requests"] == 2
    assert sum(each.tokens for each in facts.merged) == row["tokens"]["total"] == facts.evidence.tokens
    assert sum(each.nano_usd for each in facts.merged) == int(Decimal(row["cost_usd"]) * NANO_USD)
    interval = facts.evidence.interval
    assert interval is None or row["interval"] is None or interval == (row["interval"]["low"], row["interval"]["high"])


async def test_every_token_received_is_in_a_part(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    facts = await facts_of(database, organization)
    ledger = (await company.get("/api/v1/ledger", params=PERIOD)).json()
    settled = sum(amount.tokens.total for fates in facts.fates[:-1] for amount in fates.values())
    assert facts.received == settled == ledger["received"]["total"] == 1_500_105
    assert facts.is_settled


async def test_the_dearest_come_with_their_evidence(
    company: httpx.AsyncClient,  # noqa: ARG001 - only its data is wanted
    database: Database,
    organization: Organization,
) -> None:
    facts = await facts_of(database, organization)
    assert [each.team for each in facts.dearest] == ["web", "web"]
    assert all(each.evidence.branch > 0.5 for each in facts.dearest)
    assert facts.linked["branch"] == 1_000_070


async def test_a_team_known_to_be_too_small_is_withheld_beside_another(
    company: httpx.AsyncClient,
    database: Database,
    organization: Organization,
    drain: Callable[[], Awaitable[None]],
) -> None:
    await company.post("/api/v1/teams", json={"name": "web", "size": 3})
    assert (await facts_of(database, organization, team="web")).withheld == "", "it is the only one"
    event = {
        "event_id": "elsewhere",
        "occurred_at": "2026-11-17T12:30:00Z",
        "source": "claude-code",
        "model": "claude-sonnet-4-5",
        "team": "mobile",
        "tokens": {"input_uncached": 100},
    }
    await company.post("/api/v1/token-events", json={"items": [event]})
    await drain()
    facts = await facts_of(database, organization, team="web")
    assert facts.withheld == Thresholds().too_few_people
    assert facts.dearest == ()


async def test_an_organization_sees_nothing_of_another(
    company: httpx.AsyncClient,  # noqa: ARG001 - only its data is wanted
    database: Database,
    other_organization: Organization,
) -> None:
    async with opened(database, other_organization) as page:
        assert page.freshness.first_day is None
        assert not page.freshness.has_tokens
        facts = await read_overview(page, is_compared=True)
    assert not any(amount.tokens.total for fates in facts.fates for amount in fates.values())
    assert facts.dearest == []
