"""Records that hold tokens and are not counted: which source sent them, and why they are dropped.

Most repeat what another signal of their sender reports. The others show that tokens may be missing.
"""

from service.telemetry.otlp.records import Point, Record, Signal, Span, TelemetryRecord
from service.telemetry.reading.links import SESSION
from service.telemetry.reading.normalised import Dropped, DropReason
from service.telemetry.reading.values import text_of
from service.telemetry.sources import claude_code, codex, gemini_cli, qwen_code, vercel_ai
from service.telemetry.sources.conventions import requests, spellings

# Texts in which other emitters report usage; only whether they are there is read.
TEXTS = frozenset({"langfuse.observation.usage_details", "mlflow.chat.tokenUsage"})
SPAN_ATTRIBUTES = frozenset({*TEXTS, *claude_code.COUNTS, *qwen_code.COUNTS})
LOG_ATTRIBUTES = frozenset({*spellings.INPUT, *spellings.OUTPUT})

_IN_LOGS = frozenset({*LOG_ATTRIBUTES, *claude_code.COUNTS, *codex.COUNTS, *gemini_cli.COUNTS, *qwen_code.COUNTS})
_IN_SPANS = frozenset({*SPAN_ATTRIBUTES, *spellings.USAGE, *vercel_ai.INPUT, *vercel_ai.OUTPUT})
_AGENTS = {agent: agent.NAME for agent in (claude_code, codex, gemini_cli, qwen_code)}
# Their other signals are compared by service where they name no session.
_BY_SERVICE = frozenset({codex.NAME, qwen_code.NAME})


def dropped(record: TelemetryRecord, source: str | None) -> Dropped | None:
    """Return under what an uncounted record is counted as dropped, or None if it holds no tokens."""
    if isinstance(record, Point):
        return _point(record)
    names = _IN_LOGS if isinstance(record, Record) else _IN_SPANS
    if not any(name in names and value for name, value in record.attributes.items()):
        return None
    if isinstance(record, Record):
        sender = source or _agent(record)
        return Dropped(sender, Signal.LOGS, DropReason.REPEATED if sender else DropReason.NOT_READ)
    agent = _agent(record)
    if agent and agent not in _BY_SERVICE and text_of(record, SESSION) is None:
        return Dropped(agent, Signal.TRACES, DropReason.NO_SESSION)
    is_read = agent or requests.has_usage(record) or (isinstance(record, Span) and vercel_ai.sent(record))
    return Dropped(agent, Signal.TRACES, DropReason.REPEATED if is_read else DropReason.NOT_READ)


def _point(point: Point) -> Dropped | None:
    if not point.value:
        return None
    agent = _agent(point)
    if agent and agent not in _BY_SERVICE and text_of(point, SESSION) is None:
        # Without a session, nobody can tell whether its log records reported the same tokens.
        return Dropped(agent, Signal.METRICS, DropReason.NO_SESSION)
    is_read = agent or point.name in spellings.INSTRUMENTS or point.name.startswith("cline.")
    return Dropped(agent, Signal.METRICS, DropReason.REPEATED if is_read else DropReason.NOT_READ)


def _agent(record: TelemetryRecord) -> str:
    return next((name for agent, name in _AGENTS.items() if agent.sent(record)), "")
