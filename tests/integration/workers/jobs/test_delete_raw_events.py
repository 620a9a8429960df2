"""Raw token events are dropped a day at a time once windows hold them, at the latest after a week; a record stays."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import pytest
from structlog.testing import capture_logs

from tests.harness.organization import Organization
from tests.harness.otlp import PROTOBUF, as_protobuf, claude_logs, claude_request
from tests.integration.workers.stored_facts import StoredFacts
from workers.context import WorkerContext
from workers.jobs.delete_expired import delete_expired
from workers.jobs.delete_raw_events import AHEAD, make_partitions
from workers.stores.tokens import raw_partitions

Drain = Callable[[], Awaitable[None]]

RAW = ("token_event", "intake_batch", "session_trail", "session_evidence", "event_price")


async def count(stored: StoredFacts, table: str) -> object:
    (row,) = await stored.fetch(f"SELECT count(*) AS rows FROM {table} WHERE organization_id = $1")
    return row["rows"]


async def records(stored: StoredFacts) -> list[dict[str, object]]:
    return await stored.fetch("SELECT * FROM raw_validation WHERE organization_id = $1 ORDER BY received_on, day")


async def partitions(context: WorkerContext) -> set[object]:
    async with context.database.sweep() as swept:
        return set(await raw_partitions.days(swept.connection))


async def put_into_partitions(context: WorkerContext) -> set[object]:
    """Make partitions of the days that have come to be in the past."""
    async with context.database.sweep() as swept:
        days = await raw_partitions.resting_days(swept.connection)
    for day in days:
        async with context.database.sweep() as swept:
            await raw_partitions.make(swept.connection, day)
    return set(days)


async def test_a_day_goes_with_its_partition_after_three_days_and_leaves_nothing_raw_behind(
    worker_context: WorkerContext, stored: StoredFacts, drain: Drain
) -> None:
    for number in range(5):
        await stored.event(f"event {number}", number, session="session", branch=stored.name("branch"))
    await stored.evidence("session", 0, branch=b"branch")
    await drain()
    await stored.age(hours=72)
    days = await put_into_partitions(worker_context)
    await delete_expired(worker_context)
    assert await count(stored, "token_event") == 5, "the day is not over for as long yet"
    assert await records(stored) == []

    await stored.age(hours=24)
    days |= await put_into_partitions(worker_context)
    await stored.execute("UPDATE event_price SET used_at = now() - interval '5 days' WHERE organization_id = $1")
    await delete_expired(worker_context)
    assert {table: await count(stored, table) for table in RAW} == dict.fromkeys(RAW, 0)
    gone = {day for day in days if day <= (datetime.now(UTC) - timedelta(days=4)).date()}
    assert not gone & await partitions(worker_context)
    total = "SELECT sum(input_uncached) AS tokens FROM {} WHERE organization_id = $1"
    for table in ("token_window", "attribution", "raw_validation"):
        assert (await stored.fetch(total.format(table)))[0]["tokens"] == 5000, table
    (record,) = await records(stored)
    assert (record["source"], record["requests"], record["uncounted_requests"]) == ("test", 5, 0)
    assert (record["received_requests"], record["derived_requests"]) == (5, 5)
    assert (record["received_input_uncached"], record["derived_input_uncached"]) == (5000, 5000)
    assert record["deleted_at"] is not None


async def test_requests_that_telemetry_reported_are_known_to_a_later_import(
    worker_context: WorkerContext,
    stored: StoredFacts,
    client: httpx.AsyncClient,
    organization: Organization,
    drain: Drain,
) -> None:
    records = [claude_request(number, request_id=f"req_{number}") for number in (1, 2)]
    headers = organization.headers | PROTOBUF
    answer = await client.post("/v1/logs", content=as_protobuf(claude_logs(*records)), headers=headers)
    assert answer.status_code == 200
    await drain()
    await stored.age(hours=96)
    await put_into_partitions(worker_context)
    await delete_expired(worker_context)
    assert await count(stored, "token_event") == 0
    items = [
        {
            "event_id": f"message {number}",
            "occurred_at": "2026-11-22T01:45:52Z",
            "source": "claude-code",
            "tokens": {"output_visible": 42},
            "request_id": f"req_{number}",
        }
        for number in (1, 2, 3)
    ]
    for added in (1, 0):
        sent = await client.post("/api/v1/token-events", json={"items": items}, headers=organization.headers)
        assert sent.json()["added"] == added


async def test_what_was_forgotten_before_is_known_by_its_record_when_more_of_that_day_goes(
    worker_context: WorkerContext, stored: StoredFacts, drain: Drain
) -> None:
    await stored.event("first", 1)
    await drain()
    await stored.age(hours=121)
    await delete_expired(worker_context)
    await stored.event("later", 2, 300)
    await drain()
    await stored.age(hours=97)
    with capture_logs() as logs:
        await delete_expired(worker_context)
    assert not [log for log in logs if log["log_level"] == "error"]
    assert await count(stored, "token_event") == 0
    assert [(row["requests"], row["received_requests"], row["derived_requests"]) for row in await records(stored)] == [
        (1, 1, 1),
        (1, 2, 2),
    ]


async def test_a_day_whose_windows_lack_tokens_is_kept_and_reported_until_seven_days_are_over(
    worker_context: WorkerContext, stored: StoredFacts, drain: Drain
) -> None:
    await stored.event("one", 0)
    await drain()
    await stored.age(days=5)
    lost = "UPDATE token_window SET input_uncached = input_uncached {} 1 WHERE organization_id = $1"
    await stored.execute(lost.format("-"))
    with capture_logs() as logs:
        await delete_expired(worker_context)
    assert [log["event"] for log in logs] == ["windows_differ_from_raw_events"]
    assert await count(stored, "token_event") == 1
    (record,) = await records(stored)
    assert (record["received_input_uncached"], record["derived_input_uncached"], record["deleted_at"]) == (
        1000,
        999,
        None,
    )

    await stored.age(days=2.01)
    with capture_logs() as logs:
        await delete_expired(worker_context)
    assert [log["event"] for log in logs] == ["windows_differ_from_raw_events", "raw_events_not_validated_in_time"]
    assert await count(stored, "token_event") == 0
    assert [row["derived_input_uncached"] for row in await records(stored) if row["deleted_at"]] == [999]
    await stored.execute(lost.format("+"))


@pytest.mark.parametrize("state", ["waiting", "dead"])
async def test_what_is_not_counted_is_kept_for_seven_days_and_then_given_up_with_a_record(
    worker_context: WorkerContext, stored: StoredFacts, state: str, drain: Drain
) -> None:
    await stored.event("counted", 0)
    await drain()
    await stored.event("not counted", 1, 300)
    await stored.execute(
        "UPDATE intake_batch SET state = $2, next_attempt_at = now() + interval '1 hour'"
        " WHERE organization_id = $1 AND state = 'waiting'",
        state,
    )
    await stored.age(days=6)
    await delete_expired(worker_context)
    assert await count(stored, "token_event") == 2
    await stored.age(days=1.01)
    with capture_logs() as logs:
        await delete_expired(worker_context)
    assert "raw_events_not_validated_in_time" in {log["event"] for log in logs}
    assert {table: await count(stored, table) for table in RAW[:4]} == dict.fromkeys(RAW[:4], 0)
    (total,) = await stored.fetch("SELECT requests, input_uncached FROM intake_total WHERE organization_id = $1")
    assert (total["requests"], total["input_uncached"]) == (1, 1000), "the ledger balances without what was given up"
    closed = [record for record in await records(stored) if record["deleted_at"]]
    assert [(record["requests"], record["uncounted_requests"]) for record in closed] == [(1, 1)]


async def test_evidence_of_a_session_that_never_ends_goes_after_seven_days_too(
    worker_context: WorkerContext, stored: StoredFacts, drain: Drain
) -> None:
    await stored.evidence("session", 0, branch=b"branch")
    await stored.age(days=7.01)
    await stored.event("still going on", 1, session="session")
    await drain()
    await delete_expired(worker_context)
    assert await count(stored, "session_evidence") == 0
    assert await count(stored, "token_event") == 1


async def test_partitions_are_made_days_ahead_and_take_in_what_came_before_them(
    worker_context: WorkerContext, stored: StoredFacts, drain: Drain
) -> None:
    today = datetime.now(UTC).date()
    async with stored.database.operator() as connection:
        await connection.execute(f"DROP TABLE token_event_{today:%Y_%m_%d}")
    await stored.event("no worker was there", 0)
    await make_partitions(worker_context)
    assert {today + timedelta(days=ahead) for ahead in range(AHEAD + 1)} <= await partitions(worker_context)
    async with worker_context.database.sweep() as swept:
        assert await raw_partitions.resting_days(swept.connection) == set()
    await drain()
    assert await stored.windows() == [(1, 1000)]


async def test_a_partition_shows_an_organization_no_events_of_another(
    worker_context: WorkerContext, stored: StoredFacts
) -> None:
    await stored.event("one", 0)
    await stored.age(days=1)
    (day,) = await put_into_partitions(worker_context)
    name = f"token_event_{day:%Y_%m_%d}"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with worker_context.database.organization(stored.organization.organization_id) as tenant:
            await tenant.connection.fetchval(f"SELECT count(*) FROM {name}")
    async with stored.database.organization(stored.organization.organization_id + 1) as tenant:
        assert await tenant.connection.fetchval(f"SELECT count(*) FROM {name}") == 0
