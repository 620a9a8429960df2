"""Tokens known in sums, laid into windows and taken back."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

import httpx
import pytest
from structlog.testing import capture_logs

from tests.integration.workers.stored_facts import StoredFacts
from vocabulary.basis import Basis
from vocabulary.tokens import TokenCounts
from workers.attribution.derived import DerivedTokens
from workers.attribution.windows import Dimensions
from workers.context import WorkerContext
from workers.jobs.delete_expired import delete_expired
from workers.stores.ledger.settlements import TeamDay
from workers.stores.tokens import derived_tokens

Drain = Callable[[], Awaitable[None]]
DIMENSIONS = Dimensions("cursor", "anthropic", "claude-sonnet-4-5", "", "", "")


class Origin:
    """Replaces the derived tokens of the default team, by hour."""

    def __init__(self, stored: StoredFacts, name: str = "a report", basis: Basis = Basis.DERIVED) -> None:
        self.stored, self.name, self.basis = stored, name, basis

    async def replace(self, tokens: dict[int, int], first: int = 0, end: int = 48) -> set[TeamDay]:
        organization = self.stored.organization
        rows = [
            DerivedTokens(
                organization.default_team_id, self.stored.at(hour), DIMENSIONS, self.basis, TokenCounts(count)
            )
            for hour, count in tokens.items()
        ]
        async with self.stored.database.organization(organization.organization_id) as tenant:
            return await derived_tokens.replace(tenant, self.name, (self.stored.at(first), self.stored.at(end)), rows)


@pytest.fixture
def origin(stored: StoredFacts) -> Origin:
    return Origin(stored)


async def test_derived_tokens_are_settled_and_the_ledger_balances(
    stored: StoredFacts, origin: Origin, drain: Drain
) -> None:
    await stored.event("measured", 9, 1000)
    pull_request = await stored.pull_request(1, opened=8, ended=12)
    team = stored.organization.default_team_id
    assert await origin.replace({9: 500, 30: 70}) == {TeamDay(team, date(2026, 3, 2)), TeamDay(team, date(2026, 3, 3))}
    await drain()
    assert await stored.windows() == [(0, 500), (1, 1000), (0, 70)]
    ledger = await stored.ledger()
    assert sum(ledger.values()) == 1570
    assert ledger[pull_request, "cohort"] > 1000


async def test_a_repeated_report_changes_nothing(stored: StoredFacts, origin: Origin, drain: Drain) -> None:
    await origin.replace({9: 500})
    await drain()
    assert await origin.replace({9: 500}) == set()
    assert await stored.fetch("SELECT day FROM settlement WHERE organization_id = $1 AND state = 'waiting'") == []


async def test_a_correction_replaces_its_span_alone(stored: StoredFacts, origin: Origin, drain: Drain) -> None:
    await origin.replace({9: 500, 30: 70})
    await drain()
    await origin.replace({10: 20}, end=24)
    assert await stored.windows() == [(0, 20), (0, 70)]
    await drain()
    assert sum((await stored.ledger()).values()) == 90
    await origin.replace({})
    assert await stored.windows() == []
    assert await stored.fetch("SELECT 1 FROM derived_window WHERE organization_id = $1") == []
    await drain()
    assert await stored.ledger() == {}


async def test_two_origins_share_a_window_and_take_back_only_what_is_theirs(
    stored: StoredFacts, origin: Origin
) -> None:
    other = Origin(stored, "another report")
    await origin.replace({9: 500})
    await other.replace({9: 30})
    assert await stored.windows() == [(0, 530)]
    await origin.replace({})
    assert await stored.windows() == [(0, 30)]


async def test_rows_beside_the_span_are_refused_and_nothing_is_stored(stored: StoredFacts, origin: Origin) -> None:
    with pytest.raises(ValueError, match="span"):
        await origin.replace({9: 500, 50: 1})
    assert await stored.windows() == []


async def test_a_sum_is_priced_at_what_its_requests_would_cost(stored: StoredFacts, origin: Origin) -> None:
    await origin.replace({9: 1_000_000})
    (window,) = await stored.fetch("SELECT cost_nano_usd, unpriced_tokens FROM token_window WHERE organization_id = $1")
    assert window == {"cost_nano_usd": 3_000_000_000, "unpriced_tokens": 0}


async def test_origins_and_folds_at_the_same_time_lose_and_double_nothing(
    stored: StoredFacts, origin: Origin, drain: Drain
) -> None:
    other = Origin(stored, "another report")
    for number in range(20):
        await stored.event(f"{number}", number % 4 + 6, 10)
    tellings = [origin.replace(dict.fromkeys(range(4, 12), 100 * round_)) for round_ in range(1, 5)]
    await asyncio.gather(*tellings, *(other.replace({9: 7}) for _ in range(3)), drain(), drain())
    await origin.replace({9: 5})
    await drain()
    assert sum((await stored.ledger()).values()) == 200 + 7 + 5


async def test_raw_events_are_forgotten_beside_derived_tokens_which_their_record_does_not_mix_in(
    stored: StoredFacts, drain: Drain, worker_context: WorkerContext
) -> None:
    estimates = Origin(stored, "bytes", Basis.ESTIMATED)
    await stored.event("measured", 9, 500)
    await estimates.replace({9: 70})
    await drain()
    await stored.execute("UPDATE token_window SET source = 'test' WHERE organization_id = $1")
    await stored.age(hours=121)
    with capture_logs() as logs:
        await delete_expired(worker_context)
    assert not [log for log in logs if log["log_level"] == "error"]
    (record,) = await stored.fetch("SELECT * FROM raw_validation WHERE organization_id = $1")
    assert (record["received_input_uncached"], record["derived_input_uncached"]) == (500, 500)
    assert await stored.windows() == [(0, 70), (1, 500)]


async def test_coverage_shows_how_tokens_are_known(
    stored: StoredFacts, drain: Drain, client: httpx.AsyncClient
) -> None:
    await stored.event("measured", 9, 500)
    await Origin(stored).replace({9: 300})
    await Origin(stored, "bytes", Basis.ESTIMATED).replace({9: 200})
    await drain()
    answer = await client.get("/api/v1/coverage", headers=stored.organization.headers)
    assert answer.json()["basis"] == {"measured": 0.5, "derived": 0.3, "estimated": 0.2}
