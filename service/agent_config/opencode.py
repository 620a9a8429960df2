"""OpenCode: `experimental.openTelemetry` of opencode.json, and the environment.

It passes the flag to the Vercel AI SDK, whose spans always contain prompts and answers.
"""

from service.agent_config import agent_hooks
from service.agent_config.settings import AgentSettings, Form, Part, Target, as_json, authorization
from service.agent_config.shell_links import shell_parts


def settings(target: Target) -> AgentSettings:
    """Return the settings file, and environment variables with URL, key, team and links."""
    config = {"$schema": "https://opencode.ai/config.json", "experimental": {"openTelemetry": True}}
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": target.url,
        "OTEL_EXPORTER_OTLP_HEADERS": authorization(target),
        # By default it waits 5 seconds, and loses the spans of its last seconds when it exits.
        "OTEL_BSP_SCHEDULE_DELAY": "500",
    }
    return AgentSettings(
        (
            Part(Form.FILE, "~/.config/opencode/opencode.json", as_json(config)),
            Part(Form.PLUGIN, "~/.config/opencode/plugins/shipledger.js", agent_hooks.OPENCODE_PLUGIN),
            *shell_parts("opencode", target, variables),
        ),
        f"{agent_hooks.GIT_HOOKS}, with the plugin; the plugin (pull requests it creates)",
        (
            "OTEL_BSP_SCHEDULE_DELAY=500 sends spans every half second: OpenCode loses those that wait when it exits.",
            "OpenCode always sends prompts and answers in its spans.",
            "Shipledger drops them on arrival. To keep them in your company, use a deploy/otel-collector as --url.",
        ),
    )
