"""The repositories of the folders that sessions worked in."""

from collections.abc import Mapping
from pathlib import Path

from schema.errors import BadInputError
from schema.identifiers import parse_repository

# Folders in which agents make worktrees, within the clone.
WORKTREE_FOLDERS = frozenset({"worktrees", ".worktrees"})


class Repositories:
    """The repositories of folders, looked up with git once per folder; worktrees and subfolders work too."""

    def __init__(self) -> None:
        self._known: dict[str | None, str | None] = {None: None}
        self._worktrees: dict[str, str] = {}

    def learn(self, worktrees: Mapping[str, str]) -> None:
        """Note from which folders worktrees were made, for those that are gone."""
        self._worktrees |= worktrees

    def of(self, folder: str | None) -> str | None:
        """Return host/owner/name of the folder's remote `origin`; None without a clone or such a remote.

        A worktree that is gone has the repository of the folder that it was made from.
        """
        if folder not in self._known:
            self._known[folder] = _repository(Path(folder or "")) or self._of_gone(folder or "")
        return self._known[folder]

    def _of_gone(self, folder: str) -> str | None:
        for place in (Path(folder), *Path(folder).parents):
            if made_from := self._worktrees.get(str(place)):
                return _repository(Path(made_from))
            if place.name in WORKTREE_FOLDERS:
                return _nearest(place)
        return None


def _nearest(folder: Path) -> str | None:
    """Return the repository of the nearest folder above that exists."""
    above = next((each for each in folder.parents if each.is_dir()), None)
    return _repository(above) if above else None


def _repository(folder: Path) -> str | None:
    if not (folder.is_absolute() and folder.is_dir()):
        return None
    from service.imports.git.reader import GitRepository  # noqa: PLC0415 - seldom needed, and slow to import
    from service.imports.git.remotes import resolve_ssh_alias  # noqa: PLC0415

    # The folder may belong to another user, or the path to another machine.
    try:
        url = GitRepository(folder).remote_url("origin")
        return str(parse_repository(resolve_ssh_alias(url))) if url else None
    except (BadInputError, OSError, ValueError):
        return None
