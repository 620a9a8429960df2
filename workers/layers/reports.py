"""A model request as one layer tells it, and what two tellings of one request have in common."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from schema.layers import Layer
from schema.model_keys import find_model, model_key

# Both layers see a request end at once; clocks of laptops and gateways differ by seconds, seldom by more.
FAR: Final = timedelta(minutes=1)
# Smaller requests have few counts to choose from, and must be nearer to be taken for one.
NEAR: Final = timedelta(seconds=10)
LARGE: Final = 1_000


class RequestReport(NamedTuple):
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
    def family(self) -> str:
        """The model where it is of a known family, else empty: a gateway may call it by a name of its own."""
        return find_model(self.model)


def by_id(reported: RequestReport) -> Hashable | None:
    """The provider's id of the request, where it is told."""
    return reported.request


def by_counts(reported: RequestReport) -> Hashable | None:
    """Model and counts; None for a request without tokens, which nothing can be told by."""
    return (model_key(reported.model), reported.input, reported.output) if reported.input + reported.output else None


def by_large_counts(reported: RequestReport) -> Hashable | None:
    """Counts alone, where they are large enough to be nobody else's."""
    return (reported.input, reported.output) if reported.input + reported.output >= LARGE else None


def reach_by_id(_: RequestReport) -> timedelta:
    """How far in time another telling of the same id may be."""
    return FAR


def reach_by_counts(reported: RequestReport) -> timedelta:
    """How far in time another telling of the same counts may be."""
    return FAR if reported.input + reported.output >= LARGE else NEAR


class Likeness(NamedTuple):
    """What two tellings of one request have in common, and how far apart in time they may be."""

    key: Callable[[RequestReport], Hashable | None]
    reach: Callable[[RequestReport], timedelta]


# Surest first: what one has paired is out of question for the next.
LIKENESSES: Final = (
    Likeness(by_id, reach_by_id),
    Likeness(by_counts, reach_by_counts),
    Likeness(by_large_counts, reach_by_counts),
)


def groups(reported: Iterable[RequestReport], likeness: Likeness) -> dict[Hashable, list[RequestReport]]:
    """Tellings that are alike, whenever they were."""
    found: defaultdict[Hashable, list[RequestReport]] = defaultdict(list)
    for each in reported:
        if (key := likeness.key(each)) is not None:
            found[key].append(each)
    return found
