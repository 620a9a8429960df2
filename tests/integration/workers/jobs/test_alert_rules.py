"""Each rule of alerts, in a company where each has one reason to fire, and in one where nothing is unusual.

Days pass one by one, as they do for a worker.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

import httpx
import numpy as np
import pytest

from schema.database import Database, Tenant
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.jobs.watch_spend import watch_until
from workers.statistics.spend_watch import period_days

Store: TypeAlias = Callable[[bool], Awaitable[None]]

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
DAYS, STEP, UNLINKED = 112, 7, 13
WATCHED_DAYS = [YESTERDAY - timedelta(days=age) for age in range(10, -1, -1)]
WEEKDAYS = (1.0, 1.1, 1.05, 1.0, 0.9, 0.1, 0.1)
DOLLAR = 10**9
TEAMS = ("calm", "upgraded", "thinking", "uncached", "unlinked", "growing", "silent", "strayed", "busier")

_TEAM = "INSERT INTO team (organization_id, team_id, name, size) VALUES ($1, $2, $3, 8)"
_SPEND = """
INSERT INTO spend_day (organization_id, team_id, day, cell, provider, model, workflow, context_tier, prompt_template,
                       repository_id, feature, stage, evidence, requests, list_nano_usd, input_uncached, cache_read,
                       output_visible, output_reasoning)
VALUES ($1, $2, $3, $4, 'anthropic', $5, 'support', '', $6, '', '', 'in_flight', $7, $8, $9, $10, $11, $12, $13)
"""
_RECEIVED = """
INSERT INTO intake_total (organization_id, team_id, day, requests, input_uncached) VALUES ($1, $2, $3, $4, $5)
"""
_WINDOW = """
INSERT INTO token_window (organization_id, team_id, hour, window_id, source, provider, model, model_family,
                          context_tier, workflow, prompt_template, requests, input_uncached, cost_nano_usd)
