"""One body while it is read: when it was received, and values that its records repeat."""

from datetime import datetime, timedelta

from service.telemetry.otlp.records import Attributes, AttributeValue, TelemetryRecord
from service.telemetry.reading import links
from service.telemetry.reading.links import Work
from service.telemetry.reading.normalised import Reason, UnusableRecordError
from service.telemetry.reading.values import AHEAD, EPOCH, FIRST_AGENTS, moment_nanoseconds

NAMES = tuple(sorted(links.ATTRIBUTES))
MICROSECOND = timedelta(microseconds=1)
# Limits the memory that one body can take; beyond it, every record is read by itself.
MAXIMUM_REMEMBERED = 10_000

_Values = tuple[AttributeValue, ...]


class Receipt:
    """Reads what is the same for the records of every source; lives as long as the body."""

    def __init__(self, received_at: datetime) -> None:
        self.received_at = received_at
        # Times are compared in whole microseconds.
        self._earliest = _nanoseconds(FIRST_AGENTS)
        self._latest = _nanoseconds(received_at + AHEAD) + 999
        self._resource_values: dict[int, tuple[Attributes, _Values]] = {}
        self._works: dict[tuple[_Values, _Values], Work] = {}

    def occurred_at(self, record: TelemetryRecord) -> datetime:
        """Return when the record happened, in UTC to the microsecond, or when it was received if it has no time.

        Raises UnusableRecordError when the clock is years off.
        """
        nanoseconds = moment_nanoseconds(record)
        if not nanoseconds:
            return self.received_at
        if not self._earliest <= nanoseconds <= self._latest:
            raise UnusableRecordError(Reason.TIME)
        return EPOCH + nanoseconds // 1000 * MICROSECOND

    def work(self, record: TelemetryRecord) -> Work:
        """Return the work behind a record; equal attributes return the same object."""
        key = tuple(map(record.attributes.get, NAMES)), self._values_of(record.resource)
        work = self._works.get(key)
        if work is None:
            work = links.work(record)
            # Only equal texts are certain to read the same: 1, 1.0 and True are equal, too.
            if len(self._works) < MAXIMUM_REMEMBERED and all(_is_text(value) for values in key for value in values):
                self._works[key] = work
        return work

    def _values_of(self, resource: Attributes) -> _Values:
        """Return the resource's part of the key, looked up by `id`: many records share one resource object."""
        known = self._resource_values.get(id(resource))
        if known is None:
            # Keeping the resource alive keeps its id from being reused.
            known = self._resource_values[id(resource)] = resource, tuple(map(resource.get, NAMES))
        _, values = known
        return values


def _is_text(value: AttributeValue) -> bool:
    return value is None or isinstance(value, str)


def _nanoseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND * 1000
