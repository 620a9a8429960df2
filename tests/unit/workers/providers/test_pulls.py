from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.providers.pulls import PULLS

TOMORROW = date(2026, 11, 29)
DAY = timedelta(days=1)


@given(st.sampled_from(sorted(PULLS)), st.booleans(), st.integers(1, 100))
def test_every_day_is_read_and_the_latest_again_and_again(provider: str, hourly: bool, days: int) -> None:
    pull = PULLS[provider]
    since = first = TOMORROW - days * DAY
    read: set[date] = set()
    for _ in range(days + 1):
        end = pull.ends(first, TOMORROW, hourly=hourly)
        assert first < end <= TOMORROW
        read |= {first + day * DAY for day in range((end - first).days)}
        first = pull.next_day(first, end, TOMORROW)
        if end == TOMORROW:
            break
    assert read == {since + day * DAY for day in range(days)}
    assert first == max(since, TOMORROW - pull.corrected)


@pytest.mark.parametrize("provider", sorted(PULLS))
def test_a_cursor_that_rests_goes_on_by_a_day_or_reads_all_at_once(provider: str) -> None:
    pull = PULLS[provider]
    rests = TOMORROW - pull.corrected
    assert pull.ends(rests, TOMORROW + DAY, hourly=True) in {TOMORROW + DAY, rests + DAY}
