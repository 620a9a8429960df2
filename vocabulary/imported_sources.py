"""Sources whose requests are reported by telemetry, by an import of what they keep locally, or by both."""

from typing import Final

IMPORTED_SOURCES: Final = frozenset({"claude-code", "codex", "gemini-cli", "copilot", "opencode", "litellm"})

# A report is known by the SHA-256 of one of these, a slash, the source, a slash and the request's keyed hash.
BY_TELEMETRY: Final = b"telemetry"
BY_IMPORT: Final = b"import"
