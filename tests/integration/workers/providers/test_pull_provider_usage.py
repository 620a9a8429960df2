"""Reports of providers, pulled through the job from a server of recorded answers."""

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from schema.queue import Job
from tests.harness.reports import KEYS, PAYLOADS, Provider, provider
from tests.integration.service.api.billing.test_billing_charges import bill, charge
from tests.integration.workers.stored_facts import StoredFacts
from workers.context import WorkerContext
from workers.jobs.pull_provider_usage import pull_provider_usage
from workers.stores.upkeep.due_work import find_due

Drain = Callable[[], Awaitable[None]]
FIRST_DAY = "2026-11-10"


@pytest.fixture
def reports() -> Iterator[Provider]:
    with provider() as running:
        yield running


class Puller:
    """One organization's accounts, asked of the server of the test."""

    def __init__(self, client: httpx.AsyncClient, stored: StoredFacts, context: WorkerContext, url: str) -> None:
        self.client, self.stored = client, stored
        settings = context.settings.model_copy(update={"anthropic_url": url, "openai_url": url})
        self.context = replace(context, settings=settings)

    async def add(self, name: str, key: str | None = None) -> dict[str, Any]:
        answer = await self.client.post(
            "/api/v1/provider-accounts",
            json={"provider": name, "key": key or KEYS[name], "since": FIRST_DAY},
            headers=self.stored.organization.headers,
        )
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def pull(self) -> None:
        await pull_provider_usage(self.context, self.stored.organization.organization_id)

    async def again(self) -> None:
        await self.stored.execute(
            "UPDATE provider_account SET next_day = '2026-11-10', next_attempt_at = now() WHERE organization_id = $1"
        )
        await self.pull()

    async def account(self) -> dict[str, Any]:
        answer = await self.client.get("/api/v1/provider-accounts", headers=self.stored.organization.headers)
        (shown,) = answer.json()["items"]
        return dict(shown)

    async def charges(self) -> list[tuple[Any, ...]]:
        rows = await self.stored.fetch(
            "SELECT first_day, model, kind, tokens, billed_nano FROM billing_charge WHERE organization_id = $1 "
            "ORDER BY first_day, model, kind, lives_an_hour"
        )
        return [tuple(row.values()) for row in rows]

    async def special_charges(self) -> list[dict[str, Any]]:
        answer = await self.client.get("/api/v1/reconciliation", headers=self.stored.organization.headers)
        shown: list[dict[str, Any]] = answer.json()["special_charges"]
        return shown

    async def is_due(self) -> bool:
        async with self.context.database.operator() as connection:
            due = await find_due(connection, timedelta())
        return (Job.PULL_PROVIDER_USAGE, self.stored.organization.organization_id) in due


@pytest.fixture
def puller(client: httpx.AsyncClient, stored: StoredFacts, worker_context: WorkerContext, reports: Provider) -> Puller:
    return Puller(client, stored, worker_context, reports.url)


DAY = date(2026, 11, 18)
ANTHROPIC = [
    (DAY, "", "web_search", 0, 20_000_000),
    (DAY, "claude-opus-4-1", "cache_read", 300, 405_000),
    (DAY, "claude-opus-4-1", "cache_write", 100, 1_687_500),
    (DAY, "claude-opus-4-1", "cache_write", 50, 1_350_000),
    (DAY, "claude-opus-4-1", "input_uncached", 200, 2_700_000),
    (DAY, "claude-opus-4-1", "output", 400, 27_000_000),
    (DAY, "claude-sonnet-4-5", "input_uncached", 800, 2_160_000),
    (DAY, "claude-sonnet-4-5", "output", 800, 10_800_000),
]


async def test_usage_of_all_pages_and_costs_arrive_once_however_often_they_are_pulled(
    puller: Puller, reports: Provider
) -> None:
    await puller.add("anthropic")
    await puller.pull()
    assert await puller.charges() == ANTHROPIC
    usage = await puller.stored.fetch(
        "SELECT day, model, input_uncached, cache_read, cache_write, output FROM provider_usage "
        "WHERE organization_id = $1 ORDER BY day, model"
    )
    expected = [
        (DAY, "claude-opus-4-1", 200, 300, 150, 400),
        (DAY, "claude-sonnet-4-5", 800, 0, 0, 800),
        (date(2026, 11, 19), "claude-sonnet-4-5", 10, 0, 0, 5),
    ]
    assert [tuple(row.values()) for row in usage] == expected
    path, query = reports.requests[0]
    assert path == "/v1/organizations/usage_report/messages"
    assert query["starting_at"] == ["2026-11-10T00:00:00Z"]
    assert query["group_by[]"] == ["model", "service_tier", "inference_geo"]
    shown = await puller.special_charges()
    assert [(each["kind"], each["lives_an_hour"], each["tokens"], each["pieces"]) for each in shown] == [
        ("web_search", False, 0, 4),
        ("cache_write", True, 50, 0),
    ]
    await puller.again()
    assert await puller.charges() == ANTHROPIC


async def test_web_searches_and_code_sessions_of_openai_are_pieces(puller: Puller, reports: Provider) -> None:
    begins = int(datetime(2026, 11, 18, tzinfo=UTC).timestamp())
    for path, results in (
        ("web_search_calls", [{"num_requests": 7, "num_model_requests": 5, "model": "gpt-4o"}]),
        ("code_interpreter_sessions", [{"num_sessions": 3}]),
    ):
        page = {"data": [{"start_time": begins, "results": results}], "has_more": False}
        reports.more[f"/v1/organization/usage/{path}"] = json.dumps(page).encode()
    costs = json.loads((PAYLOADS / "openai_costs__page_1.json").read_bytes())
    costs["data"][0]["results"] += [
        {"amount": {"value": 0.07, "currency": "usd"}, "line_item": "web search tool calls"},
        {"amount": {"value": 0.09, "currency": "usd"}, "line_item": "code interpreter sessions"},
    ]
    reports.instead = {"openai_costs__page_1.json": json.dumps(costs).encode()}
    await puller.add("openai")
    await puller.pull()
    shown = await puller.special_charges()
    assert [(each["kind"], each["pieces"], each["tokens"], each["billed_cost_usd"]) for each in shown] == [
        ("code_execution", 3, 0, "0.09"),
        ("web_search", 7, 0, "0.07"),
    ]


