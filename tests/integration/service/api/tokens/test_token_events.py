"""POST /api/v1/token-events: bulk, idempotent, all or none."""

import copy
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from schema.database import Database
from schema.identifiers import parse_repository
from tests.harness.organization import Organization
from vocabulary.tokens import TokenCounts
from workers.context import WorkerContext
from workers.jobs.delete_expired import delete_expired

PATH = "/api/v1/token-events"
ITEM: dict[str, Any] = {
    "event_id": "CANARY-message-1",
    "occurred_at": "2026-11-22T23:30:00-02:00",
    "source": "claude-code",
    "model": "anthropic/claude-sonnet-4-5",
    "tokens": {"input_uncached": 1, "cache_read": 2, "cache_write": 3, "output_visible": 4, "output_reasoning": 5},
    "team": "platform",
    "session": "CANARY-session",
    "repository": "git@github.com:Example-Org/Example-Repo.git",
    "number": 7,
    "commit": "6F7D5618106C4B7558541A320146DA091F43C6C2",
    "branch": "CANARY-branch",
    "workflow": "nightly",
    "prompt_template": "CANARY@example.org",
    "user": "CANARY-user",
}


def item(**values: Any) -> dict[str, Any]:
    return {**copy.deepcopy(ITEM), **values}


async def stored(database: Database, organization: Organization, table: str = "token_event") -> list[Any]:
    async with database.organization(organization.organization_id) as tenant:
        return await tenant.fetch(f"SELECT * FROM {table} WHERE organization_id = $1")


async def test_a_bulk_is_stored_once_however_often_it_is_sent(
    client: httpx.AsyncClient, organization: Organization, database: Database
) -> None:
    items = [item(event_id=f"m{number}") for number in range(3)]
    answer = await client.post(PATH, json={"items": items}, headers=organization.headers)
    assert (answer.status_code, answer.json()) == (200, {"received": 3, "added": 3, "duplicates": 0})
    more = [*items, item(event_id="m3"), item(event_id="m3")]
    answer = await client.post(PATH, json={"items": more}, headers=organization.headers)
    assert answer.json() == {"received": 5, "added": 1, "duplicates": 4}
    (total,) = await stored(database, organization, "intake_total")
    assert (total["requests"], total["day"].isoformat()) == (4, "2026-11-23")
    assert TokenCounts(*(total[kind] for kind in TokenCounts._fields)) == TokenCounts(4, 8, 12, 16, 20)


async def test_repeats_count_once_after_raw_events_are_deleted(
    client: httpx.AsyncClient,
    organization: Organization,
    database: Database,
    worker_context: WorkerContext,
    drain: Callable[[], Awaitable[None]],
) -> None:
    body = {"items": [item(event_id="m1"), item(event_id="m2")]}
    await client.post(PATH, json=body, headers=organization.headers)
    await drain()
    async with database.organization(organization.organization_id) as tenant:
        for table in ("token_event", "intake_batch"):
            await tenant.execute(
                f"UPDATE {table} SET received_at = now() - interval '97 hours' WHERE organization_id = $1"
            )
    await delete_expired(worker_context)
    assert await stored(database, organization) == [], "the raw events live on, and the test shows nothing"
    answer = await client.post(PATH, json=body, headers=organization.headers)
    assert answer.json() == {"received": 2, "added": 0, "duplicates": 2}
    assert await stored(database, organization) == []
    (total,) = await stored(database, organization, "intake_total")
    assert total["requests"] == 2


