"""Gemini CLI: `telemetry` of settings.json, https://geminicli.com/docs/cli/telemetry.

Headers cannot be set there; its exporters read OTEL_EXPORTER_OTLP_HEADERS like every OpenTelemetry SDK.
"""

from service.agent_config import agent_hooks
from service.agent_config.settings import AgentSettings, Form, Part, Target, as_json, authorization
from service.agent_config.shell_links import shell_parts

SYSTEM_SETTINGS = "~/.gemini/settings.json, or for everyone /etc/gemini-cli/settings.json"


def settings(target: Target) -> AgentSettings:
    """Return the settings file, and environment variables with key, team and links."""
    telemetry = {
        "enabled": True,
        "target": "local",
        "otlpEndpoint": target.url,
        "otlpProtocol": "http",
        "logPrompts": False,
        "traces": False,
    }
    variables = {
        # The environment overrides settings.json.
        "GEMINI_TELEMETRY_LOG_PROMPTS": "false",
        "OTEL_EXPORTER_OTLP_HEADERS": authorization(target),
        # Without this, the host name, the user and the command line with its prompt are sent.
        "OTEL_NODE_RESOURCE_DETECTORS": "env",
    }
    return AgentSettings(
        (
            Part(Form.FILE, SYSTEM_SETTINGS, as_json({"telemetry": telemetry, "hooks": agent_hooks.gemini()})),
            *shell_parts("gemini", target, variables),
        ),
        "its hooks (branches, commits, pull requests it creates), which need shipledger link install",
        (
            'logPrompts is on by default; "logPrompts": false leaves out prompts, answers and arguments of tools.',
            "Gemini CLI sends its system prompt in spans even then, so traces stay off.",
            "Gemini CLI runs git without any git hooks, so its own hooks say where it works.",
            "Gemini CLI also sends mail address and installation id; Shipledger drops them on arrival.",
        ),
    )
