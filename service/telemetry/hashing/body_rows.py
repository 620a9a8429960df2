"""The rows of one body, hashed part by part, so that its readings are not in memory all at once."""

from collections import Counter

from schema.identifiers import Hasher
from service.errors import TooLargeError
from service.telemetry.hashing.body_hashes import BodyHashes
from service.telemetry.hashing.portions import divided
from service.telemetry.hashing.rows import IntakeRows, hash_readings
from service.telemetry.reading.normalised import Dropped, Readings, Reason


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
        """Return all rows, in portions if there are many."""
        whole = self._parts[0] if len(self._parts) == 1 else _joined(self._parts, self._team_id)
        return list(divided(whole))


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
