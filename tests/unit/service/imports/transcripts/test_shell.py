import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from service.imports.transcripts.evidence import session_evidence
from service.imports.transcripts.folder_repositories import Repositories
from service.imports.transcripts.git_marks import GitMark
from service.imports.transcripts.transcript import Transcript
from tests.harness.repository import ScriptedRepository
from tests.unit.service.imports.transcripts.test_claude_code import line

BEGIN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CLONE = "/CANARY/clone"
NOTE = "CANARY said a person"


class ScriptedTranscript:
    """A transcript whose branch stays as it was at the start."""

    def __init__(self, branch: str = "main") -> None:
        self.lines: list[bytes] = []
        self.branch, self.cwd, self.at, self.number = branch, CLONE, BEGIN, 0

    def run(self, command: str, answer: str = "", **block: Any) -> None:
        """A response that gives a command, and its answer."""
        self.number += 1
        name = f"toolu_{self.number}"
        tool = {"type": "tool_use", "id": name, "name": "Bash", "input": {"command": command, "description": NOTE}}
        self.respond([{"type": "text", "text": NOTE}, tool])
        result = {"type": "tool_result", "tool_use_id": name, "content": f"{NOTE}\n{answer}", **block}
        self.at += timedelta(seconds=1)
        record = {"type": "user", "message": {"role": "user", "content": [result]}, "timestamp": self.at.isoformat()}
        self.lines.append(json.dumps(record | {"sessionId": "session"}).encode() + b"\n")

    def respond(self, content: list[dict[str, Any]] | None = None) -> None:
        """A response."""
        self.number += 1
        self.at += timedelta(minutes=1)
        message = {"id": f"msg_{self.number}", "content": content or [{"type": "text", "text": NOTE}]}
        known = {"sessionId": "session", "cwd": self.cwd, "gitBranch": self.branch, "timestamp": self.at.isoformat()}
        self.lines.append(line(message, **known))

    def read(self) -> Transcript:
        transcript = Transcript(lambda _: None)
        transcript.read(io.BytesIO(b"".join(self.lines)))
        return transcript

    def marks(self) -> list[GitMark]:
        return self.read().shell.marks()


def seen(marks: list[GitMark]) -> list[tuple[str | None, str | None, str | None]]:
    return [(mark.event, mark.branch, mark.commit) for mark in marks]


def test_a_branch_that_was_made_after_the_start_is_seen() -> None:
    script = ScriptedTranscript()
    script.run("git checkout -b feature", "Switched to a new branch 'feature'")
    script.run("git commit -am one", "[feature 1a2b3c4] CANARY message\n 1 file changed")

    assert seen(script.marks()) == [("checkout", "feature", None), ("commit", "feature", "1a2b3c4")]


def test_quiet_commands_are_believed() -> None:
    script = ScriptedTranscript()
    script.run("git switch -qc feature 2>/dev/null; git switch -c feature", "")
    script.run("git commit -q -m one", "")

    assert [mark.branch for mark in script.marks()] == ["feature"]


def test_commands_that_failed_say_nothing() -> None:
    script = ScriptedTranscript()
    script.run("git switch -c feature", "fatal: a branch named 'feature' already exists", is_error=True)
    script.run("git switch -c feature", "fatal: a branch named 'feature' already exists")
    script.run("git worktree add -b feature ../feature", "fatal: '../feature' already exists")

    assert script.marks() == []


def test_a_session_that_goes_to_its_worktree_and_back_is_seen_there() -> None:
    script = ScriptedTranscript()
    script.run("git worktree add -b feature ../feature origin/main", "Preparing worktree (new branch 'feature')")
    script.respond()
    assert script.marks() == []
    script.cwd = "/CANARY/feature/sub"
    script.respond()
    script.respond()
    script.cwd = CLONE
    script.respond()

    assert seen(script.marks()) == [("checkout", "feature", None), ("checkout", "main", None)]


def test_a_quiet_commit_elsewhere_tells_the_branch_of_that_folder() -> None:
    script = ScriptedTranscript()
    script.run("git worktree add -b feature ../feature", "Preparing worktree (new branch 'feature')")
    script.run("git -C ../feature commit -q -m one")

    assert seen(script.marks()) == [("checkout", "feature", None)]


