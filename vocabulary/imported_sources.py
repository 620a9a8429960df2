"""Sources whose requests are reported by telemetry, by an import of what they keep locally, or by both."""

from typing import Final

IMPORTED_SOURCES: Final = frozenset(
    {
        *("claude-code", "codex", "gemini-cli", "copilot", "opencode", "qwen-code", "litellm"),
        *("amp", "cline", "kilo-code", "kimi", "roo-code"),
    }
)
# Their metrics name no session, or another than an import: only sums by hour can be compared with an import.
METERED_BY_SERVICE: Final = frozenset({"cline", "codex", "copilot", "qwen-code"})
# Who reported the tokens of an hour, if only metrics or only an import did.
METRICS, IMPORT = "metrics", "import"

# A report is known by the SHA-256 of one of these, a slash, the source, a slash and the request's keyed hash.
BY_TELEMETRY: Final = b"telemetry"
BY_IMPORT: Final = b"import"
