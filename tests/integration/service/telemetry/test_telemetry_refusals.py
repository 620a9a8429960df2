"""What the telemetry routes answer when they cannot take a body: always OTLP's way, and never anything of the body."""

import asyncio
import gzip
import hashlib
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from google.protobuf.message import Message

from schema.database import Database
from schema.settings import Settings
from service.app import create_app
from service.telemetry.otlp.records import Signal
from tests.harness.organization import Organization
from tests.harness.otlp import (
    JSON,
    MOMENT,
    PROTOBUF,
    REQUESTS,
    Body,
    as_json,
    as_protobuf,
    claude_logs,
    claude_request,
    histogram,
    histogram_point,
    logs,
    metrics,
    number_point,
    record,
    span,
    spans,
)
from tests.harness.service import serve
from vocabulary.tokens import TokenCounts

Received = Callable[[], Awaitable[tuple[int, TokenCounts]]]
Rows = Callable[[str], Awaitable[list[asyncpg.Record]]]

GOOD = as_protobuf(claude_logs(claude_request()))


def status_message(content: bytes) -> tuple[int, str]:
    """A google.rpc.Status read with the wire format alone, apart from the product's own writer."""
    code, text = 0, ""
    position = 0
    while position < len(content):
        tag = content[position]
        number, position = varint(content, position + 1)
        if tag == 0x08:
            code = number
        else:
            assert tag == 0x12
            text = content[position : position + number].decode()
            position += number
    return code, text


def varint(content: bytes, position: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = content[position]
        number |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return number, position


async def test_the_media_type_of_a_request_may_be_written_in_any_case(
    client: httpx.AsyncClient, organization: Organization
) -> None:
    headers = organization.headers | {"Content-Type": "Application/X-Protobuf; charset=utf-8"}
    answer = await client.post("/v1/logs", content=b"CANARY is no protobuf", headers=headers)
    assert answer.headers["content-type"] == PROTOBUF["Content-Type"]
    assert status_message(answer.content)[0] == 3


@pytest.mark.parametrize("signal", ["logs", "metrics", "traces"])
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"CANARY is no protobuf", PROTOBUF),
        (b'{"resourceLogs": "CANARY"', JSON),
        (b'["CANARY"]', JSON),
        (b'{"resourceLogs": 1, "resourceMetrics": 1, "resourceSpans": 1}', JSON),
        (b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", JSON),
        (b"CANARY", PROTOBUF | {"Content-Encoding": "gzip"}),
        (gzip.compress(GOOD, mtime=0)[:-9], PROTOBUF | {"Content-Encoding": "gzip"}),
        (gzip.compress(b"", mtime=0) * 1000, PROTOBUF | {"Content-Encoding": "gzip"}),
    ],
)
async def test_a_body_that_cannot_be_read_is_400_and_stores_nothing(
    signal: str,
    body: bytes,
    headers: dict[str, str],
    client: httpx.AsyncClient,
    organization: Organization,
    rows: Rows,
) -> None:
    answer = await client.post(f"/v1/{signal}", content=body, headers=organization.headers | headers)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == headers["Content-Type"]
    code = answer.json()["code"] if headers is JSON else status_message(answer.content)[0]
    assert code == 3
    assert b"CANARY" not in answer.content
    assert not await rows("token_event")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (GOOD[:-3], PROTOBUF),
        (GOOD.replace(b"claude-sonnet", b"claude\xffsonnet"), PROTOBUF),
        (as_json(claude_logs(claude_request())).replace(b"claude-sonnet", b"claude\xffsonnet"), JSON),
        (as_json(claude_logs(claude_request())).replace(b'"1200"', b"NaN"), JSON),
        (as_json(claude_logs(claude_request()))[:-1], JSON),
    ],
    ids=["broken off", "no UTF-8", "no UTF-8 in JSON", "NaN", "broken off JSON"],
)
async def test_a_log_that_is_spoilt_is_400_and_stores_nothing(
    body: bytes, headers: dict[str, str], client: httpx.AsyncClient, organization: Organization, rows: Rows
) -> None:
    answer = await client.post("/v1/logs", content=body, headers=organization.headers | headers)
    assert answer.status_code == 400
    assert not await rows("token_event")


