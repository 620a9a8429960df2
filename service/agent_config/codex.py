"""Codex CLI: table `[otel]` of config.toml, https://developers.openai.com/codex/config-reference.

The exporter's endpoint is the full URL of its signal. Tokens are in logs; traces and metrics repeat them.
"""

import json

from service.agent_config import agent_hooks
from service.agent_config.settings import AgentSettings, Form, Part, Target
from service.agent_config.shell_links import shell_parts

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
    """Return the table, and a shell function that adds links."""
    config = CONFIG.format(endpoint=_quoted(f"{target.url}/v1/logs"), authorization=_quoted(f"Bearer {target.key}"))
    return AgentSettings(
        (
            Part(Form.FILE, "~/.codex/config.toml", f"{config}\n{agent_hooks.codex()}"),
            *shell_parts("codex", target),
        ),
        f"{agent_hooks.GIT_HOOKS}; its hooks (pull requests it creates); the shell function (where it starts)",
        (
            "Codex runs its hooks only after you trust them: start codex and enter /hooks.",
            "Codex always sends arguments and output of tools, and may send mail address and account.",
            "Shipledger drops them on arrival. To keep them in your company, use a deploy/otel-collector as --url.",
            "You do not need to send metrics here: they repeat the same tokens.",
        ),
    )


def _quoted(text: str) -> str:
    """Return a TOML basic string; without control characters it equals a JSON string."""
    return json.dumps(text, ensure_ascii=False)
