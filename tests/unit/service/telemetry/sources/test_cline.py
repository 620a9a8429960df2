"""Cline's counters."""

from collections.abc import Callable

from service.telemetry.reading.normalised import Part, Readings
from tests.harness.otlp import Body, counter, histogram, histogram_point, metrics, number_point

Read = Callable[[Body], Readings]
RESOURCE = {"service.name": "cline", "team.id": "platform"}
PERSON = {"ulid": "CANARY-task", "userId": "CANARY", "organization_name": "CANARY", "member_id": "CANARY"}
MODEL = {**PERSON, "model": "claude-sonnet-4-5"}
MODE = {**MODEL, "provider": "anthropic", "mode": "act"}


def test_each_counter_counts_one_kind_by_itself(read: Read) -> None:
    body = metrics(
        counter("cline.tokens.input.total", number_point(120, MODEL)),
        counter("cline.tokens.output.total", number_point(80, MODEL)),
        counter("cline.cache.read.tokens.total", number_point(20, MODE)),
        counter("cline.cache.write.tokens.total", number_point(40, MODE)),
        resource=RESOURCE,
    )
    points = read(body).points
    assert [(point.part, point.value) for point in points] == [
        (Part.INPUT, 120),
        (Part.OUTPUT, 80),
        (Part.CACHE_READ, 20),
        (Part.CACHE_WRITE, 40),
    ]
    events = [point.event for point in points]
    assert {(event.source, event.provider, event.model) for event in events} == {
        ("cline", "anthropic", "claude-sonnet-4-5")
    }
    assert {event.session for event in events} == {"CANARY-task"}
    assert "CANARY" not in repr([(event.model, event.team, event.workflow, event.links) for event in events])


def test_cache_counters_without_a_mode_repeat_those_with_one(read: Read) -> None:
    copy = {**MODEL, "provider": "anthropic"}
    body = metrics(counter("cline.cache.read.tokens.total", number_point(20, MODE), number_point(20, copy)))
    assert [point.value for point in read(body).points] == [20]


def test_its_histograms_repeat_its_counters(read: Read) -> None:
    body = metrics(histogram("cline.tokens.input.per_response", histogram_point(120, MODEL)), resource=RESOURCE)
    assert read(body) == Readings()
