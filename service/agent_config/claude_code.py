"""Claude Code: https://code.claude.com/docs/en/monitoring-usage (repository attributes: 2.1.269 and later)."""

from service.agent_config.settings import (
    AgentSettings,
    Form,
    Part,
    Target,
    as_exports,
    as_json,
    authorization,
    resource_attributes,
)

MANAGED = (
    "/etc/claude-code/managed-settings.json"
    " (macOS: /Library/Application Support/ClaudeCode/, Windows: C:\\Program Files\\ClaudeCode\\),"
    " or for one person ~/.claude/settings.json"
)
# Off by themselves; said here so that nobody's own settings turn them on.
CONTENT = ("OTEL_LOG_USER_PROMPTS", "OTEL_LOG_ASSISTANT_RESPONSES", "OTEL_LOG_TOOL_CONTENT", "OTEL_LOG_RAW_API_BODIES")


def settings(target: Target) -> AgentSettings:
    """A settings file, or the same as environment variables."""
    variables = {
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_ENDPOINT": target.url,
        "OTEL_EXPORTER_OTLP_HEADERS": authorization(target),
        "OTEL_RESOURCE_ATTRIBUTES": resource_attributes(target),
        "OTEL_METRICS_INCLUDE_REPOSITORY": "true",
        "OTEL_METRICS_INCLUDE_ACCOUNT_UUID": "false",
        "OTEL_LOG_TOOL_DETAILS": "1" if target.commits else "0",
        **dict.fromkeys(CONTENT, "0"),
    }
    return AgentSettings(
        (
            Part(Form.FILE, MANAGED, as_json({"env": variables})),
            Part(Form.ENVIRONMENT, "or the environment, as in CI", as_exports(variables)),
        ),
        (*_details(target.commits), "Mail address and user id come along; they are dropped on arrival."),
    )


def _details(commits: bool) -> tuple[str, ...]:
    if not commits:
        return ("Only repositories are linked, not commits: no command leaves the machine.",)
    return (
        "OTEL_LOG_TOOL_DETAILS=1 tells commits and their branches; commands, paths and errors of tools come along.",
        "All but the commit is dropped on arrival. To keep them within the company, give a deploy/otel-collector as",
        "--url, or leave commits out with --no-commits.",
    )