VALUES ($1, $2, $3, 'window', 'codex', 'openai', 'gpt-5', 'gpt-5', '', '', '', 1, 1000, 1000000000)
"""


class Cell(NamedTuple):
    """A row of `spend_day`."""

    team_id: int
    day: date
    cell: int
    model: str
    prompt: str
    evidence: str
    requests: int
    nano_usd: int
    uncached: int
    cached: int
    visible: int
    reasoning: int


def team_id(name: str) -> int:
    return 1_001 + TEAMS.index(name)


def cells(name: str, *, is_unusual: bool) -> Iterator[Cell]:
    """The days of a team; what is unusual about it begins STEP days ago, or grows all the time."""
    random = np.random.default_rng(team_id(name))
    for age in range(DAYS):
        day = YESTERDAY - timedelta(days=age)
        is_new = is_unusual and age < STEP
        if name == "silent" and is_new:
            continue
        for cell, evidence in enumerate(("branch", "cohort")):
            requests = round(400 * WEEKDAYS[day.weekday()] * random.lognormal(0, 0.08))
            requests *= 4 if name == "busier" and is_new else 1
            linked = name == "unlinked" and is_unusual and age < UNLINKED
            upgraded = name == "upgraded" and is_new
            inputs = 1_000 * requests * (1.03 ** ((DAYS - age) / 7) if name == "growing" and is_unusual else 1)
            cached = 0.3 if name == "uncached" and is_new else 0.7
            thought = 0.7 if name == "thinking" and is_new else 0.3
            yield Cell(
                *(team_id(name), day, cell),
                "claude-sonnet-5" if upgraded else "claude-sonnet-4-5",
                f"{name}/1",
                "cohort" if linked else evidence,
                requests,
                requests * DOLLAR // 100 * (3 if upgraded else 1),
                *(round(inputs * (1 - cached)), round(inputs * cached)),
                *(round(200 * requests * (1 - thought)), round(200 * requests * thought)),
            )


async def fill(tenant: Tenant, *, is_unusual: bool) -> None:
    """Store only what the rules read: months of events would take long to settle."""
    rows = [cell for name in TEAMS for cell in cells(name, is_unusual=is_unusual)]
    organization_id = tenant.organization_id
    await tenant.connection.executemany(_TEAM, [(organization_id, team_id(name), name) for name in TEAMS])
    await tenant.connection.executemany(_SPEND, [(organization_id, *row) for row in rows])
    received: dict[tuple[int, date], int] = {}
    for row in rows:
        received[row.team_id, row.day] = received.get((row.team_id, row.day), 0) + row.requests
    totals = [(organization_id, *key, requests, 1_000 * requests) for key, requests in received.items()]
    await tenant.connection.executemany(_RECEIVED, totals)
    if is_unusual:
        noon = datetime.combine(YESTERDAY - timedelta(days=2), datetime.min.time(), UTC) + timedelta(hours=12)
        await tenant.execute(_WINDOW, team_id("strayed"), noon)


class Company:
    """An organization whose days are watched, and its API."""

    def __init__(self, client: httpx.AsyncClient, organization: Organization, context: WorkerContext) -> None:
        self.client, self.organization, self.context = client, organization, context

    async def watch(self, days: list[date]) -> None:
        for day in days:
            await watch_until(self.context, self.organization.organization_id, day)

    async def alerts(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.get("alerts?limit=100"))["items"]
        return items

    async def get(self, path: str) -> Any:
        answer = await self.client.get(f"/api/v1/{path}", headers=self.organization.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any) -> None:
        answer = await self.client.post(f"/api/v1/{path}", json=body, headers=self.organization.headers)
        assert answer.is_success, answer.text


@pytest.fixture
def company(client: httpx.AsyncClient, organization: Organization, worker_context: WorkerContext) -> Company:
    return Company(client, organization, worker_context)


@pytest.fixture
async def stored(company: Company, database: Database) -> AsyncIterator[Store]:
    """Return a function that stores what the rules read. It is removed at the end, as no ledger holds it."""

    async def store(is_unusual: bool) -> None:
        async with database.organization(company.organization.organization_id) as tenant:
            await fill(tenant, is_unusual=is_unusual)

    yield store
    async with database.organization(company.organization.organization_id) as tenant:
        for table in ("spend_day", "token_window", "intake_total"):
            await tenant.execute(f"DELETE FROM {table} WHERE organization_id = $1")


async def test_each_rule_fires_once_and_names_its_team_and_reason(company: Company, stored: Store) -> None:
    await stored(True)
    await company.post("policies", {"team": "strayed", "providers": ["anthropic"]})
    await company.post("budgets", {"period": "quarter", "usd": "1", "team": "calm"})
    await company.watch(WATCHED_DAYS)

    found = await company.alerts()
    quarters = {period_days("quarter", day)[0] for day in WATCHED_DAYS}
    assert Counter(each["kind"] for each in found) == {
        **dict.fromkeys(("reasoning_share", "cache_share", "linked_share", "input_growth", "policy", "silence"), 1),
        "rise": 2,
        "budget": len(quarters),
    }
    alerts = {each["kind"]: each for each in found}
    subjects = {kind: (each["team"], each["subject"]) for kind, each in alerts.items() if kind != "rise"}
    assert subjects == {
        "reasoning_share": ("thinking", "team thinking"),
        "cache_share": ("uncached", "team uncached"),
        "linked_share": ("unlinked", "team unlinked"),
        "input_growth": (None, "prompt growing/1"),
        "policy": ("strayed", "provider openai"),
        "silence": ("silent", "team silent"),
        "budget": ("calm", "quarter 100 %"),
    }
    assert all(each["sentence"] and each["link"].startswith("/spend?period=") for each in found)
    assert alerts["cache_share"]["before"] == pytest.approx(0.7, abs=0.02)
    assert alerts["cache_share"]["after"] < 0.6


async def test_two_rises_at_once_are_two_alerts_that_name_the_change_and_the_parts(
    company: Company, stored: Store
) -> None:
    await stored(True)
    upgrade = {"kind": "model", "from_value": "claude-sonnet-4-5", "to_value": "claude-sonnet-5", "team": "upgraded"}
    occurred_at = f"{YESTERDAY - timedelta(days=STEP - 1)}T00:00:00Z"
    await company.post("changes", {"items": [{**upgrade, "occurred_at": occurred_at}]})
    await company.watch(WATCHED_DAYS)

    rises = [each for each in await company.alerts() if each["kind"] == "rise"]
    rise, busier = sorted(rises, key=lambda each: each["cause"] != "model claude-sonnet-5")
    parts = {each["subject"]: {name: Decimal(part) for name, part in each["causes"].items()} for each in rises}
    for each in rises:
        assert sum(parts[each["subject"]].values()) == Decimal(each["spent_usd"]) - Decimal(each["usual_usd"])
    assert "team busier" in {busier["subject"], busier["cause"]}
    assert max(parts[busier["subject"]], key=parts[busier["subject"]].get) == "volume_usd"
    assert rise["cause"] == "model claude-sonnet-5"
    day = date.fromisoformat(occurred_at[:10])
    said = f"The model changed from claude-sonnet-4-5 to claude-sonnet-5 for team upgraded on {day.day} {day:%b %Y}."
    assert rise["sentence"].split(". ")[1] + "." == said
    assert rise["began_on"] == day.isoformat()
    assert max(parts[rise["subject"]], key=parts[rise["subject"]].get) == "model_mix_usd"


async def test_nothing_fires_in_a_company_where_nothing_is_unusual(company: Company, stored: Store) -> None:
    await stored(False)
    await company.post("policies", {"providers": ["anthropic"], "models": ["claude-*"]})
    await company.post("budgets", {"period": "quarter", "usd": "1000000"})
    await company.watch([YESTERDAY - timedelta(days=age) for age in range(27, -1, -1)])
    assert await company.alerts() == []


async def test_a_model_upgrade_that_was_found_in_tokens_explains_the_rise(
    company: Company, drain: Callable[[], Awaitable[None]]
) -> None:
    events = [event(age) for age in range(70)]
    await company.post("token-events", {"items": events})
    await drain()
    await company.watch([YESTERDAY])
    (rise,) = await company.alerts()
    assert (rise["kind"], rise["cause"]) == ("rise", "model gpt-5.1")
    assert "The model changed from gpt-5 to gpt-5.1 for team default on " in rise["sentence"]
    (change,) = (await company.get("changes"))["items"]
    assert (change["source"], change["found"], change["to_value"]) == ("found", True, "gpt-5.1")
    assert change["occurred_at"][:10] == rise["began_on"]


def event(age: int) -> dict[str, Any]:
    """The tokens of a day: three times as many since STEP days, with the next model."""
    day, is_new = YESTERDAY - timedelta(days=age), age < STEP
    tokens = round(1_000_000 * WEEKDAYS[day.weekday()] * (1 + age % 5 / 50)) * (3 if is_new else 1)
    return {
        "event_id": f"day-{age}",
        "occurred_at": f"{day}T12:00:00Z",
        "source": "codex",
        "provider": "openai",
        "model": "gpt-5.1" if is_new else "gpt-5",
        "tokens": {"input_uncached": tokens, "output_visible": tokens},
    }
