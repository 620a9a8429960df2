"""Spend is watched: from its days to alerts, forecasts and budgets in the API."""

import csv
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from schema.database import Database
from schema.queue import Job
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.jobs.watch_spend import watch_spend
from workers.statistics.spend_watch import period_days
from workers.stores.upkeep.due_work import find_due

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
DAYS, RISEN = 112, 6
DOLLAR = 10**9

# Two teams with two models each; a model of the second costs four times as much since some days.
_TEAMS = """
INSERT INTO team (organization_id, team_id, name, size) VALUES ($1, 1001, 'checkout', 8), ($1, 1002, 'web', 8)
"""
_SPEND = """
INSERT INTO spend_day (organization_id, team_id, day, cell, provider, model, workflow, context_tier, prompt_template,
                       repository_id, feature, stage, evidence, requests, list_nano_usd)
SELECT $1, 1001 + n % 2, $2::date - age, n, 'anthropic', CASE WHEN n < 2 THEN 'opus' ELSE 'sonnet' END, '', '', '', '',
       '', 'overhead', 'cohort', 10,
       1000000000::bigint * (90 + (age * (n + 7)) % 20) * CASE WHEN n = 1 AND age < $4::int THEN 4 ELSE 1 END
  FROM generate_series(0, 3) AS n, generate_series(0, $3::int - 1) AS age
"""

_WAITING = "INSERT INTO settlement (organization_id, team_id, day) VALUES ($1, 1001, $2)"


