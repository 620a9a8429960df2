"""The page's facts are those of the REST endpoints."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from decimal import Decimal

import httpx

from schema.database import Database
from service.dashboard.facts import Amount, PageFacts
from service.dashboard.reading import read_facts, shown_weeks
from service.queries.teams.comparisons import Thresholds
from tests.harness.organization import Organization
from tests.integration.service.dashboard.conftest import NOW
from vocabulary.tokens import NANO_USD

OF_ANOTHER_TEAM = {
    "event_id": "elsewhere",
    "occurred_at": "2026-11-17T12:30:00Z",
    "source": "claude-code",
    "model": "claude-sonnet-4-5",
    "team": "mobile",
    "tokens": {"input_uncached": 100},
}


async def facts_of(database: Database, organization: Organization) -> PageFacts:
    async with database.organization(organization.organization_id) as tenant:
        return await read_facts(tenant, NOW, Thresholds())


async def test_figures_by_week_are_those_of_the_metric(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    facts = await facts_of(database, organization)
    period = {"from": facts.weeks[0].isoformat(), "to": facts.last_day.isoformat()}
    rows = (await company.get("/api/v1/metrics/tokens-per-pr", params=period)).json()["items"]
    reported = {
        (row["team"], date.fromisoformat(row["period_start"])): (
            row["merged_pull_requests"],
            row["tokens"]["total"],
            int(Decimal(row["cost_usd"]) * NANO_USD),
        )
        for row in rows
        if row["merged_pull_requests"]
    }
    shown = {
        (team.name, week): (merges.merged, merges.amount.tokens, merges.amount.nano_usd)
        for team in facts.teams
        for week, merges in zip(facts.weeks, team.weeks, strict=True)
        if merges.merged
    }
    assert shown == reported
    assert set(shown) == {("web", date(2026, 11, 9)), ("web", date(2026, 11, 16))}
    assert facts.period.merged == 2
    assert facts.period.amount.tokens == sum(tokens for _, tokens, _ in shown.values()) > 300_000


async def test_the_ledger_is_that_of_the_endpoint(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    facts = await facts_of(database, organization)
    period = {"from": facts.weeks[0].isoformat(), "to": facts.last_day.isoformat()}
    reported = (await company.get("/api/v1/ledger", params=period)).json()
    for part in ("received", "merged", "in_flight", "abandoned", "overhead", "pending", "difference"):
        amount: Amount = getattr(facts.ledger, part)
        assert (amount.tokens, amount.nano_usd) == (
            reported[part]["total"],
            int(Decimal(reported[part]["cost_usd"]) * NANO_USD),
        )
    assert facts.ledger.difference == Amount()
    assert facts.ledger.received.tokens == 1_500_105
    assert facts.ledger.settled == 1_500_105
    assert facts.ledger.merged.tokens >= 300_021
    assert facts.ledger.in_flight.tokens >= 300_021
    assert facts.ledger.abandoned.tokens >= 400_028


async def test_evidence_is_of_tokens_on_pull_requests_only(
    company: httpx.AsyncClient,  # noqa: ARG001 - only its data is wanted
    database: Database,
    organization: Organization,
) -> None:
    facts = await facts_of(database, organization)
    assert facts.evidence["branch"] == 1_000_070
    assert sum(facts.evidence.values()) == facts.ledger.settled - facts.ledger.overhead.tokens
    assert "overhead" not in facts.evidence


async def test_set_up_lists_what_is_missing(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    before = (await facts_of(database, organization)).set_up
    assert (before.connections, before.pull_requests, before.token_requests) == (0, 4, 5)
    assert before.teams_without_size == ("web",)
    await company.post("/api/v1/connections", json={"forge": "github"})
    await company.post("/api/v1/teams", json={"name": "web", "size": 6})
    after = (await facts_of(database, organization)).set_up
    assert after.connections == 1
    assert after.teams_without_size == ()


async def test_a_team_known_to_be_too_small_is_withheld(
    company: httpx.AsyncClient,
    database: Database,
    organization: Organization,
    drain: Callable[[], Awaitable[None]],
) -> None:
    await company.post("/api/v1/teams", json={"name": "web", "size": 3})
    assert [team.withheld for team in (await facts_of(database, organization)).teams] == [None], "it is the only one"
    await company.post("/api/v1/token-events", json={"items": [OF_ANOTHER_TEAM]})
    await drain()
    assert [team.withheld for team in (await facts_of(database, organization)).teams] == [Thresholds().too_few_people]


async def test_what_was_spent_in_a_week_is_that_of_the_ledger(
    company: httpx.AsyncClient,  # noqa: ARG001 - only its data is wanted
    database: Database,
    organization: Organization,
) -> None:
    facts = await facts_of(database, organization)
    assert facts.period.spent == facts.ledger.received
    assert sum(week.spent.nano_usd for week in facts.all_weeks) == facts.ledger.received.nano_usd


async def test_an_organization_sees_nothing_of_another(
    company: httpx.AsyncClient,  # noqa: ARG001 - only its data is wanted
    database: Database,
    other_organization: Organization,
) -> None:
    facts = await facts_of(database, other_organization)
    assert facts.is_empty
    assert facts.teams == ()
    assert facts.ledger.received == Amount()


def test_the_weeks_end_with_the_present_one_unless_everything_is_older() -> None:
    today = date(2026, 11, 19)
    monday = date(2026, 11, 16)
    assert shown_weeks(today, None)[-1] == monday
    assert shown_weeks(today, today)[0] == monday - timedelta(weeks=7)
    assert shown_weeks(today, today - timedelta(weeks=7))[-1] == monday
    assert shown_weeks(today, date(2025, 3, 5))[-1] == date(2025, 3, 3)
    assert shown_weeks(today, date(2027, 1, 5))[-1] == monday
