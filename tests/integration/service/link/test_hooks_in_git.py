"""Real git commands, run as an agent runs them, with the hooks installed."""

import json
import re
from pathlib import Path

import pytest

from tests.harness.evidence_receiver import Receiver
from tests.harness.linked_home import AGENT, Home

REPOSITORY = "github.com/Octo-Org/octo-repo"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def said(item: dict[str, object]) -> tuple[object, ...]:
    return item["session"], item.get("event"), item.get("branch"), item.get("commit")


def test_a_commit_of_an_agent_is_sent_with_session_repository_branch_and_commit(
    linked: Home, receiver: Receiver
) -> None:
    commit = linked.commit(**AGENT)

    [item] = receiver.wait_for(1)
    assert said(item) == ("session-1", "commit", "main", commit)
    assert item["repository"] == REPOSITORY
    assert (item["agent"], item["source"]) == ("claude-code", "hook")
    assert INSTANT.fullmatch(item["occurred_at"])
    assert receiver.keys == {"Bearer sl1_1_key"}


def test_a_commit_without_an_agent_sends_nothing(linked: Home, receiver: Receiver) -> None:
    linked.commit()
    linked.commit(**AGENT)

    receiver.wait_for(1)
    assert len(receiver.items) == 1


@pytest.mark.parametrize(
    ("variables", "sessions"),
    [
        ({"CLAUDE_CODE_SESSION_ID": "a"}, {"a"}),
        ({"CODEX_THREAD_ID": "b"}, {"b"}),
        ({"CODEX_SESSION_ID": "b", "CODEX_THREAD_ID": "b"}, {"b"}),
        ({"CODEX_SESSION_ID": "b", "CODEX_THREAD_ID": "c"}, {"b", "c"}),
        ({"COPILOT_AGENT_SESSION_ID": "d"}, {"d"}),
        ({"SHIPLEDGER_SESSION_ID": "e", "SHIPLEDGER_SESSION_AGENT": "opencode"}, {"e"}),
        ({"CLAUDE_CODE_SESSION_ID": "a", "CODEX_THREAD_ID": "b"}, {"a", "b"}),
    ],
    ids=[
        "Claude Code",
        "Codex",
        "the same twice",
        "a thread of a session",
        "Copilot",
        "a shell function",
        "one in another",
    ],
)
def test_each_agent_is_known_by_its_variable(
    linked: Home, receiver: Receiver, variables: dict[str, str], sessions: set[str]
) -> None:
    linked.commit(**variables)

    assert {item["session"] for item in receiver.wait_for(len(sessions))} == sessions
    assert len(receiver.items) == len(sessions)


def test_a_new_branch_is_sent_before_its_first_commit(linked: Home, receiver: Receiver) -> None:
    linked.git("checkout", "--quiet", "-b", "feature/one", **AGENT)
    commit = linked.commit(**AGENT)

    assert [said(item) for item in receiver.wait_for(2)] == [
        ("session-1", "checkout", "feature/one", None),
        ("session-1", "commit", "feature/one", commit),
    ]


def test_a_checkout_of_files_sends_nothing(linked: Home, receiver: Receiver) -> None:
    (linked.work / "file").write_text("one")
    linked.git("add", "file")
    linked.commit()
    (linked.work / "file").write_text("two")
    linked.git("checkout", "--quiet", "--", "file", **AGENT)
    linked.commit(**AGENT)

    assert [item["event"] for item in receiver.wait_for(1)] == ["commit"]


