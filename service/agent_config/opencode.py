"""OpenCode: `experimental.openTelemetry` of opencode.json, and the environment.

It passes the flag on to the Vercel AI SDK, whose spans then carry prompts and answers; there is no switch for these.
"""

from service.agent_config.settings import AgentSettings, Form, Part, Target, as_json, authorization
from service.agent_config.shell_links import linking_function


def settings(target: Target) -> AgentSettings:
    """The flag, and the environment with address, key, team and links."""
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
            "OpenCode has no switch for content: its spans carry prompts and answers.",
            "They are dropped on arrival. To keep them within the company, give a deploy/otel-collector as --url.",
        ),
    )
