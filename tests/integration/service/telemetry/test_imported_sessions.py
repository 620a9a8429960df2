"""Telemetry without request ids, and metrics alone, of sessions that are imported too."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.harness.organization import Organization
from tests.harness.otlp import (
    MOMENT,
    PROTOBUF,
    Body,
    as_protobuf,
    claude_logs,
    claude_request,
    codex_completion,
    logs,
    signal_of,
)
from tests.integration.service.telemetry.test_agent_metrics import ONE, SESSION, exported, times
from tests.integration.service.telemetry.test_agents_other_signals import CODEX, codex_exported
from vocabulary.tokens import TokenCounts

Drain = Callable[[], Awaitable[None]]
Received = Callable[[], Awaitable[tuple[int, TokenCounts]]]
BEGINS = datetime.fromtimestamp(MOMENT / 1e9, UTC)
SECOND = 1_000_000_000


class Intake:
    """Sends telemetry and imports of one session; request n begins n minutes after MOMENT and takes 20 seconds."""

    def __init__(self, client: httpx.AsyncClient, organization: Organization) -> None:
        self.client, self.organization = client, organization

    async def records(self, *numbers: int, identified: bool = False) -> None:
        records = []
        for number in numbers:
            ids = {"request_id": f"req_{number}"} if identified else {}
            moment = MOMENT + (number * 60 + 20) * SECOND
            records.append({**claude_request(number, **{"session.id": SESSION}, **ids), "timeUnixNano": str(moment)})
        if not identified:
            for each in records:
                each["attributes"] = [one for one in each["attributes"] if one["key"] != "request_id"]
        await self.send(claude_logs(*records))

    async def send(self, body: Body) -> None:
        answer = await self.client.post(
            f"/v1/{signal_of(body)}", content=as_protobuf(body), headers=self.organization.headers | PROTOBUF
        )
        assert answer.status_code == 200, answer.text

    async def imported(self, *numbers: int, source: str = "claude-code", identified: bool = True) -> None:
        kinds = ("input_uncached", "cache_read", "cache_write", "output_visible")
        items: list[dict[str, Any]] = [
            {
                "event_id": f"message-{number}",
                "occurred_at": (BEGINS + timedelta(minutes=number)).isoformat(),
                "source": source,
                "model": "claude-sonnet-4-5",
                "tokens": dict(zip(kinds, ONE, strict=False)),
                "session": SESSION,
                **({"request_id": f"req_{number}"} if identified else {}),
            }
            for number in numbers
        ]
        answer = await self.client.post(
            "/api/v1/token-events", json={"items": items}, headers=self.organization.headers
        )
        assert answer.status_code == 200, answer.text


@pytest.fixture
def intake(client: httpx.AsyncClient, organization: Organization) -> Intake:
    return Intake(client, organization)


async def test_an_import_replaces_records_without_request_ids(intake: Intake, received: Received, drain: Drain) -> None:
    await intake.records(1, 2)
    await drain()
    await intake.imported(1, 2, 3, 4, 5)
    await drain()
    assert await received() == (5, times(5))
    await intake.imported(1, 2, 3, 4, 5)
    assert await received() == (5, times(5))


async def test_records_that_arrive_after_the_import_of_their_session_add_what_is_new(
    intake: Intake, received: Received
) -> None:
    await intake.imported(1, 2, 3)
    await intake.records(1, 3, 2)
    assert await received() == (3, times(3))
    await intake.records(4)
    await intake.records(3)
    assert await received() == (4, times(4))
    await intake.imported(1, 2, 3, 4, 5)
    assert await received() == (5, times(5))


async def test_what_came_after_the_last_imported_request_stays(intake: Intake, received: Received) -> None:
    await intake.records(1, 2, 3, 4)
    await intake.imported(1, 2, 3)
    assert await received() == (4, times(4))


async def test_request_ids_stay_exact_beside_records_without_them(intake: Intake, received: Received) -> None:
    await intake.records(1, 2, identified=True)
    await intake.records(3)
    await intake.imported(1, 2, 3, 4)
    assert await received() == (4, times(4))


async def test_an_import_without_request_ids_replaces_records_with_them(intake: Intake, received: Received) -> None:
    await intake.records(1, identified=True)
    await intake.imported(1, 2, identified=False)
    await intake.records(2, identified=True)
    assert await received() == (2, times(2))


async def test_metrics_alone_add_nothing_to_an_import_in_either_order(intake: Intake, received: Received) -> None:
    await intake.send(exported(2, minute=3))
    await intake.imported(1, 2, 3)
    assert (await received())[1] == times(3)
    await intake.send(exported(3, minute=4))
    assert (await received())[1] == times(3)


async def test_an_import_fills_what_metrics_lost_after_hours(intake: Intake, received: Received) -> None:
    await intake.send(exported(3, minute=400))
    await intake.imported(1, 2, 3, 4)
    assert (await received())[1].total == times(4).total


async def test_records_and_metrics_and_an_import_count_once(intake: Intake, received: Received) -> None:
    await intake.records(1, 2)
    await intake.send(exported(4, minute=5))
    assert (await received())[1].total == times(4).total
    await intake.imported(1, 2, 3, 4, 5)
    assert (await received())[1] == times(5)
    await intake.send(exported(5, minute=6))
    await intake.records(1, 2, 5)
    assert (await received())[1] == times(5)


async def test_an_outage_of_logs_with_ids_and_metrics_is_filled_once(intake: Intake, received: Received) -> None:
    await intake.records(1, 2, identified=True)
    await intake.send(exported(4, minute=300))
    await intake.imported(1, 2, 3, 4)
    assert (await received())[1].total == times(4).total


async def test_another_session_and_another_source_are_not_superseded(intake: Intake, received: Received) -> None:
    await intake.records(1)
    await intake.imported(1, source="codex", identified=False)
    assert await received() == (2, times(2))


@pytest.mark.parametrize("metrics_first", [False, True])
async def test_metrics_of_a_service_add_nothing_to_records_that_an_import_holds(
    metrics_first: bool, intake: Intake, received: Received
) -> None:
    await intake.imported(1, 2, source="codex", identified=False)
    observed = {"observedTimeUnixNano": str(MOMENT + 80 * SECOND)}
    late = logs(codex_completion(**{"conversation.id": SESSION}) | observed, resource=CODEX)
    measured = codex_exported(1, later=90 * SECOND)
    for body in (measured, late, late) if metrics_first else (late, measured, late):
        await intake.send(body)
    assert (await received())[1] == times(2)
