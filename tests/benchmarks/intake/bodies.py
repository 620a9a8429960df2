"""Bodies of Claude Code's api_request records, as version 2.1 sends them: 31 attributes per record."""

import gzip
import random
import uuid
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

SESSIONS = 20
MODELS = ("claude-sonnet-4-5", "claude-opus-4-5", "claude-haiku-4-5")
TEAMS = 12
REPOSITORIES = 40
# 2026-01-05T00:00:00Z
BEGIN = 1_767_571_200_000_000_000
WEEK = 7 * 86_400 * 1_000_000_000


def make_body(seed: int, records: int) -> bytes:
    """Return a gzipped protobuf request with `records` of several sessions of one collector; equal for equal seeds."""
    chance = random.Random(seed)
    request = ExportLogsServiceRequest()
    for session in range(SESSIONS):
        resource_logs = request.resource_logs.add()
        _add(resource_logs.resource.attributes, _resource(chance))
        scope_logs = resource_logs.scope_logs.add()
        scope_logs.scope.name = "com.anthropic.claude_code.events"
        reported = _session(chance)
        moment = BEGIN + chance.randrange(WEEK)
        for sequence in range(records * session // SESSIONS, records * (session + 1) // SESSIONS):
            record = scope_logs.log_records.add()
            moment += chance.randrange(20_000_000_000)
            record.time_unix_nano = record.observed_time_unix_nano = moment
            record.body.string_value = "claude_code.api_request"
            _add(record.attributes, {**reported, **_request(chance, sequence)})
    return gzip.compress(request.SerializeToString(), compresslevel=6, mtime=0)


def _resource(chance: random.Random) -> dict[str, Any]:
    return {
        "team.id": f"team-{chance.randrange(TEAMS)}",
        "department": "engineering",
        "host.arch": "amd64",
        "os.type": "linux",
        "os.version": "6.8.0",
        "service.name": "claude-code",
        "service.version": "2.1.330",
    }


def _session(chance: random.Random) -> dict[str, Any]:
    repository = f"repository-{chance.randrange(REPOSITORIES)}"
    return {
        "team.id": f"team-{chance.randrange(TEAMS)}",
        "department": "engineering",
        "user.id": f"{chance.getrandbits(256):064x}",
        "session.id": str(uuid.UUID(int=chance.getrandbits(128))),
        "app.version": "2.1.330",
        "app.entrypoint": "cli",
        "vcs.repository.url.full": f"https://github.com/example-org/{repository}",
        "vcs.owner.name": "example-org",
        "vcs.repository.name": repository,
        "vcs.provider.name": "github",
        "anthropic.provider": "firstParty",
        "anthropic.custom_base_url": False,
        "terminal.type": "vscode",
        "event.name": "api_request",
    }


def _request(chance: random.Random, sequence: int) -> dict[str, Any]:
    fresh, output = chance.randrange(20_000), chance.randrange(4_000)
    read, written = chance.randrange(150_000), chance.randrange(9_000)
    return {
        "event.timestamp": f"2026-11-22T01:45:{sequence % 60:02}.{chance.randrange(1000):03}Z",
        "event.sequence": sequence,
        "prompt.id": str(uuid.UUID(int=chance.getrandbits(128))),
        "model": chance.choice(MODELS),
        "input_tokens": fresh,
        "output_tokens": output,
        "cache_read_tokens": read,
        "cache_creation_tokens": written,
        "cache_creation_5m_tokens": written,
        "cache_creation_1h_tokens": 0,
        "cost_usd": (3 * fresh + 15 * output) / 1e6,
        "cost_usd_micros": 3 * fresh + 15 * output,
        "duration_ms": chance.randrange(500, 60_000),
        "ttft_ms": chance.randrange(200, 3_000),
        "request_id": f"req_{chance.getrandbits(128):032x}",
        "speed": "normal",
        "query_source": "repl_main_thread",
    }


def _add(attributes: Any, values: dict[str, Any]) -> None:
    for key, value in values.items():
        reported = attributes.add(key=key).value
        match value:
            case bool():
                reported.bool_value = value
            case int():
                reported.int_value = value
            case float():
                reported.double_value = value
            case _:
                reported.string_value = value