async def test_names_are_hashed_and_what_is_no_label_is_dropped(
    client: httpx.AsyncClient, organization: Organization, database: Database
) -> None:
    artifact = "a1_" + "ab" * 32
    await client.post(PATH, json={"items": [item(artifact_id=artifact)]}, headers=organization.headers)
    (event,) = await stored(database, organization)
    hasher = organization.hasher
    assert (event["provider"], event["model"]) == ("anthropic", "claude-sonnet-4-5")
    assert (event["workflow"], event["prompt_template"]) == ("nightly", "")
    assert event["artifact"] == bytes.fromhex("ab" * 32)
    assert event["number"] == hasher.number(7)
    assert event["commit"] == hasher.commit(ITEM["commit"].lower())
    assert event["branch"] == hasher.branch("CANARY-branch")
    assert event["repository"] == hasher.repository_by_name(parse_repository("github.com/example-org/example-repo"))
    assert event["session"] == hasher.session("claude-code", "CANARY-session")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"occurred_at": "2026-11-22T23:30:00"}, "occurred_at"),
        ({"occurred_at": "1999-12-31T23:59:59Z"}, "occurred_at"),
        ({"tokens": {"cache_read": -1}}, "tokens.cache_read"),
        ({"tokens": {"cache_read": 10**30}}, "tokens.cache_read"),
        ({"tokens": {"cache_read": 0.5}}, "tokens.cache_read"),
        ({"event_id": ""}, "event_id"),
        ({"source": "CANARY source"}, "source"),
        ({"repository": "CANARY"}, "repository"),
        ({"commit": "CANARY"}, "commit"),
        ({"artifact_id": "CANARY"}, "artifact_id"),
        ({"number": 0}, "number"),
        ({"model": "x" * 101}, "model"),
    ],
)
async def test_one_bad_item_is_named_and_nothing_of_the_bulk_is_stored(
    change: dict[str, Any], field: str, client: httpx.AsyncClient, organization: Organization, database: Database
) -> None:
    items = [item(event_id="a"), item(**{"event_id": "b", **change}), item(event_id="c")]
    answer = await client.post(PATH, json={"items": items}, headers=organization.headers)
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["field"] == f"items[1].{field}"
    assert "CANARY" not in answer.text
    assert problem["detail"]
    assert not await stored(database, organization)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"items": {}}', b'{"items": [1]}', b"\xff", b'{"items":' + b"[" * 9999]
)
async def test_a_body_that_is_not_a_bulk_is_400(
    body: bytes, client: httpx.AsyncClient, organization: Organization
) -> None:
    headers = organization.headers | {"Content-Type": "application/json"}
    answer = await client.post(PATH, content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_more_than_ten_thousand_items_are_too_many(client: httpx.AsyncClient, organization: Organization) -> None:
    small = {key: ITEM[key] for key in ("event_id", "occurred_at", "source", "tokens")}
    answer = await client.post(PATH, json={"items": [small] * 10_001}, headers=organization.headers)
    assert (answer.status_code, answer.json()["field"]) == (400, "items")
    answer = await client.post(PATH, json={"items": [small] * 10_000}, headers=organization.headers)
    assert answer.json() == {"received": 10_000, "added": 1, "duplicates": 9_999}


async def test_an_empty_bulk_adds_nothing(client: httpx.AsyncClient, organization: Organization) -> None:
    answer = await client.post(PATH, json={"items": []}, headers=organization.headers)
    assert (answer.status_code, answer.json()) == (200, {"received": 0, "added": 0, "duplicates": 0})


async def test_without_a_key_it_is_401(client: httpx.AsyncClient) -> None:
    assert (await client.post(PATH, json={"items": [ITEM]})).status_code == 401


async def test_the_same_event_id_in_two_organizations_counts_in_both(
    client: httpx.AsyncClient, organization: Organization, other_organization: Organization, database: Database
) -> None:
    for one in (organization, other_organization):
        answer = await client.post(PATH, json={"items": [ITEM]}, headers=one.headers)
        assert answer.json()["added"] == 1
    (first,) = await stored(database, organization)
    (second,) = await stored(database, other_organization)
    assert first["event_id"] != second["event_id"]
    assert first["branch"] != second["branch"]


async def test_price_details_beside_token_kinds_are_stored_and_priced(
    client: httpx.AsyncClient, organization: Organization, database: Database, drain: Callable[[], Awaitable[None]]
) -> None:
    tokens = {"input_uncached": 1000, "cache_write": 500, "cache_write_1h": 300}
    items = [
        item(event_id="hour", tokens=tokens, web_searches=2, code_executions=1),
        item(event_id="fast", model="claude-opus-4-8", service_tier="FAST", tokens={"input_uncached": 1000}),
        item(event_id="unknown", service_tier="sometime", tokens={"input_uncached": 70}),
    ]
    assert (await client.post(PATH, json={"items": items}, headers=organization.headers)).status_code == 200
    await drain()
    windows = {row["service_tier"]: row for row in await stored(database, organization, "token_window")}
    hour, fast, unknown = windows[""], windows["fast"], windows["sometime"]
    by_piece = 2 * 10_000_000
    assert hour["cost_nano_usd"] == 1000 * 3_000 + 200 * 3_750 + 300 * 6_000 + by_piece
    assert (hour["cache_write"], hour["cache_write_1h"], hour["piece_cost_nano_usd"]) == (500, 300, by_piece)
    assert (hour["web_searches"], hour["code_executions"]) == (2, 1)
    assert (fast["cost_nano_usd"], fast["unpriced_tokens"]) == (1000 * 10_000, 0)
    assert (unknown["cost_nano_usd"], unknown["unpriced_tokens"]) == (0, 70)


async def test_a_part_larger_than_its_whole_is_refused(client: httpx.AsyncClient, organization: Organization) -> None:
    body = {"items": [item(tokens={"cache_write": 1, "cache_write_1h": 2})]}
    problem = (await client.post(PATH, json=body, headers=organization.headers)).json()
    assert (problem["status"], "cache_write_1h" in problem["detail"]) == (400, True)
