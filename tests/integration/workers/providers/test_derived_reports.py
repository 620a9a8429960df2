"""Reports of an account that is a team's: laid into windows where nothing measured the same tokens."""

from collections.abc import Iterator

import httpx
import pytest

from tests.harness.reports import KEYS, Provider, provider
from tests.integration.workers.providers.accounts import Accounts, Drain
from tests.integration.workers.stored_facts import StoredFacts
from workers.context import WorkerContext

FIRST_DAY = "2026-11-16"


@pytest.fixture
def reports() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture
async def accounts(
    client: httpx.AsyncClient, stored: StoredFacts, worker_context: WorkerContext, reports: Provider
) -> Accounts:
    return Accounts(client, stored, worker_context, anthropic_url=reports.url, openai_url=reports.url)


LAID = [
    ("payments", "11-18 09", "anthropic", "claude-sonnet-4-5-20250929", "derived", 0, 1650),
    ("payments", "11-19 10", "anthropic", "claude-of-the-future-9", "derived", 0, 15),
]


async def test_tokens_of_a_teams_account_are_laid_into_its_hours_once(
    accounts: Accounts, reports: Provider, drain: Drain
) -> None:
    await accounts.team("payments")
    await accounts.add("anthropic", KEYS["anthropic"], since=FIRST_DAY, team="payments")
    await accounts.pull()
    assert await accounts.windows() == LAID
    assert any(query.get("bucket_width") == ["1h"] for _, query in reports.requests)
    await accounts.again(FIRST_DAY)
    await drain()
    assert await accounts.windows() == LAID
    coverage = await accounts.call("GET", "coverage", 200)
    assert coverage["basis"] == {"measured": 0, "derived": 1, "estimated": 0}
    assert coverage["priced_share"] == pytest.approx(1650 / 1665)


async def test_openais_are_laid_with_their_number_of_requests(accounts: Accounts) -> None:
    await accounts.team("payments")
    await accounts.add("openai", KEYS["openai"], since=FIRST_DAY, team="payments")
    await accounts.pull()
    assert await accounts.windows() == [("payments", "11-18 14", "openai", "gpt-4o-2024-08-06", "derived", 5, 1500)]


async def test_an_account_of_no_team_is_only_compared_with_telemetry(accounts: Accounts) -> None:
    await accounts.add("anthropic", KEYS["anthropic"], since=FIRST_DAY)
    await accounts.pull()
    assert await accounts.windows() == []


async def measure(accounts: Accounts, day: str, team: str) -> None:
    """An agent's telemetry of a request to Anthropic."""
    event = {
        "event_id": f"{day} {team}",
        "occurred_at": f"{day}T12:00:00Z",
        "source": "claude-code",
        "provider": "anthropic",
        "model": "claude-sonnet-4-5",
        "team": team,
        "tokens": {"input_uncached": 700},
    }
    await accounts.call("POST", "token-events", 200, {"items": [event]})


MEASURED = ("payments", "11-18 12", "claude-code", "claude-sonnet-4-5", "measured", 1, 700)


async def test_derived_tokens_give_way_when_telemetry_of_that_team_and_day_comes(
    accounts: Accounts, drain: Drain
) -> None:
    await accounts.team("payments")
    await accounts.add("anthropic", KEYS["anthropic"], since=FIRST_DAY, team="payments")
    await accounts.pull()
    await drain()
    await measure(accounts, "2026-11-18", "payments")
    await measure(accounts, "2026-11-19", "another")
    await drain()
    another = ("another", "11-19 12", "claude-code", "claude-sonnet-4-5", "measured", 1, 700)
    expected = [MEASURED, LAID[1], another]
    assert await accounts.windows() == expected
    await accounts.again(FIRST_DAY)
    await drain()
    assert await accounts.windows() == expected, "and they stay away when they are pulled again"


async def test_tokens_that_were_measured_before_are_not_laid_beside(accounts: Accounts, drain: Drain) -> None:
    await accounts.team("payments")
    await measure(accounts, "2026-11-18", "payments")
    await drain()
    await accounts.add("anthropic", KEYS["anthropic"], since=FIRST_DAY, team="payments")
    await accounts.pull()
    await drain()
    assert await accounts.windows() == [MEASURED, LAID[1]]


async def test_an_unknown_team_makes_no_account(accounts: Accounts) -> None:
    problem = await accounts.add("anthropic", KEYS["anthropic"], 400, team="CANARY nobody")
    assert problem["field"] == "team"
    assert "CANARY" not in problem["detail"]
    assert (await accounts.call("GET", "provider-accounts", 200))["items"] == []
