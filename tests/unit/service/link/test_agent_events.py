"""What is read of the hooks of agents: a git command, its folder, and the address of a created pull request."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from service.link import agent_events
from service.link.agent_events import git_command, items_of
from service.link.waiting import last_place, remember, rename


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    place = tmp_path / "clone"
    git(tmp_path, "init", "--quiet", str(place))
    git(place, "symbolic-ref", "HEAD", "refs/heads/feature/one")
    git(place, "remote", "add", "origin", "git@github.com:octo-org/octo-repo.git")
    commit(place)
    return place


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path / "state"


def git(place: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=CANARY", "-c", "user.email=CANARY@example.com", "-c", "core.hooksPath=/dev/null"]
    done = subprocess.run(["git", *identity, *arguments], cwd=place, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(place: Path) -> str:
    git(place, "commit", "--quiet", "--allow-empty", "--message", "CANARY")
    return git(place, "rev-parse", "HEAD")


def tool(place: Path, command: str, output: Any = "") -> dict[str, Any]:
    return {"session_id": "s-1", "cwd": str(place), "tool_input": {"command": command}, "tool_response": output}


def said(items: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(item.get("event"), item.get("branch"), item.get("commit"), item.get("pull_request")) for item in items]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("git commit -m x", ("/work", "commit")),
        ("git -C ../tree commit -q -m 'a && b'", ("/tree", "commit")),
        ("cd /tmp/tree && git commit -m x", ("/tmp/tree", "commit")),
        ("cd sub; cd ..; git push origin HEAD", ("/work", "push")),
        ("git add . && git commit -m x && git push", ("/work", "push")),
        ("GIT_EDITOR=true git -c core.editor=true rebase main", ("/work", "rebase")),
        ("/usr/bin/git switch -c feature", ("/work", "switch")),
        ("git commit -m x | tail -1", ("/work", "commit")),
        ("git commit -m \"$(cat <<'EOF'\nCANARY it's\nEOF\n)\"", ("/work", "commit")),
        ("git status", ("", "")),
        ("cd $DIR && git commit -m x", ("", "commit")),
        ("git --git-dir=/x commit", ("", "commit")),
        ("echo git commit", ("", "")),
        ("grep commit .gitignore", ("", "")),
    ],
)
def test_the_last_git_command_and_its_folder_are_found(command: str, found: tuple[str, str]) -> None:
    assert git_command(command, "/work") == found


def test_a_commit_is_sent_with_its_branch(clone: Path, state: Path) -> None:
    made = commit(clone)
    items = items_of(state, "gemini-cli", "tool", tool(clone, "git commit -m CANARY"))

    assert said(items) == [("commit", "feature/one", made, None)]
    assert items[0]["repository"] == "github.com/octo-org/octo-repo"
    assert "CANARY" not in json.dumps(items)


def test_a_commit_of_long_ago_was_not_made_by_the_command(
    clone: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = time.time() + agent_events.FRESH_SECONDS + 5
    monkeypatch.setattr(agent_events.time, "time", lambda: later)

    assert said(items_of(state, "gemini-cli", "tool", tool(clone, "git commit -m x"))) == [
        ("checkout", "feature/one", None, None)
    ]


def test_a_commit_that_was_there_before_the_session_was_not_made_by_it(clone: Path, state: Path) -> None:
    items_of(state, "gemini-cli", "start", {"session_id": "s-1", "cwd": str(clone)})

    assert items_of(state, "gemini-cli", "tool", tool(clone, "git commit -m 'nothing to commit'")) == []


def test_a_switch_of_branches_is_sent(clone: Path, state: Path) -> None:
    items_of(state, "gemini-cli", "start", {"session_id": "s-1", "cwd": str(clone)})
    git(clone, "checkout", "--quiet", "-b", "feature/two")

    assert said(items_of(state, "gemini-cli", "tool", tool(clone, "git switch -c feature/two"))) == [
        ("checkout", "feature/two", None, None)
    ]


def test_what_the_git_hook_has_sent_is_not_sent_again(clone: Path, state: Path) -> None:
    made = commit(clone)
    remember(state, "s-1", str(clone / ".git"), "feature/one", made)

    assert items_of(state, "claude-code", "tool", tool(clone, "git commit -m x")) == []


GITHUB = "Creating pull request for feature/one into main\n\nhttps://github.com/octo-org/octo-repo/pull/17\n"


@pytest.mark.parametrize(
    ("command", "output", "repository", "number"),
    [
        ("gh pr create --fill", {"stdout": GITHUB, "stderr": ""}, "github.com/octo-org/octo-repo", 17),
        ("git push && gh pr create --fill", GITHUB, "github.com/octo-org/octo-repo", 17),
        (
            "glab mr create --fill",
            {"llmContent": "!5 CANARY title\n https://gitlab.example.com/a/b/c/-/merge_requests/5\n"},
            "gitlab.example.com/a/b/c",
            5,
        ),
        (
            "git push -o merge_request.create",
            "remote: View merge request:\nremote:   https://gitlab.com/a/b/-/merge_requests/8\n",
            "gitlab.com/a/b",
            8,
        ),
    ],
)
def test_a_created_pull_request_is_sent_by_its_number(
    tmp_path: Path, state: Path, command: str, output: Any, repository: str, number: int
) -> None:
    items = items_of(state, "claude-code", "tool", tool(tmp_path, command, output))

    assert [(item["repository"], item["pull_request"]) for item in items] == [(repository, number)]
    assert set(items[0]) == {"session", "agent", "occurred_at", "source", "repository", "pull_request"}


@pytest.mark.parametrize("command", ["gh pr view 17", "gh pr list", "git log", "git push", "cat notes"])
def test_a_pull_request_that_is_only_mentioned_is_not_sent(tmp_path: Path, state: Path, command: str) -> None:
    assert items_of(state, "claude-code", "tool", tool(tmp_path, command, GITHUB)) == []


@pytest.mark.parametrize(
    "body",
    [
        {"session_id": "s-1", "cwd": "{cwd}"},
        {"sessionId": "s-1", "cwd": "{cwd}", "timestamp": 1},
        {"conversation_id": "s-1", "workspace_roots": ["{cwd}"]},
    ],
    ids=["Claude Code, Codex, Gemini CLI", "Copilot CLI", "Cursor"],
)
@pytest.mark.parametrize(("kind", "event"), [("start", "start"), ("stop", "turn_end")])
def test_start_and_end_of_a_turn_say_the_branch(
    clone: Path, state: Path, body: dict[str, Any], kind: str, event: str
) -> None:
    filled = json.loads(json.dumps(body).replace("{cwd}", str(clone)))

    assert said(items_of(state, "any", kind, filled)) == [(event, "feature/one", None, None)]


@pytest.mark.parametrize(
    "body",
    [
        {"sessionId": "s-1", "toolArgs": '{"command": "git commit -m x"}', "toolResult": {"textResultForLlm": ""}},
        {"conversation_id": "s-1", "command": "git commit -m x", "output": ""},
        {"session_id": "s-1", "tool_input": {"command": ["bash", "-lc", "git commit -m x"]}},
    ],
    ids=["Copilot CLI", "Cursor", "Codex"],
)
def test_the_command_is_found_wherever_an_agent_puts_it(clone: Path, state: Path, body: dict[str, Any]) -> None:
    made = commit(clone)

    assert said(items_of(state, "any", "tool", {**body, "cwd": str(clone)})) == [("commit", "feature/one", made, None)]


def test_a_turn_ends_where_the_session_last_worked(clone: Path, state: Path, tmp_path: Path) -> None:
    git(clone, "worktree", "add", "--quiet", "-b", "in-tree", str(tmp_path / "tree"))
    remember(state, "s-1", git(tmp_path / "tree", "rev-parse", "--absolute-git-dir"), "in-tree", "")

    items = items_of(state, "claude-code", "stop", {"session_id": "s-1", "cwd": str(clone)})
    assert said(items) == [("turn_end", "in-tree", None, None)]


def test_an_id_that_a_shell_function_made_leads_to_the_agents_own(
    clone: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIPLEDGER_SESSION_ID", "made-1")
    items_of(state, "gemini-cli", "start", {"session_id": "s-1", "cwd": str(clone)})

    assert json.loads((state / "names.json").read_text()) == {"made-1": "s-1"}


def test_only_the_last_sessions_are_remembered(state: Path) -> None:
    for number in range(250):
        remember(state, f"s-{number}", "/x", "main", "")
        rename(state, f"m-{number}", f"s-{number}")

    assert (last_place(state, "s-0"), last_place(state, "s-249")) == (None, ("/x", "main", ""))
    assert len(json.loads((state / "names.json").read_text())) == 200


def test_outside_of_a_clone_nothing_is_sent(tmp_path: Path, state: Path) -> None:
    assert items_of(state, "codex", "start", {"session_id": "s-1", "cwd": str(tmp_path)}) == []
