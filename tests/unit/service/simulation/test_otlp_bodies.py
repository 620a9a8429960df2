from collections import Counter
from collections.abc import Iterator
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from service.simulation.company import Agent, Company
from service.simulation.otlp_bodies import company_bodies
from vocabulary.tokens import TOKEN_KINDS, sum_tokens


def records(company: Company) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Service, attributes and record of each log record, decoded from the bytes."""
    for body in company_bodies(company):
        request = ExportLogsServiceRequest.FromString(body)
        for resource_logs in request.resource_logs:
            resource = read(resource_logs.resource.attributes)
            for scope_logs in resource_logs.scope_logs:
                for record in scope_logs.log_records:
                    yield resource["service.name"], resource | read(record.attributes), record


def read(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


def tokens_of(company: Company, agent: Agent) -> dict[str, int]:
    sessions = [session for team in company.teams for session in team.sessions if session.agent is agent]
    total = sum_tokens(request.tokens for session in sessions for request in session.requests)
    return dict(zip(TOKEN_KINDS, total, strict=True))


def test_claude_code_sends_four_disjoint_counts(company: Company) -> None:
    reported = Counter[str]()
    for service, attributes, _ in records(company):
        if service == "claude-code" and attributes["event.name"] == "api_request":
            reported["input_uncached"] += attributes["input_tokens"]
            reported["cache_read"] += attributes["cache_read_tokens"]
            reported["cache_write"] += attributes["cache_creation_tokens"]
            reported["output_visible"] += attributes["output_tokens"]
    assert reported == Counter(tokens_of(company, Agent.CLAUDE_CODE))


def test_codex_sends_counts_as_strings_including_cache_and_reasoning_with_only_an_observed_time(
    company: Company,
) -> None:
    read_tokens = written = requests = 0
    for service, attributes, record in records(company):
        if service == "codex_exec":
            assert record.time_unix_nano == 0
            assert record.observed_time_unix_nano > 0
            if "input_token_count" in attributes:
                requests += 1
                read_tokens += int(attributes["input_token_count"])
                written += int(attributes["output_token_count"])
    expected = tokens_of(company, Agent.CODEX)
    assert requests > 0
    assert read_tokens == expected["input_uncached"] + expected["cache_read"]
    assert written == expected["output_visible"] + expected["output_reasoning"]


def test_gemini_cli_sends_each_request_twice_with_its_total(company: Company) -> None:
    total = again = 0
    for service, attributes, _ in records(company):
        if service == "gemini-cli" and attributes["event.name"] == "gemini_cli.api_response":
            total += attributes["total_token_count"]
        if service == "gemini-cli" and attributes["event.name"] == "gen_ai.client.inference.operation.details":
            again += 1
    assert total == sum(tokens_of(company, Agent.GEMINI_CLI).values())
    assert again > 0


def test_commits_in_telemetry_are_commits_of_the_company(company: Company) -> None:
    known = {
        commit.sha
        for team in company.teams
        for pull_request in (*team.pull_requests, *team.unopened)
        for commit in pull_request.commits
    }
    reported = [
        attributes["vcs.ref.head.revision"]
        for _, attributes, _ in records(company)
        if "vcs.ref.head.revision" in attributes
    ]
    assert len(reported) > 100
    assert set(reported) <= known


def test_every_record_names_its_team(company: Company) -> None:
    teams = {attributes["team.id"] for _, attributes, _ in records(company)}
    assert teams == {team.plan.name for team in company.teams}
