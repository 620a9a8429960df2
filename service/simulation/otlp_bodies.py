"""OTLP bodies (protobuf) as Claude Code, Codex and Gemini CLI send them for a simulated company, in order of time.

As in real bodies, records without tokens are among those with tokens, and attributes contain (made-up) people, prompts
and paths, so that the product has to drop them.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, TypeAlias

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs

from service.simulation.company import Agent, Commit, Company, Link, ModelRequest, Session, Team

SESSIONS_A_BODY = 24
CONTENT_TYPE = "application/x-protobuf"

Attribute: TypeAlias = str | int | float
Attributes: TypeAlias = dict[str, Attribute]

SCOPES = {
    Agent.CLAUDE_CODE: "com.anthropic.claude_code.events",
    Agent.CODEX: "codex_otel.log_only",
    Agent.GEMINI_CLI: "gemini-cli",
}
SERVICES = {Agent.CLAUDE_CODE: "claude-code", Agent.CODEX: "codex_exec", Agent.GEMINI_CLI: "gemini-cli"}
VERSIONS = {Agent.CLAUDE_CODE: "2.1.330", Agent.CODEX: "0.169.0", Agent.GEMINI_CLI: "0.61.0"}


class _Event(NamedTuple):
    at: datetime
    name: str
    attributes: Attributes


def _begin(of_team: tuple[Team, Session]) -> tuple[datetime, str]:
    _, session = of_team
    return session.requests[0].at, session.session_id


def company_bodies(company: Company) -> list[bytes]:
    """Return bodies for `POST /v1/logs`, each with several sessions, as a collector batches them."""
    sessions = [(team, session) for team in company.teams for session in team.sessions]
    sessions.sort(key=_begin)
    return [
        _body(sessions[position : position + SESSIONS_A_BODY]) for position in range(0, len(sessions), SESSIONS_A_BODY)
    ]


def _body(sessions: list[tuple[Team, Session]]) -> bytes:
    request = ExportLogsServiceRequest()
    for team, session in sessions:
        resource_logs = request.resource_logs.add()
        resource_logs.resource.attributes.extend(_key_values(_resource(team, session)))
        _add_records(resource_logs, session)
    return request.SerializeToString()


def _resource(team: Team, session: Session) -> Attributes:
    """Return the resource attributes, including those from OTEL_RESOURCE_ATTRIBUTES."""
    attributes: Attributes = {
        "team.id": team.plan.name,
        "service.name": SERVICES[session.agent],
        "service.version": VERSIONS[session.agent],
        "host.name": f"laptop-{session.developer}",
    }
    if session.link is Link.BRANCH or (session.link is Link.COMMIT and session.agent is not Agent.CLAUDE_CODE):
        attributes["vcs.ref.head.name"] = session.branch
        attributes["vcs.ref.head.type"] = "branch"
    if session.link is not Link.NOTHING and session.agent is not Agent.CLAUDE_CODE:
        attributes["vcs.repository.url.full"] = session.repository.url
    return attributes


def _add_records(resource_logs: ResourceLogs, session: Session) -> None:
    scope_logs = resource_logs.scope_logs.add()
    scope_logs.scope.name = SCOPES[session.agent]
    write = {
        Agent.CLAUDE_CODE: _claude_code_records,
        Agent.CODEX: _codex_records,
        Agent.GEMINI_CLI: _gemini_cli_records,
    }[session.agent]
    scope_logs.log_records.extend(write(session))


def _claude_code_records(session: Session) -> Iterator[LogRecord]:
    """Yield prompts, requests and, if the session is linked by commits, the tool results that report them."""
    common: Attributes = {
        "user.id": f"{session.developer:064x}",
        "user.email": f"developer-{session.developer:02d}@shop.example",
        "session.id": session.session_id,
        "app.version": VERSIONS[Agent.CLAUDE_CODE],
        "terminal.type": "vscode",
    }
    if session.link is not Link.NOTHING:
        owner, _, name = session.repository.path.partition("/")
        common |= {
            "vcs.repository.url.full": session.repository.url,
            "vcs.owner.name": owner,
            "vcs.repository.name": name,
            "vcs.provider.name": "github",
        }
    first = session.requests[0].at
    events = [_Event(first, "user_prompt", {"prompt_length": "24", "prompt": "make the tests of this pass"})]
    events += [_Event(request.at, "api_request", _claude_code_request(request)) for request in session.requests]
    if session.link is Link.COMMIT:
        events += [_Event(commit.at, "tool_result", _claude_code_commit(session, commit)) for commit in session.commits]
    for sequence, (at, name, attributes) in enumerate(sorted(events, key=lambda event: event.at)):
        yield _record(at, f"claude_code.{name}", common | _named(at, name) | {"event.sequence": sequence} | attributes)


def _claude_code_request(request: ModelRequest) -> Attributes:
    tokens = request.tokens
    return {
        "model": request.model,
        "input_tokens": tokens.input_uncached,
        "output_tokens": tokens.output_visible,
        "cache_read_tokens": tokens.cache_read,
        "cache_creation_tokens": tokens.cache_write,
        "cost_usd": 0.0,
        "duration_ms": request.duration_ms,
        "request_id": request.request_id,
        "query_source": "repl_main_thread",
    }


def _claude_code_commit(session: Session, commit: Commit) -> Attributes:
    return {
        "tool_name": "Bash",
        "success": "true",
        "duration_ms": "82",
        "tool_parameters": '{"command": "git commit -am ..."}',
        "vcs.ref.head.revision": commit.sha,
        "vcs.ref.head.name": session.branch,
        "vcs.ref.head.type": "branch",
    }


def _codex_records(session: Session) -> Iterator[LogRecord]:
    """Yield two completed events per request, the first without counts.

    Some counts are strings, input includes cache reads, and only the observed time is set.
    """
    common: Attributes = {
        "conversation.id": session.session_id,
        "user.account_id": f"account-{session.developer}",
        "app.version": VERSIONS[Agent.CODEX],
        "originator": "codex_exec",
        "terminal.type": "vscode",
    }
    for request in session.requests:
        tokens = request.tokens
        kind: Attributes = {"event.kind": "response.completed", "model": request.model, "slug": request.model}
        read = tokens.input_uncached + tokens.cache_read
        written = tokens.output_visible + tokens.output_reasoning
        counts: Attributes = {
            "input_token_count": str(read),
            "output_token_count": str(written),
            "cached_token_count": tokens.cache_read,
            "reasoning_token_count": tokens.output_reasoning,
            "tool_token_count": str(read + written),
        }
        event = common | _named(request.at, "codex.sse_event") | kind
        for attributes in (event | {"duration_ms": "0"}, event | counts):
            record = _record(request.at, "", attributes)
            record.time_unix_nano = 0
            record.event_name = "event otel/src/events/session_telemetry.rs:1153"
            yield record


def _gemini_cli_records(session: Session) -> Iterator[LogRecord]:
    """Yield two records per request with different attribute names.

    Output excludes thoughts, and input includes cache reads.
    """
    common: Attributes = {
        "session.id": session.session_id,
        "installation.id": f"installation-{session.developer}",
        "user.email": f"developer-{session.developer:02d}@shop.example",
    }
    for position, request in enumerate(session.requests):
        tokens = request.tokens
        read = tokens.input_uncached + tokens.cache_read
        response: Attributes = {
            "model": request.model,
            "duration_ms": request.duration_ms,
            "input_token_count": read,
            "output_token_count": tokens.output_visible,
            "cached_content_token_count": tokens.cache_read,
            "thoughts_token_count": tokens.output_reasoning,
            "tool_token_count": 0,
            "total_token_count": tokens.total,
            "prompt_id": f"{session.session_id}########{position}",
            "status_code": 200,
            "role": "main",
        }
        again: Attributes = {
            "gen_ai.operation.name": "generate_content",
            "gen_ai.provider.name": "gcp.gen_ai",
            "gen_ai.response.model": request.model,
            "gen_ai.response.id": request.request_id,
            "gen_ai.usage.input_tokens": read,
            "gen_ai.usage.output_tokens": tokens.output_visible,
        }
        yield _record(request.at, "API response.", common | _named(request.at, "gemini_cli.api_response") | response)
        name = "gen_ai.client.inference.operation.details"
        yield _record(request.at, "GenAI operation details.", common | _named(request.at, name) | again)


def _named(at: datetime, name: str) -> Attributes:
    return {"event.name": name, "event.timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


def _record(at: datetime, body: str, attributes: Attributes) -> LogRecord:
    nanoseconds = int(at.timestamp() * 1_000_000) * 1_000
    record = LogRecord(time_unix_nano=nanoseconds, observed_time_unix_nano=nanoseconds)
    if body:
        record.body.string_value = body
    record.attributes.extend(_key_values(attributes))
    return record


def _key_values(attributes: Attributes) -> Iterator[KeyValue]:
    for key, value in attributes.items():
        yield KeyValue(key=key, value=_any_value(value))


def _any_value(value: Attribute) -> AnyValue:
    if isinstance(value, str):
        return AnyValue(string_value=value)
    return AnyValue(int_value=value) if isinstance(value, int) else AnyValue(double_value=value)
