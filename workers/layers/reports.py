"""A model request as one layer reports it, and the rules for matching two reports of one request."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from vocabulary.layers import Layer
from vocabulary.model_keys import find_model, model_key

# Layers see the end of a request at the same time; clocks of laptops and gateways differ by seconds, seldom more.
FAR: Final = timedelta(minutes=1)
# Small requests have few distinct counts, so they must be nearer to match.
NEAR: Final = timedelta(seconds=10)
LARGE: Final = 1_000


class RequestReport(NamedTuple):
    """A report of a model request. Input includes cached tokens and output reasoning, as layers split differently.

    `request` is the keyed hash of the provider's request id. `group` names the sources of the layer that never report
    the same request, and orders those that may.
    """

    event_id: bytes
    layer: Layer
    occurred_at: datetime
    model: str
    input: int
    output: int
    request: bytes | None = None
    group: str = ""

    @property
    def family(self) -> str:
        """The model if its family is known, else empty: a gateway may use its own names."""
        return find_model(self.model)


def by_id(report: RequestReport) -> Hashable | None:
    """Return the provider's request id, if known."""
    return report.request


def by_counts(report: RequestReport) -> Hashable | None:
    """Return model and counts; None for a request without tokens, which cannot be matched."""
    return (model_key(report.model), report.input, report.output) if report.input + report.output else None


def by_large_counts(report: RequestReport) -> Hashable | None:
    """Return the counts alone if they are large enough to be unique."""
    return (report.input, report.output) if report.input + report.output >= LARGE else None


def reach_by_id(_: RequestReport) -> timedelta:
    """Return the longest time between two reports with the same id."""
    return FAR


def reach_by_counts(report: RequestReport) -> timedelta:
    """Return the longest time between two reports with the same counts."""
    return FAR if report.input + report.output >= LARGE else NEAR


class MatchRule(NamedTuple):
    """A key that two reports of one request share, and the longest time between them."""

    key: Callable[[RequestReport], Hashable | None]
    reach: Callable[[RequestReport], timedelta]


# Most certain first: reports paired by one rule are not considered by the next.
MATCH_RULES: Final = (
    MatchRule(by_id, reach_by_id),
    MatchRule(by_counts, reach_by_counts),
    MatchRule(by_large_counts, reach_by_counts),
)


def groups(reports: Iterable[RequestReport], rule: MatchRule) -> dict[Hashable, list[RequestReport]]:
    """Group reports by the rule's key, at any time."""
    found: defaultdict[Hashable, list[RequestReport]] = defaultdict(list)
    for each in reports:
        if (key := rule.key(each)) is not None:
            found[key].append(each)
    return found
