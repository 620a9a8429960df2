"""Rows of reports that cannot be read: where they are, and what of them `GET /api/v1/coverage` counts as dropped."""

import hashlib
import re
from typing import NamedTuple

# Times of rows; the other fields that are checked are counts and amounts.
TIMES = frozenset({"timestamp", "starting_at", "start_time"})
WHOLE_ROW = "row"
_HOLDS_TOKENS = re.compile(rb'okens"\s*:')
# None of these repeats another: OpenAI counts cached tokens within the input.
_COUNT = re.compile(
    rb'"(?:inputTokens|outputTokens|cacheReadTokens|cacheWriteTokens|input_tokens|output_tokens|uncached_input_tokens'
    rb'|cache_read_input_tokens|ephemeral_5m_input_tokens|ephemeral_1h_input_tokens)"\s*:\s*"?(\d{1,12})\b'
)


class LeftOutRow(NamedTuple):
    """A row that is left out: its place and what is wrong there; a digest of it, and its tokens if it holds some.

    `reason` is empty if it holds no counts of tokens.
    """

    text: str
    digest: bytes = b""
    reason: str = ""
    tokens: int = 0


def left_out_row(place: str, field: str, content: bytes) -> LeftOutRow:
    """Return a row that is left out because of a field; the text quotes nothing of it."""
    text = f"{place}: unexpected {field}"
    if not _HOLDS_TOKENS.search(content):
        return LeftOutRow(text)
    reason = "time" if field in TIMES else "unreadable" if field == WHOLE_ROW else "counts"
    return LeftOutRow(text, hashlib.sha256(content).digest(), reason, sum(map(int, _COUNT.findall(content))))
