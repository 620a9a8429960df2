"""Ways to process a body, from the minimum to durable rows."""

import asyncio
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from schema.identifiers import Hasher
from service.auth.caller import Caller
from service.http.compressed_bodies import inflate
from service.telemetry.hashing.body_rows import BodyRows
from service.telemetry.hashing.rows import IntakeRows
from service.telemetry.intake import TokenIntake
from service.telemetry.otlp.decode import MESSAGES, Encoding, decode, decode_parts
from service.telemetry.otlp.records import Signal, TelemetryRecord
from service.telemetry.reading.normalised import Readings
from service.telemetry.sources.registry import WANTED, read_parts

LIMIT = 64 * 1024 * 1024
RATIO = 250
WANTED_LOGS = WANTED[Signal.LOGS]
# Concurrent requests: as many as one collector sends by default (`num_consumers`).
SENDERS = 10


def plain(body: bytes) -> list[dict[str, Any]]:
    """Gunzip, parse with the published messages, and read the wanted attributes in the simplest code: the baseline."""
    request = ExportLogsServiceRequest()
    request.ParseFromString(zlib.decompress(body, 16 + zlib.MAX_WBITS))
    wanted = WANTED_LOGS.attributes
    return [
        {
            pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value")
            for pair in record.attributes
            if pair.key in wanted
        }
        for resource_logs in request.resource_logs
        for scope_logs in resource_logs.scope_logs
        for record in scope_logs.log_records
    ]


def wanted(body: bytes) -> list[TelemetryRecord]:
    """Do the same as the service does."""
    return decode(Signal.LOGS, Encoding.PROTOBUF, inflate(body, "gzip", LIMIT), WANTED_LOGS)


def readings(body: bytes) -> Iterator[Readings]:
    """Return the readings of the parts of a body, as the routes do."""
    parts = decode_parts(Signal.LOGS, Encoding.PROTOBUF, inflate(body, "gzip", LIMIT, RATIO), WANTED_LOGS, MESSAGES)
    return read_parts(parts, datetime.now(UTC))


def rows(hasher: Hasher, body: bytes) -> list[IntakeRows]:
    """Do everything but store the rows."""
    found = BodyRows(hasher, None, LIMIT)
    for part in readings(body):
        found.add(part)
    return found.portions()


async def stored(intake: TokenIntake, caller: Caller, bodies: Sequence[bytes]) -> int:
    """Process bodies as the routes do: read in a thread, store together; return how many events were new."""
    waiting = iter(bodies)

    async def send() -> int:
        new = 0
        for body in waiting:
            _, added = await intake.read_and_add(caller, partial(readings, body), few=False)
            new += added
        return new

    return sum(await asyncio.gather(*(send() for _ in range(SENDERS))))
