"""Periods of a page: full weeks by default, never in the future, and the running week apart. Pure; days are UTC."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from schema.errors import BadInputError
from service.dashboard.numbers.days import day_text, span_text
from service.queries.spend.buckets import Bucket, Comparison, SpendBucket, buckets_of, compared_span
from service.queries.spend.runs import DAY, WEEK, Span

DEFAULT_PERIOD: Final = "12w"
WEEKS: Final[Mapping[str, int]] = {"12w": 12, "4w": 4}
QUARTER: Final = "quarter"
COMPARISONS: Final = ("before", "year", "none")
# Longer periods are drawn by month, shorter ones by day.
MOST_WEEKS = 27
MOST_DAYS = 14
EARLIEST = date(2000, 1, 1)


class Slot(NamedTuple):
    """A day, week or month of a chart. `days` of `whole` are known and in the period; the rest is still to come."""

    span: Span
    before: Span | None
    label: str
    days: int
    whole: int
    is_running: bool = False

    @property
    def is_partial(self) -> bool:
        """Whether it is cut, so that it must not be compared with whole ones."""
        return self.days < self.whole

    @property
    def note(self) -> str:
        """What is missing: `3 of 7 days`."""
        return f"{self.days} of {self.whole} days" if self.is_partial else ""


class Period(NamedTuple):
    """The days that figures sum, what they are compared with, and the running week that is drawn but not summed."""

    text: str
    span: Span
    before: Span | None
    running: Span | None
    slots: tuple[Slot, ...]
    grain: SpendBucket

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.span.last - self.span.first).days + 1

    @property
    def name(self) -> str:
        """The period within a sentence: `12 weeks`."""
        return length_text(self.span)

    @property
    def before_name(self) -> str:
        """What it is compared with, within a sentence: `the 12 weeks before`."""
        if self.before is None:
            return ""
        if self.before.last + DAY == self.span.first:
            return f"the {length_text(self.before)} before"
        return span_text(*self.before)

    @property
    def shown(self) -> str:
        """The days: `7 Sep - 29 Nov 2026`."""
        return span_text(*self.span)

    @property
    def is_whole_weeks(self) -> bool:
        """Whether it begins on a Monday and ends on a Sunday."""
        return self.span.first.weekday() == 0 and self.days % 7 == 0

    @property
    def length(self) -> str:
        """The length beside the days: `12 full weeks`."""
        return f"{self.days // 7} full weeks" if self.is_whole_weeks and self.days > 7 else length_text(self.span)  # noqa: PLR2004 - a week

    @property
    def buckets(self) -> list[Bucket]:
        """The slots, as questions about spend take them."""
        return [Bucket(slot.span, slot.before) for slot in self.slots]

    @property
    def whole(self) -> Bucket:
        """The whole period as one bucket."""
        return Bucket(self.span, self.before)


def read_period(text: str, compare: str, today: date) -> Period:
    """Read `12w`, `4w`, `quarter` or `2026-09-07..2026-11-29`; raises BadInputError."""
    monday = today - timedelta(days=today.weekday())
    if text in WEEKS:
        span = Span(monday - WEEKS[text] * WEEK, monday - DAY)
        return _period(text, span, compare, today, Span(monday, monday + WEEK - DAY))
    if text == QUARTER:
        return _period(text, running_quarter(today), compare, today, None)
    return _period(text, _range(text, today), compare, today, None)


def running_quarter(today: date) -> Span:
    """Return the quarter up to yesterday; on its first day, the whole quarter before."""
    first = (today - DAY).replace(day=1)
    return Span(first.replace(month=(first.month - 1) // 3 * 3 + 1), today - DAY)


def running_month(today: date) -> Span:
    """Return the month up to yesterday; on its first day, the whole month before."""
    last = today - DAY
    return Span(last.replace(day=1), last)


def quarter_before(today: date) -> Span:
    """Return the last whole quarter."""
    first = today.replace(day=1, month=(today.month - 1) // 3 * 3 + 1)
    last = first - DAY
    return Span(last.replace(day=1, month=last.month - 2), last)


def range_text(span: Span) -> str:
    """Return a period as an address holds it."""
    return f"{span.first}..{span.last}"


def length_text(span: Span) -> str:
    """Return the length of a period: `12 weeks`, `3 months`, `10 days`."""
    days = (span.last - span.first).days + 1
    if span.first.day == 1 and (span.last + DAY).day == 1:
        months = (span.last.year - span.first.year) * 12 + span.last.month - span.first.month + 1
        return f"{months} months" if months > 1 else "month"
    if days % 7 == 0:
        return f"{days // 7} weeks" if days > 7 else "week"  # noqa: PLR2004 - a week
    return f"{days} days" if days > 1 else "day"


def _range(text: str, today: date) -> Span:
    try:
        span = Span(*map(date.fromisoformat, text.split("..")))
    except (TypeError, ValueError):
        raise BadInputError(
            f"must be one of {', '.join((*WEEKS, QUARTER))}, or days such as 2026-09-07..2026-11-29", field="period"
        ) from None
    if span.first > span.last:
        raise BadInputError("must begin before it ends, such as 2026-09-07..2026-11-29", field="period")
    if span.last > today:
        raise BadInputError(f"must not end after today, {today} (UTC)", field="period")
    if span.first < EARLIEST:
        raise BadInputError(f"must not begin before {EARLIEST}", field="period")
    return span


def _period(text: str, span: Span, compare: str, today: date, running: Span | None) -> Period:
    grain = _grain(span)
    comparison = {"before": Comparison.PREVIOUS, "year": Comparison.YEAR}.get(compare)
    before = compared_span(span, grain, comparison) if comparison else None
    slots = [_slot(bucket, grain, today) for bucket in buckets_of(span, grain, comparison)]
    if running is not None:
        label, whole = _label(running, SpendBucket.WEEK), 7
        slots.append(Slot(running, None, label, (today - running.first).days + 1, whole, is_running=True))
    return Period(text, span, before, running, tuple(slots), grain)


def _grain(span: Span) -> SpendBucket:
    days = (span.last - span.first).days + 1
    if days <= MOST_DAYS:
        return SpendBucket.DAY
    return SpendBucket.WEEK if days <= MOST_WEEKS * 7 else SpendBucket.MONTH


def _slot(bucket: Bucket, grain: SpendBucket, today: date) -> Slot:
    span = bucket.span
    whole = (span.last - span.first).days + 1
    if grain is SpendBucket.WEEK:
        whole = 7
    elif grain is SpendBucket.MONTH:
        first = span.first.replace(day=1)
        whole = ((first + timedelta(days=32)).replace(day=1) - first).days
    known = (min(span.last, today) - span.first).days + 1
    return Slot(span, bucket.before, _label(span, grain), known, whole, is_running=span.last >= today)


def _label(span: Span, grain: SpendBucket) -> str:
    return f"{span.first:%b %Y}" if grain is SpendBucket.MONTH else day_text(span.first)
