"""The hook under each shell that a machine may have as /bin/sh, and where an agent is started from another one."""

import shutil
from pathlib import Path

import pytest

from service.link import installation
from service.link.one_file import one_file
from tests.harness.evidence_receiver import Receiver
from tests.harness.interpreters import find_interpreter
from tests.harness.linked_home import AGENT, NOTE, Home, has

SHELLS = [
    pytest.param(words, marks=pytest.mark.skipif(not has(words[0]), reason=f"no {words[0]} on this machine"))
    for words in (["dash"], ["bash", "--posix"], ["bash"], ["zsh", "--emulate", "sh"], ["busybox", "sh"], ["ksh"])
]
PROFILES = [
    pytest.param(shell, marks=pytest.mark.skipif(not has(shell), reason=f"no {shell} on this machine"))
    for shell in ("bash", "dash", "fish", "zsh")
]


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_the_hook_runs_under_every_sh(linked: Home, receiver: Receiver, shell: list[str]) -> None:
    program = installation.layout().program
    path = shutil.which(shell[0])
    # env -S takes several words, as no first line of a script does everywhere.
    program.write_text(one_file().replace("#!/bin/sh", f"#!/usr/bin/env -S {path} {' '.join(shell[1:])}".rstrip(), 1))
    linked.hook(linked.work / ".git/hooks", "post-commit", NOTE)
    linked.git("checkout", "--quiet", "-b", "feature/one", **AGENT)
    commit = linked.commit(**AGENT)

    items = receiver.wait_for(2)
    assert [(item["event"], item["branch"]) for item in items] == [
        ("checkout", "feature/one"),
        ("commit", "feature/one"),
    ]
    assert items[1]["commit"] == commit
    assert (linked.folder / "log").read_text() == "post-commit \n"


@pytest.mark.parametrize("shell", PROFILES)
def test_an_agent_may_call_git_from_every_shell(linked: Home, receiver: Receiver, shell: str) -> None:
    done = linked.run(shell, "-c", "git commit --quiet --allow-empty --message x; echo done", **AGENT)

    assert (done.out, done.err, done.code) == ("done\n", "", 0)
    assert receiver.wait_for(1)[0]["branch"] == "main"


def test_the_output_of_git_ends_when_git_does(linked: Home) -> None:
    """An agent reads until the end of the output: nothing in the background may hold it open."""
    linked.install("http://127.0.0.1:9")
    done = linked.run("sh", "-c", "git commit --quiet --allow-empty --message x 2>&1 | cat; echo end", **AGENT)

    assert done.out == "end\n"


def test_a_folder_with_spaces_and_quotes_is_no_matter(linked: Home, receiver: Receiver, tmp_path: Path) -> None:
    place = linked.clone(tmp_path / "a 'b' \"c\"\t$d")
    commit = linked.commit(cwd=place, **AGENT)

    assert receiver.wait_for(1)[0]["commit"] == commit


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.13"])
def test_an_old_and_a_new_python_send(linked: Home, receiver: Receiver, tmp_path: Path, version: str) -> None:
    if (python := find_interpreter(version)) is None:
        pytest.skip(f"no Python {version} on this machine")
    (tmp_path / "python3").symlink_to(python)
    path = linked.environment()["PATH"]
    commit = linked.commit(**AGENT, PATH=f"{tmp_path}:{path}")

    assert receiver.wait_for(1)[0]["commit"] == commit
