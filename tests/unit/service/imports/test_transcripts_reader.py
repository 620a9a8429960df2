import shutil
from pathlib import Path

import pytest

from schema.errors import SetUpError
from service.imports.claude_code import Skipped
from service.imports.transcripts_reader import Answers, Repositories, find_files, find_folder
from tests.harness.repository import ScriptedRepository
from tests.unit.service.imports.test_claude_code import line


def output(tokens: int) -> dict[str, dict[str, int]]:
    return {"usage": {"input_tokens": 10, "output_tokens": tokens}}


def read(folder: Path) -> Answers:
    answers = Answers()
    answers.read(find_files(folder), lambda _: None)
    return answers


def test_a_message_that_grew_while_it_streamed_counts_once_with_its_last_counts(tmp_path: Path) -> None:
    grown = [line(output(1)), line(output(7)), line(output(42)), line({"id": "msg_2", **output(5)})]
    (tmp_path / "session.jsonl").write_bytes(b"".join(grown))
    with read(tmp_path) as answers:
        assert [answer.tokens.output_visible for answer in answers] == [42, 5]
        assert len(answers) == 2
        assert answers.found.answers == 4


@pytest.mark.parametrize("names", [("a.jsonl", "b.jsonl"), ("b.jsonl", "a.jsonl")])
def test_a_message_copied_into_another_file_counts_once_whichever_is_read_first(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    (tmp_path / names[0]).write_bytes(line(output(42)))
    (tmp_path / names[1]).write_bytes(line(output(7), sessionId="resumed"))
    with read(tmp_path) as answers:
        assert [answer.tokens.output_visible for answer in answers] == [42]


def test_half_a_line_is_reported_and_its_neighbours_count(tmp_path: Path) -> None:
    (tmp_path / "project" / "session").mkdir(parents=True)
    lines = [line(), line({"id": "msg_2"})[:100] + b"\n", line({"id": "msg_3"}), line({"id": "msg_4"})[:150]]
    (tmp_path / "project" / "session" / "agent.jsonl").write_bytes(b"".join(lines))
    with read(tmp_path) as answers:
        assert len(answers) == 2
        assert answers.found.skipped[Skipped.BROKEN] == 2


def test_every_byte_advances_the_bar(tmp_path: Path) -> None:
    (tmp_path / "session.jsonl").write_bytes(line() + b"\n" + line()[:30])
    steps: list[int] = []
    with Answers() as answers:
        answers.read(find_files(tmp_path), steps.append)
    assert sum(steps) == (tmp_path / "session.jsonl").stat().st_size
    assert len(steps) == 3


def test_a_file_that_goes_away_is_counted_and_the_rest_read(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_bytes(line({"id": name}))
    files = find_files(tmp_path)
    files[0].unlink()
    with Answers() as answers:
        answers.read(files, lambda _: None)
        assert (answers.found.files, answers.found.unreadable_files, len(answers)) == (1, 1, 1)


def test_the_folder_is_found_as_the_agent_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    projects = tmp_path / "configured" / "projects"
    projects.mkdir(parents=True)
    home = tmp_path / "home" / ".claude" / "projects"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    assert find_folder(None) == home
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "configured"))
    assert find_folder(None) == projects
    assert find_folder(tmp_path / "configured") == projects
    assert find_folder(projects) == projects
    with pytest.raises(SetUpError, match="the folder of transcripts was not found"):
        find_folder(tmp_path / "missing")
    with pytest.raises(SetUpError, match="holds no transcripts"):
        find_files(projects)


def test_worktrees_and_subfolders_have_the_repository_of_their_folder(tmp_path: Path) -> None:
    clone = ScriptedRepository(tmp_path / "clone", "git@github.com:Octo-Org/Octo-Repo.git")
    clone.commit()
    clone.git("worktree", "add", "--quiet", str(tmp_path / "worktree"))
    (clone.path / "source").mkdir()
    repositories = Repositories()
    for folder in (clone.path, clone.path / "source", tmp_path / "worktree"):
        assert repositories.of(str(folder)) == "github.com/octo-org/octo-repo"
    shutil.rmtree(tmp_path / "worktree")
    assert repositories.of(str(tmp_path / "worktree")) == "github.com/octo-org/octo-repo", "asked once a folder"


def test_a_folder_that_is_not_a_clone_of_a_forge_has_no_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    without = ScriptedRepository(tmp_path / "without", remote=None)
    local = ScriptedRepository(tmp_path / "local", remote=str(tmp_path / "without"))
    (tmp_path / "plain").mkdir()
    repositories = Repositories()
    for folder in (
        str(without.path),
        str(local.path),
        str(tmp_path / "plain"),
        str(tmp_path / "gone"),
        "relative",
        None,
    ):
        assert repositories.of(folder) is None
