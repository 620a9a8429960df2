"""What settlement reads and writes of some days at once."""

from collections.abc import Awaitable, Callable, Collection
from datetime import date, timedelta

import pytest

from tests.integration.workers.stored_facts import SHOP, StoredFacts
from workers.attribution.methods import ACTIVITY
from workers.attribution.model import Facts
from workers.attribution.settle import settle
from workers.attribution.window_columns import Windows, hour_number
from workers.stores.forge import pull_request_candidates
from workers.stores.ledger import attributions
from workers.stores.tokens import token_windows

Drain = Callable[[], Awaitable[None]]
DAY = timedelta(days=1)


async def load(stored: StoredFacts, first: date, last: date) -> tuple[Windows, Facts]:
    organization = stored.organization
    team_id = organization.default_team_id
    async with stored.database.organization(organization.organization_id) as tenant:
        windows = await token_windows.load(tenant, team_id, (first, last))
        return windows, await pull_request_candidates.load(tenant, team_id, (first, last), windows, ACTIVITY)


async def settle_again(stored: StoredFacts, days: Collection[date], exploratory_share: float) -> None:
    organization = stored.organization
    windows, known = await load(stored, min(days), max(days) + DAY)
    ledger = settle(windows, known, exploratory_share, ACTIVITY, days)
    async with stored.database.organization(organization.organization_id) as tenant:
        await attributions.replace(tenant, organization.default_team_id, days, ledger)


async def overhead_by_day(stored: StoredFacts, table: str) -> dict[int, int]:
    rows = await stored.fetch(
        f"SELECT day, sum(input_uncached)::bigint AS tokens FROM {table}"
        " WHERE organization_id = $1 AND artifact_id = '' GROUP BY day"
    )
    return {(row["day"] - stored.start.date()).days: row["tokens"] for row in rows}  # type: ignore[operator] # a date


async def test_days_are_written_over_and_no_others(stored: StoredFacts, drain: Drain) -> None:
    await stored.execute("UPDATE organization SET exploratory_share = 0 WHERE organization_id = $1")
    for day in range(3):
        await stored.pull_request(day, opened=24 * day + 10)
        await stored.event(f"{day}", 24 * day + 9, 1000)
    await drain()
    before = await overhead_by_day(stored, "attribution_rollup")
    first = stored.start.date()
    await settle_again(stored, [first, first + 2 * DAY], 0.5)
    for table in ("attribution", "attribution_rollup"):
        assert await overhead_by_day(stored, table) == {**before, 0: 500, 2: 500}
    (methods,) = await stored.fetch(
        "SELECT array_agg(DISTINCT method) AS names FROM attribution WHERE organization_id = $1 AND day <> $2",
        first + DAY,
    )
    assert methods["names"] == [ACTIVITY.name]


async def test_days_may_be_written_one_after_another_in_one_transaction(stored: StoredFacts, drain: Drain) -> None:
    organization = stored.organization
    team_id = organization.default_team_id
    await stored.event("e1", 9, 1000)
    await stored.event("e2", 33, 2000)
    await drain()
    first = stored.start.date()
    windows, known = await load(stored, first, first + 2 * DAY)
    async with stored.database.organization(organization.organization_id) as tenant:
        for day in (first, first + DAY):
            await attributions.replace(tenant, team_id, [day], settle(windows, known, 0.2, ACTIVITY, [day]))
    assert await overhead_by_day(stored, "attribution") == {0: 1000, 1: 2000}


async def test_more_rows_than_are_sent_at_once_are_all_written(
    stored: StoredFacts, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attributions, "CHUNK", 3)
    for hour in range(8):
        await stored.pull_request(hour, opened=hour)
        await stored.event(f"{hour}", hour, 1000)
    await drain()
    (row,) = await stored.fetch(
        "SELECT count(*) AS rows, sum(input_uncached)::bigint AS tokens FROM attribution WHERE organization_id = $1"
    )
    assert row["tokens"] == 8000
    assert int(str(row["rows"])) > 8


async def test_days_without_windows_lose_their_rows(stored: StoredFacts, drain: Drain) -> None:
    await stored.event("e", 9, 1000)
    await drain()
    await stored.execute("DELETE FROM token_window WHERE organization_id = $1")
    await stored.execute("DELETE FROM settlement WHERE organization_id = $1")
    await stored.execute("DELETE FROM intake_total WHERE organization_id = $1")
    await stored.execute("DELETE FROM merged_week WHERE organization_id = $1")
    await stored.execute("DELETE FROM received_day WHERE organization_id = $1")
    await stored.execute("DELETE FROM received_cut WHERE organization_id = $1")
    await settle_again(stored, [stored.start.date()], 0.5)
    assert await stored.ledger() == {}


async def test_windows_are_read_for_the_requested_days(stored: StoredFacts, drain: Drain) -> None:
    shop = stored.organization.hasher.repository_by_name(SHOP)
    await stored.event("early", -1, 1)
    await stored.event("first", 0, 2, repository=shop)
    await stored.event("last", 47.9, 4, model="claude-haiku-4-5")
    await stored.event("late", 48, 8)
    await drain()
    first = stored.start.date()
    windows, _ = await load(stored, first, first + 2 * DAY)
    assert windows.amounts[:, 0].tolist() == [2, 4]
    assert windows.hour.tolist() == [hour_number(stored.at(0)), hour_number(stored.at(47))]
    assert [windows.label_values[label].model for label in windows.label] == ["claude-sonnet-4-5", "claude-haiku-4-5"]
    assert [windows.evidence_values[each].repository for each in windows.evidence] == [shop, None]


async def test_pull_requests_come_with_their_size_and_all_their_activity(stored: StoredFacts, drain: Drain) -> None:
    pull_request = await stored.pull_request(1, opened=-40 * 24)
    await stored.execute("UPDATE pull_request SET changed_lines = 12, changed_files = 3 WHERE organization_id = $1")
    await stored.execute(
        "INSERT INTO activity (organization_id, artifact_id, kind, reference, occurred_at)"
        " VALUES ($1, $2, 'commit', $3, $4)",
        pull_request,
        stored.name("c"),
        stored.at(10),
    )
    await drain()
    first = stored.start.date()
    _, known = await load(stored, first, first + DAY)
    (found,) = known.pull_requests
    assert (found.artifact_id, found.changed_lines, found.changed_files) == (pull_request, 12, 3)
    assert found.activity == (stored.at(-40 * 24), stored.at(10))
