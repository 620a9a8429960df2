"""Wanted attributes of successive protobuf records; only what changed from one record to the next is decoded.

Records of one agent carry the same keys in the same order, and mostly the same values. So each record is compared with
earlier records that have as many attributes: equal bytes are not decoded again; where bytes differ, the key must be the
same, and its value is decoded if it is wanted. A record that fits no earlier one is decoded in full.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import compress
from operator import ne
from typing import Any, NamedTuple

from msgspec import Struct

from service.telemetry.otlp.limits import limit_attributes
from service.telemetry.otlp.protobuf_shapes import AnyValue, KeyValue
from service.telemetry.otlp.protobuf_values import scalar_of_valid
from service.telemetry.otlp.records import Attributes, AttributeValue
from service.telemetry.otlp.wanted import Wanted

# The wire format (https://protobuf.dev/programming-guides/encoding): field number and type, then a length or a number.
KEY, VALUE, STRING, INTEGER = 0x0A, 0x12, 0x0A, 0x18
# A byte from here on means that another byte follows.
MORE = 0x80
# How many kinds of records with the same number of attributes are remembered.
KINDS = 4
# Records with more attributes are read but not remembered; no agent sends so many.
MAXIMUM_PLACES = 256


class Place(NamedTuple):
    """One attribute of a record: the bytes before the value, their number, and the name if it is wanted."""

    prefix: bytes
    size: int
    name: str | None


class Record(Struct):
    """A decoded record, to compare the next ones with."""

    raw: list[bytes]
    places: list[Place]
    found: Attributes


class AttributeReader:
    """Reads the records of one body. Do not change the dictionaries that it returns: they are shared."""

    def __init__(self, wanted: Wanted) -> None:
        self._names = _encoded(wanted.attributes)
        self._last: dict[int, list[Record]] = {}

    def read(self, attributes: Iterable[bytes]) -> Attributes:
        """Return the wanted attributes of KeyValue messages.

        Raises DecodeError, UnicodeDecodeError, and TooLargeError if there are too many.
        """
        raw = list(attributes)
        for last in self._last.get(len(raw), ()):
            if (found := _changed(last, raw)) is not None:
                return found
        return self._whole(raw)

    def _whole(self, raw: list[bytes]) -> Attributes:
        limit_attributes(len(raw))
        found: Attributes = {}
        places: list[Place] = []
        wanted = 0
        for one in raw:
            if (place := self._place(one)) is None:
                pair: Any = KeyValue.FromString(one)
                if (name := self._names.get(pair.key.encode())) is not None:
                    found[name] = scalar_of_valid(pair.value)
                continue
            if len(raw) <= MAXIMUM_PLACES:
                places.append(place)
            if place.name is not None:
                wanted += 1
                found[place.name] = _value(one, place.size)
        # Records with a repeated key or an unusual encoding cannot be compared by place, so they are not remembered.
        if len(places) == len(raw) and len(found) == wanted:
            self._last[len(raw)] = [Record(raw, places, found), *self._last.get(len(raw), ())][:KINDS]
        return found

    def _place(self, raw: bytes) -> Place | None:
        """Return the place if the key is followed by the value, as every encoder writes them, else None."""
        end = 2 + raw[1] if len(raw) > 1 else 0
        if end > 1 + MORE or len(raw) <= end + 1 or raw[0] != KEY or raw[end] != VALUE:
            return None
        return Place(raw[: end + 1], end + 1, self._names.get(raw[2:end]))


def _changed(last: Record, raw: list[bytes]) -> Attributes | None:
    """Return the wanted attributes, or None if some keys differ."""
    found = last.found
    for (prefix, size, name), one in compress(zip(last.places, raw, strict=True), map(ne, raw, last.raw)):
        if not one.startswith(prefix):
            return None
        if name is not None:
            if found is last.found:
                found = last.found.copy()
            found[name] = _value(one, size)
    last.raw, last.found = raw, found
    return found


def _value(raw: bytes, start: int) -> AttributeValue:
    """Decode the value whose length is at `start`: short texts and integers here, anything else by the library."""
    size = len(raw) - start - 1
    if size != raw[start] or size > MORE - 1:
        pair: Any = KeyValue.FromString(raw)
        return scalar_of_valid(pair.value)
    if size > 1:
        kind, first = raw[start + 1], raw[start + 2]
        if kind == STRING and first == size - 2:
            return str(raw[start + 3 :], "utf-8")
        if kind == INTEGER and (number := _integer(raw, start + 2, size - 1)) is not None:
            return number
    return scalar_of_valid(AnyValue.FromString(raw[start + 1 :]))


def _integer(raw: bytes, start: int, size: int) -> int | None:
    """Decode a varint of up to three bytes, seven bits each and the lowest first; None if it is longer."""
    last = raw[-1]
    if last >= MORE or size > 3:  # noqa: PLR2004 - see the docstring
        return None
    first = raw[start]
    if size == 1:
        return first
    if first < MORE:
        return None
    second = raw[start + 1]
    if size == 2:  # noqa: PLR2004 - see the docstring
        return first - MORE | last << 7
    return None if second < MORE else first - MORE | second - MORE << 7 | last << 14


@lru_cache(8)
def _encoded(names: frozenset[str]) -> dict[bytes, str]:
    return {name.encode(): name for name in names}
