from datetime import UTC, datetime

from schema.identifiers import Hasher
from service.http.event_packing import LinkHashes
from service.telemetry.hashing.rows import SpanRow, hash_readings
from service.telemetry.reading.normalised import Links, Readings, SpanReading, TokenEvent
from vocabulary.tokens import TokenCounts

HASHER = Hasher(b"key" * 11)


def hashed(links: Links) -> LinkHashes:
    event = TokenEvent(
        source="test",
        identity=("1",),
        occurred_at=datetime(2026, 3, 2, tzinfo=UTC),
        tokens=TokenCounts(1),
        links=links,
    )
    (row,) = hash_readings(HASHER, Readings(events=[event])).events
    return row.links


def test_a_branch_that_a_forge_made_for_a_pull_request_counts_as_its_number() -> None:
    for branch in (f"gh-readonly-queue/main/pr-7-{'a1' * 20}", "7/merge", "refs/merge-requests/7/train"):
        links = hashed(Links(branch=branch))
        assert (links.number, links.branch) == (HASHER.number(7), None)


def test_a_reported_number_outweighs_the_one_in_a_branch() -> None:
    assert hashed(Links(number=8, branch="7/merge")).number == HASHER.number(8)


def test_a_branch_of_people_stays_a_branch() -> None:
    links = hashed(Links(branch="fix/7"))
    assert (links.number, links.branch) == (None, HASHER.branch("fix/7"))


def span_rows(*tokens: int) -> list[SpanRow]:
    """Spans of failed requests, each the parent of the next."""
    reported = [
        SpanReading(
            event=TokenEvent(
                source="test",
                identity=("span", number),
                occurred_at=datetime(2026, 3, 2, tzinfo=UTC),
                tokens=TokenCounts(count),
                failed=True,
            ),
            service=("", "bot", ""),
            trace="trace",
            span=str(number),
            parent=str(number - 1),
        )
        for number, count in enumerate(tokens, start=1)
    ]
    return list(hash_readings(HASHER, Readings(spans=reported)).spans)


def test_failures_are_found_within_failures_and_never_within_spans_with_tokens() -> None:
    first, second, third = span_rows(0, 0, 7)
    assert second.place.parent == first.place.span
    assert third.place.parent not in {first.place.span, second.place.span}
    assert [row.event.only_failed for row in (first, second, third)] == [True, True, False]


def test_the_providers_id_of_a_request_hashes_equally_from_every_source() -> None:
    events = [
        TokenEvent(
            source=source,
            identity=(source,),
            occurred_at=datetime(2026, 3, 2, tzinfo=UTC),
            tokens=TokenCounts(1),
            request="msg_1",
        )
        for source in ("claude-code", "litellm")
    ]
    agent, gateway = hash_readings(HASHER, Readings(events=events)).events
    assert agent.request == gateway.request == HASHER.reference("model_request", "msg_1")
    assert agent.event_id != gateway.event_id
