"""CodeBurn's sync."""

from collections.abc import Callable
from typing import Any

from service.telemetry.reading.normalised import Readings
from tests.harness.otlp import Body, span, spans
from vocabulary.tokens import TokenCounts

Read = Callable[[Body], Readings]
DEVICE = {"codeburn.device_id": "CANARY-device"}
USED: dict[str, Any] = {
    "ai.provider": "cursor",
    "ai.model": "claude-sonnet-4-6",
    "ai.input_tokens": 12_500,
    "ai.output_tokens": 3_200,
    "ai.cost_usd": 0.085,
    "ai.project": "CANARY-project",
    "ai.speed": "fast",
    "ai.cost_estimated": True,
}


def test_a_span_is_one_request_of_its_session(read: Read) -> None:
    (event,) = read(spans(span("cursor/claude-sonnet-4-6", USED), resource=DEVICE)).events

    assert (event.source, event.provider, event.model) == ("codeburn", "anthropic", "claude-sonnet-4-6")
    assert (event.tokens, event.service_tier) == (TokenCounts(12_500, 0, 0, 3_200), "fast")
    assert event.session
    assert "CANARY" not in repr(event)


def test_a_span_that_is_sent_again_is_the_same_event(read: Read) -> None:
    body = spans(span("cursor/claude-sonnet-4-6", USED), resource=DEVICE)

    assert [each.identity for each in read(body).events] == [each.identity for each in read(body).events]


def test_a_session_links_to_its_repository_and_not_to_commits_that_are_guessed(read: Read) -> None:
    known = {"ai.project": "CANARY-project", "git.repo": "github.com/acme/widget"}
    session = span("codeburn.session.attribution", {**known, "git.commit_count": 1}, number=1)
    commit = span("codeburn.commit", {**known, "git.sha": "4f2a" * 10, "git.in_main": True}, number=2)

    evidence = read(spans(session, commit, resource=DEVICE)).evidence

    assert [str(each.links.repository) for each in evidence] == ["github.com/acme/widget"] * 2
    assert [(each.links.commit, each.links.branch, each.links.number) for each in evidence] == [(None, None, None)] * 2
    assert "CANARY" not in repr(evidence)


def test_a_session_without_a_repository_says_nothing(read: Read) -> None:
    known = {"ai.project": "CANARY-project", "git.commit_count": 0}

    assert read(spans(span("codeburn.session.attribution", known), resource=DEVICE)).evidence == ()