class Watched:
    """An organization whose spend can be watched, and its API."""

    def __init__(self, client: httpx.AsyncClient, organization: Organization, context: WorkerContext) -> None:
        self.client, self.organization, self.context = client, organization, context

    async def watch(self) -> None:
        await watch_spend(self.context, self.organization.organization_id)

    async def get(self, path: str) -> list[dict[str, Any]]:
        answer = await self.client.get(f"/api/v1/{path}", headers=self.organization.headers)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def post(self, path: str, body: Any, status: int = 200) -> Any:
        answer = await self.client.post(f"/api/v1/{path}", json=body, headers=self.organization.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def is_due(self) -> bool:
        settings = self.context.settings
        async with self.context.database.operator() as connection:
            due = await find_due(connection, settings.refit_pause, settings.estimate_pause)
        return (Job.WATCH_SPEND, self.organization.organization_id) in due


@pytest.fixture
async def watched(
    client: httpx.AsyncClient, database: Database, organization: Organization, worker_context: WorkerContext
) -> AsyncIterator[Watched]:
    """Store only what is watched: years of events would take long to settle. It is removed, as no ledger holds it."""
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute(_TEAMS)
        await tenant.execute(_SPEND, YESTERDAY, DAYS, RISEN)
    yield Watched(client, organization, worker_context)
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute("DELETE FROM spend_day WHERE organization_id = $1")


async def test_a_rise_is_one_alert_that_names_team_and_cause(watched: Watched) -> None:
    await watched.watch()
    rises = [each for each in await watched.get("alerts") if each["kind"] == "rise"]
    assert len(rises) == 1
    (alert,) = rises
    assert (alert["subject"], alert["cause"]) == ("organization", "team web")
    assert date.fromisoformat(alert["began_on"]) == YESTERDAY - timedelta(days=RISEN - 1)
    assert float(alert["spent_usd"]) > 1.3 * float(alert["usual_usd"])
    assert alert["sentence"].startswith(
        f"Spend of {alert['subject'].replace('organization', 'the organization')} since "
    )
    parts = sum(Decimal(part) for part in alert["causes"].values())
    assert parts == Decimal(alert["spent_usd"]) - Decimal(alert["usual_usd"])
    assert alert["link"].startswith(f"/spend?period={alert['began_on']}..{alert['found_on']}")
    file = await watched.client.get("/api/v1/alerts?format=csv", headers=watched.organization.headers)
    names, *rows = csv.reader(file.text.splitlines())
    assert dict(zip(names, rows[0], strict=True))["causes.volume_usd"] == alert["causes"]["volume_usd"]


async def test_the_same_rise_is_not_raised_again_and_can_be_answered(watched: Watched) -> None:
    await watched.watch()
    await watched.watch()
    (alert,) = await watched.get("alerts?state=open")
    changed = await watched.post(f"alerts/{alert['id']}", {"state": "acknowledged"})
    assert (changed["state"], changed["snoozed_to"]) == ("acknowledged", None)
    assert await watched.get("alerts?state=open") == []
    snoozed = await watched.post(f"alerts/{alert['id']}", {"state": "snoozed", "snoozed_to": "2100-01-01"})
    assert snoozed["snoozed_to"] == "2100-01-01"


async def test_forecasts_are_of_each_team_and_the_organization(watched: Watched) -> None:
    await watched.watch()
    found = await watched.get("forecasts")
    assert [(each["team"], each["period"]) for each in found] == [
        (team, period) for team in (None, "checkout", "web") for period in ("month", "quarter")
    ]
    for each in found:
        amounts = [float(each[f"{name}_usd"]) for name in ("spent", "low", "likely", "high")]
        assert amounts == sorted(amounts)
        assert each["made_to"] == YESTERDAY.isoformat()
        assert each["budget_usd"] is each["exceeded_on"] is None
    assert [each["team"] for each in await watched.get("forecasts?team=web")] == ["web", "web"]


async def test_a_budget_raises_the_alert_of_the_largest_part_that_is_spent(watched: Watched) -> None:
    shown = await watched.post("budgets", {"period": "quarter", "usd": "0.01", "team": "web"})
    web = {"team": "web", "model": None, "period": "quarter", "usd": "0.01", "hard_usd": None}
    assert shown["items"] == [web]
    await watched.watch()
    await watched.watch()
    assert len(await watched.get("alerts?limit=1")) == 1
    (alert,) = [each for each in await watched.get("alerts") if each["kind"] == "budget"]
    assert (alert["subject"], alert["team"]) == ("quarter 100 %", "web")
    assert alert["sentence"].startswith("Team web has spent $")
    (_, quarter) = await watched.get("forecasts?team=web")
    assert quarter["budget_usd"] == "0.01"
    await watched.post("budgets", {"period": "quarter", "usd": None, "team": "web"})
    assert await watched.get("budgets") == []


async def test_a_budget_of_a_model_has_a_forecast_and_a_hard_limit(watched: Watched) -> None:
    body = {"period": "quarter", "usd": "0.01", "hard_usd": "0.02", "model": "opus"}
    (shown,) = (await watched.post("budgets", body))["items"]
    assert shown == {**body, "team": None}
    await watched.watch()
    subjects = {each["subject"] for each in await watched.get("alerts") if each["kind"] == "budget"}
    assert subjects == {"model opus quarter 100 %", "model opus quarter hard limit"}
    (forecast,) = [each for each in await watched.get("forecasts") if each["of_model"]]
    assert (forecast["of_model"], forecast["budget_usd"]) == ("opus", "0.01")
    (whole,) = [
        each
        for each in await watched.get("forecasts")
        if (each["team"], each["period"]) == (None, "quarter") and not each["of_model"]
    ]
    assert 0 < float(forecast["spent_usd"]) < float(whole["spent_usd"])
    assert (await watched.post("budgets", {**body, "usd": None, "hard_usd": None}))["items"] == []


async def test_a_budget_says_when_it_is_likely_exceeded(watched: Watched) -> None:
    _, last = period_days("quarter", YESTERDAY)
    if (last - YESTERDAY).days < 2:
        last = YESTERDAY
    await watched.watch()
    (whole,) = [each for each in await watched.get("forecasts") if (each["team"], each["period"]) == (None, "quarter")]
    budget = (float(whole["spent_usd"]) + float(whole["likely_usd"])) / 2
    await watched.post("budgets", {"period": "quarter", "usd": f"{budget:.2f}"})
    await watched.watch()
    (whole,) = [each for each in await watched.get("forecasts") if (each["team"], each["period"]) == (None, "quarter")]
    if last > YESTERDAY:
        assert YESTERDAY < date.fromisoformat(whole["exceeded_on"]) <= last
        assert whole["earliest_on"] <= whole["exceeded_on"]
        assert any(each["subject"] == "quarter forecast" for each in await watched.get("alerts"))


async def test_spend_is_watched_once_a_day_and_again_for_a_new_budget(watched: Watched) -> None:
    assert await watched.is_due()
    await watched.watch()
    assert not await watched.is_due()
    await watched.post("budgets", {"period": "month", "usd": "100"})
    assert await watched.is_due()


async def test_silent_days_are_watched_too_and_only_settled_ones(watched: Watched) -> None:
    await watched.watch()
    async with watched.context.database.organization(watched.organization.organization_id) as tenant:
        await tenant.execute("UPDATE spend_watch SET watched_at = now() - interval '1 day' WHERE organization_id = $1")
        await tenant.execute(_WAITING, TODAY)
    assert await watched.is_due()
    async with watched.context.database.organization(watched.organization.organization_id) as tenant:
        await tenant.execute(_WAITING, YESTERDAY)
    assert not await watched.is_due()


async def test_nothing_spent_is_nothing_to_watch(
    client: httpx.AsyncClient, organization: Organization, worker_context: WorkerContext
) -> None:
    watched = Watched(client, organization, worker_context)
    assert not await watched.is_due()
    await watched.watch()
    assert await watched.get("forecasts") == await watched.get("alerts") == []


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("budgets", {"period": "month", "usd": "0"}, 400, "usd"),
        ("budgets", {"period": "month", "usd": "5", "team": "nobody"}, 404, "team"),
        ("budgets", {"period": "week", "usd": "5"}, 400, None),
        ("budgets", {"period": "month", "usd": "5", "hard_usd": "4"}, 400, "hard_usd"),
        ("policies", {"team": "nobody", "models": ["claude-*"]}, 404, "team"),
        ("policies", {"models": ["made by Jane"]}, 400, None),
        ("alerts/1", {"state": "muted"}, 404, "alert_id"),
        ("alerts/1", {"state": "snoozed"}, 400, "snoozed_to"),
    ],
)
async def test_bad_input_is_named(
    client: httpx.AsyncClient,
    organization: Organization,
    worker_context: WorkerContext,
    path: str,
    body: dict[str, Any],
    status: int,
    field: str | None,
) -> None:
    problem = await Watched(client, organization, worker_context).post(path, body, status)
    assert field is None or problem["field"] == field
