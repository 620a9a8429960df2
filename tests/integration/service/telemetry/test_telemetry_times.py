"""Nothing finer than the hour is readable of telemetry: every answer of the API, after requests at odd seconds."""

import itertools
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.harness.organization import Organization
from tests.harness.otlp import JSON, as_json, claude_commit, claude_logs, claude_request

Description = dict[str, Any]

DAY = "2026-11-18"
HOUR = datetime(2026, 11, 18, 9, tzinfo=UTC)
REPORTED = HOUR + timedelta(minutes=17, seconds=23, milliseconds=456)
REPOSITORY = "github.com/octo-org/octo-repo"
# Nothing that forges tell happens in the hour of the telemetry, so that whatever lies within it is of telemetry.
PULL_REQUEST = {
    "forge": "github",
    "repository": REPOSITORY,
    "number": 1,
    "state": "merged",
    "head_branch": "one",
    "opened_at": f"{DAY}T08:12:34Z",
    "merged_at": f"{DAY}T15:12:34Z",
}
RELEASE = {
    "forge": "github",
    "repository": REPOSITORY,
    "tag": "v1.0",
    "state": "published",
    "released_at": f"{DAY}T16:12:34Z",
    "pull_requests": [1],
}
CHARGE = {
    "first_day": DAY,
    "provider": "anthropic",
    "model": "claude-sonnet-4-5",
    "kind": "output",
    "tokens": 1_000,
    "currency": "USD",
    "billed_cost": "0.0135",
    "list_cost": "0.015",
}
BILL = {"issuer": "issuer", "account": "1", "period_start": "2026-11-01", "period_end": "2026-12-01"}

# What forges tell, to the second, and when people and workers did something with Shipledger itself.
OF_FORGES = {"merged_at", "released_at", "reverted_at", "fix_released_at"}
OF_THE_LEDGER = {
    *("created_at", "revoked_at", "registered_at", "checked_at", "repaired_at", "last_delivery_at"),
    *("since", "continues_at", "finished_at", "next_attempt_at", "last_success_at", "next_at", "expires_at"),
    *("fitted_at", "drifted_at", "removed_at", "looked_at", "received_at", "studied_at", "delivered_at"),
    *("acted_at", "last_used_at", "signed_in_at", "opened_at"),
    # Of a change that explains curves, as a client reports it.
    "occurred_at",
}
# Whole hours of the requests that a calibration was fitted on.
OF_HOURS = {"begins_at"}

QUERIES: dict[str, list[dict[str, str]]] = {
    "/api/v1/attributions": [
        {"forge": "github", "repository": REPOSITORY, "number": "1"},
        {"team": "default", "merged_from": DAY, "merged_to": DAY},
    ],
    "/api/v1/metrics/tokens-per-pr": [
        {"from": DAY, "to": DAY, "bucket": bucket, "group_by": group}
        for bucket, group in itertools.product(("day", "quarter"), ("team", "model", "workflow", "evidence"))
    ],
    "/api/v1/coverage": [{}, {"from": DAY, "to": DAY}],
    "/api/v1/ledger": [{}, {"from": DAY, "to": DAY}],
}
# Each of these is nobody's here; what they would answer is checked by its description alone.
NOT_MADE = {
    *("alert_id", "delivery_id", "channel_id", "import_id", "backfill_id", "registration_id", "app_id", "connection_id")
}
SOME_ID = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
async def description(client: httpx.AsyncClient) -> Description:
    described: Description = (await client.get("/schema/openapi.json")).json()
    return described


@pytest.fixture
async def ledger(client: httpx.AsyncClient, organization: Organization, drain: Callable[[], Awaitable[None]]) -> None:
    """Requests reported by JSON, OTLP and a gateway's bytes within one hour, settled on a pull request that shipped."""

    async def post(path: str, *items: dict[str, Any]) -> None:
        answer = await client.post(f"/api/v1/{path}", json={"items": items}, headers=organization.headers)
        assert answer.is_success, answer.text

    await post("pull-requests", PULL_REQUEST)
    await post("releases", RELEASE)
    await post("token-events", *(_token_event(number) for number in range(4)))
    await post("gateway-usage", *(_gateway_request(number) for number in range(160)))
    await post("billing-charges", {**BILL, "charges": [CHARGE]})
    moment = str(int(REPORTED.timestamp()) * 10**9 + 456_000_000)
    at = {"timeUnixNano": moment, "observedTimeUnixNano": moment}
    logs = claude_logs(claude_request(5) | at, claude_commit(10) | at)
    answer = await client.post("/v1/logs", content=as_json(logs), headers=organization.headers | JSON)
    assert answer.status_code == 200
    await drain()


def _token_event(number: int) -> dict[str, Any]:
    return {
        "event_id": f"event-{number}",
        "occurred_at": (REPORTED + timedelta(seconds=number)).isoformat(),
        "source": "review-bot",
        "provider": "anthropic",
        "model": "claude-sonnet-4-5",
        "repository": REPOSITORY,
        "session": "a session",
        "workflow": "review",
        "tokens": {"input_uncached": 100, "output_visible": 100},
        **({"branch": "one"} if number < 2 else {}),
    }


