"""Qwen Code: `telemetry` of settings.json, https://qwenlm.github.io/qwen-code-docs/en/developers/development/telemetry.

Headers cannot be set there; its exporters read OTEL_EXPORTER_OTLP_HEADERS like every OpenTelemetry SDK.
"""

from service.agent_config import agent_hooks
from service.agent_config.settings import AgentSettings, Form, Part, Target, as_json, authorization
from service.agent_config.shell_links import shell_parts

SETTINGS_FILES = "~/.qwen/settings.json, or for everyone /etc/qwen-code/settings.json"


def settings(target: Target) -> AgentSettings:
    """Return the settings file, and environment variables with key, team and links."""
    telemetry = {
        "enabled": True,
        "target": "local",
        "otlpEndpoint": target.url,
        "otlpProtocol": "http",
        "logPrompts": False,
        "includeSensitiveSpanAttributes": False,
    }
    variables = {
        # The environment overrides settings.json.
        "QWEN_TELEMETRY_LOG_PROMPTS": "false",
        "QWEN_TELEMETRY_INCLUDE_SENSITIVE_SPAN_ATTRIBUTES": "false",
        "OTEL_EXPORTER_OTLP_HEADERS": authorization(target),
        # Without this, the host name, the user and the command line with its prompt are sent.
        "OTEL_NODE_RESOURCE_DETECTORS": "env",
    }
    return AgentSettings(
        (
            Part(Form.FILE, SETTINGS_FILES, as_json({"telemetry": telemetry, "hooks": agent_hooks.qwen()})),
            *shell_parts("qwen", target, variables, session_of="qwen-code"),
        ),
        f"{agent_hooks.GIT_HOOKS}, with the shell function; its hooks (pull requests it creates)",
        (
            'logPrompts is on by default; "logPrompts": false leaves out prompts and answers.',
            "Shipledger keeps counts, model, session and links, and drops everything else on arrival.",
        ),
    )
