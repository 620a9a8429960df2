"""Every history of one tag and its release, reported in every order, ends alike."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from workers.outcomes.life_cycle import ReleaseRow, ReleaseState, reconcile_release

START = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = 5
MOST_REPORTS = 5
ROW = ReleaseRow(b"id", b"repository", ReleaseState.TAG, START, None, None, START, family=b"family", version=(1, 2))


class Report(NamedTuple):
    """What a forge reports, and whether it is about the tag."""

    row: ReleaseRow
    is_tag: bool


class Story(NamedTuple):
    """Reports, the hour in which the tag was set last if there is one, and whether there is a release."""

    reports: tuple[Report, ...] = ()
    tagged: int | None = None
    is_released: bool = False
    published: int = 0
    updated: int = 0


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def commit(hour: int) -> bytes:
    return b"commit %d" % hour


def set_tag(hour: int, *, is_created: bool) -> Report:
    created_at = at(hour) if is_created else None
    row = replace(ROW, commit=commit(hour), tagged_at=at(hour), tag_created_at=created_at)
    return Report(replace(row, released_at=at(hour), forge_updated_at=at(hour)), is_tag=True)


def delete_tag(hour: int) -> Report:
    row = replace(ROW, state=ReleaseState.DELETED, released_at=at(hour), forge_updated_at=at(hour))
    return Report(row, is_tag=True)


def release(state: ReleaseState, published: int, updated: int) -> Report:
    """A deletion has no time of its own."""
    row = replace(ROW, state=state, released_at=at(published), forge_updated_at=at(updated))
    return Report(row, is_tag=False)


def continued(story: Story, hour: int) -> Iterator[Story]:
    """Yield the story with each thing that may happen to it in this hour."""
    reports, tagged = story.reports, story.tagged
    yield story._replace(reports=(*reports, set_tag(hour, is_created=tagged is None)), tagged=hour)
    if tagged is not None:
        yield story._replace(reports=(*reports, delete_tag(hour)), tagged=None)
    if story.is_released:
        deleted = release(ReleaseState.DELETED, story.published, story.updated)
        yield story._replace(reports=(*reports, deleted), is_released=False)
        edited = release(ReleaseState.PUBLISHED, story.published, hour)
        yield story._replace(reports=(*reports, edited), updated=hour)
        return
    published = release(ReleaseState.PUBLISHED, hour, hour)
    created = () if tagged is not None else (set_tag(hour, is_created=True),)
    yield Story((*reports, published, *created), hour if tagged is None else tagged, True, hour, hour)


def stories(hours: int) -> list[Story]:
    found, latest = [], [Story()]
    for hour in range(1, hours + 1):
        latest = [more for story in latest for more in continued(story, hour)]
        found += [story for story in latest if len(story.reports) <= MOST_REPORTS]
    return found


def known_after(reports: tuple[Report, ...]) -> ReleaseRow:
    known = None
    for report in reports:
        known = reconcile_release(known, report.row, is_tag=report.is_tag)
    assert known is not None
    return known


def test_every_order_of_what_happened_to_a_tag_and_its_release_ends_alike() -> None:
    told = stories(HOURS)
    assert len(told) > 150
    for story in told:
        ends = {_essence(known_after(order)) for order in itertools.permutations(story.reports)}
        assert len(ends) == 1, story.reports


def test_what_a_forge_has_in_the_end_is_what_is_known() -> None:
    for story in stories(HOURS):
        row = known_after(story.reports)
        if story.is_released:
            assert row.state is ReleaseState.PUBLISHED, story.reports
        elif story.tagged is None:
            assert row.state is ReleaseState.DELETED, story.reports
        if row.state is not ReleaseState.DELETED and story.tagged is not None:
            assert row.commit == commit(story.tagged), story.reports


def _essence(row: ReleaseRow) -> tuple[object, ...]:
    """Of a deleted release only that it is deleted."""
    if row.state is ReleaseState.DELETED:
        return (row.state,)
    return row.state, row.commit, row.released_at, row.tagged_at
