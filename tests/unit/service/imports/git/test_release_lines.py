"""Pull requests that were merged only into branches of releases, such as backports."""

from pathlib import Path

import pytest

from schema.identifiers import RepositoryName
from service.imports.git.clone import MergedWork, read_merged_work
from service.imports.git.reader import GitRepository
from service.imports.git.releases import find_releases
from tests.harness.repository import ScriptedRepository

NAME = RepositoryName("github.com", "octo-org/octo-repo")


@pytest.fixture
def repository(tmp_path: Path) -> ScriptedRepository:
    return ScriptedRepository(tmp_path / "clone")


def read(repository: ScriptedRepository, *branches: str) -> MergedWork:
    clone = GitRepository(repository.path)
    history = clone.read_history("origin", branches)
    return read_merged_work(clone, history, "github", NAME, with_sides=not branches)


def numbers(work: MergedWork) -> list[int]:
    return sorted(each.number for each in work.pull_requests)


def shipped(work: MergedWork) -> dict[str, tuple[int, ...]]:
    return {release.tag.name: release.pull_requests for release in find_releases(work.history, work.pull_requests)}


def test_a_backport_counts_and_is_shipped_by_the_release_of_its_branch(repository: ScriptedRepository) -> None:
    repository.commit("One (#1)")
    repository.tag("v1.0.0")
    repository.commit("Two (#2)")
    repository.tag("v2.0.0")
    repository.branch("release/1.0", "v1.0.0")
    repository.commit("Two, for 1.0 (#3)")
    repository.branch("fix", "release/1.0")
    repository.commit()
    repository.switch("release/1.0")
    repository.merge("fix", message="Merge pull request #4 from somebody/fix")
    repository.tag("v1.0.1")
    repository.switch("main")
    work = read(repository)
    assert numbers(work) == [1, 2, 3, 4]
    assert shipped(work) == {"v1.0.0": (1,), "v2.0.0": (2,), "v1.0.1": (3, 4)}
    assert any("2 pull requests were merged only into branches of releases" in note for note in work.notes)
    assert (work.commits, work.unnamed) == (2, 0)


def test_a_named_branch_is_read_alone(repository: ScriptedRepository) -> None:
    repository.commit("One (#1)")
    repository.branch("release/1.0")
    repository.commit("Two, for 1.0 (#2)")
    repository.tag("v1.0.1")
    assert numbers(read(repository, "main")) == [1]
    assert numbers(read(repository, "main", "release/1.0")) == [1, 2]


def test_a_commit_that_was_picked_repeats_the_number_and_is_no_other_pull_request(
    repository: ScriptedRepository,
) -> None:
    repository.commit("begin")
    repository.branch("release/1.0")
    repository.switch("main")
    repository.commit("One (#1)")
    repository.switch("release/1.0")
    repository.commit("One (#1)")
    repository.tag("v1.0.1")
    repository.switch("main")
    repository.tag("v2.0.0")
    work = read(repository)
    assert numbers(work) == [1]
    assert shipped(work)["v2.0.0"] == (1,)


def test_numbers_of_the_repository_that_a_release_was_forked_from_do_not_count(repository: ScriptedRepository) -> None:
    for number in (400, 410, 420):
        repository.commit(f"Upstream work (#{number})")
    repository.branch("1.x")
    repository.commit("Upstream fix (#421)")
    repository.tag("v1.0.1")
    repository.switch("main")
    for number in range(1, 10):
        repository.commit(f"Own work (#{number})")
    repository.switch("1.x")
    repository.commit("Upstream fix that was taken over (#9000)")
    repository.commit("Own fix (#10)")
    repository.tag("v1.0.2")
    repository.switch("main")
    work = read(repository)
    assert numbers(work) == list(range(1, 11))
    assert shipped(work)["v1.0.2"] == (10,)


def test_a_tag_of_another_project_or_without_a_version_brings_nothing(repository: ScriptedRepository) -> None:
    repository.commit("One (#1)")
    repository.branch("trial")
    repository.commit("Tried (#2)")
    repository.tag("trial-run")
    repository.git("checkout", "--quiet", "--orphan", "elsewhere")
    repository.commit("Another project (#3)")
    repository.tag("v9.0.0")
    repository.switch("main")
    assert numbers(read(repository)) == [1]
