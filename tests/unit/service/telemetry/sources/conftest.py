"""Reads one body of records as the service does."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from service.telemetry.otlp.decode import Encoding, decode
from service.telemetry.otlp.records import Signal
from service.telemetry.reading.normalised import Readings
from service.telemetry.sources.registry import WANTED, read_all
from tests.harness.otlp import Body, as_json, as_protobuf, signal_of

Read = Callable[[Body], Readings]
RECEIVED_AT = datetime(2026, 11, 23, tzinfo=UTC)


def read_file(path: Path) -> Readings:
    """A recorded body, whose name says its signal and encoding."""
    signal = Signal(path.stem.split("-")[1])
    encoding = Encoding.JSON if path.suffix == ".json" else Encoding.PROTOBUF
    return read_all(decode(signal, encoding, path.read_bytes(), WANTED[signal]), RECEIVED_AT)


@pytest.fixture
def read(read_whole: Read) -> Read:
    """Both encodings of a body, which must say the same, without what is dropped and its traces."""
    return lambda body: msgspec.structs.replace(read_whole(body), dropped={}, traces=frozenset())


@pytest.fixture
def read_whole() -> Read:
    """Both encodings of a body, which must say the same."""

    def readings(body: Body) -> Readings:
        signal = signal_of(body)
        both = [
            read_all(decode(signal, encoding, encoded, WANTED[signal]), RECEIVED_AT)
            for encoding, encoded in ((Encoding.PROTOBUF, as_protobuf(body)), (Encoding.JSON, as_json(body)))
        ]
        assert both[0] == both[1]
        return both[0]

    return readings