@pytest.mark.parametrize("media_type", ["text/plain", "application/grpc", ""])
async def test_another_media_type_is_415(
    media_type: str, client: httpx.AsyncClient, organization: Organization
) -> None:
    headers = organization.headers | {"Content-Type": media_type}
    assert (await client.post("/v1/logs", content=GOOD, headers=headers)).status_code == 415


async def test_a_path_with_a_trailing_slash_is_refused_the_same_way(
    client: httpx.AsyncClient, organization: Organization
) -> None:
    answer = await client.post("/v1/logs/", content=b"CANARY is no protobuf", headers=organization.headers | PROTOBUF)
    assert (answer.status_code, status_message(answer.content)[0]) == (400, 3)


async def test_another_content_encoding_is_415(client: httpx.AsyncClient, organization: Organization) -> None:
    headers = organization.headers | PROTOBUF | {"Content-Encoding": "br"}
    answer = await client.post("/v1/logs", content=GOOD, headers=headers)
    assert (answer.status_code, status_message(answer.content)[0]) == (415, 3)


async def test_a_media_type_with_parameters_is_read(
    client: httpx.AsyncClient, organization: Organization, received: Received
) -> None:
    headers = organization.headers | {"Content-Type": "Application/JSON; charset=utf-8"}
    answer = await client.post("/v1/logs", content=as_json(claude_logs(claude_request())), headers=headers)
    assert answer.status_code == 200
    assert (await received())[0] == 1


