"""All agents by their name on the command line."""

from collections.abc import Callable

from service.agent_config import claude_code, codex, copilot, gemini_cli, opencode, qwen_code
from service.agent_config.settings import AgentSettings, Target

AGENTS: dict[str, Callable[[Target], AgentSettings]] = {
    "claude-code": claude_code.settings,
    "codex": codex.settings,
    "gemini": gemini_cli.settings,
    "copilot": copilot.settings,
    "opencode": opencode.settings,
    "qwen": qwen_code.settings,
}
