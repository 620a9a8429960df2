"""Claude Code: https://code.claude.com/docs/en/monitoring-usage (repository attributes: 2.1.269 and later)."""

from service.agent_config import agent_hooks
from service.agent_config.settings import (
    AgentSettings,
    Form,
    Part,
    Target,
    as_exports,
    as_fish_exports,
    as_json,
    authorization,
    resource_attributes,
)

MANAGED = (
    "/etc/claude-code/managed-settings.json"
    " (macOS: /Library/Application Support/ClaudeCode/, Windows: C:\\Program Files\\ClaudeCode\\),"
    " or for one person ~/.claude/settings.json"
)
# Off by default; set here so that personal settings cannot turn them on.
CONTENT = ("OTEL_LOG_USER_PROMPTS", "OTEL_LOG_ASSISTANT_RESPONSES", "OTEL_LOG_TOOL_CONTENT", "OTEL_LOG_RAW_API_BODIES")


def settings(target: Target) -> AgentSettings:
    """Return a settings file, and the same settings as environment variables."""
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
            Part(Form.FILE, MANAGED, as_json({"env": variables, "hooks": agent_hooks.claude_code()})),
            Part(Form.ENVIRONMENT, "or the environment, as in CI", as_exports(variables)),
            Part(Form.FISH, "~/.config/fish/config.fish", as_fish_exports(variables)),
        ),
        f"{agent_hooks.GIT_HOOKS}; its hooks (pull requests it creates); its telemetry (repository, some commits)",
        (
            *_details(target.commits),
            "Claude Code also sends mail address and user id; Shipledger drops them on arrival.",
        ),
    )


def _details(commits: bool) -> tuple[str, ...]:
    if not commits:
        return ("Links repositories but not commits: no command leaves the machine.",)
    return (
        "OTEL_LOG_TOOL_DETAILS=1 reports commits and branches, and also commands, paths and errors of tools.",
        "Shipledger drops all of it but commit and branch. To keep the rest inside your company, pass the URL of a",
        "deploy/otel-collector as --url, or pass --no-commits.",
    )