def test_a_detached_commit_has_no_branch() -> None:
    script = ScriptedTranscript()
    script.run("git commit -m one", "[detached HEAD 1a2b3c4] CANARY message")

    assert seen(script.marks()) == [("commit", None, "1a2b3c4")]


def test_a_push_names_the_branch_at_the_forge() -> None:
    script = ScriptedTranscript()
    script.run("git push -u origin HEAD:topic", " * [new branch]      HEAD -> topic\n")
    script.run("git push", "   1a2b3c4..5d6e7f8  topic -> topic\n")
    script.run("git fetch", "   1a2b3c4..5d6e7f8  main -> origin/main\n")

    assert seen(script.marks()) == [("push", "topic", None), ("push", "topic", None)]


def test_a_pull_request_that_the_session_opened_has_its_branch() -> None:
    script = ScriptedTranscript()
    script.run("git checkout -b feature", "Switched to a new branch 'feature'")
    script.run("gh pr create --fill", "https://github.com/octo-org/octo-repo/pull/12")
    script.run("glab mr create -f", "https://gitlab.example.com/group/sub/project/-/merge_requests/3")

    opened = [(mark.repository, mark.number, mark.branch) for mark in script.marks() if mark.number]

    assert opened == [
        ("github.com/octo-org/octo-repo", 12, "feature"),
        ("gitlab.example.com/group/sub/project", 3, "feature"),
    ]


def test_pull_requests_that_are_merely_mentioned_are_not_opened() -> None:
    script = ScriptedTranscript()
    script.run("gh pr view 12", "https://github.com/octo-org/octo-repo/pull/12")
    script.run("git log", "see https://github.com/octo-org/octo-repo/pull/13")

    assert script.marks() == []


def test_a_link_beside_a_known_branch_learns_it() -> None:
    script = ScriptedTranscript()
    script.run("git checkout -b feature", "Switched to a new branch 'feature'")
    script.run("gh pr create --fill", "https://github.com/octo-org/octo-repo/pull/12")
    link = {"type": "pr-link", "sessionId": "session", "prNumber": 12, "prRepository": "octo-org/octo-repo"}
    script.lines.append(json.dumps(link, separators=(",", ":")).encode() + b"\n")

    assert [(each.number, each.branch, each.own) for each in script.read().links()] == [(12, "feature", True)]


def test_a_link_does_not_learn_the_branch_of_the_start() -> None:
    script = ScriptedTranscript()
    script.run("gh pr create --fill 2>/dev/null", "")
    link = {"type": "pr-link", "sessionId": "session", "prNumber": 12, "prRepository": "octo-org/octo-repo"}
    script.lines.append(json.dumps(link, separators=(",", ":")).encode() + b"\n")

    assert [(each.number, each.branch) for each in script.read().links()] == [(12, None)]


def test_nothing_but_names_of_git_leaves_the_machine(tmp_path: Path) -> None:
    repository = ScriptedRepository(tmp_path / "clone")
    repository.commit("begin")
    script = ScriptedTranscript()
    script.cwd = str(repository.path)
    script.run("git checkout -b feature && git commit -m 'CANARY'", "[feature 1a2b3c4] CANARY message")

    (evidence,) = session_evidence(script.marks()[1:], Repositories())

    assert (evidence.branch, evidence.commit, evidence.repository) == (
        "feature",
        "1a2b3c4",
        "github.com/octo-org/octo-repo",
    )
    assert "CANARY" not in repr(evidence)


def test_a_worktree_that_is_gone_has_the_repository_of_its_clone(tmp_path: Path) -> None:
    repository = ScriptedRepository(tmp_path / "clone")
    repository.commit("begin")
    repositories = Repositories()
    repositories.learn({str(tmp_path / "feature"): str(repository.path)})
    inside = repository.path / ".claude/worktrees/gone/sub"

    assert repositories.of(str(tmp_path / "feature/sub")) == "github.com/octo-org/octo-repo"
    assert repositories.of(str(inside)) == "github.com/octo-org/octo-repo"
    assert repositories.of(str(tmp_path / "other")) is None
