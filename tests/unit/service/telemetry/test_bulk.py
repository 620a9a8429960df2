"""A bulk of token events, read as OTLP is."""

import msgspec
import pytest

from schema.errors import BadInputError
from service.contracts.token_event import TokenEventBatch
from service.telemetry.bulk import read_bulk

ITEM = {"event_id": "1", "occurred_at": "2026-11-22T01:45:52Z", "source": "gateway", "tokens": {"input_uncached": 7}}


def test_how_a_request_went_is_kept_when_sent() -> None:
    reported = {**ITEM, "request_id": "msg_1", "duration_ms": 900, "failed": True}
    readings, _ = read_bulk(msgspec.convert({"items": [ITEM, reported]}, TokenEventBatch))
    plain, whole = readings.events
    assert (plain.request, plain.duration_ms, plain.failed) == (None, None, False)
    assert (whole.request, whole.duration_ms, whole.failed) == ("msg_1", 900, True)


def test_an_item_of_a_later_part_is_named_by_its_place_in_the_bulk() -> None:
    items = [{**ITEM, "event_id": str(number)} for number in range(1_500)]
    items[1_200]["occurred_at"] = "1999-11-22T01:45:52Z"
    with pytest.raises(BadInputError) as refused:
        list(read_bulk(msgspec.convert({"items": items}, TokenEventBatch)))
    assert refused.value.field == "items[1200].occurred_at"


@pytest.mark.parametrize("duration", [-1, 86_400_001, 0.5, "9"])
def test_a_duration_that_makes_no_sense_is_refused(duration: object) -> None:
    with pytest.raises(msgspec.ValidationError, match="duration_ms"):
        msgspec.convert({"items": [{**ITEM, "duration_ms": duration}]}, TokenEventBatch)