async def test_openais_reports_arrive(puller: Puller) -> None:
    await puller.add("openai")
    await puller.pull()
    assert await puller.charges() == [
        (DAY, "", "other", 0, 160_000_000),
        (DAY, "gpt-4o", "cache_read", 800, 1_000_000),
        (DAY, "gpt-4o", "input_uncached", 200, 500_000),
        (DAY, "gpt-4o", "output", 500, 5_000_000),
    ]


async def test_the_cursor_advances_and_the_latest_days_are_requested_again(puller: Puller, reports: Provider) -> None:
    await puller.add("anthropic")
    assert await puller.is_due()
    await puller.pull()
    today = datetime.now(UTC).date()
    account = await puller.account()
    assert date.fromisoformat(account["next_day"]) >= today - timedelta(days=2)
    assert (account["state"], account["failure"]) == ("waiting", None)
    assert not await puller.is_due()
    requests = len(reports.requests)
    await puller.pull()
    assert len(reports.requests) == requests, "not before an hour has passed"


async def test_a_rate_limit_is_waited_for_and_nothing_is_stored_by_half(puller: Puller, reports: Provider) -> None:
    await puller.add("anthropic")
    first_page = (PAYLOADS / "anthropic_usage__page_1.json").read_bytes()
    reports.first_answers = [(200, {}, first_page), (429, {"Retry-After": "3000"}, b"CANARY")]
    await puller.pull()
    account = await puller.account()
    assert (account["failure"], account["next_day"], account["state"]) == ("provider_limited", FIRST_DAY, "waiting")
    wait = datetime.fromisoformat(account["next_attempt_at"]) - datetime.now(UTC)
    assert timedelta(minutes=45) < wait < timedelta(minutes=51)
    assert await puller.charges() == []
    await puller.again()
    assert await puller.charges() == ANTHROPIC


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b"CANARY"),
        (200, {}, b"CANARY"),
        (200, {}, b'{"data": [{"starting_at": "CANARY", "results": []}], "has_more": false}'),
        (200, {}, b'{"data": [], "has_more": true, "next_page": null}'),
        (200, {}, b'{"data": [{"starting_at": "0001-01-01T00:00:00+14:00", "results": []}], "has_more": false}'),
        (302, {"Location": "http://127.0.0.1:9/"}, b""),
    ],
)
async def test_an_answer_of_no_use_is_tried_again_later(
    puller: Puller, reports: Provider, answer: tuple[int, dict[str, str], bytes]
) -> None:
    await puller.add("anthropic")
    reports.first_answers = [answer]
    await puller.pull()
    account = await puller.account()
    assert (account["failure"], account["state"], account["next_day"]) == (
        "provider_not_understood",
        "waiting",
        FIRST_DAY,
    )
    await puller.again()
    assert await puller.charges() == ANTHROPIC


async def test_a_key_that_is_refused_is_not_tried_again(puller: Puller, reports: Provider) -> None:
    await puller.add("anthropic", "CANARY-wrong-key")
    await puller.pull()
    account = await puller.account()
    assert (account["state"], account["failure"]) == ("dead", "key_refused")
    assert not await puller.is_due()
    assert len(reports.requests) == 1


async def test_costs_that_a_provider_corrects_replace_those_before(puller: Puller, reports: Provider) -> None:
    await puller.add("anthropic")
    await puller.pull()
    report = json.loads((PAYLOADS / "anthropic_costs__page_1.json").read_bytes())
    report["data"][0]["results"] = [{**report["data"][0]["results"][0], "amount": "0.108"}]
    reports.instead = {"anthropic_costs__page_1.json": json.dumps(report).encode()}
    await puller.again()
    assert await puller.charges() == [(DAY, "claude-sonnet-4-5", "input_uncached", 800, 1_080_000)]


async def test_reports_are_reconciled_until_a_bill_covers_their_time(puller: Puller, drain: Drain) -> None:
    async def billed() -> str:
        await drain()
        answer = await puller.client.get("/api/v1/reconciliation", headers=puller.stored.organization.headers)
        return str(answer.json()["total"]["bill"]["billed_cost_usd"])

    await puller.add("anthropic")
    await puller.pull()
    assert await billed() == "0.0461025"
    headers = puller.stored.organization.headers
    answer = await puller.client.post("/api/v1/billing-charges", json={"items": [bill(charge())]}, headers=headers)
    assert answer.status_code == 200
    assert await billed() == "0.0135", "the bill alone, since both tell of the same tokens"
    await puller.again()
    assert await billed() == "0.0135"


async def test_a_closed_account_loses_its_key_and_is_not_pulled(puller: Puller) -> None:
    account = await puller.add("anthropic")
    assert {name for name in account if "key" in name} == set()
    headers = puller.stored.organization.headers
    path = f"/api/v1/provider-accounts/{account['id']}"
    assert (await puller.client.delete(path, headers=headers)).status_code == 204
    rows = await puller.stored.fetch("SELECT sealed_key FROM provider_account WHERE organization_id = $1")
    assert [row["sealed_key"] for row in rows] == [b""]
    assert not await puller.is_due()
    wrong = path[:-4] + "0000"
    assert (await puller.client.delete(wrong, headers=headers)).status_code == 404
