"""Hooks that a user or a repository already has still run after the link, with arguments, input and exit code."""

import sys
from pathlib import Path

import pytest

from service.link import installation
from tests.harness.evidence_receiver import Receiver
from tests.harness.linked_home import AGENT, NOTE, Home

# What husky 9 writes into `.husky/_`, for each hook.
HUSKY_STUB = '. "$(dirname "$0")/h"'
HUSKY = """\
n=$(basename "$0")
s=$(dirname "$(dirname "$0")")/$n
[ ! -f "$s" ] && exit 0
sh -e "$s" "$@"
"""


def log(home: Home) -> list[str]:
    file = home.folder / "log"
    return file.read_text().splitlines() if file.exists() else []


@pytest.fixture(params=["core.hooksPath", "configuration"])
def mechanism(request: pytest.FixtureRequest, home: Home) -> str:  # noqa: ARG001 - it sets the path of git
    if request.param == "configuration" and installation.git_version() < installation.HOOKS_IN_CONFIGURATION:
        pytest.skip("git older than 2.54 has no hooks in its configuration")
    return str(request.param)


def install(home: Home, receiver: Receiver, mechanism: str, repository: Path | None = None) -> None:
    home.install(receiver.url, repository, in_configuration=mechanism == "configuration")


def test_hooks_of_the_repository_run_with_their_arguments(home: Home, receiver: Receiver, mechanism: str) -> None:
    for name in ("pre-commit", "commit-msg", "post-commit", "post-checkout"):
        home.hook(home.work / ".git/hooks", name, NOTE)
    install(home, receiver, mechanism)
    home.commit(**AGENT)
    home.git("checkout", "--quiet", "-b", "other", **AGENT)

    commit = home.git("rev-parse", "HEAD")
    assert log(home) == [
        "pre-commit ",
        "commit-msg .git/COMMIT_EDITMSG",
        "post-commit ",
        f"post-checkout {commit} {commit} 1",
    ]
    receiver.wait_for(2)


def test_hooks_also_run_for_a_person(home: Home, receiver: Receiver, mechanism: str) -> None:
    home.hook(home.work / ".git/hooks", "post-commit", NOTE)
    install(home, receiver, mechanism)
    home.commit()

    assert log(home) == ["post-commit "]


def test_a_hook_that_refuses_a_commit_still_refuses_it(home: Home, receiver: Receiver, mechanism: str) -> None:
    home.hook(home.work / ".git/hooks", "pre-commit", "echo no; exit 3")
    install(home, receiver, mechanism)
    done = home.run("git", "commit", "--quiet", "--allow-empty", "--message", "x", **AGENT)

    assert done.code != 0
    assert (done.out + done.err).strip() == "no"


@pytest.mark.parametrize("agent", [AGENT, {}], ids=["an agent", "a person"])
def test_a_hook_before_a_push_reads_what_is_pushed(
    home: Home, receiver: Receiver, mechanism: str, agent: dict[str, str], tmp_path: Path
) -> None:
    home.git("init", "--quiet", "--bare", str(tmp_path / "forge"))
    home.git("remote", "set-url", "--push", "origin", str(tmp_path / "forge"))
    home.hook(home.work / ".git/hooks", "pre-push", f"{NOTE}; exit 1")
    install(home, receiver, mechanism)
    done = home.run("git", "push", "--quiet", "origin", "main", **agent)

    commit = home.git("rev-parse", "HEAD")
    assert done.code != 0
    assert log(home) == [
        f"pre-push origin {tmp_path}/forge", f"refs/heads/main {commit} refs/heads/main {'0' * 40}"
    ]  # fmt: skip


def test_hooks_in_the_users_own_folder_run(home: Home, receiver: Receiver, mechanism: str) -> None:
    home.hook(home.folder / "my-hooks", "post-commit", NOTE)
    home.git("config", "--global", "core.hooksPath", "~/my-hooks")
    install(home, receiver, mechanism)
    install(home, receiver, mechanism)
    home.commit(**AGENT)

    assert log(home) == ["post-commit "]
    receiver.wait_for(1)


