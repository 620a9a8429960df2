"""How far a look at all repositories came."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from workers.repair.progress import (
    ACTIVITY_LAG,
    NIGHT,
    NIGHT_BEGINS,
    Progress,
    may_have_news,
    read_progress,
    until_night,
    write_progress,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_progress_is_read_as_it_was_written() -> None:
    progress = Progress(NOW, NOW + timedelta(hours=1), "7")
    assert read_progress(write_progress(progress)) == progress
    assert read_progress(None) == Progress()


def test_an_unchanged_repository_is_skipped() -> None:
    assert not may_have_news(NOW - ACTIVITY_LAG - timedelta(seconds=1), NOW)
    assert may_have_news(NOW - ACTIVITY_LAG, NOW)
    assert may_have_news(None, NOW)
    assert may_have_news(NOW, None)


def test_each_connection_has_its_own_time_within_the_night() -> None:
    times = {NOW + until_night(NOW, uuid4()) for _ in range(50)}
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    assert len(times) > 10
    assert all(midnight + NIGHT_BEGINS <= each <= midnight + NIGHT_BEGINS + NIGHT for each in times)


def test_before_its_time_it_is_due_in_the_same_night() -> None:
    first = UUID(int=0)
    assert until_night(datetime(2026, 3, 2, tzinfo=UTC), first) == NIGHT_BEGINS
    assert until_night(datetime(2026, 3, 2, tzinfo=UTC) + NIGHT_BEGINS, first) == timedelta(days=1)
