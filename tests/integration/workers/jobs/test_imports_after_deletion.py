"""Imports of days whose telemetry named no request ids, and of days that only metrics reported."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.harness.organization import Organization
from tests.harness.otlp import MOMENT, codex_completion, logs
from tests.integration.service.telemetry.test_agent_metrics import ONE, exported, times
from tests.integration.service.telemetry.test_agents_other_signals import CODEX, codex_exported, qwen_exported
from tests.integration.service.telemetry.test_imported_sessions import BEGINS, SECOND, Intake
from tests.integration.workers.jobs.test_delete_raw_events import count, put_into_partitions
from tests.integration.workers.stored_facts import StoredFacts
from vocabulary.tokens import TokenCounts, sum_tokens
from workers.context import WorkerContext
from workers.jobs.delete_expired import delete_expired

Drain = Callable[[], Awaitable[None]]
Forget = Callable[[], Awaitable[None]]
CODEX_ONE = TokenCounts(600, 900, 0, 47, 33)


@pytest.fixture
def intake(client: httpx.AsyncClient, organization: Organization) -> Intake:
    return Intake(client, organization)


@pytest.fixture
def forget(worker_context: WorkerContext, stored: StoredFacts, drain: Drain) -> Forget:
    async def delete() -> None:
        """Fold everything and delete its raw events, as after four days."""
        await drain()
        await stored.age(hours=96)
        for table in ("token_tally", "metric_event"):
            column = "seen_at" if table == "token_tally" else "received_at"
            await stored.execute(
                f"UPDATE {table} SET {column} = {column} - interval '96 hours' WHERE organization_id = $1"
            )
        await put_into_partitions(worker_context)
        await delete_expired(worker_context)
        assert await count(stored, "token_event") == 0

    return delete


@pytest.fixture
def received(stored: StoredFacts, drain: Drain) -> Callable[[], Awaitable[TokenCounts]]:
    async def total() -> TokenCounts:
        await drain()
        rows = await stored.fetch("SELECT * FROM intake_total WHERE organization_id = $1")
        return sum_tokens(TokenCounts(*(row[kind] for kind in TokenCounts._fields)) for row in rows)

    return total


Received = Callable[[], Awaitable[TokenCounts]]


def item(number: int, source: str, model: str, tokens: TokenCounts, at: datetime = BEGINS) -> dict[str, Any]:
    return {
        "event_id": f"message-{number}",
        "occurred_at": (at + timedelta(minutes=number)).isoformat(),
        "source": source,
        "model": model,
        "tokens": tokens._asdict(),
        "session": "CANARY-imported",
    }


async def send(intake: Intake, *items: dict[str, Any]) -> int:
    answer = await intake.client.post(
        "/api/v1/token-events", json={"items": items}, headers=intake.organization.headers
    )
    assert answer.status_code == 200, answer.text
    added: int = answer.json()["added"]
    return added


async def test_an_import_fills_what_records_without_ids_lost(
    intake: Intake, forget: Forget, received: Received
) -> None:
    await intake.records(1, 2)
    await forget()
    await intake.imported(1, 2, 3, 4, 5)
    assert await received() == times(5)
    await intake.imported(1, 2, 3, 4, 5, 6)
    assert await received() == times(6)


async def test_an_import_that_came_before_does_not_stand_for_another_one(
    intake: Intake, forget: Forget, received: Received
) -> None:
    await intake.imported(1, 2)
    await forget()
    await intake.imported(3)
    assert await received() == times(3)


async def test_records_that_an_import_replaced_are_not_compared_again(
    intake: Intake, forget: Forget, received: Received
) -> None:
    await intake.records(1, 2)
    await intake.imported(1, 2, 3)
    await forget()
    await intake.imported(4, 5)
    assert await received() == times(5)


async def test_requests_of_another_size_or_time_are_others(intake: Intake, forget: Forget, received: Received) -> None:
    observed = {"observedTimeUnixNano": str(MOMENT + 20 * SECOND)}
    await intake.send(logs(codex_completion() | observed, resource=CODEX))
    await forget()
    others = [
        item(1, "codex", "gpt-5.1-codex", CODEX_ONE._replace(output_visible=48)),
        item(2, "codex", "gpt-5.1-codex", CODEX_ONE, BEGINS + timedelta(hours=3)),
    ]
    assert await send(intake, *others) == 2
    assert await send(intake, item(0, "codex", "gpt-5.1-codex", CODEX_ONE)) == 0
    assert (await received()).total == 3 * CODEX_ONE.total + 1


async def test_an_import_fills_what_metrics_alone_of_deleted_days_lack(
    intake: Intake, forget: Forget, received: Received
) -> None:
    await intake.send(exported(3, minute=4))
    await forget()
    await intake.imported(1, 2, 3, 4)
    assert await received() == times(4)
    await intake.imported(1, 2, 3, 4)
    assert await received() == times(4)


@pytest.mark.parametrize("is_forgotten", [False, True])
async def test_metrics_without_a_session_and_an_import_count_once(
    is_forgotten: bool, intake: Intake, forget: Forget, received: Received
) -> None:
    await intake.send(codex_exported(2, later=180 * SECOND))
    if is_forgotten:
        await forget()
    items = [item(number, "codex", "gpt-5.1-codex", CODEX_ONE) for number in range(3)]
    assert await send(intake, *items) == 1
    assert await send(intake, *items) == 0
    assert await received() == TokenCounts(*(3 * tokens for tokens in CODEX_ONE))


async def test_metrics_after_an_import_add_only_what_it_lacks(intake: Intake, received: Received) -> None:
    await send(intake, *(item(number, "qwen-code", "qwen3-coder-plus", CODEX_ONE) for number in range(2)))
    await intake.send(qwen_exported(3))
    assert await received() == TokenCounts(*(3 * tokens for tokens in CODEX_ONE))


async def test_records_that_replace_metrics_leave_nothing_to_compare(intake: Intake, received: Received) -> None:
    await intake.send(codex_exported(1))
    observed = {"observedTimeUnixNano": str(MOMENT + SECOND)}
    await intake.send(logs(codex_completion() | observed, resource=CODEX))
    await send(intake, item(5, "codex", "gpt-5.1-codex", CODEX_ONE))
    assert (await received()).total == 2 * CODEX_ONE.total


async def test_what_is_left_of_a_request_keeps_its_price(intake: Intake, forget: Forget, received: Received) -> None:
    await intake.send(exported(1, minute=4))
    await forget()
    larger = ONE._replace(cache_write=ONE.cache_write + 50)
    request = item(1, "claude-code", "claude-sonnet-4-5", larger)
    request["tokens"]["cache_write_1h"] = larger.cache_write
    assert await send(intake, request) == 1
    assert await received() == larger
