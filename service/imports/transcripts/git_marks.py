"""Where a session worked, from the Git commands that it gave and what Git answered.

The branch of a transcript's lines is that of the start. Git's own answers tell the rest: `Switched to a new branch`,
`[branch sha] …` after a commit, what was pushed, and the address of a pull request that was opened. Nothing else of a
command or an answer is kept. A session is on the branch that was last checked out in its folder.
"""

import posixpath
import re
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from service.imports.transcripts.git_commands import Act, GitCommand

LONGEST_ANSWER = 50_000

_SWITCHED = re.compile(r"(?:Switched to (?:a new |and reset )?branch|Already on) '([^'\n]{1,250})'")
_FAILED = re.compile(r"^(?:fatal|error): |^Process exited with code [1-9]|^Exit code:? [1-9]", re.MULTILINE)
_PREPARED = re.compile(r"Preparing worktree \((?:new branch|checking out|resetting branch) '([^'\n]{1,250})'")
_COMMITTED = re.compile(r"^\[([^\s\[\]]{1,250})(?: \(root-commit\))? ([0-9a-f]{7,40})\] ", re.MULTILINE)
_DETACHED = re.compile(r"^\[detached HEAD ([0-9a-f]{7,40})\] ", re.MULTILINE)
_PUSHED = re.compile(
    r"^ [ *+=!-] +(?:\[new branch\]|[0-9a-f]{7,40}\.{2,3}[0-9a-f]{7,40}|\[up to date\]) +(\S{1,250}) +-> +(\S{1,250})",
    re.MULTILINE,
)
_OPENED = re.compile(
    r"https://(?P<host>[\w.-]+(?::\d+)?)/(?P<name>[\w./-]+?)/(?:-/merge_requests|pull)/(?P<number>\d{1,9})\b"
)


class GitMark(Struct, frozen=True, array_like=True):
    """A session was on a branch, made a commit, pushed or opened a pull request at an instant.

    `repository` is host/owner/name where the answer names it; else the folder tells. Folders are never sent.
    """

    session: str
    occurred_at: datetime
    folder: str
    event: str | None = None
    branch: str | None = None
    commit: str | None = None
    number: int | None = None
    repository: str | None = None


class Places:
    """The branches of the folders of one session, as they are learnt."""

    def __init__(self, session: str) -> None:
        self.marks: list[GitMark] = []
        self.worktrees: dict[str, str] = {}
        self._session = session
        self._branches: dict[str, str] = {}
        self.last: str | None = None

    def begin(self, folder: str, branch: str | None) -> None:
        """Note the branch of the folder in which the session began; that is known without a mark."""
        if not self._branches and folder and branch:
            self._branches[folder] = branch
            self.last = branch

    def work_in(self, folder: str | None, at: datetime) -> None:
        """Note that the session works in a folder, such as a worktree that it made."""
        branch = self._branch_of(folder) if folder and self.worktrees else None
        if branch and branch != self.last:
            self._mark(at, folder or "", "checkout", branch)

    def answer(self, commands: Iterable[GitCommand], text: str, at: datetime) -> None:
        """Note what Git answered to commands that did not fail."""
        text = text[:LONGEST_ANSWER]
        for command in commands:
            match command.act:
                case Act.CHECKOUT:
                    switched = _SWITCHED.findall(text)
                    believed = None if _FAILED.search(text) else command.branch
                    if branch := switched[-1] if switched else believed:
                        self._branches[self._top_of(command.folder)] = branch
                        self._mark(at, command.folder, "checkout", branch)
                case Act.WORKTREE if command.worktree and command.branch and not _FAILED.search(text):
                    prepared = _PREPARED.findall(text)
                    self._branches[command.worktree] = prepared[-1] if prepared else command.branch
                    self.worktrees[command.worktree] = command.folder
                case Act.COMMIT:
                    self._commit(command, text, at)
                case Act.PUSH:
                    for _, branch in _PUSHED.findall(text)[:1]:
                        self._mark(at, command.folder, "push", branch.removeprefix("refs/heads/"))
                case Act.OPEN:
                    self._open(command, text, at)
                case _:
                    pass

    def _commit(self, command: GitCommand, text: str, at: datetime) -> None:
        made = _COMMITTED.findall(text)
        for branch, commit in made:
            self._branches[self._top_of(command.folder)] = branch
            self._mark(at, command.folder, "commit", branch, commit)
        for commit in _DETACHED.findall(text):
            self._mark(at, command.folder, "commit", None, commit)
        if not made and (branch := self._branch_of(command.folder)) and branch != self.last:
            # Quiet: the commit is not named, but where it was made is.
            self._mark(at, command.folder, "checkout", branch)

    def _open(self, command: GitCommand, text: str, at: datetime) -> None:
        opened = list(_OPENED.finditer(text))
        if opened:
            last = opened[-1]
            branch = command.branch or self._branch_of(command.folder)
            repository = f"{last['host']}/{last['name']}"
            self._mark(at, command.folder, "push", branch, number=int(last["number"]), repository=repository)

    def _mark(
        self,
        at: datetime,
        folder: str,
        event: str,
        branch: str | None,
        commit: str | None = None,
        *,
        number: int | None = None,
        repository: str | None = None,
    ) -> None:
        self.last = branch or self.last
        self.marks.append(GitMark(self._session, at, folder, event, branch, commit, number, repository))

    def _branch_of(self, folder: str | None) -> str | None:
        return self._branches.get(self._top_of(folder)) if folder else None

    def _top_of(self, folder: str) -> str:
        """Return the nearest folder above whose branch is known, else the folder itself."""
        above = folder
        while above and above not in self._branches:
            parent = posixpath.dirname(above)
            if parent == above:
                return folder
            above = parent
        return above or folder