@pytest.fixture
async def narrow_client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A service that takes 100,000 bytes a body."""
    async with serve(create_app(settings.model_copy(update={"telemetry_body_limit": 100_000}))) as client:
        yield client


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"\x00" * 100_001, "identity"),
        (gzip.compress(b"\x00" * 100_001, mtime=0), "gzip"),
        (gzip.compress(b"\x00" * 50_001, mtime=0) * 2, "gzip"),
        (gzip.compress(b"\x00" * 50_000_000, mtime=0), "gzip"),
    ],
    ids=["plain", "inflated", "in members", "bomb"],
)
async def test_a_body_over_the_limit_is_413(
    body: bytes, encoding: str, narrow_client: httpx.AsyncClient, organization: Organization
) -> None:
    headers = organization.headers | PROTOBUF | {"Content-Encoding": encoding}
    answer = await narrow_client.post("/v1/logs", content=body, headers=headers)
    assert (answer.status_code, status_message(answer.content)[0]) == (413, 11)


async def test_a_body_that_announces_no_length_is_cut_off_at_the_limit(
    narrow_client: httpx.AsyncClient, organization: Organization
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100_000_000:
            sent += 10_000
            yield b"\x00" * 10_000

    answer = await narrow_client.post("/v1/logs", content=endless(), headers=organization.headers | PROTOBUF)
    assert answer.status_code == 413
    assert sent < 1_000_000


async def test_without_a_key_it_is_401_in_the_encoding_of_the_request(
    client: httpx.AsyncClient, organization: Organization
) -> None:
    for headers in (PROTOBUF, PROTOBUF | {"Authorization": f"Bearer {organization.key[:-1]}_"}):
        answer = await client.post("/v1/logs", content=GOOD, headers=headers)
        assert (answer.status_code, status_message(answer.content)[0]) == (401, 16)
        assert answer.headers["www-authenticate"] == "Bearer"
    answer = await client.post("/v1/logs", content=b"{}", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (401, 16)


async def test_a_key_that_may_only_read_is_403(
    client: httpx.AsyncClient, organization: Organization, database: Database
) -> None:
    key = f"sl1_{organization.organization_id}_{secrets.token_urlsafe(32)}"
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute(
            "INSERT INTO api_key (organization_id, key_id, name, digest, scopes) VALUES ($1, $2, 'r', $3, '{read}')",
            uuid.uuid4(),
            hashlib.sha256(key.encode()).digest(),
        )
    answer = await client.post("/v1/logs", content=GOOD, headers=PROTOBUF | {"Authorization": f"Bearer {key}"})
    assert (answer.status_code, status_message(answer.content)[0]) == (403, 7)


@pytest.mark.parametrize(
    "values",
    [
        {"input_tokens": -1},
        {"output_tokens": 10**13},
        {"output_tokens": "CANARY"},
        {"cache_read_tokens": True},
        {"cache_read_tokens": 0.5},
        {"input_tokens": 1e30},
        {"input_tokens": float("nan")},
        {"output_tokens": float("inf")},
        {"cache_creation_tokens": "1" * 5000},
        dict.fromkeys(("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")),
    ],
)
async def test_a_record_without_sense_is_rejected_alone(
    values: dict[str, object], client: httpx.AsyncClient, organization: Organization, received: Received
) -> None:
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

    body = claude_logs(claude_request(1), claude_request(2, **values), claude_request(3))
    answer = await client.post("/v1/logs", content=as_json(body), headers=organization.headers | JSON)
    assert answer.status_code == 200
    assert answer.json()["partialSuccess"]["rejectedLogRecords"] == "1"
    answer = await client.post("/v1/logs", content=as_protobuf(body), headers=organization.headers | PROTOBUF)
    partial: Message = ExportLogsServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, partial.rejected_log_records) == (200, 1)
    assert "CANARY" not in partial.error_message
    assert (await received())[0] == 2
    said = (await client.get("/metrics", headers=organization.headers)).text
    assert 'shipledger_telemetry_records_rejected_total{reason="counts",signal="logs"} 2.0' in said


YEAR = 31_557_600 * 10**9


async def test_a_clock_that_is_years_off_is_rejected(client: httpx.AsyncClient, organization: Organization) -> None:
    values = {"event.name": "api_request", "input_tokens": 1}
    moments = [1, 2**63, 10**30, -5, time.time_ns() + 2 * YEAR, MOMENT - 5 * YEAR]
    body = logs(*(record(values, moment=moment) for moment in moments), resource={"service.name": "claude-code"})
    answer = await client.post("/v1/logs", content=as_json(body), headers=organization.headers | JSON)
    assert answer.json()["partialSuccess"]["rejectedLogRecords"] == "6"
    said = (await client.get("/metrics", headers=organization.headers)).text
    assert 'shipledger_telemetry_records_rejected_total{reason="time",signal="logs"} 6.0' in said


def at(signal: str, moment: int) -> Body:
    """Seven tokens, reported at a time in nanoseconds since 1970."""
    if signal == "logs":
        reported = record({"event.name": "api_request", "input_tokens": 7}, moment=moment)
        return logs(reported, resource={"service.name": "claude-code"})
    if signal == "traces":
        return spans(span("chat", {"gen_ai.usage.input_tokens": 7}, moment=moment), resource={"service.name": "bot"})
    point = histogram_point(7.0, {"gen_ai.token.type": "input"}, moment=moment)
    return metrics(histogram("gen_ai.client.token.usage", point), resource={"service.name": "bot"})


@pytest.mark.parametrize("signal", ["logs", "traces", "metrics"])
async def test_a_clock_off_by_years_is_rejected_and_counted_in_every_signal_and_encoding(
    signal: str, client: httpx.AsyncClient, organization: Organization, rows: Rows
) -> None:
    moments = [1, 2**63, time.time_ns() + 2 * YEAR, MOMENT - 5 * YEAR]
    for moment in moments:
        body = at(signal, moment)
        for content, headers in ((as_protobuf(body), PROTOBUF), (as_json(body), JSON)):
            answer = await client.post(f"/v1/{signal}", content=content, headers=organization.headers | headers)
            assert (answer.status_code, answer.content not in {b"", b"{}"}) == (200, True)
    said = (await client.get("/metrics", headers=organization.headers)).text
    assert f'shipledger_telemetry_records_rejected_total{{reason="time",signal="{signal}"}} 8.0' in said
    for table in ("token_event", "measurement", "metric_series", "token_tally", "intake_total"):
        assert not await rows(table)


async def test_a_record_without_time_counts_once_on_the_day_it_arrives(
    client: httpx.AsyncClient, organization: Organization, received: Received
) -> None:
    values = {"event.name": "api_request", "input_tokens": 1}
    body = as_json(logs(record(values, moment=0, observed=0), resource={"service.name": "claude-code"}))
    for _ in range(2):
        answer = await client.post("/v1/logs", content=body, headers=organization.headers | JSON)
        assert answer.json() == {}
    assert await received() == (1, TokenCounts(1))


async def test_while_the_database_is_away_it_is_503_and_the_retry_counts_once(
    settings: Settings,
    database_url: str,
    postgres_socket: str,
    organization: Organization,
    received: Received,
    tmp_path: Path,
) -> None:
    way = tmp_path / "socket"
    way.symlink_to(postgres_socket)
    near = settings.model_copy(update={"database_url": settings.database_url.replace(postgres_socket, str(way))})
    async with serve(create_app(near)) as client:

        async def send() -> httpx.Response:
            return await client.post("/v1/logs", content=GOOD, headers=organization.headers | PROTOBUF)

        way.unlink()
        first = await send()
        way.symlink_to(postgres_socket)
        assert (await send()).status_code == 200
        way.unlink()
        await end_connections(postgres_socket, database_url)
        answers = await asyncio.gather(*(send() for _ in range(5)))
        way.symlink_to(postgres_socket)
        assert (await send()).status_code == 200
    for answer in (first, *answers):
        assert (answer.status_code, status_message(answer.content)[0]) == (503, 14)
        assert int(answer.headers["retry-after"]) > 0
    assert (await received())[0] == 1


async def end_connections(postgres_socket: str, database_url: str) -> None:
    name = urlsplit(database_url).path.lstrip("/")
    administration = await asyncpg.connect(f"postgresql://postgres@/postgres?host={postgres_socket}")
    ended = await administration.fetch(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name
    )
    assert ended
    await administration.close()


async def test_while_redis_is_away_telemetry_is_taken_all_the_same(
    settings: Settings, organization: Organization, received: Received
) -> None:
    async with serve(create_app(settings.model_copy(update={"redis_url": "redis://localhost:1/0"}))) as client:
        answer = await client.post("/v1/logs", content=GOOD, headers=organization.headers | PROTOBUF)
    assert answer.status_code == 200
    assert (await received())[0] == 1


async def test_bodies_never_reach_the_logs(
    client: httpx.AsyncClient, organization: Organization, capfd: pytest.CaptureFixture[str]
) -> None:
    bodies = [GOOD, b"CANARY", GOOD[:-2], as_json(claude_logs(claude_request(input_tokens="CANARY")))]
    statuses = [
        (await client.post("/v1/logs", content=body, headers=organization.headers | headers)).status_code
        for body in bodies
        for headers in (PROTOBUF, JSON)
    ]
    assert 200 in statuses
    assert 400 in statuses
    said = capfd.readouterr()
    assert "CANARY" not in said.out + said.err


def chat(**values: object) -> Body:
    reported = {"gen_ai.request.model": "gpt-5", "gen_ai.usage.input_tokens": 7, "gen_ai.prompt": "CANARY", **values}
    return spans(span("chat", reported), resource={"service.name": "bot"})


def usage(total: object = 7.0, **values: object) -> Body:
    point = histogram_point(7.0, {"gen_ai.token.type": "input", "gen_ai.prompt": "CANARY", **values})
    return metrics(histogram("gen_ai.client.token.usage", {**point, "sum": total}), resource={"service.name": "bot"})


BODIES = {"logs": claude_logs(claude_request()), "traces": chat(), "metrics": usage()}


@pytest.mark.parametrize("signal", list(BODIES))
async def test_every_refusal_is_counted_with_its_reason_and_stores_nothing(
    signal: str, narrow_client: httpx.AsyncClient, organization: Organization, rows: Rows
) -> None:
    good, plain = as_protobuf(BODIES[signal]), as_json(BODIES[signal])
    refused: list[tuple[bytes, dict[str, str], int]] = [
        (gzip.compress(b"\x00" * 50_000_000, mtime=0), PROTOBUF | {"Content-Encoding": "gzip"}, 413),
        (good, {"Content-Type": "text/plain"}, 415),
        (good[:-3], PROTOBUF, 400),
        (plain[:-3], JSON, 400),
        (plain.replace(b"CANARY", b"CANARY\xff"), JSON, 400),
        (plain.replace(b'"CANARY', b'NaN, "'), JSON, 400),
        (gzip.compress(good, mtime=0)[:-9], PROTOBUF | {"Content-Encoding": "gzip"}, 400),
    ]
    for body, headers, status in refused:
        answer = await narrow_client.post(f"/v1/{signal}", content=body, headers=organization.headers | headers)
        assert answer.status_code == status
        assert b"CANARY" not in answer.content
    said = (await narrow_client.get("/metrics", headers=organization.headers)).text
    for reason, number in (("too-large", 1), ("unsupported-media-type", 1), ("bad-input", 5)):
        assert f'bodies_refused_total{{reason="{reason}",signal="{signal}"}} {number}.0' in said
    assert "CANARY" not in said
    for table in ("token_event", "measurement", "metric_series", "token_tally"):
        assert not await rows(table)


def nested(depth: int) -> bytes:
    """An AnyValue of arrays within arrays, as JSON."""
    return b'{"arrayValue":{"values":[' * depth + b'{"intValue":"1"}' + b"]}}" * depth


@pytest.mark.parametrize("signal", list(BODIES))
async def test_values_nested_a_thousand_deep_are_refused_or_passed_over(
    signal: str, client: httpx.AsyncClient, organization: Organization, received: Received
) -> None:
    plain = as_json(BODIES[signal]).replace(b'{"stringValue": "CANARY"}', nested(1000), 1)
    plain = plain.replace(b'{"stringValue": "CANARY-prompt"}', nested(1000), 1)
    assert plain.count(b"arrayValue") == 1000
    answer = await client.post(f"/v1/{signal}", content=plain, headers=organization.headers | JSON)
    assert answer.status_code in {200, 400}
    assert (await received())[0] == (1 if answer.status_code == 200 else 0)


@pytest.mark.parametrize("name", ["x", "team.id"])
@pytest.mark.parametrize("signal", list(BODIES))
async def test_protobuf_nested_a_thousand_deep_is_refused_where_it_is_read_and_else_passed_over(
    signal: str, name: str, client: httpx.AsyncClient, organization: Organization, received: Received
) -> None:
    from google.protobuf.internal.encoder import _VarintBytes  # type: ignore[attr-defined] # the wire format alone

    value = b"\x18\x01"
    for _ in range(1000):
        array = b"\x0a" + _VarintBytes(len(value)) + value
        value = b"\x2a" + _VarintBytes(len(array)) + array
    pair = b"\x0a" + _VarintBytes(len(name)) + name.encode() + b"\x12" + _VarintBytes(len(value)) + value
    resource = b"\x0a" + _VarintBytes(len(pair)) + pair
    reported = b"\x0a" + _VarintBytes(len(resource)) + resource
    body = b"\x0a" + _VarintBytes(len(reported)) + reported + as_protobuf(BODIES[signal])
    answer = await client.post(f"/v1/{signal}", content=body, headers=organization.headers | PROTOBUF)
    # Series are distinguished by all their attributes, so all of them are read.
    is_read = name == "team.id" or signal == "metrics"
    if is_read:
        assert (answer.status_code, status_message(answer.content)[0]) == (400, 3)
        said = (await client.get("/metrics", headers=organization.headers)).text
        assert f'bodies_refused_total{{reason="bad-input",signal="{signal}"}} 1.0' in said
    assert (await received())[0] == (0 if is_read else 1)


@pytest.mark.parametrize("signal", list(BODIES))
async def test_a_million_attributes_of_one_record_are_413(
    signal: str, client: httpx.AsyncClient, organization: Organization, received: Received
) -> None:
    one = b'"attributes": ['
    body = as_json(BODIES[signal])
    place = body.rindex(one) + len(one)
    many = b",".join([b'{"key":"k","value":{"intValue":"1"}}'] * 1_000_000)
    plain = body[:place] + many + b"," + body[place:]
    answer = await client.post(f"/v1/{signal}", content=plain, headers=organization.headers | JSON)
    assert answer.status_code == 413
    assert "20000 attributes" in answer.json()["message"]
    assert (await received())[0] == 0


@pytest.mark.parametrize("signal", list(BODIES))
@pytest.mark.parametrize("attributes", [20_001, 1_000_000])
async def test_many_attributes_of_one_resource_in_protobuf_are_413(
    attributes: int, signal: str, client: httpx.AsyncClient, organization: Organization, received: Received
) -> None:
    request = REQUESTS[Signal(signal)].FromString(as_protobuf(BODIES[signal]))
    resource = getattr(request, f"resource_{'spans' if signal == 'traces' else signal}")[0].resource
    resource.MergeFromString(b"\x0a\x09\x0a\x01k\x12\x04\x0a\x02xy" * attributes)
    answer = await client.post(
        f"/v1/{signal}", content=request.SerializeToString(), headers=organization.headers | PROTOBUF
    )
    assert answer.status_code == 413
    assert (await received())[0] == 0


@pytest.mark.parametrize("signal", list(BODIES))
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_millions_of_empty_messages_are_413_and_delay_no_other_organization(
    encoding: str,
    signal: str,
    client: httpx.AsyncClient,
    organization: Organization,
    other_organization: Organization,
) -> None:
    empty = b"\x0a\x00" * 3_000_000
    hostile = gzip.compress(empty, mtime=0) if encoding == "gzip" else empty
    headers = organization.headers | PROTOBUF | {"Content-Encoding": encoding}
    attack = asyncio.create_task(client.post(f"/v1/{signal}", content=hostile, headers=headers))
    small = gzip.compress(GOOD, mtime=0)
    headers = other_organization.headers | PROTOBUF | {"Content-Encoding": "gzip"}
    # CPU time, as if this process were alone on the machine.
    slowest = 0.0
    while not attack.done():
        began = time.process_time()
        assert (await client.post("/v1/logs", content=small, headers=headers)).status_code == 200
        slowest = max(slowest, time.process_time() - began)
    assert (await attack).status_code == 413
    assert slowest < 1


@pytest.mark.parametrize("count", [-1, 10**13, 1e30, 0.5, "CANARY"])
async def test_a_span_without_sense_is_rejected_alone(
    count: object, client: httpx.AsyncClient, organization: Organization, received: Received
) -> None:
    bad = span("chat", {"gen_ai.usage.input_tokens": count}, number=2)
    body = spans(span("chat", {"gen_ai.usage.input_tokens": 7}), bad, resource={"service.name": "bot"})
    for content, headers in ((as_protobuf(body), PROTOBUF), (as_json(body), JSON)):
        answer = await client.post("/v1/traces", content=content, headers=organization.headers | headers)
        assert answer.status_code == 200
        assert b"CANARY" not in answer.content
    assert answer.json()["partialSuccess"]["rejectedSpans"] == "1"
    said = (await client.get("/metrics", headers=organization.headers)).text
    assert 'shipledger_telemetry_records_rejected_total{reason="counts",signal="traces"} 2.0' in said
    assert await received() == (1, TokenCounts(7))


@pytest.mark.parametrize("total", [-1.0, 1e30, 0.5, "NaN", "Infinity"])
async def test_a_data_point_without_sense_is_rejected_alone(
    total: object, client: httpx.AsyncClient, organization: Organization, received: Received
) -> None:
    good = usage()["resourceMetrics"]
    body: Body = {"resourceMetrics": [*good, *usage(total, user="another")["resourceMetrics"]]}
    for content, headers in ((as_protobuf(body), PROTOBUF), (as_json(body), JSON)):
        answer = await client.post("/v1/metrics", content=content, headers=organization.headers | headers)
        assert answer.status_code == 200
    assert answer.json()["partialSuccess"]["rejectedDataPoints"] == "1"
    assert await received() == (1, TokenCounts(7))


async def test_an_integer_point_over_any_sense_is_rejected(
    client: httpx.AsyncClient, organization: Organization, rows: Rows
) -> None:
    points = [number_point(2**62, {}), number_point(-5, {"x": "1"}), {**number_point(0, {"x": "2"}), "asInt": "9" * 40}]
    name = "gen_ai.client.inference.usage.input_tokens"
    body = metrics({"name": name, "sum": {"aggregationTemporality": 2, "dataPoints": points}})
    answer = await client.post("/v1/metrics", content=as_json(body), headers=organization.headers | JSON)
    assert answer.json()["partialSuccess"]["rejectedDataPoints"] == "3"
    assert not await rows("metric_series")
