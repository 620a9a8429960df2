from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from workers.facts.changes import Changes, Days, Places, merge_days

PLACES = Places(b"repository", None)
DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 1))
SPANS = st.lists(st.tuples(DAYS, DAYS).map(lambda ends: Days(min(ends), max(ends))), max_size=8)


def covered(spans: list[Days]) -> set[date]:
    return {span.first + timedelta(days=day) for span in spans for day in range((span.last - span.first).days + 1)}


@given(SPANS)
def test_merged_spans_cover_the_same_days_and_never_meet(spans: list[Days]) -> None:
    merged = merge_days(spans)
    assert covered(merged) == covered(spans)
    assert all(after.first > before.last + timedelta(days=1) for before, after in pairwise(merged))


def test_instants_reach_as_far_ahead_as_an_open_pull_request_stays_awake() -> None:
    changes = Changes()
    changes.add_instants(PLACES, [datetime(2026, 3, 2, 23, tzinfo=UTC), datetime(2026, 3, 4, 1, tzinfo=UTC)])
    assert dict(changes.days) == {PLACES: [Days(date(2026, 3, 2), date(2026, 4, 3))]}


def test_no_instant_touches_no_day() -> None:
    changes = Changes()
    changes.add_instants(PLACES, [])
    assert changes == Changes()


def test_changes_of_several_deliveries_are_combined() -> None:
    whole, one, other = Changes(), Changes(), Changes()
    one.commits.add(b"1")
    other.commits.add(b"2")
    other.add_instants(PLACES, [datetime(2026, 3, 2, tzinfo=UTC)])
    for each in (one, other):
        whole.add(each)
    assert whole.commits == {b"1", b"2"}
    assert whole.days == other.days
