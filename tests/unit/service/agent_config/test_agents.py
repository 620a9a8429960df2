"""The settings for each agent: word for word, with exactly our address, and never with content."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from service.agent_config.agents import AGENTS
from service.agent_config.settings import Form, Target

GOLDEN = Path(__file__).parent / "golden"
TARGET = Target("https://tokens.example.com", "sl1_1_KEY", "platform")
# Every switch by which one of the agents tells content, from their documentation.
CONTENT_SWITCHES = (
    *("OTEL_LOG_USER_PROMPTS", "OTEL_LOG_ASSISTANT_RESPONSES", "OTEL_LOG_TOOL_CONTENT", "OTEL_LOG_RAW_API_BODIES"),
    *("log_user_prompt", "logPrompts", "traces", "GEMINI_TELEMETRY_LOG_PROMPTS", "GEMINI_TELEMETRY_TRACES_ENABLED"),
    *("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "COPILOT_OTEL_CAPTURE_CONTENT"),
    *("CLAUDE_CODE_ENHANCED_TELEMETRY_BETA", "ENABLE_ENHANCED_TELEMETRY_BETA"),
    *("QWEN_TELEMETRY_LOG_PROMPTS", "QWEN_TELEMETRY_INCLUDE_SENSITIVE_SPAN_ATTRIBUTES"),
    "includeSensitiveSpanAttributes",
)
OFF = {"0", "false", False}
SETTINGS = (Form.FILE, Form.ENVIRONMENT, Form.FISH)
EVERY_PART = [(agent, part.form) for agent in AGENTS for part in AGENTS[agent](TARGET).parts]
# A shell function of Codex, a file of hooks and a plugin have no settings of telemetry.
EVERY_SETTINGS = [
    (agent, form)
    for agent, form in EVERY_PART
    if form is not Form.PLUGIN and (agent, form) not in {("copilot", Form.FILE), ("codex", Form.FISH)}
]


def text(agent: str, form: Form, target: Target = TARGET) -> str:
    return next(part.text for part in AGENTS[agent](target).parts if part.form is form)


def pairs(value: Any) -> list[tuple[str, Any]]:
    """All names with their values that are no tables themselves."""
    found: list[tuple[str, Any]] = []
    for name, inner in value.items():
        found += pairs(inner) if isinstance(inner, dict) else [(name, inner)]
    return found


def reported(agent: str, form: Form, target: Target = TARGET) -> list[tuple[str, Any]]:
    """All settings of one piece, whichever way it is written."""
    written = text(agent, form, target)
    if form is Form.FISH:
        found = re.findall(r"^ *set -[gl]x (\w+) '?(.*?)'?$", written, re.MULTILINE)
        return [(name, value) for name, value in found if not value.startswith(("(", "$"))]
    if form is Form.ENVIRONMENT:
        return [
            (name, value.strip("'\"")) for name, value in re.findall(r"^ *export (\w+)=(.*)$", written, re.MULTILINE)
        ]
    return pairs(tomllib.loads(written) if agent == "codex" else json.loads(written))


@pytest.mark.parametrize(("agent", "form"), EVERY_PART)
def test_settings_are_word_for_word_what_was_agreed(agent: str, form: Form) -> None:
    assert text(agent, form) == (GOLDEN / f"{agent}__{form}.txt").read_text()


def test_every_agreed_text_belongs_to_a_piece() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {f"{agent}__{form}" for agent, form in EVERY_PART}


def test_claude_code_reports_at_our_address_with_key_team_repository_and_commits() -> None:
    for form in SETTINGS:
        assert (
            dict(reported("claude-code", form)).items()
            >= {
                "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
                "OTEL_LOGS_EXPORTER": "otlp",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
                "OTEL_EXPORTER_OTLP_ENDPOINT": "https://tokens.example.com",
                "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer sl1_1_KEY",
                "OTEL_RESOURCE_ATTRIBUTES": "team.id=platform",
                "OTEL_METRICS_INCLUDE_REPOSITORY": "true",
                "OTEL_LOG_TOOL_DETAILS": "1",
            }.items()
        )


def test_codex_reports_its_logs_at_our_address_with_the_key() -> None:
    assert tomllib.loads(text("codex", Form.FILE))["otel"]["exporter"] == {
        "otlp-http": {
            "endpoint": "https://tokens.example.com/v1/logs",
            "protocol": "binary",
            "headers": {"Authorization": "Bearer sl1_1_KEY"},
        }
    }


@pytest.mark.parametrize("agent", ["gemini", "qwen"])
def test_gemini_and_its_fork_report_at_our_address_with_the_key(agent: str) -> None:
    telemetry = json.loads(text(agent, Form.FILE))["telemetry"]
    assert telemetry["enabled"] is True
    assert (telemetry["otlpEndpoint"], telemetry["otlpProtocol"]) == ("https://tokens.example.com", "http")
    assert dict(reported(agent, Form.ENVIRONMENT))["OTEL_EXPORTER_OTLP_HEADERS"] == "Authorization=Bearer sl1_1_KEY"


@pytest.mark.parametrize("agent", ["copilot", "opencode"])
def test_the_others_report_at_our_address_with_the_key(agent: str) -> None:
    variables = dict(reported(agent, Form.ENVIRONMENT))
    assert variables["OTEL_EXPORTER_OTLP_ENDPOINT"] == "https://tokens.example.com"
    assert variables["OTEL_EXPORTER_OTLP_HEADERS"] == "Authorization=Bearer sl1_1_KEY"


@pytest.mark.parametrize(("agent", "form"), EVERY_SETTINGS)
def test_no_switch_for_content_is_on(agent: str, form: Form) -> None:
    settings = reported(agent, form)
    assert settings
    assert [name for name, value in settings if name in CONTENT_SWITCHES and value not in OFF] == []


@pytest.mark.parametrize("agent", ["claude-code", "codex", "gemini", "copilot", "qwen"])
def test_prompts_are_switched_off_in_agents_that_can_send_them(agent: str) -> None:
    settings = [pair for each, form in EVERY_SETTINGS if each == agent for pair in reported(agent, form)]
    assert [name for name, _ in settings if name in CONTENT_SWITCHES]


def test_without_commits_claude_code_sends_no_tool_details() -> None:
    for form in SETTINGS:
        assert dict(reported("claude-code", form, TARGET._replace(commits=False)))["OTEL_LOG_TOOL_DETAILS"] == "0"


@pytest.mark.parametrize("agent", AGENTS)
def test_a_team_of_any_name_stays_one_value(agent: str) -> None:
    for form in (Form.ENVIRONMENT, Form.FISH):
        settings = text(agent, form, TARGET._replace(team="Zahlung, süß & mehr=1"))
        assert "team.id=Zahlung%2C%20s%C3%BC%C3%9F%20%26%20mehr%3D1" in settings


@pytest.mark.parametrize("agent", ["codex", "opencode"])
def test_an_agent_without_a_switch_for_content_is_reported(agent: str) -> None:
    assert any("always sends" in note for note in AGENTS[agent](TARGET).notes)


@pytest.mark.parametrize("agent", AGENTS)
def test_each_agent_says_what_links_its_tokens(agent: str) -> None:
    assert "shipledger link install" in AGENTS[agent](TARGET).linked_by


def test_opencode_sends_its_last_spans_before_it_exits() -> None:
    for form in (Form.ENVIRONMENT, Form.FISH):
        assert dict(reported("opencode", form))["OTEL_BSP_SCHEDULE_DELAY"] == "500"


def test_gemini_sends_no_spans_because_they_hold_its_system_prompt() -> None:
    assert json.loads(text("gemini", Form.FILE))["telemetry"]["traces"] is False
    assert any("system prompt" in note for note in AGENTS["gemini"](TARGET).notes)
