"""The shell function, run by real shells in real clones."""

import os
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from service.agent_config.settings import Target
from service.agent_config.shell_links import fish_function, linking_function
from service.telemetry.otlp.records import Record
from service.telemetry.reading.links import work

TARGET = Target("https://tokens.example.com", "sl1_1_KEY", "platform")
# Every machine has one of them; a shell that is not installed cannot run the function.
SHELLS = [
    pytest.param(shell, marks=pytest.mark.skipif(shutil.which(shell) is None, reason=f"no {shell} on this machine"))
    for shell in ("bash", "dash", "fish", "zsh")
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder outside of any clone, with an agent on the path that tells what it was started with."""
    agent = tmp_path / "bin" / "codex"
    agent.parent.mkdir()
    agent.write_text(
        '#!/bin/sh\nprintf "%s|%s|%s" "$OTEL_RESOURCE_ATTRIBUTES" "$EXTRA" "$*"\n'
        'echo "$SHIPLEDGER_SESSION_AGENT $SHIPLEDGER_SESSION_ID" >../session\n'
    )
    agent.chmod(0o755)
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def clone(folder: Path, remote: str, branch: str) -> None:
    git(folder, "init", "--initial-branch", branch)
    git(folder, "remote", "add", "origin", remote)


def started(folder: Path, shell: str = "bash", session_of: str | None = None) -> str:
    """The resource attributes that the agent saw."""
    write = fish_function if shell == "fish" else linking_function
    function = write("codex", TARGET, {"EXTRA": "with 'space' \\"}, session_of=session_of)
    script = f"{function}codex 'a b' c; printf '|%s%s' \"$EXTRA\" \"$SHIPLEDGER_SESSION_ID\""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SHIPLEDGER_"))},
        "PATH": f"{folder.parent / 'bin'}:{os.environ['PATH']}",
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
    }
    finished = subprocess.run(
        [shell, "-c", script], cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    attributes, extra, arguments, leaked = finished.stdout.split("|")
    assert (extra, arguments, leaked) == ("with 'space' \\", "a b c", "")
    return attributes


@pytest.mark.parametrize("shell", SHELLS)
def test_an_agent_is_started_with_repository_and_branch(folder: Path, shell: str) -> None:
    clone(folder, "https://github.com/octo-org/octo-repo.git", "feature/one")
    assert started(folder, shell) == (
        "team.id=platform,vcs.repository.url.full=https://github.com/octo-org/octo-repo.git,"
        "vcs.ref.head.name=feature/one"
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_an_agent_that_hands_on_no_session_gets_a_new_one_at_each_start(folder: Path, shell: str) -> None:
    seen = set()
    for _ in range(2):
        attributes = started(folder, shell, "gemini-cli")
        agent, session = (folder.parent / "session").read_text().split()
        assert (agent, attributes) == ("gemini-cli", f"team.id=platform,session.id={session}")
        assert uuid.UUID(session)
        seen.add(session)
    assert len(seen) == 2


def test_outside_a_clone_only_the_team_is_sent(folder: Path) -> None:
    assert started(folder) == "team.id=platform"


@pytest.mark.parametrize(
    ("remote", "shown"),
    [
        ("https://ada:secret@github.com/octo-org/octo-repo", "https://github.com/octo-org/octo-repo"),
        ("https://token@github.com/octo-org/octo-repo", "https://github.com/octo-org/octo-repo"),
        ("ssh://ada@git.example.com:2222/octo-org/octo-repo", "ssh://git.example.com:2222/octo-org/octo-repo"),
        ("ada@git.example.com:octo-org/octo-repo.git", "git@git.example.com:octo-org/octo-repo.git"),
        ("git@github.com:octo-org/octo-repo.git", "git@github.com:octo-org/octo-repo.git"),
    ],
)
def test_credentials_and_logins_in_a_remote_are_cut_off(folder: Path, remote: str, shown: str) -> None:
    clone(folder, remote, "main")
    assert started(folder) == f"team.id=platform,vcs.repository.url.full={shown},vcs.ref.head.name=main"


@pytest.mark.parametrize("branch", ["a,b=c", "50%", "größe", "a;b"])
def test_a_branch_that_would_need_an_encoding_is_left_out(folder: Path, branch: str) -> None:
    clone(folder, "https://github.com/octo-org/octo-repo", branch)
    assert started(folder) == "team.id=platform,vcs.repository.url.full=https://github.com/octo-org/octo-repo"


@pytest.mark.parametrize("remote", ["git@github.com:Octo-Org/Octo-Repo.git", "https://x@github.com/octo-org/octo-repo"])
def test_intake_reads_what_the_shell_hook_sends(folder: Path, remote: str) -> None:
    clone(folder, remote, "feature/one")
    resource = dict(pair.split("=", 1) for pair in started(folder).split(","))
    found = work(Record(resource=resource, scope="", attributes={}, time_unix_nano=0, event_name="")).began  # type: ignore[arg-type]  # dict is invariant
    assert found is not None
    assert found.branch == "feature/one"
    assert found.repository is not None
    assert found.repository.path == "octo-org/octo-repo"
