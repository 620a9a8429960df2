"""The facts of spend are those of the REST endpoints, for every part that an address can name."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest

from schema.database import Database
from service.dashboard.components.fates import FATES
from service.dashboard.shell.opening import Opened
from service.dashboard.spend.facts import SpendFacts
from service.dashboard.spend.reading import read_spend
from service.dashboard.view.view import FILTERS, read_view
from service.queries.teams.comparisons import Thresholds
from service.queries.teams.teams import find_team
from service.queries.upkeep.freshness import read_freshness
from tests.harness.organization import Organization
from vocabulary.tokens import NANO_USD
from workers.alert_rules.words import link
from workers.statistics.leading_causes import Candidate

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PARAMETERS = ("period", "compare", *FILTERS, "unit", "price")
PERIOD = {"from": "2026-08-31", "to": "2026-11-22"}


async def facts_of(database: Database, organization: Organization, **query: str) -> SpendFacts:
    view = read_view("/spend", query.items(), PARAMETERS, NOW.date())
    async with database.organization(organization.organization_id) as tenant:
        team_id = await find_team(tenant, view.team) if view.team else None
        freshness = await read_freshness(tenant)
        opened = Opened(tenant, view, team_id, Thresholds(), freshness, NOW, "", "http://here")
        return await read_spend(opened, is_compared=True)


def total(facts: SpendFacts) -> int:
    return sum(fates[fate].nano_usd for fates in facts.fates for fate in FATES)


async def test_all_spend_is_that_of_the_endpoint_and_its_causes_add_up(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    facts = await facts_of(database, organization)
    reported = (await company.get("/api/v1/spend", params=PERIOD)).json()["total"]["figures"]
    assert total(facts) == int(Decimal(reported["cost_usd"]) * NANO_USD)
    change = (await company.get("/api/v1/spend/change", params=PERIOD)).json()
    assert facts.list_after - facts.list_before == int(Decimal(change["change_usd"]) * NANO_USD)
    assert facts.causes is not None
    assert sum(facts.causes) == facts.list_after - facts.list_before
    assert {name: pair.now.nano_usd for name, pair in facts.by_model.items()} == {"claude-sonnet-4-5": total(facts)}


@pytest.mark.parametrize(
    "query",
    [
        {"team": "web"},
        {"model": "claude-sonnet-4-5"},
        {"provider": "anthropic"},
        {"team": "web", "model": "claude-sonnet-4-5"},
        {"team": "web", "workflow": "ci", "model": ""},
        {"workflow": "ci"},
        {"prompt": "review"},
        {"feature": "nosuch"},
        {"repository": "github.com/octo-org/octo-repo"},
        {"team": "web", "prompt": "review"},
    ],
)
async def test_a_part_of_spend_is_never_more_than_all(
    company: httpx.AsyncClient,
    database: Database,
    organization: Organization,
    drain: Callable[[], Awaitable[None]],
    query: dict[str, str],
) -> None:
    event = {
        "event_id": "tagged",
        "occurred_at": "2026-11-17T12:30:00Z",
        "source": "claude-code",
        "model": "claude-haiku-4-5",
        "team": "web",
        "workflow": "ci",
        "prompt_template": "review",
        "tokens": {"input_uncached": 100_000},
    }
    answer = await company.post("/api/v1/token-events", json={"items": [event]})
    assert answer.is_success, answer.text
    await drain()
    everything = await facts_of(database, organization)
    part = await facts_of(database, organization, **{name: value for name, value in query.items() if value})
    of_event = 100_000_000
    expected = {
        "team": total(everything),
        "provider": total(everything),
        "model": total(everything) - of_event,
        "workflow": of_event,
        "prompt": of_event,
        "feature": 0,
        "repository": 0,
    }[next(name for name in reversed(query) if query[name])]
    assert total(part) == expected
    assert sum(pair.now.nano_usd for pair in part.by_model.values()) == expected
    assert sum(pair.now.nano_usd for pair in part.by_workflow.values()) == expected


@pytest.mark.parametrize(
    ("subject", "team"),
    [
        (Candidate("", ""), None),
        (Candidate("team", "web"), None),
        (Candidate("model", "claude-sonnet-4-5"), "web"),
        (Candidate("prompt", "review"), None),
        (Candidate("workflow", "ci"), None),
        (Candidate("provider", "anthropic"), "web"),
        (Candidate("region", "eu"), "web"),
        (Candidate("feature", "checkout"), None),
    ],
)
async def test_the_link_of_every_alert_opens(
    signed_in: httpx.AsyncClient, subject: Candidate, team: str | None
) -> None:
    answer = await signed_in.get(link(subject, date(2026, 11, 1), date(2026, 11, 20), team))
    assert answer.status_code == 200, answer.text
    assert "spent" in answer.text


async def test_spend_answers_as_csv_and_json(signed_in: httpx.AsyncClient) -> None:
    table = await signed_in.get("/spend.csv?period=2026-11-01..2026-11-20")
    assert table.text.splitlines()[0].startswith("first_day,last_day,days_known,merged_usd")
    items = (await signed_in.get("/spend.json?period=2026-11-01..2026-11-20")).json()["items"]
    assert sum(Decimal(item["merged_usd"]) for item in items) > 0
    assert (await signed_in.get("/spend?model=a&workflow=b")).status_code == 400
