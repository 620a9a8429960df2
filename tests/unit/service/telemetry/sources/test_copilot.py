"""Copilot's chat spans, its counters, and the branches of its sessions."""

from collections.abc import Callable
from typing import Any

from schema.identifiers import RepositoryName
from service.telemetry.reading.normalised import Links, Part, Readings, TokenSignal
from tests.harness.otlp import Body, counter, metrics, number_point, span, spans
from vocabulary.tokens import TokenCounts

Read = Callable[[Body], Readings]
RESOURCE = {"service.name": "github-copilot", "team.id": "platform", "enduser.pseudo.id": "CANARY"}
USAGE = {
    "gen_ai.provider.name": "github",
    "gen_ai.request.model": "claude-sonnet-4.6",
    "gen_ai.conversation.id": "CANARY-session",
    "github.copilot.context.skills": "CANARY",
    "gen_ai.usage.input_tokens": 6000,
    "gen_ai.usage.cache_read.input_tokens": 4500,
    "gen_ai.usage.cache_creation.input_tokens": 300,
    "gen_ai.usage.output_tokens": 142,
    "gen_ai.usage.reasoning.output_tokens": 100,
}


def reported(operation: str, number: int = 2, parent: int = 1, **values: Any) -> Body:
    return span(f"{operation} x", {"gen_ai.operation.name": operation, **USAGE, **values}, number=number, parent=parent)


def test_chats_count_and_the_agent_above_them_does_not(read: Read) -> None:
    body = spans(
        reported("chat", 2),
        reported("chat", 3),
        reported("execute_tool", 4),
        reported("invoke_agent", 1, 0),
        resource=RESOURCE,
    )
    readings = read(body)
    assert [reading.event.tokens for reading in readings.spans] == [TokenCounts(1200, 4500, 300, 42, 100)] * 2
    event = readings.spans[0].event
    assert (event.source, event.provider, event.model) == ("copilot", "github-copilot", "claude-sonnet-4.6")
    assert event.session == "CANARY-session"


def test_an_agents_branch_is_evidence_of_its_session(read: Read) -> None:
    git = {
        "github.copilot.git.repository": "https://github.com/example-org/example-repo.git",
        "github.copilot.git.branch": "feature",
        "github.copilot.git.commit_sha": "CANARY",
    }
    (evidence,) = read(spans(reported("invoke_agent", 1, 0, **git), resource=RESOURCE)).evidence
    assert evidence.session == "CANARY-session"
    assert evidence.links == Links(
        branch="feature", repository=RepositoryName("github.com", "example-org/example-repo")
    )


def test_its_counters_are_parts_of_input_and_output(read: Read) -> None:
    prefix = "gen_ai.client.inference.usage."
    names = {
        f"{prefix}input_tokens": Part.INPUT,
        f"{prefix}output_tokens": Part.OUTPUT,
        f"{prefix}cache_read.input_tokens": Part.READ_BY_NUMBERS,
        f"{prefix}cache_write.input_tokens": Part.WRITTEN_BY_NUMBERS,
        f"{prefix}reasoning.output_tokens": Part.REASONING_BY_NUMBERS,
    }
    values = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "github", "gen_ai.request.model": "gpt-5"}
    points = read(metrics(*(counter(name, number_point(7, values)) for name in names), resource=RESOURCE)).points
    assert [point.part for point in points] == list(names.values())
    assert {(point.event.source, point.signal, point.is_cumulative) for point in points} == {
        ("copilot", TokenSignal.COUNTERS, True)
    }
    assert len({point.group for point in points}) == 1
