import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service import client as client_module
from service.cli.main import main
from tests.harness.repository import ScriptedRepository
from tests.unit.service.imports.transcripts.test_claude_code import line


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing runs."""
    monkeypatch.setattr(client_module, "running_file", lambda: tmp_path / "none.json")
    for variable in ("SHIPLEDGER_URL", "SHIPLEDGER_API_KEY", "CLAUDE_CONFIG_DIR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def scripted(tmp_path: Path) -> ScriptedRepository:
    repository = ScriptedRepository(tmp_path / "clone")
    repository.commit("begin")
    repository.pull_request(1, "one", commits=2)
    repository.tag("v1.0")
    repository.commit("Two (#2)")
    return repository


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["import", *(str(argument) for argument in arguments)])


def found(*arguments: str | Path) -> dict[str, Any]:
    result = run(*arguments, "--dry-run", "--json")
    assert result.exit_code == 0, result.output
    summary: dict[str, Any] = json.loads(result.stdout)
    return summary


def refusal(*arguments: str | Path) -> str:
    result = run(*arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    return result.stderr


def test_a_dry_run_counts_and_needs_no_service(scripted: ScriptedRepository) -> None:
    assert found("git", scripted.path) == {
        "repository": "github.com/octo-org/octo-repo",
        "forge": "github",
        "branches": ["main"],
        "pull_requests": 2,
        "merge_commits": 1,
        "squash_merges": 1,
        "mainline_commits": 3,
        "unnamed_commits": 1,
        "notes": [],
        "commits": 3,
        "releases": 1,
        "package_releases": 0,
        "releases_by_folder": 0,
        "shipped_pull_requests": 1,
        "agent_sessions": 0,
    }


def test_the_summary_for_people_says_that_nothing_was_sent(scripted: ScriptedRepository) -> None:
    result = run("git", scripted.path, "--dry-run")
    assert "2 merged pull requests with 3 commits" in result.stdout
    assert "nothing was sent" in result.stdout
    assert "CANARY" not in result.output


def test_titles_that_name_issues_can_be_left_out(scripted: ScriptedRepository) -> None:
    assert found("git", scripted.path, "--merge-commits-only")["pull_requests"] == 1


def test_repository_and_forge_can_be_given_as_options(scripted: ScriptedRepository) -> None:
    named = found("git", scripted.path, "--repository", "git.example.org/group/sub/project", "--forge", "gitlab")
    assert (named["repository"], named["forge"]) == ("git.example.org/group/sub/project", "gitlab")
    assert named["pull_requests"] == 0, "these are GitHub's messages"
    assert found("git", scripted.path, "--repository", "octo-org/other")["repository"] == "github.com/octo-org/other"


def test_the_forge_is_guessed_by_host_and_then_by_messages(scripted: ScriptedRepository) -> None:
    assert found("git", scripted.path, "--repository", "gitlab.example.org/group/project")["forge"] == "gitlab"
    assert found("git", scripted.path, "--repository", "git.example.org/group/project")["forge"] == "github"


def test_what_names_no_repository_is_one_clear_line(tmp_path: Path, scripted: ScriptedRepository) -> None:
    without = ScriptedRepository(tmp_path / "without", remote=None)
    without.commit()
    local = ScriptedRepository(tmp_path / "local", remote=str(scripted.path))
    local.commit()
    assert "no remote named origin" in refusal("git", without.path, "--dry-run")
    assert "the remote origin is not on a forge" in refusal("git", local.path, "--dry-run")
    assert "--repository must be a repository" in refusal("git", without.path, "--dry-run", "--repository", "nothing")
    assert "not a git repository" in refusal("git", tmp_path, "--dry-run")


def test_without_a_service_an_import_says_how_to_start_one(scripted: ScriptedRepository, tmp_path: Path) -> None:
    assert "shipledger up" in refusal("git", scripted.path)
    assert "shipledger up" in refusal("claude-code", tmp_path)


@pytest.fixture
def transcripts(tmp_path: Path, scripted: ScriptedRepository) -> Path:
    folder = tmp_path / "config" / "projects" / "CANARY-project"
    folder.mkdir(parents=True)
    lines = [
        line(cwd=str(scripted.path)),
        line(cwd=str(scripted.path)),
        line({"id": "msg_2"}, timestamp="2026-02-01T00:00:00Z"),
        line({"id": "msg_3", "model": "<synthetic>"}),
        line({"id": "msg_4"})[:200] + b"\n",
    ]
    (folder / "session.jsonl").write_bytes(b"".join(lines))
    return tmp_path / "config"


def test_transcripts_are_counted_without_a_service(transcripts: Path) -> None:
    assert found("claude-code", transcripts) == {
        "files": 1,
        "unreadable_files": 0,
        "token_events": 2,
        "with_repository": 1,
        "repeated_lines": 1,
        "broken_lines": 1,
        "messages_without_model": 1,
        "tokens": {
            "input_uncached": 6,
            "cache_read": 1800,
            "cache_write": 24,
            "output_visible": 82,
            "output_reasoning": 0,
            "total": 1912,
        },
        "left_out": [
            {"file": "session.jsonl", "line": 5, "reason": "an incomplete or broken record", "tokens": 0},
        ],
        "only_in_progress": {"responses": 0, "tokens": 0},
        "unchanged_files": 0,
    }


def test_transcripts_end_where_telemetry_begins(transcripts: Path) -> None:
    assert found("claude-code", transcripts, "--before", "2026-02-01")["token_events"] == 1
    assert found("claude-code", transcripts, "--before", "2026-02-02")["token_events"] == 2


def test_a_second_dry_run_counts_the_same_and_sees_what_changed(transcripts: Path) -> None:
    first = found("claude-code", transcripts)
    assert found("claude-code", transcripts) == first
    assert found("claude-code", transcripts, "--all") == first
    (transcripts / "projects" / "CANARY-project" / "more.jsonl").write_bytes(line({"id": "msg_9"}))
    assert found("claude-code", transcripts)["token_events"] == 3
    (transcripts / "projects" / "CANARY-project" / "more.jsonl").unlink()
    assert found("claude-code", transcripts) == first


def test_what_is_left_out_is_named_by_file_line_and_reason(transcripts: Path) -> None:
    result = run("claude-code", transcripts, "--dry-run")
    assert "    session.jsonl:5: an incomplete or broken record\n" in result.stdout


def test_no_path_or_content_is_printed(transcripts: Path) -> None:
    result = run("claude-code", transcripts, "--dry-run")
    assert "2 model responses with 1,912 tokens" in result.stdout
    assert "CANARY" not in result.output
    assert str(transcripts) not in result.output


def test_a_folder_without_transcripts_is_one_clear_line(tmp_path: Path) -> None:
    assert "the folder of transcripts was not found" in refusal("claude-code", tmp_path / "missing", "--dry-run")
    assert "holds no transcripts" in refusal("claude-code", tmp_path, "--dry-run")
