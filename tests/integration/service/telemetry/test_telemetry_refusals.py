"""What the telemetry routes answer when they cannot take a body: always OTLP's way, and never anything of the body."""

import asyncio
import gzip
import hashlib
import secrets
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
from schema.tokens import TokenCounts
from service.app import create_app
from tests.harness.organization import Organization
from tests.harness.otlp import JSON, PROTOBUF, as_json, as_protobuf, claude_logs, claude_request, logs, record
from tests.harness.service import serve

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
    async with database.organization(organization.organization_id) as connection:
        await connection.execute(
            "INSERT INTO api_key (organization_id, key_id, name, digest, scopes) VALUES ($1, $2, 'r', $3, '{read}')",
            organization.organization_id,
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


async def test_a_clock_that_is_decades_off_is_rejected(client: httpx.AsyncClient, organization: Organization) -> None:
    values = {"event.name": "api_request", "input_tokens": 1}
    moments = [1, 2**63, 10**30, -5]
    body = logs(*(record(values, moment=moment) for moment in moments), resource={"service.name": "claude-code"})
    answer = await client.post("/v1/logs", content=as_json(body), headers=organization.headers | JSON)
    assert answer.json()["partialSuccess"]["rejectedLogRecords"] == "4"


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
    near = settings.model_copy(update={"database_url": database_url.replace(postgres_socket, str(way))})
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


async def test_nothing_of_a_body_reaches_the_logs(
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
