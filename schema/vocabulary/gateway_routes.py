"""Labels for paths of model APIs. Only the label is kept, because a path may name people, deployments and projects.

Paths as documented by Anthropic (Messages, Count Tokens), OpenAI (Chat Completions, Completions, Responses,
Embeddings), Google (generateContent and its kin) and Amazon Bedrock (Converse, InvokeModel).
"""

import re
from collections.abc import Iterator
from typing import Final

from schema.vocabulary.gateway_parts import Part

STREAMED: Final = "_stream"

# End of a path without its query -> label; the first match counts.
_ROUTES: Final = (
    (re.compile(r"/messages/count_tokens$"), "count_tokens"),
    (re.compile(r"/messages$"), "messages"),
    (re.compile(r"/chat/completions$"), "chat_completions"),
    (re.compile(r"/completions$"), "completions"),
    (re.compile(r"/responses$"), "responses"),
    (re.compile(r"/embeddings$|:(?:batch)?embed_?contents?$", re.IGNORECASE), "embeddings"),
    (re.compile(r":stream_?generate_?content$", re.IGNORECASE), "generate_content_stream"),
    (re.compile(r":generate_?content$", re.IGNORECASE), "generate_content"),
    (re.compile(r":count_?tokens$", re.IGNORECASE), "count_tokens"),
    (re.compile(r"/converse-stream$"), "converse_stream"),
    (re.compile(r"/converse$"), "converse"),
    (re.compile(r"/invoke-with-response-stream$"), "invoke_stream"),
    (re.compile(r"/invoke$"), "invoke"),
)

# Label of a refused or failed request: its bytes were sent, but no provider bills their tokens.
FAILED: Final = "failed"
NOTHING_BILLED: Final = frozenset({"count_tokens", FAILED})
# Their responses hold vectors, not tokens.
INPUT_ONLY: Final = frozenset({"embeddings"})


def route_label(path: str) -> str:
    """Return the label of a path, empty if unknown."""
    end = re.split(r"[?#]", path, maxsplit=1)[0].rstrip("/")
    return next((label for pattern, label in _ROUTES if pattern.search(end)), "")


def billed_parts(route: str, *, stream: bool) -> Iterator[Part]:
    """Yield the parts of a request with this label whose tokens a provider bills."""
    if route in NOTHING_BILLED:
        return
    yield Part.INPUT
    if route not in INPUT_ONLY:
        yield Part.OUTPUT_STREAM if stream else Part.OUTPUT
