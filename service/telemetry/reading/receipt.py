"""One body while it is read: when it was received, and what its records have told that others of them tell again."""

from datetime import datetime, timedelta

from service.telemetry.otlp.records import Attributes, AttributeValue, TelemetryRecord
from service.telemetry.reading import links
from service.telemetry.reading.links import Work
from service.telemetry.reading.normalised import Reason, UnusableRecordError
from service.telemetry.reading.values import AHEAD, EPOCH, FIRST_AGENTS, moment_nanoseconds

NAMES = tuple(sorted(links.ATTRIBUTES))
MICROSECOND = timedelta(microseconds=1)
# What one body may make us remember; records of more kinds than this are read one by one.
MAXIMUM_REMEMBERED = 10_000

_Values = tuple[AttributeValue, ...]


class Receipt:
    """Reads what is read alike whoever sent a record; kept no longer than its body."""

    def __init__(self, received_at: datetime) -> None:
        self.received_at = received_at
        # Whole microseconds are what is compared, so a nanosecond more does no harm.
        self._earliest = _nanoseconds(FIRST_AGENTS)
        self._latest = _nanoseconds(received_at + AHEAD) + 999
        self._of_resources: dict[int, tuple[Attributes, _Values]] = {}
        self._works: dict[tuple[_Values, _Values], Work] = {}

    def occurred_at(self, reported: TelemetryRecord) -> datetime:
        """When it happened, UTC to the microsecond; when it was received, if the record does not say.

        Raises UnusableRecordError when the clock is years off.
        """
        nanoseconds = moment_nanoseconds(reported)
        if not nanoseconds:
            return self.received_at
        if not self._earliest <= nanoseconds <= self._latest:
            raise UnusableRecordError(Reason.TIME)
        return EPOCH + nanoseconds // 1000 * MICROSECOND

    def work(self, reported: TelemetryRecord) -> Work:
        """What a record or its resource tells of the work behind it; the same object for what tells the same."""
        key = tuple(map(reported.attributes.get, NAMES)), self._of_resource(reported.resource)
        work = self._works.get(key)
        if work is None:
            work = links.work(reported)
            # Of texts alone it is certain that equal ones read alike: 1, 1.0 and True are equal.
            if len(self._works) < MAXIMUM_REMEMBERED and all(_is_text(value) for values in key for value in values):
                self._works[key] = work
        return work

    def _of_resource(self, resource: Attributes) -> _Values:
        """Its part of the key. Resources are shared by many records, so they are known by their identity."""
        known = self._of_resources.get(id(resource))
        if known is None:
            # The resource is held with it, so that no other can take its place.
            known = self._of_resources[id(resource)] = resource, tuple(map(resource.get, NAMES))
        _, values = known
        return values


def _is_text(value: AttributeValue) -> bool:
    return value is None or isinstance(value, str)


def _nanoseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND * 1000
