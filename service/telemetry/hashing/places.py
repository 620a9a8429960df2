"""Hashes that place a span among others."""

from typing import NamedTuple


class Place(NamedTuple):
    """A span, its parent, and the marks of its response at the time of its end: its own first, then near ones."""

    span: bytes
    parent: bytes | None
    responses: tuple[bytes, ...] = ()
    is_empty: bool = False
