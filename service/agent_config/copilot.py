"""GitHub Copilot CLI: environment, https://docs.github.com/en/copilot/reference, "OpenTelemetry monitoring"."""

from service.agent_config.settings import AgentSettings, Form, Part, Target, authorization
from service.agent_config.shell_links import linking_function


def settings(target: Target) -> AgentSettings:
    """The environment; there is no file of its own."""
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
        ("Names of skills and agents and a pseudonym of the person come along; they are dropped on arrival.",),
    )
