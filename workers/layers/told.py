"""A model request as one layer tells it, and what two tellings of one request have in common."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from schema.layers import Layer
from schema.model_keys import find_model, model_key

# Clocks of laptops and gateways differ by seconds, seldom by more.
NEAR: Final = timedelta(seconds=10)
FAR: Final = timedelta(minutes=2)
# Where both tell the provider's own id of the request, their clocks hardly matter.
SAME_ID: Final = timedelta(minutes=10)
# Smaller requests have few counts to choose from, and must be nearer to be taken for one.
LARGE: Final = 1_000


class Told(NamedTuple):
    """One model request as it was told. Input includes the cache, output reasoning: layers divide them differently.

    `request` is the keyed hash of the provider's id of it.
    """

    event_id: bytes
    layer: Layer
    occurred_at: datetime
    model: str
    input: int
    output: int
    request: bytes | None = None

    @property
    def reach(self) -> timedelta:
        """How far in time another telling may be that is recognised by its counts."""
        return FAR if self.input + self.output >= LARGE else NEAR

    @property
    def family(self) -> str:
        """The model where it is of a known family, else empty: a gateway may call it by a name of its own."""
        return find_model(self.model)


def by_id(told: Told) -> Hashable | None:
    """The provider's id of the request, where it is told."""
    return told.request


def by_counts(told: Told) -> Hashable | None:
    """Model and counts; None for a request without tokens, which nothing can be told by."""
    return (model_key(told.model), told.input, told.output) if told.input + told.output else None


def by_large_counts(told: Told) -> Hashable | None:
    """Counts alone, where they are large enough to be nobody else's."""
    return (told.input, told.output) if told.input + told.output >= LARGE else None
