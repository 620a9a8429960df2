"""A provider's reports and its bills tell of the same money: bills win for the provider and time that they cover."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.harness.reports import KEYS, Provider, provider
from tests.integration.service.api.billing.test_billing_charges import bill, charge
from tests.integration.workers.providers.accounts import Accounts
from tests.integration.workers.stored_facts import StoredFacts
from workers.context import WorkerContext

Drain = Callable[[], Awaitable[None]]
FIRST_DAY = "2026-11-10"
# Of 18 November, as the recorded reports tell.
ANTHROPIC, OPENAI = "0.0461025", "0.0065"


@pytest.fixture
def reports() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture
def accounts(
    client: httpx.AsyncClient, stored: StoredFacts, worker_context: WorkerContext, reports: Provider
) -> Accounts:
    return Accounts(client, stored, worker_context, anthropic_url=reports.url, openai_url=reports.url)


async def billed(accounts: Accounts, drain: Drain) -> dict[str, tuple[str, int]]:
    """Money and tokens billed, by provider."""
    await drain()
    shown: dict[str, Any] = await accounts.call("GET", "reconciliation?group_by=provider", 200)
    return {row["provider"]: (row["bill"]["billed_cost_usd"], row["bill"]["tokens"]["total"]) for row in shown["items"]}


@pytest.mark.parametrize("first", ["the bill", "the reports"])
async def test_a_bill_stands_in_for_the_reports_of_its_provider_and_time_alone_whichever_came_first(
    accounts: Accounts, drain: Drain, first: str
) -> None:
    async def send_bill() -> None:
        await accounts.call("POST", "billing-charges", 200, {"items": [bill(charge())]})

    async def pull() -> None:
        for name in ("anthropic", "openai"):
            await accounts.add(name, KEYS[name], since=FIRST_DAY)
        await accounts.pull()

    for step in (send_bill, pull) if first == "the bill" else (pull, send_bill):
        await step()
    assert await billed(accounts, drain) == {"anthropic": ("0.0135", 1_000), "openai": (OPENAI, 1_500)}
    shown = await accounts.call("GET", "coverage", 200)
    assert shown["billed_tokens"] == 2_500
    await accounts.again(FIRST_DAY)
    assert await billed(accounts, drain) == {"anthropic": ("0.0135", 1_000), "openai": (OPENAI, 1_500)}


async def test_a_bill_of_another_month_leaves_the_reports_as_they_are(accounts: Accounts, drain: Drain) -> None:
    await accounts.add("anthropic", KEYS["anthropic"], since=FIRST_DAY)
    await accounts.pull()
    october = bill(charge(first_day="2026-10-18"), period_start="2026-10-01", period_end="2026-11-01")
    await accounts.call("POST", "billing-charges", 200, {"items": [october]})
    await drain()
    shown = await accounts.call("GET", "reconciliation?from=2026-11-01", 200)
    assert shown["total"]["bill"]["billed_cost_usd"] == ANTHROPIC
    shown = await accounts.call("GET", "reconciliation?to=2026-10-31", 200)
    assert shown["total"]["bill"]["billed_cost_usd"] == "0.0135"
