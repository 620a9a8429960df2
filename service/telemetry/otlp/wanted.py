"""The allow-list of one signal: nothing else is copied out of a body."""

from msgspec import Struct

# What instruments with tokens in their name measure besides tokens.
_OTHER_MEASURES = ("time", "duration", "latency", "cost", "rate", "limit", "per_", "second", "ratio")


class Wanted(Struct, frozen=True):
    """Names of attributes, and of metric instruments."""

    attributes: frozenset[str] = frozenset()
    instruments: frozenset[str] = frozenset()

    def takes(self, instrument: str) -> bool:
        """Return whether points of an instrument are read, or counted as dropped because they may hold tokens."""
        return instrument in self.instruments or (
            "token" in instrument and not any(name in instrument for name in _OTHER_MEASURES)
        )
