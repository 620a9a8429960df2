"""What an import takes from a clone whose work reaches the mainline by other branches."""

from pathlib import Path

from schema.identifiers import RepositoryName
from service.imports.git.clone import MergedWork, read_merged_work
from service.imports.git.reader import GitRepository
from tests.harness.repository import ScriptedRepository

NAME = RepositoryName("github.com", "octo-org/octo-repo")


def read(repository: ScriptedRepository) -> MergedWork:
    clone = GitRepository(repository.path)
    return read_merged_work(clone, clone.read_history("origin"), "github", NAME, with_sides=True)


def bases(work: MergedWork) -> dict[int, str | None]:
    return {each.number: each.base_branch for each in work.pull_requests}


def into(repository: ScriptedRepository, base: str, number: int, branch: str, owner: str = "octo-org") -> None:
    """Merge a branch of one commit into another branch, as GitHub does."""
    repository.branch(branch, base)
    repository.commit()
    repository.switch(base)
    repository.merge(branch, message=f"Merge pull request #{number} from {owner}/{branch}")


def release(repository: ScriptedRepository, number: int, branch: str, owner: str = "octo-org") -> None:
    repository.switch("main")
    repository.merge(branch, message=f"Merge pull request #{number} from {owner}/{branch}")


def test_features_merged_into_develop_count_and_develop_into_main_too(tmp_path: Path) -> None:
    repository = ScriptedRepository(tmp_path / "clone")
    repository.commit("begin")
    repository.branch("develop")
    into(repository, "develop", 1, "one", owner="somebody")
    repository.commit("Two (#2)")
    release(repository, 3, "develop")
    repository.switch("develop")
    repository.commit("Four, not yet in main (#4)")
    repository.switch("main")
    assert bases(read(repository)) == {1: "develop", 2: "develop", 3: "main", 4: "develop"}
    repository.git("branch", "--delete", "--force", "develop")
    assert bases(read(repository)) == {1: "develop", 2: "develop", 3: "main"}


def test_develop_may_be_merged_by_hand(tmp_path: Path) -> None:
    repository = ScriptedRepository(tmp_path / "clone")
    repository.commit("begin")
    repository.branch("develop")
    into(repository, "develop", 1, "one")
    repository.switch("main")
    repository.merge("develop", message="Merge branch 'develop'")
    repository.switch("develop")
    into(repository, "develop", 2, "two")
    repository.switch("main")
    assert bases(read(repository)) == {1: "develop", 2: "develop"}
    repository.git("branch", "--delete", "--force", "develop")
    assert bases(read(repository)) == {1: "develop"}


def test_a_stack_counts_and_what_a_fork_merged_does_not(tmp_path: Path) -> None:
    repository = ScriptedRepository(tmp_path / "clone")
    repository.commit("begin")
    repository.branch("lower")
    repository.commit()
    into(repository, "lower", 2, "upper")
    release(repository, 1, "lower")
    repository.branch("forks-main")
    repository.commit("A page of the fork (#7)")
    into(repository, "forks-main", 8, "forks-feature", owner="fork")
    release(repository, 3, "forks-main", owner="fork")
    assert bases(read(repository)) == {1: "main", 2: "lower", 3: "main"}


def test_a_rollup_of_a_merge_bot_holds_its_pull_requests(tmp_path: Path) -> None:
    repository = ScriptedRepository(tmp_path / "clone")
    repository.commit("begin")
    repository.branch("rollup-1")
    for number in (1, 2):
        repository.branch(f"topic-{number}", "rollup-1")
        repository.commit()
        repository.switch("rollup-1")
        repository.merge(f"topic-{number}", message=f"Rollup merge of #{number} - dev:topic-{number}, r=lead")
    repository.switch("main")
    repository.merge("rollup-1", message="Auto merge of #3 - bot:rollup-1, r=bot")
    assert bases(read(repository)) == {1: "main", 2: "main", 3: "main"}


def test_commits_that_name_nothing_are_counted_and_another_repository_is_named(tmp_path: Path) -> None:
    repository = ScriptedRepository(tmp_path / "clone")
    repository.commit("begin")
    repository.commit("Taken over\n\nPR-URL: https://github.com/other/shop/pull/9")
    work = read(repository)
    assert (work.commits, work.unnamed, work.pull_requests) == (2, 1, [])
    assert "--repository github.com/other/shop" in work.notes[0]
