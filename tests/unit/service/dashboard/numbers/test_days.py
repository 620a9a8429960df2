"""Days and instants in words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from service.dashboard.numbers.days import ago_text, instant_text, span_text

NOW = datetime(2026, 11, 29, 12, 4, tzinfo=UTC)


def test_a_span_names_a_year_once_where_it_can() -> None:
    assert span_text(date(2026, 9, 7), date(2026, 11, 29)) == "7 Sep – 29 Nov 2026"
    assert span_text(date(2025, 12, 1), date(2026, 1, 4)) == "1 Dec 2025 – 4 Jan 2026"
    assert span_text(date(2026, 9, 7), date(2026, 9, 7)) == "7 Sep 2026"
    assert instant_text(NOW) == "29 Nov, 12:04 UTC"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "just now"), (59, "just now"), (190, "3 min ago"), (7_300, "2 hours ago"), (86_400, "1 day ago")],
)
def test_the_past_is_said_in_its_largest_unit(seconds: int, shown: str) -> None:
    assert ago_text(NOW - timedelta(seconds=seconds), NOW) == shown
