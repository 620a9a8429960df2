"""GitHub Copilot CLI: environment variables, https://docs.github.com/en/copilot/reference, OpenTelemetry monitoring."""

from service.agent_config import agent_hooks
from service.agent_config.settings import AgentSettings, Form, Part, Target, as_json, authorization
from service.agent_config.shell_links import shell_parts


def settings(target: Target) -> AgentSettings:
    """Return a file of hooks, and the environment variables; Copilot has no settings file for telemetry."""
    variables = {
        "COPILOT_OTEL_ENABLED": "true",
        "COPILOT_OTEL_EXPORTER_TYPE": "otlp-http",
        "OTEL_EXPORTER_OTLP_ENDPOINT": target.url,
        "OTEL_EXPORTER_OTLP_HEADERS": authorization(target),
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "false",
    }
    return AgentSettings(
        (
            Part(Form.FILE, "~/.copilot/hooks/shipledger.json", as_json(agent_hooks.copilot())),
            *shell_parts("copilot", target, variables),
        ),
        f"{agent_hooks.GIT_HOOKS}; its hooks (pull requests it creates); its telemetry (where it starts)",
        ("Copilot also sends names of skills and agents and a user pseudonym; Shipledger drops them on arrival.",),
    )
