"""Sources whose requests are reported by telemetry, by an import of what they keep locally, or by both."""

from typing import Final

IMPORTED_SOURCES: Final = frozenset({"claude-code", "codex", "gemini-cli", "copilot", "opencode", "litellm"})
