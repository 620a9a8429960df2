"""What is known after any number of words on a pull request or release, in any order."""

import itertools
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from schema.kinds import PullRequestState
from workers.outcomes.life_cycle import (
    PullRequestRow,
    ReleaseRow,
    ReleaseState,
    reconcile_pull_request,
    reconcile_release,
)

START = datetime(2026, 3, 2, 10, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


OPENED = PullRequestRow(
    artifact_id=b"id",
    repository_id=b"repository",
    number=b"number",
    head_repository_id=b"repository",
    head_branch=b"branch",
    base_branch=b"main",
    state=PullRequestState.OPEN,
    draft=True,
    opened_at=START,
    merged_at=None,
    closed_at=None,
    changed_lines=None,
    changed_files=None,
    label=None,
    forge_updated_at=START,
)
READY = replace(OPENED, draft=False, changed_lines=7, sized_at=at(1), forge_updated_at=at(1))
REVIEWED = replace(OPENED, draft=None, head_repository_id=None, forge_updated_at=at(2))
CLOSED = replace(
    READY, state=PullRequestState.ABANDONED, closed_at=at(3), changed_lines=8, sized_at=at(3), forge_updated_at=at(3)
)
REOPENED = replace(READY, sized_at=at(4), forge_updated_at=at(4))
MERGED = replace(
    READY,
    state=PullRequestState.MERGED,
    merged_at=at(5),
    closed_at=at(5),
    changed_lines=9,
    sized_at=at(5),
    forge_updated_at=at(5),
)
LABELLED = replace(MERGED, forge_updated_at=at(9))


def know(*reported: PullRequestRow) -> PullRequestRow:
    known = None
    for row in reported:
        known = reconcile_pull_request(known, row)
    assert known is not None
    return known


def test_every_order_ends_merged() -> None:
    for reported in itertools.permutations((OPENED, READY, REVIEWED, CLOSED, REOPENED, MERGED)):
        assert know(*reported) == MERGED


def test_every_order_without_the_merge_ends_reopened() -> None:
    for reported in itertools.permutations((OPENED, READY, CLOSED, REOPENED)):
        assert know(*reported) == REOPENED


def test_a_size_is_the_last_reported_one_when_later_events_leave_it_out() -> None:
    reviewed = replace(MERGED, changed_lines=None, sized_at=None, forge_updated_at=at(9))
    unreported = [replace(row, sized_at=None) for row in (READY, MERGED)]
    for reported in itertools.permutations((OPENED, *unreported, reviewed)):
        row = know(*reported)
        assert (row.changed_lines, row.sized_at, row.forge_updated_at) == (9, at(5), at(9))


def test_a_repeated_event_changes_nothing() -> None:
    assert know(OPENED, MERGED, MERGED, OPENED) == MERGED


def test_within_one_second_the_further_state_is_the_later() -> None:
    same = [replace(row, forge_updated_at=START) for row in (READY, CLOSED, MERGED)]
    for reported in itertools.permutations(same):
        assert know(*reported).state is PullRequestState.MERGED


def test_an_end_without_a_time_is_as_old_as_the_first_word_of_it() -> None:
    untimed = replace(LABELLED, merged_at=None, closed_at=None)
    assert know(OPENED, untimed).merged_at == at(9)
    later = replace(untimed, forge_updated_at=at(12))
    assert know(untimed, later).merged_at == know(later, untimed).merged_at == at(9)
    for reported in itertools.permutations((untimed, MERGED, later)):
        assert (know(*reported).merged_at, know(*reported).closed_at) == (at(5), at(5))


def test_a_pull_request_reopened_and_closed_again_ended_at_last() -> None:
    again = replace(CLOSED, closed_at=at(6), forge_updated_at=at(6))
    for reported in itertools.permutations((CLOSED, REOPENED, again)):
        assert know(*reported).closed_at == at(6)


PUBLISHED = ReleaseRow(b"id", b"repository", ReleaseState.PUBLISHED, at(1), None, None, at(1))
DRAFT = replace(PUBLISHED, state=ReleaseState.DRAFT, released_at=START, forge_updated_at=START)
DELETED = replace(PUBLISHED, state=ReleaseState.DELETED)
TAG = replace(PUBLISHED, state=ReleaseState.TAG, commit=b"commit", released_at=at(2), forge_updated_at=at(2))
TAG_GONE = replace(TAG, state=ReleaseState.DELETED, forge_updated_at=at(3))


def know_release(*reported: tuple[ReleaseRow, bool]) -> ReleaseRow:
    known = None
    for row, is_tag in reported:
        known = reconcile_release(known, row, is_tag=is_tag)
    assert known is not None
    return known


def test_a_release_outweighs_its_tag_and_takes_its_commit() -> None:
    for reported in itertools.permutations(((PUBLISHED, False), (TAG, True), (DRAFT, False))):
        assert know_release(*reported) == replace(PUBLISHED, commit=b"commit")


def test_a_deleted_release_stays_deleted_until_a_newer_event() -> None:
    assert know_release((PUBLISHED, False), (DELETED, False)) == DELETED
    assert know_release((DELETED, False), (PUBLISHED, False)) == DELETED
    anew = replace(PUBLISHED, released_at=at(8), forge_updated_at=at(8))
    assert know_release((DELETED, False), (anew, False)) == anew


def test_a_tag_comes_and_goes() -> None:
    assert know_release((TAG, True), (TAG_GONE, True)).state is ReleaseState.DELETED
    assert know_release((TAG_GONE, True), (TAG, True)).state is ReleaseState.DELETED
    assert know_release((PUBLISHED, False), (TAG_GONE, True)).state is ReleaseState.PUBLISHED


FAMILY = replace(
    PUBLISHED, commit=None, family=b"family", version=(1, 2, 3), target_branch=b"main", label="parcel@v1.2.3"
)
FIRST_TAG = replace(
    FAMILY,
    state=ReleaseState.TAG,
    commit=b"first",
    target_branch=None,
    released_at=at(0.5),
    tagged_at=at(0.5),
    forge_updated_at=at(0.5),
)
MOVED_TAG = replace(FIRST_TAG, commit=b"moved", released_at=at(4), tagged_at=at(4), forge_updated_at=at(4))
GONE_TAG = replace(TAG_GONE, family=b"family", version=(1, 2, 3), forge_updated_at=at(3))


def test_events_of_a_tag_and_its_release_give_the_same_result_in_any_order() -> None:
    expected = replace(FAMILY, commit=b"moved", tagged_at=at(4), tag_created_at=at(3))
    words = ((FIRST_TAG, True), (FAMILY, False), (GONE_TAG, True), (MOVED_TAG, True))
    for reported in itertools.permutations(words):
        assert know_release(*reported) == expected


def test_a_tag_alone_is_as_it_was_set_last() -> None:
    for reported in itertools.permutations(((FIRST_TAG, True), (GONE_TAG, True), (MOVED_TAG, True))):
        row = know_release(*reported)
        assert (row.state, row.commit, row.released_at, row.tagged_at) == (ReleaseState.TAG, b"moved", at(4), at(4))


def test_a_release_names_its_commit_only_until_a_tag_does() -> None:
    named = replace(FAMILY, commit=b"named")
    for reported in itertools.permutations(((named, False), (FIRST_TAG, True))):
        assert know_release(*reported).commit == b"first"
    assert know_release((named, False)).commit == b"named"


def test_at_one_time_a_prerelease_was_made_full() -> None:
    prerelease = replace(PUBLISHED, state=ReleaseState.PRERELEASE)
    for reported in itertools.permutations(((prerelease, False), (PUBLISHED, False))):
        assert know_release(*reported).state is ReleaseState.PUBLISHED


def test_a_deleted_release_is_not_revived_by_its_tag() -> None:
    for reported in itertools.permutations(((PUBLISHED, False), (DELETED, False), (MOVED_TAG, True))):
        assert know_release(*reported).state is ReleaseState.DELETED


AGAIN = replace(MOVED_TAG, commit=b"again", tag_created_at=at(4))
GONE_AGAIN = replace(GONE_TAG, forge_updated_at=at(6))


def test_a_tag_created_again_after_its_release_was_deleted_is_a_release_again() -> None:
    facts = ((FIRST_TAG, True), (FAMILY, False), (replace(FAMILY, state=ReleaseState.DELETED), False), (AGAIN, True))
    for reported in itertools.permutations(facts):
        row = know_release(*reported)
        assert (row.state, row.commit, row.released_at) == (ReleaseState.TAG, b"again", at(4))
    for reported in itertools.permutations(facts[1:]):
        assert know_release(*reported, (GONE_AGAIN, True)).state is ReleaseState.DELETED
    published = replace(FAMILY, released_at=at(8), forge_updated_at=at(8))
    for reported in itertools.permutations((*facts[1:], (published, False))):
        row = know_release(*reported)
        assert (row.state, row.released_at) == (ReleaseState.PUBLISHED, at(8))


def test_a_tag_that_a_forge_creates_while_it_publishes_does_not_revive_the_release() -> None:
    tag = replace(FIRST_TAG, tag_created_at=FAMILY.forge_updated_at + timedelta(seconds=5))
    for reported in itertools.permutations(((tag, True), (replace(FAMILY, state=ReleaseState.DELETED), False))):
        assert know_release(*reported).state is ReleaseState.DELETED


def test_the_last_reported_owner_stays_when_the_forge_reports_none() -> None:
    owned, given = replace(OPENED, owner=b"first"), replace(OPENED, owner=b"second")
    known = reconcile_pull_request(reconcile_pull_request(owned, MERGED), READY)
    assert known.owner == b"first"
    assert reconcile_pull_request(known, given).owner == b"second"
