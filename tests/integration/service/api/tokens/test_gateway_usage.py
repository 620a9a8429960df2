"""POST /api/v1/gateway-usage: bulk, idempotent, all or none; bytes by hour, and what tells its tokens as measured."""

import copy
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from schema.database import Database
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.jobs.delete_expired import delete_expired

PATH = "/api/v1/gateway-usage"
ITEM: dict[str, Any] = {
    "event_id": "CANARY-request-1",
    "occurred_at": "2026-11-22T23:30:00-02:00",
    "provider": "bedrock",
    "model": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "route": "/CANARY-person/projects/CANARY/v1/messages?user=CANARY@example.org",
    "stream": True,
    "request_bytes": 21_480,
    "response_bytes": 9_310,
    "team": "platform",
    "request_id": "CANARY-provider-request",
    "user": "CANARY-user",
}


def item(**values: Any) -> dict[str, Any]:
    return {**copy.deepcopy(ITEM), **values}


async def stored(database: Database, organization: Organization, table: str = "gateway_usage") -> list[Any]:
    async with database.organization(organization.organization_id) as tenant:
        return await tenant.fetch(f"SELECT * FROM {table} WHERE organization_id = $1")


async def test_a_bulk_is_stored_once_however_often_it_is_sent(
    client: httpx.AsyncClient, organization: Organization, database: Database
) -> None:
    items = [item(event_id=f"r{number}") for number in range(3)]
    answer = await client.post(PATH, json={"items": items}, headers=organization.headers)
    receipt = {"received": 3, "measured": 0, "to_estimate": 3, "duplicates": 0}
    assert (answer.status_code, answer.json()) == (200, receipt)
    reported = item(event_id="r3", input_tokens=5000, output_tokens=60)
    answer = await client.post(PATH, json={"items": [*items, reported, reported]}, headers=organization.headers)
    assert answer.json() == {"received": 5, "measured": 1, "to_estimate": 0, "duplicates": 4}
    hours = await stored(database, organization, "gateway_hour")
    assert sorted((row["part"], row["requests"], row["bytes"], row["size_class"]) for row in hours) == [
        ("input", 3, 64_440, 15),
        ("output_stream", 3, 27_930, 14),
    ]
    assert {row["hour"].isoformat() for row in hours} == {"2026-11-23T01:00:00+00:00"}


async def test_requests_with_token_counts_are_measured_at_once(
    client: httpx.AsyncClient, organization: Organization, database: Database, drain: Callable[[], Awaitable[None]]
) -> None:
    reported = item(input_tokens=5000, output_tokens=60)
    await client.post(PATH, json={"items": [reported]}, headers=organization.headers)
    (total,) = await stored(database, organization, "intake_total")
    assert (total["requests"], total["input_uncached"], total["output_visible"]) == (1, 5000, 60)
    await drain()
    (window,) = await stored(database, organization, "token_window")
    assert (window["source"], window["basis"]) == ("gateway", "measured")
    assert (window["provider"], window["model"]) == ("aws", "claude-sonnet-4-5-20250929")
    assert (window["requests"], window["input_uncached"], window["output_visible"]) == (1, 5000, 60)
    assert await stored(database, organization, "gateway_hour") == []


async def test_only_the_api_of_a_route_is_kept(
    client: httpx.AsyncClient, organization: Organization, database: Database
) -> None:
    routes = {
        "r1": ITEM["route"],
        "r2": "/CANARY/chat/completions/",
        "r3": "/CANARY-secret/of/somebody",
        "r4": "CANARY",
    }
    items = [item(event_id=event_id, route=route) for event_id, route in routes.items()]
    await client.post(PATH, json={"items": items}, headers=organization.headers)
    rows = await stored(database, organization)
    assert sorted(row["route"] for row in rows) == ["", "", "chat_completions", "messages"]


async def test_embeddings_and_token_counting_have_no_output(
    client: httpx.AsyncClient, organization: Organization, database: Database
) -> None:
    items = [
        item(event_id="vectors", route="/v1/embeddings", stream=False),
        item(event_id="counting", route="/v1/messages/count_tokens", stream=False),
    ]
    await client.post(PATH, json={"items": items}, headers=organization.headers)
    (hour,) = await stored(database, organization, "gateway_hour")
    assert (hour["part"], hour["bytes"]) == ("input", 21_480)


async def test_failed_requests_are_not_estimated(
    client: httpx.AsyncClient,
    organization: Organization,
    database: Database,
    worker_context: WorkerContext,
    drain: Callable[[], Awaitable[None]],
) -> None:
    items = [item(event_id=f"r{status}", status=status) for status in (200, 429, 500)]
    reported = item(event_id="reported", status=400, input_tokens=0, output_tokens=0)
    answer = await client.post(PATH, json={"items": [*items, reported]}, headers=organization.headers)
    assert answer.json() == {"received": 4, "measured": 1, "to_estimate": 3, "duplicates": 0}
    assert {row["requests"] for row in await stored(database, organization, "gateway_hour")} == {1}
    await drain()
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute(
            "UPDATE gateway_usage SET received_at = now() - interval '73 hours' WHERE organization_id = $1"
        )
    await delete_expired(worker_context)
    assert await stored(database, organization) == []