def husky(home: Home) -> None:
    home.git("config", "core.hooksPath", ".husky/_")
    home.hook(home.work / ".husky/_", "h", HUSKY)
    for name in installation.EVENTS:
        home.hook(home.work / ".husky/_", name, HUSKY_STUB)
    (home.work / ".husky/post-commit").write_text('echo "husky $PWD" >>"$HOME/log"\n')


def test_husky_runs_where_the_link_is_installed_for_its_repository(
    home: Home, receiver: Receiver, mechanism: str
) -> None:
    husky(home)
    install(home, receiver, mechanism, home.work)
    home.commit(**AGENT)

    assert log(home) == [f"husky {home.work}"]
    receiver.wait_for(1)


def test_husky_alone_runs_where_the_link_is_only_installed_for_the_user(home: Home, receiver: Receiver) -> None:
    husky(home)
    home.install(receiver.url)
    home.commit(**AGENT)

    assert log(home) == [f"husky {home.work}"]
    assert receiver.items == []


def test_hooks_in_the_configuration_run_beside_husky(home: Home, receiver: Receiver, mechanism: str) -> None:
    if mechanism == "core.hooksPath":
        pytest.skip("see the test before")
    husky(home)
    install(home, receiver, mechanism)
    home.commit(**AGENT)

    assert log(home) == [f"husky {home.work}"]
    receiver.wait_for(1)


def test_hooks_of_pre_commit_run(home: Home, receiver: Receiver, mechanism: str) -> None:
    (home.work / ".pre-commit-config.yaml").write_text(
        "repos:\n- repo: local\n  hooks:\n  - {id: note, name: note, language: system, always_run: true,"
        " pass_filenames: false, verbose: true, entry: sh -c 'echo pre-commit >>\"$HOME/log\"'}\n"
    )
    tool = [sys.executable, "-m", "pre_commit", "install"]
    assert home.run(*tool).code == 0
    install(home, receiver, mechanism)
    home.git("add", ".pre-commit-config.yaml")
    home.git("commit", "--quiet", "--message", "x", **AGENT)

    assert log(home) == ["pre-commit"]
    receiver.wait_for(1)


def test_a_file_that_is_not_executable_is_no_hook(home: Home, receiver: Receiver, mechanism: str) -> None:
    home.hook(home.work / ".git/hooks", "post-commit", NOTE).chmod(0o644)
    install(home, receiver, mechanism)
    home.commit(**AGENT)

    assert log(home) == []
    receiver.wait_for(1)


def test_a_hook_that_git_runs_often_is_passed_on_where_there_is_one(home: Home, receiver: Receiver) -> None:
    if installation.git_version() < (2, 28):
        pytest.skip("git older than 2.28 has no hook reference-transaction")
    home.hook(home.folder / "my-hooks", "reference-transaction", NOTE)
    home.git("config", "--global", "core.hooksPath", "~/my-hooks")
    home.install(receiver.url)
    home.commit()

    assert "reference-transaction committed" in log(home)


def test_uninstalling_gives_back_what_was_there(home: Home, receiver: Receiver, mechanism: str) -> None:
    home.hook(home.folder / "my-hooks", "post-commit", NOTE)
    home.git("config", "--global", "core.hooksPath", "~/my-hooks")
    before = home.git("config", "--global", "--type=path", "core.hooksPath")
    install(home, receiver, mechanism)
    place = installation.layout()
    installation.carry_out(installation.steps_to_uninstall(place, None), "", None)
    home.commit(**AGENT)

    assert home.git("config", "--global", "--type=path", "core.hooksPath") == before
    assert home.git("config", "--global", "--list").count("shipledger") == 0
    assert not place.folder.exists()
    assert log(home) == ["post-commit "]
    assert receiver.items == []
