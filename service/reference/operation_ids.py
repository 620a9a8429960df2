"""Operation ids, after which generated clients name their functions: `listAttributions`, `createKey`."""

from collections.abc import Sequence
from typing import Any

# The verb of a handler is that of our code; an id has the verb that clients expect.
VERBS = {
    ("take", "POST"): "send",
    ("take", "PUT"): "set",
    ("show", "GET"): "get",
    ("make", "POST"): "create",
    ("begin", "POST"): "start",
    ("drop", "DELETE"): "delete",
    ("remove", "DELETE"): "delete",
    ("close", "DELETE"): "delete",
    ("try", "POST"): "test",
    ("renew", "PUT"): "replace",
    ("switch", "PUT"): "set",
}


def operation_id(handler: Any, method: Any, path: Sequence[Any]) -> str:  # noqa: ARG001 - Litestar's signature
    """Return the name of a handler in camel case; Litestar refuses two operations with the same id."""
    verb, *words = str(handler.handler_name).split("_")
    return "".join([VERBS.get((verb, getattr(method, "value", method)), verb), *(word.title() for word in words)])
