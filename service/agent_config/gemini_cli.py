"""Gemini CLI: `telemetry` of settings.json, https://geminicli.com/docs/cli/telemetry.

It has no setting for headers; its exporters read OTEL_EXPORTER_OTLP_HEADERS as every OpenTelemetry SDK does.
"""

from service.agent_config.settings import AgentSettings, Form, Part, Target, as_json, authorization
from service.agent_config.shell_links import linking_function

SYSTEM_SETTINGS = "~/.gemini/settings.json, or for everyone /etc/gemini-cli/settings.json"


def settings(target: Target) -> AgentSettings:
    """The settings, and the environment with key, team and links."""
    telemetry = {
        "enabled": True,
        "target": "local",
        "otlpEndpoint": target.url,
        "otlpProtocol": "http",
        "logPrompts": False,
        "traces": False,
    }
    variables = {
        # The environment wins over settings.json.
        "GEMINI_TELEMETRY_LOG_PROMPTS": "false",
        "OTEL_EXPORTER_OTLP_HEADERS": authorization(target),
        # Else the machine's name, its user and the command line with its prompt are told as well.
        "OTEL_NODE_RESOURCE_DETECTORS": "env",
    }
    return AgentSettings(
        (
            Part(Form.FILE, SYSTEM_SETTINGS, as_json({"telemetry": telemetry})),
            Part(
                Form.ENVIRONMENT,
                "and the shell's profile",
                linking_function("gemini", target, variables),
            ),
        ),
        (
            'logPrompts is on unless it is off: "logPrompts": false takes prompts, answers and arguments of tools out.',
            "Mail address and installation id come along; they are dropped on arrival.",
        ),
    )
