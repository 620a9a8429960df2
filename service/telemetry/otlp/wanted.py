"""The allow-list of one signal: nothing else is copied out of a body."""

from msgspec import Struct


class Wanted(Struct, frozen=True):
    """Names of attributes, and of metric instruments."""

    attributes: frozenset[str] = frozenset()
    instruments: frozenset[str] = frozenset()
