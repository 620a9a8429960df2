"""Installs the link for one user, and shows how it does: what is written, and which hooks git then runs."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from schema.errors import SetUpError

EVENTS = ("post-commit", "post-checkout", "post-merge", "post-rewrite", "pre-push")
# A folder of hooks stands in for all of a repository's own, so each of these is passed on.
PASSED_ON = (
    *("applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "pre-merge-commit", "prepare-commit-msg"),
    *("commit-msg", "pre-rebase", "pre-receive", "update", "post-receive", "post-update", "pre-auto-gc"),
    *("sendemail-validate",),
)
# Git runs these often, or behaves differently if they exist: passed on only where somebody has one.
IF_PRESENT = ("reference-transaction", "post-index-change", "push-to-checkout", "proc-receive")
# From this version on, git runs hooks from its configuration beside those of the repository.
HOOKS_IN_CONFIGURATION = (2, 54)
OLDEST_GIT = (2, 25)
FOLDER = ".local/share/shipledger/link"
KEPT = "shipledger-hooks"
PREVIOUS = ".previous"


class Step(NamedTuple):
    """One thing to do: `write` a file, `link` a hook, `set` or `unset` a setting of git, `remove` a path."""

    act: str
    target: str
    value: str = ""


@dataclass(frozen=True)
class Layout:
    """Where the link is installed."""

    folder: Path

    @property
    def program(self) -> Path:
        """Return the one file."""
        return self.folder / "shipledger-link"

    @property
    def hooks(self) -> Path:
        """Return the folder of hooks, each a symbolic link to the one file."""
        return self.folder / "hooks"


def layout() -> Layout:
    """Return this user's layout. The folder is the same everywhere, because settings of agents name it."""
    return Layout(Path.home() / FOLDER)


def git_version() -> tuple[int, int]:
    """Return the version of git, such as (2, 39). Raises SetUpError if it is missing or too old."""
    found = re.search(r"(\d+)\.(\d+)", ask_git("version"))
    if found is None:
        raise SetUpError("git is not on the path; install git 2.25 or later")
    version = (int(found[1]), int(found[2]))
    if version < OLDEST_GIT:
        raise SetUpError(f"git {version[0]}.{version[1]} is too old; install git 2.25 or later")
    return version


def ask_git(*arguments: str, folder: Path | None = None) -> str:
    """Return what a git command prints; empty if it fails."""
    where = ["-C", str(folder)] if folder else []
    try:
        done = subprocess.run(["git", *where, *arguments], capture_output=True, text=True, check=False)  # noqa: S607
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def steps_to_install(
    place: Layout, version: tuple[int, int], repository: Path | None, *, in_configuration: bool | None = None
) -> list[Step]:
    """Return what installing does, for the user or only for one repository; nothing twice."""
    if in_configuration is None:
        in_configuration = version >= HOOKS_IN_CONFIGURATION
    scope = "--local" if repository else "--global"
    steps = [Step("write", str(place.program))]
    if in_configuration:
        for event in EVENTS:
            steps += [
                Step("set", f"{scope} hook.shipledger-{event}.command", f"{_quoted(place.program)} hook {event}"),
                Step("set", f"{scope} hook.shipledger-{event}.event", event),
            ]
        return steps
    before = ask_git("config", scope, "--type=path", "core.hooksPath", folder=repository)
    known = [Path(before)] if before else []
    if repository:
        common = common_folder(repository)
        known.append(common / "hooks")
        inherited = before or ask_git("config", "--global", "--type=path", "core.hooksPath")
        if before != str(place.hooks):
            # What git would have run here: the repository's own folder, the user's, or else .git/hooks.
            own = inherited if inherited and inherited != str(place.hooks) else ""
            steps.append(Step("write", str(common / KEPT), own) if own else Step("remove", str(common / KEPT)))
    elif before and before != str(place.hooks):
        steps.append(Step("write", str(place.hooks / PREVIOUS), before))
    names = [*EVENTS, *PASSED_ON, *(name for name in IF_PRESENT if any(is_hook(each / name) for each in known))]
    steps += [Step("link", str(place.hooks / name)) for name in names]
    return [*steps, Step("set", f"{scope} core.hooksPath", str(place.hooks))]


def steps_to_uninstall(place: Layout, repository: Path | None) -> list[Step]:
    """Return what uninstalling does: git runs again what it ran before."""
    scope = "--local" if repository else "--global"
    keys = ask_git("config", scope, "--name-only", "--get-regexp", r"^hook\.shipledger-", folder=repository).split()
    steps = [Step("unset", f"{scope} {key}") for key in keys]
    kept = common_folder(repository) / KEPT if repository else place.hooks / PREVIOUS
    if ask_git("config", scope, "--type=path", "core.hooksPath", folder=repository) == str(place.hooks):
        previous = kept.read_text().strip() if kept.is_file() else ""
        setting = f"{scope} core.hooksPath"
        steps.append(Step("set", setting, previous) if previous else Step("unset", setting))
    if repository:
        return [*steps, *([Step("remove", str(kept))] if kept.is_file() else [])]
    return [*steps, *([Step("remove", str(place.folder))] if place.folder.exists() else [])]


def carry_out(steps: Iterable[Step], program: str, repository: Path | None) -> None:
    """Do what the steps say; `program` is the text of the one file."""
    for step in steps:
        target = Path(step.target)
        if step.act == "write":
            target.parent.mkdir(parents=True, exist_ok=True)
            is_program = target.name == "shipledger-link"
            # In place of the old file only once it is complete: a hook may be running it.
            beside = target.with_name(f"{target.name}.new")
            beside.write_text(program if is_program else f"{step.value}\n")
            beside.chmod(0o755 if is_program else 0o644)
            beside.replace(target)
        elif step.act == "link":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            target.symlink_to("../shipledger-link")
        elif step.act == "remove":
            shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        else:
            _configure(step, repository)


def _configure(step: Step, repository: Path | None) -> None:
    scope, setting = step.target.split(" ", 1)
    where = ["-C", str(repository)] if repository else []
    words = [scope, setting, step.value] if step.act == "set" else [scope, "--unset-all", setting]
    try:
        subprocess.run(["git", *where, "config", *words], check=True, capture_output=True, text=True)  # noqa: S607
    except subprocess.CalledProcessError as error:
        raise SetUpError(f"git config {scope} {setting} failed: {error.stderr.strip()}") from error


def common_folder(repository: Path) -> Path:
    """Return the git folder that all work trees of a repository share. Raises SetUpError outside of one."""
    found = ask_git("rev-parse", "--git-common-dir", folder=repository)
    if not found:
        raise SetUpError(f"--repository: {repository} is not a git repository")
    return (repository / found).resolve()


def is_hook(file: Path) -> bool:
    """Return whether git would run a file as a hook."""
    return file.is_file() and os.access(file, os.X_OK)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "'\\''") + "'"