def test_a_commit_in_a_linked_work_tree_is_on_its_branch(linked: Home, receiver: Receiver, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    linked.git("worktree", "add", "--quiet", "-b", "in-tree", str(tree), **AGENT)
    commit = linked.commit(cwd=tree, **AGENT)

    assert [said(item) for item in receiver.wait_for(2)] == [
        ("session-1", "checkout", "in-tree", None),
        ("session-1", "commit", "in-tree", commit),
    ]
    assert {item["repository"] for item in receiver.items} == {REPOSITORY}


def test_a_quiet_commit_from_another_folder_is_on_that_clones_branch(
    linked: Home, receiver: Receiver, tmp_path: Path
) -> None:
    linked.git("-C", str(linked.work), "commit", "-q", "--allow-empty", "-m", "x", cwd=tmp_path, **AGENT)

    assert said(receiver.wait_for(1)[0]) == ("session-1", "commit", "main", linked.git("rev-parse", "HEAD"))


def test_a_rebase_ends_with_the_commit_that_the_branch_has_then(linked: Home, receiver: Receiver) -> None:
    linked.git("checkout", "--quiet", "-b", "feature")
    for name in ("one", "two"):
        (linked.work / name).write_text(name)
        linked.git("add", name)
        linked.git("commit", "--quiet", "--message", name)
    linked.git("checkout", "--quiet", "main")
    linked.commit()
    linked.git("checkout", "--quiet", "feature")
    linked.git("rebase", "--quiet", "main", **AGENT)
    last = linked.git("rev-parse", "HEAD")
    linked.git("checkout", "--quiet", "main", **AGENT)

    items = receiver.wait_until(lambda items: any(item["branch"] == "main" for item in items))
    assert {item["branch"] for item in items[:-1]} == {"feature"}
    assert [item["commit"] for item in items if item["event"] == "commit"][-1] == last
    assert said(items[-1]) == ("session-1", "checkout", "main", None)


def test_an_amended_commit_is_sent_as_it_is_afterwards(linked: Home, receiver: Receiver) -> None:
    linked.commit()
    linked.git("commit", "--quiet", "--amend", "--allow-empty", "--message", "new", **AGENT)

    amended = linked.git("rev-parse", "HEAD")
    assert {item["commit"] for item in receiver.wait_for(1)} == {amended}


def test_a_push_is_sent_with_the_branch_of_the_forge(linked: Home, receiver: Receiver, tmp_path: Path) -> None:
    linked.git("init", "--quiet", "--bare", str(tmp_path / "forge"))
    linked.git("remote", "set-url", "--push", "origin", str(tmp_path / "forge"))
    linked.git("push", "--quiet", "origin", "main:refs/heads/review", **AGENT)

    [item] = receiver.wait_for(1)
    assert said(item) == ("session-1", "push", "review", None)
    assert item["repository"] == REPOSITORY


def test_a_push_to_an_address_leaves_its_credentials_out(linked: Home, receiver: Receiver, tmp_path: Path) -> None:
    linked.git("init", "--quiet", "--bare", str(tmp_path / "forge"))
    address = "https://ada:CANARY@x@github.com/octo-org/other.git"
    # Git asks its settings for the real place, and gives the hook the address after that.
    linked.run(
        "git", "push", "--quiet", address, "main", **AGENT, GIT_ASKPASS="false", https_proxy="http://127.0.0.1:9"
    )
    linked.commit(**AGENT)

    assert "CANARY" not in json.dumps(receiver.wait_for(1))


def test_a_checkout_of_no_branch_sends_nothing(linked: Home, receiver: Receiver) -> None:
    linked.git("checkout", "--quiet", "--detach", **AGENT)
    commit = linked.commit(**AGENT)

    assert [said(item) for item in receiver.wait_for(1)] == [("session-1", "commit", None, commit)]


def test_branches_that_are_packed_are_read(linked: Home, receiver: Receiver) -> None:
    linked.git("branch", "packed")
    linked.git("pack-refs", "--all")
    linked.git("checkout", "--quiet", "packed", **AGENT)

    assert said(receiver.wait_for(1)[0]) == ("session-1", "checkout", "packed", None)


@pytest.mark.parametrize("remote", ["", "/srv/git/repo.git", "file:///srv/git/repo.git"])
def test_a_clone_of_no_forge_sends_nothing(linked: Home, receiver: Receiver, tmp_path: Path, remote: str) -> None:
    place = linked.clone(tmp_path / "local", remote or "/nowhere")
    if not remote:
        linked.git("remote", "remove", "origin", cwd=place)
    linked.commit(cwd=place, **AGENT)
    linked.commit(**AGENT)

    assert [item["repository"] for item in receiver.wait_for(1)] == [REPOSITORY]


def test_nothing_but_names_of_git_leaves_the_machine(linked: Home, receiver: Receiver) -> None:
    linked.commit(**AGENT)

    [item] = receiver.wait_for(1)
    assert set(item) == {"session", "agent", "occurred_at", "source", "event", "repository", "branch", "commit"}
    assert "CANARY" not in json.dumps(item)


def test_git_prints_nothing_more_than_without_the_hooks(linked: Home, receiver: Receiver) -> None:
    for command in (
        ["git", "commit", "--quiet", "--allow-empty", "--message", "x"],
        ["git", "checkout", "--quiet", "-b", "other"],
        ["git", "merge", "--quiet", "main"],
        ["git", "commit", "--quiet", "--amend", "--allow-empty", "--message", "y"],
    ):
        done = linked.run(*command, **AGENT)
        assert (done.out, done.err, done.code) == ("", "", 0)
    receiver.wait_for(3)


def test_without_python_the_hooks_do_nothing(linked: Home, receiver: Receiver, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "sh", "cat", "mkdir"):
        found = linked.run("sh", "-c", f"command -v {name}").out.strip()
        (programs / name).symlink_to(found)
    done = linked.run("git", "commit", "--quiet", "--allow-empty", "--message", "x", PATH=str(programs), **AGENT)

    assert (done.out, done.err, done.code) == ("", "", 0)
    assert receiver.items == []
