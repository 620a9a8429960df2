"""Codex CLI: table `[otel]` of config.toml, https://developers.openai.com/codex/config-reference.

The exporter's address is the whole one of its signal. Tokens are in logs; traces and metrics tell them again.
"""

import json

from service.agent_config.settings import AgentSettings, Form, Part, Target
from service.agent_config.shell_links import linking_function

CONFIG = """\
[otel]
log_user_prompt = false
trace_exporter = "none"

[otel.exporter."otlp-http"]
endpoint = {endpoint}
protocol = "binary"

[otel.exporter."otlp-http".headers]
Authorization = {authorization}
"""


def settings(target: Target) -> AgentSettings:
    """The table, and a shell function for the links."""
    config = CONFIG.format(endpoint=_quoted(f"{target.url}/v1/logs"), authorization=_quoted(f"Bearer {target.key}"))
    return AgentSettings(
        (
            Part(Form.FILE, "~/.codex/config.toml", config),
            Part(Form.ENVIRONMENT, "and the shell's profile", linking_function("codex", target)),
        ),
        (
            "Codex has no switch for its tools: arguments and output come along, as may mail address and account.",
            "They are dropped on arrival. To keep them within the company, give a deploy/otel-collector as --url.",
            "Metrics stay as they are: they tell the same tokens again and are not needed here.",
        ),
    )


def _quoted(text: str) -> str:
    """A basic string of TOML: for text without control characters, the same as JSON's."""
    return json.dumps(text, ensure_ascii=False)
