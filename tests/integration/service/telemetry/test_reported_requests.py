"""Telemetry of an agent and an import of its transcripts report the same requests."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from schema.database import Database
from tests.harness.organization import Organization
from tests.harness.otlp import PROTOBUF, Body, as_protobuf, claude_logs, claude_request

TOKENS = 6_042
Drain = Callable[[], Awaitable[None]]


class Intake:
    def __init__(self, client: httpx.AsyncClient, organization: Organization, database: Database, drain: Drain) -> None:
        self.client, self.organization, self.database, self.drain = client, organization, database, drain

    async def telemetry(self, *numbers: int, **values: Any) -> None:
        records = [claude_request(number, request_id=f"req_{number}", **values) for number in numbers]
        await self.send(claude_logs(*records))

    async def send(self, body: Body) -> None:
        headers = self.organization.headers | PROTOBUF
        answer = await self.client.post("/v1/logs", content=as_protobuf(body), headers=headers)
        assert answer.status_code == 200, answer.text

    async def imported(self, *numbers: int, source: str = "claude-code", **values: Any) -> dict[str, int]:
        items = [item(number, source) | values for number in numbers]
        answer = await self.client.post(
            "/api/v1/token-events", json={"items": items}, headers=self.organization.headers
        )
        assert answer.status_code == 200, answer.text
        receipt: dict[str, int] = answer.json()
        return receipt

    async def received(self) -> int:
        await self.drain()
        shown = (await self.client.get("/api/v1/ledger", headers=self.organization.headers)).json()
        assert shown["difference"]["total"] == 0
        total: int = shown["received"]["total"]
        return total


def item(number: int, source: str) -> dict[str, Any]:
    return {
        "event_id": f"message-{number}",
        "occurred_at": "2026-11-22T01:45:52Z",
        "source": source,
        "model": "claude-sonnet-4-5",
        "tokens": {"input_uncached": 1200, "cache_read": 4500, "cache_write": 300, "output_visible": 42},
        "session": "CANARY-session",
        "request_id": f"req_{number}",
    }


@pytest.fixture
def intake(client: httpx.AsyncClient, organization: Organization, database: Database, drain: Drain) -> Intake:
    return Intake(client, organization, database, drain)


async def test_an_import_fills_what_telemetry_lost(intake: Intake) -> None:
    await intake.telemetry(1, 2)
    assert await intake.imported(1, 2, 3, 4, 5) == {"received": 5, "added": 3, "duplicates": 2}
    assert await intake.received() == 5 * TOKENS


async def test_telemetry_that_arrives_after_an_import_adds_only_what_is_new(intake: Intake) -> None:
    await intake.imported(1, 2)
    await intake.telemetry(1, 2, 3)
    await intake.telemetry(1, 2, 3)
    assert await intake.imported(1, 2, 3) == {"received": 3, "added": 0, "duplicates": 3}
    assert await intake.received() == 3 * TOKENS


async def test_a_request_id_that_an_agents_telemetry_repeats_counts_each_time(intake: Intake) -> None:
    records = [claude_request(number, request_id="req_1") for number in (1, 2)]
    await intake.send(claude_logs(*records))
    assert (await intake.imported(1))["added"] == 0
    assert await intake.received() == 2 * TOKENS


async def test_a_failed_request_hides_no_import(intake: Intake) -> None:
    failed = claude_request(1, request_id="req_1")
    failed["attributes"] = [each for each in failed["attributes"] if "token" not in each["key"]]
    for each in failed["attributes"]:
        if each["key"] == "event.name":
            each["value"] = {"stringValue": "api_error"}
    await intake.send(claude_logs(failed))
    assert (await intake.imported(1))["added"] == 1
    assert await intake.received() == TOKENS


async def test_requests_of_other_sources_and_without_an_id_are_not_compared(intake: Intake) -> None:
    await intake.telemetry(1)
    assert (await intake.imported(1, source="an-application"))["added"] == 1
    assert (await intake.imported(2, request_id=None))["added"] == 1


async def test_work_that_an_import_names_links_what_telemetry_reported(intake: Intake) -> None:
    await intake.telemetry(1)
    work = {"number": 7, "repository": "github.com/example-org/example-repo"}
    assert (await intake.imported(1, **work))["added"] == 0
    await intake.drain()
    async with intake.database.organization(intake.organization.organization_id) as tenant:
        numbers = await tenant.fetch("SELECT number FROM token_window WHERE organization_id = $1 AND requests > 0")
    assert [row["number"] for row in numbers] == [intake.organization.hasher.number(7)]
