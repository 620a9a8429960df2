"""What the pages of alerts show, as read: the input of these pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from service.queries.spend.reading import Amounts
from service.queries.spend.runs import Span


class Series(NamedTuple):
    """The days around an alert, and what was spent in each; `linked` are its tokens with direct evidence, if asked."""

    span: Span
    amounts: Sequence[Amounts]
    linked: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class AlertsFacts:
    """Rows as queries return them; `series` of open alerts by id. `watched_to` is the last day that was looked at."""

    active: Sequence[Mapping[str, Any]] = ()
    past: Sequence[Mapping[str, Any]] = ()
    series: Mapping[int, Series] = field(default_factory=dict)
    channels: Sequence[Mapping[str, Any]] = ()
    budgets: Sequence[Mapping[str, Any]] = ()
    forecasts: Sequence[Mapping[str, Any]] = ()
    policies: Sequence[Mapping[str, Any]] = ()
    mutes: Sequence[Mapping[str, Any]] = ()
    watched_to: date | None = None


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """One alert, its series, and what was sent of it."""

    alert: Mapping[str, Any]
    series: Series | None = None
    deliveries: Sequence[Mapping[str, Any]] = ()
