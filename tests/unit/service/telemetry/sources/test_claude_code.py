"""Claude Code's api_request, and the commits that its tool results tell of."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from schema.identifiers import RepositoryName
from service.telemetry.reading.normalised import Readings
from tests.harness.otlp import (
    REVISION,
    Body,
    claude_commit,
    claude_logs,
    claude_record,
    claude_request,
    claude_resource,
    logs,
    record,
)
from vocabulary.tokens import TokenCounts

Read = Callable[[Body], Readings]
REPOSITORY = RepositoryName("github.com", "example-org/example-repo")


def test_a_request_is_read_with_disjoint_kinds(read: Read) -> None:
    (event,) = read(claude_logs(claude_request())).events
    assert event.tokens == TokenCounts(1200, 4500, 300, 42, 0)
    assert (event.source, event.provider, event.model) == ("claude-code", "anthropic", "claude-sonnet-4-5")
    assert (event.team, event.session) == ("platform", "CANARY-session")
    assert event.occurred_at == datetime(2026, 11, 22, 1, 45, 52, 5000, UTC)
    assert event.links.repository == REPOSITORY
    assert not event.anonymous


def test_the_event_may_carry_the_agents_name_or_stand_in_the_records_event_name(read: Read) -> None:
    prefixed = claude_request(**{"event.name": "claude_code.api_request"})
    assert read(claude_logs(prefixed)).events == read(claude_logs(claude_request())).events
    bare = record({"input_tokens": 1}, event_name="claude_code.api_request")
    assert [event.tokens for event in read(logs(bare)).events] == [TokenCounts(1)]


@pytest.mark.parametrize(
    ("resource", "scope"),
    [
        ({"service.name": "claude-code"}, ""),
        ({"service.name": "claude-code-remote"}, ""),
        ({"service.name": "renamed"}, "com.anthropic.claude_code.events"),
    ],
)
def test_it_is_recognised_by_service_or_scope(resource: dict[str, str], scope: str, read: Read) -> None:
    assert len(read(logs(claude_request(), resource=resource, scope=scope)).events) == 1


def test_another_services_api_request_is_not_claudes(read: Read) -> None:
    assert read(logs(claude_request(), resource={"service.name": "shop"}, scope="shop")) == Readings()


def test_cache_writes_by_lifetime_are_parts_of_the_whole(read: Read) -> None:
    parts = {"cache_creation_5m_tokens": 100, "cache_creation_1h_tokens": 200}
    (event,) = read(claude_logs(claude_request(**parts))).events
    assert event.tokens.cache_write == 300
    (event,) = read(claude_logs(claude_request(**parts, cache_creation_tokens=None))).events
    assert event.tokens.cache_write == 300


def test_requests_with_the_same_request_id_are_distinguished_by_sequence(read: Read) -> None:
    first, second, again = read(claude_logs(claude_request(1), claude_request(2), claude_request(1))).events
    assert first.identity != second.identity
    assert first.identity == again.identity


def test_a_tool_result_with_a_revision_is_evidence_of_a_commit(read: Read) -> None:
    readings = read(claude_logs(claude_commit()))
    (evidence,) = readings.evidence
    assert not readings.events
    assert (evidence.session, evidence.links.commit, evidence.links.branch) == ("CANARY-session", REVISION, "feature")
    assert evidence.links.repository == REPOSITORY


def test_a_branch_alone_is_evidence_too(read: Read) -> None:
    body = claude_logs(claude_record("tool_result", 1, {"vcs.ref.head.name": "feature"}))
    (evidence,) = read(body).evidence
    assert (evidence.links.commit, evidence.links.branch) == (None, "feature")


@pytest.mark.parametrize(
    ("parameters", "commit"),
    [
        ('{"bash_command":"CANARY","git_commit_id":"6F7D5618"}', "6f7d561"),
        ('{"git_commit_id": "6f7d561"}', "6f7d561"),
        (f'{{"git_commit_id":"{REVISION}"}}', REVISION),
    ],
)
def test_older_versions_send_an_abbreviated_commit_in_tool_parameters(parameters: str, commit: str, read: Read) -> None:
    body = claude_logs(claude_record("tool_result", 1, {"tool_parameters": parameters}))
    (evidence,) = read(body).evidence
    assert (evidence.links.commit, evidence.links.repository) == (commit, REPOSITORY)


@pytest.mark.parametrize("parameters", ["CANARY", '{"git_commit_id":"6f7d"}', '{"git_commit_id":"CANARY"}', "{" * 9999])
def test_parameters_without_a_commit_are_no_evidence(parameters: str, read: Read) -> None:
    assert not read(claude_logs(claude_record("tool_result", 1, {"tool_parameters": parameters}))).evidence


@pytest.mark.parametrize(
    "values",
    [
        {"vcs.ref.head.revision": "6f7d561"},
        {"vcs.ref.head.name": "v1", "vcs.ref.head.type": "tag"},
        {"vcs.ref.head.name": "HEAD"},
        {"vcs.ref.head.name": "feature", "session.id": None},
        {"tool_name": "Read"},
    ],
)
def test_evidence_without_a_link_is_dropped(values: dict[str, Any], read: Read) -> None:
    assert not read(claude_logs(claude_record("tool_result", 1, values))).evidence


def test_the_revision_that_a_request_began_at_is_no_commit_of_its_session(read: Read) -> None:
    body = claude_logs(
        claude_request(**{"vcs.ref.head.revision": REVISION, "vcs.ref.head.name": "feature"}),
        **{"vcs.ref.head.revision": REVISION},
    )
    (event,) = read(body).events
    assert (event.links.commit, event.links.branch) == (None, "feature")


def test_links_may_come_from_the_resource_and_the_record_goes_before_it(read: Read) -> None:
    reported = {
        "shipledger.workflow": "nightly",
        "shipledger.prompt.template": "review/3",
        "shipledger.context.tier": "1m",
        "shipledger.pull_request.number": "17",
        "shipledger.artifact.hash": "a1_" + "ab" * 32,
        "vcs.ref.head.name": "from-resource",
    }
    (event,) = read(claude_logs(claude_request(**{"vcs.ref.head.name": "from-record"}), **reported)).events
    assert (event.workflow, event.prompt_template, event.context_tier) == ("nightly", "review/3", "1m")
    assert (event.links.number, event.links.artifact) == (17, bytes.fromhex("ab" * 32))
    assert event.links.branch == "from-record"


def test_a_repository_may_be_given_in_parts(read: Read) -> None:
    reported = {
        "vcs.repository.url.full": None,
        "vcs.owner.name": "group/subgroup",
        "vcs.repository.name": "Project",
        "vcs.provider.name": "gitlab",
    }
    (event,) = read(claude_logs(claude_request(**reported))).events
    assert event.links.repository == RepositoryName("gitlab.com", "group/subgroup/project")


@pytest.mark.parametrize("url", ["nonsense", "https://[::1", "x" * 2000])
def test_an_unreadable_repository_is_dropped(url: str, read: Read) -> None:
    (event,) = read(claude_logs(claude_request(**{"vcs.repository.url.full": url}))).events
    assert event.links.repository is None


def test_requests_without_a_session_are_anonymous(read: Read) -> None:
    (event,) = read(claude_logs(claude_request(**{"session.id": None}))).events
    assert event.anonymous


def test_no_identity_but_the_session_and_names_to_be_hashed_is_read(read: Read) -> None:
    resource = claude_resource(**{f"CANARY-{number}": f"CANARY-{number}" for number in range(50)})
    body = logs(claude_request(**{"session.id": "s"}), resource=resource, scope="com.anthropic.claude_code.events")
    assert "CANARY" not in repr(read(body).events)
