import os
from pathlib import Path

import pytest

from schema.errors import SetUpError
from service.imports.transcripts.folders import find_files, find_folders


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for variable in ("CLAUDE_CONFIG_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "home"


def made(folder: Path, *files: str) -> Path:
    folder.mkdir(parents=True)
    for file in files:
        (folder / file).write_text("{}")
    return folder


def names(*folders: Path) -> list[str]:
    return sorted(file.path.name for file in find_files(folders))


def test_the_folders_are_found_as_the_agent_finds_them(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects, usual = made(tmp_path / "configured" / "projects"), made(home / ".claude" / "projects")
    assert find_folders(None) == [usual]
    newer = made(home / ".config" / "claude" / "projects")
    assert find_folders(None) == [newer, usual]
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "configured"))
    assert find_folders(None) == [projects]
    assert find_folders(tmp_path / "configured") == [projects]
    assert find_folders(projects) == [projects]


def test_several_folders_may_be_configured(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [made(tmp_path / "one" / "projects"), made(home / "two" / "projects")]
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{tmp_path / 'one'}, ~/two")
    assert find_folders(None) == folders
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{tmp_path / 'one'}{os.pathsep}{home / 'two'}")
    assert find_folders(None) == folders
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{tmp_path / 'gone'},{home / 'two'}")
    assert find_folders(None) == folders[1:]
    comma = made(tmp_path / "a,b" / "projects")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "a,b"))
    assert find_folders(None) == [comma]


def test_a_missing_folder_and_one_without_transcripts_are_clear_errors(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (None, tmp_path / "missing"):
        with pytest.raises(SetUpError, match="the folder of transcripts was not found"):
            find_folders(path)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{tmp_path / 'gone'},{home / 'missing'}")
    with pytest.raises(SetUpError, match="the folder of transcripts was not found"):
        find_folders(None)
    with pytest.raises(SetUpError, match="holds no transcripts"):
        find_files([made(tmp_path / "one")])


def test_the_usual_folder_moves_with_the_users_configuration(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(home / ".config" / "claude" / "projects")
    projects = made(tmp_path / "config" / "claude" / "projects")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert find_folders(None) == [projects]


def test_links_are_followed_and_every_transcript_is_found_once(tmp_path: Path) -> None:
    projects = made(tmp_path / "projects", "a.jsonl", "notes.txt")
    elsewhere = made(tmp_path / "elsewhere", "b.jsonl")
    (projects / "linked").symlink_to(elsewhere)
    (projects / "again").symlink_to(elsewhere)
    (projects / "round").symlink_to(projects)
    (projects / "gone").symlink_to(tmp_path / "gone")
    (projects / "c.jsonl").symlink_to(projects / "a.jsonl")
    assert names(projects, elsewhere) == ["a.jsonl", "b.jsonl"]


def test_a_link_that_git_wrote_as_a_file_is_followed(tmp_path: Path) -> None:
    projects = made(tmp_path / "claude" / "projects", "a.jsonl")
    made(tmp_path / "elsewhere", "b.jsonl")
    (projects / "linked").write_text("../../elsewhere")
    (projects / "other").write_text("some text")
    assert names(projects) == ["a.jsonl", "b.jsonl"]
