import json
from pathlib import Path
from typing import Any

import pytest

from service.imports.git.agent_marks import AgentMark, read_agent_marks, session_evidence, sessions_of_note
from service.imports.git.reader import GitRepository
from tests.harness.repository import ScriptedRepository

CHECKPOINT = "a1b2c3d4e5f6"


@pytest.fixture
def scripted(tmp_path: Path) -> ScriptedRepository:
    repository = ScriptedRepository(tmp_path / "clone")
    repository.commit("begin")
    return repository


def note(*sessions: tuple[str, str], name: str = "sessions") -> str:
    named = {
        f"s_{number:014x}": {
            "agent_id": {"tool": tool, "id": session, "model": "claude-sonnet-4-5"},
            "human_author": "CANARY <CANARY@example.org>",
            "messages": [{"text": "CANARY prompt"}],
        }
        for number, (tool, session) in enumerate(sessions)
    }
    known = {"schema_version": "authorship/3.0.0", "base_commit_sha": "0" * 40, name: named}
    return f"CANARY/path.py\n  s_00000000000000::t_00000000000000 1-10\n---\n{json.dumps(known)}"


def marks(repository: ScriptedRepository) -> list[AgentMark]:
    return read_agent_marks(GitRepository(repository.path), "origin")


def named(found: list[AgentMark]) -> list[tuple[str, str | None, str]]:
    return [(each.session, each.agent, each.commit) for each in found]


def write_checkpoint(repository: ScriptedRepository, metadata: dict[str, Any], place: str) -> None:
    folder = repository.path / place / "0"
    folder.mkdir(parents=True)
    (folder / "metadata.json").write_text(json.dumps(metadata | {"prompt": "CANARY"}))
    (folder / "prompt.txt").write_text("CANARY prompt")
    repository.git("add", "--all")
    repository.commit("CANARY checkpoint")


def test_a_note_of_git_ai_names_the_sessions_of_its_commit(scripted: ScriptedRepository) -> None:
    commit = scripted.commit("one")
    scripted.git("notes", "--ref=ai", "add", "-m", note(("claude", "one"), ("github-copilot", "two")), commit)

    assert named(marks(scripted)) == [("one", "claude-code", commit), ("two", "copilot", commit)]


def test_earlier_notes_call_sessions_prompts() -> None:
    text = note(("cursor", "one"), name="prompts").encode()

    assert list(sessions_of_note(text)) == [("one", "cursor")]


@pytest.mark.parametrize("text", [b"", b"---", b"---\n[]", b"path\n---\n{broken", b'---\n{"sessions": [1]}', b"\xff"])
def test_notes_of_other_tools_say_nothing(text: bytes) -> None:
    assert list(sessions_of_note(text)) == []


def test_a_checkpoint_of_entire_names_the_session_of_its_commit(scripted: ScriptedRepository) -> None:
    scripted.branch("entire/checkpoints/v1")
    write_checkpoint(scripted, {"session_id": "one", "agent": "Claude Code"}, f"{CHECKPOINT[:2]}/{CHECKPOINT[2:]}")
    scripted.switch("main")
    commit = scripted.commit(f"CANARY message\n\nEntire-Checkpoint: {CHECKPOINT}")

    assert named(marks(scripted)) == [("one", "claude-code", commit)]


def test_a_checkpoint_may_have_a_ref_of_its_own(scripted: ScriptedRepository) -> None:
    scripted.branch("aside")
    write_checkpoint(scripted, {"session_id": "one", "agent": "codex"}, ".")
    scripted.git("update-ref", f"refs/entire/checkpoints/{CHECKPOINT[-2:]}/{CHECKPOINT}", "HEAD")
    scripted.switch("main")
    commit = scripted.commit(f"squashed (#2)\n\n* one\n\nEntire-Checkpoint: {CHECKPOINT}\n\n* two")

    assert named(marks(scripted)) == [("one", "codex", commit)]


def test_a_checkpoint_that_is_not_in_the_clone_says_nothing(scripted: ScriptedRepository) -> None:
    scripted.commit(f"one\n\nEntire-Checkpoint: {CHECKPOINT}")

    assert marks(scripted) == []


def test_nothing_that_people_wrote_is_sent(scripted: ScriptedRepository) -> None:
    scripted.branch("entire/checkpoints/v1")
    write_checkpoint(scripted, {"session_id": "one", "agent": "codex"}, f"{CHECKPOINT[:2]}/{CHECKPOINT[2:]}")
    scripted.switch("main")
    commit = scripted.commit(f"CANARY\n\nEntire-Checkpoint: {CHECKPOINT}")
    scripted.git("notes", "--ref=ai", "add", "-m", note(("claude", "two")), commit)

    evidence = list(session_evidence(marks(scripted), "github.com/octo-org/octo-repo"))

    assert [(each.session, each.source, each.commit) for each in evidence] == [
        ("two", "note", commit),
        ("one", "checkpoint", commit),
    ]
    assert "CANARY" not in repr(evidence)
