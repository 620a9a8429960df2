"""The rows of one body, hashed part by part, so that its readings are not in memory all at once."""

from collections import Counter
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from schema.identifiers import Hasher
from service.errors import TooLargeError
from service.telemetry.hashing.body_hashes import BodyHashes
from service.telemetry.hashing.rows import IntakeRows, hash_readings
from service.telemetry.reading.normalised import Dropped, Readings, Reason

# Events of one body that are stored together; a commit may hold those of several bodies.
PORTION = 10_000


class BodyRows:
    """The rows of one body, and how many of its records were rejected for each reason."""

    def __init__(self, hasher: Hasher, team_id: int | None, limit: int) -> None:
        self.rejections: Counter[Reason] = Counter()
        self.size = 0
        self._hasher = hasher
        self._team_id = team_id
        self._limit = limit
        self._hashes = BodyHashes(hasher)
        self._copies: Counter[bytes] = Counter()
        self._parts: list[IntakeRows] = []

    def add(self, readings: Readings) -> None:
        """Hash the next part of the body. Raises TooLargeError if there are too many rows."""
        self.rejections.update(readings.rejections)
        self.size += readings.size
        if self.size > self._limit:
            raise TooLargeError(f"The body has more than {self._limit} records with tokens. Send smaller batches.")
        self._parts.append(hash_readings(self._hasher, readings, self._team_id, self._hashes, self._copies))

    def portions(self) -> list[IntakeRows]:
        """Return all rows. The first portion has everything but events, which are compared with each other."""
        whole = self._parts[0] if len(self._parts) == 1 else _joined(self._parts, self._team_id)
        if len(whole.events) <= PORTION:
            return [whole]
        return list(_divided(whole))


def _joined(parts: list[IntakeRows], team_id: int | None) -> IntakeRows:
    dropped: Counter[Dropped] = Counter()
    tallies: dict[bytes, bytes] = {}
    for part in parts:
        dropped.update(part.dropped)
        tallies.update(part.tallies)
    return IntakeRows(
        events=[row for part in parts for row in part.events],
        tallies=tallies,
        evidence=[row for part in parts for row in part.evidence],
        team_id=team_id,
        spans=[row for part in parts for row in part.spans],
        points=[row for part in parts for row in part.points],
        empty_spans=[row for part in parts for row in part.empty_spans],
        summaries=[row for part in parts for row in part.summaries],
        traces={trace for part in parts for trace in part.traces},
        dropped=dropped,
        left_out=[row for part in parts for row in part.left_out],
    )


def _divided(whole: IntakeRows) -> Iterator[IntakeRows]:
    for begin in range(0, len(whole.events), PORTION):
        events = whole.events[begin : begin + PORTION]
        tallies: Mapping[bytes, bytes] = {
            row.event_id: whole.tallies[row.event_id] for row in events if row.event_id in whole.tallies
        }
        if begin == 0:
            yield replace(whole, events=events, tallies=tallies)
        else:
            yield IntakeRows(events=events, tallies=tallies, team_id=whole.team_id)