async def test_an_unknown_team_is_created_and_a_missing_team_is_the_default(
    client: httpx.AsyncClient, organization: Organization, database: Database
) -> None:
    items = [item(event_id="a", team="new team"), item(event_id="b", team=None)]
    await client.post(PATH, json={"items": items}, headers=organization.headers)
    names = {row["team_id"]: row["name"] for row in await stored(database, organization, "team")}
    assert sorted(names[row["team_id"]] for row in await stored(database, organization)) == ["default", "new team"]


async def test_repeats_count_once_after_raw_rows_are_deleted(
    client: httpx.AsyncClient, organization: Organization, database: Database, worker_context: WorkerContext
) -> None:
    body = {"items": [item(event_id="r1"), item(event_id="r2")]}
    await client.post(PATH, json=body, headers=organization.headers)
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute(
            "UPDATE gateway_usage SET received_at = now() - interval '73 hours' WHERE organization_id = $1"
        )
    await delete_expired(worker_context)
    assert await stored(database, organization) == [], "the raw rows live on, and the test shows nothing"
    answer = await client.post(PATH, json=body, headers=organization.headers)
    assert answer.json()["duplicates"] == 2
    hours = await stored(database, organization, "gateway_hour")
    assert {row["requests"] for row in hours} == {2}


async def test_raw_rows_stay_while_the_sums_hold_fewer_tokens(
    client: httpx.AsyncClient, organization: Organization, database: Database, worker_context: WorkerContext
) -> None:
    await client.post(PATH, json={"items": [ITEM]}, headers=organization.headers)
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute(
            "UPDATE gateway_usage SET received_at = now() - interval '73 hours' WHERE organization_id = $1"
        )
        await tenant.execute("UPDATE gateway_hour SET bytes = bytes - 1 WHERE organization_id = $1")
    await delete_expired(worker_context)
    assert len(await stored(database, organization)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"occurred_at": "2026-11-22T23:30:00"}, "occurred_at"),
        ({"occurred_at": "1999-12-31T23:59:59Z"}, "occurred_at"),
        ({"request_bytes": -1}, "request_bytes"),
        ({"response_bytes": 10**30}, "response_bytes"),
        ({"response_bytes": 1e30}, "response_bytes"),
        ({"response_bytes": 0.5}, "response_bytes"),
        ({"response_bytes": None}, "response_bytes"),
        ({"event_id": ""}, "event_id"),
        ({"model": ""}, "model"),
        ({"model": "CANARY@example.org"}, "model"),
        ({"model": "x" * 101}, "model"),
        ({"team": ""}, "team"),
        ({"stream": "yes"}, "stream"),
        ({"status": 99}, "status"),
        ({"route": "x" * 2001}, "route"),
        ({"input_tokens": 5}, "output_tokens"),
        ({"output_tokens": 5}, "input_tokens"),
        ({"input_tokens": -5, "output_tokens": 1}, "input_tokens"),
    ],
)
async def test_one_bad_item_is_named_and_nothing_of_the_bulk_is_stored(
    change: dict[str, Any], field: str, client: httpx.AsyncClient, organization: Organization, database: Database
) -> None:
    items = [item(event_id="a"), item(**{"event_id": "b", **change}), item(event_id="c")]
    answer = await client.post(PATH, json={"items": items}, headers=organization.headers)
    assert answer.status_code == 400
    assert answer.json()["field"] == f"items[1].{field}"
    assert "CANARY" not in answer.text
    assert not await stored(database, organization)
    assert not await stored(database, organization, "gateway_hour")


async def test_a_missing_model_is_named(client: httpx.AsyncClient, organization: Organization) -> None:
    reported = {key: value for key, value in ITEM.items() if key != "model"}
    answer = await client.post(PATH, json={"items": [reported]}, headers=organization.headers)
    assert (answer.status_code, answer.json()["field"]) == (400, "items[0].model")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"items": {}}', b'{"items": [{"request_bytes": NaN}]}', b"\xff", b'{"items":' + b"[" * 9999],
)
async def test_a_body_that_is_not_a_bulk_is_400(
    body: bytes, client: httpx.AsyncClient, organization: Organization
) -> None:
    headers = organization.headers | {"Content-Type": "application/json"}
    answer = await client.post(PATH, content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_without_a_key_it_is_401(client: httpx.AsyncClient) -> None:
    assert (await client.post(PATH, json={"items": [ITEM]})).status_code == 401


async def test_the_same_event_id_in_two_organizations_counts_in_both(
    client: httpx.AsyncClient, organization: Organization, other_organization: Organization, database: Database
) -> None:
    for one in (organization, other_organization):
        answer = await client.post(PATH, json={"items": [ITEM]}, headers=one.headers)
        assert answer.json()["to_estimate"] == 1
    (first,) = await stored(database, organization)
    (second,) = await stored(database, other_organization)
    assert first["event_id"] != second["event_id"]
