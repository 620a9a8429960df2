from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from schema.database import Database
from tests.harness.organization import Organization
from tests.integration.workers.stored_facts import StoredFacts
from workers.stores.ledger.summary_figures import load_figures
from workers.summaries.figures import Figures, Median, SizeBucket

Drain = Callable[[], Awaitable[None]]


@pytest.fixture
def stored(database: Database, organization: Organization) -> StoredFacts:
    return StoredFacts(database, organization, datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0))


async def read(stored: StoredFacts, artifact_id: bytes) -> Figures | None:
    async with stored.database.organization(stored.organization.organization_id) as tenant:
        return await load_figures(tenant, artifact_id)


async def test_the_median_is_over_the_teams_merged_pull_requests_of_the_same_size(
    stored: StoredFacts, drain: Drain
) -> None:
    lines = {1: 60, 2: 60, 3: 200, 4: 249, 5: 250, 6: 60}
    made = {number: await stored.pull_request(number, opened=-72, ended=-48) for number in lines}
    made[7] = await stored.pull_request(7, opened=-72)
    for number, artifact_id in made.items():
        await stored.execute(
            "UPDATE pull_request SET changed_lines = $3 WHERE organization_id = $1 AND artifact_id = $2",
            artifact_id,
            lines.get(number, 60),
        )
        # Of the sixth most is only known by its team, and the fifth is of another size.
        if number != 6:
            await stored.event(f"event {number}", -50, 1000 * number, artifact=artifact_id)
    await stored.execute("UPDATE team SET size = 8 WHERE organization_id = $1")
    await drain()
    figures = await read(stored, made[1])
    assert figures is not None
    assert (figures.tokens.total, figures.by_evidence, figures.people) == (1000, {"artifact": 1000}, 8)
    assert figures.cost_nano_usd == 1000 * 3000
    assert figures.median == Median(SizeBucket(50, 249), 3, 3000, 3000 * 3000, 180)
    assert figures.is_reliable


async def test_an_unknown_pull_request_has_no_attributions(stored: StoredFacts) -> None:
    assert await read(stored, stored.name("nobody's")) is None
