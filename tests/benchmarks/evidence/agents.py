"""How each agent reports a story by itself: the bodies of its requests, and what it says of commits."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.benchmarks.evidence.story import Commit, Spent
from tests.harness.bodies import SHOP, at, sha
from tests.harness.otlp import Body, claude_resource, codex_completion, gemini_response, logs, record, span, spans

SCOPE = "com.anthropic.claude_code.events"


class Agent(NamedTuple):
    """An agent: its name in session evidence, its signal, and how it reports requests and commits.

    `begun` are the resource attributes of its process. Without `committed`, the agent says nothing of commits.
    """

    name: str
    signal: str
    spent: Callable[[Spent, dict[str, Any]], Body]
    committed: Callable[[Commit, dict[str, Any]], Body] | None = None


def nanoseconds(hours: float) -> int:
    return int(at(hours).timestamp() * 1_000_000) * 1000


def session_of(act: Spent | Commit) -> str:
    return f"CANARY-{act.session}"


def _claude_spent(act: Spent, begun: dict[str, Any]) -> Body:
    values = {
        "event.name": "api_request",
        "session.id": session_of(act),
        "event.sequence": int(act.hours * 1000),
        "model": "claude-sonnet-4-5",
        "input_tokens": act.tokens,
        "output_tokens": 0,
        "request_id": f"request {act.hours} {act.session}",
    }
    body = record(values, moment=nanoseconds(act.hours))
    return logs(body, resource=claude_resource(None, **begun), scope=SCOPE)


def _claude_committed(act: Commit, begun: dict[str, Any]) -> Body:
    values = {
        "event.name": "tool_result",
        "session.id": session_of(act),
        "tool_parameters": "CANARY-parameters",
        "vcs.ref.head.revision": sha(act.commit),
        "vcs.ref.head.name": act.branch,
        "vcs.ref.head.type": "branch",
        "vcs.repository.url.full": SHOP,
    }
    body = record(values, moment=nanoseconds(act.hours))
    return logs(body, resource=claude_resource(None, **begun), scope=SCOPE)


def _codex_spent(act: Spent, begun: dict[str, Any]) -> Body:
    counts = {"input_token_count": act.tokens, "cached_token_count": 0, "output_token_count": 0}
    completion = codex_completion(
        **counts, reasoning_token_count=0, tool_token_count=act.tokens, **{"conversation.id": session_of(act)}
    )
    completion["observedTimeUnixNano"] = str(nanoseconds(act.hours))
    return logs(completion, resource={"service.name": "codex_cli_rs", **begun})


def _gemini_spent(act: Spent, begun: dict[str, Any]) -> Body:
    counts = {"input_token_count": act.tokens, "cached_content_token_count": 0, "output_token_count": 0}
    response = gemini_response(
        **counts, thoughts_token_count=0, tool_token_count=0, **{"session.id": session_of(act), "prompt_id": act.hours}
    )
    response["timeUnixNano"] = response["observedTimeUnixNano"] = str(nanoseconds(act.hours))
    return logs(response, resource={"service.name": "gemini-cli", **begun})


def _copilot_spent(act: Spent, begun: dict[str, Any]) -> Body:
    values = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "github",
        "gen_ai.request.model": "claude-sonnet-4.6",
        "gen_ai.conversation.id": session_of(act),
        "gen_ai.usage.input_tokens": act.tokens,
        "gen_ai.usage.output_tokens": 0,
    }
    return _span("chat x", values, act, {"service.name": "github-copilot", **begun})


def _opencode_spent(act: Spent, begun: dict[str, Any]) -> Body:
    operation = "ai.streamText.doStream"
    values = {
        "ai.operationId": operation,
        "ai.model.id": "gpt-5-nano",
        "ai.model.provider": "openai.responses",
        "ai.telemetry.metadata.sessionId": session_of(act),
        "ai.usage.inputTokens": act.tokens,
        "ai.usage.outputTokens": 0,
    }
    return _span(operation, values, act, {"service.name": "opencode", **begun})


def _span(name: str, values: dict[str, Any], act: Spent, resource: dict[str, Any]) -> Body:
    number = int(act.hours * 1000) + (0 if act.session == "s" else 500_000)
    return spans(span(name, values, number=number, trace=number, moment=nanoseconds(act.hours)), resource=resource)


AGENTS = (
    Agent("claude-code", "logs", _claude_spent, _claude_committed),
    Agent("codex", "logs", _codex_spent),
    Agent("copilot", "traces", _copilot_spent),
    Agent("opencode", "traces", _opencode_spent),
    Agent("gemini-cli", "logs", _gemini_spent),
)
