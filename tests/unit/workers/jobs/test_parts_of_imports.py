"""A large import is recorded in parts, in order."""

import pytest

from schema.contracts.pull_request import CommitIn, PullRequestIn
from tests.unit.workers.attribution.builders import at
from workers.forge_events.imported import pull_request_facts
from workers.jobs.process_imports import PART, Item, in_parts


def item(place: int, commits: int) -> Item:
    pull_request = PullRequestIn(
        forge="github",
        repository="github.com/example/shop",
        number=place + 1,
        state="open",
        opened_at=at(9),
        commits=[CommitIn(sha=f"{number:040x}", authored_at=at(9)) for number in range(commits)],
    )
    return Item(place, "github", pull_request_facts(pull_request))


@pytest.mark.parametrize(("commits", "parts"), [(0, 1), (10, 1), (PART // 4, 3)])
def test_a_part_holds_only_so_many_commits(commits: int, parts: int) -> None:
    items = [item(place, commits) for place in range(10)]
    found = list(in_parts(items))
    assert [each for part in found for each in part] == items
    assert len(found) == parts


def test_nothing_has_no_parts() -> None:
    assert list(in_parts([])) == []
