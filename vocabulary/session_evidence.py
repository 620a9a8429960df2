"""Where session evidence comes from, and under which names telemetry of a session may arrive."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class EvidenceSource(StrEnum):
    """How it is known where a session was.

    `hook`: a Git hook. `plugin`: a hook or plugin of the agent. `record`: telemetry of the agent. `resource`: what a
    resource says, which was true when the process began. `transcript`: what an agent writes locally. `trailer`: a mark
    in a commit or pull request. `note`: a Git note. `checkpoint`: a checkpoint of Entire. `client`: anything else.
    """

    HOOK = "hook"
    PLUGIN = "plugin"
    RECORD = "record"
    RESOURCE = "resource"
    TRANSCRIPT = "transcript"
    TRAILER = "trailer"
    NOTE = "note"
    CHECKPOINT = "checkpoint"
    CLIENT = "client"


# What a session does at an instant: `start`, `checkout`, `commit`, `push` or `turn_end`. At these moments, the commit
# checked out is only where the session stands.
START: Final = "start"
STANDING: Final = frozenset({START, "checkout", "turn_end"})

# Sources of token events that name sessions of coding agents.
AGENTS: Final = (
    *("claude-code", "codex", "gemini-cli", "qwen-code", "copilot", "opencode", "cline", "amp"),
    *("vercel-ai", "genai", "openinference"),
)
# Other names of agents, and agents whose telemetry arrives under several names.
_MET_AS: Final[Mapping[str, tuple[str, ...]]] = {
    "claude": ("claude-code",),
    "gemini": ("gemini-cli",),
    "qwen": ("qwen-code",),
    "copilot-cli": ("copilot",),
    "opencode": ("opencode", "vercel-ai", "genai"),
}


def sources_of(agent: str | None) -> tuple[str, ...]:
    """Return the sources under which telemetry of an agent may arrive; those of all agents if it is unknown which."""
    return AGENTS if agent is None else _MET_AS.get(agent, (agent,))


def is_agent(name: str) -> bool:
    """Return whether a name is one of an agent."""
    return name in AGENTS or name in _MET_AS
