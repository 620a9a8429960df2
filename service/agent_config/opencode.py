"""OpenCode: `experimental.openTelemetry` of opencode.json, and the environment.

It passes the flag to the Vercel AI SDK, whose spans always contain prompts and answers.
"""

from service.agent_config.settings import AgentSettings, Form, Part, Target, as_json, authorization
from service.agent_config.shell_links import linking_function


def settings(target: Target) -> AgentSettings:
    """Return the settings file, and environment variables with URL, key, team and links."""
    config = {"$schema": "https://opencode.ai/config.json", "experimental": {"openTelemetry": True}}
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": target.url,
        "OTEL_EXPORTER_OTLP_HEADERS": authorization(target),
    }
    return AgentSettings(
        (
            Part(Form.FILE, "~/.config/opencode/opencode.json", as_json(config)),
            Part(
                Form.ENVIRONMENT,
                "and the shell's profile",
                linking_function("opencode", target, variables),
            ),
        ),
        (
            "OpenCode always sends prompts and answers in its spans.",
            "Shipledger drops them on arrival. To keep them in your company, use a deploy/otel-collector as --url.",
        ),
    )
