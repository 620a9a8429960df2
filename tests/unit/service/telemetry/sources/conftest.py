"""Reads one body of records as the service does."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from service.telemetry.normalised import Readings
from service.telemetry.otlp import Encoding, decode
from service.telemetry.records import Signal
from service.telemetry.sources.registry import WANTED_ATTRIBUTES, read_records
from tests.harness.otlp import Body, as_json, as_protobuf

Read = Callable[[Body], Readings]
RECEIVED_AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def read() -> Read:
    """Both encodings of a body, which must say the same."""

    def readings(body: Body) -> Readings:
        both = [
            read_records(decode(Signal.LOGS, encoding, encoded, WANTED_ATTRIBUTES), RECEIVED_AT)
            for encoding, encoded in ((Encoding.PROTOBUF, as_protobuf(body)), (Encoding.JSON, as_json(body)))
        ]
        assert both[0] == both[1]
        return both[0]

    return readings
