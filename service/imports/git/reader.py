"""A local clone, read by a few `git` processes, however many pull requests it has."""

import os
import subprocess
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from schema.errors import SetUpError
from service.imports.git.default_lines import DefaultLines
from service.imports.git.log import (
    CHANGES_FORMAT,
    GRAPH_FORMAT,
    MESSAGE_FORMAT,
    TAG_FORMAT,
    History,
    Mainline,
    parse_changed_paths,
    parse_graph,
    parse_messages,
    parse_peeled,
    parse_tags,
)
from service.imports.git.side_lines import SideLine
from vocabulary.code_owners import PLACES, CodeOwners, read_code_owners
from vocabulary.forge import Forge

# Git hooks and some editors set these; they would silently make git read another repository.
LOG = ("log", "--no-show-signature", "--no-color", "--encoding=UTF-8")
# What `git cat-file --batch` prints before an object: id, kind and size.
OBJECT_FIELDS = 3
REDIRECTING = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY")


class GitRepository:
    """A clone on this machine, with or without checked-out files."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._environment = {name: value for name, value in os.environ.items() if name not in REDIRECTING}
        self._environment["LC_ALL"] = "C"
        self._lines = DefaultLines(self.attempt)

    def read_history(self, remote: str, branches: tuple[str, ...] = ()) -> History:
        """Read commits, mainlines and tags. Mainlines are `branches`, or the remote's default branch, or HEAD.

        Raises SetUpError if there is no repository, no commit or no such branch, or if the clone is shallow.
        """
        self._check()
        chosen = None if branches else self._lines.default(remote)
        tips = [chosen.tip] if chosen else [self._resolve(name, remote) for name in branches]
        collecting = self._lines.collecting(remote)
        graph = self.run(*LOG, "--date-order", f"--format={GRAPH_FORMAT}", *tips, *collecting.values(), "--tags", "--")
        commits = parse_graph(graph.splitlines())
        mainlines = []
        for tip in tips:
            text = self.run(*LOG, "-z", "--reverse", "--first-parent", f"--format={MESSAGE_FORMAT}", tip, "--")
            mainlines.append(Mainline(self._branch_name(tip, remote), tuple(parse_messages(text))))
        tags = self.run("for-each-ref", f"--format={TAG_FORMAT}", "refs/tags").split("\n")[:-1]
        peeled = parse_peeled((self.attempt("show-ref", "--tags", "--dereference") or "").splitlines())
        notes = chosen.notes if chosen else ()
        return History(commits, tuple(mainlines), tuple(parse_tags(tags, commits, peeled)), collecting, notes)

    def add_side_lines(self, history: History, lines: Sequence[SideLine]) -> History:
        """Return the history with the messages of side lines, as further mainlines."""
        wanted = [sha for line in lines for sha in line.shas]
        if not wanted:
            return history
        text = self.run(
            *LOG, "-z", "--no-walk=unsorted", "--stdin", f"--format={MESSAGE_FORMAT}", given="\n".join(wanted)
        )
        messages = {message.sha: message for message in parse_messages(text)}
        sides = (
            Mainline(line.branch, tuple(messages[sha] for sha in line.shas if sha in messages), True, line.collects)
            for line in lines
        )
        return replace(history, mainlines=(*history.mainlines, *sides))

    def config(self, names: str) -> str:
        """Return the settings of the clone whose names match, one a line."""
        return self.attempt("config", "--get-regexp", names) or ""

    def read_code_owners(self, remote: str, forge: Forge, branches: tuple[str, ...] = ()) -> CodeOwners | None:
        """Read the CODEOWNERS file of the first branch; None if there is none."""
        tip = self._resolve(branches[0], remote) if branches else self._lines.default(remote).tip
        for place in PLACES[forge]:
            text = self.attempt("show", f"{tip}:{place}")
            if text is not None:
                return read_code_owners(text, forge)
        return None

    def read_changed_paths(self, wanted: Collection[str]) -> Iterator[tuple[str, list[str]]]:
        """Yield each wanted commit with the paths that it changed, a merge those that it changed on its mainline."""
        log = ("log", "--no-show-signature", "--no-color", "--first-parent", "-m", "--no-renames", "-z")
        only = ("--no-walk=unsorted", "--stdin", "--name-only", f"--format={CHANGES_FORMAT}")
        if wanted:
            yield from parse_changed_paths(self.run(*log, *only, given="\n".join(wanted)), wanted)

    def read_objects(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the content of each named object that exists, such as a blob or `REF:PATH`, with its name."""
        if not names:
            return
        printed, place = self._start("cat-file", "--batch", given="\n".join(names)).stdout, 0
        for name in names:
            end = printed.find(b"\n", place)
            head = printed[place:end].rsplit(b" ", 2)
            place = end + 1
            if len(head) == OBJECT_FIELDS and head[2].isdigit():
                size = int(head[2])
                yield name, printed[place : place + size]
                place += size + 1

    def remote_url(self, remote: str) -> str | None:
        """Return the URL of a remote, or None if there is no such remote or no repository."""
        return self.attempt("remote", "get-url", remote)

    def run(self, *arguments: str, given: str | None = None) -> str:
        """Return what git prints, with this text as its input; raises SetUpError with git's last line if it fails."""
        finished = self._start(*arguments, given=given)
        if finished.returncode:
            reason = finished.stderr.decode(errors="replace").strip().splitlines()
            raise SetUpError(f"git {arguments[0]} failed: {reason[-1] if reason else 'git gave no reason'}")
        return finished.stdout.decode(errors="replace")

    def attempt(self, *arguments: str) -> str | None:
        """Return what git prints, or None if it fails."""
        finished = self._start(*arguments)
        return None if finished.returncode else finished.stdout.decode(errors="replace").strip()

    def _start(self, *arguments: str, given: str | None = None) -> "subprocess.CompletedProcess[bytes]":
        try:
            return subprocess.run(  # noqa: S603 - a fixed program, its arguments never pass a shell
                ["git", "-C", str(self._path), *arguments],  # noqa: S607 - the user's PATH decides which git runs
                capture_output=True,
                check=False,
                input=given.encode() if given is not None else b"",
                env=self._environment,
            )
        except FileNotFoundError as error:
            raise SetUpError("the git executable was not found; install git and try again") from error

    def _check(self) -> None:
        if not self._path.is_dir():
            raise SetUpError("there is no such folder; pass the path of a local clone")
        shallow = self._start("rev-parse", "--is-shallow-repository")
        if shallow.returncode:
            reason = shallow.stderr.decode(errors="replace")
            if "dubious ownership" in reason:
                raise SetUpError(
                    "git does not trust this folder because another user owns it; allow it with: git config "
                    "--global --add safe.directory PATH"
                )
            raise SetUpError("this folder is not a git repository; pass the path of a local clone")
        if shallow.stdout.strip() == b"true":
            raise SetUpError(
                "the clone is shallow: most of its history is missing; complete it with: git fetch --unshallow --tags"
            )

    def _resolve(self, branch: str, remote: str) -> str:
        for name in (f"refs/remotes/{remote}/{branch}", f"refs/heads/{branch}"):
            if self.attempt("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"):
                return name
        raise SetUpError(f"the clone has no branch named {branch}; list them with: git branch --all")

    @staticmethod
    def _branch_name(tip: str, remote: str) -> str | None:
        for prefix in (f"refs/remotes/{remote}/", "refs/heads/"):
            if tip.startswith(prefix):
                return tip.removeprefix(prefix)
        return None
