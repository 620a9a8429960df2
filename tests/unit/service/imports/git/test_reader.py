from datetime import timedelta
from pathlib import Path

import pytest

from schema.errors import SetUpError
from service.imports.git.history import find_pull_requests
from service.imports.git.reader import GitRepository
from service.imports.git.releases import find_releases
from tests.harness.repository import START, ScriptedRepository


@pytest.fixture
def scripted(tmp_path: Path) -> ScriptedRepository:
    """Two merges, a squash, and three tags of two kinds."""
    repository = ScriptedRepository(tmp_path / "clone")
    repository.commit("begin")
    repository.pull_request(1, "feature/one", commits=2)
    repository.tag("v1.0")
    repository.commit("Two (#2)\n\nwith a body\nof lines")
    repository.tag("v1.1", annotated=True)
    repository.pull_request(3, "three")
    return repository


def test_a_clone_is_read_as_it_was_made(scripted: ScriptedRepository) -> None:
    history = GitRepository(scripted.path).read_history("origin")
    pull_requests = find_pull_requests(history, "github")
    assert [(found.number, found.squashed, len(found.commits)) for found in pull_requests] == [
        (1, False, 2),
        (2, True, 1),
        (3, False, 1),
    ]
    assert pull_requests[0].opened_at == START + timedelta(hours=2)
    assert pull_requests[0].merge.committed_at == START + timedelta(hours=4)
    assert {found.base_branch for found in pull_requests} == {"main"}
    releases = find_releases(history, pull_requests)
    assert [(release.tag.name, release.pull_requests) for release in releases] == [("v1.0", (1,)), ("v1.1", (2,))]
    assert releases[0].tag.tagged_at == START + timedelta(hours=4), "a lightweight tag has its commit's time"
    assert releases[1].tag.tagged_at == START + timedelta(hours=7), "an annotated tag has its own"


def test_what_is_checked_out_does_not_matter_where_the_remote_has_a_default_branch(
    scripted: ScriptedRepository, tmp_path: Path
) -> None:
    clone = tmp_path / "second"
    scripted.git("clone", "--quiet", str(scripted.path), str(clone))
    second = ScriptedRepository(clone, remote=None)
    second.branch("side", "HEAD~1")
    second.commit("Not merged yet (#99)")
    history = GitRepository(clone).read_history("origin")
    assert [found.number for found in find_pull_requests(history, "github")] == [1, 2, 3]
    assert history.mainlines[0].branch == "main"


def test_a_named_branch_is_read_instead(scripted: ScriptedRepository) -> None:
    scripted.branch("1.x", "v1.0")
    scripted.commit("Fix (#4)")
    found = find_pull_requests(GitRepository(scripted.path).read_history("origin", ("1.x",)), "github")
    assert [(pull_request.number, pull_request.base_branch) for pull_request in found] == [(1, "1.x"), (4, "1.x")]


def test_a_bare_clone_and_a_subfolder_work(scripted: ScriptedRepository, tmp_path: Path) -> None:
    scripted.git("clone", "--quiet", "--bare", str(scripted.path), str(tmp_path / "bare.git"))
    folder = scripted.path / "source"
    folder.mkdir()
    for path in (tmp_path / "bare.git", folder):
        assert len(find_pull_requests(GitRepository(path).read_history("origin"), "github")) == 3


def test_variables_of_a_surrounding_hook_do_not_lead_astray(
    scripted: ScriptedRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert len(GitRepository(scripted.path).read_history("origin").tags) == 2


def test_a_tag_of_a_file_is_no_release(scripted: ScriptedRepository) -> None:
    (scripted.path / "key").write_text("a key")
    scripted.tag("signing-key", at=scripted.git("hash-object", "-w", "key"))
    assert {tag.name for tag in GitRepository(scripted.path).read_history("origin").tags} == {"v1.0", "v1.1"}


def test_a_tag_of_a_tag_is_of_the_commit(scripted: ScriptedRepository) -> None:
    scripted.tag("build", annotated=True)
    scripted.tag("v2.0", annotated=True, at="build")
    tags = {tag.name: tag.commit for tag in GitRepository(scripted.path).read_history("origin").tags}
    assert tags["v2.0"] == tags["build"] == scripted.git("rev-parse", "HEAD")


def test_the_branch_that_goes_on_from_the_default_branch_of_the_clone_is_read(
    scripted: ScriptedRepository, tmp_path: Path
) -> None:
    scripted.git("branch", "--move", "main", "master")
    clone = tmp_path / "second"
    scripted.git("clone", "--quiet", str(scripted.path), str(clone))
    scripted.git("branch", "--move", "master", "main")
    scripted.commit("Four (#4)")
    ScriptedRepository(clone, remote=None).git("fetch", "--quiet")
    history = GitRepository(clone).read_history("origin")
    assert history.mainlines[0].branch == "main"
    assert "--branch master" in history.notes[0]
    assert [found.number for found in find_pull_requests(history, "github")] == [1, 2, 3, 4]


def test_a_newer_branch_that_went_another_way_is_named_only(scripted: ScriptedRepository, tmp_path: Path) -> None:
    scripted.branch("master", "v1.0")
    scripted.commit("Fix (#9)")
    scripted.switch("main")
    clone = tmp_path / "second"
    scripted.git("clone", "--quiet", str(scripted.path), str(clone))
    scripted.switch("master")
    scripted.commit("Later (#10)")
    ScriptedRepository(clone, remote=None).git("fetch", "--quiet")
    history = GitRepository(clone).read_history("origin")
    assert history.mainlines[0].branch == "main"
    assert "--branch master" in history.notes[0]


def test_each_thing_that_cannot_be_read_is_one_clear_line(
    scripted: ScriptedRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal(path: Path, branches: tuple[str, ...] = ()) -> str:
        with pytest.raises(SetUpError) as refused:
            GitRepository(path).read_history("origin", branches)
        assert "\n" not in refused.value.detail
        return refused.value.detail

    (tmp_path / "plain").mkdir()
    scripted.git("clone", "--quiet", "--depth", "1", f"file://{scripted.path}", str(tmp_path / "shallow"))
    empty = ScriptedRepository(tmp_path / "empty")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert "no such folder" in refusal(tmp_path / "missing")
    assert "not a git repository" in refusal(tmp_path / "plain")
    assert "--unshallow" in refusal(tmp_path / "shallow")
    assert "no commits" in refusal(empty.path)
    assert "no branch named 9.x" in refusal(scripted.path, ("9.x",))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "install git" in refusal(scripted.path)


def test_the_remote_is_named_or_missing(scripted: ScriptedRepository, tmp_path: Path) -> None:
    assert GitRepository(scripted.path).remote_url("origin") == "https://github.com/octo-org/octo-repo.git"
    assert GitRepository(scripted.path).remote_url("upstream") is None
    assert GitRepository(tmp_path / "missing").remote_url("origin") is None