def _gateway_request(number: int) -> dict[str, Any]:
    tokens = (400 + 37 * (number % 50), 80 + 11 * (number % 30))
    reported = {"input_tokens": tokens[0], "output_tokens": tokens[1]} if number < 150 else {}
    return {
        "event_id": f"gateway-{number}",
        "occurred_at": (REPORTED + timedelta(seconds=11 * number)).isoformat(),
        "provider": "openai",
        "model": "gpt-5",
        "route": "/v1/responses",
        "request_bytes": 800 + 4 * tokens[0],
        "response_bytes": 400 + 4 * tokens[1],
        **reported,
    }


def _instants(value: str | float) -> Iterator[datetime]:
    """What a value may mean as an instant: as text, or counted in seconds or parts of them."""
    if isinstance(value, str):
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            return
        yield instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        return
    for parts in (1, 10**3, 10**6, 10**9):
        if abs(value) < 2**33 * parts:
            yield datetime.fromtimestamp(value / parts, UTC)


def _finer(answer: Any, path: str = "") -> list[str]:
    """Where in an answer an instant stands that lies within the hour of the telemetry."""
    if isinstance(answer, dict):
        return [found for name, each in answer.items() for found in _finer(each, f"{path}/{name}")]
    if isinstance(answer, list):
        return [found for each in answer for found in _finer(each, path)]
    if answer is None or isinstance(answer, bool):
        return []
    within = any(HOUR < instant < HOUR + timedelta(hours=1) for instant in _instants(answer))
    return [f"{path}: {answer}"] if within else []


@pytest.mark.usefixtures("ledger")
async def test_no_answer_holds_an_instant_of_telemetry_finer_than_its_hour(
    client: httpx.AsyncClient, organization: Organization, description: Description
) -> None:
    readable = [path for path, operations in description["paths"].items() if "get" in operations]
    (release,) = (await client.get("/api/v1/releases", headers=organization.headers)).json()["items"]
    answers = {}
    for path in readable:
        place = path.format(
            artifact_id=release["artifact_id"], dataset="attributions", **dict.fromkeys(NOT_MADE, SOME_ID)
        )
        for query in QUERIES.get(path, [{}]):
            answer = await client.get(place, params=query, headers=organization.headers)
            assert answer.status_code == (404 if any(name in path for name in NOT_MADE) else 200), (path, answer.text)
            assert "17:23" not in answer.text, (path, query)
            if "json" in answer.headers["content-type"]:
                answers[path] = answer.json()
                assert _finer(answers[path]) == [], (path, query)
    # Each of them had something to tell.
    for path in (
        "attributions",
        "metrics/tokens-per-pr",
        "gateway-calibrations",
        "gateway-estimates",
        "reconciliation",
    ):
        assert answers[f"/api/v1/{path}"]["items"], path
    assert answers["/api/v1/coverage"]["requests"]
    assert answers["/api/v1/ledger"]["received"]["total"] > 0


def test_an_instant_is_found_however_it_is_written() -> None:
    seconds = REPORTED.timestamp()
    written = ["2026-11-18T09:17:23.456Z", "2026-11-18 10:17+01:00", seconds, int(seconds), int(seconds * 10**9)]
    for each in written:
        assert _finer({"items": [{"at": each}]}) == [f"/items/at: {each}"]
    assert _finer([HOUR.isoformat(), DAY, None, True, 0.5, "text", 2**62]) == []


def _names_of_instants(description: Description, node: Any, name: str, seen: set[str]) -> set[str]:
    """The fields with instants that what is described by a node may hold; `seen` grows by the schemas that were met."""
    if isinstance(node, list):
        return {found for each in node for found in _names_of_instants(description, each, name, seen)}
    if not isinstance(node, dict):
        return set()
    found = {name} if node.get("format") == "date-time" else set()
    reference = node.get("$ref", "").rpartition("/")[2]
    if reference and reference not in seen:
        seen.add(reference)
        found |= _names_of_instants(description, description["components"]["schemas"][reference], name, seen)
    for key, child in node.get("properties", {}).items():
        found |= _names_of_instants(description, child, key, seen)
    for key in ("schema", "items", "oneOf", "anyOf", "allOf", "additionalProperties"):
        found |= _names_of_instants(description, node.get(key), name, seen)
    return found


async def test_every_instant_that_an_answer_may_hold_is_of_a_forge_of_the_ledger_itself_or_a_whole_hour(
    description: Description,
) -> None:
    seen: set[str] = set()
    bodies = [
        media
        for operations in description["paths"].values()
        for media in operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).values()
    ]
    found = _names_of_instants(description, bodies, "", seen)
    assert len(seen) > 20
    assert found >= OF_FORGES
    assert found <= OF_FORGES | OF_THE_LEDGER | OF_HOURS, "say here what it is an instant of"
