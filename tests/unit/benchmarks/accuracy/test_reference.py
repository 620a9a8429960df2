import gzip
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.simulation.plans import plan_varied_company
from service.simulation.reference_files import PULL_REQUESTS, TOKEN_EVENTS, write_reference
from service.simulation.simulator import simulate_company
from service.simulation.truth import TeamTruth, team_truth
from tests.benchmarks.accuracy.reference import ReferenceFolderError, read_reference
from tests.unit.benchmarks.accuracy.truths import event, pull_request, team


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    known = team([event(3, 10, 1), event(4, 20)], pull_request(1, (3, 5), tokens=10))
    write_reference(tmp_path / "reference", [known])
    return tmp_path / "reference"


def edit(path: Path, before: str, after: str) -> None:
    text = gzip.decompress(path.read_bytes()).decode()
    assert before in text
    path.write_bytes(gzip.compress(text.replace(before, after).encode()))


def without_branches(truth: TeamTruth) -> TeamTruth:
    """The format does not tell which pull requests had one branch after the other."""
    return replace(truth, pull_requests=tuple(replace(each, branch=each.pull_request) for each in truth.pull_requests))


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    plan = plan_varied_company(seed=5, ends_at=datetime(2026, 2, 1, tzinfo=UTC), weeks=3, teams=2)
    truths = [team_truth(number, each, plan.starts_at) for number, each in enumerate(simulate_company(plan).teams)]
    write_reference(tmp_path, truths)
    assert read_reference(tmp_path) == [without_branches(truth) for truth in truths]


def test_equal_truths_are_equal_files(tmp_path: Path, folder: Path) -> None:
    write_reference(tmp_path / "again", read_reference(folder))
    for name in (TOKEN_EVENTS, PULL_REQUESTS):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_the_reference_set_is_read_whole(shared: Path) -> None:
    teams = read_reference(shared / "accuracy")
    assert [each.team for each in teams] == list(range(15))
    assert sum(len(each.token_events) for each in teams) == 47_441
    assert sum(len(each.pull_requests) for each in teams) == 5_544
    for each in teams:
        of_pull_requests = sum(event.tokens for event in each.token_events if event.pull_request is not None)
        assert of_pull_requests == sum(known.tokens for known in each.pull_requests)


def test_hours_written_as_decimals_are_read(folder: Path) -> None:
    edit(folder / PULL_REQUESTS, "7,1,0,3,5,1,", "7,1,0,3.0,5.0,1,")
    assert read_reference(folder)[0].pull_requests[0].closed_hour == 5


def test_a_folder_or_file_that_is_missing_is_named(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(ReferenceFolderError, match="nowhere: no such folder"):
        read_reference(tmp_path / "nowhere")
    (folder / PULL_REQUESTS).unlink()
    with pytest.raises(ReferenceFolderError, match=r"pull_requests\.csv\.gz: no such file"):
        read_reference(folder)


def test_a_column_that_is_missing_is_named(folder: Path) -> None:
    edit(folder / TOKEN_EVENTS, "link_rank", "rank")
    with pytest.raises(ReferenceFolderError, match=r"token_events\.csv\.gz: column link_rank is missing"):
        read_reference(folder)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("7,1,0,3,5,1,10,3 5,10", "7,1,0,3,5,1,10,3 x,10", "line 2: commit_hours is '3 x'"),
        ("7,1,0,3,5,1,10,3 5,10", "7,1,0,3,5,yes,10,3 5,10", "line 2: merged is 'yes'"),
        ("7,1,0,3,5,1,10,3 5,10", "7,1,0,3,5,1,10,3 5,-1", "line 2: tokens is '-1'"),
        ("7,1,0,3,5,1,10,3 5,10", "7,1,0,3.5,5,1,10,3 5,1", r"line 2: opened_hour is '3\.5'"),
        ("7,1,0,3,5,1,10,3 5,10", "7,1,0", "line 2: ends before opened_hour"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_with_its_line(folder: Path, before: str, after: str, named: str) -> None:
    edit(folder / PULL_REQUESTS, before, after)
    with pytest.raises(ReferenceFolderError, match=named):
        read_reference(folder)


def test_a_file_that_is_no_gzip_file_is_named(folder: Path) -> None:
    (folder / TOKEN_EVENTS).write_text("team,hour")
    with pytest.raises(ReferenceFolderError, match="not a gzip file"):
        read_reference(folder)


def test_a_folder_without_merges_is_reported(folder: Path) -> None:
    edit(folder / PULL_REQUESTS, "7,1,0,3,5,1,", "7,1,0,3,5,0,")
    with pytest.raises(ReferenceFolderError, match="no pull request is merged"):
        read_reference(folder)
