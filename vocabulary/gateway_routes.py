"""Labels of paths of model APIs, and the parts that providers bill of each. Pure."""

from collections.abc import Iterator
from typing import Final

from vocabulary.gateway_parts import Part

STREAMED: Final = "_stream"

# Label of a refused or failed request: its bytes were sent, but no provider bills their tokens.
FAILED: Final = "failed"
NOTHING_BILLED: Final = frozenset({"count_tokens", FAILED})
# Their responses hold vectors, not tokens.
INPUT_ONLY: Final = frozenset({"embeddings"})


def billed_parts(route: str, *, stream: bool) -> Iterator[Part]:
    """Yield the parts of a request with this label whose tokens a provider bills."""
    if route in NOTHING_BILLED:
        return
    yield Part.INPUT
    if route not in INPUT_ONLY:
        yield Part.OUTPUT_STREAM if stream else Part.OUTPUT
