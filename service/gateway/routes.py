"""Labels for paths of model APIs. Only the label is kept, because a path may name people, deployments and projects.

Paths as documented by Anthropic (Messages, Count Tokens), OpenAI (Chat Completions, Completions, Responses,
Embeddings), Google (generateContent and its kin) and Amazon Bedrock (Converse, InvokeModel).
"""

import re
from typing import Final

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


def route_label(path: str) -> str:
    """Return the label of a path, empty if unknown."""
    end = re.split(r"[?#]", path, maxsplit=1)[0].rstrip("/")
    return next((label for pattern, label in _ROUTES if pattern.search(end)), "")
