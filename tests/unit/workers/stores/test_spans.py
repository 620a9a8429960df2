"""Spans of branches in which commits may change hands, each the one that holds all that were added."""

from datetime import UTC, datetime

from workers.facts.pushes import EVER, Branch, Span, Spans

FIX, TOP = Branch(b"repository", b"fix"), Branch(b"repository", b"top")


def day(number: int) -> datetime:
    return datetime(2026, 11, number, tzinfo=UTC)


def test_spans_of_one_branch_grow_together_and_others_stay_as_they_are() -> None:
    spans = Spans()
    spans.add(FIX, Span(day(4), day(6)))
    spans.add(TOP, Span(day(1), day(1)))
    spans.add(FIX, Span(day(2), day(5)))
    assert spans == {FIX: Span(day(2), day(6)), TOP: Span(day(1), day(1))}


def test_an_open_end_stays_open() -> None:
    spans, more = Spans(), Spans()
    spans.add(FIX, Span(day(4), None))
    more.add(FIX, Span(day(5), day(6)))
    spans.add_all(more)
    assert spans == {FIX: Span(day(4), None)}
    spans.add(FIX, EVER)
    spans.add(FIX, Span(day(1), day(2)))
    assert spans == {FIX: EVER}
