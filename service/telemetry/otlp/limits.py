"""Limits of what one telemetry body may hold. They are checked before messages become objects.

Real bodies are far from them: a collector sends 8,192 records at a time by default, and an agent's record has about 30
attributes.
"""

from msgspec import Struct

from schema.settings import Settings
from service.errors import TooLargeError

# Attributes of one resource, record, span or data point.
ATTRIBUTES = 20_000
# A resource or scope counts as so many messages, because many of them without records only cost time.
ABOVE = 10


class BodyLimits(Struct, frozen=True):
    """Bytes after decompression, how many times they may exceed the compressed ones, messages, and records to store.

    Messages are log records, spans, metrics and data points, and resources and scopes as ABOVE of them each.
    """

    size: int
    ratio: int
    messages: int
    stored: int

    @classmethod
    def of(cls, settings: Settings) -> "BodyLimits":
        """Return the configured limits."""
        return cls(
            settings.telemetry_body_limit,
            settings.telemetry_expansion_limit,
            settings.telemetry_message_limit,
            settings.telemetry_event_limit,
        )


class Messages:
    """Counts the messages of one body."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._counted = 0

    def add(self, number: int) -> None:
        """Count messages that are about to be read. Raises TooLargeError beyond the limit."""
        self._counted += number
        self.check(self._counted)

    def add_above(self, number: int) -> None:
        """Count resources or scopes."""
        self.add(number * ABOVE)

    def check(self, number: int) -> None:
        """Raise TooLargeError if a body of `number` messages is beyond the limit."""
        if number > self._limit:
            raise TooLargeError(f"The body has more than {self._limit} messages. Send smaller batches.")


def limit_attributes(number: int) -> None:
    """Raise TooLargeError if one resource, record, span or data point has too many attributes."""
    if number > ATTRIBUTES:
        raise TooLargeError(
            f"A resource, record, span or data point has more than {ATTRIBUTES} attributes. Send fewer attributes."
        )
