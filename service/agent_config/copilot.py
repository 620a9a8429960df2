"""GitHub Copilot CLI: environment variables, https://docs.github.com/en/copilot/reference, OpenTelemetry monitoring."""

from service.agent_config.settings import AgentSettings, Form, Part, Target, authorization
from service.agent_config.shell_links import linking_function


def settings(target: Target) -> AgentSettings:
    """Return the environment variables; Copilot has no settings file for telemetry."""
    variables = {
        "COPILOT_OTEL_ENABLED": "true",
        "COPILOT_OTEL_EXPORTER_TYPE": "otlp-http",
        "OTEL_EXPORTER_OTLP_ENDPOINT": target.url,
        "OTEL_EXPORTER_OTLP_HEADERS": authorization(target),
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "false",
    }
    return AgentSettings(
        (
            Part(
                Form.ENVIRONMENT,
                "the shell's profile",
                linking_function("copilot", target, variables),
            ),
        ),
        ("Copilot also sends names of skills and agents and a user pseudonym; Shipledger drops them on arrival.",),
    )
