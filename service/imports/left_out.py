"""Rows of logs that cannot be imported, as the service counts them: `GET /api/v1/coverage` and `doctor` show them."""

import hashlib
import re
from typing import Any, NamedTuple

from service.contracts.token_event import LeftOutIn
from vocabulary.tokens import MAXIMUM_TOKENS

# Fields that hold a time; a row whose field is not known cannot be read at all.
TIMES = frozenset({"startTime", "timestamp"})
WHOLE_ROW = frozenset({"row", "record", "line"})
# Counts of logs that add up to the tokens of a row: the names differ between logs, but none repeats another.
_COUNT = re.compile(
    rb'"(prompt_tokens|completion_tokens|inputTokenCount|outputTokenCount|cacheReadInputTokenCount'
    rb'|cacheWriteInputTokenCount)"\s*:\s*"?(\d{1,12})\b'
)


class UnusableRow(NamedTuple):
    """A row that is left out: where it is, the field that makes no sense, a digest of it, and its tokens if seen."""

    place: str
    field: str
    digest: str = ""
    tokens: int = 0

    def counted(self, source: str) -> LeftOutIn:
        """Return what the service counts as dropped."""
        reason: Any = "unreadable" if self.field in WHOLE_ROW else "time" if self.field in TIMES else "counts"
        return LeftOutIn(record_id=self.digest, source=source, reason=reason, tokens=self.tokens)


def unusable_row(place: str, field: str, content: bytes) -> UnusableRow:
    """Return a row that is left out, known by its content, with the tokens that can be seen in it."""
    # A body may repeat a count; the first one is the row's own.
    counts = {name: int(digits) for name, digits in reversed(_COUNT.findall(content))}
    tokens = min(sum(counts.values()), MAXIMUM_TOKENS)
    return UnusableRow(place, field, hashlib.sha256(content).hexdigest(), tokens)
